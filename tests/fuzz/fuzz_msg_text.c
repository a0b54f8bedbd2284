/* SPDX-License-Identifier: MIT */
#include "libwire/msg.h"
#include "tests/fuzz/fuzz.h"

/* A line of text, as for wire_msg_parse. The payload that it gives prints, and parses back to itself. */

static void try_shape(const struct wire_shape *shape, ssh_bytes payload)
{
	struct wire_buf line = {0}, back = {0};
	wire_msg_print(&line, shape, payload);
	FUZZ_MUST(wire_buf_end(&line) == 0);
	FUZZ_MUST(wire_msg_parse(&back, wire_msg_all, wire_buf_view(&line)) == 0);
	FUZZ_MUST(wire_bytes_equal(wire_buf_view(&back), payload));
	wire_buf_wipe(&line);
	wire_buf_wipe(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_buf payload = {0};
	enum ssh_err e = wire_msg_parse(&payload, wire_msg_all, wire_bytes(data, size));
	ssh_bytes view = wire_buf_view(&payload);
	FUZZ_MUST(e == 0 || view.len == 0);
	for (unsigned i = 0; e == 0 && view.len > 0 && i < 16; i++) {
		struct wire_context ctx = {(enum wire_kex)(i / 4), (enum wire_auth)(i % 4)};
		try_shape(wire_msg_find(view.ptr[0], ctx), view);
	}
	wire_buf_wipe(&payload);
	return 0;
}

static void seed_lines(ssh_bytes payload)
{
	for (unsigned i = 0; payload.len > 0 && i < 4; i++) {
		struct wire_context ctx = {(enum wire_kex)i, (enum wire_auth)i};
		struct wire_buf line = {0};
		wire_msg_print(&line, wire_msg_find(payload.ptr[0], ctx), payload);
		fuzz_seed_buf(&line);
	}
}

void fuzz_seeds(void)
{
	fuzz_seed_text("");
	fuzz_seed_text("raw=00");
	fuzz_seed_text("200 raw=0102");
	fuzz_seed_text(
	    "CHANNEL_REQUEST type=\"x\" want_reply=true channel=7 rest=\"\\x00\\\"\\\\\"");
	fuzz_rows("wire-msg.txt", 1, seed_lines);
}
