/* SPDX-License-Identifier: MIT */
#include "libauth/bcrypt.h"
#include "libauth/kdf.h"

/*
 * Deriving a key from a passphrase takes as long as the file wants, which would be all that a
 * fuzzer does. The linker leads these calls through here (--wrap): what asks for more than a few
 * rounds gets a few.
 */

#define ROUNDS 4
#define MEMORY 16

void __real_auth_pbkdf2(uint8_t *out, size_t n, ssh_bytes passphrase, const struct auth_pbkdf2 *p);
void __wrap_auth_pbkdf2(uint8_t *out, size_t n, ssh_bytes passphrase, const struct auth_pbkdf2 *p);
enum ssh_err __real_auth_scrypt(uint8_t *out, size_t n, ssh_bytes passphrase,
                                const struct auth_scrypt *p);
enum ssh_err __wrap_auth_scrypt(uint8_t *out, size_t n, ssh_bytes passphrase,
                                const struct auth_scrypt *p);
enum ssh_err __real_auth_bcrypt_pbkdf(uint8_t *out, size_t n, ssh_bytes passphrase, ssh_bytes salt,
                                      uint32_t rounds);
enum ssh_err __wrap_auth_bcrypt_pbkdf(uint8_t *out, size_t n, ssh_bytes passphrase, ssh_bytes salt,
                                      uint32_t rounds);
enum ssh_err __real_auth_argon2(uint8_t *out, size_t n, ssh_bytes passphrase,
                                const struct auth_argon2 *p);
enum ssh_err __wrap_auth_argon2(uint8_t *out, size_t n, ssh_bytes passphrase,
                                const struct auth_argon2 *p);

static uint32_t at_most(uint32_t v, uint32_t max)
{
	return v < max ? v : max;
}

void __wrap_auth_pbkdf2(uint8_t *out, size_t n, ssh_bytes passphrase, const struct auth_pbkdf2 *p)
{
	struct auth_pbkdf2 cheap = *p;
	cheap.iterations = at_most(p->iterations, ROUNDS);
	__real_auth_pbkdf2(out, n, passphrase, &cheap);
}

enum ssh_err __wrap_auth_scrypt(uint8_t *out, size_t n, ssh_bytes passphrase,
                                const struct auth_scrypt *p)
{
	struct auth_scrypt cheap = *p;
	if ((uint64_t)p->n * p->r > 256 && p->n >= MEMORY)
		cheap.n = MEMORY;
	if ((uint64_t)p->r * p->p > 32)
		cheap.r = cheap.p = at_most(p->r, 1);
	return __real_auth_scrypt(out, n, passphrase, &cheap);
}

enum ssh_err __wrap_auth_argon2(uint8_t *out, size_t n, ssh_bytes passphrase,
                                const struct auth_argon2 *p)
{
	struct auth_argon2 cheap = *p;
	cheap.passes = at_most(p->passes, 1);
	cheap.lanes = at_most(p->lanes, 1);
	cheap.memory = at_most(p->memory, MEMORY);
	return __real_auth_argon2(out, n, passphrase, &cheap);
}

enum ssh_err __wrap_auth_bcrypt_pbkdf(uint8_t *out, size_t n, ssh_bytes passphrase, ssh_bytes salt,
                                      uint32_t rounds)
{
	return __real_auth_bcrypt_pbkdf(out, n, passphrase, salt, at_most(rounds, 1));
}
