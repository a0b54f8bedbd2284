/* SPDX-License-Identifier: MIT */
#include "tests/libcrypt/cert_kit.h"
#include "tests/libcrypt/key_kit.h"

#include <criterion/criterion.h>

void cert_kit_init(struct cert_kit *kit)
{
	*kit = (struct cert_kit){0};
	kit->rng = kit_rng(&kit->drbg, "authority");
	cr_assert_eq(crypt_key_generate(&kit->authority, &crypt_key_ed25519, 0, &kit->rng), SSH_OK);
	kit->by = (struct crypt_cert_authority){&kit->authority, &crypt_sig_ed25519, &kit->rng};
	crypt_cert_put_principal(&kit->names, "alice");
	crypt_cert_put_principal(&kit->names, "bob");
	kit->fields = (struct crypt_cert){.alg = &crypt_cert_ed25519,
	                                  .serial = 7,
	                                  .role = CRYPT_CERT_USER,
	                                  .id = wire_bytes_str("test"),
	                                  .principals = wire_buf_view(&kit->names),
	                                  .valid_after = 1000,
	                                  .valid_before = 2000};
	kit->blob = kit_public(&kit->authority);
	kit->trusted = wire_buf_view(&kit->blob);
	kit->policy = (struct crypt_cert_policy){.role = CRYPT_CERT_USER,
	                                         .now = 1500,
	                                         .principal = wire_bytes_str("bob"),
	                                         .authorities = &kit->trusted,
	                                         .authorities_count = 1,
	                                         .sigalgs = crypt_sigalgs,
	                                         .source = wire_bytes_str("192.0.2.1")};
}

void cert_kit_wipe(struct cert_kit *kit)
{
	crypt_key_wipe(&kit->authority);
	wire_buf_wipe(&kit->names);
	wire_buf_wipe(&kit->blob);
}

struct wire_buf cert_kit_issue(struct cert_kit *kit, const struct crypt_key *subject)
{
	struct wire_buf blob = {0};
	enum ssh_err e = crypt_cert_issue(&blob, &kit->fields, subject, &kit->by);
	cr_assert_eq(e, SSH_OK, "%s: %s", kit->fields.alg->name, ssh_err_name(e));
	return blob;
}

enum ssh_err cert_kit_check(struct cert_kit *kit, const struct wire_buf *blob)
{
	struct crypt_cert c;
	cr_assert_eq(crypt_cert_parse(&c, crypt_cert_keyalgs, wire_buf_view(blob)), SSH_OK);
	return crypt_cert_check(&c, &kit->policy, &kit->why);
}
