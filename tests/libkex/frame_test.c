/* SPDX-License-Identifier: MIT */
#include "libkex/frame.h"

#include <criterion/criterion.h>

static struct crypt_drbg drbg;
static uint8_t payload[KEX_PACKET_MAX];

static struct crypt_rng rng(void)
{
	crypt_drbg_init(&drbg, wire_bytes_str("frame"));
	return crypt_drbg_rng(&drbg);
}

static const struct crypt_packet_keys *keys_of(const struct crypt_cipher *cipher,
                                               const struct crypt_mac *mac)
{
	static uint8_t material[256];
	static struct crypt_packet_keys keys;
	for (size_t i = 0; i < sizeof material; i++)
		material[i] = (uint8_t)(i * 13);
	keys = (struct crypt_packet_keys){cipher, mac, material, material + 64, material + 128};
	return &keys;
}

static void put(struct kex_frame_out *out, size_t len, const struct crypt_rng *r)
{
	uint8_t *p = kex_frame_begin(out, len);
	cr_assert_not_null(p);
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(len + i);
	cr_assert_eq(kex_frame_end(out, len, r), SSH_OK);
}

static void expect(struct kex_frame_in *in, size_t len, uint32_t seq, const char *name)
{
	struct kex_frame_packet p;
	cr_assert_eq(kex_frame_next(in, &p), SSH_OK, "%s, %zu bytes", name, len);
	cr_assert_eq(p.seq, seq, "%s, %zu bytes", name, len);
	for (size_t i = 0; i < len; i++)
		payload[i] = (uint8_t)(len + i);
	cr_assert(wire_bytes_equal(p.payload, wire_bytes(payload, len)), "%s, %zu bytes", name,
	          len);
}

static void move(struct kex_frame_in *in, struct kex_frame_out *out, size_t n)
{
	ssh_bytes bytes = wire_buf_view(&out->buf);
	n = n < bytes.len ? n : bytes.len;
	wire_put_raw(&in->buf, wire_bytes(bytes.ptr, n));
	wire_buf_drop(&out->buf, n);
}

/* Every length up to some blocks, the largest, and the border cases of the RFC. */
static void there_and_back(const struct crypt_packet_keys *keys, const char *name)
{
	static const size_t sizes[] = {1,  2,  3,   4,    5,     10,    11,     12,          26,
	                               27, 28, 255, 1000, 32768, 34991, 131072, 262144 - 300};
	struct crypt_rng r = rng();
	struct kex_frame_in in;
	struct kex_frame_out out;
	kex_frame_in_init(&in);
	kex_frame_out_init(&out);
	cr_assert_eq(kex_frame_out_keys(&out, keys, true), SSH_OK);
	cr_assert_eq(kex_frame_in_keys(&in, keys, true), SSH_OK);
	for (uint32_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct kex_frame_packet p;
		put(&out, sizes[i], &r);
		size_t len = wire_buf_len(&out.buf);
		move(&in, &out, len - 1);
		cr_assert_eq(kex_frame_next(&in, &p), SSH_ERR_AGAIN, "%s", name);
		move(&in, &out, 1);
		expect(&in, sizes[i], i, name);
		cr_assert_eq(kex_frame_next(&in, &p), SSH_ERR_AGAIN, "%s", name);
		cr_assert(len % in.packet.align ==
		          (in.packet.tag + in.packet.align_skip) % in.packet.align);
	}
	cr_assert_eq(in.bytes, out.bytes, "%s", name);
	cr_assert_eq(in.packets, out.packets, "%s", name);
	kex_frame_in_wipe(&in);
	kex_frame_out_wipe(&out);
}

Test(frame, every_length_in_every_mode)
{
	there_and_back(keys_of(NULL, NULL), "none");
	for (const struct crypt_cipher *const *c = crypt_ciphers; *c != NULL; c++)
		for (const struct crypt_mac *const *m = crypt_macs; *m != NULL; m++)
			there_and_back(keys_of(*c, *m), (*c)->name);
}

/* --- Lengths and padding in the clear --- */

static enum ssh_err frame(uint32_t length, uint8_t padding, size_t bytes)
{
	struct kex_frame_packet p;
	struct kex_frame_in in;
	kex_frame_in_init(&in);
	wire_put_u32(&in.buf, length);
	wire_put_u8(&in.buf, padding);
	for (size_t i = 5; i < bytes; i++)
		wire_put_u8(&in.buf, 0);
	enum ssh_err e = kex_frame_next(&in, &p);
	if (e == 0)
		cr_assert_eq(p.payload.len, length - 1 - padding);
	kex_frame_in_wipe(&in);
	return e;
}

Test(frame, lengths_are_checked_before_they_are_believed)
{
	static const struct {
		uint32_t length;
		uint8_t padding;
		enum ssh_err e;
	} rows[] = {
	    {0, 4, SSH_ERR_PACKET_LENGTH},
	    {4, 4, SSH_ERR_PACKET_LENGTH},
	    {5, 4, SSH_ERR_PACKET_LENGTH},
	    {11, 4, SSH_ERR_PACKET_LENGTH},
	    {12, 4, SSH_OK},
	    {13, 4, SSH_ERR_PACKET_LENGTH},
	    {19, 4, SSH_ERR_PACKET_LENGTH},
	    {20, 4, SSH_OK},
	    {34996, 100, SSH_OK},
	    {KEX_PACKET_MAX - 4, 4, SSH_OK},
	    {KEX_PACKET_MAX + 4, 4, SSH_ERR_PACKET_LENGTH},
	    {0x5353482d, 4, SSH_ERR_PACKET_LENGTH},
	    {0x80000000, 4, SSH_ERR_PACKET_LENGTH},
	    {0xfffffffc, 4, SSH_ERR_PACKET_LENGTH},
	    {0xffffffff, 4, SSH_ERR_PACKET_LENGTH},
	    {12, 0, SSH_ERR_PADDING},
	    {12, 3, SSH_ERR_PADDING},
	    {12, 10, SSH_OK},
	    {12, 11, SSH_ERR_PADDING}, /* no payload left */
	    {12, 12, SSH_ERR_PADDING},
	    {12, 255, SSH_ERR_PADDING},
	    {260, 255, SSH_OK},
	    {260, 4, SSH_OK},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t whole = rows[i].length > KEX_PACKET_MAX ? 64 : (size_t)rows[i].length + 4;
		enum ssh_err e = frame(rows[i].length, rows[i].padding, whole < 5 ? 5 : whole);
		cr_assert_eq(e, rows[i].e, "row %zu: %s", i, ssh_err_name(e));
	}
}

/* OpenSSH pads a one-byte message under chacha20-poly1305 to 12 bytes and a tag. */
Test(frame, takes_the_short_packets_of_openssh)
{
	struct kex_frame_packet p;
	struct kex_frame_in in;
	struct crypt_packet seal = {0};
	uint8_t packet[12 + 16] = {0, 0, 0, 8, 6, 0x34};
	const struct crypt_packet_keys *keys = keys_of(&crypt_chacha20_poly1305, NULL);
	kex_frame_in_init(&in);
	cr_assert_eq(kex_frame_in_keys(&in, keys, true), SSH_OK);
	cr_assert_eq(crypt_packet_init(&seal, keys, true), SSH_OK);
	crypt_packet_seal(&seal, 0, packet, 12);
	wire_put_raw(&in.buf, wire_bytes(packet, sizeof packet));
	cr_assert_eq(kex_frame_next(&in, &p), SSH_OK);
	cr_assert(wire_bytes_equal(p.payload, wire_bytes("\x34", 1)));
	crypt_packet_wipe(&seal);
	kex_frame_in_wipe(&in);
}

/* --- Keys and sequence numbers --- */

Test(frame, keys_change_at_a_packet_s_border_with_more_behind_it)
{
	for (int reset = 0; reset < 2; reset++) {
		struct crypt_rng r = rng();
		struct kex_frame_in in;
		struct kex_frame_out out;
		kex_frame_in_init(&in);
		kex_frame_out_init(&out);
		uint32_t seq = 0;
		for (const struct crypt_cipher *const *c = crypt_ciphers; *c != NULL; c++) {
			const struct crypt_packet_keys *keys = keys_of(*c, &crypt_hmac_sha2_512);
			put(&out, 1, &r);
			put(&out, 30, &r);
			cr_assert_eq(kex_frame_out_keys(&out, keys, reset == 1), SSH_OK);
			put(&out, 40, &r);
			move(&in, &out, SIZE_MAX);
			expect(&in, 1, seq++, (*c)->name);
			expect(&in, 30, seq++, (*c)->name);
			cr_assert_eq(kex_frame_in_keys(&in, keys, reset == 1), SSH_OK);
			seq = reset == 1 ? 0 : seq;
			expect(&in, 40, seq++, (*c)->name);
			cr_assert_eq(in.packets, 1);
		}
		kex_frame_in_wipe(&in);
		kex_frame_out_wipe(&out);
	}
}

Test(frame, a_key_never_sees_a_sequence_number_twice)
{
	struct crypt_rng r = rng();
	struct kex_frame_packet p;
	struct kex_frame_in in;
	struct kex_frame_out out;
	kex_frame_in_init(&in);
	kex_frame_out_init(&out);
	in.seq = out.seq = UINT32_MAX; /* that it wraps is no harm, that 2^32 packets pass is */
	put(&out, 1, &r);
	put(&out, 2, &r);
	move(&in, &out, SIZE_MAX);
	expect(&in, 1, UINT32_MAX, "last");
	expect(&in, 2, 0, "wrapped");
	put(&out, 3, &r);
	move(&in, &out, SIZE_MAX);
	in.packets = out.packets = (uint64_t)1 << 32;
	cr_assert_eq(kex_frame_next(&in, &p), SSH_ERR_SEQUENCE);
	cr_assert_not_null(kex_frame_begin(&out, 1));
	cr_assert_eq(kex_frame_end(&out, 1, &r), SSH_ERR_SEQUENCE);
	kex_frame_in_wipe(&in);
	kex_frame_out_wipe(&out);
}

Test(frame, padding_needs_randomness)
{
	struct kex_frame_out out;
	kex_frame_out_init(&out);
	cr_assert_not_null(kex_frame_begin(&out, 1));
	cr_assert_eq(kex_frame_end(&out, 1, &(struct crypt_rng){0}), SSH_ERR_RANDOM);
	cr_assert_eq(wire_buf_len(&out.buf), 0);
	kex_frame_out_wipe(&out);
}

Test(frame, a_flipped_bit_is_never_a_packet)
{
	struct crypt_rng r = rng();
	for (const struct crypt_cipher *const *c = crypt_ciphers; *c != NULL; c++) {
		for (size_t bit = 0; bit < 8 * 64; bit++) {
			struct kex_frame_packet p;
			struct kex_frame_in in;
			struct kex_frame_out out;
			const struct crypt_packet_keys *keys = keys_of(*c, &crypt_hmac_sha2_256);
			kex_frame_in_init(&in);
			kex_frame_out_init(&out);
			cr_assert_eq(kex_frame_out_keys(&out, keys, true), SSH_OK);
			cr_assert_eq(kex_frame_in_keys(&in, keys, true), SSH_OK);
			put(&out, 20, &r);
			if (bit / 8 < wire_buf_len(&out.buf))
				out.buf.mem[out.buf.start + bit / 8] ^= (uint8_t)(1u << bit % 8);
			bool flipped = bit / 8 < wire_buf_len(&out.buf);
			move(&in, &out, SIZE_MAX);
			cr_assert_eq(kex_frame_next(&in, &p) != 0, flipped, "%s, bit %zu",
			             (*c)->name, bit);
			kex_frame_in_wipe(&in);
			kex_frame_out_wipe(&out);
		}
	}
}
