/* SPDX-License-Identifier: MIT */
#include "libcrypt/cipher.h"
#include "libcrypt/key.h"
#include "libcrypt/mac.h"
#include "libcrypt/mpz.h"
#include "libcrypt/packet.h"

#include <stdio.h>
#include <stdlib.h>
#include <valgrind/memcheck.h>

/*
 * As ct_kem: secrets are undefined, and memcheck reports what depends on them.
 *
 *     ct_key powm | ed25519 | ed448 | ecdsa | ecdsa521 | mac
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

/* Make a key and sign with it; that the signature is good shows that it was the right key. */
static void run_key(const struct crypt_keyalg *alg, struct crypt_rng *rng)
{
	struct crypt_rng hidden = {secret_fill, rng};
	struct crypt_key k = {0}, public = {0};
	struct wire_buf blob = {0}, sig = {0};
	const struct crypt_keyalg *const algs[] = {alg, NULL};
	ssh_bytes data = wire_bytes_str("data");
	check(crypt_key_generate(&k, alg, 0, &hidden) == 0, "generate fails");
	crypt_key_put_public(&k, &blob);
	put_in_the_open(&blob);
	check(crypt_key_sign(&k, alg->sigs[0], data, rng, &sig) == 0, "sign fails");
	put_in_the_open(&sig);
	check(crypt_key_parse_public(&public, algs, wire_buf_view(&blob)) == 0, "bad public key");
	check(crypt_key_verify(&public, alg->sigs[0], data, wire_buf_view(&sig)) == 0,
	      "bad signature");
	crypt_key_wipe(&public);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&sig);
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
	return 0;
}
