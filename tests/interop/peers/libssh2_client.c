/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <libssh2.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A client on libssh2, for the tests: see usage. Exits as the command does, 255 if it cannot. */

#define CHUNK     32768
#define OTHERS    8
#define USAGE_END 254

struct options {
	const char *port, *known_hosts, *key, *password, *host;
	int channels;
	bool compress;
	const char *user, *address, *command;
};

static const char usage[] =
    "usage: libssh2_client -p PORT -H KNOWN_HOSTS [-i KEY] [-w PASSWORD] [-n CHANNELS] [-z]\n"
    "       [-B HOST] USER ADDRESS COMMAND\n"
    "  -B  log in by the word of this host, whose key KEY is\n"
    "  -n  the command on so many channels at once; input and output are those of the first\n";

static int fail(LIBSSH2_SESSION *s, const char *what)
{
	char *text = NULL;
	libssh2_session_last_error(s, &text, NULL, 0);
	fprintf(stderr, "libssh2_client: %s: %s\n", what, text);
	return 255;
}

static int reach(const struct options *o)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(o->port))};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (inet_pton(AF_INET, o->address, &to.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
		perror("libssh2_client");
		exit(255);
	}
	return fd;
}

static bool is_known(LIBSSH2_SESSION *s, const struct options *o)
{
	size_t len = 0;
	int type = 0;
	struct libssh2_knownhost *found = NULL;
	const char *key = libssh2_session_hostkey(s, &len, &type);
	LIBSSH2_KNOWNHOSTS *hosts = libssh2_knownhost_init(s);
	bool ok =
	    key != NULL &&
	    libssh2_knownhost_readfile(hosts, o->known_hosts, LIBSSH2_KNOWNHOST_FILE_OPENSSH) >=
	        0 &&
	    libssh2_knownhost_checkp(hosts, o->address, atoi(o->port), key, len,
	                             LIBSSH2_KNOWNHOST_TYPE_PLAIN | LIBSSH2_KNOWNHOST_KEYENC_RAW,
	                             &found) == LIBSSH2_KNOWNHOST_CHECK_MATCH;
	libssh2_knownhost_free(hosts);
	return ok;
}

static bool log_in(LIBSSH2_SESSION *s, const struct options *o)
{
	if (o->host != NULL) {
		char pub[4096];
		snprintf(pub, sizeof pub, "%s.pub", o->key);
		return libssh2_userauth_hostbased_fromfile(s, o->user, pub, o->key, NULL,
		                                           o->host) == 0;
	}
	if (o->password != NULL)
		return libssh2_userauth_password(s, o->user, o->password) == 0;
	return libssh2_userauth_publickey_fromfile(s, o->user, NULL, o->key, NULL) == 0;
}

/* --- One channel, its input and output being ours --- */

/* Returns whether anything came; *bad if the channel is broken. */
static bool show(LIBSSH2_CHANNEL *ch, int stream, bool *bad)
{
	char chunk[CHUNK];
	bool some = false;
	ssize_t n;
	while ((n = libssh2_channel_read_ex(ch, stream, chunk, sizeof chunk)) > 0) {
		some = true;
		if (write(stream == 0 ? STDOUT_FILENO : STDERR_FILENO, chunk, (size_t)n) != n)
			*bad = true;
	}
	if (n < 0 && n != LIBSSH2_ERROR_EAGAIN)
		*bad = true;
	return some;
}

struct input {
	char chunk[CHUNK];
	size_t len, sent;
	bool ended, told;
};

static bool feed(LIBSSH2_CHANNEL *ch, struct input *in)
{
	if (in->sent < in->len) {
		ssize_t n = libssh2_channel_write(ch, in->chunk + in->sent, in->len - in->sent);
		in->sent += n > 0 ? (size_t)n : 0;
		return n >= 0 || n == LIBSSH2_ERROR_EAGAIN;
	}
	if (in->ended && !in->told)
		in->told = libssh2_channel_send_eof(ch) == 0;
	return true;
}

static void take_input(struct input *in)
{
	ssize_t n = read(STDIN_FILENO, in->chunk, sizeof in->chunk);
	in->len = n > 0 ? (size_t)n : 0;
	in->sent = 0;
	in->ended = n <= 0;
}

static bool forward(LIBSSH2_CHANNEL *ch, int fd)
{
	struct input in = {.len = 0};
	bool bad = false;
	while (!bad) {
		bool some = show(ch, 0, &bad);
		some = show(ch, SSH_EXTENDED_DATA_STDERR, &bad) || some;
		if (libssh2_channel_eof(ch) == 1)
			return !bad;
		if (!feed(ch, &in))
			return false;
		bool hungry = !in.ended && in.sent == in.len;
		struct pollfd at[] = {{hungry ? STDIN_FILENO : -1, POLLIN, 0}, {fd, POLLIN, 0}};
		if (!some && poll(at, 2, in.sent < in.len ? 1 : 50) > 0 && at[0].revents != 0)
			take_input(&in);
	}
	return false;
}

/* --- The others: each gets its number, and must say it --- */

static bool others(LIBSSH2_SESSION *s, const struct options *o)
{
	LIBSSH2_CHANNEL *ch[OTHERS];
	for (int i = 0; i < o->channels - 1; i++) {
		char text = (char)('0' + i);
		ch[i] = libssh2_channel_open_session(s);
		if (ch[i] == NULL || libssh2_channel_exec(ch[i], o->command) != 0 ||
		    libssh2_channel_write(ch[i], &text, 1) != 1)
			return false;
	}
	for (int i = o->channels - 2; i >= 0; i--) {
		char text = 0;
		if (libssh2_channel_send_eof(ch[i]) != 0 ||
		    libssh2_channel_read(ch[i], &text, 1) != 1 || text != '0' + i)
			return false;
		libssh2_channel_free(ch[i]);
	}
	return true;
}

static int run(LIBSSH2_SESSION *s, int fd, const struct options *o)
{
	LIBSSH2_CHANNEL *ch = libssh2_channel_open_session(s);
	if (ch == NULL || !others(s, o) || libssh2_channel_exec(ch, o->command) != 0)
		return fail(s, "channel");
	libssh2_session_set_blocking(s, 0);
	bool ok = forward(ch, fd);
	libssh2_session_set_blocking(s, 1);
	if (!ok)
		return fail(s, "channel");
	libssh2_channel_close(ch);
	libssh2_channel_wait_closed(ch);
	int status = libssh2_channel_get_exit_status(ch);
	char *killed = NULL;
	libssh2_channel_get_exit_signal(ch, &killed, NULL, NULL, NULL, NULL, NULL);
	if (killed != NULL)
		status = fail(s, killed);
	libssh2_channel_free(ch);
	return status;
}

static int session(const struct options *o)
{
	int fd = reach(o);
	libssh2_init(0);
	LIBSSH2_SESSION *s = libssh2_session_init();
	if (o->compress)
		libssh2_session_flag(s, LIBSSH2_FLAG_COMPRESS, 1);
	if (libssh2_session_handshake(s, fd) != 0)
		return fail(s, "connect");
	if (!is_known(s, o))
		return fail(s, "host key refused");
	if (!log_in(s, o))
		return fail(s, "log-in");
	int status = run(s, fd, o);
	libssh2_session_disconnect(s, "done");
	libssh2_session_free(s);
	close(fd);
	return status;
}

int main(int argc, char **argv)
{
	struct options o = {.port = "22", .channels = 1};
	int c;
	while ((c = getopt(argc, argv, "p:H:i:w:n:zB:")) != -1) {
		if (c == 'p')
			o.port = optarg;
		else if (c == 'H')
			o.known_hosts = optarg;
		else if (c == 'i')
			o.key = optarg;
		else if (c == 'w')
			o.password = optarg;
		else if (c == 'n')
			o.channels = atoi(optarg) < OTHERS ? atoi(optarg) : OTHERS;
		else if (c == 'B')
			o.host = optarg;
		else if (c == 'z')
			o.compress = true;
		else
			optind = argc;
	}
	if (argc - optind != 3) {
		fputs(usage, stderr);
		return USAGE_END;
	}
	o.user = argv[optind];
	o.address = argv[optind + 1];
	o.command = argv[optind + 2];
	return session(&o);
}
