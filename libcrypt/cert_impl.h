/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_CERT_IMPL_H
#define NACRE_LIBCRYPT_CERT_IMPL_H

#include "libcrypt/cert.h"

/*
 * The functions of every certificate type: they keep the certificate in k->cert and leave the rest
 * to the type of the certified key, whose state the key's is.
 */
enum ssh_err crypt_cert_get_public(struct crypt_key *k, struct wire_reader *r);
void crypt_cert_put_public(const struct crypt_key *k, struct wire_buf *out);
enum ssh_err crypt_cert_get_private(struct crypt_key *k, struct wire_reader *r);
void crypt_cert_put_private(const struct crypt_key *k, struct wire_buf *out);
enum ssh_err crypt_cert_sign(const struct crypt_key *k, const struct crypt_sigalg *alg,
                             ssh_bytes data, const struct crypt_rng *rng, struct wire_buf *out);
enum ssh_err crypt_cert_verify(const struct crypt_key *k, const struct crypt_sigalg *alg,
                               ssh_bytes data, ssh_bytes sig);
size_t crypt_cert_bits(const struct crypt_key *k);
void crypt_cert_wipe(struct crypt_key *k);

/* A row's functions; a type names itself, its kind, its plain type and its signatures. */
#define CRYPT_CERT_FUNCTIONS                                                                       \
	.get_public = crypt_cert_get_public, .put_public = crypt_cert_put_public,                  \
	.get_private = crypt_cert_get_private, .put_private = crypt_cert_put_private,              \
	.sign = crypt_cert_sign, .verify = crypt_cert_verify, .bits = crypt_cert_bits,             \
	.wipe = crypt_cert_wipe

/*
 * Read the fields behind the name; c->alg is set. The certified key is parsed into `k`, which is to
 * be wiped as one of the plain type, on error too.
 */
enum ssh_err crypt_cert_get_fields(struct crypt_cert *c, struct crypt_key *k,
                                   struct wire_reader *r);

#endif
