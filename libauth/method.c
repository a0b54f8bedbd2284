/* SPDX-License-Identifier: MIT */
#include "libauth/method.h"
#include "libauth/text.h"
#include "libwire/names.h"
#include "libwire/num.h"

static const struct {
	uint32_t bit;
	const char *name;
} methods_known[] = {
    {AUTH_NONE, "none"},           {AUTH_PUBLICKEY, "publickey"},
    {AUTH_HOSTBASED, "hostbased"}, {AUTH_INTERACTIVE, "keyboard-interactive"},
    {AUTH_PASSWORD, "password"},
};

#define METHODS (sizeof methods_known / sizeof methods_known[0])

const char *auth_method_name(uint32_t method)
{
	for (size_t i = 0; i < METHODS; i++)
		if (methods_known[i].bit == method)
			return methods_known[i].name;
	return "";
}

uint32_t auth_method_find(ssh_bytes name)
{
	for (size_t i = 0; i < METHODS; i++)
		if (wire_bytes_is(name, methods_known[i].name))
			return methods_known[i].bit;
	return 0;
}

void auth_method_put_list(struct wire_buf *out, uint32_t methods)
{
	bool first = true;

	for (size_t i = 0; i < METHODS; i++) {
		if ((methods & methods_known[i].bit) == 0 || methods_known[i].bit == AUTH_NONE)
			continue;
		if (!first)
			wire_put_raw(out, wire_bytes_str(","));
		wire_put_raw(out, wire_bytes_str(methods_known[i].name));
		first = false;
	}
}

/* Take one method off the front of a chain. */
static uint32_t next_method(ssh_bytes *chain)
{
	const uint8_t *comma = chain->len == 0 ? NULL : memchr(chain->ptr, ',', chain->len);
	size_t n = comma == NULL ? chain->len : (size_t)(comma - chain->ptr);
	uint32_t method = auth_method_find(wire_bytes(chain->ptr, n));

	/* A comma that ends the chain leaves an empty name, which is no method. */
	if (comma != NULL && n + 1 == chain->len)
		method = 0;
	*chain = wire_bytes_skip(*chain, n + 1);
	return method;
}

/* What follows `done` in one chain; 0 if it begins in another way, or ends there. */
static uint32_t chain_next(ssh_bytes chain, const uint32_t *done, size_t count, bool *complete)
{
	for (size_t i = 0; i < count; i++)
		if (next_method(&chain) != done[i])
			return 0;
	*complete = *complete || chain.len == 0;
	return next_method(&chain);
}

uint32_t auth_chains_next(ssh_bytes chains, const uint32_t *done, size_t count, bool *complete)
{
	uint32_t next = 0;
	bool end = false;
	ssh_bytes chain;

	chains = auth_text_trim(chains);
	while ((chain = auth_text_word(&chains)).len != 0)
		next |= chain_next(chain, done, count, &end);
	if (complete != NULL)
		*complete = end;
	return next;
}

static bool chain_valid(ssh_bytes chain, uint32_t methods)
{
	for (size_t n = 0; chain.len != 0; n++)
		if (n == AUTH_CHAIN_MAX ||
		    (next_method(&chain) & methods & ~(uint32_t)AUTH_NONE) == 0)
			return false;
	return true;
}

bool auth_chains_valid(ssh_bytes chains, uint32_t methods)
{
	ssh_bytes chain;

	chains = auth_text_trim(chains);
	if (chains.len == 0)
		return false;
	while ((chain = auth_text_word(&chains)).len != 0)
		if (!chain_valid(chain, methods))
			return false;
	return true;
}

void auth_signed_put(struct wire_buf *out, const struct auth_signed *s)
{
	bool of_host = s->host.len != 0;

	wire_put_string(out, s->session_id);
	wire_put_u8(out, SSH_MSG_USERAUTH_REQUEST);
	wire_put_string(out, s->user);
	wire_put_string(out, s->service);
	if (of_host) {
		wire_put_str(out, "hostbased");
	} else {
		wire_put_str(out, s->host_key.len == 0 ? "publickey" : AUTH_PUBLICKEY_HOSTBOUND);
		wire_put_bool(out, true);
	}
	wire_put_string(out, s->algorithm);
	wire_put_string(out, s->key);
	if (of_host) {
		wire_put_string(out, s->host);
		wire_put_string(out, s->host_user);
	} else if (s->host_key.len != 0) {
		wire_put_string(out, s->host_key);
	}
}

/* OpenSSH's servers name plain algorithms alone, and mean certificates of such keys too. */
static bool is_listed(const struct crypt_sigalg *alg, ssh_bytes list)
{
	return list.len == 0 || wire_names_has(list, wire_bytes_str(alg->name)) ||
	       (alg->key->plain != NULL &&
	        wire_names_has(list, wire_bytes_str(crypt_sigalg_signature_name(alg))));
}

const struct crypt_sigalg *auth_sigalg_choose(const struct crypt_sigalg *const *algs,
                                              ssh_bytes blob, ssh_bytes server_sig_algs)
{
	struct wire_reader r;
	ssh_bytes type;

	wire_reader_init(&r, blob);
	type = wire_get_string(&r);
	for (; *algs != NULL; algs++)
		if (wire_bytes_is(type, (*algs)->key->name) && is_listed(*algs, server_sig_algs))
			return *algs;
	return NULL;
}
