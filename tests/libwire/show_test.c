/* SPDX-License-Identifier: MIT */
#include "libwire/shape.h"

#include <criterion/criterion.h>

#include "libwire/msg.h"
#include "libwire/text.h"

/* Messages as logs have them: what is secret never, what is bulky on demand. */

#define REQUEST "USERAUTH_REQUEST user=\"u\" service=\"s\" "

static const struct {
	const char *line; /* the message */
	struct wire_show how;
	const char *text;
	const char *json;
} rows[] = {
    {REQUEST "method=\"password\" change=false password=\"geheim\"",
     {0},
     REQUEST "method=\"password\" change=false password=hidden",
     "\"fields\":{\"user\":\"u\",\"service\":\"s\",\"method\":\"password\",\"change\":false,"
     "\"password\":null}"},
    {REQUEST "method=\"password\" change=true password=\"geheim\" new_password=\"neu\"",
     {.bulk = true},
     REQUEST "method=\"password\" change=true password=hidden new_password=hidden",
     "\"fields\":{\"user\":\"u\",\"service\":\"s\",\"method\":\"password\",\"change\":true,"
     "\"password\":null,\"new_password\":null}"},
    {REQUEST "method=\"password\" change=false password=\"geheim\"",
     {.secrets = true},
     REQUEST "method=\"password\" change=false password=\"geheim\"",
     "\"fields\":{\"user\":\"u\",\"service\":\"s\",\"method\":\"password\",\"change\":false,"
     "\"password\":\"geheim\"}"},
    /* Not by a method that nobody knows, nor where bytes follow, nor by a boolean of 2. */
    {REQUEST "method=\"x@y\" rest=\"geheim\"",
     {0},
     REQUEST "method=\"x@y\" rest=hidden",
     "\"fields\":{\"user\":\"u\",\"service\":\"s\",\"method\":\"x@y\",\"rest\":null}"},
    {REQUEST "method=\"password\" rest=\"\\x02\\x00\\x00\\x00\\x06geheim\"",
     {0},
     REQUEST "method=\"password\" rest=hidden",
     "\"fields\":{\"user\":\"u\",\"service\":\"s\",\"method\":\"password\",\"rest\":null}"},
    {"USERAUTH_REQUEST raw=67656865696d",
     {.bulk = true},
     "USERAUTH_REQUEST raw=hidden",
     "\"raw\":null"},
    {"USERAUTH_INFO_RESPONSE count=1 rest=\"\\x00\\x00\\x00\\x06geheim\"",
     {0},
     "USERAUTH_INFO_RESPONSE count=1 rest=hidden",
     "\"fields\":{\"count\":1,\"rest\":null}"},
    {"70 raw=67656865696d", {0}, "70 raw=hidden", "\"raw\":null"},
    {"70 raw=67656865696d", {.secrets = true}, "70 raw=67656865696d", "\"raw\":\"67656865696d\""},
    {"CHANNEL_REQUEST recipient=1 type=\"x11-req\" want_reply=false single=false protocol=\"p\" "
     "cookie=\"geheim\" screen=0",
     {.bulk = true},
     "CHANNEL_REQUEST recipient=1 type=\"x11-req\" want_reply=false single=false protocol=\"p\" "
     "cookie=hidden screen=0",
     "\"fields\":{\"recipient\":1,\"type\":\"x11-req\",\"want_reply\":false,\"single\":false,"
     "\"protocol\":\"p\",\"cookie\":null,\"screen\":0}"},
    /* Data */
    {"CHANNEL_DATA recipient=7 data=\"a\\x00z\"",
     {0},
     "CHANNEL_DATA recipient=7 data=[3]",
     "\"fields\":{\"recipient\":7,\"data\":{\"len\":3}}"},
    {"CHANNEL_DATA recipient=7 data=\"a\\x00z\"",
     {.bulk = true},
     "CHANNEL_DATA recipient=7 data=\"a\\x00z\"",
     "\"fields\":{\"recipient\":7,\"data\":\"61007a\"}"},
    {"CHANNEL_DATA recipient=7 data=\"abcdef\"",
     {.bulk = true, .cut = 2},
     "CHANNEL_DATA recipient=7 data=\"ab\"...[6]",
     "\"fields\":{\"recipient\":7,\"data\":{\"len\":6,\"head\":\"6162\"}}"},
    {"CHANNEL_EXTENDED_DATA raw=ff", {0}, "CHANNEL_EXTENDED_DATA raw=hidden", "\"raw\":null"},
    /* Everything else */
    {"DEBUG display=true text=\"\\\"\\x0a\\xff\" language=\"\"",
     {0},
     "DEBUG display=true text=\"\\\"\\x0a\\xff\" language=\"\"",
     "\"fields\":{\"display\":true,\"text\":\"\\\"\\u000a\\u00ff\",\"language\":\"\"}"},
    {"USERAUTH_FAILURE methods=\"a,b\" partial=false",
     {0},
     "USERAUTH_FAILURE methods=\"a,b\" partial=false",
     "\"fields\":{\"methods\":[\"a\",\"b\"],\"partial\":false}"},
    {"USERAUTH_FAILURE methods=\"\" partial=true",
     {0},
     "USERAUTH_FAILURE methods=\"\" partial=true",
     "\"fields\":{\"methods\":[],\"partial\":true}"},
    {"USERAUTH_FAILURE methods=\"abcdef,b\" partial=true",
     {.cut = 3},
     "USERAUTH_FAILURE methods=\"abc\"...[8] partial=true",
     "\"fields\":{\"methods\":{\"len\":8,\"head\":\"abc\"},\"partial\":true}"},
    {"KEXDH_INIT e=0102", {0}, "KEXDH_INIT e=0102", "\"fields\":{\"e\":\"0102\"}"},
    {"22 raw=0102", {.cut = 1}, "22 raw=01...[2]", "\"raw\":{\"len\":2,\"head\":\"01\"}"},
    {"NEWKEYS", {0}, "NEWKEYS", "\"fields\":{}"},
};

/* By its name: what a log would find by number and context. */
static const struct wire_shape *shape_of(const char *line)
{
	for (const struct wire_shape *const *s = wire_msg_all; *s != NULL; s++)
		if (wire_bytes_is(wire_bytes(line, strcspn(line, " ")), (*s)->name))
			return *s;
	return NULL;
}

static void compare(const struct wire_buf *got, const char *want, const char *line)
{
	ssh_bytes v = wire_buf_view(got);
	cr_expect(wire_bytes_is(v, want), "%s\n is   %.*s\n want %s", line, (int)v.len,
	          (const char *)v.ptr, want);
}

Test(show, rows)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct wire_buf payload = {0}, text = {0}, json = {0};
		const struct wire_shape *shape = shape_of(rows[i].line);
		cr_assert_eq(wire_msg_parse(&payload, wire_msg_all, wire_bytes_str(rows[i].line)),
		             0, "%s", rows[i].line);
		wire_msg_show(&text, shape, wire_buf_view(&payload), &rows[i].how);
		wire_msg_json(&json, shape, wire_buf_view(&payload), &rows[i].how);
		compare(&text, rows[i].text, rows[i].line);
		compare(&json, rows[i].json, rows[i].line);
		wire_buf_wipe(&payload);
		wire_buf_wipe(&text);
		wire_buf_wipe(&json);
	}
}

/* No field of authentication's answers that people type is forgotten. */
Test(show, secrets_are_marked)
{
	static const char *const names[] = {"password", "new_password", "cookie"};
	size_t found = 0;
	for (const struct wire_shape *const *s = wire_msg_all; *s != NULL; s++)
		for (const struct wire_tail *t = (*s)->tails; t != NULL && t->key != NULL; t++)
			for (size_t i = 0; i < t->shape->count; i++)
				for (size_t n = 0; n < 3; n++)
					if (strcmp(t->shape->fields[i].name, names[n]) == 0) {
						cr_expect_eq(t->shape->fields[i].care, WIRE_SECRET,
						             "%s", names[n]);
						found++;
					}
	cr_expect_eq(found, 3);
}
