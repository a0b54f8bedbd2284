/* SPDX-License-Identifier: MIT */
#include "libcrypt/key.h"
#include "tests/fuzz/fuzz.h"

/*
 * A signature blob behind a byte that chooses the key and the algorithm. The only one that is good
 * is the one that was made (the nonces are fixed, so there is one an algorithm).
 */

#define KEYS 7
static const struct {
	const struct crypt_keyalg *alg;
	const struct crypt_sigalg *sig;
} kinds[KEYS] = {
    {&crypt_key_ed25519, &crypt_sig_ed25519},
    {&crypt_key_ed448, &crypt_sig_ed448},
    {&crypt_key_ecdsa_nistp256, &crypt_sig_ecdsa_nistp256},
    {&crypt_key_ecdsa_nistp384, &crypt_sig_ecdsa_nistp384},
    {&crypt_key_ecdsa_nistp521, &crypt_sig_ecdsa_nistp521},
    {&crypt_key_rsa, &crypt_sig_rsa_sha2_256},
    {&crypt_key_rsa, &crypt_sig_rsa_sha2_512},
};

static struct crypt_key keys[KEYS];
static struct wire_buf good[KEYS];
static const char signed_data[] = "what is signed";

/* Made once: RSA keys take their time. */
static void make(void)
{
	struct crypt_drbg drbg;
	for (size_t i = 0; i < KEYS && keys[i].alg == NULL; i++) {
		crypt_drbg_init(&drbg, wire_bytes_str(kinds[i].alg->name));
		struct crypt_rng rng = crypt_drbg_rng(&drbg);
		FUZZ_MUST(crypt_key_generate(&keys[i], kinds[i].alg, 1024, &rng) == 0);
		FUZZ_MUST(crypt_key_sign(&keys[i], kinds[i].sig, wire_bytes_str(signed_data), &rng,
		                         &good[i]) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ssh_bytes blob = wire_bytes(data, size);
	size_t i = fuzz_u8(&blob) % KEYS;
	make();
	enum ssh_err e =
	    crypt_key_verify(&keys[i], kinds[i].sig, wire_bytes_str(signed_data), blob);
	FUZZ_MUST((e == 0) == wire_bytes_equal(blob, wire_buf_view(&good[i])));
	FUZZ_MUST(crypt_key_verify(&keys[i], kinds[i].sig, wire_bytes_str("other"), blob) != 0);
	return 0;
}

void fuzz_seeds(void)
{
	make();
	for (size_t i = 0; i < KEYS; i++) {
		struct wire_buf b = {0};
		wire_put_u8(&b, (uint8_t)i);
		wire_put_raw(&b, wire_buf_view(&good[i]));
		fuzz_seed_buf(&b);
	}
}
