/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <stdio.h>
#include <termios.h>

#include "libauth/kdf.h"
#include "tests/interop/answers.h"
#include "tests/support/peer.h"

/* Who gets in, and what those hear who do not. */

#define PASSWORD "correct horse"

/* --- Passwords: of a file of Nacre's server, so that no user of the machine needs one --- */

static void start_with_password(struct peer_server *s)
{
	const char *file = peer_write("passwords", peer_text("%s:" PASSWORD "\n", peer_user()));
	words_add(&s->options, peer_text("PasswordFile=%s", file), NULL);
	peer_server_start(s);
}

static void by_password(enum peer client, const char *answers, int status, const char *message)
{
	struct peer_server s = {.kind = PEER_NACRE};
	struct process p = {0};
	start_with_password(&s);
	peer_client(&p, client, &s);
	answers_give(&p, answers);
	words_add(&p.argv, "-o", "PubkeyAuthentication=no", NULL);
	peer_run(&p, &s, "exit 7", "");
	cr_assert(p.status == status && strstr(process_err(&p), message) != NULL, "%s\n%s",
	          peer_outcome(&p), peer_server_log(&s));
	cr_assert_null(strstr(peer_server_log(&s), "horse"), "a password is in the log");
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(login, password_nacre, .fini = peer_end)
{
	by_password(PEER_NACRE, PASSWORD "\n", 7, "");
}

Test(login, password_openssh, .fini = peer_end)
{
	by_password(PEER_OPENSSH, PASSWORD "\n", 7, "");
}

Test(login, second_password_nacre, .fini = peer_end)
{
	by_password(PEER_NACRE, "wrong\n" PASSWORD "\n", 7, "please try again");
}

Test(login, second_password_openssh, .fini = peer_end)
{
	by_password(PEER_OPENSSH, "wrong\n" PASSWORD "\n", 7, "please try again");
}

Test(login, wrong_password_nacre, .fini = peer_end)
{
	by_password(PEER_NACRE, "wrong\ncorrect horsf\ncorrect hors\n", 255, "Permission denied (");
}

Test(login, wrong_password_openssh, .fini = peer_end)
{
	by_password(PEER_OPENSSH, "wrong\ncorrect horsf\ncorrect hors\n", 255,
	            "Permission denied (");
}

Test(login, password_at_the_terminal, .fini = peer_end)
{
	struct peer_server s = {.kind = PEER_NACRE};
	struct process p = {.terminal = true};
	struct termios t;
	start_with_password(&s);
	peer_client(&p, PEER_NACRE, &s);
	words_add(&p.argv, "-o", "PubkeyAuthentication=no", s.address, "echo wel''come", NULL);
	process_start(&p);
	process_expect(&p, peer_text("%s@%s's password: ", peer_user(), s.address));
	cr_assert_eq(tcgetattr(p.fd, &t), 0);
	cr_assert_eq(t.c_lflag & ECHO, 0, "the terminal echoes");
	process_type(&p, PASSWORD "\r");
	process_expect(&p, "welcome");
	process_wait(&p);
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	cr_assert_null(strstr(process_out(&p), "horse"), "the password is shown");
	cr_assert_eq(tcgetattr(p.fd, &t), 0);
	cr_assert_neq(t.c_lflag & ECHO, 0, "the terminal does not echo any more");
	process_wipe(&p);
	peer_server_stop(&s);
}

/* --- Keys --- */

static void refused(enum peer client, enum peer server, const char *key, const char *user,
                    const char *message)
{
	struct peer_server s = {.kind = server};
	struct process p = {0};
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(&s);
	peer_client(&p, client, &s);
	words_add(&p.argv, "-o", "BatchMode=yes", "-i", key, "-l", user, NULL);
	peer_run(&p, &s, "echo inside", "");
	cr_assert(p.status == 255 && strstr(process_err(&p), message) != NULL &&
	              wire_buf_len(&p.out) == 0,
	          "%s\n%s", peer_outcome(&p), peer_server_log(&s));
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(login, wrong_key_nacre_to_openssh, .fini = peer_end)
{
	refused(PEER_NACRE, PEER_OPENSSH, peer_key("stranger", "ed25519"), peer_user(),
	        "Permission denied (");
}

Test(login, wrong_key_openssh_to_nacre, .fini = peer_end)
{
	refused(PEER_OPENSSH, PEER_NACRE, peer_key("stranger", "ed25519"), peer_user(),
	        "Permission denied (");
}

Test(login, wrong_user_nacre_to_openssh, .fini = peer_end)
{
	refused(PEER_NACRE, PEER_OPENSSH, peer_key("user", "ed25519"), "nobody-at-all",
	        "Permission denied (");
}

Test(login, wrong_user_openssh_to_nacre, .fini = peer_end)
{
	refused(PEER_OPENSSH, PEER_NACRE, peer_key("user", "ed25519"), "nobody-at-all",
	        "Permission denied (");
}

Test(login, no_such_key, .fini = peer_end)
{
	refused(PEER_NACRE, PEER_OPENSSH, peer_path("not there"), peer_user(), "No such file");
}

/* Encrypt a key in place, in a form of ssh-keygen -m, or as PuTTY does by default. */
static void encrypt(const char *key, const char *form)
{
	struct process p = {0};
	if (strcmp(form, "PPK") == 0)
		words_add(&p.argv, peer_program("puttygen"), key, "-O", "private", "-o", key,
		          "--old-passphrase", "/dev/null", "--new-passphrase",
		          peer_write("word", PASSWORD "\n"), NULL);
	else
		words_add(&p.argv, peer_program("ssh-keygen"), "-q", "-p", "-P", "", "-N", PASSWORD,
		          "-m", form, "-f", key, NULL);
	process_start(&p);
	process_wait(&p);
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	process_wipe(&p);
}

/* The server is asked about the public half first, so nobody is asked for the passphrase. */
Test(login, encrypted_key_that_is_not_wanted, .fini = peer_end)
{
	const char *key = peer_key("encrypted", "ed25519");
	encrypt(key, "RFC4716");
	refused(PEER_NACRE, PEER_OPENSSH, key, peer_user(), "Permission denied (");
}

static void by_passphrase(const char *type, const char *form, const char *answers, int status,
                          const char *message)
{
	struct peer_server s = {.kind = PEER_OPENSSH};
	struct process p = {0};
	const char *key = peer_key("encrypted", type);
	peer_authorize(key, "");
	encrypt(key, form);
	peer_server_start(&s);
	peer_client(&p, PEER_NACRE, &s);
	answers_give(&p, answers);
	words_add(&p.argv, "-i", key, "-o", "PasswordAuthentication=no", NULL);
	peer_run(&p, &s, "exit 7", "");
	cr_assert(p.status == status && strstr(process_err(&p), message) != NULL, "%s\n%s",
	          peer_outcome(&p), peer_server_log(&s));
	process_wipe(&p);
	peer_server_stop(&s);
}

/* RFC4716 is what ssh-keygen calls its own format here. */
Test(login, passphrase, .fini = peer_end)
{
	by_passphrase("ed25519", "RFC4716", PASSWORD "\n", 7, "");
}

Test(login, second_passphrase_pem, .fini = peer_end)
{
	by_passphrase("rsa-2048", "PEM", "wrong\n" PASSWORD "\n", 7, "");
}

Test(login, third_passphrase_pkcs8, .fini = peer_end)
{
	by_passphrase("ecdsa-256", "PKCS8", "wrong\nwronger\n" PASSWORD "\n", 7, "");
}

/* Its key is made by Argon2, which may have been left out of this build. */
Test(login, second_passphrase_ppk, .fini = peer_end)
{
	if (auth_argon2_is_there())
		by_passphrase("ed25519", "PPK", "wrong\n" PASSWORD "\n", 7, "");
	else
		by_passphrase("ed25519", "PPK", PASSWORD "\n", 255, "not known or not enabled");
}

Test(login, wrong_passphrase, .fini = peer_end)
{
	by_passphrase("ed25519", "RFC4716", "a\nb\nc\n" PASSWORD "\n", 255,
	              "a passphrase is needed");
}

Test(login, no_passphrase, .fini = peer_end)
{
	by_passphrase("ed25519", "RFC4716", "\n" PASSWORD "\n", 255, "a passphrase is needed");
}

/* With neither the file nor another beside it to show the public half, the passphrase comes first. */
Test(login, passphrase_before_the_offer, .fini = peer_end)
{
	struct peer_server s = {.kind = PEER_OPENSSH};
	struct process p = {0};
	const char *key = peer_key("encrypted", "ecdsa-384");
	peer_authorize(key, "");
	encrypt(key, "PKCS8");
	cr_assert_eq(rename(peer_text("%s.pub", key), peer_path("elsewhere")), 0);
	peer_server_start(&s);
	peer_client(&p, PEER_NACRE, &s);
	answers_give(&p, PASSWORD "\n");
	words_add(&p.argv, "-i", key, NULL);
	peer_run(&p, &s, "exit 7", "");
	cr_assert_eq(p.status, 7, "%s\n%s", peer_outcome(&p), peer_server_log(&s));
	process_wipe(&p);
	peer_server_stop(&s);
}

/* The right key among others, which is not the first to be tried. */
static void several_keys(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct process p = {0};
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(&s);
	peer_client(&p, client, &s);
	words_add(&p.argv, "-i", peer_key("first", "ed25519"), "-i",
	          peer_key("second", "ecdsa-256"), "-i", peer_key("user", "ed25519"), NULL);
	peer_run(&p, &s, "exit 7", "");
	cr_assert_eq(p.status, 7, "%s\n%s", peer_outcome(&p), peer_server_log(&s));
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(login, several_keys_nacre_to_openssh, .fini = peer_end)
{
	several_keys(PEER_NACRE, PEER_OPENSSH);
}

Test(login, several_keys_openssh_to_nacre, .fini = peer_end)
{
	several_keys(PEER_OPENSSH, PEER_NACRE);
}

/* --- Nobody there, nothing in common --- */

Test(login, nobody_listens, .fini = peer_end)
{
	struct peer_server s = {.kind = PEER_OPENSSH};
	struct process p = {0};
	peer_server_start(&s);
	peer_server_stop(&s);
	peer_client_with_key(&p, PEER_NACRE, &s);
	peer_run(&p, &s, "true", "");
	cr_assert(p.status == 255 && strstr(process_err(&p), "Connection refused") != NULL, "%s",
	          peer_outcome(&p));
	process_wipe(&p);
}

static void nothing_in_common(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct process p = {0};
	words_add(&s.options, "Ciphers=aes256-ctr", NULL);
	peer_server_start(&s);
	peer_client_with_key(&p, client, &s);
	words_add(&p.argv, "-o", "Ciphers=aes128-ctr", NULL);
	peer_run(&p, &s, "true", "");
	cr_assert(p.status == 255 && strcasestr(process_err(&p), "cipher") != NULL &&
	              strstr(process_err(&p), "found. Their offer: aes256-ctr") != NULL,
	          "%s", peer_outcome(&p));
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(login, nothing_in_common_nacre_to_openssh, .fini = peer_end)
{
	nothing_in_common(PEER_NACRE, PEER_OPENSSH);
}

Test(login, nothing_in_common_openssh_to_nacre, .fini = peer_end)
{
	nothing_in_common(PEER_OPENSSH, PEER_NACRE);
}
