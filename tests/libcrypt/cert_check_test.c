/* SPDX-License-Identifier: MIT */
#include "tests/libcrypt/cert_kit.h"
#include "tests/libcrypt/key_kit.h"

#include <criterion/criterion.h>

static struct cert_kit kit;
static struct crypt_key subject;

static void start(void)
{
	cert_kit_init(&kit);
	subject = kit_generate(&crypt_key_ed25519);
}

static void stop(void)
{
	cert_kit_wipe(&kit);
	crypt_key_wipe(&subject);
}

TestSuite(cert_check, .init = start, .fini = stop);

/* Issue by the fields, check by the policy. */
static void expect(enum ssh_err want, const char *row)
{
	struct wire_buf blob = cert_kit_issue(&kit, &subject);
	enum ssh_err e = cert_kit_check(&kit, &blob);
	cr_expect_eq(e, want, "%s: %s (%s), not %s", row, ssh_err_name(e), kit.why,
	             ssh_err_name(want));
	cr_expect_eq(e == SSH_OK, *kit.why == '\0', "%s: %s", row, kit.why);
	wire_buf_wipe(&blob);
}

Test(cert_check, roles)
{
	static const struct {
		uint32_t role;
		enum crypt_cert_role wanted;
		enum ssh_err want;
	} rows[] = {
	    {CRYPT_CERT_USER, CRYPT_CERT_USER, SSH_OK},
	    {CRYPT_CERT_HOST, CRYPT_CERT_HOST, SSH_OK},
	    {CRYPT_CERT_HOST, CRYPT_CERT_USER, SSH_ERR_CERT},
	    {CRYPT_CERT_USER, CRYPT_CERT_HOST, SSH_ERR_CERT},
	    {0, CRYPT_CERT_USER, SSH_ERR_CERT},
	    {3, CRYPT_CERT_USER, SSH_ERR_CERT},
	    {3, CRYPT_CERT_HOST, SSH_ERR_CERT},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		kit.fields.role = rows[i].role;
		kit.policy.role = rows[i].wanted;
		expect(rows[i].want, "role");
	}
}

Test(cert_check, times)
{
	static const struct {
		uint64_t after, before, now;
		enum ssh_err want;
	} rows[] = {
	    {1000, 2000, 1000, SSH_OK},
	    {1000, 2000, 1999, SSH_OK},
	    {1000, 2000, 999, SSH_ERR_CERT},
	    {1000, 2000, 2000, SSH_ERR_CERT},
	    {1000, 2000, UINT64_MAX, SSH_ERR_CERT},
	    {0, CRYPT_CERT_FOREVER, 0, SSH_OK},
	    {0, CRYPT_CERT_FOREVER, UINT64_MAX, SSH_OK},
	    {0, 0, 0, SSH_ERR_CERT},
	    {2000, 1000, 1500, SSH_ERR_CERT},
	    {1500, 1500, 1500, SSH_ERR_CERT},
	    {UINT64_MAX, UINT64_MAX, UINT64_MAX, SSH_ERR_CERT},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		kit.fields.valid_after = rows[i].after;
		kit.fields.valid_before = rows[i].before;
		kit.policy.now = rows[i].now;
		expect(rows[i].want, "time");
	}
}

Test(cert_check, principals)
{
	static const struct {
		const char *name;
		bool listed;
		uint32_t role;
		enum ssh_err want;
	} rows[] = {
	    {"alice", true, CRYPT_CERT_USER, SSH_OK},
	    {"bob", true, CRYPT_CERT_USER, SSH_OK},
	    {"bo", true, CRYPT_CERT_USER, SSH_ERR_CERT},
	    {"bobby", true, CRYPT_CERT_USER, SSH_ERR_CERT},
	    {"Bob", true, CRYPT_CERT_USER, SSH_ERR_CERT},
	    {"*", true, CRYPT_CERT_USER, SSH_ERR_CERT},
	    {"", true, CRYPT_CERT_USER, SSH_ERR_CERT},
	    {"bob", false, CRYPT_CERT_USER, SSH_ERR_CERT},
	    {"", false, CRYPT_CERT_USER, SSH_ERR_CERT},
	    {"bob", false, CRYPT_CERT_HOST, SSH_OK},
	    {"eve", true, CRYPT_CERT_HOST, SSH_ERR_CERT},
	    {"", true, CRYPT_CERT_HOST, SSH_ERR_CERT},
	};
	ssh_bytes names = kit.fields.principals;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		kit.fields.principals = rows[i].listed ? names : wire_bytes(NULL, 0);
		kit.fields.role = rows[i].role;
		kit.policy.role = (enum crypt_cert_role)rows[i].role;
		kit.policy.principal = wire_bytes_str(rows[i].name);
		expect(rows[i].want, rows[i].name);
	}
}

Test(cert_check, lists_that_are_malformed_or_too_long)
{
	struct wire_buf names = {0}, options = {0};
	for (size_t i = 0; i < CRYPT_CERT_PRINCIPALS_MAX; i++)
		crypt_cert_put_principal(&names, "bob");
	kit.fields.principals = wire_buf_view(&names);
	expect(SSH_OK, "256 principals");
	crypt_cert_put_principal(&names, "bob");
	kit.fields.principals = wire_buf_view(&names);
	expect(SSH_ERR_TOO_LONG, "257 principals");
	kit.fields.principals.len = 13;
	expect(SSH_ERR_MALFORMED, "half a principal");
	kit.fields.principals.len = 14;
	expect(SSH_OK, "two of them");
	for (char i = 0; i < CRYPT_CERT_OPTIONS_MAX; i++)
		crypt_cert_put_option(&options, (char[]){'a', (char)('0' + i), 0}, NULL);
	kit.fields.extensions = wire_buf_view(&options);
	expect(SSH_OK, "64 extensions");
	crypt_cert_put_option(&options, "b", NULL);
	kit.fields.extensions = wire_buf_view(&options);
	expect(SSH_ERR_TOO_LONG, "65 extensions");
	kit.fields.extensions.len = 11;
	expect(SSH_ERR_MALFORMED, "an extension and a byte");
	kit.fields.extensions.len = 6;
	expect(SSH_ERR_MALFORMED, "an extension without data");
	wire_buf_wipe(&names);
	wire_buf_wipe(&options);
}

Test(cert_check, options_stand_in_order_and_once)
{
	static const struct {
		const char *name[3];
		enum ssh_err want;
	} rows[] = {
	    {{"a", "b", "c"}, SSH_OK},
	    {{"a", "aa", "b"}, SSH_OK},
	    {{"a", "c", "b"}, SSH_ERR_MALFORMED},
	    {{"aa", "a", "b"}, SSH_ERR_MALFORMED},
	    {{"a", "a", "b"}, SSH_ERR_MALFORMED},
	    {{"", "a", "b"}, SSH_ERR_MALFORMED},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		static const char *const seen_to[] = {"a", "aa", "b", "c", NULL};
		struct wire_buf list = {0};
		for (size_t j = 0; j < 3; j++)
			crypt_cert_put_option(&list, rows[i].name[j], NULL);
		kit.policy.options = seen_to;
		kit.fields.options = wire_buf_view(&list);
		kit.fields.extensions = wire_bytes(NULL, 0);
		expect(rows[i].want, "critical options");
		kit.fields.extensions = kit.fields.options;
		kit.fields.options = wire_bytes(NULL, 0);
		expect(rows[i].want, "extensions");
		wire_buf_wipe(&list);
	}
}

Test(cert_check, critical_options_must_be_seen_to)
{
	static const char *const some[] = {"force-command", "mine@example.com", NULL};
	static const char *const all[] = {"force-command", "verify-required", "source-address",
	                                  NULL};
	const struct {
		const char *name, *text;
		const char *const *options;
		enum crypt_cert_role role;
		enum ssh_err want;
	} rows[] = {
	    {"force-command", "ls", some, CRYPT_CERT_USER, SSH_OK},
	    {"force-command", "", some, CRYPT_CERT_USER, SSH_OK},
	    {"force-command", NULL, some, CRYPT_CERT_USER, SSH_ERR_MALFORMED},
	    {"force-command", "ls", NULL, CRYPT_CERT_USER, SSH_ERR_UNSUPPORTED},
	    {"verify-required", NULL, some, CRYPT_CERT_USER, SSH_ERR_UNSUPPORTED},
	    {"verify-required", NULL, all, CRYPT_CERT_USER, SSH_OK},
	    {"verify-required", "", all, CRYPT_CERT_USER, SSH_ERR_MALFORMED},
	    {"mine@example.com", NULL, some, CRYPT_CERT_USER, SSH_OK},
	    {"theirs@example.com", NULL, some, CRYPT_CERT_USER, SSH_ERR_UNSUPPORTED},
	    {"Force-command", "ls", some, CRYPT_CERT_USER, SSH_ERR_UNSUPPORTED},
	    {"source-address", "192.0.2.0/24", NULL, CRYPT_CERT_USER, SSH_OK},
	    {"source-address", "198.51.100.0/24", NULL, CRYPT_CERT_USER, SSH_ERR_CERT},
	    {"source-address", "198.51.100.0/24", all, CRYPT_CERT_USER, SSH_ERR_CERT},
	    {"source-address", "", NULL, CRYPT_CERT_USER, SSH_ERR_MALFORMED},
	    {"source-address", NULL, NULL, CRYPT_CERT_USER, SSH_ERR_MALFORMED},
	    {"source-address", "localhost", NULL, CRYPT_CERT_USER, SSH_ERR_MALFORMED},
	    /* No critical option is defined for hosts. */
	    {"force-command", "ls", NULL, CRYPT_CERT_HOST, SSH_ERR_UNSUPPORTED},
	    {"source-address", "192.0.2.0/24", NULL, CRYPT_CERT_HOST, SSH_ERR_UNSUPPORTED},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct wire_buf list = {0};
		crypt_cert_put_option(&list, rows[i].name, rows[i].text);
		kit.fields.options = wire_buf_view(&list);
		kit.fields.role = rows[i].role;
		kit.policy.role = rows[i].role;
		kit.policy.options = rows[i].options;
		expect(rows[i].want, rows[i].name);
		wire_buf_wipe(&list);
	}
}

Test(cert_check, a_peer_without_an_ip_address_passes_no_source_address)
{
	struct wire_buf list = {0};
	crypt_cert_put_option(&list, "source-address", "0.0.0.0/0,::/0");
	kit.fields.options = wire_buf_view(&list);
	expect(SSH_OK, "any address");
	static const char *const sources[] = {"", "UNKNOWN", "@", "/tmp/socket", "192.0.2.1:22"};
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
		kit.policy.source = wire_bytes_str(sources[i]);
		expect(SSH_ERR_MALFORMED, sources[i]);
	}
	wire_buf_wipe(&list);
}

Test(cert_check, any_extension_is_ignored)
{
	struct wire_buf list = {0};
	crypt_cert_put_option(&list, "no-touch-required", NULL);
	crypt_cert_put_option(&list, "what@example.com", "ever");
	kit.fields.extensions = wire_buf_view(&list);
	kit.fields.reserved = wire_bytes_str("anything");
	expect(SSH_OK, "extensions");
	wire_buf_wipe(&list);
}

Test(cert_check, authorities)
{
	struct crypt_key other = kit_generate(&crypt_key_ecdsa_nistp256);
	struct wire_buf pub = kit_public(&other);
	const ssh_bytes both[] = {wire_buf_view(&pub), kit.trusted};
	kit.policy.authorities = both;
	kit.policy.authorities_count = 2;
	expect(SSH_OK, "the second of two");
	kit.policy.authorities_count = 1;
	expect(SSH_ERR_NOT_FOUND, "not the one");
	kit.policy.authorities_count = 0;
	expect(SSH_ERR_NOT_FOUND, "none");
	kit.policy = (struct crypt_cert_policy){0};
	expect(SSH_ERR_NOT_FOUND, "an empty policy");
	crypt_key_wipe(&other);
	wire_buf_wipe(&pub);
}

Test(cert_check, every_kind_of_authority)
{
	for (size_t i = 0; crypt_sigalgs_legacy[i] != NULL; i++) {
		const struct crypt_sigalg *alg = crypt_sigalgs_legacy[i];
		if (alg->key->sign == NULL)
			continue;
		struct crypt_key authority = kit_generate(alg->key);
		struct wire_buf pub = kit_public(&authority);
		ssh_bytes trusted = wire_buf_view(&pub);
		kit.by.key = &authority;
		kit.by.alg = alg;
		kit.policy.authorities = &trusted;
		kit.policy.sigalgs = crypt_sigalgs_legacy;
		expect(SSH_OK, alg->name);
		kit.policy.sigalgs = crypt_sigalgs;
		bool weak = alg == &crypt_insecure_sig_rsa_sha1 || alg == &crypt_insecure_sig_dsa;
		expect(weak ? SSH_ERR_UNSUPPORTED : SSH_OK, alg->name);
		crypt_key_wipe(&authority);
		wire_buf_wipe(&pub);
	}
}

/* Swap the authority in a certificate for another blob, and sign it all again by `k`. */
static struct wire_buf resigned(ssh_bytes authority, const struct crypt_key *k)
{
	struct wire_buf first = cert_kit_issue(&kit, &subject), blob = {0};
	struct crypt_cert c;
	cr_assert_eq(crypt_cert_parse(&c, crypt_cert_keyalgs, wire_buf_view(&first)), SSH_OK);
	wire_put_raw(&blob,
	             wire_bytes(c.signed_bytes.ptr, c.signed_bytes.len - 4 - c.authority.len));
	wire_put_string(&blob, authority);
	struct wire_buf sig = kit_sign(k, k->alg->sigs[0], wire_buf_view(&blob));
	wire_put_string(&blob, wire_buf_view(&sig));
	wire_buf_wipe(&sig);
	wire_buf_wipe(&first);
	return blob;
}

Test(cert_check, certificates_make_no_chain)
{
	struct crypt_key middle = kit_generate(&crypt_key_ecdsa_nistp256);
	kit.fields.alg = &crypt_cert_ecdsa_nistp256;
	struct wire_buf cert = cert_kit_issue(&kit, &middle);
	kit.fields.alg = &crypt_cert_ed25519;
	ssh_bytes trusted = wire_buf_view(&cert);
	struct wire_buf chained = resigned(trusted, &middle);
	/* Refused even by a policy that trusts the certificate, and names its algorithms. */
	kit.policy.authorities = &trusted;
	cr_expect_eq(cert_kit_check(&kit, &chained), SSH_ERR_UNSUPPORTED, "%s", kit.why);
	kit.policy.sigalgs = crypt_cert_sigalgs;
	cr_expect_eq(cert_kit_check(&kit, &chained), SSH_ERR_UNSUPPORTED, "%s", kit.why);
	/* Nor is one issued. */
	struct wire_buf out = {0};
	cr_assert_eq(crypt_cert_attach(&middle, crypt_cert_keyalgs, trusted), SSH_OK);
	kit.by.key = &middle;
	kit.by.alg = &crypt_cert_sig_ecdsa_nistp256;
	cr_expect_eq(crypt_cert_issue(&out, &kit.fields, &subject, &kit.by), SSH_ERR_ARGUMENT);
	crypt_key_wipe(&middle);
	wire_buf_wipe(&cert);
	wire_buf_wipe(&chained);
}

Test(cert_check, signed_by_another_key_than_it_says)
{
	struct crypt_key other = kit_generate(&crypt_key_ed25519),
	                 ecdsa = kit_generate(&crypt_key_ecdsa_nistp256);
	struct wire_buf blob = resigned(kit.trusted, &other);
	cr_expect_eq(cert_kit_check(&kit, &blob), SSH_ERR_SIGNATURE, "%s", kit.why);
	wire_buf_wipe(&blob);
	blob = resigned(kit.trusted, &ecdsa);
	cr_expect_eq(cert_kit_check(&kit, &blob), SSH_ERR_UNSUPPORTED, "%s", kit.why);
	crypt_key_wipe(&other);
	crypt_key_wipe(&ecdsa);
	wire_buf_wipe(&blob);
}

/* Any bit changed is noticed: in the parser, or by the signature. */
Test(cert_check, no_byte_can_be_changed)
{
	struct wire_buf blob = cert_kit_issue(&kit, &subject);
	for (size_t i = 0; i < wire_buf_len(&blob); i++) {
		struct crypt_cert c;
		blob.mem[blob.start + i] ^= 0x04;
		enum ssh_err e = crypt_cert_parse(&c, crypt_cert_keyalgs, wire_buf_view(&blob));
		if (e == SSH_OK)
			e = crypt_cert_check(&c, &kit.policy, &kit.why);
		cr_expect_neq(e, SSH_OK, "byte %zu", i);
		blob.mem[blob.start + i] ^= 0x04;
	}
	cr_expect_eq(cert_kit_check(&kit, &blob), SSH_OK);
	wire_buf_wipe(&blob);
}

Test(cert_check, addresses)
{
	static const struct {
		const char *list, *address;
		enum ssh_err want;
	} rows[] = {
	    {"192.0.2.1", "192.0.2.1", SSH_OK},
	    {"192.0.2.1", "192.0.2.2", SSH_ERR_CERT},
	    {"192.0.2.0/24", "192.0.2.255", SSH_OK},
	    {"192.0.2.0/24", "192.0.3.0", SSH_ERR_CERT},
	    {"192.0.2.128/25", "192.0.2.127", SSH_ERR_CERT},
	    {"192.0.2.128/25", "192.0.2.128", SSH_OK},
	    {"0.0.0.0/0", "255.255.255.255", SSH_OK},
	    {"0.0.0.0/0", "::1", SSH_ERR_CERT},
	    {"::/0", "2001:db8::1", SSH_OK},
	    {"10.0.0.0/8,192.0.2.0/24", "192.0.2.1", SSH_OK},
	    {"10.0.0.0/8,192.0.2.0/24", "172.16.0.1", SSH_ERR_CERT},
	    {"2001:db8::/32", "2001:db8:ffff::1", SSH_OK},
	    {"2001:db8::/32", "2001:db9::1", SSH_ERR_CERT},
	    {"2001:DB8::/32", "2001:db8::", SSH_OK},
	    {"::1", "0:0:0:0:0:0:0:1", SSH_OK},
	    {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", SSH_OK},
	    {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0", SSH_OK},
	    {"::192.0.2.1", "::c000:201", SSH_OK},
	    {"fe80::/10", "febf::1", SSH_OK},
	    {"127.0.0.1/32,::1/128", "::1", SSH_OK},
	    /* The same host, as a socket of both families tells it. */
	    {"192.0.2.0/24", "::ffff:192.0.2.1", SSH_OK},
	    {"::ffff:192.0.2.0/120", "192.0.2.1", SSH_OK},
	    /* The list is read to its end, found or not. */
	    {"192.0.2.1,", "192.0.2.1", SSH_ERR_MALFORMED},
	    {"192.0.2.1,x", "192.0.2.1", SSH_ERR_MALFORMED},
	    {"", "192.0.2.1", SSH_ERR_MALFORMED},
	    {",", "192.0.2.1", SSH_ERR_MALFORMED},
	    {" 192.0.2.1", "192.0.2.1", SSH_ERR_MALFORMED},
	    {"!192.0.2.1", "192.0.2.2", SSH_ERR_MALFORMED},
	    {"192.0.2.*", "192.0.2.2", SSH_ERR_MALFORMED},
	    {"192.0.2.1/24", "192.0.2.2", SSH_ERR_MALFORMED},
	    {"192.0.2.0/33", "192.0.2.2", SSH_ERR_MALFORMED},
	    {"192.0.2.0/", "192.0.2.2", SSH_ERR_MALFORMED},
	    {"192.0.2.0/-1", "192.0.2.2", SSH_ERR_MALFORMED},
	    {"192.0.2.0/024", "192.0.2.2", SSH_ERR_MALFORMED},
	    {"192.0.2.0/24/24", "192.0.2.2", SSH_ERR_MALFORMED},
	    {"/24", "192.0.2.2", SSH_ERR_MALFORMED},
	    {"192.0.2", "192.0.2.2", SSH_ERR_MALFORMED},
	    {"192.0.2.1.1", "192.0.2.2", SSH_ERR_MALFORMED},
	    {"192.0.2.256", "192.0.2.2", SSH_ERR_MALFORMED},
	    {"192.0.2.01", "192.0.2.2", SSH_ERR_MALFORMED},
	    {"192.0..1", "192.0.2.2", SSH_ERR_MALFORMED},
	    {"3221225985", "192.0.2.1", SSH_ERR_MALFORMED},
	    {"0xc0.0.2.1", "192.0.2.1", SSH_ERR_MALFORMED},
	    {"::/129", "::1", SSH_ERR_MALFORMED},
	    {"2001:db8::1/32", "::1", SSH_ERR_MALFORMED},
	    {":", "::1", SSH_ERR_MALFORMED},
	    {":::", "::1", SSH_ERR_MALFORMED},
	    {"1::2::3", "::1", SSH_ERR_MALFORMED},
	    {":1", "::1", SSH_ERR_MALFORMED},
	    {"1:", "::1", SSH_ERR_MALFORMED},
	    {"1:2:3:4:5:6:7", "::1", SSH_ERR_MALFORMED},
	    {"1:2:3:4:5:6:7:8:9", "::1", SSH_ERR_MALFORMED},
	    {"1:2:3:4:5:6:7:8::", "::1", SSH_ERR_MALFORMED},
	    {"1:2:3:4::5:6:7:8", "::1", SSH_ERR_MALFORMED},
	    {"::1:2:3:4:5:6:7:8:9:a", "::1", SSH_ERR_MALFORMED},
	    {"1:2:3:4:5:6:7:8:9:a::", "::1", SSH_ERR_MALFORMED},
	    {"12345::", "::1", SSH_ERR_MALFORMED},
	    {"g::", "::1", SSH_ERR_MALFORMED},
	    {"192.0.2.1::", "::1", SSH_ERR_MALFORMED},
	    {"::192.0.2.1:1", "::1", SSH_ERR_MALFORMED},
	    {"1:2:3:4:5:6:7:192.0.2.1", "::1", SSH_ERR_MALFORMED},
	    {"fe80::1%eth0", "::1", SSH_ERR_MALFORMED},
	    {"0.0.0.0/0", "fe80::1%eth0", SSH_ERR_MALFORMED},
	    {"0.0.0.0/0", "192.0.2.1/32", SSH_ERR_MALFORMED},
	    {"0.0.0.0/0", "192.0.2.1,192.0.2.2", SSH_ERR_MALFORMED},
	    {"0.0.0.0/0", "", SSH_ERR_MALFORMED},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		enum ssh_err e = crypt_cert_source(wire_bytes_str(rows[i].list),
		                                   wire_bytes_str(rows[i].address));
		cr_expect_eq(e, rows[i].want, "%s in %s: %s", rows[i].address, rows[i].list,
		             ssh_err_name(e));
	}
}
