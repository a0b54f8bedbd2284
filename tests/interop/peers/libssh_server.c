/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <fcntl.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A server on libssh, for the tests: runs commands. A process for each connection. See usage. */

#define CHUNK    32768
#define CHANNELS 16

struct options {
	const char *authorized, *password, *kex, *ciphers, *macs, *host_keys;
	unsigned long rekey;
};

static const char usage[] =
    "usage: libssh_server -a ADDRESS -p PORT -h HOST_KEY... [-k AUTHORIZED_KEYS] [-w PASSWORD]\n"
    "       [-x KEX] [-c CIPHERS] [-m MACS] [-s SIGNATURES] [-r BYTES]\n"
    "  -r  exchange keys anew after so many bytes\n";

/* One command. */
struct program {
	ssh_channel ch;
	pid_t pid;
	int in, out, err; /* -1: none, or ended */
};

struct serving {
	ssh_session session;
	const struct options *o;
	struct program programs[CHANNELS];
	bool authenticated;
};

/* --- Logging in --- */

static bool is_authorized(const char *file, ssh_key key)
{
	char line[16384];
	bool found = false;
	FILE *f = file == NULL ? NULL : fopen(file, "r");
	while (f != NULL && fgets(line, sizeof line, f) != NULL) {
		ssh_key known = NULL;
		const char *type = strtok(line, " "), *base64 = strtok(NULL, " \n");
		if (base64 != NULL && ssh_pki_import_pubkey_base64(
		                          base64, ssh_key_type_from_name(type), &known) == SSH_OK)
			found = found || ssh_key_cmp(known, key, SSH_KEY_CMP_PUBLIC) == 0;
		ssh_key_free(known);
	}
	if (f != NULL)
		fclose(f);
	return found;
}

/* Returns whether it has been answered. The message API is marked as old, and has no successor that
 * lets the server look at one message after the other. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static bool on_auth(struct serving *v, ssh_message m)
{
	int kind = ssh_message_subtype(m);
	if (kind == SSH_AUTH_METHOD_PASSWORD && v->o->password != NULL &&
	    strcmp(ssh_message_auth_password(m), v->o->password) == 0) {
		v->authenticated = true;
		return ssh_message_auth_reply_success(m, 0) == SSH_OK;
	}
	if (kind == SSH_AUTH_METHOD_PUBLICKEY &&
	    is_authorized(v->o->authorized, ssh_message_auth_pubkey(m))) {
		enum ssh_publickey_state_e state = ssh_message_auth_publickey_state(m);
		if (state == SSH_PUBLICKEY_STATE_NONE)
			return ssh_message_auth_reply_pk_ok_simple(m) == SSH_OK;
		if (state == SSH_PUBLICKEY_STATE_VALID) {
			v->authenticated = true;
			return ssh_message_auth_reply_success(m, 0) == SSH_OK;
		}
	}
	ssh_message_auth_set_methods(m, SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_PUBLICKEY);
	return false;
}

/* --- Commands --- */

static void be_child(const char *command, int pipes[3][2])
{
	dup2(pipes[0][0], 0);
	dup2(pipes[1][1], 1);
	dup2(pipes[2][1], 2);
	closefrom(3);
	signal(SIGPIPE, SIG_DFL);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static bool start(struct program *p, const char *command)
{
	int pipes[3][2];
	for (int i = 0; i < 3; i++)
		if (pipe2(pipes[i], O_CLOEXEC) != 0)
			return false;
	p->pid = fork();
	if (p->pid == 0)
		be_child(command, pipes);
	close(pipes[0][0]);
	close(pipes[1][1]);
	close(pipes[2][1]);
	p->in = pipes[0][1];
	p->out = pipes[1][0];
	p->err = pipes[2][0];
	fcntl(p->in, F_SETFL, O_NONBLOCK);
	return p->pid > 0;
}

static bool on_open(struct serving *v, ssh_message m)
{
	size_t i = 0;
	while (i < CHANNELS && v->programs[i].ch != NULL)
		i++;
	if (i == CHANNELS || !v->authenticated || ssh_message_subtype(m) != SSH_CHANNEL_SESSION)
		return false;
	v->programs[i] = (struct program){
	    .ch = ssh_message_channel_request_open_reply_accept(m), .in = -1, .out = -1, .err = -1};
	return v->programs[i].ch != NULL;
}

static bool on_request(struct serving *v, ssh_message m)
{
	ssh_channel ch = ssh_message_channel_request_channel(m);
	if (ssh_message_subtype(m) != SSH_CHANNEL_REQUEST_EXEC)
		return false;
	for (size_t i = 0; i < CHANNELS; i++)
		if (v->programs[i].ch == ch &&
		    start(&v->programs[i], ssh_message_channel_request_command(m)))
			return ssh_message_channel_request_reply_success(m) == SSH_OK;
	return false;
}

static void on_message(struct serving *v, ssh_message m)
{
	int type = ssh_message_type(m);
	bool done = type == SSH_REQUEST_AUTH           ? on_auth(v, m)
	            : type == SSH_REQUEST_CHANNEL_OPEN ? on_open(v, m)
	            : type == SSH_REQUEST_CHANNEL      ? on_request(v, m)
	                                               : false;
	if (!done)
		ssh_message_reply_default(m);
	ssh_message_free(m);
}

/* --- Data --- */

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* What the client sent, as far as the command takes it. */
static void feed(struct program *p)
{
	char chunk[CHUNK];
	struct pollfd at = {p->in, POLLOUT, 0};
	while (p->in >= 0 && poll(&at, 1, 0) > 0) {
		/* A pipe that is writable takes PIPE_BUF bytes whole. */
		int n = ssh_channel_read_nonblocking(p->ch, chunk, 4096, 0);
		if (n > 0 && write(p->in, chunk, (size_t)n) != n)
			shut(&p->in);
		if (n <= 0) {
			if (n < 0 || ssh_channel_is_eof(p->ch))
				shut(&p->in);
			return;
		}
	}
}

static void show(struct program *p, int *fd)
{
	char chunk[CHUNK];
	uint32_t room = ssh_channel_window_size(p->ch);
	struct pollfd at = {*fd, POLLIN, 0};
	if (*fd < 0 || room == 0 || poll(&at, 1, 0) <= 0)
		return;
	ssize_t n = read(*fd, chunk, room < sizeof chunk ? room : sizeof chunk);
	/* Otherwise some of it is lost while keys are exchanged. */
	ssh_set_blocking(ssh_channel_get_session(p->ch), 1);
	if (n <= 0)
		shut(fd);
	else if (fd == &p->out)
		ssh_channel_write(p->ch, chunk, (uint32_t)n);
	else
		ssh_channel_write_stderr(p->ch, chunk, (uint32_t)n);
	ssh_set_blocking(ssh_channel_get_session(p->ch), 0);
}

static void end(struct program *p)
{
	int status = 0;
	if (waitpid(p->pid, &status, 0) == p->pid && WIFEXITED(status))
		ssh_channel_request_send_exit_status(p->ch, WEXITSTATUS(status));
	else
		ssh_channel_request_send_exit_signal(p->ch, "KILL", 0, "", "");
	ssh_channel_send_eof(p->ch);
	ssh_channel_close(p->ch);
	ssh_channel_free(p->ch);
	shut(&p->in);
	*p = (struct program){0};
}

static void serve_programs(struct serving *v)
{
	for (size_t i = 0; i < CHANNELS; i++) {
		struct program *p = &v->programs[i];
		if (p->ch == NULL || p->pid == 0)
			continue;
		feed(p);
		show(p, &p->out);
		show(p, &p->err);
		if (p->out < 0 && p->err < 0)
			end(p);
	}
}

static void wait_for_something(struct serving *v)
{
	struct pollfd at[1 + 3 * CHANNELS];
	nfds_t n = 1;
	at[0] = (struct pollfd){ssh_get_fd(v->session), POLLIN, 0};
	for (size_t i = 0; i < CHANNELS; i++) {
		const struct program *p = &v->programs[i];
		if (p->ch == NULL || p->pid == 0)
			continue;
		bool room = ssh_channel_window_size(p->ch) > 0;
		bool fed = ssh_channel_poll(p->ch, 0) != 0;
		at[n++] = (struct pollfd){room ? p->out : -1, POLLIN, 0};
		at[n++] = (struct pollfd){room ? p->err : -1, POLLIN, 0};
		at[n++] = (struct pollfd){fed ? p->in : -1, POLLOUT, 0};
	}
	poll(at, n, 100);
}

static void serve(struct serving *v)
{
	ssh_message m;
	uint64_t rekey = v->o->rekey;
	if (rekey != 0)
		ssh_options_set(v->session, SSH_OPTIONS_REKEY_DATA, &rekey);
	if (ssh_handle_key_exchange(v->session) != SSH_OK) {
		fprintf(stderr, "libssh_server: %s\n", ssh_get_error(v->session));
		return;
	}
	ssh_set_blocking(v->session, 0);
	while ((ssh_get_status(v->session) & (SSH_CLOSED | SSH_CLOSED_ERROR)) == 0) {
		while ((m = ssh_message_get(v->session)) != NULL)
			on_message(v, m);
		serve_programs(v);
		wait_for_something(v);
	}
}

/* --- Start --- */

static void set(ssh_bind b, enum ssh_bind_options_e option, const char *value)
{
	if (value != NULL && ssh_bind_options_set(b, option, value) != 0) {
		fprintf(stderr, "libssh_server: %s: %s\n", value, ssh_get_error(b));
		exit(1);
	}
}

/* Waited for, they count to the processor time of this process. */
static void on_child(int number)
{
	(void)number;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
}

static void listen_for(ssh_bind b, const struct options *o)
{
	struct serving v = {.o = o};
	if (ssh_bind_listen(b) != SSH_OK) {
		fprintf(stderr, "libssh_server: %s\n", ssh_get_error(b));
		exit(1);
	}
	fprintf(stderr, "Server listening on it.\n");
	for (;;) {
		v.session = ssh_new();
		if (ssh_bind_accept(b, v.session) == SSH_OK && fork() == 0) {
			signal(SIGCHLD, SIG_DFL);
			ssh_bind_free(b);
			serve(&v);
			_exit(0);
		}
		ssh_free(v.session);
	}
}

static bool set_value(struct options *o, int letter, const char *value)
{
	const struct {
		int letter;
		const char **to;
	} values[] = {{'k', &o->authorized}, {'w', &o->password}, {'x', &o->kex},
	              {'c', &o->ciphers},    {'m', &o->macs},     {'s', &o->host_keys}};
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		if (values[i].letter == letter) {
			*values[i].to = value;
			return true;
		}
	return false;
}

int main(int argc, char **argv)
{
	struct options o = {0};
	ssh_bind b = ssh_bind_new();
	bool no = false;
	int c, level = getenv("PEER_VERBOSE") == NULL ? SSH_LOG_WARNING : SSH_LOG_PACKET;
	ssh_bind_options_set(b, SSH_BIND_OPTIONS_PROCESS_CONFIG, &no);
	ssh_bind_options_set(b, SSH_BIND_OPTIONS_LOG_VERBOSITY, &level);
	while ((c = getopt(argc, argv, "a:p:h:k:w:x:c:m:s:r:")) != -1) {
		if (c == 'a')
			set(b, SSH_BIND_OPTIONS_BINDADDR, optarg);
		else if (c == 'p')
			set(b, SSH_BIND_OPTIONS_BINDPORT_STR, optarg);
		else if (c == 'h')
			set(b, SSH_BIND_OPTIONS_HOSTKEY, optarg);
		else if (c == 'r')
			o.rekey = strtoul(optarg, NULL, 10);
		else if (!set_value(&o, c, optarg)) {
			fputs(usage, stderr);
			return 2;
		}
	}
	set(b, SSH_BIND_OPTIONS_KEY_EXCHANGE, o.kex);
	set(b, SSH_BIND_OPTIONS_CIPHERS_C_S, o.ciphers);
	set(b, SSH_BIND_OPTIONS_CIPHERS_S_C, o.ciphers);
	set(b, SSH_BIND_OPTIONS_HMAC_C_S, o.macs);
	set(b, SSH_BIND_OPTIONS_HMAC_S_C, o.macs);
	set(b, SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS, o.host_keys);
	set(b, SSH_BIND_OPTIONS_PUBKEY_ACCEPTED_KEY_TYPES, o.host_keys);
	signal(SIGCHLD, on_child);
	signal(SIGPIPE, SIG_IGN);
	listen_for(b, &o);
	return 0;
}
