/* SPDX-License-Identifier: MIT */
#include "libauth/base64.h"
#include "libauth/text.h"

#include <nettle/base64.h>

/** Characters in a line of armour, as OpenSSH has them. */
#define ARMOR_LINE 70
/** And as RFC 7468 section 2 has them. */
#define PEM_LINE   64

void auth_base64_put(struct wire_buf *out, ssh_bytes data)
{
	size_t n = BASE64_ENCODE_RAW_LENGTH(data.len);
	uint8_t *room;

	if (data.len == 0 || (room = wire_buf_room(out, n)) == NULL)
		return;
	base64_encode_raw((char *)room, data.len, data.ptr);
	wire_buf_took(out, n);
}

static enum ssh_err decode(struct base64_decode_ctx *ctx, struct wire_buf *out, ssh_bytes text)
{
	size_t n = BASE64_DECODE_LENGTH(text.len);
	uint8_t *room = wire_buf_room(out, n);

	if (room == NULL)
		return wire_buf_end(out);
	base64_decode_init(ctx);
	if (base64_decode_update(ctx, &n, room, text.len, (const char *)text.ptr) == 0 ||
	    base64_decode_final(ctx) == 0) {
		wire_wipe(room, BASE64_DECODE_LENGTH(text.len));
		return SSH_ERR_FILE_DAMAGED;
	}
	wire_buf_took(out, n);
	return 0;
}

enum ssh_err auth_base64_get(struct wire_buf *out, ssh_bytes text)
{
	struct base64_decode_ctx ctx;
	enum ssh_err e = decode(&ctx, out, text);

	wire_wipe(&ctx, sizeof ctx);
	return e;
}

/* Is the line "-----", `what`, `label`, "-----"? */
static bool is_fence(ssh_bytes line, const char *what, const char *label)
{
	const char *const parts[] = {"-----", what, label, "-----"};

	line = auth_text_trim(line);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		ssh_bytes part = wire_bytes_str(parts[i]);

		if (line.len < part.len || memcmp(line.ptr, part.ptr, part.len) != 0)
			return false;
		line = wire_bytes_skip(line, part.len);
	}
	return line.len == 0;
}

enum ssh_err auth_armor_body(ssh_bytes *body, const char *label, ssh_bytes text)
{
	ssh_bytes line = {NULL, 0};

	while (auth_text_line(&text, &line) && auth_text_trim(line).len == 0)
		;
	if (!is_fence(line, "BEGIN ", label))
		return SSH_ERR_FILE_FORMAT;
	*body = wire_bytes(text.ptr, 0);
	while (auth_text_line(&text, &line)) {
		if (is_fence(line, "END ", label))
			return 0;
		body->len = (size_t)(line.ptr + line.len - body->ptr);
	}
	return SSH_ERR_FILE_DAMAGED;
}

enum ssh_err auth_armor_get(struct wire_buf *out, const char *label, ssh_bytes text)
{
	ssh_bytes body;
	enum ssh_err e = auth_armor_body(&body, label, text);

	return e != 0 ? e : auth_base64_get(out, body);
}

static void put_fence(struct wire_buf *out, const char *what, const char *label)
{
	wire_put_raw(out, wire_bytes_str("-----"));
	wire_put_raw(out, wire_bytes_str(what));
	wire_put_raw(out, wire_bytes_str(label));
	wire_put_raw(out, wire_bytes_str("-----\n"));
}

void auth_base64_put_lines(struct wire_buf *out, ssh_bytes data, size_t width)
{
	struct wire_buf text = {0};
	ssh_bytes rest;

	auth_base64_put(&text, data);
	for (rest = wire_buf_view(&text); rest.len != 0; rest = wire_bytes_skip(rest, width)) {
		wire_put_raw(out, wire_bytes(rest.ptr, rest.len < width ? rest.len : width));
		wire_put_u8(out, '\n');
	}
	wire_buf_fail(out, wire_buf_end(&text));
	wire_buf_wipe(&text);
}

void auth_armor_put(struct wire_buf *out, const char *label, ssh_bytes data)
{
	put_fence(out, "BEGIN ", label);
	auth_base64_put_lines(out, data, ARMOR_LINE);
	put_fence(out, "END ", label);
}

void auth_armor_put_pem(struct wire_buf *out, const char *label, ssh_bytes headers, ssh_bytes data)
{
	put_fence(out, "BEGIN ", label);
	wire_put_raw(out, headers);
	auth_base64_put_lines(out, data, PEM_LINE);
	put_fence(out, "END ", label);
}
