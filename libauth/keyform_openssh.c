/* SPDX-License-Identifier: MIT */
#include "libauth/base64.h"
#include "libauth/bcrypt.h"
#include "libauth/filecipher_impl.h"
#include "libauth/keyfile.h"
#include "libauth/keyform_impl.h"

/* The format is described in OpenSSH's PROTOCOL.key. */
#define LABEL      "OPENSSH PRIVATE KEY"
#define MAGIC      "openssh-key-v1" /* the NUL behind it belongs to it */

/** The cipher block size that an unencrypted private section is padded to. */
#define BLOCK_NONE 8
/** Padding may fill a block of any cipher, but no more. */
#define PAD_MAX    255
/** Bytes of salt, as ssh-keygen's. */
#define SALT_SIZE  16

/** The outer fields of a file: views. */
struct outer {
	ssh_bytes cipher;
	ssh_bytes kdf;
	ssh_bytes kdf_options;
	uint32_t count;
	ssh_bytes public_key;
	ssh_bytes private_section;
	ssh_bytes tag;
};

static bool is_openssh(ssh_bytes line)
{
	return wire_bytes_is(line, "-----BEGIN " LABEL "-----");
}

/* --- Reading --- */

static enum ssh_err get_outer(struct outer *o, ssh_bytes data)
{
	struct wire_reader r;

	wire_reader_init(&r, data);
	if (!wire_bytes_equal(wire_get_raw(&r, sizeof MAGIC), wire_bytes(MAGIC, sizeof MAGIC)))
		return SSH_ERR_FILE_FORMAT;
	o->cipher = wire_get_string(&r);
	o->kdf = wire_get_string(&r);
	o->kdf_options = wire_get_string(&r);
	o->count = wire_get_u32(&r);
	/* With another count the strings that follow are more, and none of ours. */
	if (o->count != 1)
		return SSH_ERR_FILE_DAMAGED;
	o->public_key = wire_get_string(&r);
	o->private_section = wire_get_string(&r);
	o->tag = wire_get_rest(&r);
	return auth_file_error(wire_reader_end(&r));
}

/* Padding is 1, 2, 3, ... */
static enum ssh_err check_padding(ssh_bytes pad)
{
	if (pad.len > PAD_MAX)
		return SSH_ERR_FILE_DAMAGED;
	for (size_t i = 0; i < pad.len; i++)
		if (pad.ptr[i] != i + 1)
			return SSH_ERR_FILE_DAMAGED;
	return 0;
}

static enum ssh_err check_public(const struct crypt_key *k, ssh_bytes blob)
{
	struct wire_buf own = {0};
	enum ssh_err e;

	crypt_key_put_public(k, &own);
	if ((e = wire_buf_end(&own)) == 0 && !wire_bytes_equal(wire_buf_view(&own), blob))
		e = SSH_ERR_FILE_DAMAGED;
	wire_buf_wipe(&own);
	return e;
}

/* The key behind the check numbers, the comment, the padding. */
static enum ssh_err get_key(struct crypt_key *k, struct wire_buf *comment,
                            const struct crypt_keyalg *const *algs, struct wire_reader *r)
{
	ssh_bytes text;
	enum ssh_err e;

	if ((e = crypt_key_get_private(k, algs, r)) != 0)
		return auth_file_error(e);
	text = wire_get_string(r);
	if ((e = check_padding(wire_get_rest(r))) != 0 || (e = wire_reader_end(r)) != 0)
		return auth_file_error(e);
	if (comment == NULL)
		return 0;
	wire_put_raw(comment, text);
	return wire_buf_end(comment);
}

/* The decrypted section. Check numbers that differ are what a wrong passphrase makes of them. */
static enum ssh_err get_section(struct wire_reader *r, ssh_bytes section, bool encrypted)
{
	uint32_t check;

	wire_reader_init(r, section);
	check = wire_get_u32(r);
	if (check == wire_get_u32(r) && section.len >= 8)
		return 0;
	return encrypted ? SSH_ERR_PASSPHRASE : SSH_ERR_FILE_DAMAGED;
}

static enum ssh_err derive(struct filekey *key, ssh_bytes passphrase, ssh_bytes salt,
                           uint32_t rounds)
{
	const struct filecipher *c = key->cipher;
	uint8_t bytes[FILECIPHER_KEY_MAX + FILECIPHER_IV_MAX];
	enum ssh_err e =
	    auth_bcrypt_pbkdf(bytes, c->key_size + c->iv_size, passphrase, salt, rounds);

	if (e == 0) {
		memcpy(key->key, bytes, c->key_size);
		memcpy(key->iv, bytes + c->key_size, c->iv_size);
	}
	wire_wipe(bytes, sizeof bytes);
	return e;
}

/* Key and IV for this file. */
static enum ssh_err derive_as_said(struct filekey *key, const struct outer *o, ssh_bytes passphrase)
{
	struct wire_reader r;
	uint32_t rounds;
	ssh_bytes salt;

	wire_reader_init(&r, o->kdf_options);
	salt = wire_get_string(&r);
	rounds = wire_get_u32(&r);
	if (wire_reader_end(&r) != 0 || salt.len == 0 || rounds == 0)
		return SSH_ERR_FILE_DAMAGED;
	if (salt.len > AUTH_BCRYPT_SALT_MAX || rounds > AUTH_KEYFILE_ROUNDS_MAX)
		return SSH_ERR_UNSUPPORTED;
	if (passphrase.len == 0)
		return SSH_ERR_PASSPHRASE;
	return derive(key, passphrase, salt, rounds);
}

/* The private section, decrypted, in `plain`. */
static enum ssh_err decrypt(struct wire_buf *plain, const struct outer *o, ssh_bytes passphrase)
{
	struct filekey key = {.cipher = auth_filecipher_find(o->cipher)};
	size_t n = o->private_section.len;
	uint8_t *room;
	enum ssh_err e;

	if (key.cipher == NULL || !wire_bytes_is(o->kdf, "bcrypt"))
		return SSH_ERR_UNSUPPORTED;
	if (n == 0 || n % key.cipher->block_size != 0 || o->tag.len != key.cipher->tag_size)
		return SSH_ERR_FILE_DAMAGED;
	if ((e = derive_as_said(&key, o, passphrase)) == 0) {
		wire_put_raw(plain, o->private_section);
		room = wire_buf_room(plain, 1);
		e = room == NULL ? wire_buf_end(plain)
		                 : auth_filecipher_open(&key, room - n, n, o->tag);
	}
	wire_wipe(&key, sizeof key);
	return e;
}

/* A tag is wrong after damage as with a wrong key: the check numbers tell which. */
static enum ssh_err open_encrypted(struct wire_reader *r, struct wire_buf *plain,
                                   const struct outer *o, ssh_bytes passphrase)
{
	enum ssh_err e = decrypt(plain, o, passphrase), section;

	if (e != 0 && e != SSH_ERR_PASSPHRASE)
		return e;
	section = get_section(r, wire_buf_view(plain), true);
	return e == 0 ? section : section == 0 ? SSH_ERR_FILE_DAMAGED : e;
}

static enum ssh_err open_plain(struct wire_reader *r, const struct outer *o)
{
	if (!wire_bytes_is(o->kdf, "none") || o->kdf_options.len != 0 || o->tag.len != 0 ||
	    o->private_section.len % BLOCK_NONE != 0)
		return SSH_ERR_FILE_DAMAGED;
	return get_section(r, o->private_section, false);
}

static enum ssh_err open_openssh(struct crypt_key *k, struct wire_buf *comment,
                                 const struct crypt_keyalg *const *algs, ssh_bytes text,
                                 ssh_bytes passphrase)
{
	struct wire_buf data = {0}, plain = {0};
	struct wire_reader r;
	struct outer o;
	enum ssh_err e;

	if ((e = auth_armor_get(&data, LABEL, text)) == 0 &&
	    (e = get_outer(&o, wire_buf_view(&data))) == 0 &&
	    (e = wire_bytes_is(o.cipher, "none")
	             ? open_plain(&r, &o)
	             : open_encrypted(&r, &plain, &o, passphrase)) == 0 &&
	    (e = get_key(k, comment, algs, &r)) == 0)
		e = check_public(k, o.public_key);
	wire_buf_wipe(&data);
	wire_buf_wipe(&plain);
	return e;
}

static enum ssh_err public_openssh(struct wire_buf *blob, ssh_bytes text)
{
	struct wire_buf data = {0};
	struct outer o;
	enum ssh_err e;

	if ((e = auth_armor_get(&data, LABEL, text)) == 0 &&
	    (e = get_outer(&o, wire_buf_view(&data))) == 0) {
		wire_put_raw(blob, o.public_key);
		e = wire_buf_end(blob);
	}
	wire_buf_wipe(&data);
	return e;
}

/* --- Writing --- */

/* What a file is written with. */
struct plan {
	const struct auth_keyfile_options *o;
	struct filekey key; /* cipher NULL: not encrypted */
	uint32_t check;
	uint32_t rounds;
	uint8_t salt[SALT_SIZE];
};

static void put_kdf(struct wire_buf *data, const struct plan *p)
{
	size_t options;

	wire_put_str(data, p->key.cipher == NULL ? "none" : p->key.cipher->name);
	wire_put_str(data, p->key.cipher == NULL ? "none" : "bcrypt");
	options = wire_put_string_begin(data);
	if (p->key.cipher != NULL) {
		wire_put_string(data, wire_bytes(p->salt, SALT_SIZE));
		wire_put_u32(data, p->rounds);
	}
	wire_put_string_end(data, options);
}

static void put_section(struct wire_buf *data, const struct crypt_key *k, const struct plan *p)
{
	size_t block = p->key.cipher == NULL ? BLOCK_NONE : p->key.cipher->block_size;
	size_t section = wire_put_string_begin(data);
	size_t start = wire_buf_len(data);

	wire_put_u32(data, p->check);
	wire_put_u32(data, p->check);
	crypt_key_put_private(k, data);
	wire_put_string(data, p->o->comment);
	for (uint8_t pad = 1; wire_buf_end(data) == 0 && (wire_buf_len(data) - start) % block != 0;
	     pad++)
		wire_put_u8(data, pad);
	wire_put_string_end(data, section);
}

/* Encrypt the last `n` bytes, and put the tag behind them. */
static void seal(struct wire_buf *data, const struct filekey *key, size_t n)
{
	uint8_t *end = wire_buf_room(data, FILECIPHER_TAG_MAX);

	if (end == NULL)
		return;
	auth_filecipher_seal(key, end - n, n, end);
	wire_buf_took(data, key->cipher->tag_size);
}

static enum ssh_err put_all(struct wire_buf *data, const struct crypt_key *k, const struct plan *p)
{
	size_t mark, before;

	wire_put_raw(data, wire_bytes(MAGIC, sizeof MAGIC));
	put_kdf(data, p);
	wire_put_u32(data, 1);
	mark = wire_put_string_begin(data);
	crypt_key_put_public(k, data);
	wire_put_string_end(data, mark);
	before = wire_buf_len(data) + 4;
	put_section(data, k, p);
	if (p->key.cipher != NULL && wire_buf_end(data) == 0)
		seal(data, &p->key, wire_buf_len(data) - before);
	return wire_buf_end(data);
}

static enum ssh_err make_plan(struct plan *p, const struct crypt_rng *rng)
{
	enum ssh_err e;

	if ((e = crypt_rng_fill(rng, &p->check, sizeof p->check)) != 0 || p->o->passphrase.len == 0)
		return e;
	p->key.cipher = p->o->cipher == NULL ? &auth_file_aes256_ctr
	                                     : auth_filecipher_find(wire_bytes_str(p->o->cipher));
	p->rounds = p->o->rounds == 0 ? AUTH_KEYFILE_ROUNDS_DEFAULT : p->o->rounds;
	if (p->key.cipher == NULL)
		return SSH_ERR_UNSUPPORTED;
	if (p->rounds > AUTH_KEYFILE_ROUNDS_MAX)
		return SSH_ERR_ARGUMENT;
	if ((e = crypt_rng_fill(rng, p->salt, SALT_SIZE)) != 0)
		return e;
	return derive(&p->key, p->o->passphrase, wire_bytes(p->salt, SALT_SIZE), p->rounds);
}

static enum ssh_err put_openssh(struct wire_buf *out, const struct crypt_key *k,
                                const struct auth_keyfile_options *o, const struct crypt_rng *rng)
{
	struct plan p = {.o = o};
	struct wire_buf data = {0};
	enum ssh_err e;

	if ((e = make_plan(&p, rng)) == 0 && (e = put_all(&data, k, &p)) == 0)
		auth_armor_put(out, LABEL, wire_buf_view(&data));
	wire_buf_wipe(&data);
	wire_wipe(&p, sizeof p);
	return e;
}

const struct auth_keyform auth_keyform_openssh = {
    .name = "openssh",
    .is = is_openssh,
    .open = open_openssh,
    .public = public_openssh,
    .put = put_openssh,
};
