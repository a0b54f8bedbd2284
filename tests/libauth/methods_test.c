/* SPDX-License-Identifier: MIT */
#include "tests/libauth/duo.h"
#include "tests/support/alloc.h"
#include "tests/support/vectors.h"

#include <criterion/criterion.h>

/* Every method, order and outcome between the two engines. */

#define BOTH "?publickey,password"

struct talk {
	const char *name;
	const char *script;
	const char *line;
	uint32_t methods;   /* 0: password and publickey */
	const char *chains; /* NULL: any method will do */
	uint32_t partial;
	const char *user; /* NULL: nemo */
};

static const struct talk talks[] = {
    {"password", "p", "? password:nautilus S:nemo:password: C:password", 0, NULL, 0, NULL},
    {"none first", "np", "? " BOTH " password:nautilus S:nemo:password: C:password", 0, NULL, 0,
     NULL},
    {"none suffices", "n", "? none S:guest:none: C:none", AUTH_NONE, NULL, 0, "guest"},
    {"none is asked, not listed", "nn", "? none ? none ?", AUTH_NONE, NULL, 0, NULL},
    {"wrong, then right", "wp",
     "? password:wrong " BOTH " password:nautilus S:nemo:password: C:password", 0, NULL, 0, NULL},
    {"key with query", "a", "? key?A sign key!A S:nemo:publickey:A C:publickey", 0, NULL, 0, NULL},
    {"key without query", "A", "? sign key!A S:nemo:publickey:A C:publickey", 0, NULL, 0, NULL},
    {"key rejected, then another", "ba",
     "? key?B " BOTH " key?A sign key!A S:nemo:publickey:A C:publickey", 0, NULL, 0, NULL},
    {"signed key rejected", "BA", "? sign key!B " BOTH " sign key!A S:nemo:publickey:A C:publickey",
     0, NULL, 0, NULL},
    {"query good, sign another", "axB", "? key?A sign ? sign key!B " BOTH, 0, NULL, 0, NULL},
    {"bad signature", "aXg", "? key?A sign " BOTH " C!AUTH_FAILED", 0, NULL, 0, NULL},
    {"give up", "ng", "? " BOTH " C!AUTH_FAILED", 0, NULL, 0, NULL},
    {"method not offered", "pa", "? ?publickey key?A sign key!A S:nemo:publickey:A C:publickey",
     AUTH_PUBLICKEY, NULL, 0, NULL},
    {"key not offered", "ap", "? ?password password:nautilus S:nemo:password: C:password",
     AUTH_PASSWORD, NULL, 0, NULL},
    {"empty password is not asked about", "ep",
     "? " BOTH " password:nautilus S:nemo:password: C:password", 0, NULL, 0, NULL},
    {"change", "oN", "? password:old change:expired password:old>new S:nemo:password: C:password",
     0, NULL, 0, NULL},
    {"change evaded", "oa",
     "? password:old change:expired key?A sign key!A S:nemo:publickey:A C:publickey", 0, NULL, 0,
     NULL},
    {"both required, key first", "ap",
     "? key?A sign key!A +?password password:nautilus S:nemo:password: C:password", 0,
     "publickey,password password,publickey", 0, NULL},
    {"both required, password first", "pA",
     "? password:nautilus +?publickey sign key!A S:nemo:publickey:A C:publickey", 0,
     "publickey,password password,publickey", 0, NULL},
    {"both required, key twice", "AAp",
     "? sign key!A +?password sign ?password password:nautilus S:nemo:password: C:password", 0,
     "publickey,password password,publickey", 0, NULL},
    {"both required, password twice", "ppA",
     "? password:nautilus +?publickey ?publickey sign key!A S:nemo:publickey:A C:publickey", 0,
     "publickey,password password,publickey", 0, NULL},
    {"owner wants more", "Ap",
     "? sign key!A +?password password:nautilus S:nemo:password: C:password", 0, NULL,
     AUTH_PUBLICKEY, NULL},
    {"the same key is no second factor", "AA", "? sign key!A +?publickey sign ?publickey",
     AUTH_PUBLICKEY, NULL, AUTH_PUBLICKEY, NULL},
    {"a chain in order", "ap",
     "? key?A sign key!A +?password password:nautilus S:nemo:password: C:password", 0,
     "publickey,password", 0, NULL},
    {"a chain out of order", "pap",
     "? ?publickey key?A sign key!A +?password password:nautilus S:nemo:password: C:password", 0,
     "publickey,password", 0, NULL},
    {"what has succeeded does not suffice", "paw",
     "? password:nautilus +?publickey key?A sign key!A +?password password:wrong ?password", 0,
     "password,publickey,password", 0, NULL},
    {"three parts", "pari",
     "? password:nautilus +?publickey key?A sign key!A +?keyboard-interactive",
     AUTH_PASSWORD | AUTH_PUBLICKEY | AUTH_INTERACTIVE, "password,publickey,keyboard-interactive",
     0, NULL},
    {"a choice behind a key, first", "nap",
     "? ?publickey key?A sign key!A +?keyboard-interactive,password password:nautilus S:nemo:password: C:password",
     AUTH_PASSWORD | AUTH_PUBLICKEY | AUTH_INTERACTIVE,
     "publickey,password publickey,keyboard-interactive", 0, NULL},
    {"a choice behind a key, second", "nair",
     "? ?publickey key?A sign key!A +?keyboard-interactive,password ask: title:do:Password:|Code:+ =nautilus|code S:nemo:keyboard-interactive: C:keyboard-interactive",
     AUTH_PASSWORD | AUTH_PUBLICKEY | AUTH_INTERACTIVE,
     "publickey,password publickey,keyboard-interactive", 0, NULL},
    {"a short chain and a long one", "p", "? password:nautilus S:nemo:password: C:password", 0,
     "password,publickey password", 0, NULL},
    {"one key is not two", "AA", "? sign key!A +?publickey sign ?publickey", 0,
     "publickey,publickey", 0, NULL},
    {"none is not in the chain", "nA", "? ?publickey sign key!A S:guest:publickey:A C:publickey",
     AUTH_NONE | AUTH_PUBLICKEY, "publickey", 0, "guest"},
    {"empty user", "p", "? " BOTH, 0, NULL, 0, ""},
};

Test(methods, talks)
{
	for (size_t i = 0; i < sizeof talks / sizeof talks[0]; i++) {
		const struct talk *t = &talks[i];
		struct duo d;

		duo_init(&d);
		d.script = t->script;
		if (t->methods != 0)
			d.server_config.methods = t->methods;
		d.server_config.chains = wire_bytes_str(t->chains);
		d.rounds = 1;
		d.partial = t->partial;
		if (t->user != NULL)
			d.client_config.user = wire_bytes_str(t->user);
		duo_expect(&d, t->name, t->line);
		duo_wipe(&d);
	}
}

Test(methods, empty_password_if_configured)
{
	struct duo d;

	duo_init(&d);
	d.script = "e";
	d.server_config.empty_passwords = true;
	duo_expect(&d, "empty", "? password: " BOTH);
	duo_wipe(&d);
}

Test(methods, banner_comes_once_before_the_first_reply)
{
	struct duo d;

	duo_init(&d);
	d.script = "np";
	d.server_config.banner = wire_bytes_str("Beware of the squid");
	duo_expect(&d, "banner",
	           "? banner:Beware of the squid " BOTH
	           " password:nautilus S:nemo:password: C:password");
	duo_wipe(&d);
}

Test(methods, tries_are_counted)
{
	struct duo d;

	/* Six failures are borne, the seventh is not; none does not count the first time. */
	duo_init(&d);
	d.script = "nwwwwwww";
	cr_assert_eq(duo_start(&d), SSH_OK);
	duo_run(&d);
	cr_expect_eq(d.s.err, SSH_ERR_AUTH_TRIES);
	cr_expect_eq(*d.script, '\0');
	cr_expect_eq(auth_server_out(&d.s).len, 0);
	duo_wipe(&d);

	duo_init(&d);
	d.script = "nwwwwwwp";
	d.server_config.max_failures = 6;
	cr_assert_eq(duo_start(&d), SSH_OK);
	duo_run(&d);
	cr_expect_eq(d.s.state, AUTH_SERVER_DONE);
	duo_wipe(&d);
}

Test(methods, requests_are_counted_even_if_free)
{
	struct duo d;

	/* Queries for a good key, whose signature then cannot be had, are never failures. */
	duo_init(&d);
	d.script = "axaxaxaxaxax";
	d.server_config.max_requests = 5;
	cr_assert_eq(duo_start(&d), SSH_OK);
	duo_run(&d);
	cr_expect_eq(d.s.err, SSH_ERR_AUTH_TRIES);
	cr_expect_eq(d.s.requests, 5);
	cr_expect_eq(d.s.failures, 0);
	duo_wipe(&d);
}

/* --- The choice of a signature algorithm --- */

static const struct {
	const char *announced;
	const char *type;
	const char *chosen; /* NULL: none */
} choices[] = {
    {"", "ssh-rsa", "rsa-sha2-512"},
    {"rsa-sha2-256", "ssh-rsa", "rsa-sha2-256"},
    {"ssh-ed25519,rsa-sha2-256,rsa-sha2-512", "ssh-rsa", "rsa-sha2-512"},
    {"ssh-rsa", "ssh-rsa", NULL},
    {"ssh-ed25519", "ssh-rsa", NULL},
    {"", "ssh-ed25519", "ssh-ed25519"},
    {"rsa-sha2-256", "ssh-ed25519", NULL},
    {"", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"},
    {"", "ssh-dss", NULL},
};

Test(methods, signature_algorithm)
{
	for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
		struct wire_buf blob = {0};
		const struct crypt_sigalg *alg;

		wire_put_str(&blob, choices[i].type);
		alg = auth_sigalg_choose(crypt_sigalgs, wire_buf_view(&blob),
		                         wire_bytes_str(choices[i].announced));
		if (choices[i].chosen == NULL)
			cr_expect_null(alg, "%s of %s", choices[i].type, choices[i].announced);
		else
			cr_expect(alg != NULL && strcmp(alg->name, choices[i].chosen) == 0,
			          "%s of %s", choices[i].type, choices[i].announced);
		wire_buf_wipe(&blob);
	}
}

/* SHA-1 is used if and only if it was put into the array. */
Test(methods, sha1_only_if_configured)
{
	struct wire_buf blob = {0};
	const struct crypt_sigalg *alg;

	wire_put_str(&blob, "ssh-rsa");
	alg = auth_sigalg_choose(crypt_sigalgs_legacy, wire_buf_view(&blob),
	                         wire_bytes_str("ssh-rsa"));
	cr_assert_not_null(alg);
	cr_expect_str_eq(alg->name, "ssh-rsa");
	wire_buf_wipe(&blob);
}

/* --- Chains --- */

static const struct {
	const char *chains;
	bool valid;
} chains[] = {
    {"password", true},
    {"publickey,password", true},
    {" publickey,password\t password ", true},
    {"password,password,password,password,password,password,password,password", true},
    {"password,password,password,password,password,password,password,password,password", false},
    {"", false},
    {" ", false},
    {",", false},
    {"password,", false},
    {",password", false},
    {"password,,password", false},
    {"none", false},
    {"any", false},
    {"password keyboard-interactive", false},
    {"keyboard-interactive:pam", false},
};

Test(methods, chains_that_are_none)
{
	for (size_t i = 0; i < sizeof chains / sizeof chains[0]; i++) {
		struct duo d;

		duo_init(&d);
		d.server_config.chains = wire_bytes_str(chains[i].chains);
		cr_expect_eq(auth_chains_valid(d.server_config.chains,
		                               AUTH_NONE | AUTH_PASSWORD | AUTH_PUBLICKEY),
		             chains[i].valid, "%s", chains[i].chains);
		if (d.server_config.chains.len != 0)
			cr_expect_eq(duo_start(&d) == SSH_OK, chains[i].valid, "%s",
			             chains[i].chains);
		duo_wipe(&d);
	}
}

/* The signed bytes of RFC 4252 section 7, written out. */
Test(methods, signed_bytes)
{
	struct auth_signed s = {.session_id = wire_bytes("\x01\x02", 2),
	                        .user = wire_bytes_str("u"),
	                        .service = wire_bytes_str("ssh-connection"),
	                        .algorithm = wire_bytes_str("alg"),
	                        .key = wire_bytes("\xff", 1)};
	struct wire_buf got = {0}, want = {0};

	auth_signed_put(&got, &s);
	unhex(&want, "00000002 0102 32 00000001 75 0000000e 7373682d636f6e6e656374696f6e"
	             "00000009 7075626c69636b6579 01 00000003 616c67 00000001 ff");
	cr_expect(wire_bytes_equal(wire_buf_view(&got), wire_buf_view(&want)));
	/* And those of OpenSSH's PROTOCOL. */
	s.host_key = wire_bytes_str("host");
	wire_buf_reset(&got);
	wire_buf_reset(&want);
	auth_signed_put(&got, &s);
	unhex(&want, "00000002 0102 32 00000001 75 0000000e 7373682d636f6e6e656374696f6e");
	wire_put_str(&want, "publickey-hostbound-v00@openssh.com");
	unhex(&want, "01 00000003 616c67 00000001 ff 00000004 686f7374");
	cr_expect(wire_bytes_equal(wire_buf_view(&got), wire_buf_view(&want)));
	wire_buf_wipe(&got);
	wire_buf_wipe(&want);
}

/* --- Memory --- */

static bool talk_with_failure(struct duo *d, const char *script, size_t n)
{
	bool failed;

	d->script = script;
	alloc_start();
	alloc_fail_at(n);
	if (duo_start(d) == 0)
		duo_run(d);
	alloc_stop();
	failed = alloc_failed();
	if (!failed)
		cr_expect(d->s.state == AUTH_SERVER_DONE && d->c.state == AUTH_CLIENT_DONE);
	duo_reset(d);
	cr_expect_eq(alloc_live_bytes(), 0, "%s, allocation %zu", script, n);
	return failed;
}

/* Whatever allocation fails: no crash, no leak; and in the end the script is played through. */
Test(methods, no_memory)
{
	static const char *const scripts[] = {"np", "na", "bA", "oN"};
	struct duo d;

	duo_init(&d);
	d.server_config.banner = wire_bytes_str("hello");
	for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++)
		for (size_t n = 1; talk_with_failure(&d, scripts[i], n); n++)
			cr_assert_lt(n, 500);
	duo_wipe(&d);
}

/* A password is in no block of memory that is given back, and in neither engine afterwards. */
Test(methods, passwords_are_wiped)
{
	struct duo d;

	duo_init(&d);
	d.script = "wp";
	alloc_start();
	alloc_watch_wipes();
	cr_assert_eq(duo_start(&d), SSH_OK);
	duo_run(&d);
	cr_expect_eq(d.s.state, AUTH_SERVER_DONE);
	for (size_t i = 0; i + 8 <= d.s.request.cap; i++)
		cr_assert_neq(memcmp(d.s.request.mem + i, "nautilus", 8), 0);
	for (size_t i = 0; i + 8 <= d.c.out.cap; i++)
		cr_assert_neq(memcmp(d.c.out.mem + i, "nautilus", 8), 0);
	duo_wipe(&d);
	alloc_stop();
	cr_expect_eq(alloc_unwiped(), 0);
}
