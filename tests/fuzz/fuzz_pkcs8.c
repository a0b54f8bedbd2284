/* SPDX-License-Identifier: MIT */
#include "libauth/pkcs8.h"
#include "tests/fuzz/keyforms.h"

/* A private key file of PKCS #8, encrypted or not. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	keyforms_try(&auth_keyform_pkcs8, wire_bytes(data, size));
	return 0;
}

void fuzz_seeds(void)
{
	static const char *const files[] = {
	    "golang-ssh-keys/pkcs8", "libssh2/id_ecdsa_pkcs8_encrypted", "libssh2/id_ed25519_pkcs8",
	    "libssh2/id_rsa_pkcs8_encrypted", NULL};
	keyforms_seeds(&auth_keyform_pkcs8);
	for (size_t i = 0; files[i] != NULL; i++) {
		struct wire_buf file = fuzz_file(files[i]);
		fuzz_seed_buf(&file);
	}
}
