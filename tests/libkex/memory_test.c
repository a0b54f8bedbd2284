/* SPDX-License-Identifier: MIT */
#include "libkex/kex.h"
#include "tests/support/alloc.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>

/*
 * Every allocation of a whole session made to fail in turn: the side that it hits dies of
 * SSH_ERR_NO_MEMORY and says so, the other one of that, and nothing leaks.
 */

static uint8_t room[KEX_PACKET_MAX];

struct fates {
	enum ssh_err start, client, server;
	bool complete; /* both lived, and everything arrived */
};

/* A handshake, and `rounds` of data and re-keying. */
static void session(struct pair *p, unsigned rounds, struct fates *f)
{
	p->client.forget = true;
	p->server.forget = true;
	*f = (struct fates){.start = pair_start(p)};
	if (f->start != SSH_OK)
		return;
	pair_run(p);
	for (unsigned round = 0; round < rounds; round++) {
		(void)kex_send(&p->client.kex, pair_payload(room, 40000, 1));
		(void)kex_rekey(&p->client.kex);
		(void)kex_send(&p->client.kex, pair_payload(room, 5000, 2)); /* held */
		(void)kex_send(&p->server.kex, pair_payload(room, 300, 3));
		uint8_t *at = kex_send_begin(&p->server.kex, PAIR_PAYLOAD);
		if (at != NULL)
			(void)kex_send_end(&p->server.kex, pair_payload(at, 9, 4).len);
		if (p->server.kex.state == KEX_OPEN)
			(void)kex_send_raw(&p->server.kex, wire_bytes("\xff", 1));
		pair_run(p);
	}
	f->client = p->client.kex.err;
	f->server = p->server.kex.err;
	f->complete = pair_is_open(p) && p->server.got_bytes == (uint64_t)rounds * (40000 + 5000) &&
	              p->client.got_bytes == (uint64_t)rounds * (300 + 9);
	if (p->client.kex.state == KEX_OPEN)
		kex_disconnect(&p->client.kex, SSH_DISCONNECT_BY_APPLICATION, "done");
	pair_run(p);
}

/* Of the one that ran out of memory; or, of the other, what it hears or misses then. */
static bool follows(enum ssh_err a, enum ssh_err b)
{
	return a == SSH_ERR_NO_MEMORY && (b == SSH_OK || b == SSH_ERR_DISCONNECTED);
}

static bool is_clean(const struct fates *f)
{
	return f->start == SSH_ERR_NO_MEMORY || follows(f->client, f->server) ||
	       follows(f->server, f->client) ||
	       (f->client == SSH_ERR_NO_MEMORY && f->server == SSH_ERR_NO_MEMORY);
}

static size_t fail_each(const struct kex_agree *agree, unsigned rounds, const struct crypt_key *key,
                        const struct crypt_sigalg *const *sigs)
{
	const struct kex_agree *const agrees[] = {agree, NULL};
	size_t n = 0;
	bool failed = true;
	while (failed) {
		struct pair p;
		struct fates f;
		pair_init(&p, PAIR_WHOLE);
		p.client.config.agrees = agrees;
		p.server.config.agrees = agrees;
		p.client.config.host_sigs = sigs;
		p.server.config.host_sigs = sigs;
		p.server.keys[0] = key;
		alloc_start();
		alloc_fail_at(++n);
		session(&p, rounds, &f);
		pair_wipe(&p);
		alloc_stop();
		failed = alloc_failed();
		cr_assert_eq(alloc_live_bytes(), 0, "%s, allocation %zu leaks", agree->name, n);
		/* A goodbye that there is no memory for is left out; all was done then. */
		cr_assert(f.complete || (failed && is_clean(&f)), "%s, allocation %zu: %s, %s, %s",
		          agree->name, n, ssh_err_name(f.start), ssh_err_name(f.client),
		          ssh_err_name(f.server));
	}
	return n;
}

Test(memory, every_allocation_may_fail)
{
	static const struct crypt_sigalg *const ed25519[] = {&crypt_sig_ed25519, NULL};
	struct crypt_key plain, key = {0};
	struct crypt_drbg drbg;
	crypt_drbg_init(&drbg, wire_bytes_str("memory"));
	struct crypt_rng rng = crypt_drbg_rng(&drbg);
	cr_assert_eq(crypt_key_generate(&key, &crypt_key_ed25519, 0, &rng), SSH_OK);
	pair_key(&plain, &pair_keyalg, 1);
	cr_assert_gt(fail_each(&pair_agree, 2, &plain, pair_sigalgs), 100);
	cr_assert_gt(fail_each(&kex_curve25519_sha256, 0, &key, ed25519), 50);
	/* Its powers of numbers of 3072 bits are slow; one exchange has all that is its own. */
	cr_assert_gt(fail_each(&kex_dh_gex_sha256, 0, &plain, pair_sigalgs), 30);
	crypt_key_wipe(&key);
}

/* A source of randomness that fails at its n-th call. */
struct dry {
	struct crypt_drbg drbg;
	size_t left;
};

static enum ssh_err fill(void *ctx, uint8_t *out, size_t n)
{
	struct dry *d = ctx;
	struct crypt_rng rng = crypt_drbg_rng(&d->drbg);
	if (d->left == 0)
		return SSH_ERR_RANDOM;
	d->left--;
	return crypt_rng_fill(&rng, out, n);
}

Test(memory, randomness_may_run_out)
{
	for (int server = 0; server < 2; server++) {
		bool complete = false;
		for (size_t n = 0; !complete; n++) {
			struct dry dry = {.left = n};
			struct pair p;
			struct fates f;
			crypt_drbg_init(&dry.drbg, wire_bytes_str("dry"));
			pair_init(&p, PAIR_WHOLE);
			struct pair_side *s = server == 1 ? &p.server : &p.client;
			s->config.rng = (struct crypt_rng){fill, &dry};
			session(&p, 1, &f);
			complete = f.complete;
			enum ssh_err e = server == 1 ? f.server : f.client;
			cr_assert(complete || f.start == SSH_ERR_RANDOM || e == SSH_ERR_RANDOM,
			          "call %zu: %s", n, ssh_err_name(e));
			cr_assert_lt(n, 200);
			pair_wipe(&p);
		}
	}
}
