/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tests/interop/sessions.h"

#include <criterion/criterion.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libauth/keyfile.h"
#include "libchan/request.h"
#include "tests/support/pattern.h"
#include "tests/support/peer.h"

/* Bytes offered to a channel at a time. */
#define CHUNK 50000

/* --- Starting --- */

static void read_key(const char *file, struct crypt_key *key, struct wire_buf *blob)
{
	struct wire_buf text = peer_bytes(file);
	enum ssh_err e = auth_keyfile_parse(key, NULL, crypt_keyalgs, wire_buf_view(&text));
	cr_assert_eq(e, SSH_OK, "%s: %s", file, ssh_err_text(e));
	crypt_key_put_public(key, blob);
	wire_buf_wipe(&text);
}

static int reach(const char *address, const char *port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert_eq(inet_pton(AF_INET, address, &to.sin_addr), 1, "%s", address);
	cr_assert(connect(fd, (struct sockaddr *)&to, sizeof to) == 0, "%s", strerror(errno));
	cr_assert_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void connect_to(struct sessions *s)
{
	struct crypt_key host_key = {0};
	struct conn_config config = {.auth_client = {.user = wire_bytes_str(s->user)}};
	read_key(s->key_file, &s->key, &s->blob);
	read_key(s->host_key_file, &host_key, &s->host_blob);
	crypt_key_wipe(&host_key);
	kex_config_init(&config.kex, false);
	chan_config_init(&config.chan, false, (struct chan_sink){0});
	s->fd = reach(s->address, s->port);
	cr_assert_eq(conn_init(&s->conn, &config, process_now()), SSH_OK);
}

static void log_in(struct sessions *s, const struct auth_client_event *ev)
{
	struct auth_client *c = &s->conn.auth_client;
	ssh_bytes blob = wire_buf_view(&s->blob);
	struct wire_buf sig = {0};
	if (ev->type == AUTH_ASK_METHOD && ev->first)
		cr_assert_eq(auth_client_none(c), SSH_OK);
	else if (ev->type == AUTH_ASK_METHOD)
		cr_assert_eq(auth_client_publickey(c, blob, auth_client_sigalg(c, blob)), SSH_OK);
	if (ev->type == AUTH_ASK_SIGN) {
		struct crypt_rng rng = crypt_rng_system();
		cr_assert_eq(crypt_key_sign(&s->key, ev->sigalg, ev->data, &rng, &sig), SSH_OK);
		cr_assert_eq(auth_client_answer_sign(c, wire_buf_view(&sig)), SSH_OK);
		wire_buf_wipe(&sig);
	}
}

static void open_all(struct sessions *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct chan_open open = {.type = "session"};
		s->session[i].number = i;
		s->session[i].ch.owner = &s->session[i];
		cr_assert_eq(chan_mux_open(&s->conn.mux, &s->session[i].ch, &open), SSH_OK);
	}
	s->open = s->count;
}

/* --- A session's life --- */

static void run_command(struct session *one)
{
	const char *command = peer_text("cat; exit %zu", one->number);
	cr_assert_eq(chan_request_exec(&one->ch, wire_bytes_str(command)), SSH_OK);
}

static void send_some(struct sessions *s, struct session *one)
{
	uint8_t chunk[CHUNK];
	size_t taken = 1;
	enum ssh_err e = SSH_OK;
	while (one->sent < s->bytes && taken > 0) {
		uint64_t left = s->bytes - one->sent;
		size_t n = left < sizeof chunk ? (size_t)left : sizeof chunk;
		pattern_fill(chunk, n, one->sent, one->number);
		taken = chan_channel_send(&one->ch, wire_bytes(chunk, n), &e);
		cr_assert_eq(e, SSH_OK, "%s", ssh_err_text(e));
		one->sent += taken;
	}
	if (one->sent == s->bytes)
		cr_assert_eq(chan_channel_eof(&one->ch), SSH_OK);
}

static void take_data(struct session *one, const struct chan_event *ev)
{
	uint64_t wrong = 0;
	cr_assert_eq(ev->ext, 0, "session %zu complains: %.*s", one->number, (int)ev->data.len,
	             (const char *)ev->data.ptr);
	cr_assert(pattern_equal(ev->data.ptr, ev->data.len, one->got, one->number, &wrong),
	          "session %zu: byte %llu differs", one->number, (unsigned long long)wrong);
	one->got += ev->data.len;
	cr_assert_eq(chan_channel_consumed(&one->ch, ev->data.len), SSH_OK);
}

static void take_request(struct session *one, const struct chan_event *ev)
{
	struct chan_request r;
	cr_assert_eq(chan_request_decode(&r, ev->name, ev->body), SSH_OK);
	if (r.type == CHAN_REQUEST_EXIT_STATUS)
		one->status = r.exit_status.status;
}

static void on_channel(struct sessions *s, const struct chan_event *ev)
{
	struct session *one = ev->ch == NULL ? NULL : ev->ch->owner;
	switch (ev->type) {
	case CHAN_EVENT_OPENED:
		run_command(one);
		break;
	case CHAN_EVENT_REPLY:
		cr_assert(ev->success, "session %zu: the command is refused", one->number);
		send_some(s, one);
		break;
	case CHAN_EVENT_WRITABLE:
		send_some(s, one);
		break;
	case CHAN_EVENT_DATA:
		take_data(one, ev);
		break;
	case CHAN_EVENT_REQUEST:
		if (one != NULL)
			take_request(one, ev);
		break;
	case CHAN_EVENT_OPEN_FAILED:
		cr_assert(false, "session %zu is refused", one->number);
		break;
	case CHAN_EVENT_CLOSED:
		one->closed = true;
		s->open--;
		break;
	default:
		break;
	}
}

/* --- The loop --- */

static void on_event(struct sessions *s, const struct conn_event *ev)
{
	if (ev->layer == CONN_AUTH_CLIENT && ev->auth_client.type == AUTH_EVENT_SUCCESS)
		open_all(s);
	else if (ev->layer == CONN_AUTH_CLIENT)
		log_in(s, &ev->auth_client);
	else if (ev->layer == CONN_CHAN)
		on_channel(s, &ev->chan);
	else if (ev->kex.type == KEX_ASK_HOST_KEY)
		(void)kex_answer_host_key(
		    &s->conn.kex, wire_bytes_equal(ev->kex.host_key, wire_buf_view(&s->host_blob)));
	else
		cr_assert(ev->kex.type != KEX_EVENT_ERROR && ev->kex.type != KEX_EVENT_DISCONNECT,
		          "the connection died: %s", ssh_err_text(ev->kex.err));
}

static void write_out(struct sessions *s)
{
	ssh_bytes out;
	while ((out = conn_out(&s->conn)).len > 0) {
		ssize_t n = send(s->fd, out.ptr, out.len, MSG_NOSIGNAL);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		cr_assert(n > 0, "send: %s", strerror(errno));
		kex_sent(&s->conn.kex, (size_t)n);
	}
}

static void read_in(struct sessions *s)
{
	size_t room;
	uint8_t *p = kex_recv_space(&s->conn.kex, &room);
	if (p == NULL)
		return;
	ssize_t n = recv(s->fd, p, room, 0);
	if (n > 0)
		(void)kex_recv_done(&s->conn.kex, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		kex_recv_end(&s->conn.kex);
}

void sessions_run(struct sessions *s)
{
	uint64_t deadline = process_now() + PROCESS_PATIENCE;
	struct conn_event ev;
	connect_to(s);
	for (;;) {
		while (conn_next(&s->conn, &ev))
			on_event(s, &ev);
		write_out(s);
		if (s->conn.authenticated && s->open == 0)
			return;
		short out = conn_out(&s->conn).len > 0 ? POLLOUT : 0;
		struct pollfd at = {s->fd, (short)(POLLIN | out), 0};
		cr_assert(process_now() < deadline && poll(&at, 1, PROCESS_PATIENCE) > 0,
		          "%zu sessions do not end", s->open);
		kex_tick(&s->conn.kex, process_now());
		if ((at.revents & ~POLLOUT) != 0)
			read_in(s);
	}
}

void sessions_wipe(struct sessions *s)
{
	conn_wipe(&s->conn);
	crypt_key_wipe(&s->key);
	wire_buf_wipe(&s->blob);
	wire_buf_wipe(&s->host_blob);
	close(s->fd);
}
