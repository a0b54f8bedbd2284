/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/libchan/pipe.h"

/*
 * What the peer may send and what comes of it: scripts against one mux, and what it logs.
 *
 *   < TEXT        the peer sends this message (libwire/shape.h)
 *   data I N      the peer sends N bytes to our id I        ext I TYPE N   extended
 *   open          we open a session: window 1000, packets of 100
 *   close I, eof I, eat I N, send I N, request I, global, end ...
 *
 * Our owner accepts every opening but those of type "no", with window 1000 and packets of 100,
 * and grants every request but those of type "no". The log: >N is a message we send, by number;
 * other words are events; !NAME is the error that chan_mux_recv returned.
 */
struct stage {
	struct pipe_end p;
	struct chan_channel ch[16];
	size_t opened;
	char log[4096];
};

static void say(struct stage *s, const char *format, ...)
{
	size_t n = strlen(s->log);
	va_list args;
	va_start(args, format);
	vsnprintf(s->log + n, sizeof s->log - n, format, args);
	va_end(args);
}

static void log_output(struct stage *s)
{
	ssh_bytes out = wire_buf_view(&s->p.out);
	while (out.len > 0) {
		size_t n = wire_load_u32(out.ptr);
		say(s, ">%u", out.ptr[4]);
		if (out.ptr[4] == SSH_MSG_CHANNEL_OPEN_FAILURE)
			say(s, "/%u", wire_load_u32(out.ptr + 9));
		if (out.ptr[4] == SSH_MSG_CHANNEL_WINDOW_ADJUST)
			say(s, "+%u", wire_load_u32(out.ptr + 9));
		say(s, " ");
		out = wire_bytes_skip(out, 4 + n);
	}
	wire_buf_wipe(&s->p.out);
}

static void answer(struct stage *s, const struct chan_event *ev)
{
	bool yes = !wire_bytes_is(ev->name, "no");
	if (ev->type == CHAN_ASK_OPEN && yes)
		cr_assert_eq(chan_mux_accept(&s->p.m, &s->ch[s->opened++], 1000, 100), 0);
	else if (ev->type == CHAN_ASK_OPEN)
		cr_assert_eq(chan_mux_refuse(&s->p.m, SSH_OPEN_UNKNOWN_CHANNEL_TYPE, "no"), 0);
	else if (ev->type >= CHAN_ASK_REQUEST)
		cr_assert_eq(chan_mux_answer(&s->p.m, yes), 0);
}

static const char *const event_names[] = {
    "opened",  "failed",        "data",     "writable", "eof",
    "closed",  "reply",         "request",  "global",   "globalreply",
    "ignored", "unimplemented", "ask-open", "ask",      "ask-global",
};

static void log_event(struct stage *s, const struct chan_event *ev)
{
	say(s, "%s", event_names[ev->type]);
	if (ev->ch != NULL)
		say(s, "@%u", ev->ch->local);
	if (ev->type == CHAN_EVENT_DATA)
		say(s, ":%zu", ev->data.len);
	if (ev->ext != 0)
		say(s, "/ext%u", ev->ext);
	if (ev->dropped != 0)
		say(s, "-%zu", ev->dropped);
	if (ev->type == CHAN_EVENT_OPEN_FAILED)
		say(s, "/%u", ev->reason);
	if (ev->type == CHAN_EVENT_IGNORED || ev->type == CHAN_EVENT_UNIMPLEMENTED)
		say(s, "/%u", ev->number);
	if (ev->type == CHAN_EVENT_REPLY || ev->type == CHAN_EVENT_GLOBAL_REPLY)
		say(s, "#%u%s", ev->nth, ev->success ? "+" : "-");
	if (ev->name.len != 0 && ev->name.len < 40)
		say(s, ":%.*s", (int)ev->name.len, (const char *)ev->name.ptr);
	say(s, " ");
}

static void drain(struct stage *s)
{
	struct chan_event ev;
	log_output(s);
	while (chan_mux_next(&s->p.m, &ev)) {
		log_event(s, &ev);
		answer(s, &ev);
		log_output(s);
	}
}

static void feed(struct stage *s, ssh_bytes payload)
{
	enum ssh_err e = pipe_recv(&s->p, payload);
	if (e != 0)
		say(s, "!%s ", ssh_err_name(e));
	drain(s);
}

static void feed_text(struct stage *s, const char *line)
{
	struct wire_buf b = {0};
	enum ssh_err e = wire_msg_parse(&b, wire_msg_all, wire_bytes_str(line));
	cr_assert_eq(e, 0, "%s: %s", ssh_err_name(e), line);
	feed(s, wire_buf_view(&b));
	wire_buf_wipe(&b);
}

static void feed_data(struct stage *s, uint32_t id, uint32_t ext, size_t n)
{
	static const uint8_t bytes[2000];
	struct wire_buf b = {0};
	struct ssh_channel_data data = {id, wire_bytes(bytes, n)};
	struct ssh_channel_extended_data extended = {id, ext, wire_bytes(bytes, n)};
	if (ext == UINT32_MAX - 1)
		wire_msg_encode(&b, &ssh_channel_data_shape, &data);
	else
		wire_msg_encode(&b, &ssh_channel_extended_data_shape, &extended);
	feed(s, wire_buf_view(&b));
	wire_buf_wipe(&b);
}

/* What the owner does. */
static bool do_ours(struct stage *s, const char *word, unsigned i, unsigned n)
{
	static const uint8_t bytes[2000];
	enum ssh_err e = SSH_OK;
	if (strcmp(word, "open") == 0)
		e = chan_mux_open(&s->p.m, &s->ch[s->opened++],
		                  &(struct chan_open){"session", 1000, 100, {NULL, 0}});
	else if (strcmp(word, "close") == 0)
		e = chan_channel_close(&s->ch[i]);
	else if (strcmp(word, "eof") == 0)
		e = chan_channel_eof(&s->ch[i]);
	else if (strcmp(word, "eat") == 0)
		e = chan_channel_consumed(&s->ch[i], n);
	else if (strcmp(word, "request") == 0)
		e = chan_request_shell(&s->ch[i]);
	else if (strcmp(word, "global") == 0)
		e = chan_mux_global(&s->p.m, "keepalive@openssh.com", true, wire_bytes(NULL, 0));
	else if (strcmp(word, "end") == 0)
		chan_mux_end(&s->p.m, SSH_ERR_CONNECTION_LOST);
	else if (strcmp(word, "full") == 0)
		s->p.full = i != 0;
	else if (strcmp(word, "send") == 0)
		say(s, "sent=%zu ", chan_channel_send(&s->ch[i], wire_bytes(bytes, n), &e));
	else
		return false;
	if (e != 0)
		say(s, "?%s ", ssh_err_name(e));
	drain(s);
	return true;
}

static void run_line(struct stage *s, const char *line)
{
	char word[16] = "";
	unsigned i = 0, n = 0, m = 0;
	if (line[0] == '<') {
		feed_text(s, line + 2);
		return;
	}
	sscanf(line, "%15s %u %u %u", word, &i, &n, &m);
	if (strcmp(word, "data") == 0)
		feed_data(s, i, UINT32_MAX - 1, n);
	else if (strcmp(word, "ext") == 0)
		feed_data(s, i, n, m);
	else
		cr_assert(do_ours(s, word, i, n), "%s", line);
}

struct script {
	const char *name;
	bool server;
	const char *lines;
	const char *want;
};

#define CLIENT false
#define SERVER true
/* A client with an open session, a server with one. */
#define C      "open\n< CHANNEL_OPEN_CONFIRMATION recipient=0 sender=7 window=1000 maxpacket=100\n"
#define CW     ">90 opened@0 "
#define S      "< CHANNEL_OPEN type=\"session\" sender=7 window=1000 maxpacket=100\n"
#define SW     "ask-open:session >91 "
#define OPEN(type, id, rest)                                                                       \
	"< CHANNEL_OPEN type=\"" type "\" sender=" #id " window=1000 maxpacket=100 " rest "\n"
#define REQ(type, reply, rest)                                                                     \
	"< CHANNEL_REQUEST recipient=0 type=\"" type "\" want_reply=" #reply " " rest "\n"
#define GLOBAL(type, reply, rest)                                                                  \
	"< GLOBAL_REQUEST type=\"" type "\" want_reply=" #reply " " rest "\n"
#define TO(name, id) "< CHANNEL_" name " recipient=" #id "\n"
/* Half a window of data. */
#define FIVE         "data 0 100\ndata 0 100\ndata 0 100\ndata 0 100\ndata 0 100\n"
#define FIVEW        "data@0:100 data@0:100 data@0:100 data@0:100 data@0:100 "
#define TCPIP        "host=\"h\" port=22 originator=\"o\" originator_port=1"

static const struct script scripts[] = {
    /* Opening */
    {"H01", SERVER, OPEN("no", 0, "") OPEN("", 0, ""), "ask-open:no >92/3 ask-open >91 "},
    {"H02 cut", SERVER, "< CHANNEL_OPEN raw=000000", "!TRUNCATED "},
    {"H02 trailing", SERVER, OPEN("session", 0, "rest=\"x\""), "!TRAILING "},
    {"H02 cut rest", SERVER, OPEN("direct-tcpip", 0, "rest=\"x\""), "!TRUNCATED "},
    {"H03", SERVER, "< CHANNEL_OPEN type=\"session\" window=1 maxpacket=8",
     ">92/4 ignored/90:session "},
    {"H03 9", SERVER, "< CHANNEL_OPEN type=\"session\" window=1 maxpacket=9", SW},
    {"H04", SERVER,
     "< CHANNEL_OPEN type=\"session\" sender=7 window=0 maxpacket=100\nsend 0 5\n"
     "< CHANNEL_WINDOW_ADJUST recipient=0 bytes=3\nsend 0 5\n",
     SW "sent=0 writable@0 sent=3 >94 "},
    {"H05", SERVER,
     "< CHANNEL_OPEN type=\"session\" window=4294967295 maxpacket=4294967295\nsend 0 2000",
     SW "sent=2000 >94 "},
    {"H06", SERVER, S OPEN("session", 7, ""), SW "!UNEXPECTED closed@0 "},
    {"H06 after close", SERVER, S TO("CLOSE", 0) S, SW ">97 closed@0 " SW},
    {"H06 confirmation", CLIENT,
     C "open\n< CHANNEL_OPEN_CONFIRMATION recipient=1 sender=7 window=1 maxpacket=100\n",
     CW ">90 !UNEXPECTED closed@1 closed@0 "},
    {"H07", SERVER, OPEN("session", 4294967295, ""), SW},
    {"H10", SERVER, S GLOBAL("no-more-sessions@openssh.com", false, "") OPEN("session", 8, ""),
     SW "global:no-more-sessions@openssh.com !UNEXPECTED closed@0 "},
    {"H10 others", SERVER, GLOBAL("no-more-sessions@openssh.com", true, "") OPEN("other", 8, ""),
     ">81 global:no-more-sessions@openssh.com ask-open:other >91 "},
    {"H10 to client", CLIENT, GLOBAL("no-more-sessions@openssh.com", true, ""),
     ">82 ignored/80:no-more-sessions@openssh.com "},
    {"H11", CLIENT, OPEN("session", 1, ""), ">92/1 ignored/90:session "},
    {"H12", SERVER, OPEN("x11", 1, ""), ">92/1 ignored/90:x11 "},
    {"H13", SERVER, OPEN("forwarded-tcpip", 1, TCPIP), ">92/1 ignored/90:forwarded-tcpip "},
    {"H13 to client", CLIENT, OPEN("forwarded-tcpip", 1, TCPIP), "ask-open:forwarded-tcpip >91 "},
    {"H14", CLIENT, OPEN("direct-tcpip", 1, TCPIP), ">92/1 ignored/90:direct-tcpip "},
    {"H15", SERVER, OPEN("auth-agent@openssh.com", 1, ""),
     ">92/1 ignored/90:auth-agent@openssh.com "},
    {"H20", CLIENT, "< CHANNEL_OPEN_CONFIRMATION recipient=0 window=1 maxpacket=100", "!CHANNEL "},
    {"H20 failure", CLIENT, "< CHANNEL_OPEN_FAILURE recipient=0 reason=1", "!CHANNEL "},
    {"H21", CLIENT, C "< CHANNEL_OPEN_CONFIRMATION recipient=0 sender=9 window=1 maxpacket=100",
     CW "!UNEXPECTED closed@0 "},
    {"H21 failure", CLIENT, C "< CHANNEL_OPEN_FAILURE recipient=0 reason=1",
     CW "!UNEXPECTED closed@0 "},
    {"H21 failure twice", CLIENT,
     "open\n< CHANNEL_OPEN_FAILURE recipient=0 reason=1\n< CHANNEL_OPEN_FAILURE recipient=0 "
     "reason=1",
     ">90 failed@0/1 !CHANNEL "},
    {"H22", CLIENT, "open\n< CHANNEL_OPEN_CONFIRMATION recipient=0 window=1 maxpacket=0",
     ">90 !MALFORMED closed@0 "},
    {"H22 8", CLIENT, "open\n< CHANNEL_OPEN_CONFIRMATION recipient=0 window=1 maxpacket=8",
     ">90 !MALFORMED closed@0 "},
    {"H23 0", CLIENT, "open\n< CHANNEL_OPEN_FAILURE recipient=0 reason=0", ">90 failed@0/0 "},
    {"H23 big", CLIENT, "open\n< CHANNEL_OPEN_FAILURE recipient=0 reason=4294967295 text=\"\\x1b\"",
     ">90 failed@0/4294967295 "},
    /* Ids */
    {"H24 91", CLIENT, "< CHANNEL_OPEN_CONFIRMATION recipient=4294967295 maxpacket=9", "!CHANNEL "},
    {"H24 94", SERVER, S "data 1 5", SW "!CHANNEL closed@0 "},
    {"H24 95", SERVER, "ext 4294967295 1 1", "!CHANNEL "},
    {"H24 96", SERVER, TO("EOF", 5), "!CHANNEL "},
    {"H24 97", SERVER, TO("CLOSE", 5), "!CHANNEL "},
    {"H24 98", SERVER, REQ("shell", true, ""), "!CHANNEL "},
    {"H24 99", SERVER, TO("SUCCESS", 5), "!CHANNEL "},
    {"H24 100", SERVER, TO("FAILURE", 5), "!CHANNEL "},
    {"H24 cut id", SERVER, "< CHANNEL_CLOSE raw=000000", "!TRUNCATED "},
    {"H24a never", SERVER, "< CHANNEL_WINDOW_ADJUST recipient=0 bytes=1", "!CHANNEL "},
    {"H24a freed", SERVER, S TO("CLOSE", 0) "< CHANNEL_WINDOW_ADJUST recipient=0 bytes=1",
     SW ">97 closed@0 "},
    {"late status", CLIENT,
     C "close 0\n" TO("CLOSE", 0) REQ("exit-status", false, "status=3") "open\n",
     CW ">97 closed@0 >90 "},
    {"late status, never opened", CLIENT, REQ("exit-status", false, "status=3"), "!CHANNEL "},
    {"late question", CLIENT, C "close 0\n" TO("CLOSE", 0) REQ("exit-status", true, "status=3"),
     CW ">97 closed@0 !CHANNEL "},
    {"late and cut", CLIENT,
     C "close 0\n" TO("CLOSE", 0) "< CHANNEL_REQUEST raw=00000000000000ff00\n",
     CW ">97 closed@0 !CHANNEL "},
    {"H24a beyond", SERVER, S TO("CLOSE", 0) "< CHANNEL_WINDOW_ADJUST recipient=1 bytes=1",
     SW ">97 closed@0 !CHANNEL "},
    {"H25", SERVER, S TO("CLOSE", 0) "data 0 1", SW ">97 closed@0 !CHANNEL "},
    {"H26", CLIENT, "open\ndata 0 1", ">90 !UNEXPECTED closed@0 "},
    /* Data */
    {"H27", SERVER, S TO("EOF", 0) "data 0 1", SW "eof@0 !UNEXPECTED closed@0 "},
    {"H27 extended", CLIENT, C TO("EOF", 0) "ext 0 1 1", CW "eof@0 !UNEXPECTED closed@0 "},
    {"H28", SERVER, S TO("CLOSE", 0) "data 0 1", SW ">97 closed@0 !CHANNEL "},
    {"H29", SERVER, S "close 0\ndata 0 1\next 0 1 1\n" TO("CLOSE", 0), SW ">97 closed@0 "},
    {"H30", SERVER, S "data 0 100\ndata 0 101", SW "data@0:100 !TOO_LONG closed@0 "},
    {"H31", SERVER,
     S "data 0 100\ndata 0 100\ndata 0 100\ndata 0 100\ndata 0 100\ndata 0 100\ndata 0 100\n"
       "data 0 100\ndata 0 100\ndata 0 99\ndata 0 2\ndata 0 99\ndata 0 1\n",
     SW "data@0:100 data@0:100 data@0:100 data@0:100 data@0:100 data@0:100 data@0:100 data@0:100 "
        "data@0:100 data@0:99 data@0:1-1 ignored@0-99/94 !WINDOW closed@0 "},
    {"H32", SERVER, S "data 0 0\ndata 0 0\ndata 0 1", SW "data@0:1 "},
    {"H34", SERVER, S "ext 0 1 50", SW "ignored@0/ext1-50/95 "},
    {"H35 0", CLIENT, C "ext 0 0 50", CW "ignored@0-50/95 "},
    {"H35 2", CLIENT, C "ext 0 2 50", CW "ignored@0/ext2-50/95 "},
    {"H35 credited", CLIENT, C "ext 0 2 100\next 0 2 100\next 0 2 100\next 0 2 100\next 0 2 100\n",
     CW "ignored@0/ext2-100/95 ignored@0/ext2-100/95 ignored@0/ext2-100/95 ignored@0/ext2-100/95 "
        ">93+500 ignored@0/ext2-100/95 "},
    {"H36", CLIENT, C "data 0 100\next 0 1 100\neat 0 200\neat 0 1\n",
     CW "data@0:100 data@0:100/ext1 ?ARGUMENT "},
    {"data cut", SERVER, S "< CHANNEL_DATA raw=0000000000000005aa", SW "!TRUNCATED closed@0 "},
    {"data trailing", SERVER, S "< CHANNEL_DATA raw=0000000000000001aabb",
     SW "!TRAILING closed@0 "},
    {"data without length", SERVER, S "< CHANNEL_DATA raw=00000000000000",
     SW "!TRUNCATED closed@0 "},
    {"H37", SERVER,
     S "< CHANNEL_WINDOW_ADJUST recipient=0 bytes=4294966295\n"
       "< CHANNEL_WINDOW_ADJUST recipient=0 bytes=1\n",
     SW "!WINDOW closed@0 "},
    {"H38", SERVER, S "< CHANNEL_WINDOW_ADJUST recipient=0 bytes=0\n", SW},
    {"H39", SERVER,
     S TO("EOF", 0) "send 0 1001\n< CHANNEL_WINDOW_ADJUST recipient=0 bytes=2\nsend 0 9\n",
     SW "eof@0 sent=1000 >94 >94 >94 >94 >94 >94 >94 >94 >94 >94 writable@0 sent=2 >94 "},
    {"H40", SERVER, S "close 0\n< CHANNEL_WINDOW_ADJUST recipient=0 bytes=4294967295\n", SW ">97 "},
    /* The end */
    {"H42", SERVER, S TO("EOF", 0) TO("EOF", 0), SW "eof@0 ignored@0/96 "},
    {"H43", SERVER,
     S TO("EOF", 0) "< CHANNEL_WINDOW_ADJUST recipient=0 bytes=1\n" REQ("shell", true, "")
         TO("CLOSE", 0),
     SW "eof@0 ask@0:shell >99 >97 closed@0 "},
    {"H44", SERVER, S TO("CLOSE", 0), SW ">97 closed@0 "},
    {"H44 both", SERVER, S "eof 0\neof 0\nclose 0\nclose 0\n" TO("EOF", 0) TO("CLOSE", 0),
     SW ">96 >97 closed@0 "},
    {"H44 then ours", SERVER, S TO("CLOSE", 0) "close 0\neof 0\neat 0 1\nsend 0 1\nrequest 0\n",
     SW ">97 closed@0 ?CHANNEL_CLOSED ?CHANNEL_CLOSED sent=0 ?CHANNEL_CLOSED ?CHANNEL_CLOSED "},
    {"H45", SERVER, S TO("CLOSE", 0) TO("CLOSE", 0), SW ">97 closed@0 !CHANNEL "},
    {"H46", CLIENT, "open\n" TO("CLOSE", 0), ">90 !UNEXPECTED closed@0 "},
    {"H47", CLIENT, "open\nclose 0\n" TO("CLOSE", 0), ">90 !UNEXPECTED closed@0 "},
    {"abandoned, opened", CLIENT,
     "open\nclose 0\n< CHANNEL_OPEN_CONFIRMATION recipient=0 sender=7 window=1 maxpacket=100\n"
     "data 0 1\n" TO("CLOSE", 0),
     ">90 >97 closed@0 "},
    {"abandoned, refused", CLIENT, "open\nclose 0\n< CHANNEL_OPEN_FAILURE recipient=0 reason=1",
     ">90 closed@0 "},
    {"H48", CLIENT, C "close 0\nopen\n" TO("CLOSE", 0) "open\n", CW ">97 >90 closed@0 >90 "},
    {"send after eof", SERVER, S "eof 0\nsend 0 1", SW ">96 sent=0 ?STATE "},
    {"trailing eof", SERVER, S "< CHANNEL_EOF raw=0000000000", SW "!TRAILING closed@0 "},
    {"trailing close", SERVER, S "< CHANNEL_CLOSE raw=0000000000", SW "!TRAILING closed@0 "},
    /* Requests */
    {"H49", SERVER, S REQ("no", true, "") REQ("no", false, ""), SW "ask@0:no >100 request@0:no "},
    {"H50", SERVER, S REQ("exec", true, "rest=\"x\""), SW "!TRUNCATED closed@0 "},
    {"H50 trailing", SERVER, S REQ("shell", true, "rest=\"x\""), SW "!TRAILING closed@0 "},
    {"H57", CLIENT, C REQ("pty-req", true, "") REQ("shell", true, "") REQ("exec", false, ""),
     CW ">100 ignored@0/98:pty-req >100 ignored@0/98:shell ignored@0/98:exec "},
    {"H59", CLIENT, C REQ("window-change", false, ""), CW "ignored@0/98:window-change "},
    {"H61", CLIENT, C REQ("exit-status", false, "rest=\"123\""), CW "!TRUNCATED closed@0 "},
    {"H62", SERVER, S REQ("exit-status", false, "status=1"), SW "ignored@0/98:exit-status "},
    {"H65", SERVER, S REQ("window-change", true, "") REQ("signal", true, "name=\"HUP\""),
     SW ">100 request@0:window-change >100 request@0:signal "},
    {"H65 exit", CLIENT, C REQ("exit-status", true, "status=3"), CW ">100 request@0:exit-status "},
    {"after our close", CLIENT,
     C "close 0\n" REQ("exit-status", false, "status=3") REQ("other", true, "") TO("CLOSE", 0),
     CW ">97 request@0:exit-status ignored@0/98:other closed@0 "},
    {"H67", CLIENT, C TO("SUCCESS", 0), CW "!UNEXPECTED closed@0 "},
    {"H67 one too many", CLIENT, C "request 0\n" TO("FAILURE", 0) TO("FAILURE", 0),
     CW ">98 reply@0#0- !UNEXPECTED closed@0 "},
    {"H68", CLIENT, C "request 0\nrequest 0\n" TO("SUCCESS", 0) TO("FAILURE", 0),
     CW ">98 >98 reply@0#0+ reply@0#1- "},
    {"H67 after our close", CLIENT, C "request 0\nclose 0\n" TO("SUCCESS", 0) TO("CLOSE", 0),
     CW ">98 >97 reply@0#0+ closed@0 "},
    {"H82", CLIENT, C REQ("eow@openssh.com", false, ""), CW "request@0:eow@openssh.com "},
    {"requests too soon", CLIENT, "open\nrequest 0\neof 0\nsend 0 1\n",
     ">90 ?STATE ?STATE sent=0 ?STATE "},
    /* Global requests */
    {"H69", SERVER, GLOBAL("what", true, "") GLOBAL("what", false, ""),
     ">82 ignored/80:what ignored/80:what "},
    {"H70", SERVER, "< REQUEST_SUCCESS", "!UNEXPECTED "},
    {"H70 failure", CLIENT, "global\n< REQUEST_FAILURE\n< REQUEST_FAILURE",
     ">80 globalreply#0- !UNEXPECTED "},
    {"H72", CLIENT, GLOBAL("tcpip-forward", true, ""), ">82 ignored/80:tcpip-forward "},
    {"H73", SERVER, GLOBAL("tcpip-forward", true, "host=\"\" port=0"),
     "ask-global:tcpip-forward >81 "},
    {"H77", CLIENT, GLOBAL("hostkeys-00@openssh.com", false, "rest=\"xx\""),
     "global:hostkeys-00@openssh.com "},
    {"H79", CLIENT, GLOBAL("keepalive@openssh.com", true, ""), ">82 global:keepalive@openssh.com "},
    {"global cut", SERVER, "< GLOBAL_REQUEST raw=000000", "!TRUNCATED "},
    {"failure trailing", CLIENT, "global\n< REQUEST_FAILURE raw=00", ">80 !TRAILING "},
    {"H80", SERVER, "< 101 raw=\n< 127 raw=", "unimplemented/101 unimplemented/127 "},
    {"H81", SERVER, "< 83 raw=\n< 89 raw=01", "unimplemented/83 unimplemented/89 "},
    /* The connection */
    {"H89", SERVER, S OPEN("other", 8, "") "close 0\nend\nsend 1 1\nopen\nglobal\ndata 0 1\n",
     SW "ask-open:other >91 >97 closed@1 closed@0 sent=0 ?CHANNEL_CLOSED ?CONNECTION_LOST "
        "?CONNECTION_LOST !CONNECTION_LOST "},
    {"empty", SERVER, "< raw=", "!TRUNCATED "},
    /* The sink */
    {"H41", SERVER, S OPEN("other", 8, "") "send 0 1500\nsend 1 2\nfull 1\nsend 1 2\nfull 0\n",
     SW "ask-open:other >91 sent=1000 >94 >94 >94 >94 >94 >94 >94 >94 >94 >94 sent=2 >94 sent=0 "
        "writable@1 "},
    {"the last in the sink's queue leaves it", SERVER,
     S OPEN("x", 8, "") OPEN("y", 9, "") "full 1\nsend 0 1\nsend 1 1\nsend 2 1\n" TO("CLOSE", 2)
         TO("CLOSE", 0) OPEN("z", 7, "") "send 3 1\nsend 1 1\nfull 0\n",
     SW "ask-open:x >91 ask-open:y >91 sent=0 sent=0 sent=0 >97 closed@2 >97 closed@0 ask-open:z "
        ">91 sent=0 sent=0 writable@1 writable@3 "},
    {"the only one in the sink's queue leaves it", SERVER,
     S OPEN("x", 8, "") "full 1\nsend 0 1\n" TO("CLOSE", 0) "send 1 1\nfull 0\n",
     SW "ask-open:x >91 sent=0 >97 closed@0 sent=0 writable@1 "},
    {"no window for a peer that has ended", SERVER, S FIVE TO("EOF", 0) "eat 0 500\n",
     SW FIVEW "eof@0 "},
    {"no window after our CLOSE", SERVER, S FIVE "close 0\neat 0 500\n", SW FIVEW ">97 "},
    {"half a window", SERVER, S FIVE "eat 0 499\neat 0 1\neat 0 1\n",
     SW FIVEW ">93+500 ?ARGUMENT "},
};

static void run_script(const struct script *script, const struct chan_config *config)
{
	static struct stage s;
	char line[512];
	memset(&s, 0, sizeof s);
	pipe_init(&s.p, script->server, config);
	for (const char *at = script->lines; *at != '\0';) {
		size_t n = strcspn(at, "\n");
		cr_assert_lt(n, sizeof line);
		snprintf(line, sizeof line, "%.*s", (int)n, at);
		if (n > 0)
			run_line(&s, line);
		at += n + (at[n] == '\n');
	}
	cr_expect_str_eq(s.log, script->want, "%s:\n  is   %s\n  want %s", script->name, s.log,
	                 script->want);
	pipe_wipe(&s.p);
	for (size_t i = 0; i < sizeof s.ch / sizeof s.ch[0]; i++)
		cr_assert_eq(s.ch[i].state, CHAN_FREE, "%s", script->name);
}

Test(mux, what_the_peer_sends_and_what_comes_of_it)
{
	for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++)
		run_script(&scripts[i], NULL);
}

Test(mux, unguarded_asks_everything)
{
	static const struct script unguarded[] = {
	    {"H11", CLIENT, OPEN("session", 1, "rest=\"x\""), SW},
	    {"H57", CLIENT, C REQ("shell", true, "rest=\"x\""), CW "ask@0:shell >99 "},
	    {"H62", SERVER, S REQ("exit-status", true, ""), SW "ask@0:exit-status >99 "},
	    {"H69", SERVER, GLOBAL("what", true, ""), "ask-global:what >81 "},
	    {"H35", SERVER, S "ext 0 9 1", SW "data@0:1/ext9 "},
	    {"H03", CLIENT, "< CHANNEL_OPEN type=\"session\" maxpacket=0",
	     ">92/4 ignored/90:session "},
	};
	for (size_t i = 0; i < sizeof unguarded / sizeof unguarded[0]; i++) {
		struct chan_config c;
		chan_config_init(&c, unguarded[i].server, (struct chan_sink){0});
		c.unguarded = true;
		run_script(&unguarded[i], &c);
	}
}

Test(mux, limits_refuse_politely)
{
	static const struct script limits[] = {
	    {"H08", SERVER,
	     OPEN("a", 1, "") OPEN("b", 2, "") OPEN("c", 3, "")
	         OPEN("d", 4, "") "open\n" TO("CLOSE", 1) OPEN("e", 5, ""),
	     "ask-open:a >91 ask-open:b >91 ask-open:c >91 >92/4 ignored/90:d ?AGAIN >97 closed@1 "
	     "ask-open:e >91 "},
	    {"H09", SERVER,
	     OPEN("session", 1, "") OPEN("session", 2, "") OPEN("session", 3, "")
	         OPEN("other", 4, "") TO("CLOSE", 0) OPEN("session", 5, ""),
	     SW SW ">92/4 ignored/90:session ask-open:other >91 >97 closed@0 " SW},
	};
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		struct chan_config c;
		chan_config_init(&c, limits[i].server, (struct chan_sink){0});
		c.channels_max = i == 0 ? 3 : 10;
		c.sessions_max = 2;
		run_script(&limits[i], &c);
	}
}
