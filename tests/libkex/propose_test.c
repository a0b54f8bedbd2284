/* SPDX-License-Identifier: MIT */
#include "libkex/propose.h"
#include "libwire/msg.h"

#include <criterion/criterion.h>

/* A proposal: nine of ten of its lists are the same in every row, so a row names what differs. */
struct offer {
	const char *list[KEX_LISTS]; /* NULL: as below */
	bool follows;
};

static const char *const usual[KEX_LISTS] = {
    "k1,k2,k3", "h1,h2", "c1,c2", "c1,c2", "m1,m2", "m1,m2", "none", "none",
};

static ssh_bytes text(const struct offer *o, enum kex_list l)
{
	return wire_bytes_str(o->list[l] == NULL ? usual[l] : o->list[l]);
}

static struct wire_buf kexinit(const struct offer *o)
{
	struct wire_buf b = {0};
	struct ssh_kexinit m = {
	    .kex = text(o, KEX_LIST_KEX),
	    .hostkey = text(o, KEX_LIST_HOSTKEY),
	    .cipher_cs = text(o, KEX_LIST_CIPHER_CS),
	    .cipher_sc = text(o, KEX_LIST_CIPHER_SC),
	    .mac_cs = text(o, KEX_LIST_MAC_CS),
	    .mac_sc = text(o, KEX_LIST_MAC_SC),
	    .comp_cs = text(o, KEX_LIST_COMP_CS),
	    .comp_sc = text(o, KEX_LIST_COMP_SC),
	    .lang_cs = wire_bytes_str("en"),
	    .first_follows = o->follows,
	    .reserved = 0x01020304, /* for future extension: taken as it comes */
	};
	wire_msg_encode(&b, &ssh_kexinit_shape, &m);
	cr_assert_eq(wire_buf_end(&b), SSH_OK);
	return b;
}

/* The views in `out` die with the proposal, so the row's check runs before that. */
static enum ssh_err choose(const struct offer *client, const struct offer *server,
                           struct kex_choice *out, void (*check)(const struct kex_choice *))
{
	struct wire_buf c = kexinit(client), s = kexinit(server);
	enum ssh_err e = kex_propose_choose(wire_buf_view(&c), wire_buf_view(&s), out);
	if (check != NULL)
		check(out);
	wire_buf_wipe(&c);
	wire_buf_wipe(&s);
	return e;
}

static void is_the_client_s_order(const struct kex_choice *c)
{
	static const char *const want[KEX_LISTS] = {"k2", "h1", "c1",  "c2",
	                                            "m2", "",   "zip", "none"};
	for (enum kex_list l = KEX_LIST_KEX; l < KEX_LISTS; l++)
		cr_assert(wire_bytes_is(c->name[l], want[l]), "%s", kex_list_name(l));
}

Test(propose, takes_the_first_of_the_client_s_that_the_server_has)
{
	static const struct offer client = {
	    .list = {"k1,k2,k3", "h1,h2", "c1,c2", "c1,c2", "m2,m1", "m8", "zip,none", "none"}};
	static const struct offer server = {
	    .list = {"k3,k2", "h2,h1", "c2,c1", "c2", "m1,m2", "m9", "none,zip", "none"}};
	struct kex_choice c;
	cr_assert_eq(choose(&client, &server, &c, is_the_client_s_order), SSH_OK);
	cr_assert_eq(c.failed, KEX_LISTS);
	cr_assert(!c.strict && !c.client_ext_info && !c.server_ext_info);
}

/* Each list without a common name or empty is named; a MAC may be needless, the caller knows. */
Test(propose, names_the_list_that_failed)
{
	static const struct offer plain;
	for (enum kex_list l = KEX_LIST_KEX; l < KEX_LISTS; l++) {
		static const char *const bad[] = {"other", "", "K1,H1,C1,M1,NONE", "a@b@c"};
		bool mac = l == KEX_LIST_MAC_CS || l == KEX_LIST_MAC_SC;
		for (size_t i = 0; i < 8; i++) {
			struct offer o = plain;
			struct kex_choice c;
			o.list[l] = bad[i / 2];
			enum ssh_err e = i % 2 == 0 ? choose(&o, &plain, &c, NULL)
			                            : choose(&plain, &o, &c, NULL);
			cr_assert_eq(e, mac ? SSH_OK : SSH_ERR_NO_COMMON, "%s, row %zu",
			             kex_list_name(l), i);
			cr_assert_eq(c.failed, mac ? KEX_LISTS : l, "%s, row %zu", kex_list_name(l),
			             i);
			cr_assert_eq(c.name[KEX_LIST_MAC_CS].len == 0,
			             !mac || l == KEX_LIST_MAC_CS);
		}
	}
}

Test(propose, invalid_names_never_match)
{
	static char long_name[66];
	static const char *const names[] = {"two@at@s", long_name};
	memset(long_name, 'x', 65);
	for (size_t i = 0; i < 2; i++) {
		for (enum kex_list l = KEX_LIST_KEX; l <= KEX_LIST_CIPHER_SC; l++) {
			struct offer o = {0};
			struct kex_choice c;
			o.list[l] = names[i];
			cr_assert_eq(choose(&o, &o, &c, NULL), SSH_ERR_NO_COMMON, "%s", names[i]);
			cr_assert_eq(c.failed, l);
		}
	}
}

#define C_V00 "kex-strict-c-v00@openssh.com"
#define S_V00 "kex-strict-s-v00@openssh.com"

Test(propose, strict_kex_needs_one_spelling_on_both_sides)
{
	static const struct {
		const char *client, *server;
		bool strict;
	} rows[] = {
	    {"k1,kex-strict-c", "k1,kex-strict-s", true},
	    {"k1," C_V00, "k1," S_V00, true},
	    {C_V00 ",k1", S_V00 ",k1", true},
	    {"k1,kex-strict-c", "k1," S_V00, false},
	    {"k1," C_V00, "k1,kex-strict-s", false},
	    {"k1," C_V00 ",kex-strict-c", "k1," S_V00, true},
	    {"k1," C_V00 ",kex-strict-c", "k1,kex-strict-s", true},
	    {"k1," C_V00, "k1," S_V00 ",kex-strict-s", true},
	    {"k1", "k1," S_V00, false},
	    {"k1," C_V00, "k1", false},
	    {"k1," S_V00, "k1," S_V00, false},
	    {"k1," C_V00, "k1," C_V00, false},
	    {"k1,kex-strict-s", "k1,kex-strict-s", false},
	    {"k1,KEX-STRICT-C", "k1,kex-strict-s", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct offer client = {.list = {rows[i].client}};
		struct offer server = {.list = {rows[i].server}};
		struct kex_choice c;
		cr_assert_eq(choose(&client, &server, &c, NULL), SSH_OK, "row %zu", i);
		cr_assert_eq(c.strict, rows[i].strict, "row %zu", i);
	}
}

Test(propose, markers_are_never_chosen)
{
	static const char *const markers[] = {"ext-info-c", "ext-info-s",   C_V00,
	                                      S_V00,        "kex-strict-c", "kex-strict-s"};
	for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++) {
		struct offer o = {.list = {markers[i]}};
		struct kex_choice c;
		cr_assert_eq(choose(&o, &o, &c, NULL), SSH_ERR_NO_COMMON, "%s", markers[i]);
		cr_assert_eq(c.failed, KEX_LIST_KEX);
	}
	struct offer client = {.list = {"ext-info-c,k9,k1"}}, server = {.list = {"ext-info-s,k1"}};
	struct kex_choice c;
	cr_assert_eq(choose(&client, &server, &c, NULL), SSH_OK);
	cr_assert(c.client_ext_info && c.server_ext_info);
	/* The other side's marker says nothing. */
	cr_assert_eq(choose(&server, &client, &c, NULL), SSH_OK);
	cr_assert(!c.client_ext_info && !c.server_ext_info);
}

/* RFC 4253 section 7.1: right only if both first names are the same on both sides. */
Test(propose, a_guess_may_be_wrong)
{
	static const struct {
		struct offer client, server;
		bool client_wrong, server_wrong;
	} rows[] = {
	    {{.follows = true}, {.follows = true}, false, false},
	    {{.follows = false}, {.list = {"k2,k1"}}, false, false},
	    {{.follows = true}, {.list = {"k2,k1"}}, true, false},
	    {{.follows = false}, {.list = {"k2,k1"}, .follows = true}, false, true},
	    {{.follows = true}, {.list = {NULL, "h2,h1"}}, true, false},
	    {{.follows = true}, {.list = {NULL, NULL, "c2"}}, false, false},
	    {{.list = {"ext-info-c,k1"}, .follows = true}, {.follows = true}, true, true},
	    {{.list = {C_V00 ",k1"}, .follows = true}, {.list = {C_V00 ",k1"}}, true, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct kex_choice c;
		cr_assert_eq(choose(&rows[i].client, &rows[i].server, &c, NULL), SSH_OK);
		cr_assert_eq(c.client_guess_wrong, rows[i].client_wrong, "row %zu", i);
		cr_assert_eq(c.server_guess_wrong, rows[i].server_wrong, "row %zu", i);
	}
}

Test(propose, refuses_what_does_not_parse)
{
	struct offer plain = {0};
	struct wire_buf good = kexinit(&plain), bad = kexinit(&plain);
	ssh_bytes whole = wire_buf_view(&good);
	struct kex_choice c;
	for (size_t n = 0; n < whole.len; n++) {
		ssh_bytes cut = wire_bytes(whole.ptr, n);
		cr_assert_eq(kex_propose_choose(cut, whole, &c), SSH_ERR_TRUNCATED, "%zu", n);
		cr_assert_eq(kex_propose_choose(whole, cut, &c), SSH_ERR_TRUNCATED, "%zu", n);
	}
	wire_put_u8(&bad, 0);
	cr_assert_eq(kex_propose_choose(wire_buf_view(&bad), whole, &c), SSH_ERR_TRAILING);
	cr_assert_eq(kex_propose_choose(whole, wire_buf_view(&bad), &c), SSH_ERR_TRAILING);
	bad.mem[bad.start] = SSH_MSG_NEWKEYS;
	cr_assert_eq(kex_propose_choose(whole, wire_buf_view(&bad), &c), SSH_ERR_MALFORMED);
	static const char *const lists[] = {"k 1", "k\x01", "k\xff"};
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		struct offer o = {.list = {lists[i]}};
		cr_assert_eq(choose(&o, &plain, &c, NULL), SSH_ERR_NAME_LIST, "%s", lists[i]);
	}
	wire_buf_wipe(&good);
	wire_buf_wipe(&bad);
}

static void is_k1(const struct kex_choice *c)
{
	cr_assert(wire_bytes_is(c->name[KEX_LIST_KEX], "k1"));
}

/* There are servers that end a list with a comma. */
Test(propose, empty_names_match_nothing)
{
	static const char *const gaps[] = {",k1", "k1,", "k1,,k2", ",,k1,"};
	struct kex_choice c;
	for (size_t i = 0; i < sizeof gaps / sizeof gaps[0]; i++) {
		struct offer o = {.list = {gaps[i]}};
		cr_assert_eq(choose(&o, &o, &c, is_k1), SSH_OK, "%s", gaps[i]);
	}
}
