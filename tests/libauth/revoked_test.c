/* SPDX-License-Identifier: MIT */
#include "libauth/revoked.h"
#include "libauth/pubfile.h"
#include "tests/libauth/keykit.h"
#include "tests/support/alloc.h"

#include <criterion/criterion.h>

static struct wire_buf blob_of(const struct crypt_keyalg *alg)
{
	struct crypt_key k = {0};
	struct wire_buf blob;

	keykit_make(&k, alg);
	blob = keykit_public(&k);
	crypt_key_wipe(&k);
	return blob;
}

/* %: the line of the Ed25519 key. */
static const struct {
	const char *text;
	enum ssh_err err;
} files[] = {
    {"", SSH_OK},
    {"# nothing\n\n", SSH_OK},
    {"%", SSH_ERR_REVOKED},
    {"# one\n%\n", SSH_ERR_REVOKED},
    {"what is this?\n", SSH_ERR_FILE_FORMAT},
    {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5!\n%", SSH_ERR_FILE_DAMAGED},
};

Test(revoked, lines)
{
	struct wire_buf bad = blob_of(&crypt_key_ed25519), good = blob_of(&crypt_key_ed448);

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct wire_buf text = {0};
		bool listed = files[i].err == SSH_ERR_REVOKED;

		for (const char *c = files[i].text; *c != '\0'; c++)
			if (*c == '%')
				auth_publine_put(&text, wire_buf_view(&bad), wire_bytes(NULL, 0));
			else
				wire_put_u8(&text, (uint8_t)*c);
		cr_expect_eq(auth_revoked_check(wire_buf_view(&text), wire_buf_view(&bad)),
		             files[i].err, "%s", files[i].text);
		cr_expect_eq(auth_revoked_check(wire_buf_view(&text), wire_buf_view(&good)),
		             listed ? SSH_OK : files[i].err, "%s", files[i].text);
		wire_buf_wipe(&text);
	}
	wire_buf_wipe(&bad);
	wire_buf_wipe(&good);
}

Test(revoked, list_and_damaged_list)
{
	struct wire_buf bad = blob_of(&crypt_key_ed25519), list = {0};
	struct crypt_krl_set s = {0};
	struct crypt_krl head = {.version = 1};

	crypt_krl_add_sha256(&s, wire_buf_view(&bad));
	cr_assert_eq(crypt_krl_put(&list, &head, &s, wire_bytes(NULL, 0)), SSH_OK);
	cr_expect_eq(auth_revoked_check(wire_buf_view(&list), wire_buf_view(&bad)),
	             SSH_ERR_REVOKED);
	cr_expect_eq(auth_revoked_check(wire_buf_view(&list), wire_bytes("\0\0\0\1x", 5)), SSH_OK);
	wire_buf_cut(&list, wire_buf_len(&list) - 1);
	cr_expect_eq(auth_revoked_check(wire_buf_view(&list), wire_bytes("\0\0\0\1x", 5)),
	             SSH_ERR_FILE_DAMAGED);
	crypt_krl_set_wipe(&s);
	wire_buf_wipe(&bad);
	wire_buf_wipe(&list);
}

Test(revoked, no_memory)
{
	struct wire_buf bad = blob_of(&crypt_key_ed25519), text = {0};
	bool failed = true;

	auth_publine_put(&text, wire_buf_view(&bad), wire_bytes(NULL, 0));
	for (size_t n = 1; failed; n++) {
		enum ssh_err e;

		alloc_start();
		alloc_fail_at(n);
		e = auth_revoked_check(wire_buf_view(&text), wire_buf_view(&bad));
		alloc_stop();
		failed = alloc_failed();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_ERR_REVOKED, "allocation %zu: %s",
		             n, ssh_err_name(e));
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
	}
	wire_buf_wipe(&bad);
	wire_buf_wipe(&text);
}
