/* SPDX-License-Identifier: MIT */
#include "tests/libcrypt/key_kit.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>

static struct wire_buf public_blob(ssh_bytes point)
{
	struct wire_buf b = {0};
	wire_put_str(&b, "ssh-ed448");
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
	struct wire_buf want = kit_signature(&crypt_sig_ed448, wire_buf_view(&inner));
	struct crypt_key k = {0};
	cr_assert_eq(kit_parse_private(&k, wire_buf_view(&blob)), SSH_OK, "%s", column[0]);
	cr_assert_eq(crypt_key_sign(&k, &crypt_sig_ed448, wire_buf_view(&message), NULL, &sig),
	             SSH_OK, "%s", column[0]);
	cr_assert(wire_bytes_equal(wire_buf_view(&sig), wire_buf_view(&want)), "%s", column[0]);
	cr_assert_eq(
	    crypt_key_verify(&k, &crypt_sig_ed448, wire_buf_view(&message), wire_buf_view(&sig)),
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

Test(key_ed448, signatures_are_those_of_rfc_8032)
{
	rows_each("ed448.txt", 5, check_sign);
}

static void check_verify(const char *const *column)
{
	struct wire_buf public = kit_hex(column[1]), message = kit_hex(column[2]),
	                inner = kit_hex(column[3]);
	struct wire_buf blob = public_blob(wire_buf_view(&public));
	struct wire_buf sig = kit_signature(&crypt_sig_ed448, wire_buf_view(&inner));
	enum ssh_err want = strcmp(column[4], "good") == 0 ? SSH_OK : SSH_ERR_SIGNATURE;
	struct crypt_key k = {0};
	cr_assert_eq(crypt_key_parse_public(&k, crypt_keyalgs, wire_buf_view(&blob)), SSH_OK, "%s",
	             column[0]);
	cr_expect_eq(
	    crypt_key_verify(&k, &crypt_sig_ed448, wire_buf_view(&message), wire_buf_view(&sig)),
	    want, "%s", column[0]);
	crypt_key_wipe(&k);
	wire_buf_wipe(&public);
	wire_buf_wipe(&message);
	wire_buf_wipe(&inner);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&sig);
}

Test(key_ed448, verifies_by_the_rule_without_cofactor)
{
	rows_each("ed448-verify.txt", 5, check_verify);
}

Test(key_ed448, keys_of_another_length_are_refused)
{
	static const uint8_t bytes[114] = {1};
	static const size_t lengths[] = {0, 1, 32, 56, 58, 114};
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		struct wire_buf b = public_blob(wire_bytes(bytes, lengths[i]));
		kit_refuse_public(&b, SSH_ERR_KEY, "public length");
	}
}

Test(key_ed448, private_halves_that_do_not_match_are_refused)
{
	struct crypt_key k = kit_generate(&crypt_key_ed448);
	struct wire_buf whole = kit_private(&k);
	struct wire_reader r;
	wire_reader_init(&r, wire_buf_view(&whole));
	(void)wire_get_string(&r);
	ssh_bytes public = wire_get_string(&r);
	ssh_bytes seed = wire_bytes(wire_get_string(&r).ptr, 57);
	ssh_bytes none = wire_bytes(NULL, 0);
	uint8_t other[57], other_seed[57];
	memcpy(other, public.ptr, 57);
	memcpy(other_seed, seed.ptr, 57);
	other[56] ^= 1;
	other_seed[0] ^= 8;
	ssh_bytes wrong = wire_bytes(other, 57);
	const struct {
		const char *what;
		ssh_bytes public, seed, again;
	} bad[] = {
	    {"first public half", wrong, seed, public},
	    {"second public half", public, seed, wrong},
	    {"both public halves", wrong, seed, wrong},
	    {"seed", public, wire_bytes(other_seed, 57), public},
	    {"seed alone", public, seed, none},
	    {"short seed", public, wire_bytes(seed.ptr, 56), public},
	    {"short public half", public, seed, wire_bytes(public.ptr, 56)},
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
