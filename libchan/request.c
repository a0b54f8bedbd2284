/* SPDX-License-Identifier: MIT */
#include "libchan/request.h"

/* A type's name, the form of its body, and whether the RFC lets it want a reply. */
struct row {
	const char *name;
	const struct wire_shape *shape;
	bool silent;
};

static const struct row rows[CHAN_REQUEST_TYPES] = {
    [CHAN_REQUEST_PTY] = {"pty-req", &ssh_request_pty_shape, false},
    [CHAN_REQUEST_X11] = {"x11-req", &ssh_request_x11_shape, false},
    [CHAN_REQUEST_ENV] = {"env", &ssh_request_env_shape, false},
    [CHAN_REQUEST_SHELL] = {"shell", &ssh_request_empty_shape, false},
    [CHAN_REQUEST_EXEC] = {"exec", &ssh_request_exec_shape, false},
    [CHAN_REQUEST_SUBSYSTEM] = {"subsystem", &ssh_request_subsystem_shape, false},
    [CHAN_REQUEST_WINDOW_CHANGE] = {"window-change", &ssh_request_window_change_shape, true},
    [CHAN_REQUEST_XON_XOFF] = {"xon-xoff", &ssh_request_xon_xoff_shape, true},
    [CHAN_REQUEST_SIGNAL] = {"signal", &ssh_request_signal_shape, true},
    [CHAN_REQUEST_EXIT_STATUS] = {"exit-status", &ssh_request_exit_status_shape, true},
    [CHAN_REQUEST_EXIT_SIGNAL] = {"exit-signal", &ssh_request_exit_signal_shape, true},
    [CHAN_REQUEST_BREAK] = {"break", &ssh_request_break_shape, false},
    [CHAN_REQUEST_AGENT] = {"auth-agent-req@openssh.com", &ssh_request_empty_shape, false},
    [CHAN_REQUEST_EOW] = {"eow@openssh.com", &ssh_request_empty_shape, true},
};

const char *chan_request_name(enum chan_request_type type)
{
	return (unsigned)type < CHAN_REQUEST_TYPES ? rows[type].name : NULL;
}

static enum chan_request_type find(ssh_bytes name)
{
	for (enum chan_request_type t = CHAN_REQUEST_PTY; t < CHAN_REQUEST_TYPES; t++)
		if (wire_bytes_is(name, rows[t].name))
			return t;
	return CHAN_REQUEST_UNKNOWN;
}

enum ssh_err chan_request_decode(struct chan_request *r, ssh_bytes type, ssh_bytes body)
{
	*r = (struct chan_request){.type = find(type)};
	if (r->type == CHAN_REQUEST_UNKNOWN)
		return SSH_OK;
	/* The members of a union all begin where it begins. */
	return wire_msg_decode(rows[r->type].shape, body, &r->empty);
}

enum ssh_err chan_request_send(struct chan_channel *ch, const struct chan_request *r,
                               bool want_reply)
{
	struct wire_buf b = {0};
	if (chan_request_name(r->type) == NULL || (want_reply && rows[r->type].silent))
		return SSH_ERR_ARGUMENT;
	wire_msg_encode(&b, rows[r->type].shape, &r->empty);
	enum ssh_err e = wire_buf_end(&b);
	if (e == 0)
		e = chan_channel_request(ch, rows[r->type].name, want_reply, wire_buf_view(&b));
	wire_buf_wipe(&b);
	return e;
}

/* --- The usual ones in short --- */

enum ssh_err chan_request_exec(struct chan_channel *ch, ssh_bytes command)
{
	struct chan_request r = {.type = CHAN_REQUEST_EXEC, .exec = {command}};
	return chan_request_send(ch, &r, true);
}

enum ssh_err chan_request_shell(struct chan_channel *ch)
{
	struct chan_request r = {.type = CHAN_REQUEST_SHELL};
	return chan_request_send(ch, &r, true);
}

enum ssh_err chan_request_subsystem(struct chan_channel *ch, const char *name)
{
	struct chan_request r = {.type = CHAN_REQUEST_SUBSYSTEM,
	                         .subsystem = {wire_bytes_str(name)}};
	return chan_request_send(ch, &r, true);
}

enum ssh_err chan_request_pty(struct chan_channel *ch, const struct ssh_request_pty *pty)
{
	struct chan_request r = {.type = CHAN_REQUEST_PTY, .pty = *pty};
	return chan_request_send(ch, &r, true);
}

enum ssh_err chan_request_env(struct chan_channel *ch, ssh_bytes name, ssh_bytes value)
{
	struct chan_request r = {.type = CHAN_REQUEST_ENV, .env = {name, value}};
	return chan_request_send(ch, &r, false);
}

enum ssh_err chan_request_window_change(struct chan_channel *ch,
                                        const struct ssh_request_window_change *size)
{
	struct chan_request r = {.type = CHAN_REQUEST_WINDOW_CHANGE, .window_change = *size};
	return chan_request_send(ch, &r, false);
}

enum ssh_err chan_request_signal(struct chan_channel *ch, const char *name)
{
	struct chan_request r = {.type = CHAN_REQUEST_SIGNAL, .signal = {wire_bytes_str(name)}};
	return chan_request_send(ch, &r, false);
}

enum ssh_err chan_request_exit_status(struct chan_channel *ch, uint32_t status)
{
	struct chan_request r = {.type = CHAN_REQUEST_EXIT_STATUS, .exit_status = {status}};
	return chan_request_send(ch, &r, false);
}

enum ssh_err chan_request_exit_signal(struct chan_channel *ch, const char *name, bool core,
                                      const char *text)
{
	struct chan_request r = {
	    .type = CHAN_REQUEST_EXIT_SIGNAL,
	    .exit_signal = {wire_bytes_str(name), core, wire_bytes_str(text), {NULL, 0}},
	};
	return chan_request_send(ch, &r, false);
}
