/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <unistd.h>

#include "tests/support/peer.h"

/* Security keys: OpenSSH's client with a token in software, and Nacre's server. */

#define TOKEN "/usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so"

static const char *make_key(const char *name, const char *type, const char *option)
{
	struct process p = {0};
	const char *path = peer_path(name);
	cr_assert(access(TOKEN, R_OK) == 0, "%s is not there (Debian: openssh-tests)", TOKEN);
	words_add(&p.argv, peer_program("ssh-keygen"), "-q", "-N", "", "-t", type, "-w", TOKEN,
	          "-f", path, NULL);
	if (option != NULL)
		words_add(&p.argv, "-O", option, NULL);
	process_start(&p);
	process_wait(&p);
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	process_wipe(&p);
	return path;
}

static void log_in(struct peer_server *s, const char *key, bool in)
{
	struct process p = {0};
	peer_client(&p, PEER_OPENSSH, s);
	words_add(&p.argv, "-o", "BatchMode=yes", "-o", "SecurityKeyProvider=" TOKEN, "-i", key,
	          NULL);
	peer_run(&p, s, "exit 7", "");
	cr_assert_eq(p.status, in ? 7 : 255, "%s\n%s", peer_outcome(&p), peer_server_log(s));
	process_wipe(&p);
}

static const struct {
	const char *made_with; /* option of ssh-keygen */
	const char *options;   /* of the line in authorized_keys */
	bool in;
} rows[] = {
    {NULL, "", true},
    {NULL, "no-touch-required", true},
    {"no-touch-required", "", false},
    {"no-touch-required", "no-touch-required", true},
    {NULL, "verify-required", false},
};

static void all_rows(const char *type)
{
	struct peer_server s = {.kind = PEER_NACRE};
	peer_server_start(&s);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *key = make_key(peer_text("sk%zu", i), type, rows[i].made_with);
		(void)unlink(peer_path("authorized_keys"));
		peer_authorize(key, rows[i].options);
		log_in(&s, key, rows[i].in);
	}
	peer_server_expect(&s, "nobody has touched the token");
	peer_server_expect(&s, "the token has not verified its user");
	peer_server_stop(&s);
}

Test(sk, ed25519, .fini = peer_end)
{
	all_rows("ed25519-sk");
}

Test(sk, ecdsa, .fini = peer_end)
{
	all_rows("ecdsa-sk");
}
