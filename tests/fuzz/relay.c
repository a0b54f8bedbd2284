/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/relay.h"

#include "libwire/num.h"
#include "tests/support/pair.h"

/* What stands at the front of the stream: an identification line, a packet, or anything. */
static ssh_bytes unit(struct relay *r, ssh_bytes from)
{
	if (r->opaque || from.len == 0)
		return from;
	if (!r->ident_passed) {
		const uint8_t *end = memchr(from.ptr, '\n', from.len);
		return wire_bytes(from.ptr, end == NULL ? 0 : (size_t)(end - from.ptr) + 1);
	}
	size_t len = from.len < CRYPT_PACKET_HEAD ? 0 : 4 + (size_t)wire_load_u32(from.ptr);
	return wire_bytes(from.ptr, len > from.len ? 0 : len);
}

/* The payload of a packet that is not encrypted; other units are a payload altogether. */
static ssh_bytes payload_of(const struct relay *r, ssh_bytes u)
{
	if (r->opaque || !r->ident_passed || u.len < CRYPT_PACKET_HEAD + (size_t)u.ptr[4])
		return u;
	return wire_bytes(u.ptr + CRYPT_PACKET_HEAD, u.len - CRYPT_PACKET_HEAD - u.ptr[4]);
}

static void put(struct relay *r, ssh_bytes payload)
{
	if (r->opaque || !r->ident_passed)
		wire_put_raw(&r->out, payload);
	else
		pair_plain(&r->out, payload);
}

static void flip(struct relay *r, ssh_bytes payload, ssh_bytes *script)
{
	struct wire_buf copy = {0};
	size_t at = fuzz_u16(script);
	uint8_t bits = fuzz_u8(script);
	wire_put_raw(&copy, payload);
	if (payload.len > 0)
		copy.mem[copy.start + at % payload.len] ^= bits;
	put(r, wire_buf_view(&copy));
	wire_buf_wipe(&copy);
}

static void longer(struct relay *r, ssh_bytes payload, ssh_bytes *script)
{
	struct wire_buf copy = {0};
	wire_put_raw(&copy, payload);
	wire_put_raw(&copy, fuzz_short(script));
	put(r, wire_buf_view(&copy));
	wire_buf_wipe(&copy);
}

static void cut(struct relay *r, ssh_bytes payload, ssh_bytes *script)
{
	size_t n = fuzz_u8(script);
	put(r, wire_bytes(payload.ptr, payload.len - (n < payload.len ? n : payload.len)));
}

static void edit(struct relay *r, ssh_bytes u, enum relay_edit how, ssh_bytes *script)
{
	ssh_bytes payload = payload_of(r, u);
	if (how == RELAY_BEFORE)
		put(r, fuzz_long(script));
	if (how == RELAY_RAW)
		wire_put_raw(&r->out, fuzz_short(script));
	if (how == RELAY_PASS || how == RELAY_BEFORE || how == RELAY_RAW || how == RELAY_TWICE)
		wire_put_raw(&r->out, u);
	if (how == RELAY_TWICE)
		wire_put_raw(&r->out, u);
	if (how == RELAY_FLIP)
		flip(r, payload, script);
	if (how == RELAY_REPLACE)
		put(r, fuzz_long(script));
	if (how == RELAY_CUT)
		cut(r, payload, script);
	if (how == RELAY_LONGER)
		longer(r, payload, script);
}

size_t relay_unit(struct relay *r, ssh_bytes from, enum relay_edit how, ssh_bytes *script)
{
	ssh_bytes u = unit(r, from);
	if (u.len == 0)
		return 0;
	ssh_bytes payload = payload_of(r, u);
	bool newkeys =
	    r->ident_passed && !r->opaque && payload.len > 0 && payload.ptr[0] == SSH_MSG_NEWKEYS;
	edit(r, u, how, script);
	wire_put_raw(&r->out, wire_buf_view(&r->held));
	wire_buf_reset(&r->held);
	if (how == RELAY_HOLD)
		wire_put_raw(&r->held, u);
	FUZZ_MUST(wire_buf_end(&r->out) == 0 && wire_buf_end(&r->held) == 0);
	r->opaque = r->opaque || (newkeys && r->goes_opaque);
	r->ident_passed = true;
	return u.len;
}

void relay_wipe(struct relay *r)
{
	wire_buf_wipe(&r->held);
	wire_buf_wipe(&r->out);
}
