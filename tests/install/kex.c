/* SPDX-License-Identifier: MIT */
#include "libkex/agree.h"

#include <stdio.h>

/* Both ends of an X25519 agreement, with the system's randomness, reach the same secret. */
int main(void)
{
	const struct kex_agree *x25519 = &kex_curve25519_sha256;
	struct crypt_rng rng = crypt_rng_system();
	struct kex_agree_run client = {0}, server = {0};
	struct wire_buf c = {0}, s = {0}, k_client = {0}, k_server = {0};
	enum ssh_err e;

	if ((e = x25519->offer(x25519, &client, &rng, &c)) == 0) {
		struct kex_answer answer = {.in = wire_buf_view(&c), .pub = &s, .k = &k_server};
		e = x25519->answer(x25519, &server, &rng, &answer);
	}
	if (e == 0)
		e = x25519->finish(x25519, &client, wire_buf_view(&s), &k_client);
	bool same = e == 0 && wire_buf_len(&k_client) == 32 &&
	            wire_bytes_equal(wire_buf_view(&k_client), wire_buf_view(&k_server));
	printf("X25519 secrets are %s\n", same ? "equal" : "different");

	kex_agree_wipe(&client);
	kex_agree_wipe(&server);
	wire_buf_wipe(&c);
	wire_buf_wipe(&s);
	wire_buf_wipe(&k_client);
	wire_buf_wipe(&k_server);
	return same ? 0 : 1;
}
