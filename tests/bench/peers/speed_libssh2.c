/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include <arpa/inet.h>
#include <libssh2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * What libssh2 carries with blocking calls, for tests/bench/bench_sock.c: prints MB/s, MB per second
 * of its work, and MB per second of what of that is not the system's. */

#define CHUNK 65536

static LIBSSH2_SESSION *session;

static void die(const char *what)
{
	char *text = NULL;
	if (session != NULL)
		libssh2_session_last_error(session, &text, NULL, 0);
	fprintf(stderr, "libssh2: %s: %s\n", what, text == NULL ? "" : text);
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

static int reach(const char *address, const char *port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	                         .sin_port = htons((unsigned short)atoi(port))};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	inet_pton(AF_INET, address, &to.sin_addr);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
		die("connect");
	return fd;
}

static void prefer(const char *cipher)
{
	if (strcmp(cipher, "default") == 0)
		return;
	if (libssh2_session_method_pref(session, LIBSSH2_METHOD_CRYPT_CS, cipher) != 0 ||
	    libssh2_session_method_pref(session, LIBSSH2_METHOD_CRYPT_SC, cipher) != 0)
		die("cipher");
}

static void download(LIBSSH2_CHANNEL *ch, size_t mib)
{
	static char buf[CHUNK];
	char command[64];
	size_t total = 0;
	ssize_t n;
	snprintf(command, sizeof command, "head -c %zuM /dev/zero", mib);
	if (libssh2_channel_exec(ch, command) != 0)
		die("exec");
	double began = now(), worked = work(), owned = own();
	while ((n = libssh2_channel_read(ch, buf, sizeof buf)) > 0)
		total += (size_t)n;
	if (total != mib << 20)
		die("read");
	tell(total, began, worked, owned);
}

static void upload(LIBSSH2_CHANNEL *ch, size_t mib)
{
	static char buf[CHUNK];
	size_t total = mib << 20;
	if (libssh2_channel_exec(ch, "cat >/dev/null") != 0)
		die("exec");
	double began = now(), worked = work(), owned = own();
	for (size_t sent = 0; sent < total;) {
		size_t want = total - sent < sizeof buf ? total - sent : sizeof buf;
		ssize_t n = libssh2_channel_write(ch, buf, want);
		if (n < 0)
			die("write");
		sent += (size_t)n;
	}
	libssh2_channel_send_eof(ch);
	while (libssh2_channel_read(ch, buf, sizeof buf) > 0)
		continue;
	tell(total, began, worked, owned);
}

int main(int argc, char **argv)
{
	char public[4096];
	if (argc != 8 || libssh2_init(0) != 0)
		return 2;
	int fd = reach(argv[1], argv[2]);
	session = libssh2_session_init();
	prefer(argv[5]);
	if (libssh2_session_handshake(session, fd) != 0)
		die("handshake");
	snprintf(public, sizeof public, "%s.pub", argv[4]);
	if (libssh2_userauth_publickey_fromfile(session, argv[3], public, argv[4], NULL) != 0)
		die("authentication");
	LIBSSH2_CHANNEL *ch = libssh2_channel_open_session(session);
	if (ch == NULL)
		die("session");
	size_t mib = (size_t)atoi(argv[7]);
	if (strcmp(argv[6], "down") == 0)
		download(ch, mib);
	else
		upload(ch, mib);
	return 0;
}
