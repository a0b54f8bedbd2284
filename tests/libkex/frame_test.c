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

static bool needs_mac(const struct crypt_cipher *c)
{
	return c->aead == NULL;
}

Test(frame, every_length_in_every_mode)
{
	there_and_back(keys_of(NULL, NULL), "none");
	for (const struct crypt_cipher *const *c = crypt_ciphers; *c != NULL; c++)
		for (const struct crypt_mac *const *m = crypt_macs; *m != NULL; m++)
			there_and_back(keys_of(*c, *m), (*c)->name);
}

Test(frame, every_length_with_every_cipher_and_mac_there_is)
{
	const struct crypt_cipher *const *c = crypt_ciphers_legacy;
	for (; *c != NULL; c++) {
		there_and_back(keys_of(*c, &crypt_hmac_sha1), (*c)->name);
		if (needs_mac(*c))
			there_and_back(keys_of(*c, &crypt_hmac_sha1_etm), (*c)->name);
	}
	for (const struct crypt_mac *const *m = crypt_macs_legacy; *m != NULL; m++)
		if ((*m)->compute != NULL)
			there_and_back(keys_of(&crypt_insecure_aes128_cbc, *m), (*m)->name);
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

/* --- Lengths that come encrypted --- */

/* A packet of 100 bytes of payload, sealed with `length` in place of its own. */
static size_t forge(const struct crypt_packet_keys *keys, uint32_t length, uint8_t *packet)
{
	struct crypt_packet seal = {0};
	cr_assert_eq(crypt_packet_init(&seal, keys, true), SSH_OK);
	size_t padding = crypt_packet_padding(&seal, 100);
	size_t len = CRYPT_PACKET_HEAD + 100 + padding;
	memset(packet, 0x22, len);
	wire_store_u32(packet, length == 0 ? (uint32_t)len - 4 : length);
	packet[4] = (uint8_t)padding;
	crypt_packet_seal(&seal, 0, packet, len);
	len += seal.tag;
	crypt_packet_wipe(&seal);
	return len;
}

/* How much input is taken, a byte at a time, until the verdict. */
static size_t verdict_after(const struct crypt_packet_keys *keys, const uint8_t *packet, size_t len,
                            enum ssh_err *verdict)
{
	struct kex_frame_packet p;
	struct kex_frame_in in;
	size_t taken = 0;
	kex_frame_in_init(&in);
	cr_assert_eq(kex_frame_in_keys(&in, keys, true), SSH_OK);
	do {
		wire_put_u8(&in.buf, taken < len ? packet[taken] : (uint8_t)taken);
		taken++;
		*verdict = kex_frame_next(&in, &p);
	} while (*verdict == SSH_ERR_AGAIN && taken < 2 * KEX_PACKET_MAX);
	cr_assert_eq(wire_buf_end(&in.buf), SSH_OK);
	kex_frame_in_wipe(&in);
	return taken;
}

static const uint32_t bad_lengths[] = {1, 4, 13, 111, KEX_PACKET_MAX + 4, 0x7fffffff, 0xfffffffc};

/* Whether the length, the padding or a byte was wrong, and which: the peer sees one thing. */
static void check_cbc(const struct crypt_packet_keys *keys)
{
	const char *name = keys->cipher->name;
	size_t block = keys->cipher->block_size;
	size_t largest = (KEX_PACKET_MAX + 4) / block * block + keys->mac->tag_size;
	uint8_t packet[256];
	enum ssh_err e;
	for (size_t i = 0; i < sizeof bad_lengths / sizeof *bad_lengths; i++) {
		size_t len = forge(keys, bad_lengths[i], packet);
		cr_assert_eq(verdict_after(keys, packet, len, &e), largest, "%s: length %u", name,
		             bad_lengths[i]);
		cr_assert_eq(e, SSH_ERR_MAC, "%s: length %u", name, bad_lengths[i]);
	}
	size_t len = forge(keys, 0, packet);
	cr_assert_eq(verdict_after(keys, packet, len, &e), len, "%s", name);
	cr_assert_eq(e, SSH_OK, "%s", name);
	for (size_t at = 0; at < len; at += at < 5 ? 1 : 23) {
		packet[at] ^= 1;
		cr_assert_eq(verdict_after(keys, packet, len, &e), largest, "%s: byte %zu", name,
		             at);
		cr_assert_eq(e, SSH_ERR_MAC, "%s: byte %zu", name, at);
		packet[at] ^= 1;
	}
	len = forge(keys, (uint32_t)(largest - keys->mac->tag_size - 4), packet);
	cr_assert_eq(verdict_after(keys, packet, len, &e), largest, "%s: the largest", name);
	cr_assert_eq(e, SSH_ERR_MAC, "%s: the largest", name);
}

/* CVE-2008-5161. */
Test(frame, cbc_never_shows_what_was_wrong_nor_where_a_packet_ends)
{
	check_cbc(keys_of(&crypt_insecure_aes128_cbc, &crypt_hmac_sha2_256));
	check_cbc(keys_of(&crypt_insecure_3des_cbc, &crypt_insecure_hmac_md5_96));
}

/* Elsewhere a bad length looks like a bad tag, if it came encrypted; and nothing is awaited. */
Test(frame, a_bad_length_that_came_encrypted_looks_like_a_bad_tag)
{
	static const struct {
		const struct crypt_cipher *cipher;
		const struct crypt_mac *mac;
		size_t head;
		enum ssh_err e;
	} rows[] = {
	    {&crypt_aes128_ctr, &crypt_hmac_sha2_256, 16, SSH_ERR_MAC},
	    {&crypt_insecure_3des_ctr, &crypt_hmac_sha1, 8, SSH_ERR_MAC},
	    {&crypt_insecure_arcfour256, &crypt_hmac_sha1, 8, SSH_ERR_MAC},
	    {&crypt_chacha20_poly1305, NULL, 4, SSH_ERR_MAC},
	    {&crypt_aes128_gcm, NULL, 4, SSH_ERR_PACKET_LENGTH},
	    {&crypt_aes128_ctr, &crypt_hmac_sha2_256_etm, 4, SSH_ERR_PACKET_LENGTH},
	    {&crypt_insecure_aes128_cbc, &crypt_hmac_sha2_256_etm, 4, SSH_ERR_PACKET_LENGTH},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct crypt_packet_keys *keys = keys_of(rows[i].cipher, rows[i].mac);
		for (size_t k = 0; k < sizeof bad_lengths / sizeof *bad_lengths; k++) {
			uint8_t packet[256];
			enum ssh_err e;
			size_t len = forge(keys, bad_lengths[k], packet);
			cr_assert_eq(verdict_after(keys, packet, len, &e), rows[i].head,
			             "%s: length %u", rows[i].cipher->name, bad_lengths[k]);
			cr_assert_eq(e, rows[i].e, "%s: length %u", rows[i].cipher->name,
			             bad_lengths[k]);
		}
	}
}

/* Padding is looked at when the tag is known to be right, and then it may be named. */
Test(frame, bad_padding_under_a_right_tag_is_bad_padding)
{
	static const uint8_t paddings[] = {0, 3, 112, 255};
	for (size_t i = 0; i < sizeof paddings; i++) {
		const struct crypt_packet_keys *keys =
		    keys_of(&crypt_insecure_aes128_cbc, &crypt_hmac_sha2_256);
		struct crypt_packet seal = {0};
		uint8_t packet[112 + 32] = {0, 0, 0, 108, paddings[i]};
		enum ssh_err e;
		cr_assert_eq(crypt_packet_init(&seal, keys, true), SSH_OK);
		crypt_packet_seal(&seal, 0, packet, 112);
		cr_assert_eq(verdict_after(keys, packet, sizeof packet, &e), sizeof packet);
		cr_assert_eq(e, SSH_ERR_PADDING, "%u", paddings[i]);
		crypt_packet_wipe(&seal);
	}
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
