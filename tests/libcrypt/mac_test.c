/* SPDX-License-Identifier: MIT */
#include "libcrypt/mac.h"

#include "libcrypt/nettle_impl.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>
#include <nettle/umac.h>
#include <stdlib.h>

/* Of the vector's data the first four bytes are our sequence number. */
static void check_mac(const struct crypt_mac *mac, const char *const *column)
{
	uint64_t state[CRYPT_MAC_STATE_SIZE / 8];
	uint8_t tag[CRYPT_MAC_TAG_MAX];
	struct wire_buf key = {0}, data = {0}, want = {0};
	unhex(&key, column[2]);
	unhex(&data, column[3]);
	unhex(&want, column[4]);
	/* HMAC pads short keys with zeros, so the padded key is the same key. */
	while (wire_buf_len(&key) < mac->key_size)
		wire_put_u8(&key, 0);
	ssh_bytes d = wire_buf_view(&data);
	mac->init(state, wire_buf_view(&key).ptr);
	for (int packet = 0; packet < 3; packet++) {
		mac->compute(state, wire_load_u32(d.ptr), wire_bytes_skip(d, 4), tag);
		cr_assert(wire_bytes_equal(wire_bytes(tag, mac->tag_size), wire_buf_view(&want)),
		          "%s %s packet %d", column[0], mac->name, packet);
	}
	wire_buf_wipe(&key);
	wire_buf_wipe(&data);
	wire_buf_wipe(&want);
}

/* Is it the MAC of that name, or the same under another or as an -etm form? */
static bool is_form_of(const struct crypt_mac *mac, const char *name)
{
	size_t n = strlen(name);
	return strncmp(mac->name, name, n) == 0 &&
	       (mac->name[n] == '\0' || strcmp(mac->name + n, "@openssh.com") == 0 ||
	        strcmp(mac->name + n, "-etm@openssh.com") == 0);
}

/* Columns: source, name, key, data, tag. */
static void check_row(const char *const *column)
{
	size_t checked = 0;
	for (size_t i = 0; crypt_macs_legacy[i] != NULL; i++) {
		if (!is_form_of(crypt_macs_legacy[i], column[1]))
			continue;
		check_mac(crypt_macs_legacy[i], column);
		checked++;
	}
	cr_assert_geq(checked, 2, "no MAC %s", column[1]);
}

Test(mac, published_vectors)
{
	rows_each("hmac.txt", 5, check_row);
	rows_each("hmac-legacy.txt", 5, check_row);
}

/* --- UMAC --- */

static const uint8_t umac_key[] = "abcdefghijklmnop";

static void umac_tag(const struct crypt_mac *mac, uint32_t seq, const struct wire_buf *data,
                     uint8_t *tag)
{
	uint64_t state[CRYPT_MAC_STATE_SIZE / 8];
	mac->init(state, umac_key);
	mac->compute(state, 77, wire_bytes("something", 9), tag); /* that leaves no trace */
	mac->compute(state, seq, wire_buf_view(data), tag);
}

/*
 * The vectors' nonce is none of ours, which begin with four zeros. But a tag is a hash of the data
 * xor a pad that depends on the nonce: between two tags of one nonce the pad cancels out.
 */
static void check_umac(const struct crypt_mac *mac, const struct wire_buf *data, const char *want,
                       const char *want_empty)
{
	uint8_t tag[CRYPT_MAC_TAG_MAX], empty[CRYPT_MAC_TAG_MAX];
	struct wire_buf a = {0}, b = {0}, none = {0};
	unhex(&a, want);
	unhex(&b, want_empty);
	for (uint32_t seq = 0; seq < 6; seq++) {
		umac_tag(mac, seq, data, tag);
		umac_tag(mac, seq, &none, empty);
		for (size_t i = 0; i < wire_buf_len(&a); i++)
			cr_assert_eq(
			    tag[i] ^ empty[i], wire_buf_view(&a).ptr[i] ^ wire_buf_view(&b).ptr[i],
			    "%s, %zu bytes, number %u", mac->name, wire_buf_len(data), seq);
	}
	wire_buf_wipe(&a);
	wire_buf_wipe(&b);
}

/* Columns: data, repeated, 64-bit tag, 96-bit tag: the first 96 bits of one of 128. */
static void check_umac_row(const char *const *column)
{
	struct wire_buf data = {0};
	for (unsigned long n = strtoul(column[1], NULL, 10); n > 0; n--)
		unhex(&data, column[0]);
	check_umac(&crypt_umac_64, &data, column[2], "6E155FAD26900BE1");
	check_umac(&crypt_umac_64_etm, &data, column[2], "6E155FAD26900BE1");
	check_umac(&crypt_umac_128, &data, column[3], "32FEDB100C79AD58F07FF764");
	check_umac(&crypt_umac_128_etm, &data, column[3], "32FEDB100C79AD58F07FF764");
	wire_buf_wipe(&data);
}

Test(mac, umac_vectors)
{
	rows_each("umac.txt", 4, check_umac_row);
}

Test(mac, umac_takes_the_sequence_number_as_nonce)
{
	static const uint32_t seqs[] = {0, 1, 2, 3, 255, 0x12345678, 0x12345679, UINT32_MAX};
	struct wire_buf data = {0};
	wire_put_raw(&data, wire_bytes_str("a packet"));
	for (size_t i = 0; i < sizeof seqs / sizeof *seqs; i++) {
		uint8_t tag[CRYPT_MAC_TAG_MAX], want[CRYPT_MAC_TAG_MAX], nonce[8] = {0};
		struct umac64_ctx u64;
		struct umac128_ctx u128;
		wire_store_u32(nonce + 4, seqs[i]);
		umac64_set_key(&u64, umac_key);
		umac64_set_nonce(&u64, sizeof nonce, nonce);
		umac64_update(&u64, 8, (const uint8_t *)"a packet");
		umac64_digest(&u64, NETTLE_LENGTH(UMAC64_DIGEST_SIZE) want);
		umac_tag(&crypt_umac_64, seqs[i], &data, tag);
		cr_assert_eq(memcmp(tag, want, UMAC64_DIGEST_SIZE), 0, "number %u", seqs[i]);
		umac128_set_key(&u128, umac_key);
		umac128_set_nonce(&u128, sizeof nonce, nonce);
		umac128_update(&u128, 8, (const uint8_t *)"a packet");
		umac128_digest(&u128, NETTLE_LENGTH(UMAC128_DIGEST_SIZE) want);
		umac_tag(&crypt_umac_128, seqs[i], &data, tag);
		cr_assert_eq(memcmp(tag, want, UMAC128_DIGEST_SIZE), 0, "number %u", seqs[i]);
	}
	wire_buf_wipe(&data);
}

/* --- Facts --- */

/* The MAC whose -etm form this is: the name without the ending, or with @openssh.com for it. */
static const struct crypt_mac *plain_form(const struct crypt_mac *etm)
{
	size_t n = strlen(etm->name) - strlen("-etm@openssh.com");
	for (size_t i = 0; crypt_macs_legacy[i] != NULL; i++) {
		const char *name = crypt_macs_legacy[i]->name;
		if (strncmp(name, etm->name, n) == 0 &&
		    (name[n] == '\0' || strcmp(name + n, "@openssh.com") == 0))
			return crypt_macs_legacy[i];
	}
	cr_assert_fail("%s is a form of nothing", etm->name);
	return NULL;
}

Test(mac, etm_forms_differ_in_name_and_place_alone)
{
	size_t forms = 0;
	for (size_t i = 0; crypt_macs_legacy[i] != NULL; i++) {
		const struct crypt_mac *b = crypt_macs_legacy[i];
		cr_assert_eq(b->etm, strstr(b->name, "-etm@openssh.com") != NULL, "%s", b->name);
		if (!b->etm)
			continue;
		const struct crypt_mac *a = plain_form(b);
		cr_assert(!a->etm && a->init == b->init && a->compute == b->compute, "%s", b->name);
		cr_assert(a->key_size == b->key_size && a->tag_size == b->tag_size, "%s", a->name);
		forms++;
	}
	cr_assert_eq(forms, 9);
}

/* What mac.h calls insecure. */
static bool is_weak(const struct crypt_mac *m)
{
	return strstr(m->name, "md5") != NULL || strstr(m->name, "ripemd") != NULL ||
	       strstr(m->name, "-96") != NULL || m->tag_size == 0;
}

Test(mac, weak_ones_are_last_and_in_no_default_offer)
{
	size_t n = 0, i;
	for (; crypt_macs[n] != NULL; n++)
		cr_assert(crypt_macs[n] == crypt_macs_legacy[n] && !is_weak(crypt_macs[n]), "%s",
		          crypt_macs[n]->name);
	for (i = n; crypt_macs_legacy[i] != NULL && !is_weak(crypt_macs_legacy[i]); i++)
		;
	for (; crypt_macs_legacy[i] != NULL; i++)
		cr_assert(is_weak(crypt_macs_legacy[i]), "%s", crypt_macs_legacy[i]->name);
	cr_assert_eq(crypt_macs_legacy[i - 1], &crypt_insecure_mac_none);
}

Test(mac, each_is_named_once_and_fits)
{
	size_t n = 0;
	for (; crypt_macs_legacy[n] != NULL; n++) {
		const struct crypt_mac *m = crypt_macs_legacy[n];
		cr_assert(m->key_size <= CRYPT_MAC_KEY_MAX && m->tag_size <= CRYPT_MAC_TAG_MAX,
		          "%s", m->name);
		cr_assert_eq(m->init == NULL, m->compute == NULL, "%s", m->name);
		for (size_t i = 0; i < n; i++)
			cr_assert_str_neq(crypt_macs_legacy[i]->name, m->name);
	}
	cr_assert_eq(n, 22);
}
