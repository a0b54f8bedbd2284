/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_DUO_H
#define NACRE_TESTS_DUO_H

#include "libauth/auth.h"

/*
 * A client and a server of user authentication with payloads handed over in memory, driven by a
 * script; everything that either is told or asked goes into a line of text.
 *
 * The user is "nemo", the password "nautilus"; "old" must be changed to "new". Key A is welcome,
 * key B is not; both are Ed25519. A letter of the script answers one question of the client's:
 *
 *   n none   p the password   w a wrong one   o "old"   N change "old" to "new"   e empty password
 *   a A b B  the key, with a query first   A B  signed at once   x no signature to be had
 *   X a signature that is damaged   g give up
 *   h H  hostbased: "ned" on "reef.example", whose key is A; H: is B
 *   i I  keyboard-interactive; I names a submethod   r right answers   f false ones
 *
 * keyboard-interactive has `rounds` rounds: "Password: " (answered "nautilus"), "Code: " that may be
 * shown (answered "code"); then a round without prompts; then the first again, and so on.
 *
 * The line: "?methods" (with + in front if partial) and "sign", "change" are what the client is
 * asked, "none", "password:word", "key?" and "key!" (signed) what the server is; "C:method",
 * "host:name:user:key" a host's word for its user,
 * "S:user:method:key" success on either side, "C!NAME", "S!NAME" an error; "ask:submethods" the
 * challenge that the server is asked for, "name:instruction:prompt|prompt+" what the client is asked
 * (+: echo), "=answer|answer" what the server hears.
 */
struct duo {
	/* Filled in by duo_init; to be changed before duo_start. */
	struct auth_client_config client_config;
	struct auth_server_config server_config;
	const char *script;
	int rounds; /* of keyboard-interactive; 0: rejected at once */
	uint32_t
	    partial; /* method bits that the server answers AUTH_PARTIAL while no other succeeded */
	/* What became of it. */
	struct auth_client c;
	struct auth_server s;
	struct crypt_key a, b;
	struct wire_buf blob_a, blob_b;
	struct wire_buf line;
	size_t payloads;
	int round;
};

void duo_init(struct duo *d);
/** Forget what became of it, but keep configuration and keys, for another duo_start. */
void duo_reset(struct duo *d);
/** Returns 0 or what an init returned. */
enum ssh_err duo_start(struct duo *d);
/** Run until nothing moves. */
void duo_run(struct duo *d);
/** Start, run, and compare the line. Fails the test with `name`. */
void duo_expect(struct duo *d, const char *name, const char *line);
void duo_wipe(struct duo *d);

/** Sign as the client's key `k` would; wipes nothing of the caller's. */
enum ssh_err duo_sign(const struct crypt_key *k, const struct crypt_sigalg *alg, ssh_bytes data,
                      struct wire_buf *out);

#endif
