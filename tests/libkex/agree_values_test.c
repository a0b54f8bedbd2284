/* SPDX-License-Identifier: MIT */
#include "libkex/agree.h"
#include "libkex/gex.h"
#include "tests/support/vectors.h"

#include <criterion/criterion.h>

/* What a peer may not send, and what may not come of it. */

/* A safe prime of 64 bits: room for values just over it. */
static const uint8_t small_prime[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfa, 0x43};
static const uint8_t two[] = {2};
static const struct kex_group small_group = {{small_prime, sizeof small_prime}, {two, 1}};

static struct wire_buf hex_buf(const char *hex)
{
	struct wire_buf b = {0};
	unhex(&b, hex);
	return b;
}

/* All that `alg` does with the peer's value `in` is to refuse it, and nothing is left behind. */
static void check_refused(const struct kex_agree *alg, const struct kex_group *group, ssh_bytes in,
                          const char *what)
{
	struct crypt_drbg d;
	crypt_drbg_init(&d, wire_bytes_str("refused"));
	struct crypt_rng rng = crypt_drbg_rng(&d);
	struct kex_agree_run run = {.group = *group}, server = {.group = *group};
	struct wire_buf pub = {0}, k = {0}, out = {0};
	cr_assert_eq(alg->offer(alg, &run, &rng, &pub), SSH_OK);
	cr_assert_eq(alg->finish(alg, &run, in, &k), SSH_ERR_KEX_VALUE, "%s finishes with %s",
	             alg->name, what);
	cr_assert_eq(wire_buf_len(&k), 0);
	struct kex_answer io = {in, &out, &k};
	cr_assert_eq(alg->answer(alg, &server, &rng, &io), SSH_ERR_KEX_VALUE, "%s answers %s",
	             alg->name, what);
	cr_assert_eq(wire_buf_len(&k), 0);
	cr_assert_eq(wire_buf_len(&out), 0);
	kex_agree_wipe(&run);
	kex_agree_wipe(&server);
	wire_buf_wipe(&pub);
	wire_buf_wipe(&k);
	wire_buf_wipe(&out);
}

static void check_refused_hex(const struct kex_agree *alg, const char *hex)
{
	struct wire_buf in = hex_buf(hex);
	check_refused(alg, &kex_group14, wire_buf_view(&in), hex);
	wire_buf_wipe(&in);
}

Test(agree_values, x25519_refuses_low_order)
{
	static const char *const points[] = {
	    "0000000000000000000000000000000000000000000000000000000000000000",
	    "0100000000000000000000000000000000000000000000000000000000000000",
	    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
		struct wire_buf u = hex_buf(points[i]);
		check_refused(&kex_curve25519_sha256, &kex_group14, wire_buf_view(&u), points[i]);
		u.mem[u.start + 31] |= 0x80;
		check_refused(&kex_curve25519_sha256, &kex_group14, wire_buf_view(&u), points[i]);
		wire_buf_wipe(&u);
	}
}

/* RFC 7748 section 4.2: p = 2^448 - 2^224 - 1. The points of order 1, 2 and 4, reduced and not. */
Test(agree_values, x448_refuses_low_order)
{
#define ZEROS "00000000000000000000000000000000000000000000000000000000"
#define ONES  "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	static const char *const points[] = {
	    ZEROS ZEROS,
	    "01000000000000000000000000000000000000000000000000000000" ZEROS,
	    "feffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	    "feffffffffffffffffffffffffffffffffffffffffffffffffffffff",      /* p-1 */
	    ONES "feffffffffffffffffffffffffffffffffffffffffffffffffffffff", /* p */
	    ZEROS ONES,                                                      /* p+1 */
	};
	for (size_t i = 0; i < sizeof points / sizeof *points; i++)
		check_refused_hex(&kex_curve448_sha512, points[i]);
#undef ZEROS
#undef ONES
}

/* No length but the right one, whatever the bytes. */
Test(agree_values, refuses_every_other_length)
{
	static const struct {
		const struct kex_agree *alg;
		size_t right;
	} rows[] = {{&kex_curve25519_sha256, 32},
	            {&kex_curve448_sha512, 56},
	            {&kex_ecdh_nistp256, 65},
	            {&kex_ecdh_nistp384, 97},
	            {&kex_ecdh_nistp521, 133}};
	uint8_t in[300];
	memset(in, 4, sizeof in);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t n = 0; n <= sizeof in; n++)
			if (n != rows[i].right)
				check_refused(rows[i].alg, &kex_group14, wire_bytes(in, n),
				              "length");
}

Test(agree_values, ecdh_refuses_what_is_no_point)
{
	/* The generator of P-256, spoilt in turn. */
#define GX "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define GY "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
	static const char *const points[] = {
	    "00",            /* infinity */
	    "02" GX,         /* compressed */
	    "03" GX,         /* compressed */
	    "02" GX GY,      /* compressed by its first byte, uncompressed by its length */
	    "06" GX GY,      /* hybrid form */
	    "00" GX GY,      /* no form at all */
	    "04" GX GY "00", /* something behind */
	    "04" GY GX,      /* off the curve */
	    "04" GX "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f4",
	    /* (0, 0), which is how infinity is sometimes written */
	    "0400000000000000000000000000000000000000000000000000000000000000000000000000"
	    "00000000000000000000000000000000000000000000000000000000",
	    /* x = p + 5 and its y: on the curve, if x were reduced */
	    "04ffffffff00000001000000000000000000000001000000000000000000000004"
	    "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc",
	    /* x = p */
	    "04ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
	    "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4",
	};
	for (size_t i = 0; i < sizeof points / sizeof *points; i++)
		check_refused_hex(&kex_ecdh_nistp256, points[i]);
	/* A good point of another curve. */
	check_refused_hex(&kex_ecdh_nistp384, "04" GX GY);
	check_refused_hex(&kex_ecdh_nistp521, "04" GX GY);
#undef GX
#undef GY
}

/* p with `last` added to its last byte. */
static struct wire_buf near_prime(ssh_bytes p, int last)
{
	struct wire_buf b = {0};
	wire_put_raw(&b, p);
	b.mem[b.end - 1] = (uint8_t)(b.mem[b.end - 1] + last);
	return b;
}

static void check_refused_near(const struct kex_agree *alg, ssh_bytes p, int last)
{
	struct wire_buf b = near_prime(p, last);
	char what[16] = {'p', last < 0 ? '-' : '+', (char)('0' + (last < 0 ? -last : last))};
	check_refused(alg, &kex_group14, wire_buf_view(&b), what);
	wire_buf_wipe(&b);
}

Test(agree_values, dh_refuses_values_out_of_range)
{
	const struct kex_agree *alg = &kex_dh_group14_sha256;
	ssh_bytes p = kex_group14.p;
	struct wire_buf twice = {0};
	check_refused(alg, &kex_group14, wire_bytes(NULL, 0), "0");
	check_refused_hex(alg, "00");
	check_refused_hex(alg, "0000000000");
	check_refused_hex(alg, "01");
	check_refused_hex(alg, "0001");
	check_refused_near(alg, p, -1);
	check_refused_near(alg, p, 0);
	/* The last byte of p is ff, so p+1 needs a carry: p with another byte behind is larger still. */
	wire_put_raw(&twice, p);
	wire_put_u8(&twice, 0);
	check_refused(alg, &kex_group14, wire_buf_view(&twice), "256p");
	wire_buf_wipe(&twice);
	uint8_t ones[257];
	memset(ones, 0xff, sizeof ones);
	check_refused(alg, &kex_group14, wire_bytes(ones, 256), "2^2048 - 1");
	check_refused(alg, &kex_group14, wire_bytes(ones, 257), "2^2056 - 1");
}

/* With the 64-bit prime, whose last byte leaves room: p+1 and 2p. */
Test(agree_values, dh_refuses_values_just_over_the_prime)
{
	check_refused(&kex_dh_gex_sha256, &small_group,
	              wire_bytes("\xff\xff\xff\xff\xff\xff\xfa\x42", 8), "p-1");
	check_refused(&kex_dh_gex_sha256, &small_group,
	              wire_bytes("\xff\xff\xff\xff\xff\xff\xfa\x43", 8), "p");
	check_refused(&kex_dh_gex_sha256, &small_group,
	              wire_bytes("\xff\xff\xff\xff\xff\xff\xfa\x44", 8), "p+1");
	check_refused(&kex_dh_gex_sha256, &small_group,
	              wire_bytes("\x01\xff\xff\xff\xff\xff\xff\xf4\x86", 9), "2p");
}

Test(agree_values, dh_refuses_values_of_few_bits)
{
	uint8_t v[256] = {0x80};
	const struct kex_agree *alg = &kex_dh_group14_sha256;
	check_refused(alg, &kex_group14, wire_bytes(v, sizeof v), "one bit");
	v[100] = 0x10;
	check_refused(alg, &kex_group14, wire_bytes(v, sizeof v), "two bits");
	v[255] = 0x01;
	check_refused(alg, &kex_group14, wire_bytes(v, sizeof v), "three bits");
	check_refused_hex(alg, "02");
	check_refused_hex(alg, "0b");
}

static enum ssh_err dh(const struct kex_group *group, ssh_bytes secret, ssh_bytes in)
{
	struct kex_agree_run run = {.group = *group};
	struct wire_buf k = {0};
	wire_put_raw(&run.secret, secret);
	enum ssh_err e = kex_dh_gex_sha256.finish(&kex_dh_gex_sha256, &run, in, &k);
	cr_assert_eq(wire_buf_len(&k), e == 0 ? group->p.len : 0);
	kex_agree_wipe(&run);
	wire_buf_wipe(&k);
	return e;
}

Test(agree_values, dh_takes_the_values_at_the_edge)
{
	uint8_t v[256] = {0x80};
	v[100] = 0x10;
	v[200] = 0x02;
	v[255] = 0x01;
	struct wire_buf top = near_prime(kex_group14.p, -2);
	ssh_bytes secret = wire_bytes_str("a secret");
	cr_assert_eq(dh(&kex_group14, secret, wire_bytes(v, sizeof v)), SSH_OK);
	cr_assert_eq(dh(&kex_group14, secret, wire_buf_view(&top)), SSH_OK);
	cr_assert_eq(dh(&kex_group14, secret, wire_bytes("\x0f", 1)), SSH_OK);
	cr_assert_eq(dh(&kex_group14, secret, wire_bytes("\x00\x00\x0f", 3)), SSH_OK);
	wire_buf_wipe(&top);
}

/* Groups in which values that look good lead to a K that anybody could guess. */
Test(agree_values, dh_refuses_trivial_results)
{
	static const uint8_t p[] = {0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xe9};
	static const uint8_t order3[] = {0x3b, 0xb5, 0x97, 0x64, 0x12, 0x3d, 0x0a, 0x01};
	static const uint8_t order4[] = {0x8f, 0x16, 0x84, 0x5a, 0x37, 0xe1, 0xe6, 0xc7};
	static const uint8_t square[] = {0xff, 0xff, 0xff, 0xf6, 0x00, 0x00, 0x00, 0x19};
	static const uint8_t root[] = {0x01, 0x23, 0x45, 0x66, 0xfa, 0x4f, 0xa4, 0xfd};
	const struct kex_group prime = {{p, sizeof p}, {two, 1}};
	const struct kex_group composite = {{square, sizeof square}, {two, 1}};
	ssh_bytes b2 = wire_bytes("\x02", 1), b3 = wire_bytes("\x03", 1),
	          b5 = wire_bytes("\x05", 1);
	cr_assert_eq(dh(&prime, b3, wire_bytes(order3, 8)), SSH_ERR_KEX_VALUE, "K = 1");
	cr_assert_eq(dh(&prime, b5, wire_bytes(order3, 8)), SSH_OK);
	cr_assert_eq(dh(&prime, b2, wire_bytes(order4, 8)), SSH_ERR_KEX_VALUE, "K = p-1");
	cr_assert_eq(dh(&prime, b5, wire_bytes(order4, 8)), SSH_OK);
	cr_assert_eq(dh(&composite, b2, wire_bytes(root, 8)), SSH_ERR_KEX_VALUE, "K = 0");
}

/* kex_gex_check_group refuses these; who leaves it out is still not led to a K that all know. */
Test(agree_values, dh_refuses_generators_that_are_none)
{
	static const char *const gs[] = {"", "01", "fffffffffffffa42", "fffffffffffffa43"};
	struct crypt_drbg d;
	crypt_drbg_init(&d, wire_bytes_str("generators"));
	struct crypt_rng rng = crypt_drbg_rng(&d);
	for (size_t i = 0; i < sizeof gs / sizeof *gs; i++) {
		struct wire_buf g = hex_buf(gs[i]), pub = {0};
		struct kex_agree_run run = {.group = {small_group.p, wire_buf_view(&g)}};
		enum ssh_err e = kex_dh_gex_sha256.offer(&kex_dh_gex_sha256, &run, &rng, &pub);
		cr_assert_eq(e, SSH_ERR_KEX_VALUE, "g = %s", gs[i]);
		cr_assert_eq(wire_buf_len(&pub), 0);
		kex_agree_wipe(&run);
		wire_buf_wipe(&g);
		wire_buf_wipe(&pub);
	}
}
