/* SPDX-License-Identifier: MIT */
#include "libcrypt/krl_impl.h"

/* --- The walk --- */

/* What is left goes back into the list; after an error nothing is left, and the walk ends. */
static bool took(struct crypt_krl_walk *w, ssh_bytes *list, struct wire_reader *r)
{
	enum ssh_err e = wire_reader_end(r);
	*list = wire_get_rest(r);
	if (e != SSH_OK && e != SSH_ERR_TRAILING && w->err == SSH_OK)
		w->err = SSH_ERR_FILE_DAMAGED;
	return w->err == SSH_OK;
}

static void end(struct crypt_krl_walk *w, enum ssh_err e)
{
	if (w->err == SSH_OK)
		w->err = e;
}

/* A name, whether it matters, and what it says: the one thing to know is that it does not. */
static void skip_extension(struct crypt_krl_walk *w)
{
	struct wire_reader r;
	wire_reader_init(&r, w->data);
	(void)wire_get_string(&r);
	bool critical = wire_get_bool(&r);
	(void)wire_get_string(&r);
	w->data = wire_bytes(NULL, 0);
	if (wire_reader_end(&r) != SSH_OK)
		end(w, SSH_ERR_FILE_DAMAGED);
	else if (critical)
		end(w, SSH_ERR_UNSUPPORTED);
}

static void open_bitmap(struct crypt_krl_walk *w)
{
	struct wire_reader r;
	wire_reader_init(&r, w->data);
	w->offset = wire_get_u64(&r);
	w->bitmap = wire_get_mpint(&r);
	w->bit = 0;
	w->data = wire_bytes(NULL, 0);
	if (wire_reader_end(&r) != SSH_OK || w->offset > UINT64_MAX - w->bitmap.len * 8)
		end(w, SSH_ERR_FILE_DAMAGED);
}

static void open_certs(struct crypt_krl_walk *w)
{
	struct wire_reader r;
	wire_reader_init(&r, w->data);
	w->authority = wire_get_string(&r);
	(void)wire_get_string(&r);
	w->data = wire_bytes(NULL, 0);
	(void)took(w, &w->certs, &r);
}

/* The next part of a section of certificates. */
static void open_part(struct crypt_krl_walk *w)
{
	struct wire_reader r;
	wire_reader_init(&r, w->certs);
	w->type = wire_get_u8(&r);
	w->data = wire_get_string(&r);
	if (!took(w, &w->certs, &r))
		return;
	switch (w->type) {
	case KRL_LIST:
	case KRL_RANGE:
	case KRL_ID:
		return;
	case KRL_BITMAP:
		open_bitmap(w);
		return;
	case KRL_CERT_EXTENSION:
		skip_extension(w);
		return;
	default:
		end(w, SSH_ERR_UNSUPPORTED);
	}
}

static void open_section(struct crypt_krl_walk *w)
{
	struct wire_reader r;
	wire_reader_init(&r, w->sections);
	w->type = wire_get_u8(&r);
	w->data = wire_get_string(&r);
	w->authority = wire_bytes(NULL, 0);
	if (!took(w, &w->sections, &r))
		return;
	switch (w->type) {
	case KRL_KEY:
	case KRL_SHA1:
	case KRL_SHA256:
		return;
	case KRL_CERTS:
		open_certs(w);
		return;
	case KRL_EXTENSION:
		skip_extension(w);
		return;
	default:
		end(w, SSH_ERR_UNSUPPORTED);
	}
}

static bool get_bit(ssh_bytes bitmap, size_t bit)
{
	return (bitmap.ptr[bitmap.len - 1 - bit / 8] >> bit % 8 & 1) != 0;
}

/* The next run of bits that are set. */
static bool next_run(struct crypt_krl_walk *w, struct crypt_krl_item *item)
{
	size_t bits = w->bitmap.len * 8;
	while (w->bit < bits && !get_bit(w->bitmap, w->bit))
		w->bit++;
	if (w->bit == bits)
		return false;
	item->kind = CRYPT_KRL_SERIALS;
	item->first = w->offset + w->bit;
	while (w->bit < bits && get_bit(w->bitmap, w->bit))
		w->bit++;
	item->last = w->offset + w->bit - 1;
	return true;
}

/* The next item of what is open, which is not at its end. */
static bool next_item(struct crypt_krl_walk *w, struct crypt_krl_item *item)
{
	struct wire_reader r;
	size_t size = 0;
	wire_reader_init(&r, w->data);
	if (w->type == KRL_LIST || w->type == KRL_RANGE) {
		item->kind = CRYPT_KRL_SERIALS;
		item->first = wire_get_u64(&r);
		item->last = w->type == KRL_LIST ? item->first : wire_get_u64(&r);
		return took(w, &w->data, &r) && item->first <= item->last &&
		       (w->type == KRL_LIST || w->data.len == 0);
	}
	item->text = wire_get_string(&r);
	if (w->type == KRL_SHA1 || w->type == KRL_SHA256)
		size = w->type == KRL_SHA1 ? KRL_SHA1_SIZE : KRL_SHA256_SIZE;
	item->kind = w->type == KRL_KEY    ? CRYPT_KRL_KEY
	             : w->type == KRL_SHA1 ? CRYPT_KRL_SHA1
	             : w->type == KRL_ID   ? CRYPT_KRL_ID
	                                   : CRYPT_KRL_SHA256;
	return took(w, &w->data, &r) && (size == 0 || item->text.len == size);
}

void crypt_krl_walk_init(struct crypt_krl_walk *w, const struct crypt_krl *k)
{
	*w = (struct crypt_krl_walk){.sections = k->sections};
}

bool crypt_krl_next(struct crypt_krl_walk *w, struct crypt_krl_item *item)
{
	while (w->err == SSH_OK) {
		*item = (struct crypt_krl_item){.authority = w->authority};
		if (next_run(w, item))
			return true;
		if (w->data.len != 0) {
			if (next_item(w, item))
				return true;
			end(w, SSH_ERR_FILE_DAMAGED);
		} else if (w->certs.len != 0) {
			open_part(w);
		} else if (w->sections.len != 0) {
			open_section(w);
		} else {
			return false;
		}
	}
	return false;
}

/* --- The whole --- */

enum ssh_err crypt_krl_parse(struct crypt_krl *k, ssh_bytes text)
{
	struct crypt_krl found = {0};
	struct crypt_krl_walk w;
	struct crypt_krl_item item;
	struct wire_reader r;
	wire_reader_init(&r, text);
	if (wire_get_u64(&r) != KRL_MAGIC)
		return SSH_ERR_FILE_FORMAT;
	if (wire_get_u32(&r) != KRL_FORMAT)
		return SSH_ERR_UNSUPPORTED;
	found.version = wire_get_u64(&r);
	found.generated = wire_get_u64(&r);
	(void)wire_get_u64(&r); /* flags: none are defined */
	(void)wire_get_string(&r);
	found.comment = wire_get_string(&r);
	found.sections = wire_get_rest(&r);
	if (wire_reader_end(&r) != SSH_OK)
		return SSH_ERR_FILE_DAMAGED;
	crypt_krl_walk_init(&w, &found);
	while (crypt_krl_next(&w, &item))
		;
	if (w.err == SSH_OK)
		*k = found;
	return w.err;
}

/* --- Looking a key up --- */

/* A key as items see it, and of a certificate its fields. */
struct target {
	ssh_bytes key;
	uint8_t sha1[KRL_SHA1_SIZE], sha256[KRL_SHA256_SIZE];
	const struct crypt_cert *cert; /* NULL: none */
};

static void aim(struct target *t, ssh_bytes key, const struct crypt_cert *cert)
{
	t->key = key;
	t->cert = cert;
	crypt_hash_once(&crypt_sha1, key, t->sha1);
	crypt_hash_once(&crypt_sha256, key, t->sha256);
}

static bool hits(const struct crypt_krl_item *i, const struct target *t)
{
	switch (i->kind) {
	case CRYPT_KRL_KEY:
		return wire_bytes_equal(i->text, t->key);
	case CRYPT_KRL_SHA1:
		return memcmp(i->text.ptr, t->sha1, sizeof t->sha1) == 0;
	case CRYPT_KRL_SHA256:
		return memcmp(i->text.ptr, t->sha256, sizeof t->sha256) == 0;
	default:
		break;
	}
	if (t->cert == NULL ||
	    (i->authority.len != 0 && !wire_bytes_equal(i->authority, t->cert->authority)))
		return false;
	if (i->kind == CRYPT_KRL_ID)
		return wire_bytes_equal(i->text, t->cert->id);
	return t->cert->serial != 0 && i->first <= t->cert->serial && t->cert->serial <= i->last;
}

static enum ssh_err search(const struct crypt_krl *k, const struct target *targets, size_t n)
{
	struct crypt_krl_walk w;
	struct crypt_krl_item item;
	crypt_krl_walk_init(&w, k);
	while (crypt_krl_next(&w, &item))
		for (size_t i = 0; i < n; i++)
			if (hits(&item, &targets[i]))
				return SSH_ERR_REVOKED;
	return w.err;
}

enum ssh_err crypt_krl_check(const struct crypt_krl *k, ssh_bytes blob)
{
	struct target targets[2];
	struct crypt_cert c;
	struct wire_buf plain = {0};
	enum ssh_err e = crypt_cert_parse(&c, crypt_cert_keyalgs, blob);
	if (e == SSH_ERR_UNSUPPORTED) {
		aim(&targets[0], blob, NULL);
		return search(k, targets, 1);
	}
	if (e != SSH_OK)
		return e;
	crypt_cert_put_key(&plain, &c);
	if ((e = wire_buf_end(&plain)) == SSH_OK) {
		aim(&targets[0], wire_buf_view(&plain), &c);
		aim(&targets[1], c.authority, NULL);
		e = search(k, targets, 2);
	}
	wire_buf_wipe(&plain);
	return e;
}
