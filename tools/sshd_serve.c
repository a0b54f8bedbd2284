/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/sshd_serve.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libauth/hostkeys.h"
#include "tools/net.h"
#include "tools/sshd_file.h"
#include "tools/sshd_signal.h"

/* A dead connection's last words wait so long for a peer that does not read. */
#define LINGER_MS 2000

/* --- Events --- */

static void negotiated(const struct sshd_serve *v)
{
	const struct kex_algs *a = &v->conn.kex.algs;
	for (int d = KEX_CS; d <= KEX_SC; d++)
		sshd_log(v->options->level, SSHD_DEBUG, "%s: %s, %s, %s, %s, compression %s%s",
		         d == KEX_CS ? "From the client" : "To the client", a->agree->name,
		         a->host_sig->name, a->cipher[d]->name,
		         a->mac[d] == NULL ? "(no other MAC)" : a->mac[d]->name,
		         a->compress[d]->name, a->strict ? ", strict" : "");
}

/* Tell which list had no name in common; false if it was not that. */
static bool unmatched(const struct sshd_serve *v)
{
	ssh_bytes ours, theirs;
	char shown[SSHD_SHOWN], own[SSHD_SHOWN];
	const struct kex *k = &v->conn.kex;
	if (!kex_failed_offers(k, &ours, &theirs))
		return false;
	sshd_log(
	    v->options->level, SSHD_INFO,
	    "Unable to negotiate with %s port %s: no matching %s found. Their offer: %s; ours: %s",
	    v->peer.address, v->peer.port, kex_list_name(kex_failed_list(k)),
	    sshd_shown(theirs, shown), sshd_shown(ours, own));
	return true;
}

/* Software that is known to know eow@openssh.com. */
static bool takes_eow(ssh_bytes ident)
{
	static const char *const known[] = {"SSH-2.0-OpenSSH", "SSH-2.0-Nacre"};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		size_t n = strlen(known[i]);
		if (ident.len >= n && memcmp(ident.ptr, known[i], n) == 0)
			return true;
	}
	return false;
}

static void on_kex(struct sshd_serve *v, const struct kex_event *ev)
{
	enum sshd_level level = v->options->level;
	const struct sshd_peer *p = &v->peer;
	char shown[SSHD_SHOWN];
	switch (ev->type) {
	case KEX_EVENT_IDENT:
		v->host.takes_eow = takes_eow(ev->text);
		sshd_log(level, SSHD_DEBUG, "Client is %s", sshd_shown(ev->text, shown));
		break;
	case KEX_EVENT_NEGOTIATED:
		negotiated(v);
		break;
	case KEX_EVENT_DISCONNECT:
		sshd_log(level, SSHD_INFO, "Received disconnect from %s port %s:%u: %s", p->address,
		         p->port, (unsigned)ev->reason, sshd_shown(ev->text, shown));
		break;
	case KEX_EVENT_ERROR:
		if (ev->err == SSH_ERR_AUTH_TIMEOUT)
			break; /* said already */
		if (ev->err == SSH_ERR_NO_COMMON && unmatched(v))
			break;
		sshd_log(level, SSHD_INFO, "%s by %s port %s: %s",
		         ev->err == SSH_ERR_CONNECTION_LOST ? "Connection closed"
		                                            : "Connection ended",
		         p->address, p->port, ssh_err_text(ev->err));
		break;
	case KEX_ASK_SIGN: /* never: each key here has both halves */
		(void)kex_answer_sign(&v->conn.kex, wire_bytes(NULL, 0));
		break;
	default:
		break;
	}
}

static void on_open(struct sshd_serve *v, const struct chan_event *ev)
{
	struct sshd_session *s = v->sessions;
	struct chan_mux *m = &v->conn.mux;
	char shown[SSHD_SHOWN];
	if (!wire_bytes_is(ev->name, "session")) {
		sshd_log(v->options->level, SSHD_DEBUG, "Channel of type %s refused",
		         sshd_shown(ev->name, shown));
		(void)chan_mux_refuse(m, SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, "sessions only");
		return;
	}
	while (s < v->sessions + v->options->max_sessions && s->used)
		s++;
	if (s == v->sessions + v->options->max_sessions) {
		(void)chan_mux_refuse(m, SSH_OPEN_RESOURCE_SHORTAGE, "too many sessions");
		return;
	}
	sshd_session_begin(s, &v->host);
	if (chan_mux_accept(m, &s->ch, 0, 0) != 0)
		sshd_session_end(s);
}

static void on_global(struct sshd_serve *v, const struct chan_event *ev)
{
	if (auth_hostkeys_prove_is(ev->name))
		sshd_hostkeys_prove(v, ev);
	else
		(void)chan_mux_answer(&v->conn.mux, false);
}

static void on_chan(struct sshd_serve *v, const struct chan_event *ev)
{
	struct sshd_session *s = ev->ch == NULL ? NULL : ev->ch->owner;
	switch (ev->type) {
	case CHAN_ASK_OPEN:
		on_open(v, ev);
		break;
	case CHAN_ASK_REQUEST:
		(void)chan_mux_answer(&v->conn.mux, sshd_session_request(s, ev));
		break;
	case CHAN_EVENT_REQUEST:
		(void)sshd_session_request(s, ev);
		break;
	case CHAN_ASK_GLOBAL:
		on_global(v, ev);
		break;
	case CHAN_EVENT_DATA:
		sshd_session_data(s, ev);
		break;
	case CHAN_EVENT_EOF:
		sshd_session_eof(s);
		break;
	case CHAN_EVENT_CLOSED:
		sshd_session_end(s);
		break;
	default:
		break;
	}
}

static void on_signals(struct sshd_serve *v)
{
	pid_t pid;
	int number, status;
	while ((number = sshd_signals_next(v->signals)) != 0)
		if (number != SIGCHLD)
			kex_disconnect(&v->conn.kex, SSH_DISCONNECT_BY_APPLICATION,
			               "server is shutting down");
	while ((pid = sshd_signals_reap(&status)) != 0)
		for (size_t i = 0; i < v->options->max_sessions; i++)
			sshd_session_exited(&v->sessions[i], pid, status);
}

static void drain_events(struct sshd_serve *v)
{
	struct conn_event ev;
	while (conn_next(&v->conn, &ev))
		switch (ev.layer) {
		case CONN_KEX:
			on_kex(v, &ev.kex);
			break;
		case CONN_AUTH_SERVER:
			sshd_login(v, &ev.auth_server);
			break;
		case CONN_CHAN:
			on_chan(v, &ev.chan);
			break;
		default:
			break;
		}
}

/* --- Bytes --- */

static void read_some(struct sshd_serve *v)
{
	size_t room;
	uint8_t *p = kex_recv_space(&v->conn.kex, &room);
	if (p == NULL)
		return;
	ssize_t n = read(v->in, p, room);
	if (n > 0)
		(void)kex_recv_done(&v->conn.kex, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		kex_recv_end(&v->conn.kex);
}

static void write_some(struct sshd_serve *v)
{
	ssh_bytes out = conn_out(&v->conn);
	if (out.len == 0)
		return;
	ssize_t n = write(v->out, out.ptr, out.len);
	if (n > 0)
		kex_sent(&v->conn.kex, (size_t)n);
	else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		/* Nobody will read what is left. */
		kex_sent(&v->conn.kex, out.len);
		kex_recv_end(&v->conn.kex);
	}
}

static void pump_sessions(struct sshd_serve *v)
{
	for (size_t i = 0; i < v->options->max_sessions; i++)
		if (v->sessions[i].used)
			sshd_session_pump(&v->sessions[i]);
}

/* --- Waiting --- */

static int timeout(struct sshd_serve *v, uint64_t now)
{
	uint64_t due = kex_deadline(&v->conn.kex);
	for (size_t i = 0; i < v->options->max_sessions; i++)
		if (v->sessions[i].used && sshd_session_busy(&v->sessions[i]))
			return 0;
	due = due < v->login_by ? due : v->login_by;
	if (due == UINT64_MAX)
		return -1;
	due = due > now ? due - now : 0;
	return due < INT_MAX ? (int)due : INT_MAX;
}

static void check_time(struct sshd_serve *v)
{
	uint64_t now = now_ms();
	if (now >= v->login_by && v->conn.kex.state != KEX_DEAD) {
		sshd_log(v->options->level, SSHD_INFO,
		         "Timeout before authentication for %s port %s", v->peer.address,
		         v->peer.port);
		kex_fail(&v->conn.kex, SSH_ERR_AUTH_TIMEOUT);
	}
	kex_tick(&v->conn.kex, now);
}

/* The first three entries are the connection's own; the sessions' follow. */
static void wait_and_carry(struct sshd_serve *v, struct pollfd *polls)
{
	size_t n = 3, room;
	bool wants = kex_recv_space(&v->conn.kex, &room) != NULL;
	bool has = conn_out(&v->conn).len != 0;
	polls[0] = (struct pollfd){.fd = wants ? v->in : -1, .events = POLLIN};
	polls[1] = (struct pollfd){.fd = has ? v->out : -1, .events = POLLOUT};
	polls[2] = (struct pollfd){.fd = v->signals, .events = POLLIN};
	for (size_t i = 0; i < v->options->max_sessions; i++)
		if (v->sessions[i].used)
			n += sshd_session_poll(&v->sessions[i], polls + n);
	if (poll(polls, n, timeout(v, now_ms())) < 0)
		return;
	if (polls[0].revents != 0)
		read_some(v);
	if (polls[2].revents != 0)
		on_signals(v);
	for (size_t i = 3; i < n; i++)
		for (size_t k = 0; k < v->options->max_sessions && polls[i].revents != 0; k++)
			if (v->sessions[k].used)
				sshd_session_polled(&v->sessions[k], &polls[i]);
	check_time(v);
}

/* --- One connection --- */

static void run(struct sshd_serve *v, struct pollfd *polls)
{
	for (;;) {
		drain_events(v);
		pump_sessions(v);
		write_some(v);
		if (v->conn.kex.state == KEX_DEAD)
			break;
		wait_and_carry(v, polls);
	}
	uint64_t until = now_ms() + LINGER_MS;
	drain_events(v);
	while (conn_out(&v->conn).len != 0 && now_ms() < until) {
		struct pollfd p = {.fd = v->out, .events = POLLOUT};
		(void)poll(&p, 1, LINGER_MS);
		write_some(v);
	}
}

/* RFC 4252 section 5.4: lines of a banner end in CR LF. */
static void read_banner(struct sshd_serve *v)
{
	struct wire_buf file = {0};
	const char *why = v->options->banner == NULL
	                      ? NULL
	                      : sshd_file_read(v->options->banner, SSHD_ANYBODYS, &file);
	ssh_bytes text = wire_buf_view(&file);
	for (size_t i = 0; why == NULL && i < text.len; i++) {
		if (text.ptr[i] == '\n' && (i == 0 || text.ptr[i - 1] != '\r'))
			wire_put_u8(&v->banner, '\r');
		wire_put_u8(&v->banner, text.ptr[i]);
	}
	if (wire_buf_len(&v->banner) > AUTH_SERVER_BANNER_MAX)
		wire_buf_cut(&v->banner, AUTH_SERVER_BANNER_MAX);
	if (why != NULL)
		sshd_log(v->options->level, SSHD_ERROR, "Banner %s: %s", v->options->banner, why);
	wire_buf_wipe(&file);
}

static enum ssh_err begin(struct sshd_serve *v)
{
	const struct sshd_options *o = v->options;
	struct conn_config c = {.kex = o->kex};
	uint64_t now = now_ms();
	read_banner(v);
	c.auth_server.banner = wire_buf_view(&v->banner);
	c.auth_server.methods = sshd_options_methods(o);
	c.auth_server.chains = wire_bytes_str(o->chains);
	c.auth_server.max_failures = o->max_tries;
	c.auth_server.rsa_min_bits = o->kex.rsa_min_bits;
	chan_config_init(&c.chan, true, (struct chan_sink){0});
	c.chan.sessions_max = o->max_sessions;
	v->login_by = o->grace_ms == UINT64_MAX ? UINT64_MAX : now + o->grace_ms;
	return conn_init(&v->conn, &c, now);
}

static int serve(struct sshd_serve *v, struct pollfd *polls)
{
	enum ssh_err e = v->signals < 0 ? SSH_ERR_IO : begin(v);
	if (e != 0) {
		sshd_log(v->options->level, SSHD_ERROR, "Cannot serve: %s", ssh_err_text(e));
		return 255;
	}
	net_nonblocking(v->in);
	net_nonblocking(v->out);
	run(v, polls);
	e = conn_err(&v->conn);
	for (size_t i = 0; i < v->options->max_sessions; i++)
		if (v->sessions[i].used)
			sshd_session_end(&v->sessions[i]);
	conn_wipe(&v->conn);
	return e == SSH_OK || e == SSH_ERR_DISCONNECTED || e == SSH_ERR_CONNECTION_LOST ? 0 : 255;
}

int sshd_serve(const struct sshd_options *o, int in, int out, int startup)
{
	struct sshd_serve *v = calloc(1, sizeof *v);
	struct sshd_session *sessions = calloc(o->max_sessions, sizeof *sessions);
	struct pollfd *polls = calloc(3 + o->max_sessions * SSHD_SESSION_POLLS, sizeof *polls);
	int status = 255;
	if (v != NULL && sessions != NULL && polls != NULL) {
		v->options = o;
		v->sessions = sessions;
		v->in = in;
		v->out = out;
		v->startup = startup;
		v->signals = sshd_signals_start();
		sshd_peer_of(&v->peer, in);
		v->host = (struct sshd_host){o, &v->peer, &v->grant, false};
		sshd_log(o->level, SSHD_DEBUG, "Connection from %s port %s on %s port %s",
		         v->peer.address, v->peer.port, v->peer.local_address, v->peer.local_port);
		status = serve(v, polls);
		sshd_grant_wipe(&v->grant);
		wire_buf_wipe(&v->banner);
	}
	free(polls);
	free(sessions);
	free(v);
	return status;
}
