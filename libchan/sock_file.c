/* SPDX-License-Identifier: MIT */
#include "libchan/sock_file.h"

/* Lines and buffers over sock_recv and sock_send_all: it needs nothing else of a sock. */

void sock_file_init(struct sock_file *f, struct sock_channel *ch)
{
	*f = (struct sock_file){.ch = ch};
}

void sock_file_wipe(struct sock_file *f)
{
	wire_buf_wipe(&f->in);
	wire_buf_wipe(&f->out);
	*f = (struct sock_file){0};
}

/* --- Reading --- */

/* In place: CRLF and CR become LF. Returns what is left; a CR at the end may be half of a CRLF. */
static size_t translate(struct sock_file *f, uint8_t *p, size_t n)
{
	size_t at = 0;
	for (size_t i = 0; i < n; i++) {
		uint8_t c = p[i];
		if (c == '\n' && f->after_cr) {
			f->newlines |= SOCK_NEWLINE_CRLF;
			f->after_cr = false;
			continue;
		}
		if (f->after_cr)
			f->newlines |= SOCK_NEWLINE_CR;
		if (c == '\n')
			f->newlines |= SOCK_NEWLINE_LF;
		f->after_cr = c == '\r';
		p[at++] = c == '\r' ? '\n' : c;
	}
	return at;
}

static void end_of_data(struct sock_file *f)
{
	f->ended = true;
	if (f->after_cr)
		f->newlines |= SOCK_NEWLINE_CR;
	f->after_cr = false;
}

static enum ssh_err recv_some(struct sock_file *f, void *buf, size_t cap, size_t *got)
{
	enum ssh_err e =
	    f->stderr_in ? sock_recv_err(f->ch, buf, cap, got) : sock_recv(f->ch, buf, cap, got);
	if (e == 0 && *got == 0)
		end_of_data(f);
	return e;
}

/* More into the buffer. At the end, or if all that came was the LF of a CRLF, it does not grow. */
static enum ssh_err fill(struct sock_file *f)
{
	size_t n;
	uint8_t *p = wire_buf_room(&f->in, SOCK_FILE_SIZE);
	if (p == NULL) {
		enum ssh_err e = wire_buf_end(&f->in);
		f->in.err = SSH_OK; /* what is there is there */
		return e;
	}
	enum ssh_err e = recv_some(f, p, SOCK_FILE_SIZE, &n);
	if (e == 0)
		wire_buf_took(&f->in, f->universal ? translate(f, p, n) : n);
	return e;
}

static size_t take(struct sock_file *f, void *buf, size_t cap)
{
	ssh_bytes in = wire_buf_view(&f->in);
	size_t n = in.len < cap ? in.len : cap;
	if (n != 0)
		memcpy(buf, in.ptr, n);
	wire_buf_drop(&f->in, n);
	if (wire_buf_len(&f->in) == 0)
		wire_buf_wipe(&f->in);
	return n;
}

enum ssh_err sock_file_read_some(struct sock_file *f, void *buf, size_t cap, size_t *got)
{
	enum ssh_err e = SSH_OK;
	*got = 0;
	/* What needs no buffer passes by it. */
	if (wire_buf_len(&f->in) == 0 && !f->universal && !f->ended)
		return recv_some(f, buf, cap, got);
	while (e == 0 && wire_buf_len(&f->in) == 0 && !f->ended)
		e = fill(f);
	if (e == 0)
		*got = take(f, buf, cap);
	return e;
}

enum ssh_err sock_file_read(struct sock_file *f, void *buf, size_t n, size_t *got)
{
	enum ssh_err e = SSH_OK;
	*got = 0;
	if (n > WIRE_BUF_DEFAULT_MAX - SOCK_FILE_SIZE)
		return SSH_ERR_TOO_LONG;
	while (e == 0 && wire_buf_len(&f->in) < n && !f->ended)
		e = fill(f);
	if (e == 0)
		*got = take(f, buf, n);
	return e;
}

enum ssh_err sock_file_read_line(struct sock_file *f, char *line, size_t cap, size_t *len)
{
	enum ssh_err e;
	size_t seen = 0;
	const uint8_t *lf = NULL;
	*len = 0;
	if (cap < 2)
		return SSH_ERR_ARGUMENT;
	for (;;) {
		ssh_bytes in = wire_buf_view(&f->in);
		size_t n = in.len < cap - 1 ? in.len : cap - 1;
		if (n > seen)
			lf = memchr(in.ptr + seen, '\n', n - seen);
		if (lf != NULL)
			n = (size_t)(lf - in.ptr) + 1;
		if (lf != NULL || n == cap - 1 || f->ended) {
			*len = take(f, line, n);
			line[*len] = '\0';
			return SSH_OK;
		}
		seen = n;
		if ((e = fill(f)) != 0)
			return e;
	}
}

/* --- Writing --- */

static enum ssh_err send_out(struct sock_file *f, size_t n)
{
	size_t sent;
	ssh_bytes data = wire_bytes(wire_buf_view(&f->out).ptr, n);
	if (data.len == 0)
		return SSH_OK;
	enum ssh_err e =
	    f->stderr_out ? sock_send_err(f->ch, data, &sent) : sock_send_all(f->ch, data, &sent);
	wire_buf_drop(&f->out, sent);
	if (wire_buf_len(&f->out) == 0)
		wire_buf_wipe(&f->out);
	return e;
}

/* Up to the last LF. */
static size_t whole_lines(ssh_bytes data)
{
	size_t n = data.len;
	while (n > 0 && data.ptr[n - 1] != '\n')
		n--;
	return n;
}

enum ssh_err sock_file_write(struct sock_file *f, ssh_bytes data)
{
	wire_put_raw(&f->out, data);
	enum ssh_err e = wire_buf_end(&f->out);
	f->out.err = SSH_OK;
	if (e != 0)
		return e;
	size_t n = wire_buf_len(&f->out);
	if (f->buffering == SOCK_LINES && n < SOCK_FILE_SIZE)
		n = whole_lines(wire_buf_view(&f->out));
	else if (f->buffering == SOCK_FULLY && n < SOCK_FILE_SIZE)
		n = 0;
	return send_out(f, n);
}

enum ssh_err sock_file_flush(struct sock_file *f)
{
	return send_out(f, wire_buf_len(&f->out));
}
