/* SPDX-License-Identifier: MIT */
#include "libcrypt/krl_impl.h"

/* First and last serial number, as wire_put_u64 has them: their order is that of their bytes. */
#define PAIR_SIZE   16
/* Bits of one bitmap: half of what an mpint may have. */
#define BITMAP_BITS 8192

/* --- The set --- */

void crypt_krl_add_key(struct crypt_krl_set *s, ssh_bytes blob)
{
	wire_put_string(&s->keys, blob);
}

void crypt_krl_add_sha1(struct crypt_krl_set *s, ssh_bytes blob)
{
	uint8_t digest[KRL_SHA1_SIZE];
	crypt_hash_once(&crypt_sha1, blob, digest);
	wire_put_raw(&s->sha1, wire_bytes(digest, sizeof digest));
}

void crypt_krl_add_sha256(struct crypt_krl_set *s, ssh_bytes blob)
{
	uint8_t digest[KRL_SHA256_SIZE];
	crypt_hash_once(&crypt_sha256, blob, digest);
	crypt_krl_add_digest(s, digest);
}

void crypt_krl_add_digest(struct crypt_krl_set *s, const uint8_t *digest)
{
	wire_put_raw(&s->sha256, wire_bytes(digest, KRL_SHA256_SIZE));
}

bool crypt_krl_add_serials(struct crypt_krl_set *s, uint64_t first, uint64_t last)
{
	if (first == 0 || first > last)
		return false;
	wire_put_u64(&s->serials, first);
	wire_put_u64(&s->serials, last);
	return true;
}

void crypt_krl_add_id(struct crypt_krl_set *s, ssh_bytes id)
{
	wire_put_string(&s->ids, id);
}

void crypt_krl_set_wipe(struct crypt_krl_set *s)
{
	struct wire_buf *const bufs[] = {&s->keys,    &s->sha1, &s->sha256,
	                                 &s->serials, &s->ids,  &s->certs};
	for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++)
		wire_buf_wipe(bufs[i]);
}

/* --- Sections --- */

static size_t section_begin(struct wire_buf *out, uint8_t type)
{
	wire_put_u8(out, type);
	return wire_put_string_begin(out);
}

/* A section, or a part of one, of data that is ready; none if there is none. */
static void put_section(struct wire_buf *out, uint8_t type, ssh_bytes data)
{
	if (data.len == 0)
		return;
	wire_put_u8(out, type);
	wire_put_string(out, data);
}

static size_t certs_begin(struct wire_buf *out, ssh_bytes authority)
{
	size_t mark = section_begin(out, KRL_CERTS);
	wire_put_string(out, authority);
	wire_put_str(out, "");
	return mark;
}

enum ssh_err crypt_krl_add_cert(struct crypt_krl_set *s, ssh_bytes blob)
{
	struct crypt_cert c;
	enum ssh_err e = crypt_cert_parse(&c, crypt_cert_keyalgs, blob);
	if (e != SSH_OK)
		return e;
	if (c.serial == 0 && c.id.len == 0)
		return SSH_ERR_ARGUMENT;
	size_t mark = certs_begin(&s->certs, c.authority);
	size_t part = section_begin(&s->certs, c.serial != 0 ? KRL_LIST : KRL_ID);
	if (c.serial != 0)
		wire_put_u64(&s->certs, c.serial);
	else
		wire_put_string(&s->certs, c.id);
	wire_put_string_end(&s->certs, part);
	wire_put_string_end(&s->certs, mark);
	return SSH_OK;
}

/* --- Order --- */

/* Let the record at `i` sink to where both below it are smaller. */
static void sink(uint8_t *base, size_t count, size_t size, size_t i)
{
	uint8_t spare[KRL_SHA256_SIZE];
	for (size_t child; (child = 2 * i + 1) < count; i = child) {
		if (child + 1 < count &&
		    memcmp(base + child * size, base + (child + 1) * size, size) < 0)
			child++;
		if (memcmp(base + i * size, base + child * size, size) >= 0)
			return;
		memcpy(spare, base + i * size, size);
		memcpy(base + i * size, base + child * size, size);
		memcpy(base + child * size, spare, size);
	}
}

/* Heap sort of records of `size` bytes. */
static void sort(uint8_t *base, size_t count, size_t size)
{
	uint8_t spare[KRL_SHA256_SIZE];
	for (size_t i = count / 2; i > 0; i--)
		sink(base, count, size, i - 1);
	for (size_t n = count; n > 1; n--) {
		memcpy(spare, base, size);
		memcpy(base, base + (n - 1) * size, size);
		memcpy(base + (n - 1) * size, spare, size);
		sink(base, n - 1, size, 0);
	}
}

/* Records in order, in a buf of their own. */
static struct wire_buf sorted(struct wire_buf *out, const struct wire_buf *in, size_t size)
{
	struct wire_buf copy = {0};
	ssh_bytes all = wire_buf_view(in);
	uint8_t *p = all.len == 0 ? NULL : wire_buf_room(&copy, all.len);
	if (p != NULL) {
		memcpy(p, all.ptr, all.len);
		sort(p, all.len / size, size);
		wire_buf_took(&copy, all.len);
	}
	wire_buf_fail(out, wire_buf_end(&copy));
	return copy;
}

static void put_hashes(struct wire_buf *out, uint8_t type, const struct wire_buf *hashes,
                       size_t size)
{
	struct wire_buf inside = sorted(out, hashes, size), section = {0};
	for (ssh_bytes rest = wire_buf_view(&inside); rest.len != 0;
	     rest = wire_bytes_skip(rest, size))
		wire_put_string(&section, wire_bytes(rest.ptr, size));
	put_section(out, type, wire_buf_view(&section));
	wire_buf_fail(out, wire_buf_end(&section));
	wire_buf_wipe(&inside);
	wire_buf_wipe(&section);
}

/* --- Serial numbers --- */

struct range {
	uint64_t first, last;
};

/* Take the first range off the front of sorted pairs: with all that overlap it or follow at once. */
static bool next_range(ssh_bytes *pairs, struct range *out)
{
	struct wire_reader r;
	struct range next;
	bool any = false;
	while (pairs->len != 0) {
		wire_reader_init(&r, *pairs);
		next.first = wire_get_u64(&r);
		next.last = wire_get_u64(&r);
		if (any && out->last != UINT64_MAX && next.first > out->last + 1)
			break;
		if (!any)
			*out = next;
		else if (next.last > out->last)
			out->last = next.last;
		any = true;
		*pairs = wire_bytes_skip(*pairs, PAIR_SIZE);
	}
	return any;
}

/* Bytes that the range takes by itself: in a list, or as a part of its own. */
static size_t cost(const struct range *r)
{
	return r->first == r->last ? 8 : 5 + PAIR_SIZE;
}

/*
 * How many of the ranges at the front are shorter as bits than by themselves? Looks as far as a
 * bitmap goes, and goes on from the best end found. Fewer than two: none are.
 */
static ssh_bytes bitmap_end(ssh_bytes pairs, size_t *count)
{
	struct range first, r;
	ssh_bytes rest = pairs, best = pairs;
	size_t alone = 0, saved = 0, n = 0;
	*count = 0;
	while (next_range(&rest, &r)) {
		if (n++ == 0)
			first = r;
		if (r.last - first.first >= BITMAP_BITS)
			break;
		alone += cost(&r);
		size_t bits = 5 + 8 + 4 + (size_t)(r.last - first.first) / 8 + 2;
		if (alone > bits && alone - bits >= saved && n > 1) {
			saved = alone - bits;
			best = rest;
			*count = n;
		}
	}
	return best;
}

static void put_bitmap(struct wire_buf *out, ssh_bytes pairs, size_t count)
{
	uint8_t bits[BITMAP_BITS / 8] = {0};
	struct range r;
	uint64_t offset = 0;
	for (size_t i = 0; i < count && next_range(&pairs, &r); i++) {
		offset = i == 0 ? r.first : offset;
		for (uint64_t n = r.first - offset; n <= r.last - offset; n++)
			bits[sizeof bits - 1 - n / 8] |= (uint8_t)(1 << n % 8);
	}
	size_t mark = section_begin(out, KRL_BITMAP);
	wire_put_u64(out, offset);
	wire_put_mpint(out, wire_bytes(bits, sizeof bits));
	wire_put_string_end(out, mark);
}

static void put_range(struct wire_buf *out, struct wire_buf *singles, const struct range *r)
{
	if (r->first == r->last) {
		wire_put_u64(singles, r->first);
		return;
	}
	size_t mark = section_begin(out, KRL_RANGE);
	wire_put_u64(out, r->first);
	wire_put_u64(out, r->last);
	wire_put_string_end(out, mark);
}

static void put_serials(struct wire_buf *out, const struct wire_buf *serials)
{
	struct wire_buf all = sorted(out, serials, PAIR_SIZE), singles = {0};
	ssh_bytes pairs = wire_buf_view(&all);
	struct range r;
	size_t count;
	while (pairs.len != 0) {
		ssh_bytes behind = bitmap_end(pairs, &count);
		if (count > 1) {
			put_bitmap(out, pairs, count);
			pairs = behind;
		} else if (next_range(&pairs, &r)) {
			put_range(out, &singles, &r);
		}
	}
	put_section(out, KRL_LIST, wire_buf_view(&singles));
	wire_buf_fail(out, wire_buf_end(&singles));
	wire_buf_wipe(&all);
	wire_buf_wipe(&singles);
}

/* --- The list --- */

static void put_certs(struct wire_buf *out, const struct crypt_krl_set *s, ssh_bytes authority)
{
	if (wire_buf_len(&s->serials) == 0 && wire_buf_len(&s->ids) == 0)
		return;
	size_t mark = certs_begin(out, authority);
	put_serials(out, &s->serials);
	put_section(out, KRL_ID, wire_buf_view(&s->ids));
	wire_put_string_end(out, mark);
}

enum ssh_err crypt_krl_put(struct wire_buf *out, const struct crypt_krl *head,
                           const struct crypt_krl_set *s, ssh_bytes authority)
{
	const struct wire_buf *const bufs[] = {&s->keys,    &s->sha1, &s->sha256,
	                                       &s->serials, &s->ids,  &s->certs};
	size_t before = wire_buf_len(out);
	for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++)
		wire_buf_fail(out, wire_buf_end(bufs[i]));
	wire_put_u64(out, KRL_MAGIC);
	wire_put_u32(out, KRL_FORMAT);
	wire_put_u64(out, head->version);
	wire_put_u64(out, head->generated);
	wire_put_u64(out, 0);
	wire_put_str(out, "");
	wire_put_string(out, head->comment);
	wire_put_raw(out, head->sections);
	put_certs(out, s, authority);
	wire_put_raw(out, wire_buf_view(&s->certs));
	put_section(out, KRL_KEY, wire_buf_view(&s->keys));
	put_hashes(out, KRL_SHA1, &s->sha1, KRL_SHA1_SIZE);
	put_hashes(out, KRL_SHA256, &s->sha256, KRL_SHA256_SIZE);
	if (wire_buf_end(out) != SSH_OK)
		wire_buf_cut(out, before);
	return wire_buf_end(out);
}
