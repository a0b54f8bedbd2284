/* SPDX-License-Identifier: MIT */
#include "tests/libcrypt/token.h"
#include "tests/libcrypt/key_kit.h"

#include <criterion/criterion.h>

static const struct crypt_keyalg *base_of(const struct crypt_keyalg *alg)
{
	return alg == &crypt_key_sk_ed25519 ? &crypt_key_ed25519 : &crypt_key_ecdsa_nistp256;
}

struct crypt_key token_make(const struct crypt_keyalg *alg)
{
	struct crypt_key base = kit_generate(base_of(alg)), k = {0};
	struct wire_buf handle = kit_private(&base), b = {0};
	wire_put_str(&b, alg->name);
	base.alg->put_public(&base, &b);
	wire_put_str(&b, "ssh:test");
	wire_put_u8(&b, CRYPT_SK_USER_PRESENT);
	wire_put_string(&b, wire_buf_view(&handle));
	wire_put_str(&b, "reserved");
	cr_assert_eq(kit_parse_private(&k, wire_buf_view(&b)), SSH_OK, "%s", alg->name);
	crypt_key_wipe(&base);
	wire_buf_wipe(&handle);
	wire_buf_wipe(&b);
	return k;
}

struct wire_buf token_sign_raw(const struct crypt_key *k, ssh_bytes data)
{
	struct crypt_key base = {0};
	struct wire_buf inner = {0};
	cr_assert_eq(kit_parse_private(&base, crypt_sk_handle(k)), SSH_OK);
	cr_assert_eq(base.alg->sign(&base, base.alg->sigs[0], data, NULL, &inner), SSH_OK);
	crypt_key_wipe(&base);
	return inner;
}

/* "data" in base64url; what is signed by way of a browser is always that. */
#define CLIENT_DATA                                                                                \
	"{\"type\":\"webauthn.get\",\"challenge\":\"ZGF0YQ\",\"origin\":\"" TOKEN_ORIGIN           \
	"\",\"crossOrigin\":false}"

struct wire_buf token_sign(const struct crypt_key *k, const struct crypt_sigalg *alg,
                           ssh_bytes data, const struct crypt_sk_info *info)
{
	bool webauthn =
	    strcmp(crypt_sigalg_signature_name(alg), crypt_sig_webauthn_ecdsa_nistp256.name) == 0;
	struct wire_buf message = {0}, blob = {0};
	if (webauthn) {
		cr_assert(wire_bytes_is(data, "data"));
		data = wire_bytes_str(CLIENT_DATA);
	}
	crypt_sk_put_signed(&message, k, data, info);
	struct wire_buf inner = token_sign_raw(k, wire_buf_view(&message));
	crypt_sk_put_signature(&blob, alg, wire_buf_view(&inner), info);
	if (webauthn) {
		wire_put_str(&blob, TOKEN_ORIGIN);
		wire_put_string(&blob, data);
		wire_put_str(&blob, "");
	}
	cr_assert_eq(wire_buf_end(&blob), SSH_OK);
	wire_buf_wipe(&message);
	wire_buf_wipe(&inner);
	return blob;
}
