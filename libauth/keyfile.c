/* SPDX-License-Identifier: MIT */
#include "libauth/keyfile.h"
#include "libauth/base64.h"

/* The format is described in OpenSSH's PROTOCOL.key. */
#define LABEL      "OPENSSH PRIVATE KEY"
#define MAGIC      "openssh-key-v1" /* the NUL behind it belongs to it */

/** The cipher block size that an unencrypted private section is padded to. */
#define BLOCK_NONE 8
/** Padding may fill a block of any cipher, but no more. */
#define PAD_MAX    255

/** The outer fields of a file: views. */
struct outer {
	ssh_bytes cipher;
	ssh_bytes kdf;
	ssh_bytes kdf_options;
	uint32_t count;
	ssh_bytes public_key;
	ssh_bytes private_section;
};

/* The decoder's errors, as those of a file. */
static enum ssh_err of_file(enum ssh_err e)
{
	switch (e) {
	case SSH_ERR_TRUNCATED:
	case SSH_ERR_TRAILING:
	case SSH_ERR_MALFORMED:
	case SSH_ERR_MPINT:
		return SSH_ERR_FILE_DAMAGED;
	default:
		return e;
	}
}

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
	return of_file(wire_reader_end(&r));
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

/* The decrypted section: check numbers, key, comment, padding. */
static enum ssh_err get_section(struct crypt_key *k, ssh_bytes *comment,
                                const struct crypt_keyalg *const *algs, const struct outer *o)
{
	struct wire_reader r;
	uint32_t check;
	enum ssh_err e;

	wire_reader_init(&r, o->private_section);
	check = wire_get_u32(&r);
	if (check != wire_get_u32(&r) || o->private_section.len % BLOCK_NONE != 0)
		return SSH_ERR_FILE_DAMAGED;
	if ((e = crypt_key_get_private(k, algs, &r)) != 0)
		return of_file(e);
	*comment = wire_get_string(&r);
	if ((e = check_padding(wire_get_rest(&r))) != 0 || (e = wire_reader_end(&r)) != 0)
		return of_file(e);
	return check_public(k, o->public_key);
}

static enum ssh_err parse(struct crypt_key *k, struct wire_buf *comment,
                          const struct crypt_keyalg *const *algs, ssh_bytes data)
{
	struct outer o;
	ssh_bytes text = {NULL, 0};
	enum ssh_err e;

	if ((e = get_outer(&o, data)) != 0)
		return e;
	if (!wire_bytes_is(o.cipher, "none"))
		return SSH_ERR_PASSPHRASE;
	if (!wire_bytes_is(o.kdf, "none") || o.kdf_options.len != 0)
		return SSH_ERR_FILE_DAMAGED;
	if ((e = get_section(k, &text, algs, &o)) != 0 || comment == NULL)
		return e;
	wire_put_raw(comment, text);
	return wire_buf_end(comment);
}

enum ssh_err auth_keyfile_parse(struct crypt_key *k, struct wire_buf *comment,
                                const struct crypt_keyalg *const *algs, ssh_bytes text)
{
	struct wire_buf data = {0};
	enum ssh_err e;

	if ((e = auth_armor_get(&data, LABEL, text)) == 0)
		e = parse(k, comment, algs, wire_buf_view(&data));
	wire_buf_wipe(&data);
	if (e != 0)
		crypt_key_wipe(k);
	return e;
}

enum ssh_err auth_keyfile_public(struct wire_buf *blob, ssh_bytes text)
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

static void put_section(struct wire_buf *data, const struct crypt_key *k, ssh_bytes comment,
                        uint32_t check)
{
	size_t section = wire_put_string_begin(data);
	size_t start = wire_buf_len(data);

	wire_put_u32(data, check);
	wire_put_u32(data, check);
	crypt_key_put_private(k, data);
	wire_put_string(data, comment);
	for (uint8_t pad = 1;
	     wire_buf_end(data) == 0 && (wire_buf_len(data) - start) % BLOCK_NONE != 0; pad++)
		wire_put_u8(data, pad);
	wire_put_string_end(data, section);
}

static enum ssh_err put_all(struct wire_buf *data, const struct crypt_key *k, ssh_bytes comment,
                            uint32_t check)
{
	size_t mark;

	wire_put_raw(data, wire_bytes(MAGIC, sizeof MAGIC));
	wire_put_str(data, "none");
	wire_put_str(data, "none");
	wire_put_str(data, "");
	wire_put_u32(data, 1);
	mark = wire_put_string_begin(data);
	crypt_key_put_public(k, data);
	wire_put_string_end(data, mark);
	put_section(data, k, comment, check);
	return wire_buf_end(data);
}

enum ssh_err auth_keyfile_write(struct wire_buf *out, const struct crypt_key *k, ssh_bytes comment,
                                const struct crypt_rng *rng)
{
	struct wire_buf data = {0};
	size_t before = wire_buf_len(out);
	uint32_t check = 0;
	enum ssh_err e;

	if (k->alg == NULL || !k->has_private)
		return SSH_ERR_KEY;
	if ((e = crypt_rng_fill(rng, &check, sizeof check)) != 0)
		return e;
	if ((e = put_all(&data, k, comment, check)) == 0) {
		auth_armor_put(out, LABEL, wire_buf_view(&data));
		e = wire_buf_end(out);
	}
	if (e != 0)
		wire_buf_cut(out, before);
	wire_buf_wipe(&data);
	return e;
}
