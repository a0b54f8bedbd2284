/* SPDX-License-Identifier: MIT */
#include "libkex/kex.h"
#include "tests/bench/bare.h"
#include "tests/bench/rows.h"
#include "tests/support/alloc.h"
#include "tests/support/pair.h"

#include <malloc.h>
#include <stdio.h>

/*
 * The transport: what it costs over the bare protection of packets, how many handshakes a second,
 * and what an idle connection keeps. Both ends run in this one process, one after the other.
 */

#define PAYLOAD    32768 /* bytes: a full CHANNEL_DATA */
#define SECONDS    0.2   /* of each measurement */
#define ROUNDS_MAX 2000
#define AIM        0.85 /* of the speed of its arithmetic that a handshake should have */

/* --- Throughput --- */

/* MB/s of sealing and opening a packet in place, both in one thread as in the pair. */
static double bare(const struct crypt_cipher *cipher, const struct crypt_mac *mac)
{
	static uint8_t packet[PAYLOAD + 1024], material[256];
	struct crypt_packet_keys keys = {cipher, mac, material, material + 64, material + 128};
	struct crypt_packet seal = {0}, open = {0};
	double began = bench_now(), took = 0, bytes = 0;
	(void)crypt_packet_init(&seal, &keys, true);
	(void)crypt_packet_init(&open, &keys, false);
	size_t len = CRYPT_PACKET_HEAD + PAYLOAD + crypt_packet_padding(&seal, PAYLOAD);
	for (uint32_t seq = 0; took < SECONDS; seq++) {
		wire_store_u32(packet, (uint32_t)len - 4);
		crypt_packet_seal(&seal, seq, packet, len);
		(void)crypt_packet_length(&open, seq, packet);
		if (crypt_packet_open(&open, seq, packet, len) != 0)
			return 0;
		bytes += PAYLOAD;
		took = bench_now() - began;
	}
	return bytes / took / 1e6;
}

static bool start(struct pair *p, const struct crypt_cipher *const *ciphers,
                  const struct crypt_mac *const *macs)
{
	pair_init(p, KEX_READ_SIZE);
	p->server.forget = true;
	p->client.config.ciphers[KEX_CS] = ciphers;
	p->client.config.macs[KEX_CS] = macs;
	if (pair_start(p) != 0)
		return false;
	pair_run(p);
	return pair_is_open(p);
}

/* MB/s from the caller's buffer to the other side's event, a few packets a write. */
static double engine(const struct crypt_cipher *const *ciphers, const struct crypt_mac *const *macs)
{
	static uint8_t data[PAYLOAD];
	struct pair p;
	double rate = 0;
	if (start(&p, ciphers, macs)) {
		double began = bench_now(), took = 0;
		data[0] = SSH_MSG_CHANNEL_DATA;
		while (took < SECONDS) {
			uint8_t *at;
			while (wire_buf_len(&p.client.kex.out.buf) < 4 * (size_t)PAYLOAD &&
			       (at = kex_send_begin(&p.client.kex, PAYLOAD)) != NULL) {
				memcpy(at, data, PAYLOAD);
				(void)kex_send_end(&p.client.kex, PAYLOAD);
			}
			while (pair_carry(&p, &p.client))
				continue;
			took = bench_now() - began;
		}
		rate = (double)p.server.got_bytes / took / 1e6;
	}
	pair_wipe(&p);
	return rate;
}

static void throughput(const struct crypt_cipher *cipher, const struct crypt_mac *mac)
{
	const struct crypt_cipher *const ciphers[] = {cipher, NULL};
	const struct crypt_mac *const macs[] = {mac, NULL};
	double b = bare(cipher, mac), e = engine(ciphers, macs);
	printf("  %-30s %-30s %9.0f %9.0f %8.2f\n", cipher->name,
	       cipher->aead != NULL ? "-" : mac->name, b, e, e / b);
}

static void all_throughputs(void)
{
	static const struct crypt_mac *const macs[] = {&crypt_hmac_sha2_256_etm,
	                                               &crypt_hmac_sha2_256, NULL};
	printf("payloads of %d bytes, MB/s sealed and opened\n", PAYLOAD);
	printf("  %-30s %-30s %9s %9s %8s\n", "cipher", "MAC", "bare", "engine", "ratio");
	for (const struct crypt_cipher *const *c = crypt_ciphers; *c != NULL; c++)
		for (const struct crypt_mac *const *m = macs; *m != NULL; m++)
			if ((*c)->aead == NULL || m == macs)
				throughput(*c, *m);
}

/* --- Handshakes --- */

static bool handshake(const struct kex_agree *const *agrees, const struct crypt_key *key)
{
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	p.client.config.agrees = agrees;
	p.client.config.host_sigs = crypt_sigalgs;
	p.server.config.host_sigs = crypt_sigalgs;
	p.server.keys[0] = key;
	bool good = pair_start(&p) == 0;
	if (good)
		pair_run(&p);
	good = good && pair_is_open(&p);
	pair_wipe(&p);
	return good;
}

/* Seconds of handshakes, and of their bare arithmetic, in turn. */
struct times {
	size_t rounds;
	double engines[ROUNDS_MAX], bare[ROUNDS_MAX], ratio[ROUNDS_MAX];
};

static void more_handshakes(struct times *t, const struct kex_agree *agree,
                            const struct crypt_key *key, double seconds)
{
	const struct kex_agree *const agrees[] = {agree, NULL};
	double end = bench_now() + seconds;
	for (t->rounds = 0; t->rounds < ROUNDS_MAX; t->rounds++) {
		double start = bench_now();
		if (t->rounds > 0 && start >= end)
			break;
		bench_bare_handshake(agree);
		double middle = bench_now();
		bench_must(handshake(agrees, key), agree->name);
		t->bare[t->rounds] = middle - start;
		t->engines[t->rounds] = bench_now() - middle;
		t->ratio[t->rounds] = t->bare[t->rounds] / t->engines[t->rounds];
	}
}

/* Bytes that one handshake holds at its peak, both ends together and the bufs of the pipe. */
static size_t peak(const struct kex_agree *agree, const struct crypt_key *key)
{
	const struct kex_agree *const agrees[] = {agree, NULL};
	static struct pair p;
	pair_init(&p, PAIR_WHOLE);
	p.client.config.agrees = agrees;
	p.client.config.host_sigs = crypt_sigalgs;
	p.server.config.host_sigs = crypt_sigalgs;
	p.server.keys[0] = key;
	alloc_start();
	if (pair_start(&p) == 0)
		pair_run(&p);
	alloc_stop();
	size_t bytes = alloc_peak_bytes();
	pair_wipe(&p);
	return bytes;
}

static void all_handshakes(void)
{
	struct crypt_key key = {0};
	struct crypt_rng rng = crypt_rng_system();
	int missed = 0;
	bench_must(crypt_key_generate(&key, &crypt_key_ed25519, 0, &rng) == 0, "no key");
	printf("handshakes a second, both ends, Ed25519 host key, and their bare arithmetic\n");
	printf("  %-40s %9s %9s %8s %12s\n", "agreement", "bare", "engines", "ratio",
	       "peak, bytes");
	for (const struct kex_agree *const *a = kex_agrees_legacy; *a != NULL; a++) {
		static struct times t;
		more_handshakes(&t, *a, &key, SECONDS);
		double ratio = bench_median(t.ratio, t.rounds);
		if (ratio < AIM) {
			more_handshakes(&t, *a, &key, 5 * SECONDS);
			ratio = bench_median(t.ratio, t.rounds);
		}
		missed += ratio < AIM;
		printf("  %-40s %9.0f %9.0f %8.2f %12zu%s\n", (*a)->name,
		       1 / bench_median(t.bare, t.rounds), 1 / bench_median(t.engines, t.rounds),
		       ratio, peak(*a, &key), ratio < AIM ? " <" : "");
	}
	printf("  to be at least %.2f of the bare: missed %d times\n", AIM, missed);
	crypt_key_wipe(&key);
}

/* --- Memory --- */

static size_t heap(void)
{
	return mallinfo2().uordblks + mallinfo2().hblkhd;
}

static void idle(void)
{
	static const struct crypt_cipher *const gcm[] = {&crypt_aes128_gcm, NULL};
	static struct pair p;
	size_t before = heap();
	if (!start(&p, gcm, crypt_macs))
		return;
	printf("an idle connection keeps, bytes\n");
	printf("  struct kex %zu, heap %zu\n", sizeof(struct kex), (heap() - before) / 2);
	pair_wipe(&p);
}

int main(void)
{
	all_throughputs();
	all_handshakes();
	idle();
	return 0;
}
