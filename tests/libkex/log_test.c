/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memmem */
#include "libkex/kex.h"
#include "tests/support/alloc.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>

/* Logs of whole sessions in memory. */

struct book {
	struct kex_log log;
	struct wire_buf text, json;
};

static void write_down(void *ctx, const struct kex_trace *t)
{
	struct book *b = ctx;
	kex_log_text(&b->log, t, &b->text);
	kex_log_json(&b->log, t, &b->json);
}

static bool holds(const struct wire_buf *b, const char *part)
{
	return memmem(wire_buf_view(b).ptr, wire_buf_len(b), part, strlen(part)) != NULL;
}

static size_t lines(const struct wire_buf *b)
{
	size_t n = 0;
	ssh_bytes v = wire_buf_view(b);
	for (size_t i = 0; i < v.len; i++)
		n += v.ptr[i] == '\n';
	return n;
}

static void say(struct pair_side *s, const char *line)
{
	struct wire_buf b = {0};
	cr_assert_eq(wire_msg_parse(&b, wire_msg_all, wire_bytes_str(line)), SSH_OK, "%s", line);
	cr_assert_eq(kex_send(&s->kex, wire_buf_view(&b)), SSH_OK);
	wire_buf_wipe(&b);
}

/* A session with one of everything; both ends say what no engine checks here. */
static void talk(struct pair *p)
{
	cr_assert_eq(pair_start(p), SSH_OK);
	pair_run(p);
	say(&p->client, "USERAUTH_REQUEST user=\"nemo\" service=\"ssh-connection\" "
	                "method=\"password\" change=false password=\"nautilus\"");
	pair_run(p);
	say(&p->server, "USERAUTH_PASSWD_CHANGEREQ prompt=\"new?\" language=\"\"");
	pair_run(p);
	say(&p->client, "USERAUTH_REQUEST user=\"nemo\" service=\"ssh-connection\" "
	                "method=\"keyboard-interactive\" language=\"\" submethods=\"\"");
	pair_run(p);
	say(&p->server, "USERAUTH_INFO_REQUEST name=\"n\" instruction=\"i\" language=\"\" count=0");
	pair_run(p);
	say(&p->client, "USERAUTH_INFO_RESPONSE count=1 rest=\"\\x00\\x00\\x00\\x08nautilus\"");
	say(&p->client, "CHANNEL_DATA recipient=0 data=\"nautical\"");
	pair_run(p);
	kex_fail(&p->server.kex, SSH_ERR_TIMEOUT);
	pair_run(p);
}

static void keep(struct book *b, enum kex_log_level level, bool server, size_t chunk)
{
	struct pair p;
	pair_init(&p, chunk);
	kex_log_init(&b->log, level);
	struct pair_side *s = server ? &p.server : &p.client;
	s->config.trace = write_down;
	s->config.trace_ctx = b;
	talk(&p);
	pair_wipe(&p);
	cr_assert_eq(wire_buf_end(&b->text), SSH_OK);
	cr_assert_eq(wire_buf_end(&b->json), SSH_OK);
}

static void close_book(struct book *b)
{
	wire_buf_wipe(&b->text);
	wire_buf_wipe(&b->json);
}

Test(log, tells_what_happened_and_no_secret)
{
	static const char *const text[] = {
	    "> ident line=\"SSH-2.0-Nacre",
	    "< ident line=\"SSH-2.0-Nacre",
	    "> 0 20 KEXINIT cookie=",
	    "* negotiated kex=\"",
	    "> 1 30 KEX_ECDH_INIT q_c=\"",
	    "> keys cipher=\"aes",
	    "< keys cipher=\"aes",
	    (" 50 USERAUTH_REQUEST user=\"nemo\" service=\"ssh-connection\" method=\"password\" "
	     "change=false password=hidden\n"),
	    " 60 USERAUTH_PASSWD_CHANGEREQ prompt=\"new?\"",
	    " 60 USERAUTH_INFO_REQUEST name=\"n\"",
	    " 61 USERAUTH_INFO_RESPONSE count=1 rest=hidden\n",
	    " 94 CHANNEL_DATA recipient=0 data=[8]\n",
	    "< 3 1 DISCONNECT reason=11 text=\"timed out\"",
	};
	static const char *const json[] = {
	    "{\"t\":0,\"end\":\"client\",\"type\":\"ident\",\"dir\":\"out\",",
	    ("\"type\":\"packet\",\"dir\":\"in\",\"state\":\"EXPECT_KEXINIT\",\"seq\":0,\"number\":20,"
	     "\"name\":\"KEXINIT\",\"len\":"),
	    "\"type\":\"negotiated\",\"state\":\"EXPECT_KEXINIT\",\"kex\":\"",
	    "\"strict\":true}",
	    "\"type\":\"keys\",\"dir\":\"out\"",
	    "\"password\":null}}",
	    "\"name\":\"USERAUTH_INFO_REQUEST\"",
	    "\"data\":{\"len\":8}}}",
	};
	struct book b = {.log.cut = 0};
	keep(&b, KEX_LOG_MESSAGES, false, 7);
	for (size_t i = 0; i < sizeof text / sizeof text[0]; i++)
		cr_expect(holds(&b.text, text[i]), "%s in\n%.*s", text[i],
		          (int)wire_buf_len(&b.text), (const char *)wire_buf_view(&b.text).ptr);
	for (size_t i = 0; i < sizeof json / sizeof json[0]; i++)
		cr_expect(holds(&b.json, json[i]), "%s in\n%.*s", json[i],
		          (int)wire_buf_len(&b.json), (const char *)wire_buf_view(&b.json).ptr);
	cr_expect_eq(lines(&b.text), lines(&b.json));
	close_book(&b);
}

Test(log, no_level_shows_a_password)
{
	for (int i = 0; i < 6; i++) {
		struct book b = {.log.cut = 0};
		enum kex_log_level level = (enum kex_log_level)(i / 2);
		keep(&b, level, i % 2 == 1, PAIR_WHOLE);
		cr_expect(!holds(&b.text, "nautilus") && !holds(&b.json, "nautilus"));
		cr_expect(!holds(&b.text, "6e617574696c7573") &&
		          !holds(&b.json, "6e617574696c7573"));
		cr_expect_eq(holds(&b.text, "data=\"nautical\""), level == KEX_LOG_DATA);
		cr_expect_eq(holds(&b.json, "6e6175746963616c"), level == KEX_LOG_DATA);
		cr_expect_eq(holds(&b.text, "USERAUTH_REQUEST"), level > KEX_LOG_TRANSPORT);
		cr_expect_eq(holds(&b.text, "* error name=\"TIMEOUT\""), i % 2 == 1);
		close_book(&b);
	}
}

/* Without memory a line is missing, and nothing worse. */
Test(log, memory_that_ends)
{
	struct pair p;
	struct book b = {.log.cut = 0};
	const struct kex_trace t = {.type = KEX_TRACE_IDENT,
	                            .payload = wire_bytes_str("x"),
	                            .state = "OPEN",
	                            .kex = &p.client.kex};
	pair_init(&p, PAIR_WHOLE);
	alloc_start();
	alloc_fail_at(1);
	kex_log_text(&b.log, &t, &b.text);
	alloc_stop();
	cr_expect_eq(wire_buf_end(&b.text), SSH_ERR_NO_MEMORY);
	close_book(&b);
}
