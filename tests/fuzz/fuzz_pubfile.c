/* SPDX-License-Identifier: MIT */
#include "libauth/pubfile.h"
#include "tests/fuzz/fuzz.h"

/*
 * The text of a .pub or authorized_keys file. A line's key is found in the text, and can be
 * written and parsed again.
 */

static void find(ssh_bytes text, ssh_bytes blob)
{
	struct auth_publine l;
	size_t number = 0;
	enum ssh_err e = auth_authorized_find(text, blob, &l, &number);
	FUZZ_MUST(e == 0 || e == SSH_ERR_NOT_FOUND);
	FUZZ_MUST(e != 0 || number > 0);
}

static void try_line(ssh_bytes text, ssh_bytes line)
{
	static const char *const options[] = {"cert-authority", "command", "from", "restrict"};
	struct auth_publine l, again;
	struct wire_buf blob = {0}, put = {0}, back = {0};
	ssh_bytes value, one, rest;
	if (auth_publine_parse(&l, line) != 0)
		return;
	for (size_t i = 0; i < 4; i++)
		(void)auth_option_find(l.options, options[i], &value);
	if (auth_publine_blob(&l, &blob) == 0) {
		find(text, wire_buf_view(&blob));
		auth_publine_put(&put, wire_buf_view(&blob), l.comment);
		rest = wire_buf_view(&put);
		FUZZ_MUST(auth_text_line(&rest, &one) && auth_publine_parse(&again, one) == 0);
		FUZZ_MUST(auth_publine_blob(&again, &back) == 0);
		FUZZ_MUST(wire_bytes_equal(wire_buf_view(&blob), wire_buf_view(&back)));
	}
	FUZZ_MUST(wire_buf_end(&put) == 0);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&put);
	wire_buf_wipe(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ssh_bytes text = wire_bytes(data, size), rest = text, line;
	for (size_t n = 0; n < 32 && auth_text_line(&rest, &line); n++)
		try_line(text, line);
	return 0;
}

void fuzz_seeds(void)
{
	static const char *const files[] = {"openssh/ecdsa_1.pub", "openssh/ed25519_1.pub",
	                                    "openssh/ed25519_1-cert.pub", "openssh/rsa_1.pub",
	                                    "openssh/ed25519_sk1.pub"};
	for (size_t i = 0; i < 5; i++) {
		struct wire_buf line = fuzz_file(files[i]), all = {0};
		wire_put_raw(&all, wire_bytes_str("command=\"a \\\" b\",from=\"*.x\" "));
		wire_put_raw(&all, wire_buf_view(&line));
		wire_put_raw(&all, wire_bytes_str("# a comment\n\ncert-authority,restrict "));
		wire_put_raw(&all, wire_buf_view(&line));
		fuzz_seed_buf(&line);
		fuzz_seed_buf(&all);
	}
}
