/* SPDX-License-Identifier: MIT */
#include "tests/libcrypt/key_kit.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>

/* Ed25519 and Ed448, each against its own vectors. */
static const struct curve {
	const struct crypt_keyalg *alg;
	const struct crypt_sigalg *sig;
	size_t size;
	const char *signatures, *verifications;
	const char *order; /* L, little-endian */
} curves[] = {
    {&crypt_key_ed25519, &crypt_sig_ed25519, 32, "ed25519.txt", "ed25519-verify.txt",
     "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"},
    {&crypt_key_ed448, &crypt_sig_ed448, 57, "ed448.txt", "ed448-verify.txt",
     "f34458ab92c27823558fc58d72c26c219036d6ae49db4ec4e923ca7cffffffffffffffffffffffffffffffffffff"
     "ffffffffffffff3f00"},
};

/* The one under test: rows_each hands nothing on. */
static const struct curve *curve;

#define EACH_CURVE for (curve = curves; curve < curves + 2; curve++)

static struct wire_buf public_blob(ssh_bytes point)
{
	struct wire_buf b = {0};
	wire_put_str(&b, curve->alg->name);
	wire_put_string(&b, point);
	return b;
}

static struct wire_buf private_blob(ssh_bytes public, ssh_bytes seed, ssh_bytes public_again)
{
	struct wire_buf b = public_blob(public);
	size_t mark = wire_put_string_begin(&b);
	wire_put_raw(&b, seed);
	wire_put_raw(&b, public_again);
	wire_put_string_end(&b, mark);
	return b;
}

static void check_sign(const char *const *column)
{
	struct wire_buf seed = kit_hex(column[1]), public = kit_hex(column[2]),
	                message = kit_hex(column[3]), inner = kit_hex(column[4]), sig = {0};
	ssh_bytes p = wire_buf_view(&public);
	struct wire_buf blob = private_blob(p, wire_buf_view(&seed), p);
	struct wire_buf want = kit_signature(curve->sig, wire_buf_view(&inner));
	struct crypt_key k = {0};
	cr_assert_eq(kit_parse_private(&k, wire_buf_view(&blob)), SSH_OK, "%s", column[0]);
	cr_assert_eq(crypt_key_sign(&k, curve->sig, wire_buf_view(&message), NULL, &sig), SSH_OK,
	             "%s", column[0]);
	cr_assert(wire_bytes_equal(wire_buf_view(&sig), wire_buf_view(&want)), "%s", column[0]);
	cr_assert_eq(crypt_key_verify(&k, curve->sig, wire_buf_view(&message), wire_buf_view(&sig)),
	             SSH_OK, "%s", column[0]);
	crypt_key_wipe(&k);
	wire_buf_wipe(&seed);
	wire_buf_wipe(&public);
	wire_buf_wipe(&message);
	wire_buf_wipe(&inner);
	wire_buf_wipe(&sig);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&want);
}

Test(key_eddsa, signatures_are_those_of_rfc_8032)
{
	EACH_CURVE
	rows_each(curve->signatures, 5, check_sign);
}

static void check_verify(const char *const *column)
{
	struct wire_buf public = kit_hex(column[1]), message = kit_hex(column[2]),
	                inner = kit_hex(column[3]);
	struct wire_buf blob = public_blob(wire_buf_view(&public));
	struct wire_buf sig = kit_signature(curve->sig, wire_buf_view(&inner));
	enum ssh_err want = strcmp(column[4], "good") == 0 ? SSH_OK : SSH_ERR_SIGNATURE;
	struct crypt_key k = {0};
	cr_assert_eq(crypt_key_parse_public(&k, crypt_keyalgs, wire_buf_view(&blob)), SSH_OK, "%s",
	             column[0]);
	cr_expect_eq(crypt_key_verify(&k, curve->sig, wire_buf_view(&message), wire_buf_view(&sig)),
	             want, "%s", column[0]);
	crypt_key_wipe(&k);
	wire_buf_wipe(&public);
	wire_buf_wipe(&message);
	wire_buf_wipe(&inner);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&sig);
}

Test(key_eddsa, verifies_by_the_rule_without_cofactor)
{
	EACH_CURVE
	rows_each(curve->verifications, 5, check_verify);
}

Test(key_eddsa, keys_of_another_length_are_refused)
{
	static const uint8_t bytes[128] = {1};
	EACH_CURVE
	for (size_t n = 0; n < sizeof bytes; n++) {
		struct wire_buf b = public_blob(wire_bytes(bytes, n));
		if (n != curve->size)
			kit_refuse_public(&b, SSH_ERR_KEY, "public length");
		wire_buf_wipe(&b);
	}
}

static void refuse_halves(void)
{
	struct crypt_key k = kit_generate(curve->alg);
	struct wire_buf whole = kit_private(&k);
	struct wire_reader r;
	wire_reader_init(&r, wire_buf_view(&whole));
	(void)wire_get_string(&r);
	ssh_bytes public = wire_get_string(&r);
	ssh_bytes seed = wire_bytes(wire_get_string(&r).ptr, curve->size);
	ssh_bytes none = wire_bytes(NULL, 0);
	uint8_t other[64], other_seed[64];
	memcpy(other, public.ptr, curve->size);
	memcpy(other_seed, seed.ptr, curve->size);
	other[curve->size - 1] ^= 1;
	other_seed[0] ^= 8;
	ssh_bytes wrong = wire_bytes(other, curve->size);
	const struct {
		const char *what;
		ssh_bytes public, seed, again;
	} bad[] = {
	    {"first public half", wrong, seed, public},
	    {"second public half", public, seed, wrong},
	    {"both public halves", wrong, seed, wrong},
	    {"seed", public, wire_bytes(other_seed, curve->size), public},
	    {"seed alone", public, seed, none},
	    {"short seed", public, wire_bytes(seed.ptr, curve->size - 1), public},
	    {"short public half", public, seed, wire_bytes(public.ptr, curve->size - 1)},
	    {"public half missing", none, seed, public},
	    {"private half empty", public, none, none},
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct wire_buf b = private_blob(bad[i].public, bad[i].seed, bad[i].again);
		kit_refuse_private(&b, SSH_ERR_KEY, bad[i].what);
	}
	crypt_key_wipe(&k);
	wire_buf_wipe(&whole);
}

Test(key_eddsa, private_halves_that_do_not_match_are_refused)
{
	EACH_CURVE
	refuse_halves();
}

/* Add L to S, little-endian, in place. */
static void add_order(uint8_t *s)
{
	struct wire_buf order = kit_hex(curve->order);
	unsigned carry = 0;
	for (size_t i = 0; i < curve->size; i++) {
		carry += s[i] + (unsigned)wire_buf_view(&order).ptr[i];
		s[i] = (uint8_t)carry;
		carry >>= 8;
	}
	wire_buf_wipe(&order);
}

/* S + L gives the same point, and would be a second signature of the same message. */
Test(key_eddsa, signatures_cannot_be_rewritten)
{
	EACH_CURVE
	{
		struct crypt_key k = kit_generate(curve->alg);
		ssh_bytes data = wire_bytes_str("data");
		struct wire_buf sig = {0};
		cr_assert_eq(crypt_key_sign(&k, curve->sig, data, NULL, &sig), SSH_OK);
		cr_assert_eq(crypt_key_verify(&k, curve->sig, data, wire_buf_view(&sig)), SSH_OK);
		for (int times = 1; times < 4; times++) {
			add_order(sig.mem + wire_buf_len(&sig) - curve->size);
			cr_expect_eq(crypt_key_verify(&k, curve->sig, data, wire_buf_view(&sig)),
			             SSH_ERR_SIGNATURE, "%s: S + %d L", curve->alg->name, times);
		}
		crypt_key_wipe(&k);
		wire_buf_wipe(&sig);
	}
}

/* About half of all strings are no point: nothing verifies under them, nor under y >= p. */
Test(key_eddsa, keys_that_are_no_point_verify_nothing)
{
	EACH_CURVE
	for (unsigned n = 0; n < 40; n++) {
		uint8_t point[64], inner[128] = {0};
		struct crypt_key k = {0};
		memset(point, n < 20 ? 0xff : 0, sizeof point);
		point[0] = (uint8_t)(n + 2);
		inner[0] = 1; /* R = the neutral point, S = 0: good under keys of small order */
		struct wire_buf b = public_blob(wire_bytes(point, curve->size));
		struct wire_buf sig = kit_signature(curve->sig, wire_bytes(inner, 2 * curve->size));
		cr_assert_eq(crypt_key_parse_public(&k, crypt_keyalgs, wire_buf_view(&b)), SSH_OK);
		cr_expect_eq(
		    crypt_key_verify(&k, curve->sig, wire_bytes_str("data"), wire_buf_view(&sig)),
		    SSH_ERR_SIGNATURE, "%s %u", curve->alg->name, n);
		crypt_key_wipe(&k);
		wire_buf_wipe(&b);
		wire_buf_wipe(&sig);
	}
}
