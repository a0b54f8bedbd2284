/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_AGREE_H
#define NACRE_LIBKEX_AGREE_H

#include "libcrypt/hash.h"
#include "libcrypt/rng.h"
#include "libwire/buf.h"
#include "libwire/num.h"

struct ecc_curve; /* of Nettle */
struct crypt_kem;
struct kex_agree;

/** A prime group: big-endian magnitudes without leading zeros. */
struct kex_group {
	ssh_bytes p;
	ssh_bytes g;
};

/**
 * One run of an agreement: the client's secret between offer and finish. All-zero is ready.
 */
struct kex_agree_run {
	/* Set by the owner before offer or answer, for group exchange alone; borrowed. */
	struct kex_group group;
	/* private */
	struct wire_buf secret;
};

/** What a hybrid is made of: its value is the KEM's and then the classical one's. */
struct kex_hybrid {
	const struct crypt_kem *kem;
	const struct kex_agree
	    *classical; /* its K has a fixed length; its name and hash do not count */
};

/** Bytes of the largest u-coordinate, X448's. */
#define KEX_XDH_SIZE_MAX 56

/** A Diffie-Hellman function on u-coordinates, RFC 7748: out and scalar and u are `size` bytes. */
struct kex_xdh {
	size_t size;
	void (*mul_g)(uint8_t *out, const uint8_t *scalar);
	void (*mul)(uint8_t *out, const uint8_t *scalar, const uint8_t *u);
};

/** What an answer is made from and what it gives. */
struct kex_answer {
	ssh_bytes in;         /* the client's public value */
	struct wire_buf *pub; /* ours is appended here */
	struct wire_buf *k;   /* the shared secret is appended here */
};

/**
 * A key agreement, seen as a key encapsulation: the client offers, the server answers, the client
 * finishes. DH, ECDH, X25519 and hybrids all have this shape; group exchange has a prelude that
 * finds the group first.
 *
 * Public values and K are handed over raw: big-endian magnitudes for DH, points or u-coordinates
 * or, of hybrids, a KEM's public key or ciphertext followed by one of these. `messages` says how they
 * travel (mpint or string) and `k_is_string` how K is encoded where it is hashed.
 *
 * The functions append to bufs and return 0; SSH_ERR_KEX_VALUE if the peer's value or the result is
 * out of range; SSH_ERR_STATE if finish comes without offer or a group exchange without group;
 * SSH_ERR_RANDOM, SSH_ERR_NO_MEMORY, SSH_ERR_CRYPTO. On error nothing is appended.
 */
struct kex_agree {
	const char *name; /* as in the kex name-list */
	const struct crypt_hash *hash;
	enum wire_kex messages;
	bool k_is_string;                       /* else mpint */
	const struct kex_group *group;          /* of the fixed-group methods, else NULL */
	const struct ecc_curve *(*curve)(void); /* Nettle's, of the ECDH methods, else NULL */
	const struct kex_xdh *xdh;              /* of X25519 and X448, else NULL */
	const struct kex_hybrid *hybrid;        /* of the hybrids, else NULL */
	/* Client: make a secret, append the public value. */
	enum ssh_err (*offer)(const struct kex_agree *alg, struct kex_agree_run *run,
	                      const struct crypt_rng *rng, struct wire_buf *pub);
	/* Server: from the client's value `in` append our value to io->pub and K to io->k. */
	enum ssh_err (*answer)(const struct kex_agree *alg, struct kex_agree_run *run,
	                       const struct crypt_rng *rng, struct kex_answer *io);
	/* Client: from the server's value append K. */
	enum ssh_err (*finish)(const struct kex_agree *alg, struct kex_agree_run *run, ssh_bytes in,
	                       struct wire_buf *k);
};

/** Zeroise and give back; the run is then ready again. */
void kex_agree_wipe(struct kex_agree_run *run);

/** Find an agreement by name in a NULL-terminated array; NULL if it is not there. */
const struct kex_agree *kex_agree_find(const struct kex_agree *const *algs, ssh_bytes name);

extern const struct kex_agree kex_curve25519_sha256;        /* RFC 8731 */
extern const struct kex_agree kex_curve25519_sha256_libssh; /* the same under its older name */
extern const struct kex_agree kex_curve448_sha512;
extern const struct kex_agree kex_ecdh_nistp256; /* RFC 5656 section 4 */
extern const struct kex_agree kex_ecdh_nistp384;
extern const struct kex_agree kex_ecdh_nistp521;
extern const struct kex_agree kex_dh_group14_sha256; /* RFC 8268 */
extern const struct kex_agree kex_dh_group15_sha512;
extern const struct kex_agree kex_dh_group16_sha512;
extern const struct kex_agree kex_dh_group17_sha512;
extern const struct kex_agree kex_dh_group18_sha512;
extern const struct kex_agree kex_dh_gex_sha256; /* RFC 4419; run->group comes from the prelude */
extern const struct kex_agree kex_mlkem768x25519_sha256; /* RFC 10042 */
extern const struct kex_agree kex_mlkem768nistp256_sha256;
extern const struct kex_agree kex_mlkem1024nistp384_sha384;
extern const struct kex_agree kex_sntrup761x25519_sha512;         /* RFC 9941 */
extern const struct kex_agree kex_sntrup761x25519_sha512_openssh; /* under its older name */
/* In no default offer: 1024 bits, or SHA-1. RFC 9142 says why not. */
extern const struct kex_agree kex_insecure_dh_gex_sha1;     /* RFC 4419 */
extern const struct kex_agree kex_insecure_dh_group14_sha1; /* RFC 4253 section 8.2 */
extern const struct kex_agree kex_insecure_dh_group1_sha1;  /* RFC 4253 section 8.1 */

/** The default offer, best first, NULL at the end. */
extern const struct kex_agree *const kex_agrees[];
/** Everything, what is weak and in no default offer at the end; NULL at the end. */
extern const struct kex_agree *const kex_agrees_legacy[];

#endif
