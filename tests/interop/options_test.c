/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/peer.h"

/* Options that decide whether there is a connection at all. */

/* --- authorized_keys: where from and how long --- */

/* The peer's address is 127.0.0.1 in all of them. */
static const struct {
	const char *options;
	bool in;
} grants[] = {
    {"from=\"127.0.0.1\"", true},
    {"from=\"127.0.0.0/8\"", true},
    {"from=\"127.0.0.0/31\"", true},
    {"from=\"192.0.2.0/24,127.0.*.1\"", true},
    {"from=\"::/0,127.0.0.?\"", true},
    {"from=\"127.0.0.2\"", false},
    {"from=\"192.0.2.0/24\"", false},
    {"from=\"::1/128\"", false},
    {"from=\"127.0.0.0/8,!127.0.0.1\"", false},
    {"from=\"!127.0.0.0/24,127.0.0.1\"", false},
    {"from=\"!192.0.2.0/24\"", false},
    {"from=\"127.0.0.1/8\"", false},
    {"expiry-time=\"20991231\"", true},
    {"expiry-time=\"209912312359Z\"", true},
    {"expiry-time=\"20200101\"", false},
    {"expiry-time=\"20200101120000Z\"", false},
    {"expiry-time=\"tomorrow\"", false},
    {"expiry-time=\"20991231\",from=\"192.0.2.1\"", false},
    {"from=\"127.0.0.1\",expiry-time=\"20200101\"", false},
    {"from=\"127.0.0.1\",expiry-time=\"20991231\",no-pty", true},
};

static void all_grants(enum peer server)
{
	struct peer_server s = {.kind = server};
	const char *key = peer_key("user", "ed25519");
	peer_server_start(&s);
	for (size_t i = 0; i < sizeof grants / sizeof grants[0]; i++) {
		struct process p = {0};
		(void)unlink(peer_path("authorized_keys"));
		peer_authorize(key, grants[i].options);
		peer_client_with_key(&p, PEER_NACRE, &s);
		peer_run(&p, &s, "exit 7", "");
		cr_expect_eq(p.status, grants[i].in ? 7 : 255, "%s of %s: %s", grants[i].options,
		             peer_name(server), peer_outcome(&p));
		process_wipe(&p);
	}
	if (server == PEER_NACRE) {
		peer_server_expect(&s, "not from this address");
		peer_server_expect(&s, "expired");
	}
	peer_server_stop(&s);
}

Test(options, of_a_key_nacre, .fini = peer_end)
{
	all_grants(PEER_NACRE);
}

/* The same rows are what sshd makes of them. */
Test(options, of_a_key_openssh, .fini = peer_end)
{
	all_grants(PEER_OPENSSH);
}

/* --- Of the same option twice the first counts --- */

static struct words client_words(enum peer client, const struct peer_server *s)
{
	struct words w = {.n = 0};
	words_add(&w, peer_program(client == PEER_NACRE ? "nacre-ssh" : "ssh"), "-F", "none", "-o",
	          "GlobalKnownHostsFile=/dev/null", "-o",
	          peer_text("UserKnownHostsFile=%s", s->known_hosts), "-o", "BatchMode=yes", "-i",
	          peer_key("user", "ed25519"), NULL);
	return w;
}

static void first_wins(enum peer client)
{
	struct peer_server s = {.kind = PEER_NACRE};
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(&s);
	const char *port = peer_text("Port=%s", s.port), *user = peer_text("User=%s", peer_user());
	const struct {
		const char *first, *second, *third;
		int status;
	} rows[] = {
	    {port, "Port=1", user, 7},
	    {"Port=1", port, user, 255},
	    {port, user, "User=nobody-at-all", 7},
	    {port, "User=nobody-at-all", user, 255},
	    {port, "Ciphers=aes128-ctr", "Ciphers=3des-cbc", 7},
	    {port, "Ciphers=3des-cbc", "Ciphers=aes128-ctr", 255},
	    {port, "PubkeyAuthentication=no", "PubkeyAuthentication=yes", 255},
	    {port, "PubkeyAuthentication=yes", "PubkeyAuthentication=no", 7},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct process p = {.argv = client_words(client, &s)};
		words_add(&p.argv, "-o", rows[i].first, "-o", rows[i].second, "-o", rows[i].third,
		          NULL);
		peer_run(&p, &s, "exit 7", "");
		cr_expect_eq(p.status, rows[i].status, "row %zu: %s", i, peer_outcome(&p));
		process_wipe(&p);
	}
	/* A flag is an option like any other. */
	struct process p = {.argv = client_words(client, &s)};
	words_add(&p.argv, "-p", s.port, "-o", "Port=1", "-l", peer_user(), "-o",
	          "User=nobody-at-all", NULL);
	peer_run(&p, &s, "exit 7", "");
	cr_expect_eq(p.status, 7, "%s", peer_outcome(&p));
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(options, first_wins_nacre, .fini = peer_end)
{
	first_wins(PEER_NACRE);
}

Test(options, first_wins_openssh, .fini = peer_end)
{
	first_wins(PEER_OPENSSH);
}

/* --- -4 and -6 --- */

static void families(enum peer client)
{
	struct peer_server s = {.kind = PEER_NACRE};
	/* Every test has an IPv4 address of its own, but not so here: the port is what tells them apart. */
	const char *port6 = peer_text("%d", 30000 + (int)getpid() % 20000);
	words_add(&s.options, "ListenAddress=::1", peer_text("Port=%s", port6), NULL);
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(&s);
	const char *host_line = strchr(peer_read(s.known_hosts), ' ');
	s.known_hosts = peer_write("both", peer_text("*%s", host_line));
	const struct {
		const char *flag, *host;
		int status;
	} rows[] = {
	    {"-4", s.address, 7},
	    {"-6", s.address, 255},
	    {"-4", "::1", 255},
	    {"-6", "::1", 7},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct process p = {0};
		s.address = rows[i].host;
		if (strcmp(s.address, "::1") == 0)
			s.port = port6;
		peer_client_with_key(&p, client, &s);
		words_add(&p.argv, rows[i].flag, NULL);
		peer_run(&p, &s, "exit 7", "");
		cr_expect_eq(p.status, rows[i].status, "row %zu: %s", i, peer_outcome(&p));
		if (rows[i].status != 7)
			cr_expect_not_null(strstr(process_err(&p), rows[i].host), "row %zu: %s", i,
			                   peer_outcome(&p));
		process_wipe(&p);
	}
	peer_server_stop(&s);
}

Test(options, families_nacre, .fini = peer_end)
{
	families(PEER_NACRE);
}

Test(options, families_openssh, .fini = peer_end)
{
	families(PEER_OPENSSH);
}

/* --- ConnectTimeout --- */

/* A port where connections are taken, and nobody says a word. */
static int silent_port(char port[8])
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 8) == 0 &&
	          getsockname(fd, (struct sockaddr *)&a, &n) == 0);
	snprintf(port, 8, "%u", ntohs(a.sin_port));
	return fd;
}

static void time_out(enum peer client)
{
	char port[8];
	int fd = silent_port(port);
	struct peer_server s = {.address = "127.0.0.1", .port = port, .known_hosts = "/dev/null"};
	struct process p = {0};
	uint64_t begin = process_now(), took;
	peer_client_with_key(&p, client, &s);
	words_add(&p.argv, "-o", "ConnectTimeout=1", NULL);
	peer_run(&p, &s, "true", "");
	took = process_now() - begin;
	cr_expect_eq(p.status, 255, "%s", peer_outcome(&p));
	cr_expect_not_null(strstr(process_err(&p), "timed out"), "%s", peer_outcome(&p));
	cr_expect(took >= 900 && took < 30000, "%u ms", (unsigned)took);
	process_wipe(&p);
	close(fd);
}

Test(options, connect_timeout_nacre, .fini = peer_end)
{
	time_out(PEER_NACRE);
}

Test(options, connect_timeout_openssh, .fini = peer_end)
{
	time_out(PEER_OPENSSH);
}

/* What is no time is not taken for one. */
Test(options, connect_timeout_refused, .fini = peer_end)
{
	static const char *const bad[] = {"ConnectTimeout=", "ConnectTimeout=soon",
	                                  "ConnectTimeout=-1", "ConnectTimeout=1x"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct process p = {0};
		words_add(&p.argv, peer_program("nacre-ssh"), "-o", bad[i], "127.0.0.1", NULL);
		process_start(&p);
		process_wait(&p);
		cr_expect_eq(p.status, 255, "%s", bad[i]);
		cr_expect_not_null(strstr(process_err(&p), "ConnectTimeout"), "%s",
		                   peer_outcome(&p));
		process_wipe(&p);
	}
}
