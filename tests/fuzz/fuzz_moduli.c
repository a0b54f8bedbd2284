/* SPDX-License-Identifier: MIT */
#include "libkex/moduli.h"
#include "tests/fuzz/fuzz.h"

#include "libwire/mpint.h"

/* The text of a file of moduli: a line that parses is put back as it was, and a choice is in bounds. */

static void try_line(ssh_bytes line)
{
	struct kex_modulus m, again;
	struct wire_buf b = {0};
	if (kex_modulus_parse(line, &m) != 0)
		return;
	kex_modulus_put(&b, &m);
	ssh_bytes put = wire_buf_view(&b);
	FUZZ_MUST(kex_modulus_parse(wire_bytes(put.ptr, put.len - 1), &again) == 0);
	FUZZ_MUST(again.type == m.type && again.tests == m.tests && again.tries == m.tries);
	FUZZ_MUST(again.bits == m.bits && again.generator == m.generator);
	FUZZ_MUST(wire_bytes_equal(again.digits, m.digits) && wire_bytes_equal(again.time, m.time));
	wire_buf_wipe(&b);
}

static void try_choice(ssh_bytes text, const struct kex_gex_request *fit)
{
	struct crypt_drbg d;
	struct kex_group group;
	struct wire_buf out = {0};
	crypt_drbg_init(&d, wire_bytes_str("choice"));
	struct crypt_rng rng = crypt_drbg_rng(&d);
	if (kex_moduli_choose(text, fit, &rng, &out, &group) == 0) {
		size_t bits = wire_mpint_bits(group.p);
		FUZZ_MUST(bits >= fit->min && bits <= fit->max);
		FUZZ_MUST(group.p.ptr[group.p.len - 1] % 2 == 1);
		FUZZ_MUST(wire_mpint_bits(group.g) >= 2);
	}
	wire_buf_wipe(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ssh_bytes text = wire_bytes(data, size), rest = text;
	while (rest.len > 0) {
		const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
		size_t n = end == NULL ? rest.len : (size_t)(end - rest.ptr);
		try_line(wire_bytes(rest.ptr, n));
		rest = wire_bytes_skip(rest, n + 1);
	}
	try_choice(text, &(struct kex_gex_request){1, 64, WIRE_MPINT_MAX_BITS});
	try_choice(text, &(struct kex_gex_request){60, 60, 64});
	return 0;
}

void fuzz_seeds(void)
{
	static const char *const seeds[] = {
	    "# Time Type Tests Tries Size Generator Modulus\n"
	    "20240101000000 2 6 100 63 2 FFFFFFFFFFFFFA43\n"
	    "20240101000000 2 6 100 60 5 1fffffffffffffff\n",
	    "20240101000000 4 2 0 62 0 7FFFFFFFFFFFFD21\n",
	    "1 2 7 1 0 1 1\n2 2 6 1 1 2 3",
	};
	for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++)
		fuzz_seed_text(seeds[i]);
}
