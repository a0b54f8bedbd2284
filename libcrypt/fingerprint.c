/* SPDX-License-Identifier: MIT */
#include "libcrypt/key.h"

#include <nettle/base64.h>

#define DIGEST_SIZE 32

void crypt_key_fingerprint(ssh_bytes blob, char out[CRYPT_FINGERPRINT_SIZE])
{
	static const char prefix[] = "SHA256:";
	uint8_t digest[DIGEST_SIZE];
	char base64[BASE64_ENCODE_RAW_LENGTH(DIGEST_SIZE)];
	crypt_hash_once(&crypt_sha256, blob, digest);
	base64_encode_raw(base64, sizeof digest, digest);
	/* 32 bytes end in one '=', which is not shown. */
	memcpy(out, prefix, sizeof prefix - 1);
	memcpy(out + sizeof prefix - 1, base64, sizeof base64 - 1);
	out[CRYPT_FINGERPRINT_SIZE - 1] = '\0';
	_Static_assert(sizeof prefix - 1 + sizeof base64 == CRYPT_FINGERPRINT_SIZE, "fits exactly");
}
