/* SPDX-License-Identifier: MIT */
#include "libauth/rfc4716.h"
#include "tests/fuzz/fuzz.h"

/* An SSH2 public key file. What is read can be written and read again. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_buf blob = {0}, comment = {0}, file = {0}, again = {0};
	enum ssh_err e = auth_rfc4716_parse(&blob, &comment, wire_bytes(data, size));
	FUZZ_MUST(e == 0 ? wire_buf_len(&blob) > 0
	                 : wire_buf_len(&blob) == 0 && wire_buf_len(&comment) == 0);
	if (e == 0) {
		FUZZ_MUST(auth_rfc4716_put(&file, wire_buf_view(&blob), wire_bytes(NULL, 0)) == 0);
		FUZZ_MUST(auth_rfc4716_parse(&again, NULL, wire_buf_view(&file)) == 0);
		FUZZ_MUST(wire_bytes_equal(wire_buf_view(&blob), wire_buf_view(&again)));
	}
	wire_buf_reset(&file);
	if (e == 0 && auth_rfc4716_put(&file, wire_buf_view(&blob), wire_buf_view(&comment)) == 0) {
		wire_buf_reset(&again);
		wire_buf_reset(&blob);
		FUZZ_MUST(auth_rfc4716_parse(&blob, &again, wire_buf_view(&file)) == 0);
		FUZZ_MUST(wire_bytes_equal(wire_buf_view(&comment), wire_buf_view(&again)));
	}
	wire_buf_wipe(&blob);
	wire_buf_wipe(&comment);
	wire_buf_wipe(&file);
	wire_buf_wipe(&again);
	return 0;
}

void fuzz_seeds(void)
{
	static const char *const files[] = {
	    "mscdex-ssh2/rfc4716_rsa.pub", "mscdex-ssh2/rfc4716_rsa2.pub",
	    "mscdex-ssh2/rfc4716_rsa4.pub", "mscdex-ssh2/rfc4716_rsa6.pub", NULL};
	for (size_t i = 0; files[i] != NULL; i++) {
		struct wire_buf file = fuzz_file(files[i]);
		fuzz_seed_buf(&file);
	}
}
