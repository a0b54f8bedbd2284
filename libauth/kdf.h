/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_KDF_H
#define NACRE_LIBAUTH_KDF_H

#include "libwire/buf.h"

/** The functions that PBKDF2 may be made of. */
enum auth_prf { AUTH_PRF_SHA1, AUTH_PRF_SHA224, AUTH_PRF_SHA256, AUTH_PRF_SHA384, AUTH_PRF_SHA512 };

/** Bytes of memory that scrypt may take: twice what OpenSSL's default parameters need. */
#define AUTH_SCRYPT_MEMORY_MAX ((size_t)32 << 20)
/** The largest product of N, r and p: eight times what OpenSSL's default has, about 1 s. */
#define AUTH_SCRYPT_WORK_MAX   ((uint64_t)1 << 20)

/**
 * PBKDF2 with HMAC.
 *
 *   out          `n` bytes
 *   iterations   1 or more; bound what comes from a file
 *
 * Secrets: passphrase and out.   RFC 8018 section 5.2.
 */
struct auth_pbkdf2 {
	enum auth_prf prf;
	ssh_bytes salt;
	uint32_t iterations;
};
void auth_pbkdf2(uint8_t *out, size_t n, ssh_bytes passphrase, const struct auth_pbkdf2 *p);

/** The parameters of scrypt; N is the cost, r the block size, p the parallelism. */
struct auth_scrypt {
	ssh_bytes salt;
	uint32_t n, r, p;
};

/**
 * scrypt.
 *
 *   out   `n` bytes
 *
 * Returns 0; SSH_ERR_ARGUMENT if N is not a power of 2 above 1, or r or p is 0;
 * SSH_ERR_UNSUPPORTED if memory or work is over its bound; SSH_ERR_NO_MEMORY.
 *
 * Secrets: passphrase and out. Memory is looked up by secrets, as scrypt wants it.   RFC 7914.
 */
enum ssh_err auth_scrypt(uint8_t *out, size_t n, ssh_bytes passphrase, const struct auth_scrypt *p);

/** Bytes of memory that Argon2 may take: 32 times what PuTTY asks for. */
#define AUTH_ARGON2_MEMORY_MAX ((size_t)256 << 20)
/** The largest product of memory, in KiB, and passes: about 10 s; PuTTY's is a hundredth of it. */
#define AUTH_ARGON2_WORK_MAX   ((uint64_t)8 << 20)
/** The most lanes: they are computed one after the other here. */
#define AUTH_ARGON2_LANES_MAX  256

/** Bytes of salt; PuTTY's files have 16. */
#define AUTH_ARGON2_SALT_MAX   64

/** Which memory is looked at: by secrets (D), not by secrets (I), not in the first half of a pass (ID). */
enum auth_argon2_flavour { AUTH_ARGON2_D, AUTH_ARGON2_I, AUTH_ARGON2_ID };

/** The parameters of Argon2, version 0x13; memory in KiB. */
struct auth_argon2 {
	enum auth_argon2_flavour flavour;
	ssh_bytes salt; /* 8 bytes or more */
	uint32_t memory, passes, lanes;
};

/** Was there a library for Argon2 when this one was built? */
bool auth_argon2_is_there(void);

/**
 * Argon2.
 *
 *   out   `n` bytes, 4 or more
 *
 * Returns 0; SSH_ERR_UNSUPPORTED without the library, or if memory, work or lanes are over their
 * bound; SSH_ERR_ARGUMENT if a number is less than Argon2 asks for (1 pass, 1 lane, 8 KiB a lane, 8
 * bytes of salt, 4 of output); SSH_ERR_NO_MEMORY.
 *
 * Secrets: passphrase and out; the memory is wiped.   RFC 9106.
 */
enum ssh_err auth_argon2(uint8_t *out, size_t n, ssh_bytes passphrase, const struct auth_argon2 *p);

#endif
