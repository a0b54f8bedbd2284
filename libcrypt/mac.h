/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_MAC_H
#define NACRE_LIBCRYPT_MAC_H

#include "libwire/bytes.h"

/** Bytes: the largest key, tag and state of any MAC. */
#define CRYPT_MAC_KEY_MAX    64
#define CRYPT_MAC_TAG_MAX    64
#define CRYPT_MAC_STATE_SIZE 3072

/**
 * A message authentication code as the MAC name-lists name it (RFC 4253 section 6.4).
 *
 * An -etm form is a row of its own that differs in name and `etm` alone.
 *
 * Those called crypt_insecure_ are for talking to what knows nothing better, and stand in no default
 * array: they rest on hashes that are broken or that nobody looks after any more (MD5, RIPEMD-160),
 * are cut to 96 bits, or are none.
 */
struct crypt_mac {
	const char *name;
	size_t key_size; /* bytes */
	size_t tag_size; /* bytes on the wire */
	bool etm;        /* over the ciphertext, length in the clear (OpenSSH's -etm forms) */
	void (*init)(void *state, const uint8_t *key);
	/*
	 * The tag over uint32 seq and the data; the state is then ready for the next packet. NULL: it
	 * stands for the tag of a cipher that brings its own, and cannot be used by itself.
	 */
	void (*compute)(void *state, uint32_t seq, ssh_bytes data, uint8_t *tag);
};

extern const struct crypt_mac crypt_hmac_sha2_256; /* RFC 6668 */
extern const struct crypt_mac crypt_hmac_sha2_512;
extern const struct crypt_mac crypt_hmac_sha1; /* RFC 4253 section 6.4 */
extern const struct crypt_mac crypt_hmac_sha2_256_etm;
extern const struct crypt_mac crypt_hmac_sha2_512_etm;
extern const struct crypt_mac crypt_hmac_sha1_etm;

extern const struct crypt_mac crypt_umac_64; /* umac-64@openssh.com, RFC 4418 */
extern const struct crypt_mac crypt_umac_128;
extern const struct crypt_mac crypt_umac_64_etm;
extern const struct crypt_mac crypt_umac_128_etm;

/* For crypt_aead_aes_128_gcm and crypt_aead_aes_256_gcm, RFC 5647 section 5.1. */
extern const struct crypt_mac crypt_mac_aead_aes_128_gcm;
extern const struct crypt_mac crypt_mac_aead_aes_256_gcm;

/* RFC 4253 section 6.4, and OpenSSH's names. */
extern const struct crypt_mac crypt_insecure_hmac_ripemd160;
extern const struct crypt_mac crypt_insecure_hmac_ripemd160_openssh;
extern const struct crypt_mac crypt_insecure_hmac_ripemd160_etm;
extern const struct crypt_mac crypt_insecure_hmac_sha1_96;
extern const struct crypt_mac crypt_insecure_hmac_sha1_96_etm;
extern const struct crypt_mac crypt_insecure_hmac_md5;
extern const struct crypt_mac crypt_insecure_hmac_md5_etm;
extern const struct crypt_mac crypt_insecure_hmac_md5_96;
extern const struct crypt_mac crypt_insecure_hmac_md5_96_etm;
extern const struct crypt_mac crypt_insecure_mac_none;

/** The default offer, best first, NULL at the end. */
extern const struct crypt_mac *const crypt_macs[];
/** All that there are: the default offer, then the others, the weakest last. NULL at the end. */
extern const struct crypt_mac *const crypt_macs_legacy[];

#endif
