/* SPDX-License-Identifier: MIT */
#include "libkex/kex.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>

/* An UNIMPLEMENTED that names a packet of our key exchange: nobody need wait for the time limit. */

static void say(struct pair_side *s, uint32_t seq)
{
	uint8_t p[5] = {SSH_MSG_UNIMPLEMENTED};
	wire_store_u32(p + 1, seq);
	cr_assert_eq(kex_send_raw(&s->kex, wire_bytes(p, sizeof p)), SSH_OK);
}

static struct pair_side *other(struct pair *p, const struct pair_side *s)
{
	return s == &p->client ? &p->server : &p->client;
}

static void open_pair(struct pair *p, bool strict, const struct kex_agree *const *agrees)
{
	pair_init(p, PAIR_WHOLE);
	p->client.config.strict = strict ? KEX_STRICT_REQUIRE : KEX_STRICT_OFF;
	p->client.config.agrees = p->server.config.agrees = agrees;
	cr_assert_eq(pair_start(p), SSH_OK);
	pair_run(p);
	cr_assert(pair_is_open(p));
}

/* The side sends its n-th packet of a re-key (0 is KEXINIT); its peer is mute and refuses it. */
static bool send_until(struct pair *p, struct pair_side *s, size_t n)
{
	cr_assert_eq(kex_rekey(&s->kex), SSH_OK);
	while (s->kex.own_packets <= n && s->kex.exchanges == 1)
		if (!pair_carry(p, s) && !pair_carry(p, other(p, s)))
			break;
	return s->kex.own_packets > n;
}

static void refuse(struct pair *p, struct pair_side *s, size_t n, const char *name)
{
	uint32_t seq = s->kex.own_seqs[n];
	say(other(p, s), seq + 1000);
	pair_run(p);
	cr_assert_eq(s->err, SSH_OK, "%s: another packet is no matter", name);
	cr_assert_eq(s->events[KEX_EVENT_UNIMPLEMENTED], 1);
}

/* Every packet that a side sends for an exchange, refused at the moment that it is out. */
static size_t each_packet(bool server, bool strict, const struct kex_agree *const *agrees)
{
	size_t refused = 0;
	for (size_t n = 0; n < KEX_OWN_PACKETS; n++) {
		static struct pair p;
		open_pair(&p, strict, agrees);
		struct pair_side *s = server ? &p.server : &p.client;
		if (send_until(&p, s, n) && s->kex.exchanges == 1) {
			uint32_t seq = s->kex.own_seqs[n];
			say(other(&p, s), seq);
			while (s->err == 0 && (pair_carry(&p, other(&p, s)) || pair_carry(&p, s)))
				continue;
			if (s->err == SSH_ERR_KEX_REFUSED) {
				pair_run(&p);
				cr_assert_eq(other(&p, s)->reason,
				             SSH_DISCONNECT_KEY_EXCHANGE_FAILED);
				refused++;
			}
		}
		pair_wipe(&p);
	}
	return refused;
}

Test(unimplemented, a_packet_of_the_exchange_ends_the_connection)
{
	static const struct kex_agree *const gex[] = {&kex_dh_gex_sha256, NULL};
	for (int strict = 0; strict < 2; strict++) {
		cr_expect_geq(each_packet(false, strict == 1, pair_agrees_fast), 2);
		cr_expect_geq(each_packet(true, strict == 1, pair_agrees_fast), 2);
		cr_expect_geq(each_packet(false, strict == 1, gex), 3);
		cr_expect_geq(each_packet(true, strict == 1, gex), 3);
	}
}

Test(unimplemented, another_packet_is_told_and_no_matter)
{
	for (int strict = 0; strict < 2; strict++) {
		static struct pair p;
		open_pair(&p, strict == 1, pair_agrees_fast);
		cr_assert_eq(kex_rekey(&p.client.kex), SSH_OK);
		refuse(&p, &p.client, 0, "client");
		cr_assert(pair_is_open(&p));
		/* The exchange is over, and its numbers are history. */
		say(&p.server, 0);
		pair_run(&p);
		cr_assert(pair_is_open(&p));
		pair_wipe(&p);
	}
}

/* The first exchange of a peer without strict kex: our KEXINIT is packet 0. */
Test(unimplemented, the_first_kexinit)
{
	static struct pair p;
	struct wire_buf packet = {0};
	pair_init(&p, PAIR_WHOLE);
	p.server.mute = true;
	cr_assert_eq(pair_start(&p), SSH_OK);
	pair_feed(&p, &p.client, wire_bytes_str("SSH-2.0-peer\r\n"));
	cr_assert_eq(p.client.kex.state, KEX_EXPECT_KEXINIT);
	pair_plain(&packet, wire_bytes("\x03\0\0\0\0", 5));
	pair_feed(&p, &p.client, wire_buf_view(&packet));
	cr_expect_eq(p.client.err, SSH_ERR_KEX_REFUSED, "%s", ssh_err_name(p.client.err));
	wire_buf_wipe(&packet);
	pair_wipe(&p);
}
