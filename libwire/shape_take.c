/* SPDX-License-Identifier: MIT */
#include "libwire/num.h"
#include "libwire/shape_impl.h"

/* What the two printers of messages have in common: taking one apart, and minding what is hidden. */

/*
 * Decode, if the message would encode to the same bytes again: what is printed must not hide
 * that a boolean was 2. The end of `out` is the room to try it in; the text needs more anyway.
 */
static bool faithful(struct wire_buf *out, const struct wire_shape *shape, ssh_bytes in, void *msg)
{
	size_t mark = wire_buf_len(out);
	if (!shape_fits(shape) || wire_msg_decode(shape, in, msg) != 0)
		return false;
	wire_msg_encode(out, shape, msg);
	bool same = wire_bytes_equal(wire_bytes_skip(wire_buf_view(out), mark), in);
	wire_buf_cut(out, mark);
	return same;
}

bool wire_shape_take(struct wire_buf *out, const struct wire_shape *shape, ssh_bytes payload,
                     struct shape_parts *parts)
{
	struct shape_part *head = &parts->head, *tail = &parts->tail;
	if (shape == NULL || shape->number == 0 || !faithful(out, shape, payload, &head->msg))
		return false;
	head->shape = shape;
	head->count = shape->count;
	tail->shape = wire_msg_tail(shape, &head->msg);
	tail->count = 0;
	if (tail->shape != NULL &&
	    faithful(out, tail->shape, shape_rest(shape, &head->msg), &tail->msg)) {
		head->count--; /* the rest is the tail */
		tail->count = tail->shape->count;
	}
	return true;
}

static bool hides(const struct wire_shape *shape, const struct wire_show *how)
{
	for (size_t i = 0; i < shape->count; i++) {
		enum wire_care care = shape->fields[i].care;
		if ((care == WIRE_SECRET && !how->secrets) || (care == WIRE_BULK && !how->bulk))
			return true;
	}
	return false;
}

/* Bytes that are no fields may hold what a field would have hidden. */
bool wire_shape_raw_hidden(const struct wire_shape *shape, ssh_bytes payload,
                           const struct wire_show *how)
{
	uint8_t number = payload.len == 0 ? 0 : payload.ptr[0];
	if (shape == NULL)
		return number >= SSH_MSG_USERAUTH_REQUEST && number < SSH_MSG_GLOBAL_REQUEST &&
		       !how->secrets;
	if (hides(shape, how))
		return true;
	for (const struct wire_tail *t = shape->tails; t != NULL && t->key != NULL; t++)
		if (hides(t->shape, how))
			return true;
	return false;
}
