/* SPDX-License-Identifier: MIT */
#include "libkex/frame.h"
#include "tests/fuzz/fuzz.h"

/*
 * Packets under every cipher with every MAC: suite (2 bytes), sequence number (1), then packets, each a
 * payload behind its length and a change: 0 none, odd: at an offset (2 bytes) of the
 * sealed bytes xor of a byte; even: that many bytes are cut off. Then bytes come raw.
 *
 * What was not changed comes out as it went in. What was comes out of no protection that has a
 * tag; a direction that refused once refuses for ever.
 */

struct suite {
	const struct crypt_cipher *cipher;
	const struct crypt_mac *mac;
};

static size_t count(const void *const *array)
{
	size_t n = 0;
	while (array[n] != NULL)
		n++;
	return n;
}

static struct suite suite_of(unsigned n)
{
	size_t ciphers = count((const void *const *)crypt_ciphers_legacy);
	size_t macs = count((const void *const *)crypt_macs_legacy);
	struct suite s = {crypt_ciphers_legacy[n % ciphers], crypt_macs_legacy[n / ciphers % macs]};
	if (n / ciphers / macs % 8 == 1)
		s.cipher = NULL;
	if (s.cipher != NULL && s.cipher->aead == NULL && s.mac->compute == NULL)
		s.mac = &crypt_insecure_mac_none;
	return s;
}

static bool is_safe(const struct suite *s)
{
	return s->cipher != NULL && (s->cipher->aead != NULL || s->mac->tag_size > 0);
}

struct link {
	struct suite suite;
	struct kex_frame_out out;
	struct kex_frame_in in;
	struct crypt_drbg drbg;
	bool changed; /* something, on the way */
	enum ssh_err dead;
};

static void key_up(struct link *l, ssh_bytes *script)
{
	static const uint8_t material[CRYPT_CIPHER_KEY_MAX + 64] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct crypt_packet_keys keys = {l->suite.cipher, l->suite.mac, material, material + 3,
	                                 material + 5};
	kex_frame_in_init(&l->in);
	kex_frame_out_init(&l->out);
	FUZZ_MUST(kex_frame_in_keys(&l->in, &keys, false) == 0);
	FUZZ_MUST(kex_frame_out_keys(&l->out, &keys, false) == 0);
	l->in.seq = l->out.seq = (uint32_t)(fuzz_u8(script) - 8);
}

static void seal(struct link *l, ssh_bytes payload)
{
	struct crypt_rng rng = crypt_drbg_rng(&l->drbg);
	uint8_t *room = kex_frame_begin(&l->out, payload.len);
	FUZZ_MUST(room != NULL);
	if (payload.len > 0)
		memcpy(room, payload.ptr, payload.len);
	FUZZ_MUST(kex_frame_end(&l->out, payload.len, &rng) == 0);
}

/* Carry over what was sealed, changed as the script says. */
static void carry(struct link *l, ssh_bytes *script)
{
	struct wire_buf wire = {0};
	uint8_t how = fuzz_u8(script);
	wire_put_raw(&wire, wire_buf_view(&l->out.buf));
	wire_buf_drop(&l->out.buf, wire_buf_len(&l->out.buf));
	if (how % 2 != 0) {
		size_t at = fuzz_u16(script) % wire_buf_len(&wire);
		uint8_t bits = fuzz_u8(script);
		wire.mem[wire.start + at] ^= bits;
		l->changed = l->changed || bits != 0;
	} else if (how > 0) {
		size_t n = how < wire_buf_len(&wire) ? how : wire_buf_len(&wire);
		wire_buf_cut(&wire, wire_buf_len(&wire) - n);
		l->changed = true;
	}
	wire_put_raw(&l->in.buf, wire_buf_view(&wire));
	wire_buf_wipe(&wire);
}

/* Open what there is; `payload` is what must come if nothing was changed. */
static void take(struct link *l, const ssh_bytes *payload)
{
	struct kex_frame_packet p;
	enum ssh_err e = kex_frame_next(&l->in, &p);
	FUZZ_MUST(l->dead == 0 || e == l->dead || e == SSH_ERR_AGAIN);
	FUZZ_MUST(l->dead == 0 || e != 0);
	if (!l->changed) {
		FUZZ_MUST(e == 0 && wire_bytes_equal(p.payload, *payload));
		return;
	}
	FUZZ_MUST(e != 0 || !is_safe(&l->suite));
	if (e != 0 && e != SSH_ERR_AGAIN)
		l->dead = e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ssh_bytes script = wire_bytes(data, size);
	struct link l = {.suite = suite_of(fuzz_u16(&script))};
	crypt_drbg_init(&l.drbg, wire_bytes_str("fuzz"));
	key_up(&l, &script);
	for (unsigned n = 0; script.len > 0 && n < 16; n++) {
		ssh_bytes payload = fuzz_long(&script);
		if (payload.len == 0) /* a message has a number at least */
			payload = wire_bytes("", 1);
		seal(&l, payload);
		carry(&l, &script);
		take(&l, &payload);
	}
	l.changed = true;
	wire_put_raw(&l.in.buf, script);
	for (unsigned n = 0; n < 16; n++)
		take(&l, NULL);
	kex_frame_in_wipe(&l.in);
	kex_frame_out_wipe(&l.out);
	crypt_drbg_wipe(&l.drbg);
	return 0;
}

void fuzz_seeds(void)
{
	static const uint8_t tail[] = {
	    /* 5 bytes as they are, 3 with a bit changed in byte 9, 2 cut by 2 */
	    0, 5, 'h', 'e', 'l', 'l', 'o', 0, 0, 3, 'a', 'b', 'c', 1, 0, 9, 4, 0, 2, 'x', 'y', 2,
	};
	for (unsigned n = 0; n < 800; n += 3) {
		struct wire_buf b = {0};
		wire_put_u8(&b, (uint8_t)(n >> 8));
		wire_put_u8(&b, (uint8_t)n);
		wire_put_u8(&b, (uint8_t)(n % 16));
		wire_put_raw(&b, wire_bytes(tail, sizeof tail));
		fuzz_seed_buf(&b);
	}
}
