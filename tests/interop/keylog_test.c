/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/peer.h"

/* Key logs, and Wireshark reading a session with one. */

static void pause_ms(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	nanosleep(&t, NULL);
}

/* The file has its header when the capture has begun. */
static void wait_for_capture(const char *path)
{
	struct stat st = {0};
	for (int i = 0; i < 100 && st.st_size < 24; i++) {
		pause_ms(100);
		(void)stat(path, &st);
	}
	cr_assert_geq(st.st_size, 24, "nothing is captured");
}

static void run_session(struct peer_server *s, const char *log)
{
	struct process p = {0};
	peer_client_with_key(&p, PEER_NACRE, s);
	words_add(&p.argv, "-o", peer_text("KeyLogFile=%s", log), "-o",
	          "KexAlgorithms=curve25519-sha256", "-o", "Ciphers=aes256-gcm@openssh.com", NULL);
	peer_run(&p, s, "echo lemniscate", "");
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	process_wipe(&p);
}

/* What tshark makes of a capture: messages, their payloads, whether the tags are right. */
static const char *dissect(const struct peer_server *s, const char *pcap, const char *log)
{
	struct process shark = {0};
	words_add(&shark.argv, peer_program("tshark"), "-r", pcap, "-O", "ssh", "-d",
	          peer_text("tcp.port==%s,ssh", s->port), "-o",
	          peer_text("ssh.keylog_file:%s", log), NULL);
	process_start(&shark);
	process_wait(&shark);
	cr_assert_eq(shark.status, 0, "%s", peer_outcome(&shark));
	const char *text = peer_text("%s", process_out(&shark));
	process_wipe(&shark);
	return text;
}

/*
 * What wireshark 4.0 of Debian 12 can show of it: it takes exchanges by curve25519 and packets under
 * AES-GCM, shows the payloads of most in hexadecimal, and gets lost where several packets come in
 * one segment.
 */
static const char good[] = "[MAC Status: Good]";
static const char *const parts[] = {"Service Request",
                                    "Service Accept",
                                    "User Authentication Request",
                                    "User Authentication Success",
                                    "Channel Open",
                                    "Channel Request",
                                    good};

static bool shows_command(const char *text)
{
	return strstr(text, "6563686f206c656d6e697363617465") != NULL ||
	       strstr(text, "echo lemniscate") != NULL;
}

/* Capturing takes a privilege; without it the other test has to do. */
Test(keylog, tshark_reads_what_was_said, .fini = peer_end)
{
	struct peer_server s = {.kind = PEER_OPENSSH};
	struct process dump = {0};
	const char *pcap = peer_path("pcap"), *log = peer_path("keys");
	if (geteuid() != 0)
		return;
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(&s);
	words_add(&dump.argv, peer_program("tcpdump"), "--immediate-mode", "-U", "-Z", "root", "-i",
	          "lo", "-w", pcap, "host", s.address, "and", "port", s.port, NULL);
	process_start(&dump);
	wait_for_capture(pcap);
	run_session(&s, log);
	pause_ms(300);
	process_signal(&dump, SIGTERM);
	process_wait(&dump);
	peer_server_stop(&s);
	const char *blind = dissect(&s, pcap, peer_write("no_keys", ""));
	const char *text = dissect(&s, pcap, log);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		cr_expect_not_null(strstr(text, parts[i]), "%s\n%s", parts[i], text);
	/* Without keys it takes random numbers for messages, but nothing fits. */
	cr_expect_null(strstr(blind, good), "%s", blind);
	cr_expect(shows_command(text) && !shows_command(blind), "%s", text);
	process_wipe(&dump);
}

/* Both ends of a session log the same secret, each under its own cookie. */
Test(keylog, both_ends_log_the_same, .fini = peer_end)
{
	struct peer_server s = {.kind = PEER_NACRE};
	const char *ours = peer_path("ours"), *theirs = peer_path("theirs");
	peer_authorize(peer_key("user", "ed25519"), "");
	words_add(&s.options, peer_text("KeyLogFile=%s", theirs), NULL);
	peer_server_start(&s);
	run_session(&s, ours);
	peer_server_stop(&s);
	const char *a = strstr(peer_read(ours), " SHARED_SECRET ");
	const char *b = strstr(peer_read(theirs), " SHARED_SECRET ");
	cr_assert(a != NULL && b != NULL);
	cr_expect_str_eq(a, b);
	/* 32 bytes, of which leading zeros go. */
	cr_expect(strlen(a) <= 15 + 64 + 1 && strlen(a) >= 15 + 56 + 1, "%s", a);
	cr_expect_neq(memcmp(peer_read(ours), peer_read(theirs), 32), 0, "cookies");
}
