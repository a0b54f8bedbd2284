/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include <libssh/libssh.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/*
 * What libssh carries with blocking calls, for tests/bench/bench_sock.c: prints MB/s, MB per second
 * of its work, and MB per second of what of that is not the system's. */

#define CHUNK 65536

static ssh_session session;

static void die(const char *what)
{
	fprintf(stderr, "libssh: %s: %s\n", what, ssh_get_error(session));
	exit(1);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double work(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

/* Of that, what was not the system's. */
static double own(void)
{
	struct rusage r;
	(void)getrusage(RUSAGE_SELF, &r);
	return (double)r.ru_utime.tv_sec + (double)r.ru_utime.tv_usec / 1e6;
}

static void tell(size_t total, double began, double worked, double owned)
{
	double mb = (double)total / 1e6;
	printf("%.1f %.1f %.1f\n", mb / (now() - began), mb / (work() - worked),
	       mb / (own() - owned + 1e-6));
}

static void set_up(char **argv)
{
	session = ssh_new();
	ssh_options_set(session, SSH_OPTIONS_HOST, argv[1]);
	ssh_options_set(session, SSH_OPTIONS_PORT_STR, argv[2]);
	ssh_options_set(session, SSH_OPTIONS_USER, argv[3]);
	ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
	ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &(int){0});
	if (strcmp(argv[5], "default") == 0)
		return;
	if (ssh_options_set(session, SSH_OPTIONS_CIPHERS_C_S, argv[5]) != 0 ||
	    ssh_options_set(session, SSH_OPTIONS_CIPHERS_S_C, argv[5]) != 0)
		die("cipher");
}

static void download(ssh_channel ch, size_t mib)
{
	static char buf[CHUNK];
	char command[64];
	size_t total = 0;
	int n;
	snprintf(command, sizeof command, "head -c %zuM /dev/zero", mib);
	if (ssh_channel_request_exec(ch, command) != SSH_OK)
		die("exec");
	double began = now(), worked = work(), owned = own();
	while ((n = ssh_channel_read(ch, buf, sizeof buf, 0)) > 0)
		total += (size_t)n;
	if (total != mib << 20)
		die("read");
	tell(total, began, worked, owned);
}

static void upload(ssh_channel ch, size_t mib)
{
	static char buf[CHUNK];
	size_t total = mib << 20;
	if (ssh_channel_request_exec(ch, "cat >/dev/null") != SSH_OK)
		die("exec");
	double began = now(), worked = work(), owned = own();
	for (size_t sent = 0; sent < total;) {
		size_t want = total - sent < sizeof buf ? total - sent : sizeof buf;
		int n = ssh_channel_write(ch, buf, (uint32_t)want);
		if (n < 0)
			die("write");
		sent += (size_t)n;
	}
	ssh_channel_send_eof(ch);
	while (ssh_channel_read(ch, buf, sizeof buf, 0) > 0)
		continue;
	tell(total, began, worked, owned);
}

int main(int argc, char **argv)
{
	ssh_key key = NULL;
	if (argc != 8)
		return 2;
	set_up(argv);
	if (ssh_connect(session) != SSH_OK)
		die("connect");
	if (ssh_pki_import_privkey_file(argv[4], NULL, NULL, NULL, &key) != SSH_OK ||
	    ssh_userauth_publickey(session, NULL, key) != SSH_AUTH_SUCCESS)
		die("authentication");
	ssh_channel ch = ssh_channel_new(session);
	if (ch == NULL || ssh_channel_open_session(ch) != SSH_OK)
		die("session");
	size_t mib = (size_t)atoi(argv[7]);
	if (strcmp(argv[6], "down") == 0)
		download(ch, mib);
	else
		upload(ch, mib);
	return 0;
}
