/* SPDX-License-Identifier: MIT */
#include "libauth/kdf.h"
#include "tests/libauth/keykit.h"

#include <criterion/criterion.h>

/* A wrong passphrase is one thing, a damaged file another: of every format and cipher. */

#define PASS "nautilus 20000"

static const struct {
	const struct auth_keyform *form;
	const char *cipher;
} rows[] = {
    {&auth_keyform_openssh, "aes128-cbc"},
    {&auth_keyform_openssh, "aes192-cbc"},
    {&auth_keyform_openssh, "aes256-cbc"},
    {&auth_keyform_openssh, "3des-cbc"},
    {&auth_keyform_openssh, "aes128-ctr"},
    {&auth_keyform_openssh, "aes192-ctr"},
    {&auth_keyform_openssh, "aes256-ctr"},
    {&auth_keyform_openssh, "aes128-gcm@openssh.com"},
    {&auth_keyform_openssh, "aes256-gcm@openssh.com"},
    {&auth_keyform_openssh, "chacha20-poly1305@openssh.com"},
    {&auth_keyform_pem, "aes128-cbc"},
    {&auth_keyform_pem, "aes192-cbc"},
    {&auth_keyform_pem, "aes256-cbc"},
    {&auth_keyform_pem, "3des-cbc"},
    {&auth_keyform_pkcs8, "aes128-cbc"},
    {&auth_keyform_pkcs8, "aes192-cbc"},
    {&auth_keyform_pkcs8, "aes256-cbc"},
    {&auth_keyform_pkcs8, "3des-cbc"},
    {&auth_keyform_ppk, NULL},
    {&auth_keyform_ppk2, NULL},
};

static enum ssh_err try(ssh_bytes text, const char *passphrase)
{
	struct crypt_key k = {0};
	enum ssh_err e =
	    auth_keyfile_open(&k, NULL, crypt_keyalgs_legacy, text, wire_bytes_str(passphrase));

	crypt_key_wipe(&k);
	return e;
}

/* One character of the private half is another: it begins before the middle, and ends behind 3/4. */
static void damage(struct wire_buf *text, size_t row)
{
	size_t n = wire_buf_len(text), from = n * 6 / 10, to = n * 8 / 10;

	for (size_t i = from; i < to; i += 19) {
		uint8_t was = text->mem[i];
		enum ssh_err e;

		if (was == '\n')
			continue;
		text->mem[i] = was == 'A' ? 'B' : 'A';
		e = try(wire_buf_view(text), PASS);
		cr_expect(e == SSH_ERR_FILE_DAMAGED || e == SSH_ERR_KEY, "%s %zu, byte %zu: %s",
		          rows[row].form->name, row, i, ssh_err_name(e));
		text->mem[i] = was;
	}
	cr_expect_eq(try(wire_bytes(text->mem, from), PASS), SSH_ERR_FILE_DAMAGED, "row %zu", row);
}

Test(passphrase, wrong_or_damaged)
{
	static const char *const wrong[] = {"nautilus 20001", "n", "nautilus 20000 ",
	                                    "Nautilus 20000"};
	struct crypt_key k = {0};

	keykit_make(&k, &crypt_key_rsa);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct auth_keyfile_options o = {.form = rows[i].form,
		                                 .cipher = rows[i].cipher,
		                                 .passphrase = wire_bytes_str(PASS),
		                                 .rounds = 1};
		struct wire_buf text = keykit_save(&k, &o);

		cr_expect_eq(try(wire_buf_view(&text), PASS), SSH_OK, "row %zu", i);
		cr_expect_eq(try(wire_buf_view(&text), ""), SSH_ERR_PASSPHRASE, "row %zu", i);
		for (size_t j = 0; j < sizeof wrong / sizeof wrong[0]; j++)
			cr_expect_eq(try(wire_buf_view(&text), wrong[j]), SSH_ERR_PASSPHRASE,
			             "%s %zu: %s", rows[i].form->name, i, wrong[j]);
		damage(&text, i);
		wire_buf_wipe(&text);
	}
	crypt_key_wipe(&k);
}

/* What stands in the open in a PPK file is under its MAC: damage to it is no wrong passphrase. */
Test(passphrase, damage_in_the_open)
{
	static const char *const lines[] = {"Comment: ", "Public-Lines: ", "Private-MAC: "};
	struct crypt_key k = {0};

	keykit_make(&k, &crypt_key_rsa);
	for (size_t i = 0; i < 6; i++) {
		struct auth_keyfile_options o = {.form =
		                                     i < 3 ? &auth_keyform_ppk : &auth_keyform_ppk2,
		                                 .passphrase = wire_bytes_str(PASS),
		                                 .comment = wire_bytes_str("words"),
		                                 .rounds = 1};
		struct wire_buf text = keykit_save(&k, &o);
		uint8_t *line;

		wire_put_u8(&text, 0);
		line = (uint8_t *)strstr((char *)text.mem, lines[i % 3]);
		cr_assert_not_null(line);
		line[strlen(lines[i % 3]) + (i % 3 == 1 ? 40 : 1)] ^= 1;
		cr_expect_eq(try(wire_bytes(text.mem, wire_buf_len(&text) - 1), PASS),
		             SSH_ERR_FILE_DAMAGED, "%zu: %s", i, lines[i % 3]);
		wire_buf_wipe(&text);
	}
	crypt_key_wipe(&k);
}
