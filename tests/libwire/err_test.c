/* SPDX-License-Identifier: MIT */
#include "libwire/err.h"

#include <criterion/criterion.h>
#include <string.h>

#include "libwire/num.h"

Test(err, every_code_has_its_own_name_and_a_clause)
{
	for (unsigned i = 0; i < SSH_ERR_COUNT; i++) {
		const char *text = ssh_err_text((enum ssh_err)i);
		cr_assert_neq(text[0], '\0', "code %u", i);
		cr_assert_neq(text[strlen(text) - 1], '.', "code %u", i);
		cr_assert(ssh_err_reason((enum ssh_err)i) <= SSH_DISCONNECT_ILLEGAL_USER_NAME,
		          "code %u", i);
		for (unsigned j = 0; j < i; j++)
			cr_assert_str_neq(ssh_err_name((enum ssh_err)i),
			                  ssh_err_name((enum ssh_err)j));
	}
}

Test(err, rows)
{
	cr_assert_eq(SSH_OK, 0);
	cr_assert_str_eq(ssh_err_name(SSH_ERR_NO_COMMON), "NO_COMMON");
	cr_assert_str_eq(ssh_err_text(SSH_ERR_MAC), "message authentication failed");
	cr_assert_eq(ssh_err_reason(SSH_ERR_MAC), SSH_DISCONNECT_MAC_ERROR);
	cr_assert_eq(ssh_err_reason(SSH_ERR_NO_COMMON), SSH_DISCONNECT_KEY_EXCHANGE_FAILED);
	cr_assert_eq(ssh_err_reason(SSH_ERR_IDENT), 0);
}

Test(err, outside_the_table)
{
	cr_assert_str_eq(ssh_err_name(SSH_ERR_COUNT), "UNKNOWN");
	cr_assert_str_eq(ssh_err_name((enum ssh_err) - 1), "UNKNOWN");
	cr_assert_neq(ssh_err_text((enum ssh_err)9999)[0], '\0');
	cr_assert_eq(ssh_err_reason((enum ssh_err)9999), SSH_DISCONNECT_PROTOCOL_ERROR);
}
