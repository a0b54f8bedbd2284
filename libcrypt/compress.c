/* SPDX-License-Identifier: MIT */
#include "libcrypt/compress.h"

const struct crypt_compress crypt_compress_none = {.name = "none"};

enum ssh_err crypt_compressor_init(struct crypt_compressor *c, const struct crypt_compress *alg,
                                   bool inflate)
{
	crypt_compressor_wipe(c);
	enum ssh_err e = alg->init(c, inflate);
	if (e != 0)
		crypt_compressor_wipe(c);
	else
		c->alg = alg;
	return e;
}

void crypt_compressor_wipe(struct crypt_compressor *c)
{
	wire_buf_wipe(&c->memory);
	wire_wipe(c, sizeof *c);
}
