/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "libauth/known_hosts.h"
#include "libcrypt/cert.h"
#include "tests/support/alloc.h"

#define NOW 1700000000u

static struct crypt_drbg drbg;
static struct crypt_key ca, other, host;

static struct crypt_rng start(void)
{
	crypt_drbg_init(&drbg, wire_bytes_str("hosts"));
	struct crypt_rng rng = crypt_drbg_rng(&drbg);
	cr_assert_eq(crypt_key_generate(&ca, &crypt_key_ed25519, 0, &rng), SSH_OK);
	cr_assert_eq(crypt_key_generate(&other, &crypt_key_ed25519, 0, &rng), SSH_OK);
	cr_assert_eq(crypt_key_generate(&host, &crypt_key_ed25519, 0, &rng), SSH_OK);
	return rng;
}

static void stop(void)
{
	crypt_key_wipe(&ca);
	crypt_key_wipe(&other);
	crypt_key_wipe(&host);
}

static void put_line(struct wire_buf *text, const char *front, const struct crypt_key *key)
{
	struct wire_buf blob = {0};
	crypt_key_put_public(key, &blob);
	wire_put_raw(text, wire_bytes_str(front));
	cr_assert_eq(
	    auth_known_put(text, wire_bytes_str("a.example.com"), wire_buf_view(&blob), NULL),
	    SSH_OK);
	wire_buf_wipe(&blob);
}

static void issue(struct wire_buf *out, uint32_t role, const char *name, uint64_t until)
{
	struct wire_buf names = {0};
	struct crypt_rng rng = crypt_drbg_rng(&drbg);
	struct crypt_cert_authority by = {&ca, &crypt_sig_ed25519, &rng};
	crypt_cert_put_principal(&names, name);
	struct crypt_cert c = {.alg = &crypt_cert_ed25519,
	                       .role = role,
	                       .id = wire_bytes_str("id"),
	                       .principals = wire_buf_view(&names),
	                       .valid_after = NOW - 10,
	                       .valid_before = until};
	cr_assert_eq(crypt_cert_issue(out, &c, &host, &by), SSH_OK);
	wire_buf_wipe(&names);
}

static const struct auth_known_host whom = {
    {(const uint8_t *)"a.example.com", 13}, {(const uint8_t *)"a.example.com", 13}, NOW};

Test(known_cert, authorities_names_times_and_revocations)
{
	static const struct {
		const char *what, *lines, *name;
		uint32_t role;
		uint64_t until;
		enum ssh_err e;
		size_t line;
	} rows[] = {
	    /* Lines: A the authority, B another, K the host's key as it is; small: revoked. */
	    {"good", "BA", "a.example.com", CRYPT_CERT_HOST, NOW + 1, SSH_OK, 2},
	    {"nothing known", "", "a.example.com", CRYPT_CERT_HOST, NOW + 1, SSH_ERR_NOT_FOUND, 0},
	    {"another authority", "B", "a.example.com", CRYPT_CERT_HOST, NOW + 1, SSH_ERR_NOT_FOUND,
	     0},
	    {"known as a key only", "K", "a.example.com", CRYPT_CERT_HOST, NOW + 1,
	     SSH_ERR_NOT_FOUND, 0},
	    {"revoked authority", "Aa", "a.example.com", CRYPT_CERT_HOST, NOW + 1, SSH_ERR_REVOKED,
	     2},
	    {"revoked key", "kA", "a.example.com", CRYPT_CERT_HOST, NOW + 1, SSH_ERR_REVOKED, 1},
	    {"another's revocation", "bA", "a.example.com", CRYPT_CERT_HOST, NOW + 1, SSH_OK, 2},
	    {"another name", "A", "b.example.com", CRYPT_CERT_HOST, NOW + 1, SSH_ERR_CERT, 1},
	    {"expired", "A", "a.example.com", CRYPT_CERT_HOST, NOW, SSH_ERR_CERT, 1},
	    {"a user's", "A", "a.example.com", CRYPT_CERT_USER, NOW + 1, SSH_ERR_CERT, 1},
	};
	(void)start();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct wire_buf text = {0}, cert = {0};
		const char *why;
		size_t line;
		for (const char *c = rows[i].lines; *c != '\0'; c++)
			put_line(&text,
			         *c >= 'a'   ? "@revoked "
			         : *c == 'K' ? ""
			                     : "@cert-authority ",
			         (*c | 32) == 'a'   ? &ca
			         : (*c | 32) == 'b' ? &other
			                            : &host);
		issue(&cert, rows[i].role, rows[i].name, rows[i].until);
		enum ssh_err e = auth_known_check_cert(wire_buf_view(&text), &whom,
		                                       wire_buf_view(&cert), &line, &why);
		cr_expect_eq(e, rows[i].e, "%s: %s, %s", rows[i].what, ssh_err_name(e), why);
		cr_expect_eq(line, rows[i].line, "%s: line %zu", rows[i].what, line);
		cr_expect_eq(why[0] == '\0', e == SSH_OK, "%s: '%s'", rows[i].what, why);
		wire_buf_wipe(&text);
		wire_buf_wipe(&cert);
	}
	stop();
}

Test(known_cert, no_memory_is_no_yes)
{
	struct wire_buf text = {0}, cert = {0};
	(void)start();
	put_line(&text, "@cert-authority ", &ca);
	put_line(&text, "@revoked ", &host);
	issue(&cert, CRYPT_CERT_HOST, "a.example.com", NOW + 1);
	bool failed = true;
	for (size_t n = 1; failed; n++) {
		const char *why;
		size_t line;
		alloc_start();
		alloc_fail_at(n);
		enum ssh_err e = auth_known_check_cert(wire_buf_view(&text), &whom,
		                                       wire_buf_view(&cert), &line, &why);
		failed = alloc_failed();
		alloc_stop();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_ERR_REVOKED, "allocation %zu: %s",
		             n, ssh_err_name(e));
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
	}
	wire_buf_wipe(&text);
	wire_buf_wipe(&cert);
	stop();
}

/* What is known comes first; a certificate that nobody can vouch for is not asked for. */
Test(known_cert, order_of_algorithms)
{
	static const struct crypt_sigalg *const offer[] = {
	    &crypt_cert_sig_ed25519, &crypt_sig_ecdsa_nistp256, &crypt_sig_ed25519,
	    &crypt_sig_rsa_sha2_512, NULL};
	static const struct {
		const char *front;
		const char *want[5];
	} rows[] = {
	    {NULL, {"ecdsa-sha2-nistp256", "ssh-ed25519", "rsa-sha2-512"}},
	    {"", {"ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512"}},
	    {"@revoked ", {"ecdsa-sha2-nistp256", "ssh-ed25519", "rsa-sha2-512"}},
	    {"@cert-authority ",
	     {"ssh-ed25519-cert-v01@openssh.com", "ecdsa-sha2-nistp256", "ssh-ed25519",
	      "rsa-sha2-512"}},
	};
	(void)start();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct wire_buf text = {0};
		const struct crypt_sigalg *out[8];
		if (rows[i].front != NULL)
			put_line(&text, rows[i].front, &host);
		size_t n = auth_known_order(wire_buf_view(&text), whom.name, offer, out, 8);
		for (size_t j = 0; j < 5; j++)
			cr_expect(rows[i].want[j] == NULL
			              ? j >= n
			              : j < n && strcmp(out[j]->name, rows[i].want[j]) == 0,
			          "row %zu, %zu", i, j);
		cr_expect_null(out[n]);
		cr_expect_eq(auth_known_order(wire_buf_view(&text), whom.name, offer, out, 2), 1);
		wire_buf_wipe(&text);
	}
	stop();
}
