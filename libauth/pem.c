/* SPDX-License-Identifier: MIT */
#include "libauth/pem.h"
#include "libauth/base64.h"
#include "libauth/derkey_impl.h"
#include "libauth/filecipher_impl.h"
#include "libauth/nettle_impl.h"
#include "libauth/text.h"

#include <nettle/base16.h>
#include <nettle/md5.h>

/** The salt is the first bytes of the IV. */
#define SALT_SIZE 8
#define DEK_INFO  "DEK-Info:"
#define ENCRYPTED "Proc-Type: 4,ENCRYPTED"

static enum ssh_err get_ec(struct wire_buf *private, ssh_bytes der)
{
	return auth_derkey_get_ec(private, der, NULL);
}

static void put_ec(struct wire_buf *out, const struct keyfields *f)
{
	auth_derkey_put_ec(out, f, true);
}

/* What is in the armour, by its label. */
static const struct content {
	const char *label;
	const char *key; /* type, or the beginning of it */
	enum ssh_err (*get)(struct wire_buf *private, ssh_bytes der);
	void (*put)(struct wire_buf *out, const struct keyfields *f);
} contents[] = {
    {"RSA PRIVATE KEY", "ssh-rsa", auth_derkey_get_rsa, auth_derkey_put_rsa},
    {"EC PRIVATE KEY", "ecdsa-sha2-", get_ec, put_ec},
    {"DSA PRIVATE KEY", "ssh-dss", auth_derkey_get_dsa, auth_derkey_put_dsa},
};

#define CONTENTS (sizeof contents / sizeof contents[0])

static const struct content *find_content(ssh_bytes text, ssh_bytes *body, enum ssh_err *e)
{
	for (size_t i = 0; i < CONTENTS; i++)
		if ((*e = auth_armor_body(body, contents[i].label, text)) != SSH_ERR_FILE_FORMAT)
			return &contents[i];
	return NULL;
}

static bool is_pem(ssh_bytes line)
{
	ssh_bytes body;
	enum ssh_err e;

	return find_content(line, &body, &e) != NULL;
}

/* --- Encryption --- */

/* Key after key, each MD5 of the one before, the passphrase and the salt. */
static void derive(struct filekey *key, ssh_bytes passphrase)
{
	uint8_t digest[MD5_DIGEST_SIZE];
	struct md5_ctx md5;
	size_t n = 0;

	while (n < key->cipher->key_size) {
		size_t more = key->cipher->key_size - n;

		md5_init(&md5);
		if (n > 0)
			md5_update(&md5, sizeof digest, digest);
		md5_update(&md5, passphrase.len, passphrase.ptr);
		md5_update(&md5, SALT_SIZE, key->iv);
		md5_digest(&md5, NETTLE_LENGTH(sizeof digest) digest);
		memcpy(key->key + n, digest, more < sizeof digest ? more : sizeof digest);
		n += more < sizeof digest ? more : sizeof digest;
	}
	wire_wipe(digest, sizeof digest);
	wire_wipe(&md5, sizeof md5);
}

/* "AES-128-CBC,0123...": the cipher and, in hexadecimal, the IV. */
static enum ssh_err get_dek(struct filekey *key, ssh_bytes value)
{
	const uint8_t *comma = value.len == 0 ? NULL : memchr(value.ptr, ',', value.len);
	struct base16_decode_ctx hex;
	size_t n = sizeof key->iv;
	ssh_bytes name, iv;

	if (comma == NULL)
		return SSH_ERR_FILE_DAMAGED;
	name = wire_bytes(value.ptr, (size_t)(comma - value.ptr));
	iv = wire_bytes_skip(value, name.len + 1);
	if ((key->cipher = auth_filecipher_find_pem(name)) == NULL)
		return SSH_ERR_UNSUPPORTED;
	base16_decode_init(&hex);
	if (iv.len != 2 * key->cipher->iv_size ||
	    base16_decode_update(&hex, &n, key->iv, iv.len, (const char *)iv.ptr) == 0 ||
	    base16_decode_final(&hex) == 0)
		return SSH_ERR_FILE_DAMAGED;
	return 0;
}

/* Take the headers, if there are any, and the blank line behind them off the front. */
static enum ssh_err get_headers(struct filekey *key, ssh_bytes *body)
{
	ssh_bytes rest = *body, line, dek = wire_bytes_str(DEK_INFO);
	enum ssh_err e;

	while (auth_text_line(&rest, &line)) {
		line = auth_text_trim(line);
		if (line.len == 0 || memchr(line.ptr, ':', line.len) == NULL)
			break;
		if (line.len >= dek.len && memcmp(line.ptr, dek.ptr, dek.len) == 0 &&
		    (e = get_dek(key, auth_text_trim(wire_bytes_skip(line, dek.len)))) != 0)
			return e;
		*body = rest;
	}
	return 0;
}

/* --- Reading --- */

static enum ssh_err get_private(struct wire_buf *private, struct wire_buf *data,
                                struct filekey *key, ssh_bytes text, ssh_bytes passphrase)
{
	const struct content *c;
	ssh_bytes body;
	enum ssh_err e;

	if ((c = find_content(text, &body, &e)) == NULL || e != 0 ||
	    (e = get_headers(key, &body)) != 0)
		return e;
	if (key->cipher != NULL && passphrase.len == 0)
		return SSH_ERR_PASSPHRASE;
	if ((e = auth_base64_get(data, body)) != 0)
		return e;
	if (key->cipher != NULL) {
		derive(key, passphrase);
		if ((e = auth_filecipher_open_der(key, data)) != 0)
			return e;
	}
	return c->get(private, wire_buf_view(data));
}

/* The private form of what the file holds. */
static enum ssh_err get_file(struct wire_buf *private, ssh_bytes text, ssh_bytes passphrase)
{
	struct filekey key = {.cipher = NULL};
	struct wire_buf data = {0};
	enum ssh_err e = get_private(private, &data, &key, text, passphrase);

	wire_wipe(&key, sizeof key);
	wire_buf_wipe(&data);
	return e;
}

static enum ssh_err open_pem(struct crypt_key *k, struct wire_buf *comment,
                             const struct crypt_keyalg *const *algs, ssh_bytes text,
                             ssh_bytes passphrase)
{
	(void)comment;
	return auth_keyform_open(get_file, k, algs, text, passphrase);
}

static enum ssh_err public_pem(struct wire_buf *blob, ssh_bytes text)
{
	return auth_keyform_public(get_file, blob, text);
}

/* --- Writing --- */

static void put_headers(struct wire_buf *out, const struct filekey *key)
{
	char hex[BASE16_ENCODE_LENGTH(FILECIPHER_IV_MAX)];

	base16_encode_update(hex, key->cipher->iv_size, key->iv);
	for (size_t i = 0; i < 2 * key->cipher->iv_size; i++)
		if (hex[i] >= 'a' && hex[i] <= 'f')
			hex[i] = (char)(hex[i] - 'a' + 'A');
	wire_put_raw(out, wire_bytes_str(ENCRYPTED "\n" DEK_INFO " "));
	wire_put_raw(out, wire_bytes_str(key->cipher->pem));
	wire_put_u8(out, ',');
	wire_put_raw(out, wire_bytes(hex, 2 * key->cipher->iv_size));
	wire_put_raw(out, wire_bytes_str("\n\n"));
}

/* The cipher and an IV, if there is a passphrase. */
static enum ssh_err choose(struct filekey *key, const struct auth_keyfile_options *o,
                           const struct crypt_rng *rng)
{
	if (o->passphrase.len == 0)
		return 0;
	key->cipher = o->cipher == NULL ? &auth_file_aes128_cbc
	                                : auth_filecipher_find(wire_bytes_str(o->cipher));
	if (key->cipher == NULL || key->cipher->pem == NULL)
		return SSH_ERR_UNSUPPORTED;
	return crypt_rng_fill(rng, key->iv, key->cipher->iv_size);
}

static const struct content *content_of(const struct keyfields *f)
{
	for (size_t i = 0; i < CONTENTS; i++)
		if (strncmp(f->layout->name, contents[i].key, strlen(contents[i].key)) == 0)
			return &contents[i];
	return NULL;
}

/* The scratch of writing: bufs[0] the private form, bufs[1] the DER, bufs[2] the headers. */
static enum ssh_err put_file(struct wire_buf *out, struct wire_buf bufs[3],
                             const struct crypt_key *k, struct filekey *key, ssh_bytes passphrase)
{
	const struct content *c;
	struct keyfields f;
	enum ssh_err e;

	if ((e = auth_keyfields_of(&f, &bufs[0], k)) != 0)
		return e;
	if ((c = content_of(&f)) == NULL)
		return SSH_ERR_UNSUPPORTED;
	c->put(&bufs[1], &f);
	if (key->cipher != NULL) {
		derive(key, passphrase);
		auth_filecipher_seal_der(key, &bufs[1], wire_buf_len(&bufs[1]));
		put_headers(&bufs[2], key);
	}
	if ((e = wire_buf_end(&bufs[1])) != 0)
		return e;
	auth_armor_put_pem(out, c->label, wire_buf_view(&bufs[2]), wire_buf_view(&bufs[1]));
	return wire_buf_end(&bufs[2]);
}

static enum ssh_err put_pem(struct wire_buf *out, const struct crypt_key *k,
                            const struct auth_keyfile_options *o, const struct crypt_rng *rng)
{
	struct filekey key = {.cipher = NULL};
	struct wire_buf bufs[3] = {{0}};
	enum ssh_err e;

	if ((e = choose(&key, o, rng)) == 0)
		e = put_file(out, bufs, k, &key, o->passphrase);
	wire_wipe(&key, sizeof key);
	for (size_t i = 0; i < 3; i++)
		wire_buf_wipe(&bufs[i]);
	return e;
}

const struct auth_keyform auth_keyform_pem = {
    .name = "pem",
    .is = is_pem,
    .open = open_pem,
    .public = public_pem,
    .put = put_pem,
};
