/* SPDX-License-Identifier: MIT */
#include "tests/libauth/duo.h"
#include "tests/support/vectors.h"

#include "libwire/msg.h"

#include <criterion/criterion.h>

/* What a server does with input that is wrong. */

#define REQUEST       "USERAUTH_REQUEST user=\"nemo\" service=\"ssh-connection\" "
#define AS(name)      "USERAUTH_REQUEST user=\"" name "\" service=\"ssh-connection\" "
#define WITH_PASSWORD "method=\"password\" change=false password=\"nautilus\""
#define ED25519_BLOB  "\\x00\\x00\\x00\\x0bssh-ed25519\\x00\\x00\\x00\\x20"
#define POINT         "0123456789abcdef0123456789abcdef"
#define KEY(alg, blob)                                                                             \
	"method=\"publickey\" has_signature=false algorithm=\"" alg "\" key=\"" blob "\""

enum outcome {
	DIES,    /* of err */
	FAILURE, /* USERAUTH_FAILURE without a question */
	ASKS
};

static const struct {
	const char *name;
	const char *line;  /* behind a good SERVICE_REQUEST */
	const char *extra; /* bytes behind it, hexadecimal */
	enum outcome outcome;
	enum ssh_err err;
} rows[] = {
    {"good", REQUEST WITH_PASSWORD, "", ASKS, 0},
    {"good query", REQUEST KEY("ssh-ed25519", ED25519_BLOB POINT), "", ASKS, 0},
    /* Order and service */
    {"connection asked for as a service", "SERVICE_REQUEST name=\"ssh-connection\"", "", DIES,
     SSH_ERR_UNEXPECTED},
    {"unknown service", "USERAUTH_REQUEST user=\"nemo\" service=\"x\" " WITH_PASSWORD, "", DIES,
     SSH_ERR_SERVICE},
    {"empty service", "USERAUTH_REQUEST user=\"nemo\" service=\"\" " WITH_PASSWORD, "", DIES,
     SSH_ERR_SERVICE},
    {"success from a client", "USERAUTH_SUCCESS", "", DIES, SSH_ERR_UNEXPECTED},
    {"failure from a client", "USERAUTH_FAILURE methods=\"\" partial=false", "", DIES,
     SSH_ERR_UNEXPECTED},
    {"pk_ok from a client", "USERAUTH_PK_OK algorithm=\"a\" key=\"k\"", "", DIES,
     SSH_ERR_UNEXPECTED},
    {"response that nobody asked for", "USERAUTH_INFO_RESPONSE count=0", "", DIES,
     SSH_ERR_UNEXPECTED},
    {"channel before success", "CHANNEL_OPEN type=\"session\" sender=0 window=1 maxpacket=1", "",
     DIES, SSH_ERR_UNEXPECTED},
    /* Users */
    {"empty user", AS("") WITH_PASSWORD, "", FAILURE, 0},
    {"user with NUL", AS("ne\\x00mo") WITH_PASSWORD, "", FAILURE, 0},
    {"user with slashes is the owner's business", AS("../x") WITH_PASSWORD, "", ASKS, 0},
    {"user with a minus is the owner's business", AS("-x") WITH_PASSWORD, "", ASKS, 0},
    {"user that is no UTF-8 is the owner's business", AS("\\xff\\xfe") WITH_PASSWORD, "", ASKS, 0},
    /* Methods */
    {"empty method", REQUEST "method=\"\"", "", FAILURE, 0},
    {"method with NUL", REQUEST "method=\"\\x00\"", "", FAILURE, 0},
    {"unknown method", REQUEST "method=\"gssapi-with-mic\"", "ffffffff", FAILURE, 0},
    {"none", REQUEST "method=\"none\"", "", FAILURE, 0},
    {"none and more", REQUEST "method=\"none\"", "00", DIES, SSH_ERR_TRAILING},
    {"password and more", REQUEST WITH_PASSWORD, "00", DIES, SSH_ERR_TRAILING},
    {"the same for a user that cannot be", AS("") WITH_PASSWORD, "00", DIES, SSH_ERR_TRAILING},
    {"empty password", REQUEST "method=\"password\" change=false password=\"\"", "", FAILURE, 0},
    {"password with NUL", REQUEST "method=\"password\" change=false password=\"a\\x00\"", "",
     FAILURE, 0},
    {"change that nobody wanted",
     REQUEST "method=\"password\" change=true password=\"a\" new_password=\"b\"", "", FAILURE, 0},
    {"change without new password", REQUEST "method=\"password\" change=false password=\"a\"",
     "00000000", DIES, SSH_ERR_TRAILING},
    /* Keys */
    {"query with a signature", REQUEST KEY("ssh-ed25519", ED25519_BLOB POINT), "0000000173", DIES,
     SSH_ERR_TRAILING},
    {"algorithm of another key type", REQUEST KEY("rsa-sha2-512", ED25519_BLOB POINT), "", FAILURE,
     0},
    {"nistp256 with an Ed25519 key", REQUEST KEY("ecdsa-sha2-nistp256", ED25519_BLOB POINT), "",
     FAILURE, 0},
    {"unknown algorithm", REQUEST KEY("ssh-what", ED25519_BLOB POINT), "", FAILURE, 0},
    {"SHA-1 is not on", REQUEST KEY("ssh-rsa", "\\x00\\x00\\x00\\x07ssh-rsa"), "", FAILURE, 0},
    {"empty key", REQUEST KEY("ssh-ed25519", ""), "", FAILURE, 0},
    {"cut key", REQUEST KEY("ssh-ed25519", ED25519_BLOB "0123"), "", FAILURE, 0},
    {"key and more", REQUEST KEY("ssh-ed25519", ED25519_BLOB POINT "x"), "", FAILURE, 0},
    {"signature that is none",
     REQUEST
     "method=\"publickey\" has_signature=true algorithm=\"ssh-ed25519\" key=\"" ED25519_BLOB POINT
     "\" signature=\"x\"",
     "", FAILURE, 0},
    {"empty signature",
     REQUEST
     "method=\"publickey\" has_signature=true algorithm=\"ssh-ed25519\" key=\"" ED25519_BLOB POINT
     "\" signature=\"\"",
     "", FAILURE, 0},
};

static enum ssh_err give(struct auth_server *s, const char *line, const char *extra)
{
	struct wire_buf b = {0};
	enum ssh_err e;

	cr_assert_eq(wire_msg_parse(&b, wire_msg_all, wire_bytes_str(line)), SSH_OK, "%s", line);
	unhex(&b, extra);
	e = auth_server_recv(s, wire_buf_view(&b));
	wire_buf_wipe(&b);
	return e;
}

static void start(struct duo *d)
{
	duo_init(d);
	cr_assert_eq(duo_start(d), SSH_OK);
	cr_assert_eq(give(&d->s, "SERVICE_REQUEST name=\"ssh-userauth\"", ""), SSH_OK);
	auth_server_sent(&d->s);
}

static bool failure_is_out(const struct auth_server *s)
{
	ssh_bytes out = auth_server_out(s);

	return out.len != 0 && out.ptr[0] == SSH_MSG_USERAUTH_FAILURE;
}

Test(bad_server, rows)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct auth_server_event ev;
		struct duo d;
		enum ssh_err e;

		start(&d);
		e = give(&d.s, rows[i].line, rows[i].extra);
		cr_expect_eq(e, rows[i].err, "%s: %s", rows[i].name, ssh_err_name(e));
		cr_expect_eq(failure_is_out(&d.s), rows[i].outcome == FAILURE, "%s", rows[i].name);
		cr_expect_eq(auth_server_next(&d.s, &ev), rows[i].outcome != FAILURE, "%s",
		             rows[i].name);
		if (rows[i].outcome == DIES)
			cr_expect(ev.type == AUTH_EVENT_ERROR && ev.err == rows[i].err, "%s",
			          rows[i].name);
		duo_wipe(&d);
	}
}

/* Every message cut at every byte is an error, never a question. */
Test(bad_server, cut)
{
	static const char *const lines[] = {REQUEST "method=\"none\"", REQUEST WITH_PASSWORD,
	                                    REQUEST KEY("ssh-ed25519", ED25519_BLOB POINT)};

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct wire_buf b = {0};

		cr_assert_eq(wire_msg_parse(&b, wire_msg_all, wire_bytes_str(lines[i])), SSH_OK);
		for (size_t n = 0; n < wire_buf_len(&b); n++) {
			struct duo d;

			start(&d);
			cr_expect_eq(auth_server_recv(&d.s, wire_bytes(wire_buf_view(&b).ptr, n)),
			             SSH_ERR_TRUNCATED, "%s at %zu", lines[i], n);
			duo_wipe(&d);
		}
		wire_buf_wipe(&b);
	}
}

static const struct {
	const char *line;
	enum ssh_err err;
} openings[] = {
    {"SERVICE_REQUEST name=\"ssh-connection\"", SSH_ERR_SERVICE},
    {"SERVICE_REQUEST name=\"\"", SSH_ERR_SERVICE},
    {"SERVICE_REQUEST name=\"ssh-userauth\\x00\"", SSH_ERR_SERVICE},
    {"SERVICE_ACCEPT name=\"ssh-userauth\"", SSH_ERR_UNEXPECTED},
    {REQUEST WITH_PASSWORD, SSH_ERR_UNEXPECTED},
    {"USERAUTH_SUCCESS", SSH_ERR_UNEXPECTED},
};

Test(bad_server, openings)
{
	for (size_t i = 0; i < sizeof openings / sizeof openings[0]; i++) {
		struct duo d;

		duo_init(&d);
		cr_assert_eq(duo_start(&d), SSH_OK);
		cr_expect_eq(give(&d.s, openings[i].line, ""), openings[i].err, "%s",
		             openings[i].line);
		duo_wipe(&d);
	}
}

/* Names and passwords of 64 KiB cost nothing but a FAILURE. */
Test(bad_server, long_strings)
{
	static char a[65537];
	struct ssh_userauth_request m;
	struct ssh_auth_password p;
	ssh_bytes many = wire_bytes(a, sizeof a - 1);

	memset(a, 'a', sizeof a - 1);
	for (int field = 0; field < 3; field++) {
		struct wire_buf b = {0};
		struct duo d;

		m.user = field == 0 ? many : wire_bytes_str("nemo");
		m.service = wire_bytes_str("ssh-connection");
		m.method = field == 1 ? many : wire_bytes_str("password");
		m.rest = wire_bytes(NULL, 0);
		p.change = false;
		p.password = field == 2 ? many : wire_bytes_str("nautilus");
		wire_msg_encode(&b, &ssh_userauth_request_shape, &m);
		wire_msg_encode(&b, &ssh_auth_password_shape, &p);
		start(&d);
		cr_expect_eq(auth_server_recv(&d.s, wire_buf_view(&b)), SSH_OK, "%d", field);
		cr_expect(failure_is_out(&d.s), "%d", field);
		duo_wipe(&d);
		wire_buf_wipe(&b);
	}
}

/* --- Signatures over something else --- */

struct forged {
	const char *name;
	const char *session, *user, *service, *algorithm;
	bool good;
};

static const struct forged forgeries[] = {
    {"good", "0123456789abcdef0123456789abcdef", "nemo", "ssh-connection", "ssh-ed25519", true},
    {"session", "0123456789abcdef0123456789abcdeF", "nemo", "ssh-connection", "ssh-ed25519", false},
    {"user", "0123456789abcdef0123456789abcdef", "ned", "ssh-connection", "ssh-ed25519", false},
    {"service", "0123456789abcdef0123456789abcdef", "nemo", "ssh-userauth", "ssh-ed25519", false},
    {"algorithm", "0123456789abcdef0123456789abcdef", "nemo", "ssh-connection", "ssh-rsa", false},
};

static void send_signed(struct duo *d, const struct forged *f, bool flip_flag)
{
	struct auth_signed over = {.session_id = wire_bytes_str(f->session),
	                           .user = wire_bytes_str(f->user),
	                           .service = wire_bytes_str(f->service),
	                           .algorithm = wire_bytes_str(f->algorithm),
	                           .key = wire_buf_view(&d->blob_a)};
	struct ssh_userauth_request m = {.user = wire_bytes_str("nemo"),
	                                 .service = wire_bytes_str("ssh-connection"),
	                                 .method = wire_bytes_str("publickey")};
	struct ssh_auth_publickey k = {.has_signature = true,
	                               .algorithm = wire_bytes_str("ssh-ed25519"),
	                               .key = wire_buf_view(&d->blob_a)};
	struct wire_buf data = {0}, sig = {0}, b = {0};

	auth_signed_put(&data, &over);
	if (flip_flag) /* it stands behind session, number, user, service and method */
		data.mem[4 + 32 + 1 + 4 + 4 + 4 + 14 + 4 + 9] = 0;
	cr_assert_eq(duo_sign(&d->a, &crypt_sig_ed25519, wire_buf_view(&data), &sig), SSH_OK);
	k.signature = wire_buf_view(&sig);
	wire_msg_encode(&b, &ssh_userauth_request_shape, &m);
	wire_msg_encode(&b, &ssh_auth_publickey_shape, &k);
	cr_expect_eq(auth_server_recv(&d->s, wire_buf_view(&b)), SSH_OK, "%s", f->name);
	wire_buf_wipe(&data);
	wire_buf_wipe(&sig);
	wire_buf_wipe(&b);
}

Test(bad_server, forged_signatures)
{
	for (size_t i = 0; i <= sizeof forgeries / sizeof forgeries[0]; i++) {
		bool flip = i == sizeof forgeries / sizeof forgeries[0];
		const struct forged *f = &forgeries[flip ? 0 : i];
		struct auth_server_event ev;
		struct duo d;

		start(&d);
		send_signed(&d, f, flip);
		cr_expect_eq(failure_is_out(&d.s), flip || !f->good, "%s", f->name);
		cr_expect_eq(auth_server_next(&d.s, &ev), !flip && f->good, "%s", f->name);
		duo_wipe(&d);
	}
}

/* --- Rights --- */

/* Ask about A, ask about B, sign with A: the rights are those of A. */
Test(bad_server, rights_are_of_the_key_that_signed)
{
	struct auth_server_event ev;
	struct wire_buf line = {0};
	struct duo d;
	const struct wire_buf *asked[] = {&d.blob_a, &d.blob_b};

	start(&d);
	for (int i = 0; i < 2; i++) {
		struct ssh_userauth_request m = {.user = wire_bytes_str("nemo"),
		                                 .service = wire_bytes_str("ssh-connection"),
		                                 .method = wire_bytes_str("publickey")};
		struct ssh_auth_publickey k = {.algorithm = wire_bytes_str("ssh-ed25519"),
		                               .key = wire_buf_view(asked[i])};

		wire_buf_reset(&line);
		wire_msg_encode(&line, &ssh_userauth_request_shape, &m);
		wire_msg_encode(&line, &ssh_auth_publickey_shape, &k);
		cr_assert_eq(auth_server_recv(&d.s, wire_buf_view(&line)), SSH_OK);
		cr_assert(auth_server_next(&d.s, &ev) && !ev.is_signed);
		cr_assert_eq(auth_server_answer(&d.s, AUTH_ACCEPT), SSH_OK);
		cr_assert_eq(auth_server_out(&d.s).ptr[0], SSH_MSG_USERAUTH_PK_OK);
		auth_server_sent(&d.s);
	}
	send_signed(&d, &forgeries[0], false);
	cr_assert(auth_server_next(&d.s, &ev) && ev.is_signed);
	cr_assert_eq(auth_server_answer(&d.s, AUTH_ACCEPT), SSH_OK);
	cr_assert(auth_server_next(&d.s, &ev) && ev.type == AUTH_EVENT_SUCCESS);
	cr_expect(wire_bytes_equal(ev.key, wire_buf_view(&d.blob_a)));
	cr_expect(wire_bytes_is(ev.user, "nemo"));
	wire_buf_wipe(&line);
	duo_wipe(&d);
}

/* What nemo achieved is nothing to ned, nor to nemo when he comes again. */
Test(bad_server, another_user_begins_anew)
{
	static const char *const users[] = {"nemo", "ned", "nemo"};
	struct auth_server_event ev;
	struct duo d;

	start(&d);
	d.s.config.chains = wire_bytes_str("password,publickey");
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(
		    give(&d.s, i == 1 ? AS("ned") "method=\"none\"" : AS("nemo") WITH_PASSWORD, ""),
		    SSH_OK);
		if (i != 1) {
			cr_assert(auth_server_next(&d.s, &ev) && wire_bytes_is(ev.user, users[i]));
			cr_assert_eq(d.s.succeeded, 0);
			cr_assert_eq(auth_server_answer(&d.s, AUTH_ACCEPT), SSH_OK);
			cr_assert_eq(d.s.succeeded, AUTH_PASSWORD);
		}
		cr_assert(failure_is_out(&d.s));
		auth_server_sent(&d.s);
	}
	duo_wipe(&d);
}

/* --- RSA --- */

Test(bad_server, small_rsa_keys)
{
	struct ssh_userauth_request m = {.user = wire_bytes_str("nemo"),
	                                 .service = wire_bytes_str("ssh-connection"),
	                                 .method = wire_bytes_str("publickey")};
	struct ssh_auth_publickey q = {.algorithm = wire_bytes_str("rsa-sha2-256")};
	struct wire_buf text = vector_file("openssh/rsa_1.pub"), blob = {0}, b = {0};
	struct auth_publine l;

	cr_assert_eq(auth_publine_parse(&l, wire_buf_view(&text)), SSH_OK);
	cr_assert_eq(auth_publine_blob(&l, &blob), SSH_OK);
	q.key = wire_buf_view(&blob);
	wire_msg_encode(&b, &ssh_userauth_request_shape, &m);
	wire_msg_encode(&b, &ssh_auth_publickey_shape, &q);
	for (size_t bits = 1024; bits <= 1025; bits++) {
		struct auth_server_event ev;
		struct duo d;

		start(&d);
		d.s.config.rsa_min_bits = bits;
		cr_assert_eq(auth_server_recv(&d.s, wire_buf_view(&b)), SSH_OK);
		cr_expect_eq(auth_server_next(&d.s, &ev), bits == 1024);
		cr_expect_eq(failure_is_out(&d.s), bits != 1024);
		duo_wipe(&d);
	}
	wire_buf_wipe(&text);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&b);
}

/* --- After success --- */

Test(bad_server, late_requests_are_ignored)
{
	struct auth_server_event ev;
	struct duo d;

	duo_init(&d);
	d.script = "p";
	cr_assert_eq(duo_start(&d), SSH_OK);
	duo_run(&d);
	for (int i = 0; i < 1000; i++) {
		cr_assert_eq(
		    give(&d.s, i % 2 ? REQUEST WITH_PASSWORD : "USERAUTH_REQUEST raw=ff", ""),
		    SSH_OK);
		cr_assert(!auth_server_next(&d.s, &ev));
		cr_assert_eq(auth_server_out(&d.s).len, 0);
	}
	cr_expect_eq(give(&d.s, "USERAUTH_SUCCESS", ""), SSH_ERR_UNEXPECTED);
	duo_wipe(&d);
}

/* Requests that come together are answered one by one, in order. */
Test(bad_server, pipelined_requests_wait)
{
	struct auth_server_event ev;
	struct duo d;

	start(&d);
	cr_assert_eq(give(&d.s, REQUEST WITH_PASSWORD, ""), SSH_OK);
	cr_expect_eq(give(&d.s, REQUEST WITH_PASSWORD, ""), SSH_ERR_AGAIN);
	cr_assert(auth_server_next(&d.s, &ev));
	cr_expect_eq(give(&d.s, REQUEST WITH_PASSWORD, ""), SSH_ERR_AGAIN);
	cr_assert_eq(auth_server_answer(&d.s, AUTH_REJECT), SSH_OK);
	cr_expect_eq(give(&d.s, REQUEST WITH_PASSWORD, ""), SSH_ERR_AGAIN);
	auth_server_sent(&d.s);
	cr_expect_eq(give(&d.s, REQUEST WITH_PASSWORD, ""), SSH_OK);
	cr_expect_eq(d.s.requests, 2);
	duo_wipe(&d);
}

/* paramiko asks for the service before each attempt; each asking counts as a request. */
Test(bad_server, service_requests_repeat_but_not_for_ever)
{
	static const char line[] = "SERVICE_REQUEST name=\"ssh-userauth\"";
	struct duo d;

	start(&d);
	for (uint32_t i = 0; i < AUTH_REQUESTS_MAX; i++) {
		cr_assert_eq(give(&d.s, line, ""), SSH_OK, "number %u", i);
		cr_assert_eq(auth_server_out(&d.s).ptr[0], SSH_MSG_SERVICE_ACCEPT);
		auth_server_sent(&d.s);
	}
	cr_expect_eq(give(&d.s, line, ""), SSH_ERR_AUTH_TRIES);
	duo_wipe(&d);
}
