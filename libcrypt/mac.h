/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_MAC_H
#define NACRE_LIBCRYPT_MAC_H

#include "libwire/bytes.h"

/** Bytes: the largest key, tag and state of any MAC. */
#define CRYPT_MAC_KEY_MAX    64
#define CRYPT_MAC_TAG_MAX    64
#define CRYPT_MAC_STATE_SIZE 2048

/**
 * A message authentication code as the MAC name-lists name it (RFC 4253 section 6.4).
 *
 * An -etm form is a row of its own that differs in name and `etm` alone.
 */
struct crypt_mac {
	const char *name;
	size_t key_size; /* bytes */
	size_t tag_size; /* bytes on the wire */
	bool etm;        /* over the ciphertext, length in the clear (OpenSSH's -etm forms) */
	void (*init)(void *state, const uint8_t *key);
	/* The tag over uint32 seq and the data; the state is then ready for the next packet. */
	void (*compute)(void *state, uint32_t seq, ssh_bytes data, uint8_t *tag);
};

extern const struct crypt_mac crypt_hmac_sha2_256; /* RFC 6668 */
extern const struct crypt_mac crypt_hmac_sha2_512;
extern const struct crypt_mac crypt_hmac_sha1; /* RFC 4253 section 6.4 */
extern const struct crypt_mac crypt_hmac_sha2_256_etm;
extern const struct crypt_mac crypt_hmac_sha2_512_etm;
extern const struct crypt_mac crypt_hmac_sha1_etm;

/** The default offer, best first, NULL at the end. */
extern const struct crypt_mac *const crypt_macs[];

#endif
