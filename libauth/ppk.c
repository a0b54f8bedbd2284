/* SPDX-License-Identifier: MIT */
#include "libauth/ppk.h"
#include "libauth/base64.h"
#include "libauth/keyform_impl.h"
#include "libauth/ppk_impl.h"
#include "libauth/text.h"

#include <nettle/base16.h>

#define MAGIC     "PuTTY-User-Key-File-"
/** Characters of a line of base64. */
#define LINE      64
/** The most decimal digits that a number has. */
#define DIGITS    10
/** Bytes of salt that we write, as PuTTY. */
#define SALT_SIZE 16

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

/* The number on the next line. */
static enum ssh_err get_number(ssh_bytes *text, const char *name, uint32_t max, uint32_t *n)
{
	uint64_t sum = 0;
	ssh_bytes value;
	enum ssh_err e;

	if ((e = get_value(text, name, &value)) != 0)
		return e;
	if (value.len == 0 || value.len > DIGITS)
		return SSH_ERR_FILE_DAMAGED;
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] < '0' || value.ptr[i] > '9')
			return SSH_ERR_FILE_DAMAGED;
		sum = 10 * sum + value.ptr[i] - '0';
	}
	*n = (uint32_t)sum;
	return sum > max ? SSH_ERR_FILE_DAMAGED : SSH_OK;
}

/* "Public-Lines: 3" and the lines. */
static enum ssh_err get_lines(ssh_bytes *text, const char *name, ssh_bytes *lines)
{
	ssh_bytes line;
	uint32_t n;
	enum ssh_err e;

	if ((e = get_number(text, name, AUTH_PPK_LINES_MAX, &n)) != 0)
		return e;
	*lines = wire_bytes(text->ptr, 0);
	for (; n > 0; n--) {
		if (!auth_text_line(text, &line))
			return SSH_ERR_FILE_DAMAGED;
		lines->len = (size_t)(line.ptr + line.len - lines->ptr);
	}
	return 0;
}

static const char *const flavours[] = {
    [AUTH_ARGON2_D] = "Argon2d", [AUTH_ARGON2_I] = "Argon2i", [AUTH_ARGON2_ID] = "Argon2id"};

#define FLAVOURS (sizeof flavours / sizeof flavours[0])

/* How an encrypted file of version 3 makes its keys. */
static enum ssh_err get_argon2(struct ppk *p, ssh_bytes *text)
{
	struct auth_argon2 *a = &p->argon2;
	ssh_bytes flavour, salt;
	size_t i = 0, n;
	enum ssh_err e;

	if ((e = get_value(text, "Key-Derivation", &flavour)) != 0)
		return e;
	while (i < FLAVOURS && !wire_bytes_is(flavour, flavours[i]))
		i++;
	if (i == FLAVOURS)
		return SSH_ERR_UNSUPPORTED;
	a->flavour = (enum auth_argon2_flavour)i;
	if ((e = get_number(text, "Argon2-Memory", UINT32_MAX, &a->memory)) != 0 ||
	    (e = get_number(text, "Argon2-Passes", UINT32_MAX, &a->passes)) != 0 ||
	    (e = get_number(text, "Argon2-Parallelism", UINT32_MAX, &a->lanes)) != 0 ||
	    (e = get_value(text, "Argon2-Salt", &salt)) != 0)
		return e;
	if (salt.len > 2 * sizeof p->salt)
		return SSH_ERR_UNSUPPORTED;
	n = salt.len / 2;
	if (!auth_hex_get(p->salt, n, salt))
		return SSH_ERR_FILE_DAMAGED;
	a->salt = wire_bytes(p->salt, n);
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
	if (auth_ppk_is_encrypted(p) && !wire_bytes_is(p->encryption, PPK_AES))
		return SSH_ERR_UNSUPPORTED;
	return get_lines(text, "Public-Lines", &p->public_lines);
}

static enum ssh_err get_file(struct ppk *p, ssh_bytes text)
{
	ssh_bytes line;
	enum ssh_err e;

	if ((e = get_header(p, &text)) != 0)
		return e;
	if (p->version == 3 && auth_ppk_is_encrypted(p) && (e = get_argon2(p, &text)) != 0)
		return e;
	if ((e = get_lines(&text, "Private-Lines", &p->private_lines)) != 0 ||
	    (e = get_value(&text, "Private-MAC", &p->mac)) != 0)
		return e;
	while (auth_text_line(&text, &line))
		if (auth_text_trim(line).len != 0)
			return SSH_ERR_FILE_DAMAGED;
	return 0;
}

/* bufs[0] the public blob, bufs[1] the private blob, bufs[2] the private form. */
static enum ssh_err decode(struct wire_buf bufs[3], const struct ppk *p, const struct ppkkeys *keys)
{
	struct wire_reader r;
	enum ssh_err e;

	if ((e = auth_base64_get(&bufs[0], p->public_lines)) != 0 ||
	    (e = auth_base64_get(&bufs[1], p->private_lines)) != 0 ||
	    (e = auth_ppk_open(p, keys, wire_buf_view(&bufs[0]), &bufs[1])) != 0)
		return e;
	wire_reader_init(&r, wire_buf_view(&bufs[0]));
	if (!wire_bytes_equal(wire_get_string(&r), p->type))
		return SSH_ERR_FILE_DAMAGED;
	return auth_keyfields_join(&bufs[2], wire_buf_view(&bufs[0]), wire_buf_view(&bufs[1]));
}

static enum ssh_err get_key(struct ppk *p, struct wire_buf bufs[3], ssh_bytes text,
                            ssh_bytes passphrase)
{
	struct ppkkeys keys;
	enum ssh_err e;

	if ((e = get_file(p, text)) != 0)
		return e;
	if (auth_ppk_is_encrypted(p) && passphrase.len == 0)
		return SSH_ERR_PASSPHRASE;
	if ((e = auth_ppk_derive(&keys, p, passphrase)) == 0)
		e = decode(bufs, p, &keys);
	wire_wipe(&keys, sizeof keys);
	return e;
}

static enum ssh_err open_ppk(struct crypt_key *k, struct wire_buf *comment,
                             const struct crypt_keyalg *const *algs, ssh_bytes text,
                             ssh_bytes passphrase)
{
	struct wire_buf bufs[3] = {{0}};
	struct ppk p;
	enum ssh_err e;

	if ((e = get_key(&p, bufs, text, passphrase)) == 0)
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

static void put_number(struct wire_buf *out, const char *name, size_t n)
{
	char digits[DIGITS];
	size_t i = sizeof digits;

	do {
		digits[--i] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0 && i > 0);
	put_value(out, name, wire_bytes(digits + i, sizeof digits - i));
}

static void put_hex(struct wire_buf *out, const char *name, ssh_bytes bytes)
{
	char hex[BASE16_ENCODE_LENGTH(CRYPT_HASH_MAX)];

	base16_encode_update(hex, bytes.len, bytes.ptr);
	put_value(out, name, wire_bytes(hex, 2 * bytes.len));
}

static void put_lines(struct wire_buf *out, const char *name, ssh_bytes data)
{
	put_number(out, name, ((data.len + 2) / 3 * 4 + LINE - 1) / LINE);
	auth_base64_put_lines(out, data, LINE);
}

static void put_argon2(struct wire_buf *out, const struct auth_argon2 *a)
{
	put_value(out, "Key-Derivation", wire_bytes_str(flavours[a->flavour]));
	put_number(out, "Argon2-Memory", a->memory);
	put_number(out, "Argon2-Passes", a->passes);
	put_number(out, "Argon2-Parallelism", a->lanes);
	put_hex(out, "Argon2-Salt", a->salt);
}

static void put_all(struct wire_buf *out, const struct ppk *p, const struct wire_buf bufs[3],
                    const uint8_t *mac)
{
	put_value(out, p->version == 2 ? MAGIC "2" : MAGIC "3", p->type);
	put_value(out, "Encryption", p->encryption);
	put_value(out, "Comment", p->comment);
	put_lines(out, "Public-Lines", wire_buf_view(&bufs[0]));
	if (p->version == 3 && auth_ppk_is_encrypted(p))
		put_argon2(out, &p->argon2);
	put_lines(out, "Private-Lines", wire_buf_view(&bufs[1]));
	put_hex(out, "Private-MAC", wire_bytes(mac, auth_ppk_hash(p)->size));
}

/* bufs[0] the public blob, bufs[1] the private blob, bufs[2] the private form. */
static enum ssh_err put_file(struct wire_buf *out, struct wire_buf bufs[3], const struct ppk *p,
                             const struct crypt_key *k, const struct ppkkeys *keys)
{
	uint8_t mac[CRYPT_HASH_MAX];
	struct keyfields f;
	enum ssh_err e;

	crypt_key_put_public(k, &bufs[0]);
	if ((e = auth_keyfields_of(&f, &bufs[2], k)) != 0)
		return e;
	auth_keyfields_put_secret(&bufs[1], &f);
	if ((e = wire_buf_end(&bufs[0])) != 0 ||
	    (e = auth_ppk_seal(p, keys, wire_buf_view(&bufs[0]), &bufs[1], mac)) != 0)
		return e;
	put_all(out, p, bufs, mac);
	return 0;
}

/* What an encrypted file of version 3 says of its keys. */
static enum ssh_err choose_argon2(struct ppk *p, uint32_t passes, const struct crypt_rng *rng)
{
	p->argon2 = (struct auth_argon2){.flavour = AUTH_ARGON2_ID,
	                                 .salt = wire_bytes(p->salt, SALT_SIZE),
	                                 .memory = AUTH_PPK_MEMORY_DEFAULT,
	                                 .passes = passes == 0 ? AUTH_PPK_PASSES_DEFAULT : passes,
	                                 .lanes = 1};
	return crypt_rng_fill(rng, p->salt, SALT_SIZE);
}

/* As auth_keyform's put, of a version; an encrypted file of version 3 may be one of version 2 instead. */
static enum ssh_err put_version(struct wire_buf *out, const struct crypt_key *k, struct ppk *p,
                                const struct auth_keyfile_options *o, const struct crypt_rng *rng)
{
	bool encrypted = o->passphrase.len != 0;
	struct wire_buf bufs[3] = {{0}};
	struct ppkkeys keys;
	enum ssh_err e = 0;

	p->type = wire_bytes_str(k->alg->name);
	p->encryption = wire_bytes_str(encrypted ? PPK_AES : "none");
	p->comment = o->comment;
	if (encrypted && p->version == 3)
		e = choose_argon2(p, o->rounds, rng);
	if (e == 0 && (e = auth_ppk_derive(&keys, p, o->passphrase)) == 0)
		e = put_file(out, bufs, p, k, &keys);
	wire_wipe(&keys, sizeof keys);
	for (size_t i = 0; i < 3; i++)
		wire_buf_wipe(&bufs[i]);
	return e;
}

static enum ssh_err check_options(const struct auth_keyfile_options *o)
{
	if (o->cipher != NULL && strcmp(o->cipher, PPK_AES) != 0)
		return SSH_ERR_UNSUPPORTED;
	for (size_t i = 0; i < o->comment.len; i++)
		if (o->comment.ptr[i] == '\n' || o->comment.ptr[i] == '\r')
			return SSH_ERR_ARGUMENT;
	return 0;
}

static enum ssh_err put_ppk2(struct wire_buf *out, const struct crypt_key *k,
                             const struct auth_keyfile_options *o, const struct crypt_rng *rng)
{
	struct ppk p = {.version = 2};
	enum ssh_err e = check_options(o);

	return e != 0 ? e : put_version(out, k, &p, o, rng);
}

static enum ssh_err put_ppk(struct wire_buf *out, const struct crypt_key *k,
                            const struct auth_keyfile_options *o, const struct crypt_rng *rng)
{
	struct ppk p = {.version = o->passphrase.len == 0 || auth_argon2_is_there() ? 3 : 2};
	enum ssh_err e = check_options(o);

	if (e == 0 && p.version == 3 && o->rounds > AUTH_ARGON2_WORK_MAX / AUTH_PPK_MEMORY_DEFAULT)
		e = SSH_ERR_ARGUMENT;
	return e != 0 ? e : put_version(out, k, &p, o, rng);
}

const struct auth_keyform auth_keyform_ppk = {
    .name = "ppk",
    .is = is_ppk,
    .open = open_ppk,
    .public = public_ppk,
    .put = put_ppk,
};

const struct auth_keyform auth_keyform_ppk2 = {
    .name = "ppk2",
    .is = is_ppk,
    .open = open_ppk,
    .public = public_ppk,
    .put = put_ppk2,
};
