/* SPDX-License-Identifier: MIT */
#include "libkex/agree.h"
#include "libkex/gex.h"
#include "tests/support/alloc.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>

static const struct kex_agree *const *const every = kex_agrees_legacy;

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

/* The array that holds everything begins with the default offer, and the weak ones follow. */
Test(agree, the_default_offer_holds_nothing_weak)
{
	static const char *const weak[] = {"diffie-hellman-group-exchange-sha1",
	                                   "diffie-hellman-group14-sha1",
	                                   "diffie-hellman-group1-sha1"};
	size_t n = 0;
	for (; kex_agrees[n] != NULL; n++) {
		cr_assert_eq(every[n], kex_agrees[n], "%zu", n);
		cr_assert_neq(kex_agrees[n]->hash, &crypt_sha1, "%s", kex_agrees[n]->name);
		cr_assert_null(
		    kex_agree_find(kex_agrees + n + 1, wire_bytes_str(kex_agrees[n]->name)));
	}
	for (size_t i = 0; i < sizeof weak / sizeof *weak; i++)
		cr_assert_str_eq(every[n + i]->name, weak[i]);
	cr_assert_null(every[n + sizeof weak / sizeof *weak]);
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

static enum ssh_err xdh(const struct kex_agree *alg, struct wire_buf *k, ssh_bytes secret,
                        ssh_bytes u)
{
	struct kex_agree_run run = {0};
	set_secret(&run, secret);
	wire_buf_reset(k);
	enum ssh_err e = alg->finish(alg, &run, u, k);
	kex_agree_wipe(&run);
	return e;
}

/* RFC 7748 section 5.2. The second u-coordinate has its top bit set, which X25519 is to ignore. */
Test(agree, xdh_rfc7748)
{
	static const struct {
		const struct kex_agree *alg;
		const char *secret, *u, *k;
	} rows[] = {
	    {&kex_curve25519_sha256,
	     "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
	     "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
	     "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
	    {&kex_curve25519_sha256,
	     "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
	     "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
	     "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
	    {&kex_curve448_sha512,
	     "3d262fddf9ec8e88495266fea19a34d28882acef045104d0d1aae121"
	     "700a779c984c24f8cdd78fbff44943eba368f54b29259a4f1c600ad3",
	     "06fce640fa3487bfda5f6cf2d5263f8aad88334cbd07437f020f08f9"
	     "814dc031ddbdc38c19c6da2583fa5429db94ada18aa7a7fb4ef8a086",
	     "ce3e4ff95a60dc6697da1db1d85e6afbdf79b50a2412d7546d5f239f"
	     "e14fbaadeb445fc66a01b0779d98223961111e21766282f73dd96b6f"},
	    {&kex_curve448_sha512,
	     "203d494428b8399352665ddca42f9de8fef600908e0d461cb021f8c5"
	     "38345dd77c3e4806e25f46d3315c44e0a5b4371282dd2c8d5be3095f",
	     "0fbcc2f993cd56d3305b0b7d9e55d4c1a8fb5dbb52f8e9a1e9b6201b"
	     "165d015894e56c4d3570bee52fe205e28a78b91cdfbde71ce8d157db",
	     "884a02576239ff7a2f2f63b2db6a9ff37047ac13568e1e30fe63c4a7"
	     "ad1b3ee3a5700df34321d62077e63633c575c1c954514e99da7c179d"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct wire_buf secret = hex_buf(rows[i].secret), u = hex_buf(rows[i].u), k = {0};
		cr_assert_eq(xdh(rows[i].alg, &k, wire_buf_view(&secret), wire_buf_view(&u)),
		             SSH_OK);
		cr_assert(buf_is(&k, rows[i].k), "row %zu", i);
		wire_buf_wipe(&secret);
		wire_buf_wipe(&u);
		wire_buf_wipe(&k);
	}
}

/* RFC 7748 section 5.2: the scalar becomes u, the result becomes the scalar, a thousand times. */
static void iterate(const struct kex_agree *alg, uint8_t base, const char *want)
{
	uint8_t scalar[KEX_XDH_SIZE_MAX] = {base}, u[KEX_XDH_SIZE_MAX] = {base};
	size_t n = alg->xdh->size;
	struct wire_buf k = {0};
	for (int i = 0; i < 1000; i++) {
		cr_assert_eq(xdh(alg, &k, wire_bytes(scalar, n), wire_bytes(u, n)), SSH_OK);
		memcpy(u, scalar, n);
		memcpy(scalar, wire_buf_view(&k).ptr, n);
	}
	cr_assert(buf_is(&k, want), "%s", alg->name);
	wire_buf_wipe(&k);
}

Test(agree, xdh_rfc7748_iterated)
{
	iterate(&kex_curve25519_sha256, 9,
	        "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
	iterate(&kex_curve448_sha512, 5,
	        "aa3b4749d55b9daf1e5b00288826c467274ce3ebbdd5c17b975e09d4"
	        "af6c67cf10d087202db88286e2b79fceea3ec353ef54faa26e219f38");
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
		cr_assert_eq(
		    xdh(&kex_curve25519_sha256, to, wire_bytes(secret, 32), wire_buf_view(&u)),
		    SSH_OK);
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
	uint8_t in[KEX_XDH_SIZE_MAX] = {9};
	for (size_t i = 0; every[i] != NULL; i++) {
		struct kex_agree_run run = {.group = kex_group14};
		struct wire_buf k = {0};
		size_t n = every[i]->xdh == NULL ? 32 : every[i]->xdh->size;
		enum ssh_err e = every[i]->finish(every[i], &run, wire_bytes(in, n), &k);
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
