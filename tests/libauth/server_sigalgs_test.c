/* SPDX-License-Identifier: MIT */
#include "tests/libauth/duo.h"

#include "libwire/msg.h"

#include <criterion/criterion.h>

/* Which signatures a user's keys may make, told to the engine when the user is known. */

static const struct crypt_sigalg *const both[] = {&crypt_sig_ed25519, &crypt_sig_rsa_sha2_512,
                                                  NULL};
static const struct crypt_sigalg *const rsa[] = {&crypt_sig_rsa_sha2_512, NULL};
static const struct crypt_sigalg *const none[] = {NULL};

static void start(struct duo *d)
{
	struct ssh_service_request m = {.name = wire_bytes_str("ssh-userauth")};
	struct wire_buf b = {0};
	duo_init(d);
	d->server_config.sigalgs = both;
	d->server_config.methods |= AUTH_NONE;
	cr_assert_eq(duo_start(d), SSH_OK);
	wire_msg_encode(&b, &ssh_service_request_shape, &m);
	cr_assert_eq(auth_server_recv(&d->s, wire_buf_view(&b)), SSH_OK);
	auth_server_sent(&d->s);
	wire_buf_wipe(&b);
}

/* A request of this user's: none, or a query about key A. Returns the question, or 0. */
static enum auth_event_type ask(struct duo *d, const char *user, bool query)
{
	struct ssh_userauth_request m = {.user = wire_bytes_str(user),
	                                 .service = wire_bytes_str("ssh-connection"),
	                                 .method = wire_bytes_str(query ? "publickey" : "none")};
	struct ssh_auth_publickey k = {.algorithm = wire_bytes_str("ssh-ed25519"),
	                               .key = wire_buf_view(&d->blob_a)};
	struct auth_server_event ev;
	struct wire_buf b = {0};
	wire_msg_encode(&b, &ssh_userauth_request_shape, &m);
	if (query)
		wire_msg_encode(&b, &ssh_auth_publickey_shape, &k);
	cr_assert_eq(auth_server_recv(&d->s, wire_buf_view(&b)), SSH_OK);
	wire_buf_wipe(&b);
	return auth_server_next(&d->s, &ev) ? ev.type : (enum auth_event_type)0;
}

/* The number of the reply, which is taken. */
static uint8_t answer(struct duo *d, enum auth_verdict verdict)
{
	(void)auth_server_answer(&d->s, verdict);
	uint8_t number = auth_server_out(&d->s).len == 0 ? 0 : auth_server_out(&d->s).ptr[0];
	auth_server_sent(&d->s);
	return number;
}

Test(server_sigalgs, of_a_user_who_was_named_by_none)
{
	struct duo d;
	start(&d);
	cr_assert_eq(ask(&d, "nemo", false), AUTH_ASK_NONE);
	auth_server_set_sigalgs(&d.s, rsa);
	cr_expect_eq(answer(&d, AUTH_REJECT), SSH_MSG_USERAUTH_FAILURE);
	cr_expect_neq(ask(&d, "nemo", true), AUTH_ASK_KEY, "not asked about");
	cr_expect_eq(answer(&d, AUTH_ACCEPT), SSH_MSG_USERAUTH_FAILURE);
	/* Another user has what the configuration says. */
	cr_expect_eq(ask(&d, "ned", true), AUTH_ASK_KEY);
	cr_expect_eq(answer(&d, AUTH_ACCEPT), SSH_MSG_USERAUTH_PK_OK);
	duo_wipe(&d);
}

Test(server_sigalgs, while_a_key_is_asked_about)
{
	static const struct crypt_sigalg *const *const lists[] = {none, rsa, both};
	for (size_t i = 0; i < 3; i++) {
		struct duo d;
		start(&d);
		cr_assert_eq(ask(&d, "nemo", true), AUTH_ASK_KEY);
		auth_server_set_sigalgs(&d.s, lists[i]);
		cr_expect_eq(answer(&d, AUTH_ACCEPT),
		             i == 2 ? SSH_MSG_USERAUTH_PK_OK : SSH_MSG_USERAUTH_FAILURE, "list %zu",
		             i);
		duo_wipe(&d);
	}
}

/* Nobody is named by an empty name, and nothing is looked up for nobody. */
Test(server_sigalgs, of_nobody)
{
	struct duo d;
	start(&d);
	cr_expect_neq(ask(&d, "", true), AUTH_ASK_KEY);
	cr_expect_eq(answer(&d, AUTH_ACCEPT), SSH_MSG_USERAUTH_FAILURE);
	duo_wipe(&d);
}
