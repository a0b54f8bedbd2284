/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_TOKEN_H
#define NACRE_TESTS_TOKEN_H

#include "libcrypt/key.h"

/*
 * A security key in software: its handle holds the private key, as some real ones' do. Keys and
 * bufs are the caller's to wipe.
 */

/** The origin that token_sign signs for with webauthn. */
#define TOKEN_ORIGIN "https://example.com"

/** A private half of that type, from a fixed seed. */
struct crypt_key token_make(const struct crypt_keyalg *alg);
/** Touch the token: a signature blob with these flags and this counter. */
struct wire_buf token_sign(const struct crypt_key *k, const struct crypt_sigalg *alg,
                           ssh_bytes data, const struct crypt_sk_info *info);
/** The bare signature by the key in the handle. */
struct wire_buf token_sign_raw(const struct crypt_key *k, ssh_bytes data);

#endif
