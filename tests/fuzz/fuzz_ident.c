/* SPDX-License-Identifier: MIT */
#include "libkex/ident.h"
#include "tests/fuzz/fuzz.h"

/*
 * The beginning of a stream: first byte odd if we are the server. What is found does not depend on
 * the pieces in which the stream came.
 */

struct found {
	enum ssh_err e;
	bool found;
	size_t lines;
	size_t at; /* of the line, from the front of the stream */
	ssh_bytes line;
};

/* Scan as more and more of the stream comes, `step` bytes at a time. */
static struct found scan(ssh_bytes stream, bool server, size_t step)
{
	struct found f = {0};
	size_t start = 0, have = 0;
	while (f.e == 0 && !f.found && have < stream.len) {
		struct kex_ident_scan s;
		have = stream.len - have < step ? stream.len : have + step;
		ssh_bytes in = wire_bytes(stream.ptr + start, have - start);
		f.e = kex_ident_scan(in, server, &f.lines, &s);
		if (f.e != 0)
			break;
		FUZZ_MUST(s.used <= in.len);
		f.found = s.found;
		f.line = s.line;
		f.at = s.found ? (size_t)(s.line.ptr - stream.ptr) : 0;
		start += s.used;
	}
	return f;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ssh_bytes stream = wire_bytes(data, size);
	bool server = fuzz_u8(&stream) % 2 != 0;
	struct found whole = scan(stream, server, stream.len + 1);
	struct found slowly = scan(stream, server, size % 7 + 1);
	struct kex_ident ident;
	FUZZ_MUST(whole.e == slowly.e && whole.found == slowly.found);
	FUZZ_MUST(whole.lines <= KEX_IDENT_LINES_MAX && (!server || whole.lines == 0));
	if (whole.found) {
		FUZZ_MUST(whole.at == slowly.at && wire_bytes_equal(whole.line, slowly.line));
		FUZZ_MUST(whole.line.len <= KEX_IDENT_MAX);
	}
	if (kex_ident_parse(whole.found ? whole.line : stream, &ident) == 0) {
		FUZZ_MUST(wire_bytes_is(ident.version, "2.0") ||
		          wire_bytes_is(ident.version, "1.99"));
		FUZZ_MUST(ident.software.len > 0 &&
		          memchr(ident.line.ptr, 0, ident.line.len) == NULL);
	}
	return 0;
}

void fuzz_seeds(void)
{
	fuzz_seed_text("\001SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7\r\n");
	fuzz_seed_text("\002Welcome\r\nSSH is here\nSSH-2.0-billsSSH_3.6.3q3\r\nmore");
	fuzz_seed_text("\002SSH-1.99-OpenSSH_3\nSSH-2.0-x\r\n");
	fuzz_seed_text("\001SSH-1.5-old\r\n");
	fuzz_seed_text("\002\r\n\n\rSSH-2.0-\r\n");
}
