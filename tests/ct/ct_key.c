/* SPDX-License-Identifier: MIT */
#include "libcrypt/cipher.h"
#include "libcrypt/key.h"
#include "libcrypt/mac.h"
#include "libcrypt/mpz.h"
#include "libcrypt/packet.h"

#include <nettle/dsa.h>
#include <nettle/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <valgrind/memcheck.h>

/*
 * As ct_kem: secrets are undefined, and memcheck reports what depends on them.
 *
 *     ct_key powm | ed25519 | ed448 | ecdsa | ecdsa521 | rsa | dsa | mac | cbc
 *
 * Keys are made of undefined randomness; tests/ct/key.supp leaves out what happens while they are,
 * and names what is public in a signature.
 */

static void secret(void *p, size_t n)
{
	VALGRIND_MAKE_MEM_UNDEFINED(p, n);
}

static void in_the_open(const void *p, size_t n)
{
	VALGRIND_MAKE_MEM_DEFINED(p, n);
}

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	exit(2);
}

static enum ssh_err secret_fill(void *ctx, uint8_t *out, size_t n)
{
	enum ssh_err e = crypt_rng_fill(ctx, out, n);
	secret(out, n);
	return e;
}

/* The exponentiation with secrets that agreements are made of. */
static void run_powm(const struct crypt_rng *rng)
{
	uint8_t mod[256], base[256], exp[256], out[256];
	check(crypt_rng_fill(rng, mod, sizeof mod) == 0 &&
	          crypt_rng_fill(rng, base, sizeof base) == 0 &&
	          crypt_rng_fill(rng, exp, sizeof exp) == 0,
	      "no randomness");
	mod[0] |= 0x80;
	mod[255] |= 1;
	base[0] = 0;
	exp[0] |= 0x80;
	secret(exp, sizeof exp);
	check(crypt_powm(out, wire_bytes(base, sizeof base), wire_bytes(exp, sizeof exp),
	                 wire_bytes(mod, sizeof mod)) == 0,
	      "powm fails");
}

/* Lengths are public too. */
static void put_in_the_open(const struct wire_buf *b)
{
	in_the_open(b, sizeof *b);
	in_the_open(wire_buf_view(b).ptr, wire_buf_len(b));
}

/* Sign; that the signature is good shows that it was the right key. */
static void sign_with(const struct crypt_key *k, const struct crypt_keyalg *alg,
                      const struct crypt_rng *rng)
{
	struct crypt_key public = {0};
	struct wire_buf blob = {0}, sig = {0};
	const struct crypt_keyalg *const algs[] = {alg, NULL};
	ssh_bytes data = wire_bytes_str("data");
	crypt_key_put_public(k, &blob);
	put_in_the_open(&blob);
	enum ssh_err e = crypt_key_sign(k, alg->sigs[0], data, rng, &sig);
	in_the_open(&e, sizeof e);
	check(e == 0, "sign fails");
	put_in_the_open(&sig);
	check(crypt_key_parse_public(&public, algs, wire_buf_view(&blob)) == 0, "bad public key");
	check(crypt_key_verify(&public, alg->sigs[0], data, wire_buf_view(&sig)) == 0,
	      "bad signature");
	crypt_key_wipe(&public);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&sig);
}

static void run_key(const struct crypt_keyalg *alg, struct crypt_rng *rng)
{
	struct crypt_rng hidden = {secret_fill, rng};
	struct crypt_key k = {0};
	check(crypt_key_generate(&k, alg, 0, &hidden) == 0, "generate fails");
	sign_with(&k, alg, rng);
}

/* The limbs of a number. How many they are is no secret. */
static void secret_number(mpz_t z)
{
	secret(z->_mp_d, (size_t)z->_mp_alloc * sizeof(mp_limb_t));
}

/* To look for the primes of DSA under valgrind takes too long: this is the key of RFC 6979, appendix A.2.1. */
static const char dsa_key[] =
    "000000077373682d647373000000810086f5ca03dcfeb225063ff830a0c769b9dd9d6153ad91d7ce27f787c4"
    "3278b447e6533b86b18bed6e8a48b784a14c252c5be0dbf60b86d6385bd2f12fb763ed8873abfd3f5ba2e0a8"
    "c0a59082eac056935e529daf7c610467899c77adedfc846c881870b7b19b2b58f9be0521a17002e3bdd6b866"
    "85ee90b3d9a1b02b782b17790000001500996f967f6c8e388d9e28d01e205fba957a5698b10000008007b0f9"
    "2546150b62514bb771e2a0c0ce387f03bda6c56b505209ff25fd3c133d89bbcd97e904e09114d9a7defdeadf"
    "c9078ea544d2e401aeecc40bb9fbbf78fd87995a10a1c27cb7789b594ba7efb5c4326a9fe59a070e136db771"
    "75464adca417be5dce2f40d10a46a3a3943f26ab7fd9c0398ff8c76ee0a56826a8a88f1dbd000000805df5e0"
    "1ded31d0297e274e1691c192fe5868fef9e19a84776454b100cf16f65392195a38b90523e2542ee61871c044"
    "0cb87c322fc4b4d2ec5e1e7ec766e1be8d4ce935437dc11c3c8fd426338933ebfe739cb3465f4d3668c5e473"
    "508253b1e682f65cbdc4fae93c2ea212390e54905a86e2223170b44eaa7da5dd9ffcfb7f3b00000014411602"
    "cb19a6ccc34494d79d98ef1e7ed5af25f7";

/* As key_dsa.c has it. */
struct dsa_state {
	struct dsa_params params;
	mpz_t y, x;
};

static void run_dsa(const struct crypt_rng *rng)
{
	static const struct crypt_keyalg *const algs[] = {&crypt_insecure_key_dsa, NULL};
	uint8_t form[sizeof dsa_key / 2];
	struct crypt_key k = {0};
	struct dsa_state *s = (struct dsa_state *)k.state;
	struct wire_reader r;
	for (size_t i = 0; i < sizeof form; i++) {
		unsigned byte;
		check(sscanf(dsa_key + 2 * i, "%2x", &byte) == 1, "no hexadecimal");
		form[i] = (uint8_t)byte;
	}
	wire_reader_init(&r, wire_bytes(form, sizeof form));
	check(crypt_key_get_private(&k, algs, &r) == 0, "the key is refused");
	secret_number(s->x);
	sign_with(&k, &crypt_insecure_key_dsa, rng);
}

/* As key_rsa.c has it. */
struct rsa_state {
	struct rsa_public_key public;
	struct rsa_private_key private;
};

/* Primes are found soon where memcheck need not follow them: they are hidden afterwards. */
static void run_rsa(const struct crypt_rng *rng)
{
	struct crypt_key k = {0};
	struct rsa_state *state = (struct rsa_state *)k.state;
	struct rsa_private_key *s = &state->private;
	check(crypt_key_generate(&k, &crypt_key_rsa, CRYPT_RSA_BITS_FLOOR, rng) == 0,
	      "generate fails");
	secret_number(s->d);
	secret_number(s->p);
	secret_number(s->q);
	secret_number(s->a);
	secret_number(s->b);
	secret_number(s->c);
	sign_with(&k, &crypt_key_rsa, rng);
}

/* What stands between a forger and a packet: the tag, which must not be compared bit by bit. */
static void run_mac(const struct crypt_rng *rng)
{
	const struct crypt_mac *mac = &crypt_hmac_sha2_256;
	uint8_t keys[128], packet[96] = {0, 0, 0, 28, 12};
	struct crypt_packet seal = {0}, open = {0};
	check(crypt_rng_fill(rng, keys, sizeof keys) == 0, "no randomness");
	/* Of the cipher's key the table of Nettle's key schedule would be reported: it is no secret. */
	secret(keys + 64, 64);
	struct crypt_packet_keys k = {.cipher = &crypt_insecure_aes128_cbc,
	                              .mac = mac,
	                              .key = keys,
	                              .iv = keys + 32,
	                              .mac_key = keys + 64};
	check(crypt_packet_init(&seal, &k, true) == 0 && crypt_packet_init(&open, &k, false) == 0,
	      "init fails");
	crypt_packet_seal(&seal, 7, packet, 32);
	/* The tag that came is known; the one it is compared with is not. */
	in_the_open(packet, sizeof packet);
	check(crypt_packet_length(&open, 7, packet) == 28, "another length");
	enum ssh_err e = crypt_packet_open(&open, 7, packet, 32);
	in_the_open(&e, sizeof e);
	check(e == 0, "a good tag is refused");
	crypt_packet_wipe(&seal);
	crypt_packet_wipe(&open);
}

/*
 * A CBC packet is decrypted before its tag is looked at, and what came out, padding and all, must lead
 * nowhere until then: the length is the one thing that is looked at.
 */
static void run_cbc(const struct crypt_rng *rng)
{
	uint8_t keys[128], packet[160];
	struct crypt_packet_keys k = {.cipher = &crypt_insecure_aes256_cbc,
	                              .mac = &crypt_hmac_sha2_256,
	                              .key = keys,
	                              .iv = keys + 32,
	                              .mac_key = keys + 64};
	check(crypt_rng_fill(rng, keys, sizeof keys) == 0, "no randomness");
	for (int forged = 0; forged < 2; forged++) {
		struct crypt_packet seal = {0}, open = {0};
		check(crypt_packet_init(&seal, &k, true) == 0 &&
		          crypt_packet_init(&open, &k, false) == 0,
		      "init fails");
		memset(packet, 0, sizeof packet);
		packet[3] = 92;
		packet[4] = 20;
		crypt_packet_seal(&seal, 7, packet, 96);
		packet[95] ^= (uint8_t)forged;
		secret(packet, 96);
		(void)crypt_packet_length(&open, 7, packet);
		enum ssh_err e = crypt_packet_open(&open, 7, packet, 96);
		in_the_open(&e, sizeof e);
		check(e == (forged ? SSH_ERR_MAC : SSH_OK), "another verdict");
		crypt_packet_wipe(&seal);
		crypt_packet_wipe(&open);
	}
}

int main(int argc, char **argv)
{
	struct crypt_drbg d;
	struct crypt_rng rng = crypt_drbg_rng(&d);
	if (argc != 2 || !RUNNING_ON_VALGRIND)
		return 2;
	crypt_drbg_init(&d, wire_bytes_str(argv[1]));
	static const struct {
		const char *name;
		const struct crypt_keyalg *alg;
	} keys[] = {{"ed25519", &crypt_key_ed25519},
	            {"ed448", &crypt_key_ed448},
	            {"ecdsa", &crypt_key_ecdsa_nistp256},
	            {"ecdsa521", &crypt_key_ecdsa_nistp521}};
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (strcmp(argv[1], keys[i].name) == 0)
			run_key(keys[i].alg, &rng);
	if (strcmp(argv[1], "powm") == 0)
		run_powm(&rng);
	if (strcmp(argv[1], "mac") == 0)
		run_mac(&rng);
	if (strcmp(argv[1], "rsa") == 0)
		run_rsa(&rng);
	if (strcmp(argv[1], "dsa") == 0)
		run_dsa(&rng);
	if (strcmp(argv[1], "cbc") == 0)
		run_cbc(&rng);
	return 0;
}
