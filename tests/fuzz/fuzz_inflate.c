/* SPDX-License-Identifier: MIT */
#include "libcrypt/compress.h"
#include "tests/fuzz/fuzz.h"

/*
 * First byte even: payloads of a compressed stream, each behind its length of two bytes. None
 * inflates to more than its bound. Odd: payloads that are deflated, and inflate to themselves.
 */

#define BOUND 65536

static void inflate_all(const struct crypt_compress *alg, ssh_bytes script)
{
	struct crypt_compressor c = {0};
	struct wire_buf out = {0};
	enum ssh_err e = crypt_compressor_init(&c, alg, true);
	FUZZ_MUST(e == 0);
	while (e == 0 && script.len > 0) {
		ssh_bytes in = fuzz_long(&script);
		wire_buf_reset(&out);
		e = crypt_compressor_inflate(&c, in, &out, BOUND);
		FUZZ_MUST(wire_buf_len(&out) <= BOUND);
		FUZZ_MUST(e != 0 || wire_buf_len(&out) > 0);
	}
	crypt_compressor_wipe(&c);
	wire_buf_wipe(&out);
}

static void there_and_back(const struct crypt_compress *alg, ssh_bytes script)
{
	struct crypt_compressor there = {0}, back = {0};
	struct wire_buf small = {0}, out = {0};
	FUZZ_MUST(crypt_compressor_init(&there, alg, false) == 0);
	FUZZ_MUST(crypt_compressor_init(&back, alg, true) == 0);
	while (script.len > 0) {
		ssh_bytes in = fuzz_long(&script);
		if (in.len == 0)
			continue;
		wire_buf_reset(&small);
		wire_buf_reset(&out);
		FUZZ_MUST(crypt_compressor_deflate(&there, in, &small) == 0);
		FUZZ_MUST(crypt_compressor_inflate(&back, wire_buf_view(&small), &out, BOUND) == 0);
		FUZZ_MUST(wire_bytes_equal(in, wire_buf_view(&out)));
	}
	crypt_compressor_wipe(&there);
	crypt_compressor_wipe(&back);
	wire_buf_wipe(&small);
	wire_buf_wipe(&out);
}

/* The last of all that there are, or none at all without zlib. */
static const struct crypt_compress *zlib(void)
{
	const struct crypt_compress *last = NULL;
	for (size_t i = 0; crypt_compresses_legacy[i] != NULL; i++)
		if (crypt_compresses_legacy[i] != &crypt_compress_none)
			last = crypt_compresses_legacy[i];
	return last;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ssh_bytes script = wire_bytes(data, size);
	uint8_t way = fuzz_u8(&script);
	const struct crypt_compress *alg = zlib();
	if (alg == NULL)
		return 0;
	if (way % 2 == 0)
		inflate_all(alg, script);
	else
		there_and_back(alg, script);
	return 0;
}

static void seed(const struct crypt_compress *alg, const char *const *texts)
{
	struct crypt_compressor c = {0};
	struct wire_buf plain = {0}, packed = {0}, small = {0};
	FUZZ_MUST(crypt_compressor_init(&c, alg, false) == 0);
	wire_put_u8(&plain, 1);
	wire_put_u8(&packed, 0);
	for (; *texts != NULL; texts++) {
		wire_buf_reset(&small);
		FUZZ_MUST(crypt_compressor_deflate(&c, wire_bytes_str(*texts), &small) == 0);
		fuzz_put_long(&packed, wire_buf_view(&small));
		fuzz_put_long(&plain, wire_bytes_str(*texts));
	}
	crypt_compressor_wipe(&c);
	wire_buf_wipe(&small);
	fuzz_seed_buf(&plain);
	fuzz_seed_buf(&packed);
}

void fuzz_seeds(void)
{
	static const char *const texts[] = {"a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	                                    "the same again: aaaaaaaaaaaaaaaaaaaa", NULL};
	fuzz_seed_text("");
	if (zlib() != NULL)
		seed(zlib(), texts);
}
