/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memmem */
#include "libkex/kex.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>

/* An engine that looks like somebody else. */

#define C_KEX                                                                                      \
	"curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"    \
	"ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"   \
	"diffie-hellman-group18-sha512,diffie-hellman-group-exchange-sha1,"                        \
	"diffie-hellman-group14-sha256,diffie-hellman-group14-sha1,ext-info-c"
#define C_CIPHERS                                                                                  \
	"chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,"                          \
	"aes128-gcm@openssh.com,aes256-gcm@openssh.com"
#define C_MACS                                                                                     \
	"umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,"          \
	"hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,"             \
	"umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1"
#define C_COMPS "none,zlib@openssh.com,zlib"

#define S_KEX                                                                                      \
	"curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"    \
	"ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"   \
	"diffie-hellman-group18-sha512,diffie-hellman-group-exchange-sha1,"                        \
	"diffie-hellman-group14-sha256,diffie-hellman-group14-sha1,diffie-hellman-group1-sha1"
#define S_CIPHERS C_CIPHERS ",aes128-cbc,aes192-cbc,aes256-cbc,blowfish-cbc,cast128-cbc,3des-cbc"

/*
 * HASSH's own check value, of an OpenSSH 7.7p1 client; and those of a client and a server in
 * suricata-verify, tests/ssh-hassh. The lists of the other direction do not count.
 */
Test(persona, hassh)
{
	static const struct {
		bool server;
		const char *kex, *ciphers, *macs, *comps, *want;
	} rows[] = {
	    {false, C_KEX, C_CIPHERS, C_MACS, C_COMPS, "06046964c022c6407d15a27b12a6a4fb"},
	    {false, C_KEX, C_CIPHERS, C_MACS, "none", "2dd6531c7e89d3c925db9214711be76a"},
	    {true, S_KEX, S_CIPHERS, C_MACS, "none,zlib@openssh.com",
	     "6832f1ce43d4397c2c0a3e2f8c94334e"},
	};
	char hassh[KEX_HASSH_SIZE];
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct ssh_kexinit m = {.kex = wire_bytes_str(rows[i].kex)};
		struct wire_buf b = {0};
		*(rows[i].server ? &m.cipher_sc : &m.cipher_cs) = wire_bytes_str(rows[i].ciphers);
		*(rows[i].server ? &m.mac_sc : &m.mac_cs) = wire_bytes_str(rows[i].macs);
		*(rows[i].server ? &m.comp_sc : &m.comp_cs) = wire_bytes_str(rows[i].comps);
		wire_msg_encode(&b, &ssh_kexinit_shape, &m);
		cr_assert_eq(kex_hassh(wire_buf_view(&b), rows[i].server, hassh), SSH_OK);
		cr_expect_str_eq(hassh, rows[i].want, "%zu", i);
		cr_assert_eq(kex_hassh(wire_buf_view(&b), !rows[i].server, hassh), SSH_OK);
		cr_expect_str_neq(hassh, rows[i].want, "%zu", i);
		wire_buf_wipe(&b);
	}
	cr_expect_eq(kex_hassh(wire_bytes_str("\x14"), true, hassh), SSH_ERR_TRUNCATED);
}

struct watch {
	struct wire_buf init; /* the persona's KEXINIT */
	uint32_t reason;
	char text[64];
	size_t unimplemented;
	struct wire_buf ext_info;
};

static void watch(void *ctx, const struct kex_trace *t)
{
	struct watch *w = ctx;
	struct ssh_disconnect m;
	if (t->type != KEX_TRACE_PACKET || !t->out)
		return;
	if (t->payload.ptr[0] == SSH_MSG_KEXINIT)
		wire_put_raw(&w->init, t->payload);
	if (t->payload.ptr[0] == SSH_MSG_EXT_INFO)
		wire_put_raw(&w->ext_info, t->payload);
	w->unimplemented += t->payload.ptr[0] == SSH_MSG_UNIMPLEMENTED;
	if (wire_msg_decode(&ssh_disconnect_shape, t->payload, &m) != 0)
		return;
	w->reason = m.reason;
	memcpy(w->text, m.text.ptr, m.text.len < sizeof w->text ? m.text.len : 0);
}

static void dress(struct pair *p, struct pair_side *s, const struct kex_persona *persona,
                  struct watch *w)
{
	pair_init(p, PAIR_WHOLE);
	*w = (struct watch){.reason = 0};
	s->config.persona = persona;
	s->config.trace = watch;
	s->config.trace_ctx = w;
	s->record = true;
}

static void undress(struct pair *p, struct watch *w)
{
	wire_buf_wipe(&w->init);
	wire_buf_wipe(&w->ext_info);
	pair_wipe(p);
}

/* As the ssh of Debian 12, 1:9.2p1-2+deb12u10, was seen on the wire, and its HASSH computed there. */
static const struct kex_persona openssh = {
    .ident = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10",
    .lists =
        {
            "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,curve25519-sha256,"
            "curve25519-sha256@libssh.org,"
            "ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,"
            "diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"
            "diffie-hellman-group18-sha512,diffie-hellman-group14-sha256,ext-info-c,"
            "kex-strict-c-v00@openssh.com",
            "pair@test",
            C_CIPHERS,
            C_CIPHERS,
            C_MACS,
            C_MACS,
            C_COMPS,
            C_COMPS,
        },
    .padding = {.what = KEX_FORGE_FILL},
};

Test(persona, openssh_to_the_letter)
{
	struct pair p;
	struct watch w;
	char hassh[KEX_HASSH_SIZE];
	dress(&p, &p.client, &openssh, &w);
	cr_assert_eq(pair_start(&p), SSH_OK);
	pair_run(&p);
	cr_expect(pair_is_open(&p));
	cr_expect(wire_bytes_is(kex_peer_ident(&p.server.kex), openssh.ident));
	cr_assert_eq(kex_hassh(wire_buf_view(&w.init), false, hassh), SSH_OK);
	cr_expect_str_eq(hassh, "472b5de333ad665af5cbf10ff892c4df", "%s", hassh);
	/* The padding of its packets in the clear is zeros: it follows the KEXINIT. */
	ssh_bytes said = wire_buf_view(&p.client.said), init = wire_buf_view(&w.init);
	const uint8_t *at = memmem(said.ptr, said.len, init.ptr, init.len);
	cr_assert_not_null(at);
	for (uint8_t i = 0; i < at[-1]; i++)
		cr_expect_eq(at[init.len + i], 0);
	undress(&p, &w);
}

Test(persona, free_form)
{
	static const uint8_t cookie[16] = {7, 7, 7};
	const struct kex_persona persona = {.ident = "HTTP/1.1 400 Bad Request",
	                                    .ident_end = "\n",
	                                    .cookie = cookie,
	                                    .reserved = 0xdeadbeef,
	                                    .languages = {"en", "de"},
	                                    .first_follows = true};
	struct ssh_kexinit m;
	struct pair p;
	struct watch w;
	dress(&p, &p.server, &persona, &w);
	cr_assert_eq(pair_start(&p), SSH_OK);
	cr_assert_eq(wire_msg_decode(&ssh_kexinit_shape, wire_buf_view(&w.init), &m), SSH_OK);
	cr_expect_eq(memcmp(m.cookie, cookie, sizeof cookie), 0);
	cr_expect(m.reserved == 0xdeadbeef && m.first_follows);
	cr_expect(wire_bytes_is(m.lang_cs, "en") && wire_bytes_is(m.lang_sc, "de"));
	cr_expect_eq(memcmp(kex_out(&p.server.kex).ptr, "HTTP/1.1 400 Bad Request\n", 25), 0);
	undress(&p, &w);
}

/* A scanner offers what it has not, and hears that it would be taken. */
Test(persona, an_offer_that_cannot_be_kept)
{
	static const struct kex_persona persona = {.lists = {"rsa2048-sha256,ext-info-c"}};
	static const struct kex_persona taker = {.lists = {"rsa2048-sha256"}};
	struct pair p;
	struct watch w;
	dress(&p, &p.client, &persona, &w);
	p.server.config.persona = &taker;
	cr_assert_eq(pair_start(&p), SSH_OK);
	pair_run(&p);
	cr_expect_eq(p.client.kex.err, SSH_ERR_UNSUPPORTED);
	undress(&p, &w);
}

Test(persona, goodbyes)
{
	static const struct kex_persona personas[] = {
	    {.no_disconnect = false},
	    {.disconnect_reason = 11, .disconnect_text = "Protocol mismatch."},
	    {.no_disconnect = true},
	};
	static const uint32_t reasons[] = {2, 11, 0};
	for (size_t i = 0; i < 3; i++) {
		struct pair p;
		struct watch w;
		dress(&p, &p.server, &personas[i], &w);
		cr_assert_eq(pair_start(&p), SSH_OK);
		pair_run(&p);
		cr_assert_eq(kex_send_raw(&p.client.kex, wire_bytes("", 1)), SSH_OK);
		pair_run(&p);
		cr_expect_eq(w.reason, reasons[i]);
		cr_expect(i != 1 || strcmp(w.text, "Protocol mismatch.") == 0);
		undress(&p, &w);
	}
}

Test(persona, unknown_messages_and_extensions)
{
	static const struct kex_persona quiet = {.no_unimplemented = true, .no_ext_info = true};
	const struct kex_persona talking = {.ext_info =
	                                        wire_bytes("\x07\0\0\0\1\0\0\0\1x\0\0\0\1y", 15)};
	const struct kex_persona *personas[] = {&quiet, &talking};
	for (size_t i = 0; i < 2; i++) {
		struct pair p;
		struct watch w;
		dress(&p, &p.server, personas[i], &w);
		cr_assert_eq(pair_start(&p), SSH_OK);
		pair_run(&p);
		cr_assert_eq(kex_send_raw(&p.client.kex, wire_bytes("\xbf", 1)), SSH_OK);
		pair_run(&p);
		cr_expect_eq(w.unimplemented, i);
		cr_expect_eq(p.client.events[KEX_EVENT_EXT_INFO], i);
		cr_expect(wire_bytes_equal(wire_buf_view(&w.ext_info), personas[i]->ext_info));
		undress(&p, &w);
	}
}
