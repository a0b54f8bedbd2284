/* SPDX-License-Identifier: MIT */
#include "libauth/ppk.h"
#include "libauth/base64.h"
#include "libauth/filecipher_impl.h"
#include "libauth/keyform_impl.h"
#include "libauth/text.h"

#include <nettle/base16.h>

#define MAGIC      "PuTTY-User-Key-File-"
#define MAC_PREFIX "putty-private-key-file-mac-key"
#define AES        "aes256-cbc"
/** Characters of a line of base64. */
#define LINE       64
#define SHA1_SIZE  20

/** The header's fields: views into the file. */
struct ppk {
	uint8_t version; /* 2 or 3 */
	ssh_bytes type;
	ssh_bytes encryption;
	ssh_bytes comment;
	ssh_bytes public_lines;
	ssh_bytes private_lines;
	ssh_bytes mac;
};

static const struct crypt_hash *hash_of(const struct ppk *p)
{
	return p->version == 2 ? &crypt_sha1 : &crypt_sha256;
}

static bool is_encrypted(const struct ppk *p)
{
	return !wire_bytes_is(p->encryption, "none");
}

static bool is_ppk(ssh_bytes line)
{
	size_t n = sizeof MAGIC - 1;

	return line.len > n && memcmp(line.ptr, MAGIC, n) == 0;
}

/* --- Reading --- */

/* The value of the next line, which must have this name; SSH_ERR_FILE_DAMAGED otherwise. */
static enum ssh_err get_value(ssh_bytes *text, const char *name, ssh_bytes *value)
{
	size_t n = strlen(name);
	ssh_bytes line;

	if (!auth_text_line(text, &line) || line.len < n + 2 || memcmp(line.ptr, name, n) != 0 ||
	    memcmp(line.ptr + n, ": ", 2) != 0)
		return SSH_ERR_FILE_DAMAGED;
	*value = wire_bytes_skip(line, n + 2);
	return 0;
}

/* "Public-Lines: 3" and the lines. */
static enum ssh_err get_lines(ssh_bytes *text, const char *name, ssh_bytes *lines)
{
	ssh_bytes value, line;
	size_t n = 0;
	enum ssh_err e;

	if ((e = get_value(text, name, &value)) != 0)
		return e;
	if (value.len == 0 || value.len > 3)
		return SSH_ERR_FILE_DAMAGED;
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] < '0' || value.ptr[i] > '9')
			return SSH_ERR_FILE_DAMAGED;
		n = 10 * n + value.ptr[i] - '0';
	}
	if (n > AUTH_PPK_LINES_MAX)
		return SSH_ERR_FILE_DAMAGED;
	*lines = wire_bytes(text->ptr, 0);
	for (; n > 0; n--) {
		if (!auth_text_line(text, &line))
			return SSH_ERR_FILE_DAMAGED;
		lines->len = (size_t)(line.ptr + line.len - lines->ptr);
	}
	return 0;
}

static enum ssh_err get_header(struct ppk *p, ssh_bytes *text)
{
	ssh_bytes rest = *text;
	enum ssh_err e;

	p->version = get_value(text, MAGIC "2", &p->type) == 0 ? 2 : 3;
	if (p->version == 3 && get_value(&rest, MAGIC "3", &p->type) != 0)
		return SSH_ERR_FILE_FORMAT;
	if (p->version == 3)
		*text = rest;
	if ((e = get_value(text, "Encryption", &p->encryption)) != 0 ||
	    (e = get_value(text, "Comment", &p->comment)) != 0)
		return e;
	if (is_encrypted(p) && !wire_bytes_is(p->encryption, AES))
		return SSH_ERR_UNSUPPORTED;
	return get_lines(text, "Public-Lines", &p->public_lines);
}

static enum ssh_err get_file(struct ppk *p, ssh_bytes text)
{
	ssh_bytes line;
	enum ssh_err e;

	if ((e = get_header(p, &text)) != 0)
		return e;
	/* Argon2 has its lines here. */
	if (p->version == 3 && is_encrypted(p))
		return SSH_ERR_UNSUPPORTED;
	if ((e = get_lines(&text, "Private-Lines", &p->private_lines)) != 0 ||
	    (e = get_value(&text, "Private-MAC", &p->mac)) != 0)
		return e;
	while (auth_text_line(&text, &line))
		if (auth_text_trim(line).len != 0)
			return SSH_ERR_FILE_DAMAGED;
	return 0;
}

/* --- Cryptography --- */

/* Two SHA-1 digests, numbered, of which 32 bytes are the key. The IV is zero. */
static void derive(struct filekey *key, ssh_bytes passphrase)
{
	uint8_t digests[2][SHA1_SIZE], number[4] = {0};
	struct crypt_hash_ctx h;

	memset(key, 0, sizeof *key);
	key->cipher = &auth_file_aes256_cbc;
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

/* All of `data`, in place. */
static enum ssh_err run_cipher(struct wire_buf *data, bool seal, ssh_bytes passphrase)
{
	size_t n = wire_buf_len(data);
	uint8_t *end = wire_buf_room(data, 1);
	struct filekey key;
	enum ssh_err e = 0;

	if (end == NULL)
		return wire_buf_end(data);
	derive(&key, passphrase);
	if (seal)
		auth_filecipher_seal(&key, end - n, n, NULL);
	else
		e = auth_filecipher_open(&key, end - n, n, wire_bytes(NULL, 0));
	wire_wipe(&key, sizeof key);
	return e;
}

/* Over all that matters, with the private half in the clear. */
static enum ssh_err compute_mac(uint8_t *mac, const struct ppk *p, ssh_bytes public,
                                ssh_bytes private, ssh_bytes passphrase)
{
	struct wire_buf data = {0};
	uint8_t key[SHA1_SIZE];
	struct crypt_hash_ctx h;
	enum ssh_err e;

	crypt_hash_init(&h, &crypt_sha1);
	crypt_hash_update(&h, wire_bytes_str(MAC_PREFIX));
	crypt_hash_update(&h, is_encrypted(p) ? passphrase : wire_bytes(NULL, 0));
	crypt_hash_final(&h, key);
	wire_put_string(&data, p->type);
	wire_put_string(&data, p->encryption);
	wire_put_string(&data, p->comment);
	wire_put_string(&data, public);
	wire_put_string(&data, private);
	if ((e = wire_buf_end(&data)) == 0)
		crypt_hmac_once(hash_of(p), wire_bytes(key, p->version == 2 ? sizeof key : 0),
		                wire_buf_view(&data), mac);
	wire_buf_wipe(&data);
	wire_wipe(key, sizeof key);
	return e;
}

static enum ssh_err check_mac(const struct ppk *p, ssh_bytes public, ssh_bytes private,
                              ssh_bytes passphrase)
{
	uint8_t own[CRYPT_HASH_MAX], given[CRYPT_HASH_MAX];
	struct base16_decode_ctx hex;
	size_t n = sizeof given;
	enum ssh_err e;

	base16_decode_init(&hex);
	if (p->mac.len != 2 * hash_of(p)->size ||
	    base16_decode_update(&hex, &n, given, p->mac.len, (const char *)p->mac.ptr) == 0)
		return SSH_ERR_FILE_DAMAGED;
	if ((e = compute_mac(own, p, public, private, passphrase)) != 0)
		return e;
	if (wire_secret_equal(own, given, hash_of(p)->size))
		return 0;
	return is_encrypted(p) ? SSH_ERR_PASSPHRASE : SSH_ERR_FILE_DAMAGED;
}

/* bufs[0] the public blob, bufs[1] the private blob, bufs[2] the private form. */
static enum ssh_err decode(struct wire_buf bufs[3], struct ppk *p, ssh_bytes text,
                           ssh_bytes passphrase)
{
	ssh_bytes public, private, name;
	struct wire_reader r;
	enum ssh_err e;

	if ((e = get_file(p, text)) != 0)
		return e;
	if (is_encrypted(p) && passphrase.len == 0)
		return SSH_ERR_PASSPHRASE;
	if ((e = auth_base64_get(&bufs[0], p->public_lines)) != 0 ||
	    (e = auth_base64_get(&bufs[1], p->private_lines)) != 0 ||
	    (is_encrypted(p) && (e = run_cipher(&bufs[1], false, passphrase)) != 0))
		return e;
	public = wire_buf_view(&bufs[0]);
	private = wire_buf_view(&bufs[1]);
	if ((e = check_mac(p, public, private, passphrase)) != 0)
		return e;
	wire_reader_init(&r, public);
	name = wire_get_string(&r);
	if (!wire_bytes_equal(name, p->type))
		return SSH_ERR_FILE_DAMAGED;
	return auth_keyfields_join(&bufs[2], public, private);
}

static enum ssh_err open_ppk(struct crypt_key *k, struct wire_buf *comment,
                             const struct crypt_keyalg *const *algs, ssh_bytes text,
                             ssh_bytes passphrase)
{
	struct wire_buf bufs[3] = {{0}};
	struct ppk p;
	enum ssh_err e;

	if ((e = decode(bufs, &p, text, passphrase)) == 0)
		e = auth_keyform_key(k, algs, wire_buf_view(&bufs[2]));
	for (size_t i = 0; i < 3; i++)
		wire_buf_wipe(&bufs[i]);
	if (e != 0 || comment == NULL)
		return e;
	wire_put_raw(comment, p.comment);
	return wire_buf_end(comment);
}

static enum ssh_err public_ppk(struct wire_buf *blob, ssh_bytes text)
{
	struct ppk p;
	enum ssh_err e;

	/* Also of an encrypted version 3. */
	if ((e = get_header(&p, &text)) != 0)
		return e;
	return auth_base64_get(blob, p.public_lines);
}

/* --- Writing --- */

static void put_value(struct wire_buf *out, const char *name, ssh_bytes value)
{
	wire_put_raw(out, wire_bytes_str(name));
	wire_put_raw(out, wire_bytes_str(": "));
	wire_put_raw(out, value);
	wire_put_u8(out, '\n');
}

static void put_lines(struct wire_buf *out, const char *name, ssh_bytes data)
{
	size_t n = ((data.len + 2) / 3 * 4 + LINE - 1) / LINE;
	char digits[3];
	size_t i = sizeof digits;

	do {
		digits[--i] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0 && i > 0);
	put_value(out, name, wire_bytes(digits + i, sizeof digits - i));
	auth_base64_put_lines(out, data, LINE);
}

static void put_all(struct wire_buf *out, const struct ppk *p, const struct wire_buf bufs[3],
                    const uint8_t *mac)
{
	char hex[BASE16_ENCODE_LENGTH(CRYPT_HASH_MAX)];

	put_value(out, p->version == 2 ? MAGIC "2" : MAGIC "3", p->type);
	put_value(out, "Encryption", p->encryption);
	put_value(out, "Comment", p->comment);
	put_lines(out, "Public-Lines", wire_buf_view(&bufs[0]));
	put_lines(out, "Private-Lines", wire_buf_view(&bufs[1]));
	base16_encode_update(hex, hash_of(p)->size, mac);
	put_value(out, "Private-MAC", wire_bytes(hex, 2 * hash_of(p)->size));
}

/* Up to whole blocks, with bytes of the digest of what is there. */
static void pad(struct wire_buf *data)
{
	uint8_t digest[SHA1_SIZE];

	crypt_hash_once(&crypt_sha1, wire_buf_view(data), digest);
	wire_put_raw(data, wire_bytes(digest, (16 - wire_buf_len(data) % 16) % 16));
	wire_wipe(digest, sizeof digest);
}

/* bufs[0] the public blob, bufs[1] the private blob, bufs[2] the private form. */
static enum ssh_err put_file(struct wire_buf *out, struct wire_buf bufs[3],
                             const struct crypt_key *k, const struct auth_keyfile_options *o)
{
	bool encrypted = o->passphrase.len != 0;
	struct ppk p = {.version = encrypted ? 2 : 3,
	                .type = wire_bytes_str(k->alg->name),
	                .encryption = wire_bytes_str(encrypted ? AES : "none"),
	                .comment = o->comment};
	uint8_t mac[CRYPT_HASH_MAX];
	struct keyfields f;
	enum ssh_err e;

	crypt_key_put_public(k, &bufs[0]);
	if ((e = auth_keyfields_of(&f, &bufs[2], k)) != 0)
		return e;
	auth_keyfields_put_secret(&bufs[1], &f);
	if (encrypted)
		pad(&bufs[1]);
	if ((e = wire_buf_end(&bufs[0])) != 0 || (e = wire_buf_end(&bufs[1])) != 0 ||
	    (e = compute_mac(mac, &p, wire_buf_view(&bufs[0]), wire_buf_view(&bufs[1]),
	                     o->passphrase)) != 0 ||
	    (encrypted && (e = run_cipher(&bufs[1], true, o->passphrase)) != 0))
		return e;
	put_all(out, &p, bufs, mac);
	return 0;
}

static enum ssh_err put_ppk(struct wire_buf *out, const struct crypt_key *k,
                            const struct auth_keyfile_options *o, const struct crypt_rng *rng)
{
	struct wire_buf bufs[3] = {{0}};
	enum ssh_err e;

	(void)rng;
	if (o->cipher != NULL && strcmp(o->cipher, AES) != 0)
		return SSH_ERR_UNSUPPORTED;
	for (size_t i = 0; i < o->comment.len; i++)
		if (o->comment.ptr[i] == '\n' || o->comment.ptr[i] == '\r')
			return SSH_ERR_ARGUMENT;
	e = put_file(out, bufs, k, o);
	for (size_t i = 0; i < 3; i++)
		wire_buf_wipe(&bufs[i]);
	return e;
}

const struct auth_keyform auth_keyform_ppk = {
    .name = "ppk",
    .is = is_ppk,
    .open = open_ppk,
    .public = public_ppk,
    .put = put_ppk,
};
