/* SPDX-License-Identifier: MIT */
#include "libauth/spki.h"
#include "libcrypt/key.h"
#include "tests/fuzz/fuzz.h"

/* A public key file of OpenSSL's. What is read can be written, and is read again as the same. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_buf blob = {0}, file = {0}, again = {0};
	struct crypt_key k = {0};
	enum ssh_err e = auth_spki_parse(&blob, wire_bytes(data, size));
	FUZZ_MUST((e == 0) == (wire_buf_len(&blob) > 0));
	if (e == 0) {
		(void)crypt_key_parse_public(&k, crypt_keyalgs_legacy, wire_buf_view(&blob));
		FUZZ_MUST(auth_spki_put(&file, wire_buf_view(&blob)) == 0);
		FUZZ_MUST(auth_spki_parse(&again, wire_buf_view(&file)) == 0);
		FUZZ_MUST(wire_bytes_equal(wire_buf_view(&blob), wire_buf_view(&again)));
	}
	crypt_key_wipe(&k);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&file);
	wire_buf_wipe(&again);
	return 0;
}

void fuzz_seeds(void)
{
	/* RFC 8410 section 10.1, RSA in both forms and a P-256 key of OpenSSL. */
	static const char *const files[] = {
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
	    "-----END PUBLIC KEY-----\n",
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALS4NoDH4dKqFIDcrh/a5P16OXB3yryT\n"
	    "P8hqpTeqF7nDpYfuwpXU0cNIBNZdqPf9ecdKIShYy2GdBtjCgIp1fq8CAwEAAQ==\n"
	    "-----END PUBLIC KEY-----\n",
	    "-----BEGIN RSA PUBLIC KEY-----\n"
	    "MEgCQQC0uDaAx+HSqhSA3K4f2uT9ejlwd8q8kz/IaqU3qhe5w6WH7sKV1NHDSATW\n"
	    "Xaj3/XnHSiEoWMthnQbYwoCKdX6vAgMBAAE=\n"
	    "-----END RSA PUBLIC KEY-----\n",
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEVsaC2yrWnKsdoemy4OBZijCxuyr3\n"
	    "noMa5RUAVPBiDCLs1sggIGAeMrXfbrbuvPPMw/hglyGm9c6eYsb3SoSiBw==\n"
	    "-----END PUBLIC KEY-----\n",
	};
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		fuzz_seed_text(files[i]);
}
