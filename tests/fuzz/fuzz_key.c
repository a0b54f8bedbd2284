/* SPDX-License-Identifier: MIT */
#include "libcrypt/cert.h"
#include "libcrypt/key.h"
#include "tests/fuzz/fuzz.h"

/*
 * A public blob, or behind a first byte that is odd a private key as openssh-key-v1 has it. What
 * parses is written again as the very bytes, and verifies no nonsense.
 */

static void nonsense(const struct crypt_key *k)
{
	for (size_t i = 0; k->alg->sigs[i] != NULL; i++) {
		const struct crypt_sigalg *alg = k->alg->sigs[i];
		struct wire_buf sig = {0};
		uint8_t zeros[256] = {0};
		wire_put_str(&sig, crypt_sigalg_signature_name(alg));
		wire_put_string(&sig, wire_bytes(zeros, sizeof zeros));
		FUZZ_MUST(crypt_key_verify(k, alg, wire_bytes_str("data"), wire_buf_view(&sig)) !=
		          0);
		wire_buf_wipe(&sig);
	}
}

static void try_public(const struct crypt_keyalg *const *algs, ssh_bytes blob)
{
	struct crypt_key k = {0};
	struct wire_buf out = {0};
	char print[CRYPT_FINGERPRINT_SIZE];
	if (crypt_key_parse_public(&k, algs, blob) != 0) {
		FUZZ_MUST(k.alg == NULL);
		return;
	}
	crypt_key_put_public(&k, &out);
	FUZZ_MUST(wire_buf_end(&out) == 0 && wire_bytes_equal(wire_buf_view(&out), blob));
	FUZZ_MUST(crypt_key_bits(&k) > 0 && !k.has_private);
	crypt_key_fingerprint(blob, print);
	nonsense(&k);
	crypt_key_wipe(&k);
	wire_buf_wipe(&out);
}

static void try_private(ssh_bytes in)
{
	struct crypt_key k = {0};
	struct wire_reader r;
	struct wire_buf out = {0};
	wire_reader_init(&r, in);
	if (crypt_key_get_private(&k, crypt_keyalgs_legacy, &r) != 0) {
		FUZZ_MUST(k.alg == NULL);
		return;
	}
	FUZZ_MUST(k.has_private);
	crypt_key_put_private(&k, &out);
	FUZZ_MUST(wire_buf_end(&out) == 0 && wire_buf_len(&out) <= in.len);
	FUZZ_MUST(memcmp(wire_buf_view(&out).ptr, in.ptr, wire_buf_len(&out)) == 0);
	crypt_key_wipe(&k);
	wire_buf_wipe(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ssh_bytes in = wire_bytes(data, size);
	if (fuzz_u8(&in) % 2 != 0) {
		try_private(in);
	} else {
		try_public(crypt_keyalgs_legacy, in);
		try_public(crypt_cert_keyalgs, in);
	}
	return 0;
}

static void seed_public(ssh_bytes blob)
{
	struct wire_buf b = {0};
	wire_put_u8(&b, 0);
	wire_put_raw(&b, blob);
	fuzz_seed_buf(&b);
}

static void seed_private(ssh_bytes key)
{
	struct wire_buf b = {0};
	if (key.len == 0)
		return;
	wire_put_u8(&b, 1);
	wire_put_raw(&b, key);
	fuzz_seed_buf(&b);
}

static void seed_generated(const struct crypt_keyalg *alg)
{
	struct crypt_drbg drbg;
	struct crypt_key k = {0};
	struct wire_buf public = {0}, private = {0};
	crypt_drbg_init(&drbg, wire_bytes_str(alg->name));
	struct crypt_rng rng = crypt_drbg_rng(&drbg);
	FUZZ_MUST(crypt_key_generate(&k, alg, 1024, &rng) == 0);
	crypt_key_put_public(&k, &public);
	crypt_key_put_private(&k, &private);
	seed_public(wire_buf_view(&public));
	seed_private(wire_buf_view(&private));
	wire_buf_wipe(&public);
	wire_buf_wipe(&private);
	crypt_key_wipe(&k);
}

void fuzz_seeds(void)
{
	seed_generated(&crypt_key_ed25519);
	seed_generated(&crypt_key_ed448);
	seed_generated(&crypt_key_ecdsa_nistp256);
	seed_generated(&crypt_key_ecdsa_nistp384);
	seed_generated(&crypt_key_ecdsa_nistp521);
	fuzz_rows("openssh-keys.txt", 1, seed_public);
	fuzz_rows("openssh-keys.txt", 4, seed_private);
	fuzz_rows("certs.txt", 1, seed_public);
}
