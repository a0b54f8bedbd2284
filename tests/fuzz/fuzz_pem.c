/* SPDX-License-Identifier: MIT */
#include "libauth/pem.h"
#include "tests/fuzz/keyforms.h"

/* A private key file in the traditional PEM form. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	keyforms_try(&auth_keyform_pem, wire_bytes(data, size));
	return 0;
}

void fuzz_seeds(void)
{
	static const char *const files[] = {"golang-ssh-keys/dsa",
	                                    "golang-ssh-keys/ecdsap256",
	                                    "golang-ssh-keys/enc_dsa-encrypted",
	                                    "openssh/rsa_1",
	                                    "libssh2/id_ecdsa_pem_encrypted",
	                                    "mscdex-ssh2/openssh_old_rsa_enc_aes256",
	                                    NULL};
	keyforms_seeds(&auth_keyform_pem);
	for (size_t i = 0; files[i] != NULL; i++) {
		struct wire_buf file = fuzz_file(files[i]);
		fuzz_seed_buf(&file);
	}
}
