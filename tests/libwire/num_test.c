/* SPDX-License-Identifier: MIT */
#include "libwire/num.h"

#include <criterion/criterion.h>
#include <string.h>

#include "libwire/msg.h"

static const struct wire_context unknown = {WIRE_KEX_UNKNOWN, WIRE_AUTH_UNKNOWN};

Test(num, ambiguous_numbers_need_a_context)
{
	static const struct {
		uint8_t number;
		enum wire_kex kex;
		enum wire_auth auth;
		const char *name;
	} rows[] = {
	    {60, 0, 0, "USERAUTH_PK_OK|USERAUTH_PASSWD_CHANGEREQ|USERAUTH_INFO_REQUEST"},
	    {60, 0, WIRE_AUTH_PUBLICKEY, "USERAUTH_PK_OK"},
	    {60, 0, WIRE_AUTH_PASSWORD, "USERAUTH_PASSWD_CHANGEREQ"},
	    {60, 0, WIRE_AUTH_KBDINT, "USERAUTH_INFO_REQUEST"},
	    {61, 0, 0, "USERAUTH_INFO_RESPONSE"},
	    {61, 0, WIRE_AUTH_KBDINT, "USERAUTH_INFO_RESPONSE"},
	    {61, 0, WIRE_AUTH_PASSWORD, "UNKNOWN"},
	    {62, 0, 0, "UNKNOWN"},
	    {30, 0, 0, "KEXDH_INIT|KEX_ECDH_INIT|KEX_DH_GEX_REQUEST_OLD"},
	    {30, WIRE_KEX_DH, 0, "KEXDH_INIT"},
	    {30, WIRE_KEX_ECDH, 0, "KEX_ECDH_INIT"},
	    {30, WIRE_KEX_GEX, 0, "KEX_DH_GEX_REQUEST_OLD"},
	    {31, 0, 0, "KEXDH_REPLY|KEX_ECDH_REPLY|KEX_DH_GEX_GROUP"},
	    {31, WIRE_KEX_DH, 0, "KEXDH_REPLY"},
	    {31, WIRE_KEX_ECDH, 0, "KEX_ECDH_REPLY"},
	    {31, WIRE_KEX_GEX, 0, "KEX_DH_GEX_GROUP"},
	    {34, 0, 0, "KEX_DH_GEX_REQUEST"},
	    {34, WIRE_KEX_DH, 0, "UNKNOWN"},
	    {35, WIRE_KEX_GEX, 0, "UNKNOWN"},
	    {20, WIRE_KEX_DH, WIRE_AUTH_PASSWORD, "KEXINIT"},
	    {0, 0, 0, "UNKNOWN"},
	    {200, 0, 0, "UNKNOWN"},
	    {255, 0, 0, "UNKNOWN"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct wire_context ctx = {rows[i].kex, rows[i].auth};
		cr_assert_str_eq(wire_num_name(rows[i].number, ctx), rows[i].name, "row %zu", i);
	}
}

/* Every shape is found by its number in some context; and a name that is no alternative has one. */
Test(num, names_and_shapes_agree)
{
	for (const struct wire_shape *const *s = wire_msg_all; *s != NULL; s++) {
		bool found = false;
		for (int k = WIRE_KEX_UNKNOWN; k <= WIRE_KEX_GEX; k++)
			for (int a = WIRE_AUTH_UNKNOWN; a <= WIRE_AUTH_KBDINT; a++)
				found |=
				    wire_msg_find((*s)->number,
				                  (struct wire_context){(enum wire_kex)k,
				                                        (enum wire_auth)a}) == *s;
		cr_assert(found, "%s", (*s)->name);
		cr_assert(s == wire_msg_all || s[-1]->number <= (*s)->number, "%s: order",
		          (*s)->name);
	}
	for (unsigned n = 0; n < 256; n++) {
		const char *name = wire_num_name((uint8_t)n, unknown);
		bool settled = strcmp(name, "UNKNOWN") != 0 && strchr(name, '|') == NULL;
		cr_assert_eq(wire_msg_find((uint8_t)n, unknown) != NULL, settled, "number %u", n);
	}
}

Test(num, reasons)
{
	cr_assert_str_eq(wire_reason_name(0), "UNKNOWN");
	cr_assert_str_eq(wire_reason_name(SSH_DISCONNECT_MAC_ERROR), "MAC_ERROR");
	cr_assert_str_eq(wire_reason_name(1), "HOST_NOT_ALLOWED_TO_CONNECT");
	cr_assert_str_eq(wire_reason_name(15), "ILLEGAL_USER_NAME");
	cr_assert_str_eq(wire_reason_name(16), "UNKNOWN");
	cr_assert_str_eq(wire_reason_name(UINT32_MAX), "UNKNOWN");
}
