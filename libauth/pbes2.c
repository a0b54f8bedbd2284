/* SPDX-License-Identifier: MIT */
#include "libauth/pbes2_impl.h"
#include "libauth/filecipher_impl.h"
#include "libauth/kdf.h"
#include "libauth/keyform_impl.h"
#include "libauth/derkey_impl.h"
#include "libauth/pkcs8.h"

/** Bytes of salt that we write: RFC 8018 section 4 wants 8 at least, NIST SP 800-132 16. */
#define SALT_SIZE        16

#define PKCS(...)        DER_OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, __VA_ARGS__)
#define NIST_AES(number) DER_OID(0x60, 0x86, 0x48, 0x01, 0x65, 3, 4, 1, number)

static const ssh_bytes pbes2 = PKCS(1, 5, 13);
static const ssh_bytes pbkdf2 = PKCS(1, 5, 12);
static const ssh_bytes scrypt = DER_OID(0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 11);

static const struct {
	ssh_bytes oid;
	enum auth_prf prf;
} prfs[] = {
    {PKCS(2, 7), AUTH_PRF_SHA1},    {PKCS(2, 8), AUTH_PRF_SHA224},  {PKCS(2, 9), AUTH_PRF_SHA256},
    {PKCS(2, 10), AUTH_PRF_SHA384}, {PKCS(2, 11), AUTH_PRF_SHA512},
};
/* The row that we write. */
#define OURS 2

static const struct {
	ssh_bytes oid;
	const struct filecipher *cipher;
} ciphers[] = {
    {NIST_AES(2), &auth_file_aes128_cbc},
    {NIST_AES(22), &auth_file_aes192_cbc},
    {NIST_AES(42), &auth_file_aes256_cbc},
    {PKCS(3, 7), &auth_file_3des_cbc},
};

#define PRFS    (sizeof prfs / sizeof prfs[0])
#define CIPHERS (sizeof ciphers / sizeof ciphers[0])

/* --- Reading --- */

/* An error of the reader, of the algorithms, or none. */
static enum ssh_err end(struct wire_reader *r, enum ssh_err e)
{
	wire_reader_fail(r, e);
	return auth_file_error(wire_reader_end(r));
}

static enum ssh_err get_prf(struct wire_reader *r, enum auth_prf *prf)
{
	struct wire_reader s;
	ssh_bytes oid;

	*prf = AUTH_PRF_SHA1;
	if (!auth_der_is(r, AUTH_DER_SEQUENCE))
		return 0;
	s = auth_der_enter(r, AUTH_DER_SEQUENCE);
	oid = auth_der_get(&s, AUTH_DER_OID);
	if (auth_der_is(&s, AUTH_DER_NULL))
		(void)auth_der_get(&s, AUTH_DER_NULL);
	for (size_t i = 0; i < PRFS; i++)
		if (wire_bytes_equal(oid, prfs[i].oid)) {
			*prf = prfs[i].prf;
			return end(&s, 0);
		}
	return SSH_ERR_UNSUPPORTED;
}

/* The length of the key may be told, and must be right. */
static void get_key_length(struct wire_reader *r, const struct filecipher *c)
{
	if (auth_der_is(r, AUTH_DER_INTEGER) && auth_der_get_u32(r) != c->key_size)
		wire_reader_fail(r, SSH_ERR_MALFORMED);
}

static enum ssh_err derive_pbkdf2(struct filekey *key, struct wire_reader *r, ssh_bytes passphrase)
{
	struct auth_pbkdf2 p = {.salt = auth_der_get(r, AUTH_DER_OCTETS)};
	enum ssh_err e;

	p.iterations = auth_der_get_u32(r);
	get_key_length(r, key->cipher);
	if ((e = get_prf(r, &p.prf)) != 0 || (e = end(r, 0)) != 0)
		return e;
	if (p.iterations == 0)
		return SSH_ERR_FILE_DAMAGED;
	if (p.salt.len > AUTH_PKCS8_SALT_MAX || p.iterations > AUTH_PKCS8_ITERATIONS_MAX)
		return SSH_ERR_UNSUPPORTED;
	auth_pbkdf2(key->key, key->cipher->key_size, passphrase, &p);
	return 0;
}

static enum ssh_err derive_scrypt(struct filekey *key, struct wire_reader *r, ssh_bytes passphrase)
{
	struct auth_scrypt p = {.salt = auth_der_get(r, AUTH_DER_OCTETS)};
	enum ssh_err e;

	p.n = auth_der_get_u32(r);
	p.r = auth_der_get_u32(r);
	p.p = auth_der_get_u32(r);
	get_key_length(r, key->cipher);
	if ((e = end(r, 0)) != 0)
		return e;
	if (p.salt.len > AUTH_PKCS8_SALT_MAX)
		return SSH_ERR_UNSUPPORTED;
	e = auth_scrypt(key->key, key->cipher->key_size, passphrase, &p);
	return e == SSH_ERR_ARGUMENT ? SSH_ERR_FILE_DAMAGED : e;
}

/* The cipher and its IV, of the encryption scheme. */
static enum ssh_err get_cipher(struct filekey *key, struct wire_reader *params)
{
	struct wire_reader s = auth_der_enter(params, AUTH_DER_SEQUENCE);
	ssh_bytes oid = auth_der_get(&s, AUTH_DER_OID), iv;

	for (size_t i = 0; i < CIPHERS; i++)
		if (wire_bytes_equal(oid, ciphers[i].oid))
			key->cipher = ciphers[i].cipher;
	if (key->cipher == NULL)
		return oid.len == 0 ? SSH_ERR_FILE_DAMAGED : SSH_ERR_UNSUPPORTED;
	iv = auth_der_get(&s, AUTH_DER_OCTETS);
	if (iv.len != key->cipher->iv_size)
		return SSH_ERR_FILE_DAMAGED;
	memcpy(key->iv, iv.ptr, iv.len);
	return end(&s, 0);
}

/* PBES2-params: how the key is made, and what it is for. */
static enum ssh_err get_params(struct filekey *key, struct wire_reader *algorithm,
                               ssh_bytes passphrase)
{
	struct wire_reader params = auth_der_enter(algorithm, AUTH_DER_SEQUENCE), kdf, inner;
	ssh_bytes oid;
	enum ssh_err e;

	kdf = auth_der_enter(&params, AUTH_DER_SEQUENCE);
	oid = auth_der_get(&kdf, AUTH_DER_OID);
	inner = auth_der_enter(&kdf, AUTH_DER_SEQUENCE);
	if ((e = end(&kdf, 0)) != 0 || (e = get_cipher(key, &params)) != 0 ||
	    (e = end(&params, 0)) != 0 || (e = end(algorithm, 0)) != 0)
		return e;
	if (passphrase.len == 0)
		return SSH_ERR_PASSPHRASE;
	if (wire_bytes_equal(oid, pbkdf2))
		return derive_pbkdf2(key, &inner, passphrase);
	if (wire_bytes_equal(oid, scrypt))
		return derive_scrypt(key, &inner, passphrase);
	return SSH_ERR_UNSUPPORTED;
}

static enum ssh_err decrypt(struct wire_buf *plain, struct filekey *key, ssh_bytes der,
                            ssh_bytes passphrase)
{
	struct wire_reader r, s, algorithm;
	ssh_bytes data;
	enum ssh_err e;

	wire_reader_init(&r, der);
	s = auth_der_enter(&r, AUTH_DER_SEQUENCE);
	algorithm = auth_der_enter(&s, AUTH_DER_SEQUENCE);
	data = auth_der_get(&s, AUTH_DER_OCTETS);
	if ((e = end(&s, 0)) != 0 || (e = end(&r, 0)) != 0)
		return e;
	/* PBES1 and the ciphers of PKCS #12 are too weak to be called encryption. */
	if (!wire_bytes_equal(auth_der_get(&algorithm, AUTH_DER_OID), pbes2))
		return SSH_ERR_UNSUPPORTED;
	if ((e = get_params(key, &algorithm, passphrase)) != 0)
		return e;
	wire_put_raw(plain, data);
	return auth_filecipher_open_der(key, plain);
}

enum ssh_err auth_pbes2_open(struct wire_buf *plain, ssh_bytes der, ssh_bytes passphrase)
{
	struct filekey key = {.cipher = NULL};
	enum ssh_err e = decrypt(plain, &key, der, passphrase);

	wire_wipe(&key, sizeof key);
	return e;
}

/* --- Writing --- */

static void put_prf(struct wire_buf *out)
{
	size_t mark = auth_der_begin(out, AUTH_DER_SEQUENCE);

	auth_der_put(out, AUTH_DER_OID, prfs[OURS].oid);
	auth_der_put(out, AUTH_DER_NULL, wire_bytes(NULL, 0));
	auth_der_end(out, mark);
}

static void put_algorithm(struct wire_buf *out, size_t cipher, const struct filekey *key,
                          const struct auth_pbkdf2 *p)
{
	size_t algorithm = auth_der_begin(out, AUTH_DER_SEQUENCE), params, part, inner;

	auth_der_put(out, AUTH_DER_OID, pbes2);
	params = auth_der_begin(out, AUTH_DER_SEQUENCE);
	part = auth_der_begin(out, AUTH_DER_SEQUENCE);
	auth_der_put(out, AUTH_DER_OID, pbkdf2);
	inner = auth_der_begin(out, AUTH_DER_SEQUENCE);
	auth_der_put(out, AUTH_DER_OCTETS, p->salt);
	auth_der_put_u32(out, p->iterations);
	put_prf(out);
	auth_der_end(out, inner);
	auth_der_end(out, part);
	part = auth_der_begin(out, AUTH_DER_SEQUENCE);
	auth_der_put(out, AUTH_DER_OID, ciphers[cipher].oid);
	auth_der_put(out, AUTH_DER_OCTETS, wire_bytes(key->iv, key->cipher->iv_size));
	auth_der_end(out, part);
	auth_der_end(out, params);
	auth_der_end(out, algorithm);
}

static enum ssh_err encrypt(struct wire_buf *out, struct filekey *key, ssh_bytes plain,
                            const struct auth_keyfile_options *o, const struct crypt_rng *rng)
{
	struct auth_pbkdf2 p = {.prf = prfs[OURS].prf};
	uint8_t salt[SALT_SIZE];
	size_t i = 0, mark, octets;
	enum ssh_err e;

	key->cipher = o->cipher == NULL ? &auth_file_aes256_cbc
	                                : auth_filecipher_find(wire_bytes_str(o->cipher));
	while (i < CIPHERS && ciphers[i].cipher != key->cipher)
		i++;
	if (i == CIPHERS)
		return SSH_ERR_UNSUPPORTED;
	p.iterations = o->rounds == 0 ? AUTH_PKCS8_ITERATIONS_DEFAULT : o->rounds;
	if (p.iterations > AUTH_PKCS8_ITERATIONS_MAX)
		return SSH_ERR_ARGUMENT;
	if ((e = crypt_rng_fill(rng, salt, sizeof salt)) != 0 ||
	    (e = crypt_rng_fill(rng, key->iv, key->cipher->iv_size)) != 0)
		return e;
	p.salt = wire_bytes(salt, sizeof salt);
	auth_pbkdf2(key->key, key->cipher->key_size, o->passphrase, &p);
	mark = auth_der_begin(out, AUTH_DER_SEQUENCE);
	put_algorithm(out, i, key, &p);
	octets = auth_der_begin(out, AUTH_DER_OCTETS);
	wire_put_raw(out, plain);
	auth_filecipher_seal_der(key, out, plain.len);
	auth_der_end(out, octets);
	auth_der_end(out, mark);
	return wire_buf_end(out);
}

enum ssh_err auth_pbes2_put(struct wire_buf *out, ssh_bytes plain,
                            const struct auth_keyfile_options *o, const struct crypt_rng *rng)
{
	struct filekey key = {.cipher = NULL};
	enum ssh_err e = encrypt(out, &key, plain, o, rng);

	wire_wipe(&key, sizeof key);
	return e;
}
