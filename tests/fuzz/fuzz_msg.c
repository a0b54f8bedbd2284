/* SPDX-License-Identifier: MIT */
#include "libwire/msg.h"
#include "tests/fuzz/fuzz.h"

/*
 * A payload, decoded by every shape that its number can have. What decodes encodes to a message
 * that is equal; every line that is printed parses back to the very payload.
 */

union any {
	uint8_t bytes[WIRE_SHAPE_MAX_SIZE];
	uint64_t aligned;
	void *pointer;
};

static void print_and_parse(const struct wire_shape *shape, ssh_bytes payload)
{
	struct wire_buf line = {0}, back = {0};
	wire_msg_print(&line, shape, payload);
	FUZZ_MUST(wire_buf_end(&line) == 0);
	FUZZ_MUST(wire_msg_parse(&back, wire_msg_all, wire_buf_view(&line)) == 0);
	FUZZ_MUST(wire_bytes_equal(wire_buf_view(&back), payload));
	wire_buf_wipe(&line);
	wire_buf_wipe(&back);
}

/* Decoding what was encoded gives an equal message; it encodes to the same bytes again. */
static void encode_and_decode(const struct wire_shape *shape, const void *msg)
{
	struct wire_buf first = {0}, second = {0};
	union any again;
	wire_msg_encode(&first, shape, msg);
	FUZZ_MUST(wire_buf_end(&first) == 0);
	FUZZ_MUST(wire_msg_decode(shape, wire_buf_view(&first), &again) == 0);
	FUZZ_MUST(wire_msg_equal(shape, msg, &again));
	wire_msg_encode(&second, shape, &again);
	FUZZ_MUST(wire_bytes_equal(wire_buf_view(&first), wire_buf_view(&second)));
	wire_buf_wipe(&first);
	wire_buf_wipe(&second);
}

static void try_tail(const struct wire_shape *head, const void *msg)
{
	const struct wire_shape *tail = wire_msg_tail(head, msg);
	union any inner;
	ssh_bytes rest;
	if (tail == NULL)
		return;
	memcpy(&rest, (const uint8_t *)msg + head->fields[head->count - 1].offset, sizeof rest);
	if (wire_msg_decode(tail, rest, &inner) == 0)
		encode_and_decode(tail, &inner);
}

static void try_shape(const struct wire_shape *shape, ssh_bytes payload)
{
	union any msg;
	FUZZ_MUST(shape->size <= sizeof msg);
	if (wire_msg_decode(shape, payload, &msg) == 0) {
		encode_and_decode(shape, &msg);
		try_tail(shape, &msg);
	}
	print_and_parse(shape, payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ssh_bytes payload = wire_bytes(data, size);
	const struct wire_shape *shape, *last = NULL;
	print_and_parse(NULL, payload);
	for (unsigned i = 0; i < 16 && size > 0; i++) {
		struct wire_context ctx = {(enum wire_kex)(i / 4), (enum wire_auth)(i % 4)};
		FUZZ_MUST(wire_num_name(data[0], ctx) != NULL);
		shape = wire_msg_find(data[0], ctx);
		if (shape != NULL && shape != last)
			try_shape(shape, payload);
		last = shape;
	}
	return 0;
}

void fuzz_seeds(void)
{
	for (size_t i = 0; wire_msg_all[i] != NULL; i++) {
		union any msg;
		struct wire_buf b = {0};
		memset(&msg, 0, sizeof msg);
		wire_msg_encode(&b, wire_msg_all[i], &msg);
		fuzz_seed_buf(&b);
	}
	fuzz_rows("wire-msg.txt", 1, fuzz_seed);
}
