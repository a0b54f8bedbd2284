/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_CERT_KIT_H
#define NACRE_TESTS_CERT_KIT_H

#include "libcrypt/cert.h"

/* An authority, what it issues, and a policy that takes just that; a test changes one thing. */
struct cert_kit {
	struct crypt_key authority;
	struct crypt_cert_authority by;
	struct crypt_cert fields;
	struct crypt_cert_policy policy;
	const char *why;
	/* private */
	struct crypt_drbg drbg;
	struct crypt_rng rng;
	struct wire_buf names, blob;
	ssh_bytes trusted;
};

/** A user's Ed25519 certificate, for "alice" and "bob", at time 1000 to 2000; now is 1500. */
void cert_kit_init(struct cert_kit *kit);
void cert_kit_wipe(struct cert_kit *kit);
/** Issue `fields` for a key. The caller wipes. */
struct wire_buf cert_kit_issue(struct cert_kit *kit, const struct crypt_key *subject);
/** Parse and check by the policy; sets kit->why. */
enum ssh_err cert_kit_check(struct cert_kit *kit, const struct wire_buf *blob);

#endif
