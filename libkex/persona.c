/* SPDX-License-Identifier: MIT */
#include "libkex/persona.h"

#include "libcrypt/hash.h"
#include "libwire/text.h"

void kex_persona_kexinit(const struct kex_persona *p, struct ssh_kexinit *m)
{
	ssh_bytes *lists[KEX_LISTS] = {&m->kex,    &m->hostkey, &m->cipher_cs, &m->cipher_sc,
	                               &m->mac_cs, &m->mac_sc,  &m->comp_cs,   &m->comp_sc};
	if (p == NULL)
		return;
	for (size_t i = 0; i < KEX_LISTS; i++)
		if (p->lists[i] != NULL)
			*lists[i] = wire_bytes_str(p->lists[i]);
	m->lang_cs = wire_bytes_str(p->languages[0]);
	m->lang_sc = wire_bytes_str(p->languages[1]);
	if (p->cookie != NULL)
		memcpy(m->cookie, p->cookie, sizeof m->cookie);
	m->reserved = p->reserved;
	m->first_follows = p->first_follows;
}

enum ssh_err kex_hassh(ssh_bytes kexinit, bool server, char out[KEX_HASSH_SIZE])
{
	struct ssh_kexinit m;
	struct crypt_hash_ctx md5;
	uint8_t digest[CRYPT_HASH_MAX];
	struct wire_buf hex = {0};
	enum ssh_err e = wire_msg_decode(&ssh_kexinit_shape, kexinit, &m);
	if (e != 0)
		return e;
	const ssh_bytes parts[] = {m.kex, server ? m.cipher_sc : m.cipher_cs,
	                           server ? m.mac_sc : m.mac_cs, server ? m.comp_sc : m.comp_cs};
	crypt_hash_init(&md5, &crypt_insecure_md5);
	for (size_t i = 0; i < 4; i++) {
		crypt_hash_update(&md5, wire_bytes(";", i == 0 ? 0 : 1));
		crypt_hash_update(&md5, parts[i]);
	}
	crypt_hash_final(&md5, digest);
	wire_text_hex(&hex, wire_bytes(digest, crypt_insecure_md5.size));
	if ((e = wire_buf_end(&hex)) == 0) {
		memcpy(out, wire_buf_view(&hex).ptr, KEX_HASSH_SIZE - 1);
		out[KEX_HASSH_SIZE - 1] = '\0';
	}
	wire_buf_wipe(&hex);
	return e;
}
