/* SPDX-License-Identifier: MIT */
#include "libauth/method.h"
#include "libwire/names.h"
#include "libwire/num.h"

static const struct {
	uint32_t bit;
	const char *name;
} methods_known[] = {
    {AUTH_NONE, "none"},
    {AUTH_PUBLICKEY, "publickey"},
    {AUTH_INTERACTIVE, "keyboard-interactive"},
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

void auth_signed_put(struct wire_buf *out, const struct auth_signed *s)
{
	wire_put_string(out, s->session_id);
	wire_put_u8(out, SSH_MSG_USERAUTH_REQUEST);
	wire_put_string(out, s->user);
	wire_put_string(out, s->service);
	wire_put_str(out, "publickey");
	wire_put_bool(out, true);
	wire_put_string(out, s->algorithm);
	wire_put_string(out, s->key);
}

const struct crypt_sigalg *auth_sigalg_choose(const struct crypt_sigalg *const *algs,
                                              ssh_bytes blob, ssh_bytes server_sig_algs)
{
	struct wire_reader r;
	ssh_bytes type;

	wire_reader_init(&r, blob);
	type = wire_get_string(&r);
	for (; *algs != NULL; algs++)
		if (wire_bytes_is(type, (*algs)->key->name) &&
		    (server_sig_algs.len == 0 ||
		     wire_names_has(server_sig_algs, wire_bytes_str((*algs)->name))))
			return *algs;
	return NULL;
}
