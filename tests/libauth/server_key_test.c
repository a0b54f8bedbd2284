/* SPDX-License-Identifier: MIT */
#include "tests/libauth/duo.h"
#include "tests/support/alloc.h"

#include "libwire/msg.h"

#include <criterion/criterion.h>

/* publickey beyond a plain key: bound to a host key, by a certificate, with a security key. */

/* A server that has one of every algorithm, and the client's keys beside it. */
static const struct crypt_sigalg *const all[] = {
    &crypt_sig_ed25519,           &crypt_cert_sig_ed25519,
    &crypt_cert_sig_ietf_ed25519, &crypt_sig_rsa_sha2_256,
    &crypt_cert_sig_rsa_sha2_256, &crypt_sig_sk_ed25519,
    &crypt_cert_sig_sk_ed25519,   NULL,
};

static const char session[] = "0123456789abcdef0123456789abcdef";

static void start(struct duo *d)
{
	struct ssh_service_request m = {.name = wire_bytes_str("ssh-userauth")};
	struct wire_buf b = {0};

	duo_init(d);
	d->server_config.sigalgs = all;
	d->client_config.sigalgs = all;
	cr_assert_eq(duo_start(d), SSH_OK);
	wire_msg_encode(&b, &ssh_service_request_shape, &m);
	cr_assert_eq(auth_server_recv(&d->s, wire_buf_view(&b)), SSH_OK);
	auth_server_sent(&d->s);
	wire_buf_wipe(&b);
}

/* A publickey request as it stands on the wire. */
struct request {
	const char *algorithm;
	ssh_bytes key;
	ssh_bytes host_key; /* empty: not bound */
	ssh_bytes signature;
	const struct crypt_key *by;        /* signs, if there is no signature */
	const struct crypt_sigalg *sigalg; /* the plain one */
};

static void put_signature(struct wire_buf *out, const struct request *r)
{
	struct auth_signed over = {.session_id = wire_bytes_str(session),
	                           .user = wire_bytes_str("nemo"),
	                           .service = wire_bytes_str("ssh-connection"),
	                           .algorithm = wire_bytes_str(r->algorithm),
	                           .key = r->key,
	                           .host_key = r->host_key};
	struct wire_buf data = {0};

	auth_signed_put(&data, &over);
	cr_assert_eq(duo_sign(r->by, r->sigalg, wire_buf_view(&data), out), SSH_OK);
	wire_buf_wipe(&data);
}

static void put_request(struct wire_buf *out, const struct request *r, ssh_bytes signature)
{
	bool bound = r->host_key.len != 0;
	struct ssh_userauth_request m = {
	    .user = wire_bytes_str("nemo"),
	    .service = wire_bytes_str("ssh-connection"),
	    .method = wire_bytes_str(bound ? AUTH_PUBLICKEY_HOSTBOUND : "publickey")};
	struct ssh_auth_publickey_hostbound k = {.has_signature = signature.len != 0,
	                                         .algorithm = wire_bytes_str(r->algorithm),
	                                         .key = r->key,
	                                         .host_key = r->host_key,
	                                         .signature = signature};
	struct ssh_auth_publickey plain = {k.has_signature, k.algorithm, k.key, k.signature};

	wire_msg_encode(out, &ssh_userauth_request_shape, &m);
	if (bound)
		wire_msg_encode(out, &ssh_auth_publickey_hostbound_shape, &k);
	else
		wire_msg_encode(out, &ssh_auth_publickey_shape, &plain);
}

/* Returns whether the owner is asked. */
static bool asks(struct duo *d, const struct request *r, struct auth_server_event *ev)
{
	struct wire_buf sig = {0}, b = {0};
	bool asked;

	if (r->by != NULL)
		put_signature(&sig, r);
	put_request(&b, r, r->by != NULL ? wire_buf_view(&sig) : r->signature);
	cr_assert_eq(auth_server_recv(&d->s, wire_buf_view(&b)), SSH_OK);
	asked = auth_server_next(&d->s, ev);
	if (asked)
		cr_assert_eq(ev->type, AUTH_ASK_KEY);
	wire_buf_wipe(&sig);
	wire_buf_wipe(&b);
	return asked;
}

/* The number of the reply, which is taken. */
static uint8_t reply(struct duo *d)
{
	uint8_t number = auth_server_out(&d->s).len == 0 ? 0 : auth_server_out(&d->s).ptr[0];

	auth_server_sent(&d->s);
	return number;
}

/* --- Host-bound --- */

Test(server_key, bound_between_the_engines)
{
	static const char line[] = "? key?A sign key!A S:nemo:publickey:A C:publickey";
	struct duo d;

	for (int sides = 0; sides < 4; sides++) {
		duo_init(&d);
		d.script = "a";
		cr_assert_eq(duo_start(&d), SSH_OK);
		if ((sides & 1) != 0)
			cr_assert_eq(auth_server_bind_host(&d.s, wire_bytes_str("host")), SSH_OK);
		if ((sides & 2) != 0)
			cr_assert_eq(auth_client_bind_host(&d.c, wire_bytes_str("host")), SSH_OK);
		duo_run(&d);
		/* A server that knows of no host key refuses what is bound to one. */
		cr_expect(wire_bytes_is(wire_buf_view(&d.line),
		                        sides == 2 ? "? ?publickey,password" : line),
		          "%d: %.*s", sides, (int)wire_buf_len(&d.line),
		          (const char *)wire_buf_view(&d.line).ptr);
		duo_wipe(&d);
	}
}

Test(server_key, bound_to_another_host)
{
	static const struct {
		const char *ours, *theirs;
		bool asked;
	} rows[] = {{"host", "host", true},
	            {"host", "hosT", false},
	            {"host", "hos", false},
	            {"", "host", false}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (int is_signed = 0; is_signed < 2; is_signed++) {
			struct auth_server_event ev;
			struct duo d;

			start(&d);
			cr_assert_eq(auth_server_bind_host(&d.s, wire_bytes_str(rows[i].ours)), 0);
			struct request r = {.algorithm = "ssh-ed25519",
			                    .key = wire_buf_view(&d.blob_a),
			                    .host_key = wire_bytes_str(rows[i].theirs),
			                    .by = is_signed ? &d.a : NULL,
			                    .sigalg = &crypt_sig_ed25519};
			cr_expect_eq(asks(&d, &r, &ev), rows[i].asked, "%s", rows[i].theirs);
			if (!rows[i].asked)
				cr_expect_eq(reply(&d), SSH_MSG_USERAUTH_FAILURE);
			duo_wipe(&d);
		}
	}
}

/* A signature for the one method is none for the other. */
Test(server_key, bound_signature_in_another_method)
{
	struct auth_server_event ev;
	struct wire_buf sig = {0};
	struct duo d;

	start(&d);
	cr_assert_eq(auth_server_bind_host(&d.s, wire_bytes_str("host")), SSH_OK);
	struct request plain = {.algorithm = "ssh-ed25519",
	                        .key = wire_buf_view(&d.blob_a),
	                        .by = &d.a,
	                        .sigalg = &crypt_sig_ed25519};
	struct request bound = plain;
	bound.host_key = wire_bytes_str("host");
	put_signature(&sig, &plain);
	bound.by = NULL;
	bound.signature = wire_buf_view(&sig);
	cr_expect_not(asks(&d, &bound, &ev));
	cr_expect_eq(reply(&d), SSH_MSG_USERAUTH_FAILURE);
	bound.by = &d.a;
	wire_buf_reset(&sig);
	put_signature(&sig, &bound);
	plain.by = NULL;
	plain.signature = wire_buf_view(&sig);
	cr_expect_not(asks(&d, &plain, &ev));
	wire_buf_wipe(&sig);
	duo_wipe(&d);
}

/* The client does not change its mind about what is being signed. */
Test(server_key, bound_too_late)
{
	struct auth_client_event ev;
	struct duo d;

	duo_init(&d);
	cr_assert_eq(duo_start(&d), SSH_OK);
	duo_run(&d);
	cr_assert_eq(
	    auth_client_publickey_signed(&d.c, wire_buf_view(&d.blob_a), &crypt_sig_ed25519),
	    SSH_OK);
	cr_expect_eq(auth_client_bind_host(&d.c, wire_bytes_str("host")), SSH_ERR_STATE);
	cr_assert(auth_client_next(&d.c, &ev) && ev.type == AUTH_ASK_SIGN);
	cr_expect_eq(auth_client_bind_host(&d.c, wire_bytes_str("host")), SSH_ERR_STATE);
	cr_assert_eq(auth_client_answer_sign(&d.c, wire_bytes(NULL, 0)), SSH_OK);
	cr_expect_eq(auth_client_bind_host(&d.c, wire_bytes_str("host")), SSH_OK);
	duo_wipe(&d);
}

/* --- Certificates --- */

/* Key A certified by key B for "nemo", until second 2000. */
static void certify(struct duo *d, const struct crypt_keyalg *type, struct wire_buf *blob)
{
	struct crypt_drbg drbg;
	struct crypt_rng rng;
	struct crypt_cert_authority by = {&d->b, &crypt_sig_ed25519, &rng};
	struct wire_buf names = {0}, options = {0};

	crypt_drbg_init(&drbg, wire_bytes_str("nonce"));
	rng = crypt_drbg_rng(&drbg);
	crypt_cert_put_principal(&names, "nemo");
	crypt_cert_put_option(&options, "force-command", "dive");
	struct crypt_cert fields = {.alg = type,
	                            .role = CRYPT_CERT_USER,
	                            .principals = wire_buf_view(&names),
	                            .valid_after = 1000,
	                            .valid_before = 2000,
	                            .options = wire_buf_view(&options)};
	cr_assert_eq(crypt_cert_issue(blob, &fields, &d->a, &by), SSH_OK);
	wire_buf_wipe(&names);
	wire_buf_wipe(&options);
}

static const char *const heeded[] = {"force-command", NULL};

static struct crypt_cert_policy policy_of(const ssh_bytes *authority)
{
	return (struct crypt_cert_policy){.now = 1500,
	                                  .principal = wire_bytes_str("nemo"),
	                                  .authorities = authority,
	                                  .authorities_count = 1,
	                                  .sigalgs = crypt_sigalgs,
	                                  .options = heeded};
}

/* One that was not checked, or was found bad, is accepted in vain: query and signature alike. */
Test(server_key, unchecked_certificate)
{
	for (int round = 0; round < 8; round++) {
		bool is_signed = (round & 1) != 0, check = (round & 2) != 0,
		     late = (round & 4) != 0;
		struct auth_server_event ev;
		struct wire_buf cert = {0};
		const char *why;
		struct duo d;

		start(&d);
		certify(&d, &crypt_cert_ed25519, &cert);
		struct request r = {.algorithm = "ssh-ed25519-cert-v01@openssh.com",
		                    .key = wire_buf_view(&cert),
		                    .by = is_signed ? &d.a : NULL,
		                    .sigalg = &crypt_sig_ed25519};
		ssh_bytes authority = wire_buf_view(&d.blob_b);
		struct crypt_cert_policy policy = policy_of(&authority);
		policy.now = late ? 2000 : 1500;
		cr_assert(asks(&d, &r, &ev));
		cr_assert_not_null(ev.cert);
		cr_expect(wire_bytes_equal(ev.cert->authority, wire_buf_view(&d.blob_b)));
		if (check)
			cr_expect_eq(auth_server_check_cert(&d.s, &policy, &why),
			             late ? SSH_ERR_CERT : SSH_OK, "%s", why);
		cr_assert_eq(auth_server_answer(&d.s, AUTH_ACCEPT), SSH_OK);
		cr_expect_eq(reply(&d),
		             !check || late ? SSH_MSG_USERAUTH_FAILURE
		             : is_signed    ? SSH_MSG_USERAUTH_SUCCESS
		                            : SSH_MSG_USERAUTH_PK_OK,
		             "round %d", round);
		wire_buf_wipe(&cert);
		duo_wipe(&d);
	}
}

/* A check in one question is worth nothing in the next; nor where there is no certificate. */
Test(server_key, check_of_another_question)
{
	struct auth_server_event ev;
	struct wire_buf cert = {0};
	const char *why;
	struct duo d;

	start(&d);
	certify(&d, &crypt_cert_ed25519, &cert);
	struct request r = {.algorithm = "ssh-ed25519-cert-v01@openssh.com",
	                    .key = wire_buf_view(&cert)};
	ssh_bytes authority = wire_buf_view(&d.blob_b);
	struct crypt_cert_policy policy = policy_of(&authority);
	cr_expect_eq(auth_server_check_cert(&d.s, &policy, &why), SSH_ERR_STATE);
	cr_assert(asks(&d, &r, &ev));
	cr_assert_eq(auth_server_check_cert(&d.s, &policy, &why), SSH_OK, "%s", why);
	cr_assert_eq(auth_server_answer(&d.s, AUTH_ACCEPT), SSH_OK);
	cr_expect_eq(reply(&d), SSH_MSG_USERAUTH_PK_OK);
	cr_expect_eq(auth_server_check_cert(&d.s, &policy, &why), SSH_ERR_STATE);
	r.by = &d.a;
	r.sigalg = &crypt_sig_ed25519;
	cr_assert(asks(&d, &r, &ev));
	cr_assert_eq(auth_server_answer(&d.s, AUTH_ACCEPT), SSH_OK);
	cr_expect_eq(reply(&d), SSH_MSG_USERAUTH_FAILURE);
	struct request plain = {.algorithm = "ssh-ed25519", .key = wire_buf_view(&d.blob_a)};
	cr_assert(asks(&d, &plain, &ev));
	cr_expect_null(ev.cert);
	cr_expect_eq(auth_server_check_cert(&d.s, &policy, &why), SSH_ERR_STATE);
	wire_buf_wipe(&cert);
	duo_wipe(&d);
}

/* Blob and algorithm belong together, and the signature is the certified key's. */
Test(server_key, mixed_up_certificates)
{
	static const struct {
		const char *algorithm;
		bool cert, by_a, asked;
	} rows[] = {
	    {"ssh-ed25519-cert-v01@openssh.com", true, true, true},
	    {"ssh-ed25519-cert-v01@openssh.com", true, false, false},
	    {"ssh-ed25519-cert-v01@openssh.com", false, true, false},
	    {"ssh-ed25519", true, true, false},
	    {"ssh-ed25519-cert", true, true, false},
	    {"rsa-sha2-256-cert-v01@openssh.com", true, true, false},
	    {"ssh-ed448", true, true, false},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct auth_server_event ev;
		struct wire_buf cert = {0};
		struct duo d;

		start(&d);
		certify(&d, &crypt_cert_ed25519, &cert);
		struct request r = {.algorithm = rows[i].algorithm,
		                    .key = wire_buf_view(rows[i].cert ? &cert : &d.blob_a),
		                    .by = rows[i].by_a ? &d.a : &d.b,
		                    .sigalg = &crypt_sig_ed25519};
		cr_expect_eq(asks(&d, &r, &ev), rows[i].asked, "row %zu", i);
		wire_buf_wipe(&cert);
		duo_wipe(&d);
	}
}

/* A key and its certificate are one factor, whichever comes first. */
Test(server_key, certificate_and_key_are_one_factor)
{
	for (int first = 0; first < 2; first++) {
		struct auth_server_event ev;
		struct wire_buf cert = {0};
		const char *why;
		struct duo d;

		start(&d);
		d.s.config.chains = wire_bytes_str("publickey,publickey");
		certify(&d, &crypt_cert_ed25519, &cert);
		ssh_bytes authority = wire_buf_view(&d.blob_b);
		struct crypt_cert_policy policy = policy_of(&authority);
		struct request r[2] = {
		    {"ssh-ed25519-cert-v01@openssh.com",
		     wire_buf_view(&cert),
		     {0},
		     {0},
		     &d.a,
		     &crypt_sig_ed25519},
		    {"ssh-ed25519", wire_buf_view(&d.blob_a), {0}, {0}, &d.a, &crypt_sig_ed25519}};
		cr_assert(asks(&d, &r[first], &ev));
		(void)auth_server_check_cert(&d.s, &policy, &why);
		cr_assert_eq(auth_server_answer(&d.s, AUTH_ACCEPT), SSH_OK);
		cr_expect_eq(reply(&d), SSH_MSG_USERAUTH_FAILURE, "more is wanted");
		cr_expect_eq(d.s.done_count, 1);
		cr_expect_not(asks(&d, &r[1 - first], &ev));
		cr_expect_eq(reply(&d), SSH_MSG_USERAUTH_FAILURE);
		cr_expect_eq(d.s.failures, 1);
		wire_buf_wipe(&cert);
		duo_wipe(&d);
	}
}

/* The client offers the certificate, under either spelling, and signs with the key. */
Test(server_key, client_with_a_certificate)
{
	static const struct {
		const char *announced, *chosen;
	} rows[] = {{"", "ssh-ed25519-cert-v01@openssh.com"},
	            {"ssh-ed25519,rsa-sha2-256", "ssh-ed25519-cert-v01@openssh.com"},
	            {"ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519-cert-v01@openssh.com"},
	            {"rsa-sha2-256,ssh-ed25519-cert", NULL}};
	struct wire_buf cert = {0}, ietf = {0};
	const struct crypt_sigalg *alg;
	struct duo d;

	duo_init(&d);
	certify(&d, &crypt_cert_ed25519, &cert);
	certify(&d, &crypt_cert_ietf_ed25519, &ietf);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		alg = auth_sigalg_choose(all, wire_buf_view(&cert),
		                         wire_bytes_str(rows[i].announced));
		cr_expect(rows[i].chosen == NULL
		              ? alg == NULL
		              : alg != NULL && strcmp(alg->name, rows[i].chosen) == 0,
		          "%s", rows[i].announced);
	}
	alg = auth_sigalg_choose(all, wire_buf_view(&ietf), wire_bytes_str("ssh-ed25519-cert"));
	cr_expect_eq(alg, &crypt_cert_sig_ietf_ed25519);
	cr_assert_eq(crypt_cert_attach(&d.a, crypt_cert_keyalgs, wire_buf_view(&cert)), SSH_OK);
	wire_buf_reset(&d.blob_a);
	crypt_key_put_public(&d.a, &d.blob_a);
	d.client_config.sigalgs = d.server_config.sigalgs = all;
	d.script = "a";
	/* duo's server checks nothing, and so lets nobody in. */
	duo_expect(&d, "certificate", "? key?A ?publickey,password");
	wire_buf_wipe(&cert);
	wire_buf_wipe(&ietf);
	duo_wipe(&d);
}

static bool fails_at(const struct request *r, const struct wire_buf *out, size_t n)
{
	struct auth_server_event ev;
	struct duo d;
	bool failed;
	const char *why;
	ssh_bytes authority;

	start(&d);
	authority = wire_buf_view(&d.blob_b);
	struct crypt_cert_policy policy = policy_of(&authority);
	d.s.config.chains = wire_bytes_str("publickey,password");
	alloc_start();
	alloc_fail_at(n);
	if (auth_server_recv(&d.s, wire_buf_view(out)) == 0 && auth_server_next(&d.s, &ev) &&
	    ev.type == AUTH_ASK_KEY) {
		(void)auth_server_check_cert(&d.s, &policy, &why);
		(void)auth_server_answer(&d.s, AUTH_ACCEPT);
	}
	alloc_stop();
	failed = alloc_failed();
	cr_expect(failed || d.s.done_count == 1, "%s", r->algorithm);
	cr_expect_neq(d.s.state, AUTH_SERVER_DONE);
	duo_wipe(&d);
	return failed;
}

Test(server_key, no_memory)
{
	struct wire_buf cert = {0}, sig = {0}, out = {0};
	struct duo d;

	duo_init(&d);
	certify(&d, &crypt_cert_ed25519, &cert);
	struct request r = {.algorithm = "ssh-ed25519-cert-v01@openssh.com",
	                    .key = wire_buf_view(&cert),
	                    .by = &d.a,
	                    .sigalg = &crypt_sig_ed25519};
	put_signature(&sig, &r);
	put_request(&out, &r, wire_buf_view(&sig));
	for (size_t n = 1; fails_at(&r, &out, n); n++)
		cr_assert_lt(n, 100);
	wire_buf_wipe(&cert);
	wire_buf_wipe(&sig);
	wire_buf_wipe(&out);
	duo_wipe(&d);
}

/* --- Security keys --- */

/* The public blob of a security key whose token holds Ed25519 key A. */
static void sk_blob(const struct duo *d, struct wire_buf *out)
{
	wire_put_str(out, "sk-ssh-ed25519@openssh.com");
	wire_put_raw(out, wire_bytes_skip(wire_buf_view(&d->blob_a), 4 + strlen("ssh-ed25519")));
	wire_put_str(out, "ssh:");
}

/* What the token answers, with these flags. */
static void sk_sign(const struct duo *d, ssh_bytes blob, uint8_t flags, struct wire_buf *out)
{
	struct auth_signed over = {.session_id = wire_bytes_str(session),
	                           .user = wire_bytes_str("nemo"),
	                           .service = wire_bytes_str("ssh-connection"),
	                           .algorithm = wire_bytes_str("sk-ssh-ed25519@openssh.com"),
	                           .key = blob};
	struct crypt_sk_info info = {.flags = flags, .counter = 7};
	struct wire_buf data = {0}, hashed = {0}, sig = {0};
	struct crypt_key k = {0};

	cr_assert_eq(crypt_key_parse_public(&k, crypt_keyalgs, blob), SSH_OK);
	auth_signed_put(&data, &over);
	crypt_sk_put_signed(&hashed, &k, wire_buf_view(&data), &info);
	cr_assert_eq(duo_sign(&d->a, &crypt_sig_ed25519, wire_buf_view(&hashed), &sig), SSH_OK);
	/* string name, string of 64 bytes */
	crypt_sk_put_signature(out, &crypt_sig_sk_ed25519,
	                       wire_bytes_skip(wire_buf_view(&sig), wire_buf_len(&sig) - 64),
	                       &info);
	crypt_key_wipe(&k);
	wire_buf_wipe(&data);
	wire_buf_wipe(&hashed);
	wire_buf_wipe(&sig);
}

/* Nobody at the token: accepted in vain, unless the owner does without. */
Test(server_key, presence)
{
	for (int round = 0; round < 4; round++) {
		bool present = (round & 1) != 0, waive = (round & 2) != 0;
		uint8_t flags = (uint8_t)(CRYPT_SK_USER_VERIFIED | (present ? 1 : 0));
		struct wire_buf blob = {0}, sig = {0};
		struct auth_server_event ev;
		struct duo d;

		start(&d);
		sk_blob(&d, &blob);
		sk_sign(&d, wire_buf_view(&blob), flags, &sig);
		struct request r = {.algorithm = "sk-ssh-ed25519@openssh.com",
		                    .key = wire_buf_view(&blob),
		                    .signature = wire_buf_view(&sig)};
		cr_assert(asks(&d, &r, &ev));
		cr_expect(ev.is_sk && ev.token.flags == flags && ev.token.counter == 7);
		if (waive)
			auth_server_waive_presence(&d.s);
		cr_assert_eq(auth_server_answer(&d.s, AUTH_ACCEPT), SSH_OK);
		cr_expect_eq(reply(&d),
		             present || waive ? SSH_MSG_USERAUTH_SUCCESS : SSH_MSG_USERAUTH_FAILURE,
		             "round %d", round);
		wire_buf_wipe(&blob);
		wire_buf_wipe(&sig);
		duo_wipe(&d);
	}
}

/* To waive is for the question that is open; a query needs nobody at the token. */
Test(server_key, presence_in_another_question)
{
	struct wire_buf blob = {0}, sig = {0};
	struct auth_server_event ev;
	struct duo d;

	start(&d);
	sk_blob(&d, &blob);
	sk_sign(&d, wire_buf_view(&blob), 0, &sig);
	struct request r = {.algorithm = "sk-ssh-ed25519@openssh.com", .key = wire_buf_view(&blob)};
	auth_server_waive_presence(&d.s);
	cr_assert(asks(&d, &r, &ev));
	auth_server_waive_presence(&d.s);
	cr_assert_eq(auth_server_answer(&d.s, AUTH_ACCEPT), SSH_OK);
	cr_expect_eq(reply(&d), SSH_MSG_USERAUTH_PK_OK);
	r.signature = wire_buf_view(&sig);
	cr_assert(asks(&d, &r, &ev));
	cr_assert_eq(auth_server_answer(&d.s, AUTH_ACCEPT), SSH_OK);
	cr_expect_eq(reply(&d), SSH_MSG_USERAUTH_FAILURE);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&sig);
	duo_wipe(&d);
}
