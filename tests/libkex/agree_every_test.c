/* SPDX-License-Identifier: MIT */
#include "libcrypt/kem.h"
#include "libkex/agree.h"
#include "libkex/gex.h"

#include <criterion/criterion.h>

/*
 * No method without a table: for each that there is, the values that its shape forbids, made from
 * an honest one, to either side. agree_values_test.c and hybrid_test.c have more for some of them.
 */

struct scene {
	const struct kex_agree *alg;
	struct crypt_drbg drbg;
	struct crypt_rng rng;
	struct kex_agree_run client, server;
	struct wire_buf honest[2]; /* the client's value, the server's */
	size_t classical[2];       /* where the classical part of it begins */
	size_t refused;
};

static void give_group(struct scene *s, struct kex_agree_run *run)
{
	if (s->alg->messages == WIRE_KEX_GEX)
		run->group = kex_group14;
}

static void begin(struct scene *s, const struct kex_agree *alg)
{
	struct wire_buf k = {0};
	*s = (struct scene){.alg = alg};
	crypt_drbg_init(&s->drbg, wire_bytes_str(alg->name));
	s->rng = crypt_drbg_rng(&s->drbg);
	give_group(s, &s->client);
	give_group(s, &s->server);
	cr_assert_eq(alg->offer(alg, &s->client, &s->rng, &s->honest[0]), SSH_OK);
	struct kex_answer io = {wire_buf_view(&s->honest[0]), &s->honest[1], &k};
	cr_assert_eq(alg->answer(alg, &s->server, &s->rng, &io), SSH_OK, "%s", alg->name);
	wire_buf_wipe(&k);
	if (alg->hybrid != NULL) {
		s->classical[0] = alg->hybrid->kem->public_size;
		s->classical[1] = alg->hybrid->kem->ciphertext_size;
	}
}

static void end(struct scene *s)
{
	kex_agree_wipe(&s->client);
	kex_agree_wipe(&s->server);
	wire_buf_wipe(&s->honest[0]);
	wire_buf_wipe(&s->honest[1]);
}

/* To the server, or to the client. Nothing comes of it, and nothing is left behind. */
static void refuse(struct scene *s, int to, ssh_bytes value, const char *what)
{
	struct wire_buf pub = {0}, k = {0};
	struct kex_answer io = {value, &pub, &k};
	give_group(s, &s->server);
	enum ssh_err e = to == 0 ? s->alg->answer(s->alg, &s->server, &s->rng, &io)
	                         : s->alg->finish(s->alg, &s->client, value, &k);
	cr_expect_eq(e, SSH_ERR_KEX_VALUE, "%s, %s, to the %s: %s", s->alg->name, what,
	             to == 0 ? "server" : "client", ssh_err_name(e));
	cr_expect_eq(wire_buf_len(&k) + wire_buf_len(&pub), 0, "%s, %s", s->alg->name, what);
	wire_buf_wipe(&pub);
	wire_buf_wipe(&k);
	s->refused++;
}

/* The honest value with its classical part replaced: `fill` bytes from `at` on, and what is cut or put behind. */
static void refuse_spoilt(struct scene *s, size_t at, int fill, int longer, const char *what)
{
	for (int to = 0; to < 2; to++) {
		struct wire_buf b = {0};
		wire_put_raw(&b, wire_buf_view(&s->honest[to]));
		size_t from = s->classical[to] + at, len = wire_buf_len(&b);
		if (fill >= 0)
			memset(b.mem + b.start + from, fill, len - from);
		if (longer > 0)
			wire_put_u8(&b, 0);
		if (longer < 0)
			wire_buf_cut(&b, len - 1);
		refuse(s, to, wire_buf_view(&b), what);
		wire_buf_wipe(&b);
	}
}

/* --- The shapes --- */

static const struct kex_agree *classical(const struct kex_agree *alg)
{
	return alg->hybrid != NULL ? alg->hybrid->classical : alg;
}

static void try_numbers(struct scene *s)
{
	static const uint8_t one[] = {1}, zero[] = {0}, power[] = {0x80, 0, 0, 0};
	ssh_bytes p = s->alg->group != NULL ? s->alg->group->p : kex_group14.p;
	struct wire_buf b = {0};
	for (int to = 0; to < 2; to++) {
		refuse(s, to, wire_bytes(zero, 1), "0");
		refuse(s, to, wire_bytes(one, 1), "1");
		refuse(s, to, wire_bytes(power, 4), "a power of two");
		refuse(s, to, p, "p");
		wire_buf_reset(&b);
		wire_put_raw(&b, p);
		b.mem[b.end - 1]--;
		refuse(s, to, wire_buf_view(&b), "p-1");
		memset(b.mem + b.start, 0xff, p.len);
		refuse(s, to, wire_buf_view(&b), "p's bytes, all ff");
		wire_put_u8(&b, 0);
		refuse(s, to, wire_buf_view(&b), "a byte more than p");
	}
	wire_buf_wipe(&b);
}

static void try_point(struct scene *s)
{
	refuse_spoilt(s, 0, -1, 1, "a byte more");
	refuse_spoilt(s, 0, -1, -1, "a byte less");
	refuse_spoilt(s, 0, 0, 0, "all 0");
	refuse_spoilt(s, 1, 0, 0, "(0, 0)");
	refuse_spoilt(s, 0, 4, 0, "a point of 4s");
	refuse_spoilt(s, 1, 0xff, 0, "over the prime");
	for (int to = 0; to < 2; to++) {
		struct wire_buf b = {0};
		wire_put_raw(&b, wire_buf_view(&s->honest[to]));
		b.mem[b.end - 1] ^= 1;
		refuse(s, to, wire_buf_view(&b), "off the curve");
		b.mem[b.end - 1] ^= 1;
		b.mem[b.start + s->classical[to]] = 2;
		refuse(s, to, wire_buf_view(&b), "another form");
		wire_buf_wipe(&b);
	}
}

static void try_coordinate(struct scene *s)
{
	refuse_spoilt(s, 0, -1, 1, "a byte more");
	refuse_spoilt(s, 0, -1, -1, "a byte less");
	refuse_spoilt(s, 0, 0, 0, "all 0");
}

static void try_kem(struct scene *s)
{
	for (int to = 0; to < 2; to++) {
		ssh_bytes v = wire_buf_view(&s->honest[to]);
		refuse(s, to, wire_bytes(v.ptr, s->classical[to]), "the KEM's part alone");
		refuse(s, to, wire_bytes_skip(v, s->classical[to]), "the classical part alone");
	}
}

Test(agree_every, method_refuses_what_its_shape_forbids)
{
	for (size_t i = 0; kex_agrees_legacy[i] != NULL; i++) {
		struct scene s;
		begin(&s, kex_agrees_legacy[i]);
		const struct kex_agree *c = classical(s.alg);
		refuse(&s, 0, wire_bytes(NULL, 0), "nothing");
		refuse(&s, 1, wire_bytes(NULL, 0), "nothing");
		if (s.alg->hybrid != NULL)
			try_kem(&s);
		if (c->curve != NULL)
			try_point(&s);
		else if (c->xdh != NULL)
			try_coordinate(&s);
		else
			try_numbers(&s);
		cr_expect_geq(s.refused, 8, "%s: a table of %zu", s.alg->name, s.refused);
		end(&s);
	}
}
