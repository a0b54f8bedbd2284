/* SPDX-License-Identifier: MIT */
#include "libauth/pubfile.h"
#include "libauth/base64.h"
#include "libwire/names.h"
#include "libwire/reader.h"

#include <nettle/base64.h>

/*
 * Is `word` a key type? It is if the word behind it begins as the base64 of a length and that name
 * would; so a line needs no list of types, and one of an unknown type is still told from options.
 */
static bool is_type(ssh_bytes word, ssh_bytes base64)
{
	uint8_t start[4 + WIRE_NAME_MAX];
	char text[BASE64_ENCODE_RAW_LENGTH(sizeof start)];
	size_t exact;

	if (!wire_name_valid(word))
		return false;
	wire_store_u32(start, (uint32_t)word.len);
	memcpy(start + 4, word.ptr, word.len);
	base64_encode_raw(text, 4 + word.len, start);
	/* The last group of four characters mixes with what follows the name. */
	exact = (4 + word.len) / 3 * 4;
	return base64.len >= exact && memcmp(base64.ptr, text, exact) == 0;
}

/* The length of the options at the front: up to a blank that is not inside quotes. */
static size_t options_length(ssh_bytes line)
{
	bool quoted = false;
	size_t n = 0;

	for (; n < line.len && (quoted || (line.ptr[n] != ' ' && line.ptr[n] != '\t')); n++) {
		if (line.ptr[n] == '\\' && n + 1 < line.len && line.ptr[n + 1] == '"')
			n++;
		else if (line.ptr[n] == '"')
			quoted = !quoted;
	}
	return n;
}

enum ssh_err auth_publine_parse(struct auth_publine *l, ssh_bytes line)
{
	ssh_bytes rest = auth_text_trim(line), whole = rest;

	memset(l, 0, sizeof *l);
	if (rest.len == 0 || rest.ptr[0] == '#')
		return SSH_ERR_NOT_FOUND;
	l->type = auth_text_word(&rest);
	l->base64 = auth_text_word(&rest);
	if (!is_type(l->type, l->base64)) {
		l->options = wire_bytes(whole.ptr, options_length(whole));
		rest = wire_bytes_skip(whole, l->options.len);
		l->type = auth_text_word(&rest);
		l->base64 = auth_text_word(&rest);
		if (!is_type(l->type, l->base64))
			return SSH_ERR_FILE_FORMAT;
	}
	l->comment = rest;
	return 0;
}

enum ssh_err auth_publine_blob(const struct auth_publine *l, struct wire_buf *blob)
{
	size_t before = wire_buf_len(blob);
	struct wire_reader r;
	enum ssh_err e;

	if ((e = auth_base64_get(blob, l->base64)) != 0)
		return e;
	wire_reader_init(&r, wire_bytes_skip(wire_buf_view(blob), before));
	if (wire_bytes_equal(wire_get_string(&r), l->type))
		return 0;
	wire_buf_cut(blob, before);
	return SSH_ERR_FILE_DAMAGED;
}

void auth_publine_put(struct wire_buf *out, ssh_bytes blob, ssh_bytes comment)
{
	struct wire_reader r;

	wire_reader_init(&r, blob);
	wire_put_raw(out, wire_get_string(&r));
	wire_put_u8(out, ' ');
	auth_base64_put(out, blob);
	if (comment.len != 0)
		wire_put_u8(out, ' ');
	wire_put_raw(out, comment);
	wire_put_u8(out, '\n');
}

/* Does the line hold this key? On no memory `e` is set. */
static bool holds(const struct auth_publine *l, ssh_bytes blob, enum ssh_err *e)
{
	struct wire_buf own = {0};
	enum ssh_err got = auth_publine_blob(l, &own);
	bool same = got == 0 && wire_bytes_equal(wire_buf_view(&own), blob);

	if (got == SSH_ERR_NO_MEMORY)
		*e = got;
	wire_buf_wipe(&own);
	return same;
}

enum ssh_err auth_authorized_find(ssh_bytes text, ssh_bytes blob, struct auth_publine *l,
                                  size_t *number)
{
	enum ssh_err e = 0;
	ssh_bytes line;

	for (size_t n = 1; e == 0 && auth_text_line(&text, &line); n++) {
		if (auth_publine_parse(l, line) != 0 ||
		    auth_option_find(l->options, "cert-authority", NULL) || !holds(l, blob, &e))
			continue;
		if (number != NULL)
			*number = n;
		return 0;
	}
	memset(l, 0, sizeof *l);
	return e != 0 ? e : SSH_ERR_NOT_FOUND;
}

static bool is_option(ssh_bytes option, const char *name)
{
	size_t len = strlen(name);

	if (option.len < len || (option.len > len && option.ptr[len] != '='))
		return false;
	for (size_t i = 0; i < len; i++)
		if (auth_text_lower(option.ptr[i]) != auth_text_lower((uint8_t)name[i]))
			return false;
	return true;
}

ssh_bytes auth_option_next(ssh_bytes *options)
{
	ssh_bytes option = *options;
	bool quoted = false;
	size_t n = 0;

	for (; n < option.len && (quoted || option.ptr[n] != ','); n++) {
		if (option.ptr[n] == '\\' && n + 1 < option.len && option.ptr[n + 1] == '"')
			n++;
		else if (option.ptr[n] == '"')
			quoted = !quoted;
	}
	*options = wire_bytes_skip(option, n + 1);
	return wire_bytes(option.ptr, n < option.len ? n : option.len);
}

bool auth_option_find(ssh_bytes options, const char *name, ssh_bytes *value)
{
	while (options.len != 0) {
		ssh_bytes option = auth_option_next(&options);

		if (!is_option(option, name))
			continue;
		if (value == NULL)
			return true;
		*value = wire_bytes_skip(option, strlen(name) + 1);
		if (value->len >= 2 && value->ptr[0] == '"' && value->ptr[value->len - 1] == '"')
			*value = wire_bytes(value->ptr + 1, value->len - 2);
		return true;
	}
	return false;
}
