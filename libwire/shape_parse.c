/* SPDX-License-Identifier: MIT */
#include "libwire/num.h"
#include "libwire/shape_impl.h"

/* One NAME=VALUE of a line. */
struct word {
	ssh_bytes name;
	ssh_bytes value; /* without the quotes, escapes as they are */
	bool quoted;
};

/* A message or tail that is being filled from words. */
struct target {
	const struct wire_shape *shape;
	union msg_room msg;
	bool given[WIRE_SHAPE_MAX_FIELDS];
};

static const struct wire_shape no_shape = {"", 0, 0, NULL, 0, 0, NULL};

/* --- Words --- */

static ssh_bytes skip_spaces(ssh_bytes line)
{
	while (line.len != 0 && line.ptr[0] == ' ')
		line = wire_bytes_skip(line, 1);
	return line;
}

/* The bytes up to the next `stop` or the end. */
static ssh_bytes up_to(ssh_bytes line, uint8_t stop)
{
	const uint8_t *at = line.len == 0 ? NULL : memchr(line.ptr, stop, line.len);
	return at == NULL ? line : wire_bytes(line.ptr, (size_t)(at - line.ptr));
}

/* The bytes up to the quote that ends the string, or the whole line if none does. */
static ssh_bytes up_to_quote(ssh_bytes line)
{
	size_t i = 0;
	while (i < line.len && line.ptr[i] != '"')
		i += line.ptr[i] == '\\' ? 2 : 1;
	return i >= line.len ? line : wire_bytes(line.ptr, i);
}

static enum ssh_err take_value(ssh_bytes *line, struct word *w)
{
	w->quoted = line->len != 0 && line->ptr[0] == '"';
	if (!w->quoted) {
		w->value = up_to(*line, ' ');
		*line = wire_bytes_skip(*line, w->value.len);
		return SSH_OK;
	}
	*line = wire_bytes_skip(*line, 1);
	w->value = up_to_quote(*line);
	if (w->value.len == line->len)
		return SSH_ERR_TEXT;
	*line = wire_bytes_skip(*line, w->value.len + 1);
	return line->len == 0 || line->ptr[0] == ' ' ? SSH_OK : SSH_ERR_TEXT;
}

/* Take the next word off a line that has one. */
static enum ssh_err take_word(ssh_bytes *line, struct word *w)
{
	*line = skip_spaces(*line);
	w->name = up_to(*line, '=');
	if (w->name.len == line->len)
		return SSH_ERR_TEXT;
	*line = wire_bytes_skip(*line, w->name.len + 1);
	return take_value(line, w);
}

/* --- Values --- */

static int nibble(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Append the byte that the first two digits of `hex` stand for. */
static bool put_pair(struct wire_buf *text, ssh_bytes hex)
{
	int high = hex.len < 2 ? -1 : nibble(hex.ptr[0]);
	int low = hex.len < 2 ? -1 : nibble(hex.ptr[1]);
	if (high < 0 || low < 0)
		return false;
	wire_put_u8(text, (uint8_t)(high << 4 | low));
	return true;
}

static bool unhex(struct wire_buf *text, ssh_bytes hex)
{
	for (; hex.len != 0; hex = wire_bytes_skip(hex, 2))
		if (!put_pair(text, hex))
			return false;
	return true;
}

/* Take one character, or one escape, off the inside of a quoted string. */
static bool unquote_one(struct wire_buf *text, ssh_bytes *in)
{
	uint8_t c = in->ptr[0];
	*in = wire_bytes_skip(*in, 1);
	if (c == '\\' && in->len == 0)
		return false;
	if (c == '\\') {
		c = in->ptr[0];
		*in = wire_bytes_skip(*in, 1);
		if (c == 'x') {
			bool ok = put_pair(text, *in);
			*in = wire_bytes_skip(*in, 2);
			return ok;
		}
		if (c != '"' && c != '\\')
			return false;
	}
	wire_put_u8(text, c);
	return true;
}

static bool unquote(struct wire_buf *text, ssh_bytes in)
{
	while (in.len != 0)
		if (!unquote_one(text, &in))
			return false;
	return true;
}

static bool decimal(ssh_bytes digits, uint64_t max, uint64_t *v)
{
	*v = 0;
	for (size_t i = 0; i < digits.len; i++) {
		uint8_t d = (uint8_t)(digits.ptr[i] - '0');
		if (d > 9 || *v > (max - d) / 10)
			return false;
		*v = *v * 10 + d;
	}
	return digits.len != 0;
}

static bool boolean(ssh_bytes word, uint64_t *v)
{
	*v = wire_bytes_is(word, "true");
	return *v == 1 || wire_bytes_is(word, "false");
}

/* The bytes of the value, if any, are appended to `text` and seen there. */
static bool parse_value(struct wire_buf *text, enum wire_kind kind, const struct word *w,
                        struct value *v)
{
	size_t mark = wire_buf_len(text);
	bool stringy =
	    kind == WIRE_STRING || kind == WIRE_TEXT || kind == WIRE_NAMES || kind == WIRE_REST;
	if (w->quoted != stringy)
		return false;
	switch (kind) {
	case WIRE_U8:
		return decimal(w->value, UINT8_MAX, &v->number);
	case WIRE_BOOL:
		return boolean(w->value, &v->number);
	case WIRE_U32:
		return decimal(w->value, UINT32_MAX, &v->number);
	case WIRE_U64:
		return decimal(w->value, UINT64_MAX, &v->number);
	case WIRE_COOKIE:
		if (w->value.len != (size_t)COOKIE_LEN * 2 || !unhex(text, w->value))
			return false;
		break;
	case WIRE_MPINT:
		if (!unhex(text, w->value))
			return false;
		break;
	default:
		if (!unquote(text, w->value))
			return false;
		break;
	}
	v->bytes = wire_bytes_skip(wire_buf_view(text), mark);
	return true;
}

/* --- Messages --- */

/* The index of the field of that name; the count of fields if there is none. */
static size_t find_field(const struct wire_shape *shape, ssh_bytes name)
{
	size_t i = 0;
	while (i < shape->count && !wire_bytes_is(name, shape->fields[i].name))
		i++;
	return i;
}

static enum ssh_err set_field(struct target *to, size_t i, const struct word *w,
                              struct wire_buf *text)
{
	struct value v = {0, {NULL, 0}};
	if (to->given[i] || !parse_value(text, to->shape->fields[i].kind, w, &v))
		return SSH_ERR_TEXT;
	to->given[i] = true;
	field_store(&to->shape->fields[i], &to->msg, v);
	return SSH_OK;
}

/*
 * Fill `to` from the words of a line. Words that `to` does not know are left to the other pass:
 * with `head` NULL any, else those that the head knows.
 */
static enum ssh_err set_fields(struct target *to, ssh_bytes line, const struct wire_shape *head,
                               struct wire_buf *text)
{
	enum ssh_err e;
	struct word w;
	for (line = skip_spaces(line); line.len != 0; line = skip_spaces(line)) {
		if ((e = take_word(&line, &w)) != 0)
			return e;
		if (head != NULL && find_field(head, w.name) < head->count)
			continue;
		size_t i = find_field(to->shape, w.name);
		if (i == to->shape->count && head != NULL)
			return SSH_ERR_TEXT;
		if (i < to->shape->count && (e = set_field(to, i, &w, text)) != 0)
			return e;
	}
	return SSH_OK;
}

/* A value that was given for a field that its condition leaves out would be lost silently. */
static bool all_present(const struct target *t)
{
	for (size_t i = 0; i < t->shape->count; i++)
		if (t->given[i] && !field_present(&t->shape->fields[i], &t->msg))
			return false;
	return true;
}

static enum ssh_err parse_message(struct wire_buf *out, const struct wire_shape *shape,
                                  ssh_bytes line, struct wire_buf *text)
{
	struct target head = {.shape = shape}, tail = {.shape = &no_shape};
	enum ssh_err e;
	if (!shape_fits(shape))
		return SSH_ERR_TOO_LONG;
	if ((e = set_fields(&head, line, NULL, text)) != 0)
		return e;
	const struct wire_shape *rest = wire_msg_tail(shape, &head.msg);
	/* A rest that is given as bytes stands for itself. */
	if (rest != NULL && !head.given[shape->count - 1])
		tail.shape = rest;
	if (!shape_fits(tail.shape))
		return SSH_ERR_TOO_LONG;
	if ((e = set_fields(&tail, line, shape, text)) != 0)
		return e;
	if (!all_present(&head) || !all_present(&tail))
		return SSH_ERR_TEXT;
	wire_msg_encode(out, shape, &head.msg);
	wire_msg_encode(out, tail.shape, &tail.msg);
	return wire_buf_end(out);
}

/* --- Lines --- */

static const struct wire_shape *find_shape(const struct wire_shape *const *shapes, ssh_bytes name)
{
	for (; *shapes != NULL; shapes++)
		if (wire_bytes_is(name, (*shapes)->name))
			return *shapes;
	return NULL;
}

/* The number that a raw line begins with: of a message of `shapes`, or as put_raw_line has it. */
static bool find_number(const struct wire_shape *const *shapes, ssh_bytes name, uint8_t *number)
{
	const struct wire_shape *shape = find_shape(shapes, name);
	uint64_t v = shape != NULL ? shape->number : 0;
	bool found = shape != NULL || decimal(name, UINT8_MAX, &v);
	for (unsigned n = 0; n < 256 && !found && !wire_bytes_is(name, "UNKNOWN"); n++) {
		v = n;
		found = wire_bytes_is(name, wire_num_name((uint8_t)n, (struct wire_context){0}));
	}
	*number = (uint8_t)v;
	return found;
}

/* Is the line nothing but a raw=HEX? */
static bool take_raw(ssh_bytes line, struct word *w)
{
	return take_word(&line, w) == 0 && wire_bytes_is(w->name, "raw") && !w->quoted &&
	       skip_spaces(line).len == 0;
}

static enum ssh_err parse_line(struct wire_buf *out, const struct wire_shape *const *shapes,
                               ssh_bytes line, struct wire_buf *text)
{
	struct word raw;
	uint8_t number;
	line = skip_spaces(line);
	ssh_bytes name = up_to(line, ' ');
	ssh_bytes words = wire_bytes_skip(line, name.len);
	if (take_raw(line, &raw)) {
		if (!unhex(text, raw.value))
			return SSH_ERR_TEXT;
	} else if (take_raw(words, &raw)) {
		if (!find_number(shapes, name, &number))
			return SSH_ERR_TEXT;
		wire_put_u8(text, number);
		if (!unhex(text, raw.value))
			return SSH_ERR_TEXT;
	} else {
		const struct wire_shape *shape = find_shape(shapes, name);
		return shape == NULL ? SSH_ERR_TEXT : parse_message(out, shape, words, text);
	}
	wire_put_raw(out, wire_buf_view(text));
	return wire_buf_end(out);
}

enum ssh_err wire_msg_parse(struct wire_buf *out, const struct wire_shape *const *shapes,
                            ssh_bytes line)
{
	/* Values are seen in `text` while more are appended: it must not move, so it gets room
	 * for all of them now. Text is never shorter than what it stands for. */
	struct wire_buf text = {.max = line.len + 1};
	enum ssh_err e = wire_buf_end(out);
	if (e != 0)
		return e;
	if (wire_buf_room(&text, line.len + 1) == NULL)
		return wire_buf_end(&text);
	e = parse_line(out, shapes, line, &text);
	wire_buf_wipe(&text);
	return e;
}
