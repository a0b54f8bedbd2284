/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/interop/keygen_kit.h"

/* RevokedKeys of both servers, by lists of both programs. */

/* May the user log in with this file of revoked keys? */
static void visit(enum peer kind, const char *file, bool welcome, const char *what)
{
	struct peer_server s = {.kind = kind};
	struct process p = {0};
	words_add(&s.options, peer_text("RevokedKeys=%s", file), NULL);
	peer_server_start(&s);
	peer_client_with_key(&p, PEER_OPENSSH, &s);
	peer_run(&p, &s, "true", "");
	cr_expect_eq(p.status == 0, welcome, "%s: %s\n%s", what, peer_outcome(&p),
	             peer_server_log(&s));
	process_wipe(&p);
	peer_server_stop(&s);
}

static void visit_all(enum peer kind)
{
	static const char *const programs[] = {OURS, THEIRS};
	const char *user = peer_key("user", "ed25519"), *other = peer_key("other", "ed25519");
	peer_authorize(user, "");
	for (size_t i = 0; i < 2; i++) {
		const char *list = peer_path(programs[i]);
		must(programs[i], "-q", "-k", "-f", list, peer_text("%s.pub", other), NULL);
		visit(kind, list, true, programs[i]);
		must(programs[i], "-q", "-k", "-u", "-f", list, peer_text("%s.pub", user), NULL);
		visit(kind, list, false, programs[i]);
	}
	visit(kind, peer_text("%s.pub", user), false, "the key's line");
	visit(kind, peer_text("%s.pub", other), true, "another key's line");
	visit(kind, peer_path("none"), false, "no such file");
	visit(kind, peer_write("damaged", "SSHKRL\n"), false, "a damaged list");
}

Test(revoked, nacre, .fini = peer_end)
{
	visit_all(PEER_NACRE);
}

Test(revoked, openssh, .fini = peer_end)
{
	visit_all(PEER_OPENSSH);
}
