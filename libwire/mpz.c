/* SPDX-License-Identifier: MIT */
#include "libwire/mpz.h"

#include "libwire/mpint.h"

enum ssh_err wire_mpz_inflate(mpz_t out, ssh_bytes content)
{
	enum ssh_err e = wire_mpint_check(content);
	if (e != 0)
		return e;
	mpz_import(out, content.len, 1, 1, 1, 0, content.ptr);
	if (content.len == 0 || content.ptr[0] < 0x80)
		return SSH_OK;
	/* Two's complement: the sign bit counts for -2^(8n) instead of nothing. */
	mpz_t bound;
	mpz_init(bound);
	mpz_setbit(bound, content.len * 8);
	mpz_sub(out, out, bound);
	mpz_clear(bound);
	return SSH_OK;
}

/* Append u >= 0, or with `invert` 0xff the number -u - 1, whose bytes are those of u inverted. */
static void put_signed(struct wire_buf *b, const mpz_t u, uint8_t invert)
{
	size_t bits = mpz_sgn(u) == 0 ? 0 : mpz_sizeinbase(u, 2);
	size_t used = (bits + 7) / 8;
	size_t len = bits / 8 + 1; /* a bit more than u has, for the sign */
	if (len > UINT32_MAX - 4) {
		wire_buf_fail(b, SSH_ERR_TOO_LONG);
		return;
	}
	uint8_t *p = wire_buf_room(b, 4 + len);
	if (p == NULL)
		return;
	wire_store_u32(p, (uint32_t)len);
	memset(p + 4, 0, len - used);
	mpz_export(p + 4 + len - used, NULL, 1, 1, 1, 0, u);
	for (size_t i = 0; i < len; i++)
		p[4 + i] = (uint8_t)(p[4 + i] ^ invert);
	wire_buf_took(b, 4 + len);
}

void wire_mpz_deflate(struct wire_buf *b, const mpz_t v)
{
	if (mpz_sgn(v) == 0) {
		wire_put_u32(b, 0);
		return;
	}
	if (mpz_sgn(v) > 0) {
		put_signed(b, v, 0);
		return;
	}
	mpz_t u;
	mpz_init(u);
	mpz_com(u, v);
	put_signed(b, u, 0xff);
	mpz_clear(u);
}
