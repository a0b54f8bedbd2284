/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_CIPHER_H
#define NACRE_LIBCRYPT_CIPHER_H

#include "libwire/bytes.h"

struct crypt_mac;
struct crypt_mode;

/** Bytes: the largest key, IV and state of any cipher, AEADs included. */
#define CRYPT_CIPHER_KEY_MAX    64
#define CRYPT_CIPHER_IV_MAX     16
#define CRYPT_CIPHER_STATE_SIZE 4736

/**
 * Bytes that one key of a block cipher should protect at most: 2^32 blocks of 16 bytes, and a
 * gigabyte with smaller blocks. RFC 4344 section 3.2.
 */
#define CRYPT_DATA_LIMIT(block_size)                                                               \
	((block_size) >= 16 ? (uint64_t)(block_size) << 32 : (uint64_t)1 << 30)

/**
 * A cipher as the encryption name-lists name it (RFC 4253 section 6.3).
 *
 * A cipher that authenticates by itself brings its packet mode along in `aead`; one that does not
 * has init and crypt, and is joined with a MAC by crypt_mode_eam or crypt_mode_etm.
 *
 * Those called crypt_insecure_ are for talking to what knows nothing better, and stand in no default
 * array. They are: blocks of 64 bits, of which two are soon equal (3des, blowfish, cast128); CBC,
 * whose next IV is known to everybody and whose length field can be played with (CVE-2008-5161);
 * arcfour, whose keystream is not random; and none.
 */
struct crypt_cipher {
	const char *name;
	size_t key_size;               /* bytes */
	size_t iv_size;                /* bytes */
	size_t block_size;             /* bytes; packets are padded to a multiple, at least 8 */
	bool cbc;                      /* where packets end must be hidden: see crypt_packet */
	uint64_t data_limit;           /* bytes after which to re-key, whatever else; 0: none */
	const struct crypt_mode *aead; /* NULL: needs a MAC */
	/* With aead: the MAC that must be negotiated together with it; NULL: MACs are ignored. */
	const struct crypt_mac *aead_mac;
	/* For ciphers without aead. `n` is a multiple of block_size; in place. */
	void (*init)(void *state, const uint8_t *key, const uint8_t *iv, bool encrypt);
	void (*crypt)(void *state, size_t n, uint8_t *bytes);
	/* For ciphers with aead: set up the state its mode works on. */
	void (*init_aead)(void *state, const uint8_t *key, const uint8_t *iv);
};

extern const struct crypt_cipher crypt_aes128_ctr; /* RFC 4344 */
extern const struct crypt_cipher crypt_aes192_ctr;
extern const struct crypt_cipher crypt_aes256_ctr;
extern const struct crypt_cipher crypt_aes128_gcm; /* aes128-gcm@openssh.com, RFC 5647 */
extern const struct crypt_cipher crypt_aes256_gcm;
extern const struct crypt_cipher crypt_chacha20_poly1305; /* chacha20-poly1305@openssh.com */

/* The same under the names that the IETF's drafts give them: draft-miller-sshm-aes-gcm,
 * draft-ietf-sshm-chacha20-poly1305. */
extern const struct crypt_cipher crypt_aes128_gcm_ietf; /* aes128-gcm */
extern const struct crypt_cipher crypt_aes256_gcm_ietf;
extern const struct crypt_cipher crypt_chacha20_poly1305_ietf;
/* And as RFC 5647 section 5.1 has it, with the MAC of the same name. */
extern const struct crypt_cipher crypt_aead_aes_128_gcm;
extern const struct crypt_cipher crypt_aead_aes_256_gcm;

/* Good, and not much used. RFC 4344; for camellia draft-kanno-secsh-camellia. */
extern const struct crypt_cipher crypt_twofish128_ctr;
extern const struct crypt_cipher crypt_twofish192_ctr;
extern const struct crypt_cipher crypt_twofish256_ctr;
extern const struct crypt_cipher crypt_serpent128_ctr;
extern const struct crypt_cipher crypt_serpent192_ctr;
extern const struct crypt_cipher crypt_serpent256_ctr;
extern const struct crypt_cipher crypt_camellia128_ctr;
extern const struct crypt_cipher crypt_camellia192_ctr;
extern const struct crypt_cipher crypt_camellia256_ctr;

/* CBC, RFC 4253 section 6.3. */
extern const struct crypt_cipher crypt_insecure_aes128_cbc;
extern const struct crypt_cipher crypt_insecure_aes192_cbc;
extern const struct crypt_cipher crypt_insecure_aes256_cbc;
extern const struct crypt_cipher crypt_insecure_rijndael_cbc; /* rijndael-cbc@lysator.liu.se */
extern const struct crypt_cipher crypt_insecure_twofish128_cbc;
extern const struct crypt_cipher crypt_insecure_twofish192_cbc;
extern const struct crypt_cipher crypt_insecure_twofish256_cbc;
extern const struct crypt_cipher crypt_insecure_twofish_cbc;
extern const struct crypt_cipher crypt_insecure_serpent128_cbc;
extern const struct crypt_cipher crypt_insecure_serpent192_cbc;
extern const struct crypt_cipher crypt_insecure_serpent256_cbc;
extern const struct crypt_cipher crypt_insecure_camellia128_cbc; /* draft-kanno-secsh-camellia */
extern const struct crypt_cipher crypt_insecure_camellia192_cbc;
extern const struct crypt_cipher crypt_insecure_camellia256_cbc;
/* Blocks of 64 bits. */
extern const struct crypt_cipher crypt_insecure_3des_ctr;
extern const struct crypt_cipher crypt_insecure_blowfish_ctr;
extern const struct crypt_cipher crypt_insecure_cast128_ctr;
extern const struct crypt_cipher crypt_insecure_3des_cbc;
extern const struct crypt_cipher crypt_insecure_blowfish_cbc;
extern const struct crypt_cipher crypt_insecure_cast128_cbc;
/* Arcfour, RFC 4345 and RFC 4253; and nothing at all. */
extern const struct crypt_cipher crypt_insecure_arcfour256;
extern const struct crypt_cipher crypt_insecure_arcfour128;
extern const struct crypt_cipher crypt_insecure_arcfour;
extern const struct crypt_cipher crypt_insecure_none;

/** The default offer, best first, NULL at the end. */
extern const struct crypt_cipher *const crypt_ciphers[];
/** All that there are: the default offer, then the others, the weakest last. NULL at the end. */
extern const struct crypt_cipher *const crypt_ciphers_legacy[];

#endif
