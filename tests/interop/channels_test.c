/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <signal.h>

#include "tests/interop/sessions.h"
#include "tests/support/peer.h"

/* Ten sessions on one connection, at once, each with data of its own. */

#define SESSIONS 10

static void start(struct peer_server *s)
{
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(s);
}

/* Through ssh's master connection. */
Test(channels, ten_openssh_to_nacre, .fini = peer_end)
{
	struct peer_server s = {.kind = PEER_NACRE};
	struct process master = {0}, check = {0}, p[SESSIONS] = {0};
	const char *path = peer_path("control");
	start(&s);
	peer_client_with_key(&master, PEER_OPENSSH, &s);
	master.log = peer_path("master_log");
	words_add(&master.argv, "-M", "-N", "-S", path, s.address, NULL);
	process_start(&master);
	words_add(&check.argv, "sh", "-c", peer_text("until test -S %s; do sleep 0.02; done", path),
	          NULL);
	process_start(&check);
	process_wait(&check);
	process_wipe(&check);
	for (int i = 0; i < SESSIONS; i++) {
		p[i].pattern = 2 << 20;
		p[i].seed = (uint64_t)i;
		words_add(&p[i].argv, peer_program("ssh"), "-F", "none", "-S", path, "-o",
		          "ControlMaster=no", "-o", "ProxyCommand=false", s.address,
		          peer_text("cat; exit %d", i), NULL);
		process_start(&p[i]);
	}
	process_wait_all(p, SESSIONS);
	for (int i = 0; i < SESSIONS; i++) {
		cr_assert(p[i].status == i && p[i].got == p[i].pattern, "%d: got %llu %s\n%s\n%s",
		          i, (unsigned long long)p[i].got, peer_outcome(&p[i]),
		          peer_read(master.log), peer_server_log(&s));
		process_wipe(&p[i]);
	}
	process_stop(&master);
	process_wipe(&master);
	peer_server_stop(&s);
}

/* Through the engine, which is one object for all of them. */
static void ten(enum peer server)
{
	struct peer_server s = {.kind = server};
	struct sessions all = {.count = SESSIONS, .bytes = 2 << 20};
	start(&s);
	all.address = s.address;
	all.port = s.port;
	all.user = peer_user();
	all.key_file = peer_key("user", "ed25519");
	all.host_key_file = s.host_keys.word[0];
	sessions_run(&all);
	for (size_t i = 0; i < SESSIONS; i++) {
		const struct session *one = &all.session[i];
		cr_assert(one->closed && one->got == all.bytes && one->status == i,
		          "session %zu: %llu bytes, status %u\n%s", i, (unsigned long long)one->got,
		          one->status, peer_server_log(&s));
	}
	sessions_wipe(&all);
	peer_server_stop(&s);
}

Test(channels, ten_nacre_to_openssh, .fini = peer_end)
{
	ten(PEER_OPENSSH);
}

Test(channels, ten_nacre_to_nacre, .fini = peer_end)
{
	ten(PEER_NACRE);
}
