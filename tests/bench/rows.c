/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tests/bench/rows.h"

#include "libwire/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/*
 * A round seals and opens a batch of packets, ours and theirs in turn. What counts is the median of
 * the rounds' ratios, as a processor changes its pace and has others to serve, but not within a round.
 */
#define BATCH_BYTES  ((size_t)256 * 1024)
#define SLACK        128 /* bytes behind a payload: head, padding and tag */
#define ROUNDS_MIN   5
#define ROUNDS_MAX   1000
#define SECONDS      0.05 /* of rounds, for each size of a row */
#define SECONDS_MORE 0.5  /* where an aim is missed */

static const size_t payloads[BENCH_SIZES] = {64, 1024, 32768};
static const uint8_t key[64] = "any key will do: the time does not depend on it";

double bench_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

double bench_median(double *values, size_t n)
{
	qsort(values, n, sizeof *values, by_size);
	return values[n / 2];
}

void bench_must(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "bench: %s\n", what);
		exit(1);
	}
}

/* --- One row, one size --- */

enum { SEAL, OPEN, OTHER_SEAL, OTHER_OPEN, TIMES };

/* A batch of equal packets, `stride` bytes apart, and the seconds that it took. */
struct batch {
	struct crypt_packet seal, open;
	const struct bench_other *other;
	uint8_t *mem;
	size_t count, stride, len;
	size_t rounds;
	double took[ROUNDS_MAX][TIMES];
};

static void fill(struct batch *t)
{
	for (size_t i = 0; i < t->count; i++) {
		uint8_t *packet = t->mem + i * t->stride;
		memset(packet, (int)i, t->len);
		wire_store_u32(packet, (uint32_t)(t->len - 4));
		packet[4] = CRYPT_PADDING_MIN;
	}
}

static void open_ours(struct batch *t, uint32_t seq, uint8_t *packet)
{
	uint32_t length = crypt_packet_length(&t->open, seq, packet);
	bench_must(crypt_packet_open(&t->open, seq, packet, length + (size_t)4) == 0,
	           "a packet does not open");
}

static void pass(struct batch *t, int which)
{
	double start = bench_now();
	for (size_t i = 0; i < t->count; i++) {
		uint8_t *packet = t->mem + i * t->stride;
		if (which == SEAL)
			crypt_packet_seal(&t->seal, (uint32_t)i, packet, t->len);
		else if (which == OPEN)
			open_ours(t, (uint32_t)i, packet);
		else if (which == OTHER_SEAL)
			t->other->seal(packet, t->len);
		else
			t->other->open(packet, t->len);
	}
	t->took[t->rounds][which] = bench_now() - start;
}

static void rounds(struct batch *t, double seconds)
{
	double end = bench_now() + seconds;
	for (t->rounds = 0; t->rounds < ROUNDS_MAX; t->rounds++) {
		if (t->rounds >= ROUNDS_MIN && bench_now() >= end)
			break;
		fill(t);
		for (int which = 0; which < TIMES; which++)
			pass(t, which);
	}
}

/* Of `which`, in seconds; or of its ratio to `over`. */
static double median(const struct batch *t, int which, int over)
{
	double all[ROUNDS_MAX];
	for (size_t i = 0; i < t->rounds; i++)
		all[i] = t->took[i][which] / (over == TIMES ? 1 : t->took[i][over]);
	return bench_median(all, t->rounds);
}

static bool misses(const struct batch *t, double aim)
{
	return median(t, OTHER_SEAL, SEAL) < aim || median(t, OTHER_OPEN, OPEN) < aim;
}

static bool measure(struct batch *t, const struct crypt_packet_keys *keys, size_t size)
{
	size_t payload = payloads[size];
	double aim = t->other->aim[size];
	t->stride = payload + SLACK;
	t->count = BATCH_BYTES / payload;
	t->mem = malloc(t->stride * t->count);
	bench_must(t->mem != NULL && crypt_packet_init(&t->seal, keys, true) == 0 &&
	               crypt_packet_init(&t->open, keys, false) == 0,
	           "cannot set up");
	t->len = CRYPT_PACKET_HEAD + payload + crypt_packet_padding(&t->seal, payload);
	rounds(t, SECONDS);
	if (misses(t, aim))
		rounds(t, SECONDS_MORE);
	bool missed = misses(t, aim);
	printf(" %8.0f %5.2f %5.2f%c", (double)(payload * t->count) / median(t, SEAL, TIMES) / 1e6,
	       median(t, OTHER_SEAL, SEAL), median(t, OTHER_OPEN, OPEN), missed ? '<' : ' ');
	fflush(stdout);
	free(t->mem);
	return missed;
}

/* --- All --- */

static bool is_none(const char *name)
{
	return strcmp(name, "none") == 0;
}

/* One construction may go by several names. */
static bool is_alias(const struct crypt_cipher *const *all, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (all[k]->init == all[i]->init && all[k]->init_aead == all[i]->init_aead)
			return true;
	return false;
}

static bool is_default(const struct crypt_mac *mac)
{
	for (size_t i = 0; crypt_macs[i] != NULL; i++)
		if (crypt_macs[i] == mac)
			return true;
	return false;
}

/* Every MAC with aes128-ctr, those of the default with AES, what all peers have with the others. */
static bool is_usual(const struct crypt_cipher *c, const struct crypt_mac *mac)
{
	if (mac->compute == NULL || is_none(mac->name) || strstr(mac->name, "-96") != NULL ||
	    mac == &crypt_insecure_hmac_ripemd160_openssh)
		return false;
	if (c == &crypt_aes128_ctr)
		return true;
	if (c == &crypt_aes192_ctr || c == &crypt_aes256_ctr)
		return is_default(mac);
	return strstr(mac->name, "sha2-256") != NULL || strstr(mac->name, "sha1") != NULL;
}

static int row(const struct bench_other *other, const struct crypt_cipher *c,
               const struct crypt_mac *mac, const char *only)
{
	char name[80];
	int missed = 0;
	snprintf(name, sizeof name, "%s%s%s", c->name, mac == NULL ? "" : " ",
	         mac == NULL ? "" : mac->name);
	if ((only != NULL && strstr(name, only) == NULL) || !other->start(c, mac))
		return 0;
	printf("%-46s", name);
	for (size_t size = 0; size < BENCH_SIZES; size++) {
		struct batch *t = calloc(1, sizeof *t);
		struct crypt_packet_keys keys = {c, mac, key, key, key};
		bench_must(t != NULL, "no memory");
		t->other = other;
		missed += measure(t, &keys, size);
		free(t);
	}
	printf("\n");
	other->stop();
	return missed;
}

int bench_rows(const struct bench_other *other, const char *only)
{
	const struct crypt_cipher *const *all = crypt_ciphers_legacy;
	int missed = 0;
	printf("Packets: MB/s sealed, and how many times as fast as %s we seal and open\n%-46s",
	       other->name, "");
	for (size_t size = 0; size < BENCH_SIZES; size++)
		printf(" %6zu B  seal  open ", payloads[size]);
	printf("\n");
	for (size_t i = 0; all[i] != NULL; i++) {
		if (is_none(all[i]->name) || is_alias(all, i))
			continue;
		if (all[i]->aead != NULL)
			missed += row(other, all[i], NULL, only);
		for (size_t k = 0; all[i]->aead == NULL && crypt_macs_legacy[k] != NULL; k++)
			if (is_usual(all[i], crypt_macs_legacy[k]))
				missed += row(other, all[i], crypt_macs_legacy[k], only);
	}
	if (other->aim[0] > 0)
		printf("To be at least %.2f at %zu bytes and %.2f at %zu: missed %d times\n",
		       other->aim[0], payloads[0], other->aim[BENCH_SIZES - 1],
		       payloads[BENCH_SIZES - 1], missed);
	return missed;
}
