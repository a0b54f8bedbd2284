/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/libchan/pipe.h"
#include "tests/support/vectors.h"

/* --- On the wire --- */

static struct pipe_end p;

static void open_channel(struct chan_channel *ch)
{
	struct chan_event ev;
	struct wire_buf b = {0};
	pipe_init(&p, true, NULL);
	cr_assert_eq(wire_msg_parse(&b, wire_msg_all,
	                            wire_bytes_str("CHANNEL_OPEN type=\"session\" sender=7 "
	                                           "window=9 maxpacket=9")),
	             0);
	cr_assert_eq(pipe_recv(&p, wire_buf_view(&b)), 0);
	cr_assert(chan_mux_next(&p.m, &ev));
	cr_assert_eq(chan_mux_accept(&p.m, ch, 0, 0), 0);
	wire_buf_wipe(&b);
	wire_buf_wipe(&p.out);
}

/* The one payload sent, printed. */
static void expect_sent(const char *line)
{
	struct wire_buf text = {0};
	ssh_bytes out = wire_bytes_skip(wire_buf_view(&p.out), 4);
	wire_msg_print(&text, &ssh_channel_request_shape, out);
	wire_put_u8(&text, 0);
	cr_assert_str_eq((const char *)wire_buf_view(&text).ptr, line);
	wire_buf_wipe(&text);
	wire_buf_wipe(&p.out);
}

Test(request, each_goes_out_as_the_rfc_says)
{
	struct chan_channel ch = {0};
	struct ssh_request_pty pty = {wire_bytes_str("vt100"),        80, 24, 640, 480,
	                              wire_bytes("\x35\0\0\0\1\0", 6)};
	struct ssh_request_window_change size = {132, 43, 0, 0};
	open_channel(&ch);
	cr_assert_eq(chan_request_exec(&ch, wire_bytes_str("ls")), 0);
	expect_sent("CHANNEL_REQUEST recipient=7 type=\"exec\" want_reply=true command=\"ls\"");
	cr_assert_eq(chan_request_shell(&ch), 0);
	expect_sent("CHANNEL_REQUEST recipient=7 type=\"shell\" want_reply=true");
	cr_assert_eq(chan_request_subsystem(&ch, "sftp"), 0);
	expect_sent("CHANNEL_REQUEST recipient=7 type=\"subsystem\" want_reply=true name=\"sftp\"");
	cr_assert_eq(chan_request_pty(&ch, &pty), 0);
	expect_sent("CHANNEL_REQUEST recipient=7 type=\"pty-req\" want_reply=true term=\"vt100\" "
	            "cols=80 rows=24 width=640 height=480 modes=\"5\\x00\\x00\\x00\\x01\\x00\"");
	cr_assert_eq(chan_request_env(&ch, wire_bytes_str("LANG"), wire_bytes_str("C")), 0);
	expect_sent("CHANNEL_REQUEST recipient=7 type=\"env\" want_reply=false name=\"LANG\" "
	            "value=\"C\"");
	cr_assert_eq(chan_request_window_change(&ch, &size), 0);
	expect_sent("CHANNEL_REQUEST recipient=7 type=\"window-change\" want_reply=false cols=132 "
	            "rows=43 width=0 height=0");
	cr_assert_eq(chan_request_signal(&ch, "TERM"), 0);
	expect_sent("CHANNEL_REQUEST recipient=7 type=\"signal\" want_reply=false name=\"TERM\"");
	cr_assert_eq(chan_request_exit_status(&ch, 3), 0);
	expect_sent("CHANNEL_REQUEST recipient=7 type=\"exit-status\" want_reply=false status=3");
	cr_assert_eq(chan_request_exit_signal(&ch, "SEGV", true, "oops"), 0);
	expect_sent("CHANNEL_REQUEST recipient=7 type=\"exit-signal\" want_reply=false "
	            "name=\"SEGV\" core=true text=\"oops\" language=\"\"");
	cr_assert_eq(ch.requests, 4);
	pipe_wipe(&p);
}

Test(request, silent_ones_may_not_want_a_reply)
{
	static const enum chan_request_type silent[] = {
	    CHAN_REQUEST_WINDOW_CHANGE, CHAN_REQUEST_SIGNAL,   CHAN_REQUEST_EXIT_STATUS,
	    CHAN_REQUEST_EXIT_SIGNAL,   CHAN_REQUEST_XON_XOFF, CHAN_REQUEST_EOW,
	};
	struct chan_channel ch = {0};
	struct chan_request r = {0};
	open_channel(&ch);
	cr_assert_eq(chan_request_send(&ch, &r, false), SSH_ERR_ARGUMENT);
	r.type = CHAN_REQUEST_TYPES;
	cr_assert_eq(chan_request_send(&ch, &r, false), SSH_ERR_ARGUMENT);
	for (size_t i = 0; i < sizeof silent / sizeof silent[0]; i++) {
		r.type = silent[i];
		cr_assert_eq(chan_request_send(&ch, &r, true), SSH_ERR_ARGUMENT);
		cr_assert_eq(chan_request_send(&ch, &r, false), 0);
	}
	pipe_wipe(&p);
}

Test(request, every_type_decodes_what_it_encodes)
{
	for (enum chan_request_type t = CHAN_REQUEST_PTY; t < CHAN_REQUEST_TYPES; t++) {
		struct chan_channel ch = {0};
		struct chan_request r = {.type = t}, back;
		struct ssh_channel_request head;
		open_channel(&ch);
		cr_assert_eq(chan_request_send(&ch, &r, false), 0);
		ssh_bytes payload = wire_bytes_skip(wire_buf_view(&p.out), 4);
		cr_assert_eq(wire_msg_decode(&ssh_channel_request_shape, payload, &head), 0);
		cr_assert(wire_bytes_is(head.type, chan_request_name(t)));
		cr_assert_eq(chan_request_decode(&back, head.type, head.rest), 0);
		cr_assert_eq(back.type, t);
		ssh_bytes cut = wire_bytes(head.rest.ptr, head.rest.len - (head.rest.len > 0));
		if (head.rest.len > 0)
			cr_assert_eq(chan_request_decode(&back, head.type, cut), SSH_ERR_TRUNCATED);
		cr_assert_eq(
		    chan_request_decode(&back, head.type,
		                        wire_bytes(head.rest.ptr - 1, head.rest.len + 1)) != 0,
		    true);
		pipe_wipe(&p);
	}
	struct chan_request r;
	cr_assert_eq(chan_request_decode(&r, wire_bytes_str("what"), wire_bytes("x", 1)), 0);
	cr_assert_eq(r.type, CHAN_REQUEST_UNKNOWN);
	cr_assert_null(chan_request_name(CHAN_REQUEST_UNKNOWN));
	cr_assert_null(chan_request_name(CHAN_REQUEST_TYPES));
}

/* --- A session's rules --- */

#define DO     CHAN_SESSION_DO
#define REFUSE CHAN_SESSION_REFUSE
#define IGNORE CHAN_SESSION_IGNORE

struct step {
	const char *why;
	enum chan_request_type type;
	const char *a, *b; /* its strings, hexadecimal */
	enum chan_session_verdict want;
};

static enum chan_session_verdict judge(struct chan_session *s, const struct step *step)
{
	struct wire_buf a = {0}, b = {0};
	struct chan_request r = {.type = step->type};
	unhex(&a, step->a == NULL ? "" : step->a);
	unhex(&b, step->b == NULL ? "" : step->b);
	if (step->type == CHAN_REQUEST_PTY)
		r.pty = (struct ssh_request_pty){wire_buf_view(&a), 0, 0, 0, 0, wire_buf_view(&b)};
	else if (step->type == CHAN_REQUEST_X11)
		r.x11 = (struct ssh_request_x11){true, wire_buf_view(&b), wire_buf_view(&a), 0};
	else
		r.env = (struct ssh_request_env){wire_buf_view(&a), wire_buf_view(&b)};
	enum chan_session_verdict v = chan_session_judge(s, &r);
	wire_buf_wipe(&a);
	wire_buf_wipe(&b);
	return v;
}

Test(request, a_session_takes_its_course)
{
	static const struct step steps[] = {
	    {"H59 no pty yet", CHAN_REQUEST_WINDOW_CHANGE, NULL, NULL, IGNORE},
	    {"H60 no process yet", CHAN_REQUEST_SIGNAL, "54 45 52 4d", NULL, IGNORE},
	    {"H55 cut argument", CHAN_REQUEST_PTY, "78", "35 00 00 00", REFUSE},
	    {"H55 not ended", CHAN_REQUEST_PTY, "78", "35 00 00 00 01", DO},
	    {"H56 twice", CHAN_REQUEST_PTY, "78", "00", REFUSE},
	    {"a size", CHAN_REQUEST_WINDOW_CHANGE, NULL, NULL, DO},
	    {"H83 odd", CHAN_REQUEST_X11, "61 62 63", NULL, REFUSE},
	    {"H83 not hexadecimal", CHAN_REQUEST_X11, "61 67", NULL, REFUSE},
	    {"H83 NUL", CHAN_REQUEST_X11, "61 00", NULL, REFUSE},
	    {"H83 empty", CHAN_REQUEST_X11, NULL, NULL, REFUSE},
	    {"a cookie", CHAN_REQUEST_X11, "61 46", NULL, DO},
	    {"x11 twice", CHAN_REQUEST_X11, "61 46", NULL, REFUSE},
	    {"H58 no name", CHAN_REQUEST_ENV, NULL, "43", REFUSE},
	    {"H58 =", CHAN_REQUEST_ENV, "41 3d", "43", REFUSE},
	    {"H58 NUL in name", CHAN_REQUEST_ENV, "41 00", "43", REFUSE},
	    {"H58 NUL in value", CHAN_REQUEST_ENV, "41", "43 00", REFUSE},
	    {"a variable", CHAN_REQUEST_ENV, "41", NULL, DO},
	    {"H52 NUL", CHAN_REQUEST_EXEC, "6c 00", NULL, REFUSE},
	    {"H53 empty", CHAN_REQUEST_SUBSYSTEM, NULL, NULL, REFUSE},
	    {"a break too soon", CHAN_REQUEST_BREAK, NULL, NULL, REFUSE},
	    {"a command", CHAN_REQUEST_EXEC, "6c", NULL, DO},
	    {"H51 shell", CHAN_REQUEST_SHELL, NULL, NULL, REFUSE},
	    {"H51 exec", CHAN_REQUEST_EXEC, "6c", NULL, REFUSE},
	    {"H51 subsystem", CHAN_REQUEST_SUBSYSTEM, "6c", NULL, REFUSE},
	    {"H58 too late", CHAN_REQUEST_ENV, "41", NULL, REFUSE},
	    {"H60 unknown", CHAN_REQUEST_SIGNAL, "54 45 52", NULL, IGNORE},
	    {"a signal", CHAN_REQUEST_SIGNAL, "54 45 52 4d", NULL, DO},
	    {"a break", CHAN_REQUEST_BREAK, NULL, NULL, DO},
	    {"eow", CHAN_REQUEST_EOW, NULL, NULL, DO},
	    {"an exit", CHAN_REQUEST_EXIT_STATUS, NULL, NULL, DO},
	    {"H63 twice", CHAN_REQUEST_EXIT_SIGNAL, NULL, NULL, IGNORE},
	    {"H60 too late", CHAN_REQUEST_SIGNAL, "54 45 52 4d", NULL, IGNORE},
	    {"H49", CHAN_REQUEST_UNKNOWN, NULL, NULL, REFUSE},
	};
	struct chan_session s = {0};
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		cr_assert_eq(judge(&s, &steps[i]), steps[i].want, "%s", steps[i].why);
	s = (struct chan_session){.started = true};
	cr_assert_eq(judge(&s, &(struct step){"", CHAN_REQUEST_PTY, "78", NULL, REFUSE}), REFUSE,
	             "H56 after the shell");
}

Test(request, sizes_and_counts_are_bounded)
{
	static uint8_t long_one[CHAN_ARGUMENT_MAX + 1];
	struct chan_session s = {0};
	memset(long_one, 'x', sizeof long_one);
	struct chan_request r = {.type = CHAN_REQUEST_EXEC,
	                         .exec = {wire_bytes(long_one, sizeof long_one)}};
	cr_assert_eq(chan_session_judge(&s, &r), REFUSE, "H52");
	r.exec.command.len--;
	cr_assert_eq(chan_session_judge(&s, &r), DO, "H52");
	s = (struct chan_session){0};
	r = (struct chan_request){.type = CHAN_REQUEST_ENV,
	                          .env = {wire_bytes_str("A"), {NULL, 0}}};
	for (int i = 0; i < CHAN_ENV_MAX; i++)
		cr_assert_eq(chan_session_judge(&s, &r), DO);
	cr_assert_eq(chan_session_judge(&s, &r), REFUSE, "H58");
	r = (struct chan_request){.type = CHAN_REQUEST_PTY,
	                          .pty = {{NULL, 0}, UINT32_MAX, 0, 70000, 5, {NULL, 0}}};
	cr_assert_eq(chan_session_judge(&s, &r), DO, "H54");
	cr_assert(r.pty.cols == 65535 && r.pty.rows == 0 && r.pty.width == 65535 &&
	          r.pty.height == 5);
	r = (struct chan_request){.type = CHAN_REQUEST_WINDOW_CHANGE,
	                          .window_change = {UINT32_MAX, 65536, 65535, 0}};
	cr_assert_eq(chan_session_judge(&s, &r), DO);
	cr_assert(r.window_change.cols == 65535 && r.window_change.rows == 65535);
	s.started = true;
	static const uint32_t breaks[][2] = {{0, 500}, {700, 700}, {UINT32_MAX, 3000}};
	for (size_t i = 0; i < 3; i++) {
		r = (struct chan_request){.type = CHAN_REQUEST_BREAK, .brk = {breaks[i][0]}};
		cr_assert_eq(chan_session_judge(&s, &r), DO, "H66");
		cr_assert_eq(r.brk.ms, breaks[i][1], "H66");
	}
}

/* --- Terminal modes --- */

Test(request, modes_come_back_as_they_were_put)
{
	struct wire_buf b = {0};
	uint8_t opcode;
	uint32_t value;
	chan_mode_put(&b, CHAN_MODE_ECHO, 1);
	chan_mode_put(&b, CHAN_MODE_TTY_OP_ISPEED, 38400);
	chan_mode_put(&b, 159, UINT32_MAX);
	chan_modes_end(&b);
	cr_assert(wire_bytes_equal(
	    wire_buf_view(&b), wire_bytes("\x35\0\0\0\1\x80\0\0\x96\0\x9f\xff\xff\xff\xff\0", 16)));
	ssh_bytes modes = wire_buf_view(&b);
	cr_assert_eq(chan_modes_check(modes), 0);
	cr_assert(chan_mode_next(&modes, &opcode, &value) && opcode == 53 && value == 1);
	cr_assert(chan_mode_next(&modes, &opcode, &value) && opcode == 128 && value == 38400);
	cr_assert(chan_mode_next(&modes, &opcode, &value) && opcode == 159 && value == UINT32_MAX);
	cr_assert_not(chan_mode_next(&modes, &opcode, &value));
	cr_assert_eq(modes.len, 1);
	cr_assert_str_eq(chan_mode_name(CHAN_MODE_ECHO), "ECHO");
	cr_assert_str_eq(chan_mode_name(42), "IUTF8");
	cr_assert_null(chan_mode_name(0));
	cr_assert_null(chan_mode_name(160));
	wire_buf_wipe(&b);
}

Test(request, modes_end_in_every_way)
{
	static const struct {
		const char *hex;
		size_t count;
		enum ssh_err e;
	} rows[] = {
	    {"", 0, SSH_OK},
	    {"00", 0, SSH_OK},
	    {"35 00000001", 1, SSH_OK},
	    {"00 35 00000001", 0, SSH_OK},
	    {"35 00000001 a0", 1, SSH_OK},
	    {"ff 00", 0, SSH_OK},
	    {"35", 0, SSH_ERR_TRUNCATED},
	    {"35 000000", 0, SSH_ERR_TRUNCATED},
	    {"35 00000001 9f 00", 1, SSH_ERR_TRUNCATED},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct wire_buf b = {0};
		uint8_t opcode;
		uint32_t value;
		size_t n = 0;
		unhex(&b, rows[i].hex);
		ssh_bytes modes = wire_buf_view(&b);
		cr_assert_eq(chan_modes_check(modes), rows[i].e, "%s", rows[i].hex);
		while (chan_mode_next(&modes, &opcode, &value))
			n++;
		cr_assert_eq(n, rows[i].count, "%s", rows[i].hex);
		wire_buf_wipe(&b);
	}
}
