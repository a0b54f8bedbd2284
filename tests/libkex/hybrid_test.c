/* SPDX-License-Identifier: MIT */
#include "libcrypt/kem.h"
#include "libkex/agree.h"
#include "libwire/reader.h"
#include "tests/support/golden.h"

#include <criterion/criterion.h>

/* The hybrids and what RFC 9941 and RFC 10042 say of them: bytes of both public values and of K. */
static const struct row {
	const struct kex_agree *alg;
	const char *name;
	size_t client, server, k;
} rows[] = {
    {&kex_mlkem768x25519_sha256, "mlkem768x25519-sha256", 1216, 1120, 32},
    {&kex_mlkem768nistp256_sha256, "mlkem768nistp256-sha256", 1249, 1153, 32},
    {&kex_mlkem1024nistp384_sha384, "mlkem1024nistp384-sha384", 1665, 1665, 48},
    {&kex_sntrup761x25519_sha512, "sntrup761x25519-sha512", 1190, 1071, 64},
    {&kex_sntrup761x25519_sha512_openssh, "sntrup761x25519-sha512@openssh.com", 1190, 1071, 64},
};
#define ROWS (sizeof rows / sizeof *rows)

/* One exchange, held open: each side's value may be changed before the other has it. */
struct ends {
	const struct kex_agree *alg;
	struct crypt_drbg drbg;
	struct crypt_rng rng;
	struct kex_agree_run client, server;
	struct wire_buf c, s, k_c, k_s;
};

static void start(struct ends *t, const struct kex_agree *alg)
{
	*t = (struct ends){.alg = alg};
	crypt_drbg_init(&t->drbg, wire_bytes_str(alg->name));
	t->rng = crypt_drbg_rng(&t->drbg);
	cr_assert_eq(alg->offer(alg, &t->client, &t->rng, &t->c), SSH_OK, "%s", alg->name);
}

static enum ssh_err answer(struct ends *t, ssh_bytes in)
{
	struct kex_answer io = {in, &t->s, &t->k_s};
	wire_buf_reset(&t->s);
	wire_buf_reset(&t->k_s);
	enum ssh_err e = t->alg->answer(t->alg, &t->server, &t->rng, &io);
	if (e != 0)
		cr_assert_eq(wire_buf_len(&t->s) + wire_buf_len(&t->k_s), 0, "%s", t->alg->name);
	return e;
}

static enum ssh_err finish(struct ends *t, ssh_bytes in)
{
	wire_buf_reset(&t->k_c);
	enum ssh_err e = t->alg->finish(t->alg, &t->client, in, &t->k_c);
	if (e != 0)
		cr_assert_eq(wire_buf_len(&t->k_c), 0, "%s", t->alg->name);
	return e;
}

static bool same_k(const struct ends *t)
{
	return wire_bytes_equal(wire_buf_view(&t->k_c), wire_buf_view(&t->k_s));
}

static void stop(struct ends *t)
{
	kex_agree_wipe(&t->client);
	kex_agree_wipe(&t->server);
	wire_buf_wipe(&t->c);
	wire_buf_wipe(&t->s);
	wire_buf_wipe(&t->k_c);
	wire_buf_wipe(&t->k_s);
}

/* A byte of a value, to be changed and changed back. */
static uint8_t *byte_of(struct wire_buf *b, size_t at)
{
	return b->mem + b->start + at;
}

Test(hybrid, sizes)
{
	for (size_t i = 0; i < ROWS; i++) {
		struct ends t;
		cr_assert_str_eq(rows[i].alg->name, rows[i].name);
		cr_assert(rows[i].alg->k_is_string, "%s", rows[i].name);
		start(&t, rows[i].alg);
		cr_assert_eq(answer(&t, wire_buf_view(&t.c)), SSH_OK, "%s", rows[i].name);
		cr_assert_eq(finish(&t, wire_buf_view(&t.s)), SSH_OK, "%s", rows[i].name);
		cr_assert_eq(wire_buf_len(&t.c), rows[i].client, "%s", rows[i].name);
		cr_assert_eq(wire_buf_len(&t.s), rows[i].server, "%s", rows[i].name);
		cr_assert_eq(wire_buf_len(&t.k_c), rows[i].k, "%s", rows[i].name);
		cr_assert(same_k(&t), "%s", rows[i].name);
		stop(&t);
	}
}

/* The recorded session of OpenSSH 9.9: from its secrets to the client's value and to K. */
static void recorded(const struct golden *g)
{
	const struct kex_agree *alg = &kex_mlkem768x25519_sha256;
	struct wire_buf secrets = {0}, want = {0};
	struct ends t = {.alg = alg};
	if (strcmp(golden_text(g, "kex"), alg->name) != 0)
		return;
	golden_hex(g, "mlkem_seed_d_z", 0, &secrets);
	golden_hex(g, "x25519_priv", 0, &secrets);
	struct crypt_kem_coins coins = {wire_buf_view(&secrets)};
	struct crypt_rng rng = crypt_kem_coins_rng(&coins);
	cr_assert_eq(alg->offer(alg, &t.client, &rng, &t.c), SSH_OK);
	cr_assert_eq(coins.left.len, 0);
	golden_hex(g, "client_pub", 0, &want);
	cr_assert(wire_bytes_equal(wire_buf_view(&t.c), wire_buf_view(&want)));
	golden_hex(g, "server_pub", 0, &t.s);
	cr_assert_eq(finish(&t, wire_buf_view(&t.s)), SSH_OK);
	wire_buf_reset(&want);
	golden_hex(g, "K_encoded", 0, &want);
	wire_put_string(&t.k_s, wire_buf_view(&t.k_c));
	cr_assert(wire_bytes_equal(wire_buf_view(&t.k_s), wire_buf_view(&want)));
	wire_buf_wipe(&secrets);
	wire_buf_wipe(&want);
	stop(&t);
}

static int recordings;

static void count_recorded(const struct golden *g)
{
	recordings += strcmp(golden_text(g, "kex"), "mlkem768x25519-sha256") == 0;
	recorded(g);
}

Test(hybrid, recorded_session)
{
	golden_each(count_recorded);
	cr_assert_eq(recordings, 1);
}

/* Too short, too long, or the KEM's part alone. */
Test(hybrid, refuses_wrong_lengths)
{
	for (size_t i = 0; i < ROWS; i++) {
		struct ends t;
		start(&t, rows[i].alg);
		cr_assert_eq(answer(&t, wire_buf_view(&t.c)), SSH_OK);
		wire_put_u8(&t.c, 0);
		wire_put_u8(&t.s, 0);
		struct wire_buf s = t.s;
		t.s = (struct wire_buf){0};
		const struct crypt_kem *kem = rows[i].alg->hybrid->kem;
		const size_t c_lens[] = {0,
		                         1,
		                         kem->public_size - 1,
		                         kem->public_size,
		                         rows[i].client - 1,
		                         rows[i].client + 1};
		const size_t s_lens[] = {0,
		                         1,
		                         kem->ciphertext_size - 1,
		                         kem->ciphertext_size,
		                         rows[i].server - 1,
		                         rows[i].server + 1};
		for (size_t n = 0; n < sizeof c_lens / sizeof *c_lens; n++) {
			ssh_bytes c = wire_bytes(byte_of(&t.c, 0), c_lens[n]);
			ssh_bytes in = wire_bytes(byte_of(&s, 0), s_lens[n]);
			cr_assert_eq(answer(&t, c), SSH_ERR_KEX_VALUE, "%s: %zu", rows[i].name,
			             c_lens[n]);
			cr_assert_eq(finish(&t, in), SSH_ERR_KEX_VALUE, "%s: %zu", rows[i].name,
			             s_lens[n]);
		}
		wire_buf_wipe(&s);
		stop(&t);
	}
}

/* A point of low order, or one that is on no curve, beside a KEM that is all right. */
Test(hybrid, refuses_classical_part)
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct crypt_kem *kem = rows[i].alg->hybrid->kem;
		struct ends t;
		start(&t, rows[i].alg);
		cr_assert_eq(answer(&t, wire_buf_view(&t.c)), SSH_OK);
		memset(byte_of(&t.s, kem->ciphertext_size), 0,
		       rows[i].server - kem->ciphertext_size);
		cr_assert_eq(finish(&t, wire_buf_view(&t.s)), SSH_ERR_KEX_VALUE, "%s",
		             rows[i].name);
		memset(byte_of(&t.c, kem->public_size), 0, rows[i].client - kem->public_size);
		cr_assert_eq(answer(&t, wire_buf_view(&t.c)), SSH_ERR_KEX_VALUE, "%s",
		             rows[i].name);
		stop(&t);
	}
}

/* A coefficient of 4095 in the client's key; sntrup761 has it reduced. FIPS 203 section 7.2. */
Test(hybrid, refuses_key_out_of_range)
{
	for (size_t i = 0; i < ROWS; i++) {
		struct ends t;
		bool reduced = rows[i].alg->hybrid->kem == &crypt_sntrup761;
		start(&t, rows[i].alg);
		memset(byte_of(&t.c, 0), 0xff, 3);
		cr_assert_eq(answer(&t, wire_buf_view(&t.c)), reduced ? SSH_OK : SSH_ERR_KEX_VALUE,
		             "%s", rows[i].name);
		stop(&t);
	}
}

/* A changed ciphertext is no error: the two sides have different K, and the signature fails. */
Test(hybrid, changed_ciphertext_gives_another_k)
{
	for (size_t i = 0; i < ROWS; i++) {
		struct ends t;
		size_t len = rows[i].alg->hybrid->kem->ciphertext_size;
		start(&t, rows[i].alg);
		cr_assert_eq(answer(&t, wire_buf_view(&t.c)), SSH_OK);
		for (size_t at = 0; at < len; at += 47) {
			*byte_of(&t.s, at) ^= 1;
			cr_assert_eq(finish(&t, wire_buf_view(&t.s)), SSH_OK, "%s", rows[i].name);
			cr_assert_not(same_k(&t), "%s: byte %zu", rows[i].name, at);
			*byte_of(&t.s, at) ^= 1;
		}
		cr_assert_eq(finish(&t, wire_buf_view(&t.s)), SSH_OK);
		cr_assert(same_k(&t), "%s", rows[i].name);
		stop(&t);
	}
}

/* Both halves count: another classical value of the same server's is another K. */
Test(hybrid, changed_classical_part_gives_another_k)
{
	for (size_t i = 0; i < ROWS; i++) {
		struct ends t, other;
		size_t ct = rows[i].alg->hybrid->kem->ciphertext_size;
		start(&t, rows[i].alg);
		cr_assert_eq(answer(&t, wire_buf_view(&t.c)), SSH_OK);
		start(&other, rows[i].alg);
		cr_assert_eq(answer(&other, wire_buf_view(&other.c)), SSH_OK);
		cr_assert_eq(answer(&other, wire_buf_view(&other.c)), SSH_OK);
		memcpy(byte_of(&t.s, ct), byte_of(&other.s, ct), rows[i].server - ct);
		cr_assert_eq(finish(&t, wire_buf_view(&t.s)), SSH_OK);
		cr_assert_not(same_k(&t), "%s", rows[i].name);
		stop(&t);
		stop(&other);
	}
}
