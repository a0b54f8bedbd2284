/* SPDX-License-Identifier: MIT */
#include "libauth/known_hosts.h"
#include "libauth/base64.h"
#include "libcrypt/hash.h"
#include "libwire/reader.h"

#include <nettle/base64.h>
#include <nettle/sha1.h>

/** In front of a hashed name: version 1 is HMAC-SHA1 with the salt as key. */
#define HASHED     "|1|"
/** Salt and hash are SHA1_DIGEST_SIZE bytes each, which base64 writes so. */
#define HASH_CHARS 28

/* --- Lines --- */

static enum auth_known_marker marker_of(ssh_bytes word)
{
	if (wire_bytes_is(word, "@revoked"))
		return AUTH_MARKER_REVOKED;
	if (wire_bytes_is(word, "@cert-authority"))
		return AUTH_MARKER_CERT_AUTHORITY;
	return AUTH_MARKER_UNKNOWN;
}

enum ssh_err auth_known_line_parse(struct auth_known_line *l, ssh_bytes line)
{
	ssh_bytes rest = auth_text_trim(line);

	memset(l, 0, sizeof *l);
	if (rest.len == 0 || rest.ptr[0] == '#')
		return SSH_ERR_NOT_FOUND;
	if (rest.ptr[0] == '@')
		l->marker = marker_of(auth_text_word(&rest));
	l->hosts = auth_text_word(&rest);
	/* A key with options is none, here. */
	if (auth_publine_parse(&l->key, rest) != 0 || l->key.options.len != 0)
		return SSH_ERR_FILE_FORMAT;
	return 0;
}

/* --- Names --- */

static void hash_name(const uint8_t salt[SHA1_DIGEST_SIZE], ssh_bytes name,
                      uint8_t hash[SHA1_DIGEST_SIZE])
{
	crypt_hmac_once(&crypt_sha1, wire_bytes(salt, SHA1_DIGEST_SIZE), name, hash);
}

static bool get_hash(ssh_bytes text, uint8_t out[SHA1_DIGEST_SIZE])
{
	uint8_t raw[BASE64_DECODE_LENGTH(HASH_CHARS)];
	size_t n = sizeof raw;
	struct base64_decode_ctx ctx;

	if (text.len != HASH_CHARS)
		return false;
	base64_decode_init(&ctx);
	if (base64_decode_update(&ctx, &n, raw, text.len, (const char *)text.ptr) == 0 ||
	    base64_decode_final(&ctx) == 0 || n != SHA1_DIGEST_SIZE)
		return false;
	memcpy(out, raw, SHA1_DIGEST_SIZE);
	return true;
}

static bool is_hashed(ssh_bytes hosts)
{
	return hosts.len >= 3 && memcmp(hosts.ptr, HASHED, 3) == 0;
}

static bool matches_hash(ssh_bytes hosts, ssh_bytes name)
{
	uint8_t salt[SHA1_DIGEST_SIZE], want[SHA1_DIGEST_SIZE], got[SHA1_DIGEST_SIZE];
	ssh_bytes rest = wire_bytes_skip(hosts, 3);

	if (rest.len != 2 * HASH_CHARS + 1 || rest.ptr[HASH_CHARS] != '|' ||
	    !get_hash(wire_bytes(rest.ptr, HASH_CHARS), salt) ||
	    !get_hash(wire_bytes_skip(rest, HASH_CHARS + 1), want))
		return false;
	hash_name(salt, name, got);
	return memcmp(want, got, sizeof got) == 0;
}

bool auth_known_line_matches(const struct auth_known_line *l, ssh_bytes name)
{
	return is_hashed(l->hosts) ? matches_hash(l->hosts, name)
	                           : auth_text_match(l->hosts, name, true);
}

static void put_port(struct wire_buf *out, uint16_t port)
{
	char digits[5];
	size_t n = sizeof digits;

	do {
		digits[--n] = (char)('0' + port % 10);
		port /= 10;
	} while (port != 0);
	wire_put_raw(out, wire_bytes(digits + n, sizeof digits - n));
}

void auth_known_name_put(struct wire_buf *out, ssh_bytes host, uint16_t port)
{
	bool plain = port == AUTH_PORT_DEFAULT;

	if (!plain)
		wire_put_u8(out, '[');
	for (size_t i = 0; i < host.len; i++)
		wire_put_u8(out, auth_text_lower(host.ptr[i]));
	if (plain)
		return;
	wire_put_raw(out, wire_bytes_str("]:"));
	put_port(out, port);
}

/* --- Looking up --- */

/* The type of a blob, as its first string names it. */
static ssh_bytes type_of(ssh_bytes blob)
{
	struct wire_reader r;

	wire_reader_init(&r, blob);
	return wire_get_string(&r);
}

/* What a line that matches says of a key. */
static struct auth_known_result said_by(const struct auth_known_line *l, size_t number,
                                        ssh_bytes own, ssh_bytes blob)
{
	struct auth_known_result said = {.line = number};
	bool same = wire_bytes_equal(own, blob);

	if (l->marker == AUTH_MARKER_NONE)
		said.known = same ? AUTH_KNOWN_MATCH : AUTH_KNOWN_CHANGED;
	else if (l->marker == AUTH_MARKER_REVOKED && same)
		said.known = AUTH_KNOWN_REVOKED;
	said.same_type =
	    said.known == AUTH_KNOWN_CHANGED && wire_bytes_equal(type_of(own), type_of(blob));
	return said;
}

/* Of what two lines say the stronger word holds; of the same the first. */
static bool is_stronger(const struct auth_known_result *a, const struct auth_known_result *b)
{
	return a->known > b->known || (a->known == b->known && a->same_type && !b->same_type);
}

enum ssh_err auth_known_find(ssh_bytes text, ssh_bytes name, ssh_bytes blob,
                             struct auth_known_result *r)
{
	struct wire_buf own = {0};
	struct auth_known_result said;
	struct auth_known_line l;
	ssh_bytes line;
	enum ssh_err e = 0;

	memset(r, 0, sizeof *r);
	for (size_t n = 1; e != SSH_ERR_NO_MEMORY && auth_text_line(&text, &line); n++) {
		if (auth_known_line_parse(&l, line) != 0 || !auth_known_line_matches(&l, name))
			continue;
		wire_buf_reset(&own);
		if ((e = auth_publine_blob(&l.key, &own)) != 0)
			continue;
		said = said_by(&l, n, wire_buf_view(&own), blob);
		if (is_stronger(&said, r))
			*r = said;
	}
	wire_buf_wipe(&own);
	if (e != SSH_ERR_NO_MEMORY)
		return 0;
	/* The line that could not be looked at may have been the one that revokes. */
	memset(r, 0, sizeof *r);
	return e;
}

/* --- Adding --- */

/* Would the files take this name for itself? */
static bool is_plain(ssh_bytes name)
{
	static const char special[] = " \t\r\n,*?!|";

	if (name.len == 0 || name.ptr[0] == '#' || name.ptr[0] == '@')
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (memchr(special, name.ptr[i], sizeof special) != NULL)
			return false;
	return true;
}

static enum ssh_err put_hashed(struct wire_buf *out, ssh_bytes name, const struct crypt_rng *rng)
{
	uint8_t salt[SHA1_DIGEST_SIZE], hash[SHA1_DIGEST_SIZE];
	enum ssh_err e;

	if ((e = crypt_rng_fill(rng, salt, sizeof salt)) != 0)
		return e;
	hash_name(salt, name, hash);
	wire_put_raw(out, wire_bytes_str(HASHED));
	auth_base64_put(out, wire_bytes(salt, sizeof salt));
	wire_put_u8(out, '|');
	auth_base64_put(out, wire_bytes(hash, sizeof hash));
	return 0;
}

enum ssh_err auth_known_put(struct wire_buf *out, ssh_bytes name, ssh_bytes blob,
                            const struct crypt_rng *rng)
{
	size_t before = wire_buf_len(out);
	enum ssh_err e;

	if (name.len == 0 || (rng == NULL && !is_plain(name)))
		return SSH_ERR_ARGUMENT;
	if (rng == NULL)
		wire_put_raw(out, name);
	else if ((e = put_hashed(out, name, rng)) != 0)
		return e;
	wire_put_u8(out, ' ');
	auth_publine_put(out, blob, wire_bytes(NULL, 0));
	if ((e = wire_buf_end(out)) != 0)
		wire_buf_cut(out, before);
	return e;
}
