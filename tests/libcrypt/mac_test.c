/* SPDX-License-Identifier: MIT */
#include "libcrypt/mac.h"

#include "tests/support/rows.h"

#include <criterion/criterion.h>

/* Rows are in pairs: a MAC and its -etm form. */
static const struct crypt_mac *const macs[] = {
    &crypt_hmac_sha1,         &crypt_hmac_sha1_etm, &crypt_hmac_sha2_256,
    &crypt_hmac_sha2_256_etm, &crypt_hmac_sha2_512, &crypt_hmac_sha2_512_etm,
};

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

/* Columns: source, name, key, data, tag. */
static void check_row(const char *const *column)
{
	size_t checked = 0;
	for (size_t i = 0; i < sizeof macs / sizeof *macs; i += 2) {
		if (strcmp(macs[i]->name, column[1]) != 0)
			continue;
		check_mac(macs[i], column);
		check_mac(macs[i + 1], column);
		checked++;
	}
	cr_assert_eq(checked, 1, "no MAC %s", column[1]);
}

Test(mac, published_vectors)
{
	rows_each("hmac.txt", 5, check_row);
}

Test(mac, etm_forms_differ_in_name_and_place_alone)
{
	for (size_t i = 0; i < sizeof macs / sizeof *macs; i += 2) {
		const struct crypt_mac *a = macs[i], *b = macs[i + 1];
		size_t n = strlen(a->name);
		cr_assert(!a->etm && b->etm, "%s", a->name);
		cr_assert_eq(strncmp(a->name, b->name, n), 0, "%s", b->name);
		cr_assert_str_eq(b->name + n, "-etm@openssh.com");
		cr_assert(a->key_size == b->key_size && a->tag_size == b->tag_size, "%s", a->name);
	}
}

Test(mac, the_default_offer_names_each_once)
{
	size_t n = 0;
	for (; crypt_macs[n] != NULL; n++) {
		for (size_t i = 0; i < n; i++)
			cr_assert_str_neq(crypt_macs[i]->name, crypt_macs[n]->name);
	}
	cr_assert_eq(n, sizeof macs / sizeof *macs);
}
