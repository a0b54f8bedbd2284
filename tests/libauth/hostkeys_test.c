/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "libauth/hostkeys.h"
#include "tests/support/alloc.h"

static struct crypt_drbg drbg;
static struct crypt_rng rng;
static struct crypt_key keys[3];
static const struct crypt_key *list[] = {&keys[0], &keys[1], &keys[2], NULL};

static void start(void)
{
	static const struct crypt_keyalg *const types[] = {
	    &crypt_key_ed25519, &crypt_key_ecdsa_nistp256, &crypt_key_rsa};
	crypt_drbg_init(&drbg, wire_bytes_str("host keys"));
	rng = crypt_drbg_rng(&drbg);
	for (size_t i = 0; i < 3; i++)
		cr_assert_eq(crypt_key_generate(&keys[i], types[i], 2048, &rng), SSH_OK);
}

static void stop(void)
{
	for (size_t i = 0; i < 3; i++)
		crypt_key_wipe(&keys[i]);
}

static struct auth_hostkeys_bond bond_of(const char *request, const struct crypt_sigalg *sig)
{
	return (struct auth_hostkeys_bond){wire_bytes_str("a session"), sig,
	                                   wire_bytes_str(request)};
}

Test(hostkeys, announced_proven_and_verified)
{
	static const char *const requests[] = {"hostkeys-prove-00@openssh.com", "hostkeys-prove",
	                                       "hostkeys-prove-0"};
	static const struct crypt_sigalg *const sigs[] = {
	    &crypt_sig_ed25519, &crypt_sig_rsa_sha2_256, &crypt_sig_rsa_sha2_512};
	struct wire_buf body = {0}, proofs = {0};
	start();
	auth_hostkeys_put(&body, list);
	cr_assert_eq(auth_hostkeys_check(wire_buf_view(&body)), SSH_OK);
	for (size_t i = 0; i < 9; i++) {
		struct auth_hostkeys_bond bond = bond_of(requests[i % 3], sigs[i / 3]),
		                          wrong = bond;
		cr_assert(auth_hostkeys_prove_is(bond.request));
		wire_buf_reset(&proofs);
		cr_assert_eq(auth_hostkeys_prove(&proofs, list, &bond, wire_buf_view(&body), &rng),
		             SSH_OK);
		ssh_bytes answer = wire_buf_view(&proofs);
		cr_assert_eq(auth_hostkeys_verify(&bond, wire_buf_view(&body), answer), SSH_OK,
		             "row %zu", i);
		wrong.session_id = wire_bytes_str("b session");
		cr_assert_eq(auth_hostkeys_verify(&wrong, wire_buf_view(&body), answer),
		             SSH_ERR_SIGNATURE);
		wrong = bond;
		wrong.request = wire_bytes_str(requests[i % 3 == 0]);
		cr_assert_eq(auth_hostkeys_verify(&wrong, wire_buf_view(&body), answer),
		             SSH_ERR_SIGNATURE);
		cr_assert_eq(auth_hostkeys_verify(&bond, wire_buf_view(&body),
		                                  wire_bytes(answer.ptr, answer.len - 1)),
		             SSH_ERR_TRUNCATED);
		cr_assert_eq(auth_hostkeys_verify(&bond, wire_buf_view(&body), wire_bytes(NULL, 0)),
		             SSH_ERR_TRUNCATED);
		wire_put_u8(&proofs, 0);
		cr_assert_eq(
		    auth_hostkeys_verify(&bond, wire_buf_view(&body), wire_buf_view(&proofs)),
		    SSH_ERR_TRAILING);
	}
	/* Section 2.2.1: not with SHA-1, and where RSA was chosen not with another hash. */
	struct auth_hostkeys_bond old = bond_of("hostkeys-prove", &crypt_insecure_sig_rsa_sha1);
	wire_buf_reset(&proofs);
	cr_assert_eq(auth_hostkeys_prove(&proofs, list, &old, wire_buf_view(&body), &rng),
	             SSH_ERR_UNSUPPORTED);
	cr_assert_eq(wire_buf_len(&proofs), 0);
	struct auth_hostkeys_bond one = bond_of("hostkeys-prove", &crypt_sig_rsa_sha2_256);
	struct auth_hostkeys_bond two = bond_of("hostkeys-prove", &crypt_sig_rsa_sha2_512);
	cr_assert_eq(auth_hostkeys_prove(&proofs, list, &one, wire_buf_view(&body), &rng), SSH_OK);
	cr_assert_neq(auth_hostkeys_verify(&two, wire_buf_view(&body), wire_buf_view(&proofs)),
	              SSH_OK);
	wire_buf_wipe(&body);
	wire_buf_wipe(&proofs);
	stop();
}

Test(hostkeys, bodies_out_of_form)
{
	struct wire_buf body = {0}, proofs = {0};
	struct auth_hostkeys_bond bond = bond_of("hostkeys-prove", &crypt_sig_ed25519);
	start();
	cr_assert_eq(auth_hostkeys_check(wire_bytes(NULL, 0)), SSH_ERR_MALFORMED);
	cr_assert_eq(auth_hostkeys_check(wire_bytes("\0\0\0\2a", 5)), SSH_ERR_TRUNCATED);
	cr_assert_eq(auth_hostkeys_check(wire_bytes("\xff\xff\xff\xff", 4)), SSH_ERR_TRUNCATED);
	cr_assert_eq(auth_hostkeys_check(wire_bytes("\0\0\0\1a\0\0\0\1a", 10)), SSH_ERR_MALFORMED);
	for (uint32_t i = 0; i <= AUTH_HOSTKEYS_MAX; i++) {
		cr_assert_eq(auth_hostkeys_check(wire_buf_view(&body)),
		             i == 0 ? SSH_ERR_MALFORMED : SSH_OK);
		wire_put_u32(&body, 4);
		wire_put_u32(&body, i);
	}
	cr_assert_eq(auth_hostkeys_check(wire_buf_view(&body)), SSH_ERR_TOO_LONG);
	/* A key that is none of ours is not signed for. */
	cr_assert_eq(auth_hostkeys_prove(&proofs, list, &bond, wire_bytes("\0\0\0\1a", 5), &rng),
	             SSH_ERR_NOT_FOUND);
	/* The same key twice in the configuration is told once. */
	const struct crypt_key *twice[] = {&keys[0], &keys[1], &keys[0], NULL};
	wire_buf_reset(&body);
	auth_hostkeys_put(&body, twice);
	cr_assert_eq(auth_hostkeys_check(wire_buf_view(&body)), SSH_OK);
	wire_buf_wipe(&body);
	wire_buf_wipe(&proofs);
	stop();
}

Test(hostkeys, every_allocation_may_fail)
{
	const struct crypt_key *one[] = {&keys[0], NULL};
	struct auth_hostkeys_bond bond = bond_of("hostkeys-prove", &crypt_sig_ed25519);
	bool failed = true;
	start();
	for (size_t n = 1; failed; n++) {
		struct wire_buf body = {0}, proofs = {0};
		alloc_start();
		alloc_fail_at(n);
		auth_hostkeys_put(&body, one);
		enum ssh_err e = wire_buf_end(&body);
		if (e == 0)
			e = auth_hostkeys_prove(&proofs, one, &bond, wire_buf_view(&body), &rng);
		if (e == 0)
			e = auth_hostkeys_verify(&bond, wire_buf_view(&body),
			                         wire_buf_view(&proofs));
		failed = alloc_failed();
		wire_buf_wipe(&body);
		wire_buf_wipe(&proofs);
		alloc_stop();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_OK, "allocation %zu: %s", n,
		             ssh_err_name(e));
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
	}
	stop();
}
