/* SPDX-License-Identifier: MIT */
#include "libcrypt/crypt.h"

/* FIPS 180-2: the SHA-256 digest of "abc" begins ba 78 16 bf. */
int main(void)
{
	uint8_t digest[CRYPT_HASH_MAX];

	crypt_hash_once(&crypt_sha256, wire_bytes_str("abc"), digest);
	return memcmp(digest, "\xba\x78\x16\xbf", 4) == 0 ? 0 : 1;
}
