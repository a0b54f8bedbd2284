/* SPDX-License-Identifier: MIT */
#include "libcrypt/cert.h"
#include "libkex/choose.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>

/* Two kinds whose default is short are told whole; the others are compared with the arrays. */

static struct kex_chosen store;
static struct kex_config config;
static ssh_bytes bad;

static enum ssh_err choose(enum kex_choose_kind kind, const char *text)
{
	return kex_choose(&store, &config, kind, wire_bytes_str(text), &bad);
}

#define OFFER                                                                                      \
	"aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,"             \
	"aes128-ctr,aes192-ctr,aes256-ctr"

/* The configuration's ciphers as a list. */
static const char *ciphers(int dir)
{
	static char text[1024];
	text[0] = '\0';
	for (size_t i = 0; config.ciphers[dir][i] != NULL; i++) {
		strcat(text, i == 0 ? "" : ",");
		strcat(text, config.ciphers[dir][i]->name);
	}
	return text;
}

Test(choose, names_replace_append_remove_and_come_first)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"aes128-ctr", "aes128-ctr"},
	    {"aes256-ctr,aes128-ctr", "aes256-ctr,aes128-ctr"},
	    {"3des-cbc,none", "3des-cbc,none"},
	    {"aes128-ctr,aes256-ctr,aes128-ctr", "aes128-ctr,aes256-ctr"},
	    {"+3des-cbc", OFFER ",3des-cbc"},
	    {"+aes128-ctr", OFFER},
	    {"+", OFFER},
	    {"^3des-cbc,aes256-ctr",
	     "3des-cbc,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com,"
	     "chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr"},
	    {"-aes128-ctr,aes192-ctr",
	     "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,"
	     "aes256-ctr"},
	    {"-*gcm*,chacha*", "aes128-ctr,aes192-ctr,aes256-ctr"},
	    {"-aes1?\?-ctr,aes256-?tr", "aes128-gcm@openssh.com,aes256-gcm@openssh.com,"
	                                "chacha20-poly1305@openssh.com"},
	    {"-3des-cbc,no-such-thing", OFFER},
	    {"-", OFFER},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		kex_config_init(&config, false);
		cr_assert_eq(choose(KEX_CHOOSE_CIPHERS, rows[i].text), SSH_OK, "%s", rows[i].text);
		cr_expect_str_eq(ciphers(KEX_CS), rows[i].want, "%s", rows[i].text);
		cr_expect_str_eq(ciphers(KEX_SC), rows[i].want, "%s", rows[i].text);
		cr_expect_eq(bad.len, 0, "%s", rows[i].text);
	}
}

Test(choose, what_is_wrong_is_said_and_changes_nothing)
{
	static const struct {
		const char *text;
		enum ssh_err e;
		const char *bad;
	} rows[] = {
	    {"", SSH_ERR_ARGUMENT, ""},
	    {"-*", SSH_ERR_ARGUMENT, ""},
	    {"aes128-cdc", SSH_ERR_UNSUPPORTED, "aes128-cdc"},
	    {"aes128-ctr,AES256-CTR", SSH_ERR_UNSUPPORTED, "AES256-CTR"},
	    {"aes*", SSH_ERR_UNSUPPORTED, "aes*"},
	    {"+rot13,rot26", SSH_ERR_UNSUPPORTED, "rot13"},
	    {"^aes128-ctr,rot13", SSH_ERR_UNSUPPORTED, "rot13"},
	    {" aes128-ctr", SSH_ERR_UNSUPPORTED, " aes128-ctr"},
	    {",aes128-ctr", SSH_ERR_UNSUPPORTED, ""},
	    {"aes128-ctr,", SSH_ERR_UNSUPPORTED, ""},
	    {"hmac-sha2-256", SSH_ERR_UNSUPPORTED, "hmac-sha2-256"},
	};
	kex_config_init(&config, false);
	cr_assert_eq(choose(KEX_CHOOSE_CIPHERS, "aes192-ctr"), SSH_OK);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		enum ssh_err e = choose(KEX_CHOOSE_CIPHERS, rows[i].text);
		cr_expect_eq(e, rows[i].e, "%s: %s", rows[i].text, ssh_err_name(e));
		cr_expect(wire_bytes_is(bad, rows[i].bad), "%s", rows[i].text);
		cr_expect_str_eq(ciphers(KEX_CS), "aes192-ctr", "%s", rows[i].text);
	}
	cr_expect_eq(choose(KEX_CHOOSE_KINDS, "aes128-ctr"), SSH_ERR_ARGUMENT);
}

/* The configuration's array of a kind, as pointers. */
static const void *array_of(enum kex_choose_kind kind)
{
	switch (kind) {
	case KEX_CHOOSE_AGREES:
		return config.agrees;
	case KEX_CHOOSE_HOST_SIGS:
	case KEX_CHOOSE_HOST_CERT_SIGS:
		return config.host_sigs;
	case KEX_CHOOSE_CIPHERS:
		return config.ciphers[KEX_SC];
	case KEX_CHOOSE_MACS:
		return config.macs[KEX_SC];
	case KEX_CHOOSE_COMPRESS:
		return config.compress[KEX_SC];
	case KEX_CHOOSE_USER_SIGS:
		return config.user_sigs;
	case KEX_CHOOSE_KINDS:
		break;
	}
	return NULL;
}

static const char *name_at(enum kex_choose_kind kind, size_t i)
{
	const void *const *array = array_of(kind);
	const char *name = NULL;
	if (array[i] != NULL)
		memcpy(&name, array[i], sizeof name);
	return name;
}

/* All that there is of a kind can be chosen at once, in any order, and so fits. */
Test(choose, every_kind_can_be_chosen_whole)
{
	for (enum kex_choose_kind kind = 0; kind < KEX_CHOOSE_KINDS; kind++) {
		char text[4096] = "";
		size_t n = 0;
		while (kex_choose_name(kind, n) != NULL)
			n++;
		cr_assert_gt(n, 0);
		cr_assert_lt(n, KEX_CHOOSE_MAX);
		for (size_t i = n; i-- > 0;) {
			strcat(text, kex_choose_name(kind, i));
			strcat(text, i == 0 ? "" : ",");
		}
		kex_config_init(&config, false);
		cr_assert_eq(choose(kind, text), SSH_OK, "%s", text);
		for (size_t i = 0; i < n; i++)
			cr_expect_str_eq(name_at(kind, i), kex_choose_name(kind, n - 1 - i));
		cr_expect_null(name_at(kind, n));
	}
	cr_expect_null(kex_choose_name(KEX_CHOOSE_KINDS, 0));
}

/* The default is the library's, whatever was chosen before; or has certificates in front. */
Test(choose, the_default_of_every_kind_is_that_of_the_configuration)
{
	for (enum kex_choose_kind kind = 0; kind < KEX_CHOOSE_KINDS; kind++) {
		kex_config_init(&config, false);
		const void *const *offer = array_of(kind);
		if (kind == KEX_CHOOSE_USER_SIGS || kind == KEX_CHOOSE_HOST_CERT_SIGS)
			offer = (const void *)crypt_sigalgs_with_certs;
		cr_assert_eq(choose(kind, kex_choose_name(kind, 0)), SSH_OK);
		cr_expect_null(name_at(kind, 1));
		cr_assert_eq(choose(kind, "-"), SSH_OK);
		for (size_t i = 0; i == 0 || offer[i - 1] != NULL; i++)
			cr_expect_eq(((const void *const *)array_of(kind))[i], offer[i]);
	}
}

/* A client's host keys are without certificates, unless they are named. */
Test(choose, certificates_of_hosts)
{
	static const struct {
		enum kex_choose_kind kind;
		const char *text, *first;
		size_t certs;
	} rows[] = {
	    {KEX_CHOOSE_HOST_SIGS, "+ssh-rsa", "ssh-ed25519", 0},
	    {KEX_CHOOSE_HOST_SIGS, "^ssh-ed25519-cert-v01@openssh.com",
	     "ssh-ed25519-cert-v01@openssh.com", 1},
	    {KEX_CHOOSE_HOST_SIGS, "rsa-sha2-512-cert,rsa-sha2-256-cert", "rsa-sha2-512-cert", 2},
	    {KEX_CHOOSE_HOST_CERT_SIGS, "+ssh-rsa", "ssh-ed25519-cert-v01@openssh.com", 15},
	    {KEX_CHOOSE_HOST_CERT_SIGS, "-*-cert*", "ssh-ed25519", 0},
	    {KEX_CHOOSE_HOST_CERT_SIGS, "-*@openssh.com", "ssh-ed25519-cert", 7},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t certs = 0;
		kex_config_init(&config, false);
		cr_assert_eq(choose(rows[i].kind, rows[i].text), SSH_OK, "%s", rows[i].text);
		cr_expect_str_eq(config.host_sigs[0]->name, rows[i].first, "%s", rows[i].text);
		for (size_t j = 0; config.host_sigs[j] != NULL; j++)
			certs += config.host_sigs[j]->key->plain != NULL;
		cr_expect_eq(certs, rows[i].certs, "%s: %zu", rows[i].text, certs);
	}
}

Test(choose, a_connection_with_what_was_chosen)
{
	static struct pair p;
	pair_init(&p, PAIR_WHOLE);
	struct kex_config *c = &p.client.config;
	cr_assert_eq(kex_choose(&store, c, KEX_CHOOSE_CIPHERS, wire_bytes_str("aes192-ctr"), &bad),
	             SSH_OK);
	cr_assert_eq(kex_choose(&store, c, KEX_CHOOSE_MACS, wire_bytes_str("hmac-sha2-512"), &bad),
	             SSH_OK);
	cr_assert_eq(
	    kex_choose(&store, c, KEX_CHOOSE_AGREES, wire_bytes_str("-*25519*,*gcm"), &bad),
	    SSH_OK);
	cr_assert_eq(pair_start(&p), SSH_OK);
	pair_run(&p);
	cr_assert(pair_is_open(&p));
	cr_expect_str_eq(p.server.kex.algs.cipher[KEX_CS]->name, "aes192-ctr");
	cr_expect_str_eq(p.server.kex.algs.cipher[KEX_SC]->name, "aes192-ctr");
	cr_expect_str_eq(p.server.kex.algs.mac[KEX_SC]->name, "hmac-sha2-512");
	cr_expect_str_eq(p.server.kex.algs.agree->name, "mlkem768nistp256-sha256");
	pair_wipe(&p);
}
