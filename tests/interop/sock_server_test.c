/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <sys/stat.h>

#include "tests/interop/sock_kit.h"

/* sock as a server of other people's clients. */

#define FLOOD 6000000

static void greet(struct house *h)
{
	struct sock_channel *ch;
	cr_assert_eq(sock_accept(&h->s, &ch, LONG), SSH_OK, "%s", sock_why(&h->s, why));
	cr_assert(wire_bytes_is(sock_command(ch), "greet"));
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("Welcome\n"), NULL), SSH_OK);
	cr_assert_eq(sock_send_exit(ch, 3), SSH_OK);
	cr_assert_eq(sock_eof(ch), SSH_OK);
	sock_close(ch);
	enum ssh_err e = sock_accept(&h->s, &ch, LONG);
	cr_assert(e == SSH_ERR_DISCONNECTED || e == SSH_ERR_CONNECTION_LOST, "%s", ssh_err_name(e));
}

static void start_paramiko(struct process *p, const struct house *h, const char *what)
{
	words_add(&p->argv, "/usr/bin/python3", "tests/interop/peers/paramiko_steps.py",
	          "127.0.0.1", h->port, "robey", peer_key("user", "ed25519"), what, NULL);
	process_start(p);
	process_input(p, wire_bytes_str(""));
}

/* --- Several steps --- */

Test(sock_server, three_steps_paramiko, .fini = peer_end)
{
	static struct house h;
	struct process p = {0};
	open_house(&h);
	h.config.policy.password = judge_password;
	h.config.policy.interactive = judge_answers;
	h.config.policy.chains = "publickey,password,keyboard-interactive";
	start_paramiko(&p, &h, "steps");
	let_in(&h);
	greet(&h);
	process_wait(&p);
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	cr_assert_str_eq(process_out(&p), "after the key: password\n"
	                                  "after the password: keyboard-interactive\n"
	                                  "after the prompts: \n"
	                                  "Welcome\nstatus 3\n");
	process_wipe(&p);
	close_house(&h);
}

static void by_openssh(const char *chains)
{
	static struct house h;
	struct process p = {0};
	open_house(&h);
	const char *script =
	    peer_write("askpass", "#!/bin/sh\ncase $1 in *Name*) echo Robert;; *Colour*) echo "
	                          "blue;; *) echo open sesame;; esac\n");
	cr_assert_eq(chmod(script, 0700), 0);
	h.config.policy.password = judge_password;
	h.config.policy.interactive = judge_answers;
	h.config.policy.chains = chains;
	words_add(&p.env, peer_text("SSH_ASKPASS=%s", script), "SSH_ASKPASS_REQUIRE=force",
	          "SSH_AUTH_SOCK=", peer_text("HOME=%s", peer_path("")), NULL);
	words_add(&p.argv, peer_program("ssh"), "-F", "none", "-p", h.port, "-i",
	          peer_key("user", "ed25519"), "-o", "IdentitiesOnly=yes", "-o",
	          "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
	          "robey@127.0.0.1", "greet", NULL);
	process_start(&p);
	process_input(&p, wire_bytes_str(""));
	let_in(&h);
	greet(&h);
	process_wait(&p);
	cr_assert(p.status == 3 && strcmp(process_out(&p), "Welcome\n") == 0, "%s: %s", chains,
	          peer_outcome(&p));
	process_wipe(&p);
	close_house(&h);
}

Test(sock_server, three_steps_openssh, .fini = peer_end)
{
	by_openssh("publickey,password,keyboard-interactive");
}

Test(sock_server, three_steps_the_other_way_openssh, .fini = peer_end)
{
	by_openssh("keyboard-interactive,password,publickey");
}

/* --- Two channels, of which the client reads one first --- */

static void *flood(void *arg)
{
	static const char zeros[50000];
	struct sock_channel *ch = arg;
	enum ssh_err e = SSH_OK;
	for (size_t n = 0; e == 0 && n < FLOOD; n += sizeof zeros)
		e = sock_send_all(ch, wire_bytes(zeros, sizeof zeros), NULL);
	(void)sock_send_exit(ch, 0);
	(void)sock_eof(ch);
	sock_close(ch);
	return (void *)(uintptr_t)e;
}

Test(sock_server, stalled_and_busy_paramiko, .fini = peer_end)
{
	static struct house h;
	struct process p = {0};
	struct sock_channel *ch[2];
	pthread_t threads[2];
	void *e;
	open_house(&h);
	start_paramiko(&p, &h, "channels");
	let_in(&h);
	cr_assert_eq(worker_start(&h.w, &h.s), SSH_OK);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(sock_accept(&h.s, &ch[i], LONG), SSH_OK);
		cr_assert_eq(pthread_create(&threads[i], NULL, flood, ch[i]), 0);
	}
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(pthread_join(threads[i], &e), 0);
		cr_assert_eq((enum ssh_err)(uintptr_t)e, SSH_OK);
	}
	process_wait(&p);
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	cr_assert_str_eq(process_out(&p), peer_text("second %d\nfirst %d\n", FLOOD, FLOOD));
	process_wipe(&p);
	close_house(&h);
}
