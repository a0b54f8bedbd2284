/* SPDX-License-Identifier: MIT */
#include "libkex/agree.h"
#include "libkex/gex.h"
#include "tests/support/alloc.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>

/* Every agreement of ours. */
static const struct kex_agree *const every[] = {&kex_mlkem768x25519_sha256,
                                                &kex_sntrup761x25519_sha512,
                                                &kex_sntrup761x25519_sha512_openssh,
                                                &kex_mlkem768nistp256_sha256,
                                                &kex_mlkem1024nistp384_sha384,
                                                &kex_curve25519_sha256,
                                                &kex_curve25519_sha256_libssh,
                                                &kex_ecdh_nistp256,
                                                &kex_ecdh_nistp384,
                                                &kex_ecdh_nistp521,
                                                &kex_dh_group16_sha512,
                                                &kex_dh_gex_sha256,
                                                &kex_dh_group14_sha256,
                                                NULL};

/* A safe prime of 64 bits: small enough to see a leading zero byte now and then. */
static const uint8_t small_prime[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfa, 0x43};
static const uint8_t two[] = {2};
static const struct kex_group small_group = {{small_prime, sizeof small_prime}, {two, 1}};

/* A source that gives out the bytes it was given, and then fails. */
struct script {
	ssh_bytes left;
};

static enum ssh_err play(void *ctx, uint8_t *out, size_t n)
{
	struct script *s = ctx;
	if (n > s->left.len)
		return SSH_ERR_RANDOM;
	memcpy(out, s->left.ptr, n);
	s->left = wire_bytes_skip(s->left, n);
	return SSH_OK;
}

static struct crypt_rng script_rng(struct script *s, ssh_bytes bytes)
{
	s->left = bytes;
	return (struct crypt_rng){play, s};
}

static struct wire_buf hex_buf(const char *hex)
{
	struct wire_buf b = {0};
	unhex(&b, hex);
	return b;
}

static bool buf_is(const struct wire_buf *b, const char *hex)
{
	struct wire_buf want = hex_buf(hex);
	bool same = wire_bytes_equal(wire_buf_view(b), wire_buf_view(&want));
	wire_buf_wipe(&want);
	return same;
}

/* Give the run its secret as offer would have. */
static void set_secret(struct kex_agree_run *run, ssh_bytes secret)
{
	wire_buf_reset(&run->secret);
	wire_put_raw(&run->secret, secret);
}

Test(agree, find)
{
	for (size_t i = 0; every[i] != NULL; i++)
		cr_assert_eq(kex_agree_find(every, wire_bytes_str(every[i]->name)), every[i]);
	cr_assert_null(kex_agree_find(every, wire_bytes_str("curve25519")));
	cr_assert_null(kex_agree_find(every, wire_bytes(NULL, 0)));
}

Test(agree, default_offer_is_every_agreement)
{
	size_t n = 0;
	for (size_t i = 0; every[i] != NULL; i++)
		cr_assert_eq(kex_agrees[i], every[i], "%s", every[i]->name);
	while (kex_agrees[n] != NULL)
		n++;
	cr_assert_eq(n + 1, sizeof every / sizeof *every);
}

/* With the given secret: is `pub` offered, and K the outcome with the peer's value? */
static void check_side(const struct kex_agree *alg, const char *secret_hex, const char *pub_hex,
                       const char *peer_hex, const char *k_hex)
{
	struct kex_agree_run run = {0};
	struct script s;
	struct wire_buf secret = hex_buf(secret_hex), peer = hex_buf(peer_hex), pub = {0}, k = {0};
	struct crypt_rng rng = script_rng(&s, wire_buf_view(&secret));
	cr_assert_eq(alg->offer(alg, &run, &rng, &pub), SSH_OK, "%s", alg->name);
	cr_assert(buf_is(&pub, pub_hex), "%s: public value of %.16s", alg->name, secret_hex);
	cr_assert_eq(alg->finish(alg, &run, wire_buf_view(&peer), &k), SSH_OK, "%s", alg->name);
	cr_assert(buf_is(&k, k_hex), "%s: K of %.16s", alg->name, secret_hex);
	kex_agree_wipe(&run);
	wire_buf_wipe(&secret);
	wire_buf_wipe(&peer);
	wire_buf_wipe(&pub);
	wire_buf_wipe(&k);
}

static void published_row(const char *const *column)
{
	const struct kex_agree *alg = kex_agree_find(every, wire_bytes_str(column[0]));
	cr_assert_not_null(alg, "%s", column[0]);
	check_side(alg, column[1], column[2], column[4], column[5]);
	check_side(alg, column[3], column[4], column[2], column[5]);
}

Test(agree, published_vectors)
{
	rows_each("agree.txt", 6, published_row);
}

static enum ssh_err x25519(struct wire_buf *k, ssh_bytes secret, ssh_bytes u)
{
	struct kex_agree_run run = {0};
	set_secret(&run, secret);
	wire_buf_reset(k);
	enum ssh_err e = kex_curve25519_sha256.finish(&kex_curve25519_sha256, &run, u, k);
	kex_agree_wipe(&run);
	return e;
}

/* RFC 7748 section 5.2. The second u-coordinate has its top bit set, which is to be ignored. */
Test(agree, x25519_rfc7748)
{
	static const char *const rows[][3] = {
	    {"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
	     "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
	     "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
	    {"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
	     "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
	     "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct wire_buf secret = hex_buf(rows[i][0]), u = hex_buf(rows[i][1]), k = {0};
		cr_assert_eq(x25519(&k, wire_buf_view(&secret), wire_buf_view(&u)), SSH_OK);
		cr_assert(buf_is(&k, rows[i][2]), "row %zu", i);
		wire_buf_wipe(&secret);
		wire_buf_wipe(&u);
		wire_buf_wipe(&k);
	}
}

/* RFC 7748 section 5.2: the scalar becomes u, the result becomes the scalar, a thousand times. */
Test(agree, x25519_rfc7748_iterated)
{
	uint8_t scalar[32] = {9}, u[32] = {9};
	struct wire_buf k = {0};
	for (int i = 0; i < 1000; i++) {
		cr_assert_eq(x25519(&k, wire_bytes(scalar, 32), wire_bytes(u, 32)), SSH_OK);
		memcpy(u, scalar, sizeof u);
		memcpy(scalar, wire_buf_view(&k).ptr, sizeof scalar);
	}
	cr_assert(buf_is(&k, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"));
	wire_buf_wipe(&k);
}

/* One exchange between two ends; K is appended. The bufs hold something already, which stays. */
static void exchange(const struct kex_agree *alg, const struct kex_group *group,
                     const struct crypt_rng *rng, struct wire_buf *k)
{
	struct kex_agree_run client = {.group = *group}, server = {.group = *group};
	struct wire_buf offered = {0}, answered = {0}, theirs = {0};
	size_t before = wire_buf_len(k);
	wire_put_u8(&offered, 'x');
	wire_put_u8(&answered, 'x');
	cr_assert_eq(alg->offer(alg, &client, rng, &offered), SSH_OK, "%s", alg->name);
	struct kex_answer io = {wire_bytes_skip(wire_buf_view(&offered), 1), &answered, &theirs};
	cr_assert_eq(alg->answer(alg, &server, rng, &io), SSH_OK, "%s", alg->name);
	ssh_bytes in = wire_bytes_skip(wire_buf_view(&answered), 1);
	cr_assert_eq(alg->finish(alg, &client, in, k), SSH_OK, "%s", alg->name);
	ssh_bytes ours = wire_bytes_skip(wire_buf_view(k), before);
	cr_assert_gt(ours.len, 0);
	cr_assert(wire_bytes_equal(ours, wire_buf_view(&theirs)), "%s: two Ks", alg->name);
	cr_assert_eq(wire_buf_view(&offered).ptr[0], 'x');
	cr_assert_eq(wire_buf_len(&server.secret), 0, "%s: a secret outlives its use", alg->name);
	kex_agree_wipe(&client);
	kex_agree_wipe(&server);
	wire_buf_wipe(&offered);
	wire_buf_wipe(&answered);
	wire_buf_wipe(&theirs);
}

Test(agree, both_ends_agree)
{
	struct crypt_drbg d;
	crypt_drbg_init(&d, wire_bytes_str("both ends"));
	struct crypt_rng rng = crypt_drbg_rng(&d);
	for (size_t i = 0; every[i] != NULL; i++) {
		int rounds = every[i]->messages != WIRE_KEX_ECDH ? 2 : 60;
		if (every[i]->hybrid != NULL)
			rounds = 10;
		struct wire_buf k = {0};
		for (int n = 0; n < rounds; n++) {
			wire_buf_reset(&k);
			wire_put_u8(&k, 'x');
			exchange(every[i], &kex_group14, &rng, &k);
			cr_assert_eq(wire_buf_view(&k).ptr[0], 'x');
		}
		wire_buf_wipe(&k);
	}
}

/* In so small a group the rare cases are not rare: K with leading zero bytes, and public values. */
Test(agree, both_ends_agree_on_small_numbers)
{
	struct crypt_drbg d;
	crypt_drbg_init(&d, wire_bytes_str("small numbers"));
	struct crypt_rng rng = crypt_drbg_rng(&d);
	int zeros = 0, tops = 0;
	struct wire_buf k = {0};
	for (int i = 0; i < 1000; i++) {
		wire_buf_reset(&k);
		exchange(&kex_dh_gex_sha256, &small_group, &rng, &k);
		zeros += wire_buf_view(&k).ptr[0] == 0;
		tops += wire_buf_view(&k).ptr[0] >> 7;
	}
	cr_assert_gt(zeros, 0);
	cr_assert_gt(tops, 0);
	wire_buf_wipe(&k);
}

Test(agree, x25519_takes_unreduced_coordinates)
{
	/* p + 2 is 2, and 2^255 + 2 is 2 too. */
	static const char *const twos[] = {
	    "0200000000000000000000000000000000000000000000000000000000000000",
	    "efffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "0200000000000000000000000000000000000000000000000000000000000080"};
	uint8_t secret[32] = {0x55};
	struct wire_buf first = {0};
	for (size_t i = 0; i < 3; i++) {
		struct wire_buf u = hex_buf(twos[i]), k = {0};
		struct wire_buf *to = i == 0 ? &first : &k;
		cr_assert_eq(x25519(to, wire_bytes(secret, 32), wire_buf_view(&u)), SSH_OK);
		cr_assert(wire_bytes_equal(wire_buf_view(to), wire_buf_view(&first)), "row %zu", i);
		wire_buf_wipe(&u);
		wire_buf_wipe(&k);
	}
	wire_buf_wipe(&first);
}

/* The exponent is as long as the table says, and never shorter for its leading zeros. */
Test(agree, dh_exponent_size)
{
	static const struct {
		const struct kex_group *group;
		size_t bytes;
	} rows[] = {{&kex_group14, 32}, {&kex_group15, 64}, {&kex_group16, 64}};
	uint8_t zeros[64] = {0};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct kex_agree_run run = {.group = *rows[i].group};
		struct wire_buf pub = {0};
		struct script s;
		struct crypt_rng rng = script_rng(&s, wire_bytes(zeros, sizeof zeros));
		enum ssh_err e = kex_dh_gex_sha256.offer(&kex_dh_gex_sha256, &run, &rng, &pub);
		cr_assert_eq(e, SSH_OK);
		cr_assert_eq(wire_buf_len(&run.secret), rows[i].bytes, "row %zu", i);
		cr_assert_eq(wire_buf_view(&run.secret).ptr[0], 0x80);
		kex_agree_wipe(&run);
		wire_buf_wipe(&pub);
	}
}

/* A scalar out of range is not reduced but drawn again; a source that gives no other is broken. */
Test(agree, ecdh_draws_again)
{
	uint8_t bytes[64 * 32];
	struct script s;
	struct kex_agree_run run = {0};
	struct wire_buf pub = {0};
	const struct kex_agree *alg = &kex_ecdh_nistp256;
	memset(bytes, 0xff, sizeof bytes);
	struct crypt_rng rng = script_rng(&s, wire_bytes(bytes, sizeof bytes));
	cr_assert_eq(alg->offer(alg, &run, &rng, &pub), SSH_ERR_RANDOM);
	cr_assert_eq(wire_buf_len(&pub), 0);
	memset(bytes + 32, 0, 32);
	memset(bytes + 64, 0x11, 32);
	rng = script_rng(&s, wire_bytes(bytes, 96));
	cr_assert_eq(alg->offer(alg, &run, &rng, &pub), SSH_OK);
	cr_assert_eq(wire_buf_view(&run.secret).ptr[0], 0x11);
	kex_agree_wipe(&run);
	wire_buf_wipe(&pub);
}

/* Offer and answer with a source that fails after `n` bytes. Did they have enough? */
static bool with_randomness(const struct kex_agree *alg, ssh_bytes in, size_t n)
{
	static const uint8_t bytes[1 << 13] = {1, [4000] = 7};
	struct script s;
	struct kex_agree_run run = {.group = kex_group14};
	struct wire_buf pub = {0}, k = {0};
	struct kex_answer io = {in, &pub, &k};
	struct crypt_rng rng = script_rng(&s, wire_bytes(bytes, n));
	bool enough = alg->offer(alg, &run, &rng, &pub) != SSH_ERR_RANDOM;
	if (!enough)
		cr_assert_eq(wire_buf_len(&pub), 0, "%s", alg->name);
	wire_buf_reset(&pub);
	rng = script_rng(&s, wire_bytes(bytes, n));
	if (alg->answer(alg, &run, &rng, &io) == SSH_ERR_RANDOM) {
		cr_assert_eq(wire_buf_len(&pub) + wire_buf_len(&k), 0, "%s", alg->name);
		enough = false;
	}
	kex_agree_wipe(&run);
	wire_buf_wipe(&pub);
	wire_buf_wipe(&k);
	return enough;
}

Test(agree, no_randomness)
{
	struct crypt_drbg d;
	crypt_drbg_init(&d, wire_bytes_str("no randomness"));
	struct crypt_rng rng = crypt_drbg_rng(&d);
	for (size_t i = 0; every[i] != NULL; i++) {
		struct kex_agree_run run = {.group = kex_group14};
		struct wire_buf in = {0};
		cr_assert_eq(every[i]->offer(every[i], &run, &rng, &in), SSH_OK);
		cr_assert_not(with_randomness(every[i], wire_buf_view(&in), 0), "%s",
		              every[i]->name);
		cr_assert_not(with_randomness(every[i], wire_buf_view(&in), 31), "%s",
		              every[i]->name);
		/* Enough for the KEM of a hybrid, not for the rest. */
		cr_assert(every[i]->hybrid == NULL ||
		              !with_randomness(every[i], wire_buf_view(&in), 64),
		          "%s", every[i]->name);
		kex_agree_wipe(&run);
		wire_buf_wipe(&in);
	}
}

Test(agree, finish_needs_an_offer)
{
	uint8_t in[32] = {9};
	for (size_t i = 0; every[i] != NULL; i++) {
		struct kex_agree_run run = {.group = kex_group14};
		struct wire_buf k = {0};
		enum ssh_err e = every[i]->finish(every[i], &run, wire_bytes(in, sizeof in), &k);
		cr_assert_eq(e, SSH_ERR_STATE, "%s", every[i]->name);
		cr_assert_eq(wire_buf_len(&k), 0);
		kex_agree_wipe(&run);
	}
}

Test(agree, group_exchange_needs_a_group)
{
	struct crypt_drbg d;
	crypt_drbg_init(&d, wire_bytes_str("no group"));
	struct crypt_rng rng = crypt_drbg_rng(&d);
	struct kex_agree_run run = {0};
	struct wire_buf pub = {0};
	enum ssh_err e = kex_dh_gex_sha256.offer(&kex_dh_gex_sha256, &run, &rng, &pub);
	cr_assert_eq(e, SSH_ERR_STATE);
	kex_agree_wipe(&run);
	kex_agree_wipe(&run);
}

/* Both ends in turn, up to the first error. */
static enum ssh_err try_exchange(const struct kex_agree *alg, const struct crypt_rng *rng)
{
	struct kex_agree_run client = {.group = kex_group14}, server = {.group = kex_group14};
	struct wire_buf offered = {0}, answered = {0}, k_c = {0}, k_s = {0};
	enum ssh_err e = alg->offer(alg, &client, rng, &offered);
	struct kex_answer io = {wire_buf_view(&offered), &answered, &k_s};
	if (e == 0)
		e = alg->answer(alg, &server, rng, &io);
	if (e == 0)
		e = alg->finish(alg, &client, wire_buf_view(&answered), &k_c);
	if (e != 0)
		cr_assert_eq(wire_buf_len(&k_c), 0, "%s", alg->name);
	kex_agree_wipe(&client);
	kex_agree_wipe(&server);
	wire_buf_wipe(&offered);
	wire_buf_wipe(&answered);
	wire_buf_wipe(&k_c);
	wire_buf_wipe(&k_s);
	return e;
}

static void starve(const struct kex_agree *alg, const struct crypt_rng *rng)
{
	bool failed = true;
	for (size_t n = 1; failed; n++) {
		alloc_start();
		alloc_watch_wipes();
		alloc_fail_at(n);
		enum ssh_err e = try_exchange(alg, rng);
		alloc_stop();
		failed = alloc_failed();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_OK, "%s: allocation %zu",
		             alg->name, n);
		cr_assert_eq(alloc_live_bytes(), 0, "%s: allocation %zu", alg->name, n);
		cr_assert_eq(alloc_unwiped(), 0, "%s: allocation %zu", alg->name, n);
	}
	/* Two secrets, two public values, two Ks. */
	cr_assert_geq(alloc_count(), 6, "%s", alg->name);
}

Test(agree, no_memory)
{
	struct crypt_drbg d;
	crypt_drbg_init(&d, wire_bytes_str("no memory"));
	struct crypt_rng rng = crypt_drbg_rng(&d);
	for (size_t i = 0; every[i] != NULL; i++)
		starve(every[i], &rng);
}
