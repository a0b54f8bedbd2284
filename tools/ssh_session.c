/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libauth/hostkeys.h"
#include "tools/ssh_client.h"
#include "tools/text.h"

/* Pipes and sockets may block us for long; terminals and files are shared with others. */
static void dont_block(int fd)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFL);
	if (fstat(fd, &st) == 0 && flags >= 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

static bool tty_wanted(const struct ssh_options *o)
{
	switch (o->tty) {
	case TTY_FORCE:
		return true;
	case TTY_YES:
		return isatty(STDIN_FILENO);
	case TTY_NO:
		return false;
	case TTY_AUTO:
		break;
	}
	return o->command[0] == '\0' && !o->subsystem && isatty(STDIN_FILENO);
}

void ssh_session_start(struct ssh_client *c)
{
	struct ssh_session *s = &c->session;
	s->out[0].fd = STDOUT_FILENO;
	s->out[1].fd = c->stderr_fd;
	s->line_start = true;
	if (c->o.no_command)
		return;
	dont_block(STDOUT_FILENO);
	struct chan_open open = {.type = "session"};
	enum ssh_err e = chan_mux_open(&c->conn.mux, &s->ch, &open);
	if (e != 0)
		kex_fail(&c->conn.kex, e);
}

/* --- Requests --- */

static void put_modes(struct wire_buf *b)
{
	struct termios t;
	static const struct {
		uint8_t opcode;
		int index;
	} keys[] = {{1, VINTR}, {2, VQUIT},  {3, VERASE}, {4, VKILL},
	            {5, VEOF},  {8, VSTART}, {9, VSTOP},  {10, VSUSP}};
	if (tcgetattr(STDIN_FILENO, &t) == 0) {
		for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
			wire_put_u8(b, keys[i].opcode);
			wire_put_u32(b, t.c_cc[keys[i].index]);
		}
	}
	wire_put_u8(b, 0);
}

static enum ssh_err request_pty(struct ssh_client *c)
{
	struct tty_size size = tty_size_of(STDIN_FILENO);
	const char *term = getenv("TERM");
	struct wire_buf modes = {0};
	put_modes(&modes);
	struct ssh_request_pty pty = {
	    .term = wire_bytes_str(term == NULL ? "dumb" : term),
	    .cols = size.cols,
	    .rows = size.rows,
	    .width = size.width,
	    .height = size.height,
	    .modes = wire_buf_view(&modes),
	};
	enum ssh_err e = chan_request_pty(&c->session.ch, &pty);
	wire_buf_wipe(&modes);
	return e;
}

static enum ssh_err request_env(struct ssh_client *c)
{
	enum ssh_err e = SSH_OK;
	for (size_t i = 0; c->o.env[i] != NULL && e == 0; i++) {
		ssh_bytes name = wire_bytes(c->o.env[i], strcspn(c->o.env[i], "="));
		ssh_bytes value = wire_bytes_str(c->o.env[i] + name.len + 1);
		e = chan_request_env(&c->session.ch, name, value);
	}
	return e;
}

static enum ssh_err request_program(struct ssh_client *c)
{
	struct chan_channel *ch = &c->session.ch;
	if (c->o.subsystem)
		return chan_request_subsystem(ch, c->o.command);
	if (c->o.command[0] != '\0')
		return chan_request_exec(ch, wire_bytes_str(c->o.command));
	return chan_request_shell(ch);
}

static void opened(struct ssh_client *c)
{
	struct ssh_session *s = &c->session;
	enum ssh_err e = SSH_OK;
	s->tty = tty_wanted(&c->o);
	if (s->tty) {
		e = request_pty(c);
		s->starting++;
	}
	s->starting++;
	if (e != 0 || (e = request_env(c)) != 0 || (e = request_program(c)) != 0)
		kex_fail(&c->conn.kex, e);
	if (c->o.no_stdin && chan_channel_eof(&s->ch) == 0)
		s->input_end = true;
}

static void replied(struct ssh_client *c, bool success)
{
	struct ssh_session *s = &c->session;
	bool last = --s->starting == 0;
	if (!success && !last) {
		ssh_say(c, "the server gives no terminal");
		s->tty = false;
		return;
	}
	if (!success) {
		ssh_say(c, "the server refused to start %s",
		        c->o.command[0] == '\0' ? "a shell" : c->o.command);
		(void)chan_channel_close(&s->ch);
		return;
	}
	s->started = last;
	if (last && s->tty)
		(void)tty_raw_begin(&s->raw, STDIN_FILENO);
}

static void requested(struct ssh_client *c, const struct chan_event *ev)
{
	struct chan_request r;
	if (chan_request_decode(&r, ev->name, ev->body) != 0)
		return;
	if (r.type == CHAN_REQUEST_EXIT_STATUS) {
		c->session.exited = true;
		c->status = (int)(r.exit_status.status & 0xff);
	}
	if (r.type == CHAN_REQUEST_EXIT_SIGNAL) {
		c->session.exited = true;
		fprintf(stderr, "nacre-ssh: remote command was killed by signal ");
		text_print(stderr, r.exit_signal.name, false);
		fputc('\n', stderr);
		c->status = SSH_EXIT_FAILURE;
	}
}

/* --- Output --- */

/* Returns how many bytes are off our hands. */
static size_t write_some(struct ssh_stream *s, ssh_bytes data)
{
	size_t done = 0;
	while (done < data.len && !s->broken) {
		ssize_t n = write(s->fd, data.ptr + done, data.len - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN)
			return done;
		else if (errno != EINTR)
			s->broken = true;
	}
	return s->broken ? data.len : done;
}

static void received(struct ssh_client *c, const struct chan_event *ev)
{
	struct ssh_stream *s = &c->session.out[ev->ext == 0 ? 0 : 1];
	size_t n = wire_buf_len(&s->wait) == 0 ? write_some(s, ev->data) : 0;
	wire_put_raw(&s->wait, wire_bytes_skip(ev->data, n));
	if (wire_buf_end(&s->wait) != 0)
		kex_fail(&c->conn.kex, wire_buf_end(&s->wait));
	else
		(void)chan_channel_consumed(ev->ch, n);
}

static void finish_if_written(struct ssh_client *c)
{
	struct ssh_session *s = &c->session;
	c->done =
	    s->closed && wire_buf_len(&s->out[0].wait) == 0 && wire_buf_len(&s->out[1].wait) == 0;
}

void ssh_session_flush(struct ssh_client *c, struct ssh_stream *s)
{
	size_t n = write_some(s, wire_buf_view(&s->wait));
	wire_buf_drop(&s->wait, n);
	if (!c->session.closed)
		(void)chan_channel_consumed(&c->session.ch, n);
	finish_if_written(c);
}

/* A key exchange that begins between two packets leaves a rest: CHAN_EVENT_WRITABLE comes for it. */
static void send_input(struct ssh_session *s)
{
	enum ssh_err e;
	s->unsent = wire_bytes_skip(s->unsent, chan_channel_send(&s->ch, s->unsent, &e));
}

void ssh_session_event(struct ssh_client *c, const struct chan_event *ev)
{
	switch (ev->type) {
	case CHAN_EVENT_OPENED:
		opened(c);
		break;
	case CHAN_EVENT_OPEN_FAILED:
		fprintf(stderr, "nacre-ssh: the server refused the session: ");
		text_print(stderr, ev->text, false);
		fputc('\n', stderr);
		c->done = true;
		break;
	case CHAN_EVENT_REPLY:
		replied(c, ev->success);
		break;
	case CHAN_EVENT_REQUEST:
		requested(c, ev);
		break;
	case CHAN_EVENT_DATA:
		received(c, ev);
		break;
	case CHAN_EVENT_WRITABLE:
		send_input(&c->session);
		break;
	case CHAN_EVENT_CLOSED:
		c->session.closed = true;
		if (c->session.started && !c->session.exited && ev->err == SSH_OK)
			ssh_say(c, "%s closed the session without an exit status", c->o.host);
		finish_if_written(c);
		break;
	case CHAN_EVENT_GLOBAL:
		if (auth_hostkeys_is(ev->name))
			ssh_update_told(c, ev->body);
		break;
	case CHAN_EVENT_GLOBAL_REPLY:
		ssh_update_proven(c, ev);
		break;
	case CHAN_ASK_OPEN:
		(void)chan_mux_refuse(&c->conn.mux, SSH_OPEN_ADMINISTRATIVELY_PROHIBITED,
		                      "not asked for");
		break;
	case CHAN_ASK_REQUEST:
	case CHAN_ASK_GLOBAL:
		(void)chan_mux_answer(&c->conn.mux, false);
		break;
	default:
		break;
	}
}

/* --- Input --- */

bool ssh_session_wants_input(struct ssh_client *c)
{
	struct ssh_session *s = &c->session;
	return s->started && !s->input_end && !s->closed && s->unsent.len == 0 &&
	       chan_channel_room(&s->ch) > 0;
}

/*
 * On a terminal, "~." at the beginning of a line ends the connection, and "~~" is a tilde.
 *
 * The `n` bytes stand behind one spare byte, `p`, and are moved there: a tilde that was kept back
 * may be put before them. Returns the number of bytes that remain to be sent.
 */
static size_t take_escapes(struct ssh_client *c, uint8_t *p, size_t n)
{
	struct ssh_session *s = &c->session;
	const uint8_t *from = p + 1;
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		if (s->escape && from[i] == '.') {
			c->done = true;
			return kept;
		}
		if (!s->escape && s->line_start && from[i] == '~') {
			s->escape = true;
			continue;
		}
		if (s->escape && from[i] != '~')
			p[kept++] = '~';
		s->escape = false;
		s->line_start = from[i] == '\r' || from[i] == '\n';
		p[kept++] = from[i];
	}
	return kept;
}

void ssh_session_input(struct ssh_client *c)
{
	struct ssh_session *s = &c->session;
	size_t room = chan_channel_room(&s->ch);
	size_t max = room < sizeof s->input - 1 ? room : sizeof s->input - 1;
	/* A tilde that was kept back wants room too. */
	ssize_t n = read(STDIN_FILENO, s->input + 1, s->escape && max > 1 ? max - 1 : max);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		s->input_end = true;
		(void)chan_channel_eof(&s->ch);
		return;
	}
	ssh_bytes data = wire_bytes(s->input + 1, (size_t)n);
	if (s->raw.active)
		data = wire_bytes(s->input, take_escapes(c, s->input, (size_t)n));
	s->unsent = data;
	send_input(s);
}

void ssh_session_resize(struct ssh_client *c)
{
	struct tty_size size = tty_size_of(STDIN_FILENO);
	struct ssh_request_window_change m = {size.cols, size.rows, size.width, size.height};
	if (c->session.started && c->session.tty && !c->session.closed)
		(void)chan_request_window_change(&c->session.ch, &m);
}

void ssh_session_end(struct ssh_client *c)
{
	tty_raw_end(&c->session.raw);
	wire_buf_wipe(&c->session.out[0].wait);
	wire_buf_wipe(&c->session.out[1].wait);
	wire_wipe(c->session.input, sizeof c->session.input);
}
