/* SPDX-License-Identifier: MIT */
#include "tests/libcrypt/key_kit.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>
#include <nettle/rsa.h>

static void put_hex_mpint(struct wire_buf *b, const char *hex)
{
	struct wire_buf v = kit_hex(hex);
	wire_put_mpint(b, wire_buf_view(&v));
	wire_buf_wipe(&v);
}

static void check_sign(const char *const *column)
{
	struct crypt_key k = kit_openssh_key("rsa_1");
	const struct crypt_sigalg *alg =
	    crypt_sigalg_find(crypt_sigalgs_legacy, wire_bytes_str(column[0]));
	cr_assert_not_null(alg, "%s", column[0]);
	struct wire_buf message = kit_hex(column[1]), inner = kit_hex(column[2]), sig = {0};
	struct wire_buf want = kit_signature(alg, wire_buf_view(&inner));
	struct crypt_drbg d;
	struct crypt_rng rng = kit_rng(&d, "blinding");
	cr_assert_eq(crypt_key_sign(&k, alg, wire_buf_view(&message), &rng, &sig), SSH_OK, "%s",
	             column[0]);
	cr_assert(wire_bytes_equal(wire_buf_view(&sig), wire_buf_view(&want)), "%s", column[0]);
	crypt_key_wipe(&k);
	wire_buf_wipe(&message);
	wire_buf_wipe(&inner);
	wire_buf_wipe(&sig);
	wire_buf_wipe(&want);
}

Test(key_rsa, signatures_are_openssls)
{
	rows_each("rsa-sign.txt", 3, check_sign);
}

static void check_verify(const char *const *column)
{
	struct crypt_key k = kit_openssh_key("rsa_1");
	struct wire_buf message = kit_hex(column[1]), inner = kit_hex(column[2]);
	struct wire_buf sig = kit_signature(&crypt_sig_rsa_sha2_256, wire_buf_view(&inner));
	enum ssh_err want = strcmp(column[3], "good") == 0 ? SSH_OK : SSH_ERR_SIGNATURE;
	cr_expect_eq(crypt_key_verify(&k, &crypt_sig_rsa_sha2_256, wire_buf_view(&message),
	                              wire_buf_view(&sig)),
	             want, "%s", column[0]);
	crypt_key_wipe(&k);
	wire_buf_wipe(&message);
	wire_buf_wipe(&inner);
	wire_buf_wipe(&sig);
}

Test(key_rsa, the_whole_block_is_compared)
{
	rows_each("rsa-verify.txt", 4, check_verify);
}

static void check_usable(struct crypt_key *k, const char *row, bool good)
{
	struct crypt_drbg d;
	struct crypt_rng rng = kit_rng(&d, row);
	struct wire_buf sig = {0};
	enum ssh_err e =
	    crypt_key_sign(k, &crypt_sig_rsa_sha2_256, wire_bytes_str(row), &rng, &sig);
	cr_assert_eq(e, good ? SSH_OK : SSH_ERR_CRYPTO, "%s: %d", row, (int)e);
	cr_assert_eq(wire_buf_len(&sig) != 0, good, "%s", row);
	if (good)
		cr_assert_eq(crypt_key_verify(k, &crypt_sig_rsa_sha2_256, wire_bytes_str(row),
		                              wire_buf_view(&sig)),
		             SSH_OK, "%s", row);
	wire_buf_wipe(&sig);
}

static void check_private(const char *const *column)
{
	struct wire_buf b = {0};
	struct crypt_key k = {0};
	wire_put_str(&b, "ssh-rsa");
	for (size_t i = 1; i <= 6; i++)
		put_hex_mpint(&b, column[i]);
	if (strcmp(column[7], "refused") == 0) {
		kit_refuse_private(&b, SSH_ERR_KEY, column[0]);
		return;
	}
	cr_assert_eq(kit_parse_private(&k, wire_buf_view(&b)), SSH_OK, "%s", column[0]);
	check_usable(&k, column[0], strcmp(column[7], "good") == 0);
	crypt_key_wipe(&k);
	wire_buf_wipe(&b);
}

Test(key_rsa, private_numbers_must_belong_together)
{
	rows_each("rsa-private.txt", 8, check_private);
}

/* Every field of a good key in turn, its last byte changed: nothing may go unnoticed. */
Test(key_rsa, one_wrong_bit_in_any_private_field_is_noticed)
{
	struct crypt_key k = kit_openssh_key("rsa_1");
	struct wire_buf whole = kit_private(&k);
	for (size_t field = 0; field < 6; field++) {
		struct wire_reader r;
		struct wire_buf b = {0};
		wire_reader_init(&r, wire_buf_view(&whole));
		wire_put_string(&b, wire_get_string(&r));
		for (size_t i = 0; i < 6; i++) {
			uint8_t copy[256];
			ssh_bytes v = wire_get_mpint(&r);
			memcpy(copy, v.ptr, v.len);
			copy[v.len - 1] ^= i == field ? 2 : 0;
			wire_put_mpint(&b, wire_bytes(copy, v.len));
		}
		kit_refuse_private(&b, SSH_ERR_KEY, "n, e, d, iqmp, p or q");
	}
	crypt_key_wipe(&k);
	wire_buf_wipe(&whole);
}

static struct wire_buf public_blob(const char *e, size_t bits, uint8_t last)
{
	struct wire_buf b = {0};
	uint8_t n[CRYPT_RSA_BITS_CEILING / 8 + 1] = {0};
	size_t len = (bits + 7) / 8;
	n[0] = (uint8_t)(1 << (bits + 7) % 8);
	n[len - 1] |= last;
	wire_put_str(&b, "ssh-rsa");
	put_hex_mpint(&b, e);
	wire_put_mpint(&b, wire_bytes(n, len));
	return b;
}

Test(key_rsa, public_numbers_are_bounded)
{
	static const char e256[] =
	    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
	static const char e257[] =
	    "010000000000000000000000000000000000000000000000000000000000000001";
	static const struct {
		const char *what, *e;
		size_t bits;
		uint8_t last;
		enum ssh_err want;
	} rows[] = {
	    {"floor", "010001", CRYPT_RSA_BITS_FLOOR, 1, SSH_OK},
	    {"ceiling", "010001", CRYPT_RSA_BITS_CEILING, 1, SSH_OK},
	    {"below the floor", "010001", CRYPT_RSA_BITS_FLOOR - 1, 1, SSH_ERR_KEY},
	    {"8 bits", "03", 8, 1, SSH_ERR_KEY},
	    {"above the ceiling", "010001", CRYPT_RSA_BITS_CEILING + 1, 1, SSH_ERR_MPINT},
	    {"n even", "010001", 2048, 2, SSH_ERR_KEY},
	    {"e = 0", "", 2048, 1, SSH_ERR_KEY},
	    {"e = 1", "01", 2048, 1, SSH_ERR_KEY},
	    {"e = 2", "02", 2048, 1, SSH_ERR_KEY},
	    {"e = 3", "03", 2048, 1, SSH_OK},
	    {"e even", "010000", 2048, 1, SSH_ERR_KEY},
	    {"e of 256 bits", e256, 2048, 1, SSH_OK},
	    {"e of 257 bits", e257, 2048, 1, SSH_ERR_KEY},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct wire_buf b = public_blob(rows[i].e, rows[i].bits, rows[i].last);
		struct crypt_key k = {0};
		if (rows[i].want != SSH_OK) {
			kit_refuse_public(&b, rows[i].want, rows[i].what);
			continue;
		}
		cr_assert_eq(crypt_key_parse_public(&k, crypt_keyalgs, wire_buf_view(&b)), SSH_OK,
		             "%s", rows[i].what);
		cr_assert_eq(crypt_key_bits(&k), rows[i].bits, "%s", rows[i].what);
		crypt_key_wipe(&k);
		wire_buf_wipe(&b);
	}
}

Test(key_rsa, zero_and_negative_moduli_are_refused)
{
	static const struct {
		const char *what, *hex;
		enum ssh_err want;
	} rows[] = {
	    {"n = 0",
	     "000000077373682d727361"
	     "00000003010001"
	     "00000000",
	     SSH_ERR_KEY},
	    {"n negative",
	     "000000077373682d727361"
	     "00000003010001"
	     "0000000181",
	     SSH_ERR_MPINT},
	    {"e negative",
	     "000000077373682d727361"
	     "00000001ff"
	     "0000000103",
	     SSH_ERR_MPINT},
	    {"e not canonical",
	     "000000077373682d727361"
	     "000000020003"
	     "0000000103",
	     SSH_ERR_MPINT},
	    {"n missing",
	     "000000077373682d727361"
	     "00000003010001",
	     SSH_ERR_TRUNCATED},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct wire_buf b = kit_hex(rows[i].hex);
		kit_refuse_public(&b, rows[i].want, rows[i].what);
	}
}

Test(key_rsa, sizes_of_new_keys)
{
	static const struct {
		size_t bits;
		enum ssh_err want;
	} rows[] = {
	    {1, SSH_ERR_ARGUMENT},
	    {CRYPT_RSA_BITS_FLOOR - 1, SSH_ERR_ARGUMENT},
	    {CRYPT_RSA_BITS_CEILING + 1, SSH_ERR_ARGUMENT},
	    {SIZE_MAX, SSH_ERR_ARGUMENT},
	    {CRYPT_RSA_BITS_FLOOR, SSH_OK},
	    {1031, SSH_OK},
	    {0, SSH_OK},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct crypt_drbg d;
		struct crypt_rng rng = kit_rng(&d, "sizes");
		struct crypt_key k = {0};
		cr_assert_eq(crypt_key_generate(&k, &crypt_key_rsa, rows[i].bits, &rng),
		             rows[i].want, "%zu", rows[i].bits);
		if (rows[i].want == SSH_OK)
			cr_assert_eq(crypt_key_bits(&k), rows[i].bits == 0 ? 3072 : rows[i].bits);
		else
			cr_assert(kit_is_empty(&k));
		crypt_key_wipe(&k);
	}
}

/* As key_rsa.c has it. */
struct state {
	struct rsa_public_key public;
	struct rsa_private_key private;
};

/* A signature with one half of the CRT wrong would give a factor away: it never leaves. */
Test(key_rsa, faults_give_no_signature)
{
	struct crypt_key k = kit_generate(&crypt_key_rsa);
	struct state *s = (struct state *)k.state;
	mpz_ptr values[] = {s->private.a, s->private.b, s->private.c, s->private.p, s->private.q};
	struct crypt_drbg d;
	struct crypt_rng rng = kit_rng(&d, "faults");
	struct wire_buf out = {0};
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		mpz_combit(values[i], 5);
		for (size_t a = 0; k.alg->sigs[a] != NULL; a++)
			cr_expect_eq(
			    crypt_key_sign(&k, k.alg->sigs[a], wire_bytes_str("data"), &rng, &out),
			    SSH_ERR_CRYPTO, "value %zu, %s", i, k.alg->sigs[a]->name);
		cr_expect_eq(wire_buf_len(&out), 0);
		mpz_combit(values[i], 5);
	}
	cr_expect_eq(crypt_key_sign(&k, k.alg->sigs[0], wire_bytes_str("data"), &rng, &out),
	             SSH_OK);
	crypt_key_wipe(&k);
	wire_buf_wipe(&out);
}
