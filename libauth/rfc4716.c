/* SPDX-License-Identifier: MIT */
#include "libauth/rfc4716.h"
#include "libauth/base64.h"
#include "libauth/text.h"

#define BEGIN   "---- BEGIN SSH2 PUBLIC KEY ----"
#define END     "---- END SSH2 PUBLIC KEY ----"
#define COMMENT "comment"
/** Bytes in a line that we write; the RFC allows 72. */
#define LINE    70

/** One header, put together of its lines. */
struct header {
	struct wire_buf value;
	ssh_bytes tag; /* a view of the file */
};

/* Take the next line off the front: a lone CR ends one too. */
static bool next_line(ssh_bytes *text, ssh_bytes *line)
{
	ssh_bytes before = *text;
	const uint8_t *cr;

	if (!auth_text_line(text, line))
		return false;
	cr = line->len == 0 ? NULL : memchr(line->ptr, '\r', line->len);
	if (cr != NULL) {
		line->len = (size_t)(cr - line->ptr);
		*text = wire_bytes_skip(before, line->len + 1);
	}
	return true;
}

/* A line that ends in a backslash goes on in the next. */
static enum ssh_err get_value(struct header *h, ssh_bytes line, ssh_bytes *text)
{
	while (line.len != 0 && line.ptr[line.len - 1] == '\\') {
		wire_put_raw(&h->value, wire_bytes(line.ptr, line.len - 1));
		if (!next_line(text, &line))
			return SSH_ERR_FILE_DAMAGED;
	}
	wire_put_raw(&h->value, line);
	if (wire_buf_len(&h->value) > AUTH_RFC4716_VALUE_MAX)
		return SSH_ERR_FILE_DAMAGED;
	return wire_buf_end(&h->value);
}

static bool is_comment(ssh_bytes tag)
{
	if (tag.len != sizeof COMMENT - 1)
		return false;
	for (size_t i = 0; i < tag.len; i++)
		if (auth_text_lower(tag.ptr[i]) != (uint8_t)COMMENT[i])
			return false;
	return true;
}

static ssh_bytes unquote(ssh_bytes v)
{
	if (v.len >= 2 && v.ptr[0] == '"' && v.ptr[v.len - 1] == '"')
		return wire_bytes(v.ptr + 1, v.len - 2);
	return v;
}

static enum ssh_err get_header(struct header *h, struct wire_buf *comment, ssh_bytes line,
                               ssh_bytes *text)
{
	enum ssh_err e;

	if (h->tag.len == 0 || h->tag.len > AUTH_RFC4716_TAG_MAX)
		return SSH_ERR_FILE_DAMAGED;
	line = wire_bytes_skip(line, h->tag.len + 1);
	if (line.len != 0 && line.ptr[0] == ' ')
		line = wire_bytes_skip(line, 1);
	if ((e = get_value(h, line, text)) != 0 || comment == NULL || !is_comment(h->tag))
		return e;
	wire_put_raw(comment, unquote(auth_text_trim(wire_buf_view(&h->value))));
	return wire_buf_end(comment);
}

/* The base64 alone, put together of its lines, in `body`. */
static enum ssh_err get_body(struct wire_buf *body, struct wire_buf *comment, ssh_bytes text)
{
	ssh_bytes line;
	enum ssh_err e;

	while (next_line(&text, &line)) {
		const uint8_t *colon = line.len == 0 ? NULL : memchr(line.ptr, ':', line.len);
		struct header h = {.tag = {line.ptr, 0}};

		if (wire_bytes_is(auth_text_trim(line), END))
			return wire_buf_end(body);
		if (colon == NULL) {
			wire_put_raw(body, line);
			continue;
		}
		h.tag.len = (size_t)(colon - line.ptr);
		/* Headers stand before the key. */
		e = wire_buf_len(body) != 0 ? SSH_ERR_FILE_DAMAGED
		                            : get_header(&h, comment, line, &text);
		wire_buf_wipe(&h.value);
		if (e != 0)
			return e;
	}
	return SSH_ERR_FILE_DAMAGED;
}

static enum ssh_err parse(struct wire_buf *blob, struct wire_buf *comment, struct wire_buf *body,
                          ssh_bytes text)
{
	ssh_bytes line = {NULL, 0};
	size_t before = wire_buf_len(blob);
	enum ssh_err e;

	while (next_line(&text, &line) && auth_text_trim(line).len == 0)
		;
	if (!wire_bytes_is(auth_text_trim(line), BEGIN))
		return SSH_ERR_FILE_FORMAT;
	if ((e = get_body(body, comment, text)) != 0 ||
	    (e = auth_base64_get(blob, wire_buf_view(body))) != 0)
		return e;
	/* Lines of nothing but white space are no key. */
	return wire_buf_len(blob) == before ? SSH_ERR_FILE_DAMAGED : SSH_OK;
}

enum ssh_err auth_rfc4716_parse(struct wire_buf *blob, struct wire_buf *comment, ssh_bytes text)
{
	size_t before = comment == NULL ? 0 : wire_buf_len(comment);
	struct wire_buf body = {0};
	enum ssh_err e = parse(blob, comment, &body, text);

	wire_buf_wipe(&body);
	if (e != 0 && comment != NULL)
		wire_buf_cut(comment, before);
	return e;
}

static bool fits(ssh_bytes comment)
{
	for (size_t i = 0; i < comment.len; i++)
		if (comment.ptr[i] < ' ' || comment.ptr[i] == 0x7f || comment.ptr[i] == '"')
			return false;
	return comment.len <= AUTH_RFC4716_VALUE_MAX - 2;
}

/* Comment: "...", in as many lines as it takes, each but the last with a backslash. */
static void put_comment(struct wire_buf *out, ssh_bytes comment)
{
	struct wire_buf all = {0};
	ssh_bytes rest;

	wire_put_raw(&all, wire_bytes_str("Comment: \""));
	wire_put_raw(&all, comment);
	wire_put_u8(&all, '"');
	rest = wire_buf_view(&all);
	while (rest.len > LINE) {
		wire_put_raw(out, wire_bytes(rest.ptr, LINE - 1));
		wire_put_raw(out, wire_bytes_str("\\\n"));
		rest = wire_bytes_skip(rest, LINE - 1);
	}
	wire_put_raw(out, rest);
	wire_put_u8(out, '\n');
	wire_buf_fail(out, wire_buf_end(&all));
	wire_buf_wipe(&all);
}

enum ssh_err auth_rfc4716_put(struct wire_buf *out, ssh_bytes blob, ssh_bytes comment)
{
	size_t before = wire_buf_len(out);

	if (!fits(comment))
		return SSH_ERR_ARGUMENT;
	wire_put_raw(out, wire_bytes_str(BEGIN "\n"));
	if (comment.len != 0)
		put_comment(out, comment);
	auth_base64_put_lines(out, blob, LINE);
	wire_put_raw(out, wire_bytes_str(END "\n"));
	if (wire_buf_end(out) != 0)
		wire_buf_cut(out, before);
	return wire_buf_end(out);
}
