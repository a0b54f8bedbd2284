/* SPDX-License-Identifier: MIT */
#include "libauth/ppk.h"
#include "tests/fuzz/keyforms.h"

/* A private key file of PuTTY's. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	keyforms_try(&auth_keyform_ppk, wire_bytes(data, size));
	return 0;
}

void fuzz_seeds(void)
{
	static const char *const files[] = {"mscdex-ssh2/ppk_dsa_enc", "mscdex-ssh2/ppk_rsa", NULL};
	keyforms_seeds(&auth_keyform_ppk);
	keyforms_seeds(&auth_keyform_ppk2);
	for (size_t i = 0; files[i] != NULL; i++) {
		struct wire_buf file = fuzz_file(files[i]);
		fuzz_seed_buf(&file);
	}
}
