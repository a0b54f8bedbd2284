/* SPDX-License-Identifier: MIT */
#include "libauth/ppk_impl.h"
#include "libcrypt/mac.h"
#include "libwire/reader.h"

#include <nettle/base16.h>

#define MAC_PREFIX "putty-private-key-file-mac-key"
#define SHA1_SIZE  20
/** Argon2 makes all keys at once: the cipher's, its IV, the MAC's. */
#define ARGON2_OUT (32 + 16 + PPK_MAC_KEY)

const struct crypt_hash *auth_ppk_hash(const struct ppk *p)
{
	return p->version == 2 ? &crypt_sha1 : &crypt_sha256;
}

bool auth_ppk_is_encrypted(const struct ppk *p)
{
	return !wire_bytes_is(p->encryption, "none");
}

bool auth_hex_get(uint8_t *out, size_t n, ssh_bytes digits)
{
	struct base16_decode_ctx hex;
	size_t room = n;

	if (digits.len != 2 * n)
		return false;
	base16_decode_init(&hex);
	return n == 0 ||
	       (base16_decode_update(&hex, &room, out, digits.len, (const char *)digits.ptr) != 0 &&
	        room == n && base16_decode_final(&hex) != 0);
}

/* --- Keys --- */

/* Two SHA-1 digests, numbered, of which 32 bytes are the key. The IV is zero. */
static void derive_cipher_2(struct filekey *key, ssh_bytes passphrase)
{
	uint8_t digests[2][SHA1_SIZE], number[4] = {0};
	struct crypt_hash_ctx h;

	for (uint8_t i = 0; i < 2; i++) {
		number[3] = i;
		crypt_hash_init(&h, &crypt_sha1);
		crypt_hash_update(&h, wire_bytes(number, sizeof number));
		crypt_hash_update(&h, passphrase);
		crypt_hash_final(&h, digests[i]);
	}
	memcpy(key->key, digests, key->cipher->key_size);
	wire_wipe(digests, sizeof digests);
}

static void derive_2(struct ppkkeys *keys, const struct ppk *p, ssh_bytes passphrase)
{
	struct crypt_hash_ctx h;

	if (auth_ppk_is_encrypted(p))
		derive_cipher_2(&keys->cipher, passphrase);
	else
		passphrase = wire_bytes(NULL, 0);
	crypt_hash_init(&h, &crypt_sha1);
	crypt_hash_update(&h, wire_bytes_str(MAC_PREFIX));
	crypt_hash_update(&h, passphrase);
	crypt_hash_final(&h, keys->mac);
	keys->mac_size = SHA1_SIZE;
}

static enum ssh_err derive_3(struct ppkkeys *keys, const struct ppk *p, ssh_bytes passphrase)
{
	struct filekey *c = &keys->cipher;
	uint8_t out[ARGON2_OUT];
	enum ssh_err e;

	if (!auth_ppk_is_encrypted(p))
		return 0; /* a MAC without a key */
	if ((e = auth_argon2(out, sizeof out, passphrase, &p->argon2)) == 0) {
		memcpy(c->key, out, c->cipher->key_size);
		memcpy(c->iv, out + c->cipher->key_size, c->cipher->iv_size);
		memcpy(keys->mac, out + sizeof out - PPK_MAC_KEY, PPK_MAC_KEY);
		keys->mac_size = PPK_MAC_KEY;
	}
	wire_wipe(out, sizeof out);
	return e == SSH_ERR_ARGUMENT ? SSH_ERR_FILE_DAMAGED : e;
}

enum ssh_err auth_ppk_derive(struct ppkkeys *keys, const struct ppk *p, ssh_bytes passphrase)
{
	memset(keys, 0, sizeof *keys);
	keys->cipher.cipher = &auth_file_aes256_cbc;
	if (p->version == 3)
		return derive_3(keys, p, passphrase);
	derive_2(keys, p, passphrase);
	return 0;
}

/* --- MAC and cipher --- */

/* Over all that matters, with the private half in the clear. */
static enum ssh_err compute_mac(uint8_t *mac, const struct ppk *p, const struct ppkkeys *keys,
                                ssh_bytes public, ssh_bytes private)
{
	struct wire_buf data = {0};
	enum ssh_err e;

	wire_put_string(&data, p->type);
	wire_put_string(&data, p->encryption);
	wire_put_string(&data, p->comment);
	wire_put_string(&data, public);
	wire_put_string(&data, private);
	if ((e = wire_buf_end(&data)) == 0)
		crypt_hmac_once(auth_ppk_hash(p), wire_bytes(keys->mac, keys->mac_size),
		                wire_buf_view(&data), mac);
	wire_buf_wipe(&data);
	return e;
}

/* A MAC that is wrong: after a wrong passphrase the private half begins with noise, and no length. */
static enum ssh_err explain(const struct ppk *p, ssh_bytes private)
{
	struct wire_reader r;

	wire_reader_init(&r, private);
	(void)wire_get_string(&r);
	(void)wire_get_rest(&r);
	return auth_ppk_is_encrypted(p) && wire_reader_end(&r) != 0 ? SSH_ERR_PASSPHRASE
	                                                            : SSH_ERR_FILE_DAMAGED;
}

static enum ssh_err check_mac(const struct ppk *p, const struct ppkkeys *keys, ssh_bytes public,
                              ssh_bytes private)
{
	uint8_t own[CRYPT_HASH_MAX], given[CRYPT_HASH_MAX];
	size_t n = auth_ppk_hash(p)->size;
	enum ssh_err e;

	if (!auth_hex_get(given, n, p->mac))
		return SSH_ERR_FILE_DAMAGED;
	if ((e = compute_mac(own, p, keys, public, private)) != 0)
		return e;
	return wire_secret_equal(own, given, n) ? SSH_OK : explain(p, private);
}

enum ssh_err auth_ppk_open(const struct ppk *p, const struct ppkkeys *keys, ssh_bytes public,
                           struct wire_buf *private)
{
	size_t n = wire_buf_len(private);
	uint8_t *end = wire_buf_room(private, 1);
	enum ssh_err e;

	if (end == NULL)
		return wire_buf_end(private);
	if (auth_ppk_is_encrypted(p) &&
	    (e = auth_filecipher_open(&keys->cipher, end - n, n, wire_bytes(NULL, 0))) != 0)
		return e;
	return check_mac(p, keys, public, wire_buf_view(private));
}

/* Up to whole blocks, with bytes of the digest of what is there. */
static void pad(struct wire_buf *data)
{
	uint8_t digest[SHA1_SIZE];

	crypt_hash_once(&crypt_sha1, wire_buf_view(data), digest);
	wire_put_raw(data, wire_bytes(digest, (16 - wire_buf_len(data) % 16) % 16));
	wire_wipe(digest, sizeof digest);
}

enum ssh_err auth_ppk_seal(const struct ppk *p, const struct ppkkeys *keys, ssh_bytes public,
                           struct wire_buf *private, uint8_t *mac)
{
	uint8_t *end;
	size_t n;
	enum ssh_err e;

	if (auth_ppk_is_encrypted(p))
		pad(private);
	n = wire_buf_len(private);
	if ((end = wire_buf_room(private, 1)) == NULL)
		return wire_buf_end(private);
	if ((e = compute_mac(mac, p, keys, public, wire_buf_view(private))) == 0 &&
	    auth_ppk_is_encrypted(p))
		auth_filecipher_seal(&keys->cipher, end - n, n, NULL);
	return e;
}
