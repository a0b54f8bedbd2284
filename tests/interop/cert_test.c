/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <time.h>

#include "libauth/keyfile.h"
#include "libauth/pubfile.h"
#include "libcrypt/cert.h"
#include "tests/support/peer.h"

/* Certificates of ssh-keygen's and of ours. */

static const char *const types[] = {"ed25519", "ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa-2048"};
#define TYPES (sizeof types / sizeof types[0])

static struct wire_buf read_blob(const char *path)
{
	struct wire_buf blob = {0};
	struct auth_publine line;
	cr_assert_eq(auth_publine_parse(&line, wire_bytes_str(peer_read(path))), SSH_OK, "%s",
	             path);
	cr_assert_eq(auth_publine_blob(&line, &blob), SSH_OK, "%s", path);
	return blob;
}

static struct crypt_key read_key(const char *path)
{
	struct crypt_key k = {0};
	struct wire_buf text = peer_bytes(path);
	cr_assert_eq(auth_keyfile_parse(&k, NULL, crypt_keyalgs, wire_buf_view(&text)), SSH_OK,
	             "%s", path);
	wire_buf_wipe(&text);
	return k;
}

static void run(struct process *p)
{
	process_start(p);
	process_wait(p);
	cr_assert_eq(p->status, 0, "%s", peer_outcome(p));
}

static void check_theirs(const char *key, const char *authority)
{
	static const char *const options[] = {"force-command", NULL};
	struct process p = {0};
	struct wire_buf trusted = read_blob(peer_text("%s.pub", authority));
	ssh_bytes one = wire_buf_view(&trusted), data, text;
	struct crypt_cert c;
	const char *why;
	words_add(&p.argv, peer_program("ssh-keygen"), "-q", "-s", authority, "-I", "the id", "-n",
	          "alice,bob", "-z", "42", "-V", "-1h:+1h", "-O", "force-command=ls -l", "-O",
	          "source-address=192.0.2.0/24", peer_text("%s.pub", key), NULL);
	run(&p);
	process_wipe(&p);
	struct wire_buf blob = read_blob(peer_text("%s-cert.pub", key));
	cr_assert_eq(crypt_cert_parse(&c, crypt_cert_keyalgs, wire_buf_view(&blob)), SSH_OK);
	struct crypt_cert_policy policy = {.role = CRYPT_CERT_USER,
	                                   .now = (uint64_t)time(NULL),
	                                   .principal = wire_bytes_str("bob"),
	                                   .authorities = &one,
	                                   .authorities_count = 1,
	                                   .sigalgs = crypt_sigalgs,
	                                   .source = wire_bytes_str("192.0.2.3"),
	                                   .options = options};
	cr_expect_eq(crypt_cert_check(&c, &policy, &why), SSH_OK, "%s by %s: %s", key, authority,
	             why);
	cr_expect_eq(c.serial, 42);
	cr_expect(wire_bytes_is(c.id, "the id"));
	cr_expect(crypt_cert_option(c.options, "force-command", &data) &&
	          crypt_cert_option_text(data, &text) && wire_bytes_is(text, "ls -l"));
	cr_expect(crypt_cert_option(c.extensions, "permit-pty", &data));
	policy.source = wire_bytes_str("192.0.3.3");
	cr_expect_eq(crypt_cert_check(&c, &policy, &why), SSH_ERR_CERT);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&trusted);
}

/* Each type certified, and by each type. */
Test(cert, of_keygen, .fini = peer_end)
{
	const char *keys[TYPES];
	for (size_t i = 0; i < TYPES; i++)
		keys[i] = peer_key("key", types[i]);
	for (size_t i = 0; i < TYPES; i++)
		check_theirs(keys[i], keys[(i + 1) % TYPES]);
}

static const struct crypt_keyalg *cert_type(const struct crypt_keyalg *plain)
{
	for (size_t i = 0; crypt_cert_keyalgs[i] != NULL; i++)
		if (crypt_cert_keyalgs[i]->plain == plain)
			return crypt_cert_keyalgs[i];
	return NULL;
}

/* ssh-keygen verifies what it shows. */
static void check_ours(const char *name, const char *subject_file, const char *authority_file)
{
	struct crypt_key subject = read_key(subject_file), authority = read_key(authority_file);
	struct crypt_rng rng = crypt_rng_system();
	struct crypt_cert_authority by = {&authority, authority.alg->sigs[0], &rng};
	struct wire_buf names = {0}, options = {0}, blob = {0}, line = {0};
	struct process p = {0};
	crypt_cert_put_principal(&names, "host.example.com");
	crypt_cert_put_option(&options, "force-command", "uptime");
	struct crypt_cert fields = {.alg = cert_type(subject.alg),
	                            .serial = 4711,
	                            .role = CRYPT_CERT_USER,
	                            .id = wire_bytes_str("made here"),
	                            .principals = wire_buf_view(&names),
	                            .valid_before = CRYPT_CERT_FOREVER,
	                            .options = wire_buf_view(&options)};
	cr_assert_eq(crypt_cert_issue(&blob, &fields, &subject, &by), SSH_OK);
	auth_publine_put(&line, wire_buf_view(&blob), wire_bytes_str("comment"));
	wire_put_u8(&line, 0);
	const char *file = peer_write(name, (const char *)wire_buf_view(&line).ptr);
	words_add(&p.argv, peer_program("ssh-keygen"), "-L", "-f", file, NULL);
	run(&p);
	const char *shown = process_out(&p);
	cr_expect_not_null(strstr(shown, "Key ID: \"made here\""), "%s", shown);
	cr_expect_not_null(strstr(shown, "Serial: 4711"), "%s", shown);
	cr_expect_not_null(strstr(shown, "host.example.com"), "%s", shown);
	cr_expect_not_null(strstr(shown, "force-command uptime"), "%s", shown);
	process_wipe(&p);
	crypt_key_wipe(&subject);
	crypt_key_wipe(&authority);
	struct wire_buf *all[] = {&names, &options, &blob, &line};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		wire_buf_wipe(all[i]);
}

Test(cert, of_ours, .fini = peer_end)
{
	const char *keys[TYPES];
	for (size_t i = 0; i < TYPES; i++)
		keys[i] = peer_key("key", types[i]);
	for (size_t i = 0; i < TYPES; i++)
		check_ours(types[i], keys[i], keys[(i + 1) % TYPES]);
}
