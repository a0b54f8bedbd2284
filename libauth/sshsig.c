/* SPDX-License-Identifier: MIT */
#include "libauth/sshsig.h"
#include "libauth/base64.h"
#include "libauth/text.h"

#define MAGIC   "SSHSIG"
#define VERSION 1
#define LABEL   "SSH SIGNATURE"

static const struct crypt_hash *const hashes[] = {&crypt_sha512, &crypt_sha256, NULL};

const struct crypt_hash *auth_sshsig_hash(ssh_bytes name)
{
	size_t i = 0;

	while (hashes[i] != NULL && !wire_bytes_is(name, hashes[i]->name))
		i++;
	return hashes[i];
}

/* --- The blob --- */

enum ssh_err auth_sshsig_parse(struct auth_sshsig *s, ssh_bytes blob)
{
	struct auth_sshsig found = {.hash = NULL};
	struct wire_reader r;

	wire_reader_init(&r, blob);
	if (!wire_bytes_is(wire_get_raw(&r, sizeof MAGIC - 1), MAGIC))
		return SSH_ERR_FILE_FORMAT;
	if (wire_get_u32(&r) != VERSION)
		return SSH_ERR_UNSUPPORTED;
	found.key = wire_get_string(&r);
	found.space = wire_get_string(&r);
	found.reserved = wire_get_string(&r);
	found.hash = auth_sshsig_hash(wire_get_string(&r));
	found.signature = wire_get_string(&r);
	if (wire_reader_end(&r) != 0 || found.space.len == 0)
		return SSH_ERR_FILE_DAMAGED;
	if (found.hash == NULL)
		return SSH_ERR_UNSUPPORTED;
	*s = found;
	return 0;
}

void auth_sshsig_put_blob(struct wire_buf *out, const struct auth_sshsig *s)
{
	wire_put_raw(out, wire_bytes_str(MAGIC));
	wire_put_u32(out, VERSION);
	wire_put_string(out, s->key);
	wire_put_string(out, s->space);
	wire_put_string(out, s->reserved);
	wire_put_str(out, s->hash->name);
	wire_put_string(out, s->signature);
}

void auth_sshsig_put_signed(struct wire_buf *out, const struct auth_sshsig *s,
                            const uint8_t *digest)
{
	wire_put_raw(out, wire_bytes_str(MAGIC));
	wire_put_string(out, s->space);
	wire_put_string(out, s->reserved);
	wire_put_str(out, s->hash->name);
	wire_put_string(out, wire_bytes(digest, s->hash->size));
}

/* --- Armour --- */

enum ssh_err auth_sshsig_get(struct wire_buf *blob, ssh_bytes text)
{
	size_t before = wire_buf_len(blob);
	ssh_bytes body;
	enum ssh_err e = auth_armor_body(&body, LABEL, text);

	/* A byte in three is line end at most, for no writer breaks lines after two characters. */
	if (e == 0 && body.len > 2 * (size_t)AUTH_SSHSIG_MAX)
		e = SSH_ERR_TOO_LONG;
	if (e != 0 || (e = auth_base64_get(blob, body)) != 0)
		return e;
	if (wire_buf_len(blob) - before <= AUTH_SSHSIG_MAX)
		return 0;
	wire_buf_cut(blob, before);
	return SSH_ERR_TOO_LONG;
}

void auth_sshsig_put(struct wire_buf *out, ssh_bytes blob)
{
	auth_armor_put(out, LABEL, blob);
}

/* --- Keys --- */

/* SHA-1 is what DSA has, and RSA's first algorithm. */
static bool is_strong(const struct crypt_sigalg *alg)
{
	return alg->hash != &crypt_sha1;
}

static const struct crypt_sigalg *find_alg(const struct crypt_key *k, ssh_bytes signature)
{
	const struct crypt_sigalg *const *alg = k->alg->sigs;
	struct wire_reader r;
	ssh_bytes name;

	wire_reader_init(&r, signature);
	name = wire_get_string(&r);
	while (*alg != NULL &&
	       (!is_strong(*alg) || !wire_bytes_is(name, crypt_sigalg_signature_name(*alg))))
		alg++;
	return *alg;
}

static enum ssh_err parse_key(struct crypt_key *k, ssh_bytes blob)
{
	enum ssh_err e = crypt_key_parse_public(k, crypt_keyalgs, blob);

	if (e == SSH_ERR_UNSUPPORTED)
		e = crypt_key_parse_public(k, crypt_cert_keyalgs, blob);
	return e == 0 || e == SSH_ERR_UNSUPPORTED || e == SSH_ERR_NO_MEMORY ? e : SSH_ERR_KEY;
}

enum ssh_err auth_sshsig_verify(const struct auth_sshsig *s, ssh_bytes space, const uint8_t *digest)
{
	const struct crypt_sigalg *alg;
	struct crypt_key k = {0};
	struct wire_buf data = {0};
	enum ssh_err e;

	if (!wire_bytes_equal(s->space, space))
		return SSH_ERR_ARGUMENT;
	if ((e = parse_key(&k, s->key)) != 0)
		return e;
	alg = find_alg(&k, s->signature);
	auth_sshsig_put_signed(&data, s, digest);
	if (alg == NULL)
		e = SSH_ERR_UNSUPPORTED;
	else if ((e = wire_buf_end(&data)) == 0)
		e = crypt_key_verify(&k, alg, wire_buf_view(&data), s->signature);
	wire_buf_wipe(&data);
	crypt_key_wipe(&k);
	return e;
}

static enum ssh_err sign(struct wire_buf *signature, const struct auth_sshsig *s,
                         const struct crypt_key *k, const uint8_t *digest,
                         const struct crypt_rng *rng)
{
	struct wire_buf data = {0};
	enum ssh_err e;

	auth_sshsig_put_signed(&data, s, digest);
	if ((e = wire_buf_end(&data)) == 0)
		e = crypt_key_sign(k, k->alg->sigs[0], wire_buf_view(&data), rng, signature);
	wire_buf_wipe(&data);
	return e;
}

enum ssh_err auth_sshsig_sign(struct wire_buf *out, const struct auth_sshsig *s,
                              const struct crypt_key *k, const uint8_t *digest,
                              const struct crypt_rng *rng)
{
	struct wire_buf key = {0}, signature = {0};
	struct auth_sshsig whole = *s;
	size_t before = wire_buf_len(out);
	enum ssh_err e;

	if (s->space.len == 0 || s->hash == NULL)
		return SSH_ERR_ARGUMENT;
	if (k->alg == NULL || !is_strong(k->alg->sigs[0]))
		return SSH_ERR_UNSUPPORTED;
	crypt_key_put_public(k, &key);
	if ((e = wire_buf_end(&key)) == 0 && (e = sign(&signature, s, k, digest, rng)) == 0) {
		whole.key = wire_buf_view(&key);
		whole.signature = wire_buf_view(&signature);
		auth_sshsig_put_blob(out, &whole);
		if ((e = wire_buf_end(out)) != 0)
			wire_buf_cut(out, before);
	}
	wire_buf_wipe(&key);
	wire_buf_wipe(&signature);
	return e;
}
