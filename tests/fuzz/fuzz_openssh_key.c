/* SPDX-License-Identifier: MIT */
#include "libauth/keyfile.h"
#include "tests/fuzz/keyforms.h"

/* A private key file of OpenSSH's, openssh-key-v1. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	keyforms_try(&auth_keyform_openssh, wire_bytes(data, size));
	return 0;
}

void fuzz_seeds(void)
{
	static const char *const files[] = {"openssh/ecdsa_n_pw",
	                                    "openssh/ed25519_sk1_pw",
	                                    "golang-ssh-keys/enc_ed25519-encrypted-cbc",
	                                    "golang-ssh-keys/rsa-openssh-format",
	                                    "mscdex-ssh2/openssh_new_ecdsa_enc_gcm",
	                                    NULL};
	keyforms_seeds(&auth_keyform_openssh);
	for (size_t i = 0; files[i] != NULL; i++) {
		struct wire_buf file = fuzz_file(files[i]);
		fuzz_seed_buf(&file);
	}
}
