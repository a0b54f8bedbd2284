/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <libssh/libssh.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A client on libssh, for the tests: see usage. Exits as the command does, 255 if it cannot. */

#define CHUNK     32768
#define OTHERS    8
#define USAGE_END 254

struct options {
	const char *port, *known_hosts, *key, *password, *kex, *ciphers, *macs, *host_keys;
	unsigned long rekey;
	int channels;
	bool verbose;
	bool compress;
	const char *user, *address, *command;
};

static const char usage[] =
    "usage: libssh_client -p PORT -H KNOWN_HOSTS [-i KEY] [-w PASSWORD] [-x KEX] [-c CIPHERS]\n"
    "       [-m MACS] [-k HOST_KEYS] [-r BYTES] [-n CHANNELS] [-z] [-v] USER ADDRESS COMMAND\n"
    "  -r  exchange keys anew after so many bytes\n"
    "  -n  the command on so many channels at once; input and output are those of the first\n";

static int fail(ssh_session s, const char *what)
{
	fprintf(stderr, "libssh_client: %s: %s\n", what, ssh_get_error(s));
	return 255;
}

static void set(ssh_session s, enum ssh_options_e option, const char *value)
{
	if (value != NULL && ssh_options_set(s, option, value) != 0)
		exit(fail(s, value));
}

static void configure(ssh_session s, const struct options *o)
{
	unsigned int port = (unsigned int)atoi(o->port);
	uint64_t rekey = o->rekey;
	int level = SSH_LOG_PACKET, no = 0;
	ssh_options_set(s, SSH_OPTIONS_PROCESS_CONFIG, &no);
	set(s, SSH_OPTIONS_HOST, o->address);
	ssh_options_set(s, SSH_OPTIONS_PORT, &port);
	set(s, SSH_OPTIONS_USER, o->user);
	set(s, SSH_OPTIONS_KNOWNHOSTS, o->known_hosts);
	set(s, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
	set(s, SSH_OPTIONS_KEY_EXCHANGE, o->kex);
	set(s, SSH_OPTIONS_CIPHERS_C_S, o->ciphers);
	set(s, SSH_OPTIONS_CIPHERS_S_C, o->ciphers);
	set(s, SSH_OPTIONS_HMAC_C_S, o->macs);
	set(s, SSH_OPTIONS_HMAC_S_C, o->macs);
	set(s, SSH_OPTIONS_HOSTKEYS, o->host_keys);
	set(s, SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES, o->host_keys);
	if (o->compress)
		set(s, SSH_OPTIONS_COMPRESSION, "yes");
	if (o->rekey != 0)
		ssh_options_set(s, SSH_OPTIONS_REKEY_DATA, &rekey);
	if (o->verbose)
		ssh_options_set(s, SSH_OPTIONS_LOG_VERBOSITY, &level);
}

static bool log_in(ssh_session s, const struct options *o)
{
	ssh_key key = NULL;
	bool ok;
	if (o->password != NULL)
		return ssh_userauth_password(s, NULL, o->password) == SSH_AUTH_SUCCESS;
	ok = ssh_pki_import_privkey_file(o->key, NULL, NULL, NULL, &key) == SSH_OK &&
	     ssh_userauth_publickey(s, NULL, key) == SSH_AUTH_SUCCESS;
	ssh_key_free(key);
	return ok;
}

/* --- One channel, its input and output being ours --- */

static bool show(ssh_channel ch, int is_stderr)
{
	char chunk[CHUNK];
	int n;
	while ((n = ssh_channel_read_nonblocking(ch, chunk, sizeof chunk, is_stderr)) > 0)
		if (write(is_stderr ? STDERR_FILENO : STDOUT_FILENO, chunk, (size_t)n) != n)
			return false;
	return n != SSH_ERROR;
}

/* No more than the window takes: a write that waits would not read meanwhile. */
static bool feed(ssh_channel ch, uint32_t room, bool *ended)
{
	char chunk[CHUNK];
	ssize_t n = read(STDIN_FILENO, chunk, room < sizeof chunk ? room : sizeof chunk);
	if (n > 0)
		return ssh_channel_write(ch, chunk, (uint32_t)n) == n;
	*ended = true;
	return ssh_channel_send_eof(ch) == SSH_OK;
}

static bool forward(ssh_session s, ssh_channel ch)
{
	bool ended = false;
	while (show(ch, 0) && show(ch, 1)) {
		uint32_t room = ssh_channel_window_size(ch);
		if (ssh_channel_is_eof(ch) && ssh_channel_poll(ch, 0) <= 0 &&
		    ssh_channel_poll(ch, 1) <= 0)
			return true;
		struct pollfd at[] = {{ended || room == 0 ? -1 : STDIN_FILENO, POLLIN, 0},
		                      {ssh_get_fd(s), POLLIN, 0}};
		if (poll(at, 2, 100) < 0)
			return false;
		if (at[0].revents != 0 && !feed(ch, room, &ended))
			return false;
	}
	return ssh_channel_is_eof(ch);
}

/* --- The others: each gets its number, and must say it --- */

static bool open_other(ssh_session s, ssh_channel *ch, const char *command, int number)
{
	char text = (char)('0' + number);
	*ch = ssh_channel_new(s);
	return *ch != NULL && ssh_channel_open_session(*ch) == SSH_OK &&
	       ssh_channel_request_exec(*ch, command) == SSH_OK &&
	       ssh_channel_write(*ch, &text, 1) == 1;
}

static bool end_other(ssh_channel ch, int number)
{
	char text = 0;
	bool ok = ssh_channel_send_eof(ch) == SSH_OK && ssh_channel_read(ch, &text, 1, 0) == 1 &&
	          text == '0' + number;
	ssh_channel_free(ch);
	return ok;
}

static int run(ssh_session s, const struct options *o)
{
	ssh_channel others[OTHERS], ch = ssh_channel_new(s);
	if (ssh_channel_open_session(ch) != SSH_OK)
		return fail(s, "channel");
	for (int i = 0; i < o->channels - 1 && i < OTHERS; i++)
		if (!open_other(s, &others[i], o->command, i))
			return fail(s, "another channel");
	for (int i = o->channels - 2; i >= 0; i--)
		if (!end_other(others[i], i))
			return fail(s, "another channel's answer");
	if (ssh_channel_request_exec(ch, o->command) != SSH_OK)
		return fail(s, "exec");
	if (!forward(s, ch))
		return fail(s, "channel");
	int status = ssh_channel_get_exit_status(ch);
	ssh_channel_free(ch);
	return status;
}

static int session(const struct options *o)
{
	ssh_session s = ssh_new();
	configure(s, o);
	if (ssh_connect(s) != SSH_OK)
		return fail(s, "connect");
	if (ssh_session_is_known_server(s) != SSH_KNOWN_HOSTS_OK)
		return fail(s, "host key refused");
	if (!log_in(s, o))
		return fail(s, "log-in");
	int status = run(s, o);
	ssh_disconnect(s);
	ssh_free(s);
	return status;
}

static bool set_value(struct options *o, int letter, const char *value)
{
	const struct {
		int letter;
		const char **to;
	} values[] = {{'p', &o->port},     {'H', &o->known_hosts}, {'i', &o->key},
	              {'w', &o->password}, {'x', &o->kex},         {'c', &o->ciphers},
	              {'m', &o->macs},     {'k', &o->host_keys}};
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		if (values[i].letter == letter) {
			*values[i].to = value;
			return true;
		}
	return false;
}

int main(int argc, char **argv)
{
	struct options o = {.port = "22", .channels = 1};
	int c;
	while ((c = getopt(argc, argv, "p:H:i:w:x:c:m:k:r:n:zv")) != -1) {
		if (c == 'r')
			o.rekey = strtoul(optarg, NULL, 10);
		else if (c == 'n')
			o.channels = atoi(optarg);
		else if (c == 'z')
			o.compress = true;
		else if (c == 'v')
			o.verbose = true;
		else if (!set_value(&o, c, optarg))
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
