/* SPDX-License-Identifier: MIT */
#include "libkex/moduli.h"
#include "libauth/text.h"
#include "tests/fuzz/fuzz.h"

/*
 * A file of moduli. A line that parses is the same when it is written and parsed again; a group that
 * is chosen is within the bounds of the request.
 */

static void try_line(ssh_bytes line)
{
	struct kex_modulus m, again;
	struct wire_buf out = {0};
	if (kex_modulus_parse(line, &m) != 0)
		return;
	kex_modulus_put(&out, &m);
	FUZZ_MUST(wire_buf_end(&out) == 0);
	ssh_bytes text = wire_buf_view(&out), one;
	FUZZ_MUST(auth_text_line(&text, &one) && kex_modulus_parse(one, &again) == 0);
	FUZZ_MUST(m.type == again.type && m.tests == again.tests && m.bits == again.bits);
	FUZZ_MUST(m.generator == again.generator && m.tries == again.tries);
	FUZZ_MUST(wire_bytes_equal(m.time, again.time));
	wire_buf_wipe(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ssh_bytes text = wire_bytes(data, size), rest = text, line;
	struct kex_gex_request fit = {64, 128, 2048};
	struct kex_group group = {0};
	struct wire_buf room = {0};
	struct crypt_drbg drbg;
	crypt_drbg_init(&drbg, wire_bytes_str("moduli"));
	struct crypt_rng rng = crypt_drbg_rng(&drbg);
	while (auth_text_line(&rest, &line))
		try_line(line);
	if (kex_moduli_choose(text, &fit, &rng, &room, &group) == 0)
		FUZZ_MUST(group.p.len >= fit.min / 8 && group.p.len <= fit.max / 8 &&
		          group.p.ptr[0] != 0 && group.g.len > 0);
	wire_buf_wipe(&room);
	return 0;
}

void fuzz_seeds(void)
{
	fuzz_seed_text("# Time Type Tests Tries Size Generator Modulus\n"
	               "20260101000000 2 6 100 127 2 C9C1FDBFA2E8DD1F0BEEBF6AC7FE8B1F\n"
	               "20260101000000 2 6 100 127 5 F9C1FDBFA2E8DD1F0BEEBF6AC7FE8B1F\n");
	fuzz_seed_text("20260101000000 4 5 0 63 0 F9C1FDBFA2E8DD1F");
	fuzz_seed_text("20260101000000 2 7 0 63 0 F9C1FDBFA2E8DD1F\r\n\n  # x\n");
}
