/* SPDX-License-Identifier: MIT */
#include "tests/libcrypt/key_kit.h"
#include "tests/libcrypt/token.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>

static const struct crypt_sigalg *const sk_sigalgs[] = {
    &crypt_sig_sk_ed25519, &crypt_sig_sk_ecdsa_nistp256, &crypt_sig_webauthn_ecdsa_nistp256, NULL};

static void check_recorded(const char *const *column)
{
	struct crypt_key k = kit_key(column[2]);
	struct wire_buf data = kit_hex(column[3]), sig = kit_hex(column[4]);
	struct crypt_sk_info info = {0};
	const struct crypt_sigalg *alg = crypt_sigalg_find(sk_sigalgs, wire_bytes_str(column[1]));
	bool webauthn = alg == &crypt_sig_webauthn_ecdsa_nistp256;
	cr_assert_not_null(alg, "%s", column[0]);
	cr_expect_eq(crypt_key_verify(&k, alg, wire_buf_view(&data), wire_buf_view(&sig)), SSH_OK,
	             "%s", column[0]);
	cr_expect_eq(crypt_sk_verify(&k, alg, wire_buf_view(&data), wire_buf_view(&sig), &info),
	             SSH_OK, "%s", column[0]);
	cr_expect_eq(info.flags & CRYPT_SK_USER_PRESENT, CRYPT_SK_USER_PRESENT, "%s", column[0]);
	cr_expect_eq(info.counter, webauthn ? 799 : 0x12345678, "%s: %u", column[0], info.counter);
	cr_expect(wire_bytes_is(info.origin, webauthn ? "https://www.mindrot.org" : ""), "%s",
	          column[0]);
	cr_expect(wire_bytes_is(crypt_sk_application(&k), webauthn ? "mindrot.org" : "ssh:"), "%s",
	          column[0]);
	wire_put_u8(&data, 0);
	cr_expect_eq(crypt_key_verify(&k, alg, wire_buf_view(&data), wire_buf_view(&sig)),
	             SSH_ERR_SIGNATURE, "%s", column[0]);
	crypt_key_wipe(&k);
	wire_buf_wipe(&data);
	wire_buf_wipe(&sig);
}

Test(key_sk, recorded_signatures_verify)
{
	rows_each("sk.txt", 5, check_recorded);
}

Test(key_sk, presence_is_demanded_unless_the_caller_judges)
{
	static const struct {
		uint8_t flags;
		uint32_t counter;
		enum ssh_err want;
	} rows[] = {
	    {0, 1, SSH_ERR_SIGNATURE},
	    {CRYPT_SK_USER_VERIFIED, 2, SSH_ERR_SIGNATURE},
	    {CRYPT_SK_USER_PRESENT, 0, SSH_OK},
	    {CRYPT_SK_USER_PRESENT | CRYPT_SK_USER_VERIFIED, UINT32_MAX, SSH_OK},
	};
	for (size_t i = 0; sk_sigalgs[i] != NULL; i++) {
		struct crypt_key k = kit_generate(sk_sigalgs[i]->key);
		for (size_t j = 0; j < sizeof rows / sizeof rows[0]; j++) {
			struct crypt_sk_info said = {.flags = rows[j].flags,
			                             .counter = rows[j].counter},
			                     info = {0};
			ssh_bytes data = wire_bytes_str("data");
			struct wire_buf sig = token_sign(&k, sk_sigalgs[i], data, &said);
			ssh_bytes s = wire_buf_view(&sig);
			cr_expect_eq(crypt_key_verify(&k, sk_sigalgs[i], data, s), rows[j].want,
			             "%s %zu", sk_sigalgs[i]->name, j);
			cr_expect_eq(crypt_sk_verify(&k, sk_sigalgs[i], data, s, &info), SSH_OK,
			             "%s %zu", sk_sigalgs[i]->name, j);
			cr_expect_eq(info.flags, rows[j].flags);
			cr_expect_eq(info.counter, rows[j].counter);
			wire_buf_wipe(&sig);
		}
		crypt_key_wipe(&k);
	}
}

/* The private form of `k` with another application, as its token would not know it. */
static struct crypt_key with_application(const struct crypt_key *k, const char *application)
{
	struct wire_buf b = {0};
	struct crypt_key other = {0};
	struct wire_buf pub = kit_public(k);
	ssh_bytes blob = wire_buf_view(&pub);
	blob.len -= 4 + crypt_sk_application(k).len;
	wire_put_raw(&b, blob);
	wire_put_str(&b, application);
	cr_assert_eq(crypt_key_parse_public(&other, crypt_keyalgs, wire_buf_view(&b)), SSH_OK);
	wire_buf_wipe(&b);
	wire_buf_wipe(&pub);
	return other;
}

Test(key_sk, a_signature_for_another_application_is_none)
{
	for (size_t i = 0; sk_sigalgs[i] != NULL; i++) {
		struct crypt_key k = kit_generate(sk_sigalgs[i]->key);
		struct crypt_key other = with_application(&k, "ssh:other");
		struct crypt_key same = with_application(&k, "ssh:test");
		struct wire_buf sig = kit_sign(&k, sk_sigalgs[i], wire_bytes_str("data"));
		cr_expect_eq(crypt_key_verify(&same, sk_sigalgs[i], wire_bytes_str("data"),
		                              wire_buf_view(&sig)),
		             SSH_OK);
		cr_expect_eq(crypt_key_verify(&other, sk_sigalgs[i], wire_bytes_str("data"),
		                              wire_buf_view(&sig)),
		             SSH_ERR_SIGNATURE);
		crypt_key_wipe(&k);
		crypt_key_wipe(&other);
		crypt_key_wipe(&same);
		wire_buf_wipe(&sig);
	}
}

Test(key_sk, the_private_half_is_a_handle)
{
	struct crypt_key k = kit_openssh_key("ed25519_sk1"),
	                 plain = kit_generate(&crypt_key_ed25519);
	struct crypt_rng rng = crypt_rng_system();
	struct crypt_sk_info info;
	struct wire_buf out = {0};
	ssh_bytes nothing = wire_bytes(NULL, 0);
	cr_expect(crypt_key_is_sk(&k));
	cr_expect(!crypt_key_is_sk(&plain));
	cr_expect(wire_bytes_is(crypt_sk_application(&k), "ssh:"));
	cr_expect_eq(crypt_sk_flags(&k) & CRYPT_SK_USER_PRESENT, CRYPT_SK_USER_PRESENT);
	cr_expect_neq(crypt_sk_handle(&k).len, 0);
	cr_expect_eq(crypt_key_sign(&k, &crypt_sig_sk_ed25519, nothing, &rng, &out), SSH_ERR_KEY);
	cr_expect_eq(wire_buf_len(&out), 0);
	cr_expect_eq(crypt_sk_verify(&plain, &crypt_sig_ed25519, nothing, nothing, &info),
	             SSH_ERR_UNSUPPORTED);
	cr_expect_eq(crypt_sk_verify(&k, &crypt_sig_ed25519, nothing, nothing, &info),
	             SSH_ERR_UNSUPPORTED);
	crypt_key_wipe(&k);
	crypt_key_wipe(&plain);
}

Test(key_sk, fields_that_are_too_long_are_refused)
{
	static uint8_t long_text[CRYPT_SK_HANDLE_MAX + 1];
	struct crypt_key k = kit_generate(&crypt_key_sk_ed25519);
	for (int which = 0; which < 3; which++)
		for (size_t over = 0; over < 2; over++) {
			struct wire_buf b = {0};
			struct crypt_key parsed = {0};
			wire_put_str(&b, "sk-ssh-ed25519@openssh.com");
			crypt_key_ed25519.put_public(&k, &b);
			size_t max = which == 0 ? CRYPT_SK_APPLICATION_MAX : CRYPT_SK_HANDLE_MAX;
			wire_put_string(&b, wire_bytes(long_text, which == 0 ? max + over : 0));
			wire_put_u8(&b, 1);
			wire_put_string(&b, wire_bytes(long_text, which == 1 ? max + over : 1));
			wire_put_string(&b, wire_bytes(long_text, which == 2 ? max + over : 1));
			if (over == 0) {
				cr_expect_eq(kit_parse_private(&parsed, wire_buf_view(&b)), SSH_OK);
				crypt_key_wipe(&parsed);
				wire_buf_wipe(&b);
			} else {
				kit_refuse_private(&b, SSH_ERR_KEY, "too long");
			}
		}
	crypt_key_wipe(&k);
}

/* What a browser might be made to sign, over the data "data". */
Test(key_sk, client_data_must_be_in_the_one_form)
{
	static const char extension[] = "extension";
	static const struct {
		const char *what, *client_data, *origin, *extensions;
		uint8_t flags;
		enum ssh_err want;
	} rows[] = {
#define HEAD "{\"type\":\"webauthn.get\",\"challenge\":\""
	    {"as it should be", HEAD "ZGF0YQ\",\"origin\":\"https://a\"}", "https://a", "", 1,
	     SSH_OK},
	    {"more behind", HEAD "ZGF0YQ\",\"origin\":\"https://a\",\"x\":{}}", "https://a", "", 1,
	     SSH_OK},
	    {"extensions", HEAD "ZGF0YQ\",\"origin\":\"https://a\"}", "https://a", extension, 0x81,
	     SSH_OK},
	    {"extensions without the flag", HEAD "ZGF0YQ\",\"origin\":\"https://a\"}", "https://a",
	     extension, 1, SSH_ERR_SIGNATURE},
	    {"the flag without extensions", HEAD "ZGF0YQ\",\"origin\":\"https://a\"}", "https://a",
	     "", 0x81, SSH_ERR_SIGNATURE},
	    {"attested data", HEAD "ZGF0YQ\",\"origin\":\"https://a\"}", "https://a", "", 0x41,
	     SSH_ERR_SIGNATURE},
	    {"nobody there", HEAD "ZGF0YQ\",\"origin\":\"https://a\"}", "https://a", "", 0,
	     SSH_ERR_SIGNATURE},
	    {"another challenge", HEAD "ZGF0YR\",\"origin\":\"https://a\"}", "https://a", "", 1,
	     SSH_ERR_SIGNATURE},
	    {"padded challenge", HEAD "ZGF0YQ==\",\"origin\":\"https://a\"}", "https://a", "", 1,
	     SSH_ERR_SIGNATURE},
	    {"another origin", HEAD "ZGF0YQ\",\"origin\":\"https://b\"}", "https://a", "", 1,
	     SSH_ERR_SIGNATURE},
	    {"a longer origin", HEAD "ZGF0YQ\",\"origin\":\"https://ab\"}", "https://a", "", 1,
	     SSH_ERR_SIGNATURE},
	    {"a quote in the origin", HEAD "ZGF0YQ\",\"origin\":\"a\",\"b\":\"c\"}",
	     "a\",\"b\":\"c", "", 1, SSH_ERR_SIGNATURE},
	    {"a creation",
	     "{\"type\":\"webauthn.create\",\"challenge\":\"ZGF0YQ\",\"origin\":\"a\"}", "a", "", 1,
	     SSH_ERR_SIGNATURE},
	    {"cut off", HEAD "ZGF0YQ\",\"origin\":\"a", "a", "", 1, SSH_ERR_SIGNATURE},
	    {"nothing", "", "a", "", 1, SSH_ERR_SIGNATURE},
	    {"nothing at all", "", "", "", 1, SSH_ERR_SIGNATURE},
	};
	const struct crypt_sigalg *alg = &crypt_sig_webauthn_ecdsa_nistp256;
	struct crypt_key k = kit_generate(alg->key);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct crypt_sk_info info = {.flags = rows[i].flags, .counter = 1};
		struct wire_buf plain = {0}, message = {0}, sig = {0};
		crypt_sk_put_signed(&plain, &k, wire_bytes_str(rows[i].client_data), &info);
		/* The extensions stand before the last digest. */
		ssh_bytes p = wire_buf_view(&plain);
		wire_put_raw(&message, wire_bytes(p.ptr, p.len - 32));
		wire_put_raw(&message, wire_bytes_str(rows[i].extensions));
		wire_put_raw(&message, wire_bytes(p.ptr + p.len - 32, 32));
		struct wire_buf inner = token_sign_raw(&k, wire_buf_view(&message));
		crypt_sk_put_signature(&sig, alg, wire_buf_view(&inner), &info);
		wire_put_str(&sig, rows[i].origin);
		wire_put_str(&sig, rows[i].client_data);
		wire_put_str(&sig, rows[i].extensions);
		cr_expect_eq(crypt_key_verify(&k, alg, wire_bytes_str("data"), wire_buf_view(&sig)),
		             rows[i].want, "%s", rows[i].what);
		wire_buf_wipe(&plain);
		wire_buf_wipe(&message);
		wire_buf_wipe(&inner);
		wire_buf_wipe(&sig);
	}
	crypt_key_wipe(&k);
}
