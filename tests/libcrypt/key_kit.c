/* SPDX-License-Identifier: MIT */
#include "tests/libcrypt/key_kit.h"
#include "tests/libcrypt/token.h"

#include "tests/support/rows.h"

#include <criterion/criterion.h>

/* RSA keys of this size are made fast. */
#define TEST_BITS 1024

struct wire_buf kit_hex(const char *hex)
{
	struct wire_buf b = {0};
	unhex(&b, hex);
	return b;
}

struct crypt_rng kit_rng(struct crypt_drbg *d, const char *seed)
{
	crypt_drbg_init(d, wire_bytes_str(seed));
	return crypt_drbg_rng(d);
}

static enum ssh_err failing_fill(void *ctx, uint8_t *out, size_t n)
{
	size_t *left = ctx;
	if (*left == 0)
		return SSH_ERR_RANDOM;
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(*left * 31 + i * 7 + 1);
	(*left)--;
	return SSH_OK;
}

struct crypt_rng kit_failing_rng(size_t *left)
{
	return (struct crypt_rng){.fill = failing_fill, .ctx = left};
}

struct wire_buf kit_public(const struct crypt_key *k)
{
	struct wire_buf b = {0};
	crypt_key_put_public(k, &b);
	cr_assert_eq(wire_buf_end(&b), SSH_OK);
	return b;
}

struct wire_buf kit_private(const struct crypt_key *k)
{
	struct wire_buf b = {0};
	crypt_key_put_private(k, &b);
	cr_assert_eq(wire_buf_end(&b), SSH_OK);
	return b;
}

enum ssh_err kit_parse_private(struct crypt_key *k, ssh_bytes blob)
{
	struct wire_reader r;
	wire_reader_init(&r, blob);
	enum ssh_err e = crypt_key_get_private(k, crypt_keyalgs_legacy, &r);
	return e != SSH_OK ? e : wire_reader_end(&r);
}

struct crypt_key kit_generate(const struct crypt_keyalg *alg)
{
	struct crypt_drbg d;
	struct crypt_key k = {0};
	struct crypt_rng rng = kit_rng(&d, alg->name);
	if (alg->generate == NULL)
		return token_make(alg);
	cr_assert_eq(crypt_key_generate(&k, alg, TEST_BITS, &rng), SSH_OK, "%s", alg->name);
	return k;
}

struct crypt_key kit_key(const char *hex)
{
	struct wire_buf blob = kit_hex(hex);
	struct crypt_key k = {0};
	cr_assert_eq(crypt_key_parse_public(&k, crypt_keyalgs_legacy, wire_buf_view(&blob)), SSH_OK,
	             "%s", hex);
	wire_buf_wipe(&blob);
	return k;
}

/* rows_each has no argument for its caller. */
static const char *wanted;
static struct crypt_key found;

static void look_for(const char *const *column)
{
	if (strcmp(column[0], wanted) != 0)
		return;
	struct wire_buf blob = kit_hex(column[4]);
	cr_assert_eq(kit_parse_private(&found, wire_buf_view(&blob)), SSH_OK, "%s", wanted);
	wire_buf_wipe(&blob);
}

struct crypt_key kit_openssh_key(const char *file)
{
	wanted = file;
	found = (struct crypt_key){0};
	rows_each("openssh-keys.txt", 5, look_for);
	cr_assert(found.has_private, "%s", file);
	return found;
}

struct wire_buf kit_signature(const struct crypt_sigalg *alg, ssh_bytes inner)
{
	struct wire_buf b = {0};
	wire_put_str(&b, crypt_sigalg_signature_name(alg));
	if (alg->bare)
		wire_put_raw(&b, inner);
	else
		wire_put_string(&b, inner);
	cr_assert_eq(wire_buf_end(&b), SSH_OK);
	return b;
}

struct wire_buf kit_sign(const struct crypt_key *k, const struct crypt_sigalg *alg, ssh_bytes data)
{
	struct crypt_drbg d;
	struct crypt_rng rng = kit_rng(&d, alg->name);
	struct crypt_sk_info present = {.flags = CRYPT_SK_USER_PRESENT, .counter = 7};
	struct wire_buf b = {0};
	if (crypt_key_is_sk(k))
		return token_sign(k, alg, data, &present);
	cr_assert_eq(crypt_key_sign(k, alg, data, &rng, &b), SSH_OK, "%s", alg->name);
	return b;
}

bool kit_is_empty(const struct crypt_key *k)
{
	static const struct crypt_key empty;
	return memcmp(k, &empty, sizeof empty) == 0;
}

void kit_refuse_public(struct wire_buf *blob, enum ssh_err want, const char *row)
{
	struct crypt_key k;
	memset(&k, 0xa5, sizeof k);
	cr_assert_eq(wire_buf_end(blob), SSH_OK);
	enum ssh_err e = crypt_key_parse_public(&k, crypt_keyalgs_legacy, wire_buf_view(blob));
	cr_assert_eq(e, want, "%s: %d, not %d", row, (int)e, (int)want);
	cr_assert(kit_is_empty(&k), "%s", row);
	wire_buf_wipe(blob);
}

void kit_refuse_private(struct wire_buf *blob, enum ssh_err want, const char *row)
{
	struct crypt_key k;
	memset(&k, 0xa5, sizeof k);
	cr_assert_eq(wire_buf_end(blob), SSH_OK);
	enum ssh_err e = kit_parse_private(&k, wire_buf_view(blob));
	cr_assert_eq(e, want, "%s: %d, not %d", row, (int)e, (int)want);
	cr_assert(kit_is_empty(&k), "%s", row);
	wire_buf_wipe(blob);
}
