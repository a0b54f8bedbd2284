/* SPDX-License-Identifier: MIT */
#include "tests/libauth/duo.h"
#include "tests/support/alloc.h"

#include "libcrypt/cert.h"
#include "libwire/msg.h"

#include <criterion/criterion.h>

/* hostbased, RFC 4252 section 9: the engines with each other, and a server with what is wrong. */

#define LIST "publickey,hostbased,password"

static const struct {
	const char *name, *script, *chains;
	uint32_t partial;
	const char *line;
} talks[] = {
    {"right", "h", "", 0, "? sign host:reef.example:ned:A S:nemo:hostbased:A C:hostbased"},
    {"another key", "Hh", "", 0,
     "? sign host:reef.example:ned:B ?" LIST
     " sign host:reef.example:ned:A S:nemo:hostbased:A C:hostbased"},
    {"a damaged signature is not asked about", "hXp", "", 0,
     "? sign ?" LIST " password:nautilus S:nemo:password: C:password"},
    {"no signature", "hxp", "", 0, "? sign ? password:nautilus S:nemo:password: C:password"},
    {"and a password", "hp", "", AUTH_HOSTBASED,
     "? sign host:reef.example:ned:A +?publickey,password password:nautilus S:nemo:password: "
     "C:password"},
    {"a chain", "php", "hostbased,password", 0,
     "? ?hostbased sign host:reef.example:ned:A +?password password:nautilus S:nemo:password: "
     "C:password"},
    {"a key of the user behind it", "HA", "", 0,
     "? sign host:reef.example:ned:B ?" LIST " sign key!A S:nemo:publickey:A C:publickey"},
};

Test(hostbased, talks)
{
	for (size_t i = 0; i < sizeof talks / sizeof talks[0]; i++) {
		struct duo d;
		duo_init(&d);
		d.server_config.methods |= AUTH_HOSTBASED;
		d.server_config.chains = wire_bytes_str(talks[i].chains);
		d.partial = talks[i].partial;
		d.script = talks[i].script;
		duo_expect(&d, talks[i].name, talks[i].line);
		duo_wipe(&d);
	}
}

Test(hostbased, not_offered)
{
	struct duo d;
	duo_init(&d);
	d.script = "h";
	duo_expect(&d, "not offered", "? sign ?publickey,password");
	duo_wipe(&d);
	duo_init(&d);
	d.server_config.methods = AUTH_HOSTBASED;
	d.server_config.sigalgs = NULL;
	cr_expect_eq(auth_server_init(&d.s, &d.server_config), SSH_ERR_ARGUMENT);
	d.server_config.host_sigalgs = crypt_sigalgs;
	cr_expect_eq(auth_server_init(&d.s, &d.server_config), SSH_OK);
	duo_wipe(&d);
}

/* --- What is wrong --- */

static const char session[] = "0123456789abcdef0123456789abcdef";
static const struct crypt_sigalg *const rsa_alone[] = {&crypt_sig_rsa_sha2_512, NULL};
static const struct crypt_sigalg *const with_cert[] = {&crypt_cert_sig_ed25519, &crypt_sig_ed25519,
                                                       NULL};

struct claim {
	const char *name;
	const char *host, *host_user; /* as sent */
	const char *signed_host, *signed_user, *signed_session,
	    *signed_method_user; /* NULL: the same */
	const char *algorithm;
	const struct crypt_sigalg *const *taken; /* host_sigalgs */
	bool asked;
};

static const struct claim claims[] = {
    {.name = "right", .asked = true},
    {.name = "signed for another host", .signed_host = "ship.example"},
    {.name = "signed for another user there", .signed_user = "nobody"},
    {.name = "signed for another user here", .signed_method_user = "root"},
    {.name = "signed in another session", .signed_session = "0123456789abcdef0123456789abcdeF"},
    {.name = "no host", .host = ""},
    {.name = "a host with a blank", .host = "reef example"},
    {.name = "a host with a control character", .host = "reef\nexample"},
    {.name = "a host that is not ASCII",
     .host = "r\xc3\xbc"
             "f.example"},
    {.name = "nobody there", .host_user = ""},
    {.name = "another algorithm", .algorithm = "rsa-sha2-512"},
    {.name = "an unknown algorithm", .algorithm = "rot13"},
    {.name = "a certificate's algorithm",
     .algorithm = "ssh-ed25519-cert-v01@openssh.com",
     .taken = with_cert},
    {.name = "an algorithm that is not taken", .taken = rsa_alone},
    {.name = "one that is", .taken = with_cert, .asked = true},
};

static const char * or (const char *a, const char *b)
{
	return a != NULL ? a : b;
}

/* A request that is signed by key A, over what the claim says. */
static void put_claim(struct duo *d, const struct claim *c, struct wire_buf *out)
{
	const char *host = or (c->host, "reef.example"), *user = or (c->host_user, "ned");
	struct auth_signed over = {
	    .session_id = wire_bytes_str(or (c->signed_session, session)),
	    .user = wire_bytes_str(or (c->signed_method_user, "nemo")),
	    .service = wire_bytes_str("ssh-connection"),
	    .algorithm = wire_bytes_str(or (c->algorithm, "ssh-ed25519")),
	    .key = wire_buf_view(&d->blob_a),
	    /* Without a host it would be a publickey request: that is no signature of this. */
	    .host = wire_bytes_str(or (c->signed_host, host)),
	    .host_user = wire_bytes_str(or (c->signed_user, user)),
	};
	struct ssh_userauth_request m = {.user = wire_bytes_str("nemo"),
	                                 .service = wire_bytes_str("ssh-connection"),
	                                 .method = wire_bytes_str("hostbased")};
	struct ssh_auth_hostbased h = {.algorithm = over.algorithm,
	                               .key = over.key,
	                               .host = wire_bytes_str(host),
	                               .host_user = wire_bytes_str(user)};
	struct wire_buf data = {0}, sig = {0};
	auth_signed_put(&data, &over);
	cr_assert_eq(duo_sign(&d->a, &crypt_sig_ed25519, wire_buf_view(&data), &sig), SSH_OK);
	h.signature = wire_buf_view(&sig);
	wire_msg_encode(out, &ssh_userauth_request_shape, &m);
	wire_msg_encode(out, &ssh_auth_hostbased_shape, &h);
	wire_buf_wipe(&data);
	wire_buf_wipe(&sig);
}

static void start(struct duo *d, const struct crypt_sigalg *const *taken)
{
	struct ssh_service_request m = {.name = wire_bytes_str("ssh-userauth")};
	struct wire_buf b = {0};
	duo_init(d);
	d->server_config.methods |= AUTH_HOSTBASED;
	d->server_config.host_sigalgs = taken;
	cr_assert_eq(duo_start(d), SSH_OK);
	wire_msg_encode(&b, &ssh_service_request_shape, &m);
	cr_assert_eq(auth_server_recv(&d->s, wire_buf_view(&b)), SSH_OK);
	auth_server_sent(&d->s);
	wire_buf_wipe(&b);
}

Test(hostbased, claims)
{
	for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
		struct auth_server_event ev;
		struct wire_buf b = {0};
		struct duo d;
		start(&d, claims[i].taken);
		put_claim(&d, &claims[i], &b);
		cr_assert_eq(auth_server_recv(&d.s, wire_buf_view(&b)), SSH_OK, "%s",
		             claims[i].name);
		bool asked = auth_server_next(&d.s, &ev) && ev.type == AUTH_ASK_HOST;
		cr_expect_eq(asked, claims[i].asked, "%s", claims[i].name);
		if (!asked)
			cr_expect_eq(auth_server_out(&d.s).ptr[0], SSH_MSG_USERAUTH_FAILURE, "%s",
			             claims[i].name);
		wire_buf_wipe(&b);
		duo_wipe(&d);
	}
}

/* Cut anywhere, it is no request. */
Test(hostbased, cut)
{
	struct wire_buf b = {0};
	struct duo d;
	start(&d, NULL);
	put_claim(&d, &claims[0], &b);
	duo_wipe(&d);
	for (size_t n = 1; n <= wire_buf_len(&b); n++) {
		start(&d, NULL);
		enum ssh_err e = auth_server_recv(&d.s, wire_bytes(wire_buf_view(&b).ptr, n));
		cr_assert_eq(e, n == wire_buf_len(&b) ? SSH_OK : SSH_ERR_TRUNCATED, "%zu: %s", n,
		             ssh_err_name(e));
		duo_wipe(&d);
	}
	wire_buf_wipe(&b);
}

Test(hostbased, client_needs_a_key_and_a_name)
{
	struct duo d;
	struct auth_client_event ev;
	duo_init(&d);
	cr_assert_eq(duo_start(&d), SSH_OK);
	struct auth_client_host h = {.key = wire_buf_view(&d.blob_a), .sigalg = &crypt_sig_ed25519};
	h.host = wire_bytes_str("reef.example");
	cr_expect_eq(auth_client_hostbased(&d.c, &h), SSH_ERR_STATE, "not asked");
	duo_run(&d);
	h.host = wire_bytes(NULL, 0);
	cr_expect_eq(auth_client_hostbased(&d.c, &h), SSH_ERR_ARGUMENT);
	h.host = wire_bytes_str("reef.example");
	h.sigalg = NULL;
	cr_expect_eq(auth_client_hostbased(&d.c, &h), SSH_ERR_ARGUMENT);
	h.sigalg = &crypt_sig_ed25519;
	cr_expect_eq(auth_client_hostbased(&d.c, &h), SSH_OK);
	cr_expect(auth_client_next(&d.c, &ev) && ev.type == AUTH_ASK_SIGN);
	duo_wipe(&d);
}

Test(hostbased, every_allocation_may_fail)
{
	bool failed = true;
	for (size_t n = 1; failed; n++) {
		struct duo d;
		duo_init(&d);
		d.server_config.methods |= AUTH_HOSTBASED;
		d.script = "Hh";
		wire_buf_room(&d.line, 4096); /* the test's own */
		alloc_start();
		alloc_fail_at(n);
		if (duo_start(&d) == 0)
			duo_run(&d);
		failed = alloc_failed();
		cr_expect(failed || d.s.state == AUTH_SERVER_DONE);
		cr_expect(!failed || d.s.state != AUTH_SERVER_DONE ||
		          d.c.state == AUTH_CLIENT_DEAD || d.c.state == AUTH_CLIENT_DONE);
		auth_client_wipe(&d.c);
		auth_server_wipe(&d.s);
		alloc_stop();
		duo_wipe(&d);
	}
}
