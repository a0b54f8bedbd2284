/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_DERKEY_IMPL_H
#define NACRE_LIBAUTH_DERKEY_IMPL_H

#include "libauth/der.h"
#include "libauth/keyform_impl.h"

/*
 * Private keys in DER, to and from the private form of openssh-key-v1. What the file leaves out is
 * computed; whether the numbers belong together is for crypt_key_get_private to say.
 */

/** A view of an object identifier's bytes, as an initialiser. */
#define DER_OID(...)                                                                               \
	{                                                                                          \
		(const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[])                            \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

/** A curve, by its three names. */
struct dercurve {
	const char *key;   /* "ecdsa-sha2-nistp256" */
	const char *curve; /* "nistp256" */
	ssh_bytes oid;
	size_t size; /* of a coordinate and of the secret, bytes */
};

/** By its object identifier, or by the key type; NULL if there is none. */
const struct dercurve *auth_dercurve_by_oid(ssh_bytes oid);
const struct dercurve *auth_dercurve_by_key(const char *name);

/** Bytes of the largest point, of nistp521. */
#define DERPOINT_MAX (1 + 2 * 66)

/**
 * The point that a compressed one stands for, 1 + 2 * size bytes; false: it stands for none. Not
 * constant-time: points are public.   SEC 1 section 2.3.4.
 */
bool auth_dercurve_decompress(uint8_t *out, const struct dercurve *c, ssh_bytes point);

/*
 * Read a whole DER element and append the private form. Each returns 0, SSH_ERR_FILE_DAMAGED,
 * SSH_ERR_UNSUPPORTED (another curve), SSH_ERR_KEY, SSH_ERR_NO_MEMORY.
 */

/** RSAPrivateKey, RFC 8017 appendix A.1.2. */
enum ssh_err auth_derkey_get_rsa(struct wire_buf *private, ssh_bytes der);
/** What OpenSSL writes of DSA: 0, p, q, g, y, x. */
enum ssh_err auth_derkey_get_dsa(struct wire_buf *private, ssh_bytes der);
/** ECPrivateKey, RFC 5915; `curve` NULL: it must say which. */
enum ssh_err auth_derkey_get_ec(struct wire_buf *private, ssh_bytes der,
                                const struct dercurve *curve);
/** DSA from its domain, which `r` has next in a SEQUENCE, and x alone. RFC 3279 section 2.3.2. */
enum ssh_err auth_derkey_get_dsa_x(struct wire_buf *private, struct wire_reader *domain,
                                   ssh_bytes x);
/** Ed25519 or Ed448 from the seed; `public` empty: computed. RFC 8410. */
enum ssh_err auth_derkey_get_ed(struct wire_buf *private, size_t size, ssh_bytes seed,
                                ssh_bytes public);

/* Append the DER. Errors stick in `out`. */
void auth_derkey_put_rsa(struct wire_buf *out, const struct keyfields *f);
void auth_derkey_put_dsa(struct wire_buf *out, const struct keyfields *f);
/** With the curve or, where it is named outside, without. */
void auth_derkey_put_ec(struct wire_buf *out, const struct keyfields *f, bool with_curve);

/* --- Algorithms, as PKCS #8 and X.509 name them --- */

/** A PrivateKeyInfo or a SubjectPublicKeyInfo, apart: views. */
struct derinfo {
	ssh_bytes oid;
	struct wire_reader params; /* behind the object identifier */
	ssh_bytes private;         /* empty in the latter */
	ssh_bytes public;          /* empty: not there */
};

/** What a key type has inside of those. */
struct derkind {
	const char *key; /* type, or the beginning of it */
	ssh_bytes oid;
	/* Append the private form, or the public key blob. Errors as auth_derkey_get_rsa. */
	enum ssh_err (*get_private)(struct wire_buf *private, struct derinfo *i);
	enum ssh_err (*get_public)(struct wire_buf *blob, struct derinfo *i);
	/* Append what stands behind the object identifier; the keys. Errors stick. */
	void (*put_params)(struct wire_buf *out, const struct keyfields *f);
	void (*put_private)(struct wire_buf *out, const struct keyfields *f);
	void (*put_public)(struct wire_buf *out, const struct keyfields *f);
};

/** NULL: none. A key that has fields has a kind. */
const struct derkind *auth_derkind_by_oid(ssh_bytes oid);
const struct derkind *auth_derkind_by_key(const char *name);

/** An AlgorithmIdentifier: `oid` and `params`. Errors stick in `r`. */
void auth_derkind_get_algorithm(struct derinfo *i, struct wire_reader *r);
void auth_derkind_put_algorithm(struct wire_buf *out, const struct derkind *kind,
                                const struct keyfields *f);

/** RSAPublicKey, RFC 8017 appendix A.1.1, to and from the public key blob's fields. */
enum ssh_err auth_derkey_get_rsa_public(struct wire_buf *blob, ssh_bytes der);
void auth_derkey_put_rsa_public(struct wire_buf *out, const struct keyfields *f);

#endif
