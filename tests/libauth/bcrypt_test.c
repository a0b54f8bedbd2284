/* SPDX-License-Identifier: MIT */
#include "libauth/bcrypt.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void check_row(const char *const *column)
{
	struct wire_buf pass = {0}, salt = {0}, want = {0};
	uint8_t out[AUTH_BCRYPT_OUT_MAX];
	uint32_t rounds = (uint32_t)strtoul(column[0], NULL, 10);

	unhex(&pass, column[1]);
	unhex(&salt, column[2]);
	unhex(&want, column[3]);
	cr_assert_eq(auth_bcrypt_pbkdf(out, wire_buf_len(&want), wire_buf_view(&pass),
	                               wire_buf_view(&salt), rounds),
	             SSH_OK);
	cr_expect(wire_bytes_equal(wire_bytes(out, wire_buf_len(&want)), wire_buf_view(&want)),
	          "%s|%s", column[0], column[1]);
	wire_buf_wipe(&pass);
	wire_buf_wipe(&salt);
	wire_buf_wipe(&want);
}

Test(bcrypt, published)
{
	rows_each("bcrypt-pbkdf.txt", 4, check_row);
}

static const struct {
	size_t n, pass, salt;
	uint32_t rounds;
	enum ssh_err err;
} bounds[] = {
    {1, 1, 1, 1, 0},
    {0, 1, 1, 1, SSH_ERR_ARGUMENT},
    {AUTH_BCRYPT_OUT_MAX + 1, 1, 1, 1, SSH_ERR_ARGUMENT},
    {1, 0, 1, 1, SSH_ERR_ARGUMENT},
    {1, 1, 0, 1, SSH_ERR_ARGUMENT},
    {1, 1, AUTH_BCRYPT_SALT_MAX + 1, 1, SSH_ERR_ARGUMENT},
    {1, 1, 1, 0, SSH_ERR_ARGUMENT},
};

Test(bcrypt, bounds)
{
	static const uint8_t bytes[AUTH_BCRYPT_SALT_MAX + 1];
	uint8_t out[AUTH_BCRYPT_OUT_MAX + 1];

	for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++)
		cr_expect_eq(auth_bcrypt_pbkdf(out, bounds[i].n, wire_bytes(bytes, bounds[i].pass),
		                               wire_bytes(bytes, bounds[i].salt), bounds[i].rounds),
		             bounds[i].err, "row %zu", i);
}
