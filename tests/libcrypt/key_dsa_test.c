/* SPDX-License-Identifier: MIT */
#include "tests/libcrypt/key_kit.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>

/* p, q, g, y, x of RFC 6979, as magnitudes. */
enum number { P, Q, G, Y, X, NUMBERS };
static struct wire_buf rfc[NUMBERS];

static void take_key(const char *const *column)
{
	for (size_t i = 0; i < NUMBERS; i++)
		rfc[i] = kit_hex(column[i]);
}

static void load_key(void)
{
	rows_each("dsa-key.txt", NUMBERS, take_key);
}

static void drop_key(void)
{
	for (size_t i = 0; i < NUMBERS; i++)
		wire_buf_wipe(&rfc[i]);
}

/* The blob of the RFC's key up to `last`, with the number `other` in place of its own. */
static struct wire_buf blob(enum number last, enum number which, ssh_bytes other)
{
	struct wire_buf b = {0};
	wire_put_str(&b, "ssh-dss");
	for (size_t i = 0; i <= last; i++)
		wire_put_mpint(&b, i == which ? other : wire_buf_view(&rfc[i]));
	return b;
}

static struct crypt_key rfc_key(void)
{
	struct crypt_key k = {0};
	struct wire_buf b = blob(X, NUMBERS, wire_bytes(NULL, 0));
	cr_assert_eq(kit_parse_private(&k, wire_buf_view(&b)), SSH_OK);
	wire_buf_wipe(&b);
	return k;
}

static const struct crypt_hash *hash_of(const char *name)
{
	static const struct crypt_hash *const hashes[] = {&crypt_sha1, &crypt_sha256, &crypt_sha384,
	                                                  &crypt_sha512};
	for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++)
		if (strcmp(hashes[i]->name, name) == 0)
			return hashes[i];
	cr_assert_fail("%s", name);
	return NULL;
}

/* SSH has SHA-1 alone; the RFC's vectors for other hashes go through a descriptor of our own. */
static void check_sign(const char *const *column)
{
	struct crypt_sigalg alg = crypt_insecure_sig_dsa;
	struct wire_buf m = kit_hex(column[2]), inner = kit_hex(column[3]), sig = {0};
	struct crypt_key k = rfc_key();
	unhex(&inner, column[4]);
	alg.hash = hash_of(column[1]);
	struct wire_buf want = kit_signature(&alg, wire_buf_view(&inner));
	cr_assert_eq(wire_buf_len(&inner), 40, "%s", column[0]);
	cr_expect_eq(crypt_key_sign(&k, &alg, wire_buf_view(&m), NULL, &sig), SSH_OK, "%s",
	             column[0]);
	cr_expect(wire_bytes_equal(wire_buf_view(&sig), wire_buf_view(&want)), "%s", column[0]);
	cr_expect_eq(crypt_key_verify(&k, &alg, wire_buf_view(&m), wire_buf_view(&want)), SSH_OK,
	             "%s", column[0]);
	crypt_key_wipe(&k);
	wire_buf_wipe(&m);
	wire_buf_wipe(&inner);
	wire_buf_wipe(&sig);
	wire_buf_wipe(&want);
}

Test(key_dsa, signatures_are_those_of_rfc_6979, .init = load_key, .fini = drop_key)
{
	rows_each("dsa.txt", 5, check_sign);
}

Test(key_dsa, numbers_out_of_range_are_refused, .init = load_key, .fini = drop_key)
{
	uint8_t one[] = {1}, two[] = {2}, p[128], q[20], p_minus_1[128], p_even[128], q_even[20],
	        p_long[129] = {1}, q_long[21] = {1}, x_other[20];
	memcpy(p, wire_buf_view(&rfc[P]).ptr, sizeof p);
	memcpy(q, wire_buf_view(&rfc[Q]).ptr, sizeof q);
	memcpy(p_minus_1, p, sizeof p);
	memcpy(p_even, p, sizeof p);
	memcpy(q_even, q, sizeof q);
	memcpy(x_other, wire_buf_view(&rfc[X]).ptr, sizeof x_other);
	p_long[128] = q_long[20] = 1;
	p_minus_1[127]--;
	p_even[127]--;
	q_even[19]--;
	x_other[19] ^= 1;
	const struct {
		const char *what;
		enum number which;
		ssh_bytes other;
	} bad[] = {
	    {"the key as it is", NUMBERS, wire_bytes(NULL, 0)},
	    {"p of 1025 bits", P, wire_bytes(p_long, sizeof p_long)},
	    {"p of 1016 bits", P, wire_bytes(p + 1, sizeof p - 1)},
	    {"p = 0", P, wire_bytes(NULL, 0)},
	    {"p even", P, wire_bytes(p_even, sizeof p_even)},
	    {"q of 161 bits", Q, wire_bytes(q_long, sizeof q_long)},
	    {"q of 152 bits", Q, wire_bytes(q + 1, sizeof q - 1)},
	    {"q = 0", Q, wire_bytes(NULL, 0)},
	    {"q even", Q, wire_bytes(q_even, sizeof q_even)},
	    {"g = 0", G, wire_bytes(NULL, 0)},
	    {"g = 1", G, wire_bytes(one, 1)},
	    {"g = 2, of another order", G, wire_bytes(two, 1)},
	    {"g = p - 1", G, wire_bytes(p_minus_1, sizeof p)},
	    {"g = p", G, wire_bytes(p, sizeof p)},
	    {"y = 0", Y, wire_bytes(NULL, 0)},
	    {"y = 1", Y, wire_bytes(one, 1)},
	    {"y = p - 1", Y, wire_bytes(p_minus_1, sizeof p)},
	    {"y = p", Y, wire_bytes(p, sizeof p)},
	    {"x = 0", X, wire_bytes(NULL, 0)},
	    {"x = 1", X, wire_bytes(one, 1)},
	    {"x = q", X, wire_bytes(q, sizeof q)},
	    {"x too long", X, wire_bytes(p, sizeof p)},
	    {"x of another y", X, wire_bytes(x_other, sizeof x_other)},
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct wire_buf b = blob(X, bad[i].which, bad[i].other);
		if (bad[i].which == NUMBERS) {
			struct crypt_key k = {0};
			cr_assert_eq(kit_parse_private(&k, wire_buf_view(&b)), SSH_OK);
			crypt_key_wipe(&k);
			wire_buf_wipe(&b);
			continue;
		}
		kit_refuse_private(&b, SSH_ERR_KEY, bad[i].what);
		if (bad[i].which == X)
			continue;
		b = blob(Y, bad[i].which, bad[i].other);
		kit_refuse_public(&b, SSH_ERR_KEY, bad[i].what);
	}
}

/* r and s of a good signature, changed. */
Test(key_dsa, signatures_out_of_range_are_refused, .init = load_key, .fini = drop_key)
{
	struct crypt_key k = rfc_key();
	struct wire_buf good = kit_hex("2e1a0c2562b2912caaf89186fb0f42001585da55"
	                               "29efb6b0aff2d7a68eb70ca313022253b9a88df5");
	uint8_t zero[20] = {0}, q[20];
	memcpy(q, wire_buf_view(&rfc[Q]).ptr, sizeof q);
	ssh_bytes r = wire_bytes(wire_buf_view(&good).ptr, 20);
	ssh_bytes s = wire_bytes(wire_buf_view(&good).ptr + 20, 20);
	const struct {
		const char *what;
		ssh_bytes r, s;
		enum ssh_err want;
	} rows[] = {
	    {"good", r, s, SSH_OK},
	    {"r = 0", wire_bytes(zero, 20), s, SSH_ERR_SIGNATURE},
	    {"s = 0", r, wire_bytes(zero, 20), SSH_ERR_SIGNATURE},
	    {"r = q", wire_bytes(q, 20), s, SSH_ERR_SIGNATURE},
	    {"s = q", r, wire_bytes(q, 20), SSH_ERR_SIGNATURE},
	    {"both 0", wire_bytes(zero, 20), wire_bytes(zero, 20), SSH_ERR_SIGNATURE},
	    {"39 bytes", r, wire_bytes(s.ptr, 19), SSH_ERR_SIGNATURE},
	    {"20 bytes", r, wire_bytes(NULL, 0), SSH_ERR_SIGNATURE},
	    {"empty", wire_bytes(NULL, 0), wire_bytes(NULL, 0), SSH_ERR_SIGNATURE},
	    {"60 bytes", wire_buf_view(&good), s, SSH_ERR_SIGNATURE},
	    {"swapped", s, r, SSH_ERR_SIGNATURE},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct wire_buf inner = {0};
		wire_put_raw(&inner, rows[i].r);
		wire_put_raw(&inner, rows[i].s);
		struct wire_buf sig = kit_signature(&crypt_insecure_sig_dsa, wire_buf_view(&inner));
		cr_expect_eq(crypt_key_verify(&k, &crypt_insecure_sig_dsa, wire_bytes_str("sample"),
		                              wire_buf_view(&sig)),
		             rows[i].want, "%s", rows[i].what);
		wire_buf_wipe(&inner);
		wire_buf_wipe(&sig);
	}
	wire_buf_wipe(&good);
	crypt_key_wipe(&k);
}
