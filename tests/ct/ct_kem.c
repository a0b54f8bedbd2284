/* SPDX-License-Identifier: MIT */
#include "libcrypt/kem.h"

#include <stdio.h>
#include <stdlib.h>
#include <valgrind/memcheck.h>

/*
 * For valgrind's memcheck, which reports every branch and every index that depends on undefined
 * bytes: secrets are marked as undefined, and what comes of them in the open as defined again.
 *
 *     ct_kem use       encaps and decaps, of ciphertexts good and bad
 *     ct_kem keygen    which has branches on what is public: tests/ct/public.supp names them
 *     ct_kem leak      a branch on a secret, to see that it is reported
 */

static void secret(void *p, size_t n)
{
	VALGRIND_MAKE_MEM_UNDEFINED(p, n);
}

static void in_the_open(void *p, size_t n)
{
	VALGRIND_MAKE_MEM_DEFINED(p, n);
}

static void check(bool ok, const struct crypt_kem *kem, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", kem->name, what);
	exit(2);
}

/* Randomness that is marked as secret. */
static enum ssh_err secret_fill(void *ctx, uint8_t *out, size_t n)
{
	const struct crypt_rng *rng = ctx;
	enum ssh_err e = crypt_rng_fill(rng, out, n);
	secret(out, n);
	return e;
}

struct session {
	const struct crypt_kem *kem;
	struct crypt_rng rng, secret_rng;
	uint8_t public_key[CRYPT_KEM_PUBLIC_MAX];
	uint8_t secret_key[CRYPT_KEM_SECRET_MAX];
	uint8_t ciphertext[CRYPT_KEM_CIPHERTEXT_MAX];
	uint8_t theirs[CRYPT_KEM_SHARED_MAX];
	uint8_t ours[CRYPT_KEM_SHARED_MAX];
};

/* All of a secret key but the public key in it, and what follows that: a hash of it, in ML-KEM. */
static void secret_parts(struct session *s)
{
	size_t n = s->kem->public_size;
	size_t at = 0;
	while (memcmp(s->secret_key + at, s->public_key, n) != 0)
		at++;
	check(at + n + 32 <= s->kem->secret_size, s->kem, "no public key in the secret key");
	secret(s->secret_key, at);
	secret(s->secret_key + at + n + 32, s->kem->secret_size - at - n - 32);
	if (s->kem == &crypt_sntrup761)
		secret(s->secret_key + at + n, 32);
}

/* Does it give the shared secret that the other side has? */
static bool decaps(struct session *s)
{
	enum ssh_err e = s->kem->decaps(s->kem, s->secret_key, s->ciphertext, s->ours);
	check(e == 0, s->kem, "decaps fails");
	in_the_open(s->ours, sizeof s->ours);
	return memcmp(s->ours, s->theirs, s->kem->shared_size) == 0;
}

static void use(struct session *s)
{
	const struct crypt_kem *kem = s->kem;
	check(kem->keygen(kem, &s->rng, s->public_key, s->secret_key) == 0, kem, "keygen fails");
	check(kem->encaps(kem, &s->secret_rng, s->public_key, s->ciphertext, s->theirs) == 0, kem,
	      "encaps fails");
	in_the_open(s->ciphertext, sizeof s->ciphertext);
	in_the_open(s->theirs, sizeof s->theirs);
	secret_parts(s);
	check(decaps(s), kem, "a good ciphertext is rejected");
	s->ciphertext[5] ^= 1;
	check(!decaps(s), kem, "a bad ciphertext is taken");
	s->ciphertext[5] ^= 1;
	s->ciphertext[kem->ciphertext_size - 1] ^= 1;
	check(!decaps(s), kem, "a bad ciphertext is taken");
}

static void keygen(struct session *s)
{
	const struct crypt_kem *kem = s->kem;
	check(kem->keygen(kem, &s->secret_rng, s->public_key, s->secret_key) == 0, kem,
	      "keygen fails");
}

static void leak(struct session *s)
{
	keygen(s);
	if ((s->secret_key[0] & 1) != 0)
		printf("odd\n");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct session *s);
	} modes[] = {{"use", use}, {"keygen", keygen}, {"leak", leak}};
	struct crypt_drbg d;
	struct crypt_rng rng = crypt_drbg_rng(&d);
	if (argc != 2 || !RUNNING_ON_VALGRIND)
		return 2;
	for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
		for (size_t i = 0; crypt_kems[i] != NULL; i++) {
			struct session s = {.kem = crypt_kems[i], .rng = rng};
			s.secret_rng = (struct crypt_rng){secret_fill, &s.rng};
			crypt_drbg_init(&d, wire_bytes_str(s.kem->name));
			if (strcmp(argv[1], modes[m].name) == 0)
				modes[m].run(&s);
		}
	}
	return 0;
}
