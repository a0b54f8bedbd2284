/* SPDX-License-Identifier: MIT */
#include "tests/libauth/duo.h"
#include "tests/support/alloc.h"

#include "libwire/msg.h"

#include <criterion/criterion.h>

/* What a client does with input that is wrong. */

static enum ssh_err give(struct auth_client *c, const char *line)
{
	struct wire_buf b = {0};
	enum ssh_err e;

	cr_assert_eq(wire_msg_parse(&b, wire_msg_all, wire_bytes_str(line)), SSH_OK, "%s", line);
	e = auth_client_recv(c, wire_buf_view(&b));
	wire_buf_wipe(&b);
	return e;
}

/* A client whose script has been played, and whose server says no more by itself. */
static void start(struct duo *d, const char *script)
{
	duo_init(d);
	d->script = script;
	cr_assert_eq(duo_start(d), SSH_OK);
	d->s.err = SSH_ERR_STATE;
	auth_client_sent(&d->c);
	if (*script == '-')
		return;
	cr_assert_eq(give(&d->c, "SERVICE_ACCEPT name=\"ssh-userauth\""), SSH_OK);
	duo_run(d);
}

static const struct {
	const char *name;
	const char *script; /* requests before; '-': not even SERVICE_ACCEPT has come */
	const char *line;
	enum ssh_err err;
} rows[] = {
    {"service that nobody asked for", "-", "SERVICE_ACCEPT name=\"ssh-connection\"",
     SSH_ERR_MALFORMED},
    {"success at once", "-", "USERAUTH_SUCCESS", SSH_ERR_UNEXPECTED},
    {"failure at once", "-", "USERAUTH_FAILURE methods=\"password\" partial=false",
     SSH_ERR_UNEXPECTED},
    {"banner at once", "-", "USERAUTH_BANNER text=\"hi\" language=\"\"", SSH_ERR_UNEXPECTED},
    {"service twice", "", "SERVICE_ACCEPT name=\"ssh-userauth\"", SSH_ERR_UNEXPECTED},
    {"service request from a server", "", "SERVICE_REQUEST name=\"ssh-userauth\"",
     SSH_ERR_UNEXPECTED},
    {"success without request", "", "USERAUTH_SUCCESS", SSH_ERR_UNEXPECTED},
    {"failure without request", "", "USERAUTH_FAILURE methods=\"password\" partial=false",
     SSH_ERR_UNEXPECTED},
    {"request from a server", "n",
     "USERAUTH_REQUEST user=\"u\" service=\"ssh-connection\" method=\"none\"", SSH_ERR_UNEXPECTED},
    {"pk_ok for none", "n", "USERAUTH_PK_OK algorithm=\"a\" key=\"k\"", SSH_ERR_UNEXPECTED},
    {"pk_ok for nothing", "", "USERAUTH_PK_OK algorithm=\"a\" key=\"k\"", SSH_ERR_UNEXPECTED},
    {"pk_ok for another key", "a", "USERAUTH_PK_OK algorithm=\"ssh-ed25519\" key=\"k\"",
     SSH_ERR_MALFORMED},
    {"pk_ok behind a signature", "A", "USERAUTH_PK_OK algorithm=\"ssh-ed25519\" key=\"k\"",
     SSH_ERR_UNEXPECTED},
    {"success for a query", "a", "USERAUTH_SUCCESS", SSH_ERR_UNEXPECTED},
    {"change behind none", "n", "USERAUTH_PASSWD_CHANGEREQ prompt=\"\" language=\"\"",
     SSH_ERR_UNEXPECTED},
    {"change cut", "p", "USERAUTH_PASSWD_CHANGEREQ raw=000000", SSH_ERR_TRUNCATED},
    {"info request behind a password", "p", "USERAUTH_INFO_REQUEST name=\"n\" count=0",
     SSH_ERR_TRAILING},
    {"success and more", "p", "USERAUTH_SUCCESS raw=00", SSH_ERR_TRAILING},
    {"failure cut", "p", "USERAUTH_FAILURE raw=00000000", SSH_ERR_TRUNCATED},
    {"failure with a list that is none", "p", "USERAUTH_FAILURE methods=\"a b\" partial=false",
     SSH_ERR_NAME_LIST},
    {"channel before success", "p", "CHANNEL_OPEN type=\"session\" sender=0 window=1 maxpacket=1",
     SSH_ERR_UNEXPECTED},
    {"global request before success", "p", "GLOBAL_REQUEST raw=", SSH_ERR_UNEXPECTED},
};

Test(bad_client, rows)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct auth_client_event ev;
		struct duo d;
		enum ssh_err e;

		start(&d, rows[i].script);
		auth_client_sent(&d.c);
		e = give(&d.c, rows[i].line);
		cr_expect_eq(e, rows[i].err, "%s: %s", rows[i].name, ssh_err_name(e));
		cr_expect_eq(auth_client_out(&d.c).len, 0, "%s: nothing is sent", rows[i].name);
		cr_expect(auth_client_next(&d.c, &ev) && ev.type == AUTH_EVENT_ERROR &&
		              ev.err == rows[i].err,
		          "%s", rows[i].name);
		duo_wipe(&d);
	}
}

Test(bad_client, success_twice)
{
	struct auth_client_event ev;
	struct duo d;

	start(&d, "n");
	cr_assert_eq(give(&d.c, "USERAUTH_SUCCESS"), SSH_OK);
	cr_assert(auth_client_next(&d.c, &ev) && ev.type == AUTH_EVENT_SUCCESS);
	cr_expect_eq(ev.method, AUTH_NONE, "who wanted a key to be used can see that none was");
	cr_expect_eq(give(&d.c, "USERAUTH_SUCCESS"), SSH_ERR_UNEXPECTED);
	duo_wipe(&d);
}

/* The right key under another algorithm is not what was asked about. */
Test(bad_client, pk_ok_with_another_algorithm)
{
	struct ssh_userauth_pk_ok m = {.algorithm = wire_bytes_str("rsa-sha2-512")};
	struct wire_buf b = {0};
	struct duo d;

	start(&d, "a");
	m.key = wire_buf_view(&d.blob_a);
	wire_msg_encode(&b, &ssh_userauth_pk_ok_shape, &m);
	cr_expect_eq(auth_client_recv(&d.c, wire_buf_view(&b)), SSH_ERR_MALFORMED);
	wire_buf_wipe(&b);
	duo_wipe(&d);
}

/* An agent that signs with what it likes is not believed; the question stays. */
Test(bad_client, signature_of_another_algorithm)
{
	struct auth_client_event ev;
	struct wire_buf sig = {0};
	struct duo d;

	start(&d, "");
	cr_assert_eq(
	    auth_client_publickey_signed(&d.c, wire_buf_view(&d.blob_a), &crypt_sig_ed25519),
	    SSH_OK);
	auth_client_sent(&d.c);
	cr_assert(auth_client_next(&d.c, &ev) && ev.type == AUTH_ASK_SIGN);
	wire_put_str(&sig, "ssh-rsa");
	wire_put_str(&sig, "x");
	cr_expect_eq(auth_client_answer_sign(&d.c, wire_buf_view(&sig)), SSH_ERR_SIGNATURE);
	cr_expect_eq(auth_client_answer_sign(&d.c, wire_bytes_str("x")), SSH_ERR_SIGNATURE);
	cr_expect_eq(auth_client_out(&d.c).len, 0);
	cr_expect_eq(auth_client_answer_sign(&d.c, wire_bytes(NULL, 0)), SSH_OK);
	cr_expect(auth_client_next(&d.c, &ev) && ev.type == AUTH_ASK_METHOD);
	wire_buf_wipe(&sig);
	duo_wipe(&d);
}

/* The old password goes out once and is nowhere in the engine when a new one is demanded. */
Test(bad_client, old_password_is_not_kept)
{
	struct auth_client_event ev;
	struct duo d;

	alloc_start();
	alloc_watch_wipes(); /* fresh memory is zero then: all of it may be looked at */
	start(&d, "o");
	auth_client_sent(&d.c);
	cr_assert_eq(give(&d.c, "USERAUTH_PASSWD_CHANGEREQ prompt=\"x\" language=\"\""), SSH_OK);
	cr_assert(auth_client_next(&d.c, &ev) && ev.type == AUTH_ASK_NEW_PASSWORD);
	cr_expect_eq(auth_client_out(&d.c).len, 0);
	for (size_t i = 0; i + 3 <= d.c.out.cap; i++)
		cr_assert_neq(memcmp(d.c.out.mem + i, "old", 3), 0);
	duo_wipe(&d);
	alloc_stop();
	cr_expect_eq(alloc_unwiped(), 0);
}

/* A list with names that nobody knows is shown as it is; one that is too long is an error. */
Test(bad_client, lists_of_methods)
{
	struct auth_client_event ev;
	struct wire_buf b = {0};
	struct duo d;
	size_t mark;

	start(&d, "n");
	cr_assert_eq(give(&d.c, "USERAUTH_FAILURE methods=\"none,what@example\" partial=true"), 0);
	cr_assert(auth_client_next(&d.c, &ev) && ev.type == AUTH_ASK_METHOD && ev.partial);
	cr_expect(wire_bytes_is(ev.methods, "none,what@example"));
	duo_wipe(&d);

	start(&d, "n");
	wire_put_u8(&b, SSH_MSG_USERAUTH_FAILURE);
	mark = wire_put_string_begin(&b);
	for (int i = 0; i < 100000; i++)
		wire_put_raw(&b, wire_bytes_str(i == 0 ? "a" : ",a"));
	wire_put_string_end(&b, mark);
	wire_put_bool(&b, false);
	cr_expect_eq(auth_client_recv(&d.c, wire_buf_view(&b)), SSH_ERR_NAME_LIST);
	wire_buf_wipe(&b);
	duo_wipe(&d);
}

/* Banners are cut, counted, and wait for an open question to be answered. */
Test(bad_client, banners)
{
	static char text[256 * 1024];
	struct ssh_userauth_banner m = {.text = wire_bytes(text, sizeof text)};
	struct auth_client_event ev;
	struct wire_buf b = {0};
	struct duo d;
	size_t told = 0;

	memset(text, 'x', sizeof text);
	wire_msg_encode(&b, &ssh_userauth_banner_shape, &m);
	start(&d, "n");
	for (int i = 0; i < 10000; i++) {
		cr_assert_eq(auth_client_recv(&d.c, wire_buf_view(&b)), SSH_OK);
		if (auth_client_next(&d.c, &ev)) {
			cr_assert_eq(ev.text.len, AUTH_BANNER_MAX);
			told++;
		}
	}
	cr_expect_eq(told, AUTH_BANNERS_MAX);
	duo_wipe(&d);

	start(&d, "");
	cr_assert(d.c.asking);
	cr_assert_eq(give(&d.c, "USERAUTH_BANNER text=\"hi\" language=\"\""), SSH_OK);
	cr_expect(!auth_client_next(&d.c, &ev), "silent while a question is open");
	cr_expect_eq(give(&d.c, "USERAUTH_BANNER text=\"ho\" language=\"\""), SSH_ERR_AGAIN);
	cr_assert_eq(auth_client_none(&d.c), SSH_OK);
	cr_expect(auth_client_next(&d.c, &ev) && ev.type == AUTH_EVENT_BANNER);
	cr_expect(wire_bytes_is(ev.text, "hi"));
	cr_expect(auth_client_ready(&d.c));
	wire_buf_wipe(&b);
	duo_wipe(&d);
}
