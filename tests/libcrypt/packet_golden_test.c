/* SPDX-License-Identifier: MIT */
#include "libcrypt/packet.h"

#include "tests/support/golden.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

/* One direction of a recorded session, `way` being "cs" or "sc". */
struct direction {
	const struct golden *g;
	const char *way;
	struct crypt_packet seal, open;
	uint32_t seq;
};

static const char *field(const struct direction *d, const char *name)
{
	static char key[64];
	snprintf(key, sizeof key, "%s_%s", name, d->way);
	return key;
}

static const struct crypt_cipher *cipher_named(const char *name)
{
	for (size_t i = 0; crypt_ciphers[i] != NULL; i++) {
		if (strcmp(crypt_ciphers[i]->name, name) == 0)
			return crypt_ciphers[i];
	}
	cr_assert_fail("no cipher %s", name);
	return NULL;
}

static const struct crypt_mac *mac_named(const char *name)
{
	for (size_t i = 0; name != NULL && crypt_macs[i] != NULL; i++) {
		if (strcmp(crypt_macs[i]->name, name) == 0)
			return crypt_macs[i];
	}
	cr_assert_null(name, "no MAC %s", name);
	return NULL;
}

static void key_up(struct direction *d)
{
	struct wire_buf key = {0}, iv = {0}, mac_key = {0};
	golden_hex(d->g, field(d, "key"), 0, &key);
	golden_hex(d->g, field(d, "IV"), 0, &iv);
	golden_hex(d->g, field(d, "mackey"), 0, &mac_key);
	struct crypt_packet_keys keys = {
	    .cipher = cipher_named(golden_text(d->g, field(d, "cipher"))),
	    .mac = mac_named(golden_text(d->g, field(d, "mac"))),
	    .key = wire_buf_view(&key).ptr,
	    .iv = wire_buf_view(&iv).ptr,
	    .mac_key = wire_buf_view(&mac_key).ptr,
	};
	cr_assert_eq(crypt_packet_init(&d->seal, &keys, true), SSH_OK);
	cr_assert_eq(crypt_packet_init(&d->open, &keys, false), SSH_OK);
	d->seq = (uint32_t)strtoul(golden_text(d->g, field(d, "first_seq")), NULL, 10);
	wire_buf_wipe(&key);
	wire_buf_wipe(&iv);
	wire_buf_wipe(&mac_key);
}

/* Open the packet at the front of `stream`, compare its payload, seal it again to the same. */
static void check_packet(struct direction *d, struct wire_buf *stream, size_t number)
{
	static uint8_t packet[70000];
	struct wire_buf want = {0};
	ssh_bytes s = wire_buf_view(stream);
	golden_hex(d->g, field(d, "plain"), number, &want);
	cr_assert(s.len >= d->open.head && s.len <= sizeof packet, "%s", d->g->name);
	memcpy(packet, s.ptr, s.len);
	size_t len = crypt_packet_length(&d->open, d->seq, packet) + (size_t)4;
	cr_assert_leq(len + d->open.tag, s.len, "%s %s %zu: length", d->g->name, d->way, number);
	cr_assert_eq((len - d->open.align_skip) % d->open.align, 0, "%s", d->g->name);
	cr_assert_eq(crypt_packet_open(&d->open, d->seq, packet, len), SSH_OK, "%s %s %zu",
	             d->g->name, d->way, number);
	size_t padding = packet[4];
	cr_assert_leq(CRYPT_PACKET_HEAD + padding, len, "%s", d->g->name);
	size_t payload = len - CRYPT_PACKET_HEAD - padding;
	cr_assert(
	    wire_bytes_equal(wire_bytes(packet + CRYPT_PACKET_HEAD, payload), wire_buf_view(&want)),
	    "%s %s %zu: payload", d->g->name, d->way, number);
	crypt_packet_seal(&d->seal, d->seq, packet, len);
	cr_assert_eq(memcmp(packet, s.ptr, len + d->seal.tag), 0, "%s %s %zu: sealed again",
	             d->g->name, d->way, number);
	wire_buf_drop(stream, len + d->open.tag);
	wire_buf_wipe(&want);
	d->seq++;
}

static void check_direction(const struct golden *g, const char *way)
{
	struct direction d = {.g = g, .way = way};
	struct wire_buf stream = {0};
	key_up(&d);
	golden_hex(g, field(&d, "cipher_stream"), 0, &stream);
	size_t packets = golden_count(g, field(&d, "plain"));
	for (size_t i = 0; i < packets; i++)
		check_packet(&d, &stream, i);
	cr_assert_eq(wire_buf_len(&stream), 0, "%s %s: bytes are left", g->name, way);
	wire_buf_wipe(&stream);
}

static void check_session(const struct golden *g)
{
	check_direction(g, "cs");
	check_direction(g, "sc");
}

Test(packet_golden, recorded_sessions_open_and_seal_to_the_same_bytes)
{
	golden_each(check_session);
}
