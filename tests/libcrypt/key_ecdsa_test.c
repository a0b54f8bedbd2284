/* SPDX-License-Identifier: MIT */
#include "tests/libcrypt/key_kit.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const struct crypt_sigalg *sigalg_of(const char *curve)
{
	char name[64];
	snprintf(name, sizeof name, "ecdsa-sha2-%s", curve);
	const struct crypt_sigalg *alg = crypt_sigalg_find(crypt_sigalgs, wire_bytes_str(name));
	cr_assert_not_null(alg, "%s", name);
	return alg;
}

static struct wire_buf public_blob(const char *type, const char *curve, ssh_bytes q)
{
	struct wire_buf b = {0};
	wire_put_str(&b, type);
	wire_put_str(&b, curve);
	wire_put_string(&b, q);
	return b;
}

/* SSH has one hash for each curve; RFC 6979 has vectors for others too. */
static struct crypt_sigalg with_hash(const struct crypt_sigalg *alg, const char *hash)
{
	static const struct crypt_hash *const hashes[] = {&crypt_sha1, &crypt_sha256, &crypt_sha384,
	                                                  &crypt_sha512};
	struct crypt_sigalg other = *alg;
	other.hash = NULL;
	for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++)
		if (strcmp(hashes[i]->name, hash) == 0)
			other.hash = hashes[i];
	cr_assert_not_null(other.hash, "%s", hash);
	return other;
}

static void check_sign(const char *const *column)
{
	const struct crypt_sigalg *own = sigalg_of(column[1]);
	const struct crypt_sigalg alg = with_hash(own, column[2]);
	struct wire_buf d = kit_hex(column[3]), q = kit_hex(column[4]), m = kit_hex(column[5]),
	                r = kit_hex(column[6]), s = kit_hex(column[7]);
	struct wire_buf blob = public_blob(alg.name, column[1], wire_buf_view(&q));
	struct wire_buf inner = {0}, sig = {0};
	struct crypt_key k = {0};
	wire_put_mpint(&blob, wire_buf_view(&d));
	wire_put_mpint(&inner, wire_buf_view(&r));
	wire_put_mpint(&inner, wire_buf_view(&s));
	struct wire_buf want = kit_signature(&alg, wire_buf_view(&inner));
	cr_assert_eq(kit_parse_private(&k, wire_buf_view(&blob)), SSH_OK, "%s", column[0]);
	cr_assert_eq(crypt_key_verify(&k, &alg, wire_buf_view(&m), wire_buf_view(&want)), SSH_OK,
	             "%s", column[0]);
	cr_assert_eq(crypt_key_sign(&k, &alg, wire_buf_view(&m), NULL, &sig), SSH_OK, "%s",
	             column[0]);
	cr_assert(wire_bytes_equal(wire_buf_view(&sig), wire_buf_view(&want)), "%s", column[0]);
	crypt_key_wipe(&k);
	struct wire_buf *all[] = {&d, &q, &m, &r, &s, &blob, &inner, &sig, &want};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		wire_buf_wipe(all[i]);
}

Test(key_ecdsa, signatures_are_those_of_rfc_6979)
{
	rows_each("ecdsa.txt", 8, check_sign);
}

/* SEC 2: the order and the field prime of P-256. */
static const char order_256[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
static const char prime_256[] = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
static const char zero_256[] = "0000000000000000000000000000000000000000000000000000000000000000";
/* The base point, SEC 2 section 2.4.2; and its y negated. */
static const char gx_256[] = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
static const char gy_256[] = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
static const char one_256[] = "01";
/* The x coordinate 0 has the square root y of b; its alias x = p must not pass. */
static const char y_of_0_256[] = "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4";

static struct wire_buf point(const char *head, const char *x, const char *y)
{
	struct wire_buf b = kit_hex(head);
	unhex(&b, x);
	unhex(&b, y);
	return b;
}

Test(key_ecdsa, points_are_checked)
{
	static const struct {
		const char *what, *head, *x, *y;
		bool good;
	} rows[] = {
	    {"base point", "04", gx_256, gy_256, true},
	    {"x = 0", "04", zero_256, y_of_0_256, true},
	    {"x = p", "04", prime_256, y_of_0_256, false},
	    {"y = p", "04", gx_256, prime_256, false},
	    {"empty", "", "", "", false},
	    {"infinity", "00", "", "", false},
	    {"infinity, long", "00", zero_256, zero_256, false},
	    {"origin", "04", zero_256, zero_256, false},
	    {"compressed, even", "02", gx_256, "", false},
	    {"compressed, odd", "03", gx_256, "", false},
	    {"hybrid", "06", gx_256, gy_256, false},
	    {"hybrid, odd", "07", gx_256, gy_256, false},
	    {"off the curve", "04", gx_256, gx_256, false},
	    {"x and y swapped", "04", gy_256, gx_256, false},
	    {"x alone", "04", gx_256, "", false},
	    {"one byte long", "04", gx_256,
	     "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f500", false},
	    {"head alone", "04", "", "", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct wire_buf q = point(rows[i].head, rows[i].x, rows[i].y);
		struct wire_buf b =
		    public_blob("ecdsa-sha2-nistp256", "nistp256", wire_buf_view(&q));
		wire_buf_wipe(&q);
		if (!rows[i].good) {
			kit_refuse_public(&b, SSH_ERR_KEY, rows[i].what);
			continue;
		}
		struct crypt_key k = {0};
		cr_assert_eq(crypt_key_parse_public(&k, crypt_keyalgs, wire_buf_view(&b)), SSH_OK,
		             "%s", rows[i].what);
		struct wire_buf again = kit_public(&k);
		cr_assert(wire_bytes_equal(wire_buf_view(&again), wire_buf_view(&b)), "%s",
		          rows[i].what);
		crypt_key_wipe(&k);
		wire_buf_wipe(&again);
		wire_buf_wipe(&b);
	}
}

Test(key_ecdsa, the_curve_must_be_the_types)
{
	static const struct {
		const char *type, *curve;
	} bad[] = {
	    {"ecdsa-sha2-nistp256", "nistp384"}, {"ecdsa-sha2-nistp384", "nistp256"},
	    {"ecdsa-sha2-nistp521", "nistp256"}, {"ecdsa-sha2-nistp256", ""},
	    {"ecdsa-sha2-nistp256", "nistp25"},  {"ecdsa-sha2-nistp256", "nistp2560"},
	};
	struct wire_buf q = point("04", gx_256, gy_256);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct wire_buf b = public_blob(bad[i].type, bad[i].curve, wire_buf_view(&q));
		kit_refuse_public(&b, SSH_ERR_KEY, bad[i].curve);
	}
	wire_buf_wipe(&q);
}

Test(key_ecdsa, private_keys_are_checked)
{
	static const struct {
		const char *what, *d;
		enum ssh_err want;
	} rows[] = {
	    {"d = 0", "00000000", SSH_ERR_KEY},
	    {"d = 2", "0000000102", SSH_ERR_KEY},
	    {"d = order",
	     "0000002100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
	     SSH_ERR_KEY},
	    {"d = order + 1",
	     "0000002100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552",
	     SSH_ERR_KEY},
	    {"d negative", "00000001ff", SSH_ERR_MPINT},
	    {"d not canonical", "000000020001", SSH_ERR_MPINT},
	    {"d cut off", "0000000201", SSH_ERR_TRUNCATED},
	    {"d missing", "", SSH_ERR_TRUNCATED},
	};
	struct wire_buf q = point("04", gx_256, gy_256);
	struct wire_buf good = public_blob("ecdsa-sha2-nistp256", "nistp256", wire_buf_view(&q));
	struct crypt_key k = {0};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct wire_buf b = {0};
		wire_put_raw(&b, wire_buf_view(&good));
		unhex(&b, rows[i].d);
		kit_refuse_private(&b, rows[i].want, rows[i].what);
	}
	unhex(&good, "0000000101"); /* the base point is 1 times itself */
	cr_assert_eq(kit_parse_private(&k, wire_buf_view(&good)), SSH_OK);
	crypt_key_wipe(&k);
	wire_buf_wipe(&good);
	wire_buf_wipe(&q);
}

static void put_hex_mpint(struct wire_buf *b, const char *hex)
{
	struct wire_buf v = kit_hex(hex);
	wire_put_mpint(b, wire_buf_view(&v));
	wire_buf_wipe(&v);
}

static void refuse_numbers(const struct crypt_key *k, const char *r, const char *s)
{
	struct wire_buf inner = {0};
	put_hex_mpint(&inner, r);
	put_hex_mpint(&inner, s);
	struct wire_buf sig = kit_signature(&crypt_sig_ecdsa_nistp256, wire_buf_view(&inner));
	cr_assert_eq(crypt_key_verify(k, &crypt_sig_ecdsa_nistp256, wire_bytes_str("data"),
	                              wire_buf_view(&sig)),
	             SSH_ERR_SIGNATURE, "r = %s, s = %s", r, s);
	wire_buf_wipe(&inner);
	wire_buf_wipe(&sig);
}

Test(key_ecdsa, numbers_out_of_range_never_verify)
{
	static const char long_256[] =
	    "01ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
	const char *const numbers[] = {"", one_256, order_256, prime_256, gx_256, long_256};
	const size_t n = sizeof numbers / sizeof numbers[0];
	struct crypt_key k = kit_generate(&crypt_key_ecdsa_nistp256);
	for (size_t i = 0; i < n * n; i++)
		refuse_numbers(&k, numbers[i / n], numbers[i % n]);
	crypt_key_wipe(&k);
}

/* A good signature whose numbers are then encoded in other ways. */
Test(key_ecdsa, encodings_of_a_good_signature)
{
	static const struct {
		const char *what, *r_head, *s_head, *tail;
		enum ssh_err want;
	} rows[] = {
	    {"canonical", "0000002100", "0000002100", "", SSH_OK},
	    {"r with a needless zero", "000000220000", "0000002100", "", SSH_ERR_SIGNATURE},
	    {"s with a needless zero", "0000002100", "000000220000", "", SSH_ERR_SIGNATURE},
	    {"r negative", "00000020", "0000002100", "", SSH_ERR_SIGNATURE},
	    {"s negative", "0000002100", "00000020", "", SSH_ERR_SIGNATURE},
	    {"trailing byte", "0000002100", "0000002100", "00", SSH_ERR_SIGNATURE},
	    {"r cut off", "0000004300", "0000002100", "", SSH_ERR_SIGNATURE},
	    {"s cut off", "0000002100", "0000002200", "", SSH_ERR_SIGNATURE},
	};
	/* RFC 6979 A.2.5, "sample" with SHA-256: both numbers have their top bit set. */
	static const char r[] = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
	static const char s[] = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
	struct wire_buf q =
	    point("04", "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
	          "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
	struct wire_buf blob = public_blob("ecdsa-sha2-nistp256", "nistp256", wire_buf_view(&q));
	struct crypt_key k = {0};
	cr_assert_eq(crypt_key_parse_public(&k, crypt_keyalgs, wire_buf_view(&blob)), SSH_OK);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct wire_buf inner = point(rows[i].r_head, r, rows[i].s_head);
		unhex(&inner, s);
		unhex(&inner, rows[i].tail);
		struct wire_buf sig =
		    kit_signature(&crypt_sig_ecdsa_nistp256, wire_buf_view(&inner));
		cr_assert_eq(crypt_key_verify(&k, &crypt_sig_ecdsa_nistp256,
		                              wire_bytes_str("sample"), wire_buf_view(&sig)),
		             rows[i].want, "%s", rows[i].what);
		wire_buf_wipe(&inner);
		wire_buf_wipe(&sig);
	}
	crypt_key_wipe(&k);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&q);
}
