/* SPDX-License-Identifier: MIT */
#include "tests/corpus/corpus.h"

#include <stdio.h>
#include <stdlib.h>

#include "libkex/persona.h"
#include "libkex/research.h"

/* What a peer says, in memory and over a socket alike. */

const char *const corpus_to_server[3] = {
    "SERVICE_REQUEST name=\"ssh-userauth\"",
    "USERAUTH_REQUEST user=\"nemo\" service=\"ssh-connection\" method=\"none\"",
    "CHANNEL_OPEN type=\"session\" sender=0 window=1000 maxpacket=1000"};

const char *const corpus_to_client[3] = {
    "SERVICE_ACCEPT name=\"ssh-userauth\"", "USERAUTH_SUCCESS",
    "CHANNEL_OPEN_CONFIRMATION recipient=0 sender=0 window=1000 maxpacket=1000"};

bool corpus_say(struct kex *peer, const char *line)
{
	struct wire_buf b = {0};
	bool ok = wire_msg_parse(&b, wire_msg_all, wire_bytes_str(line)) == 0;
	if (ok)
		(void)kex_send_raw(peer, wire_buf_view(&b));
	wire_buf_wipe(&b);
	return ok;
}

/* The codec knows how to read both: IGNORE data="..." and raw=HEX. */
bool corpus_bytes(const struct act *a, struct wire_buf *out)
{
	bool quoted = strcmp(a->word, "bytes") == 0;
	struct wire_buf line = {0}, all = {0};
	wire_put_raw(&line, wire_bytes_str(quoted ? "IGNORE data=" : "raw="));
	wire_put_raw(&line, wire_bytes_str(a->value));
	bool ok = wire_msg_parse(&all, wire_msg_all, wire_buf_view(&line)) == 0;
	wire_put_raw(out, wire_bytes_skip(wire_buf_view(&all), quoted && ok ? 5 : 0));
	wire_buf_wipe(&line);
	wire_buf_wipe(&all);
	return ok;
}

bool corpus_forge(struct kex *peer, const char *what)
{
	static const struct {
		const char *name;
		unsigned bit;
	} names[] = {{"padding=", KEX_FORGE_PADDING},
	             {"padding_length=", KEX_FORGE_PADDING_LENGTH},
	             {"packet_length=", KEX_FORGE_PACKET_LENGTH},
	             {"fill=", KEX_FORGE_FILL},
	             {"tag=", KEX_FORGE_TAG_XOR}};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t n = strlen(names[i].name);
		if (strncmp(what, names[i].name, n) != 0)
			continue;
		unsigned long v = strtoul(what + n, NULL, 0);
		struct kex_forge f = {.what = names[i].bit, .padding = v, .fill = (uint8_t)v};
		f.padding_length = (uint8_t)v;
		f.packet_length = (uint32_t)v;
		memset(f.tag, (uint8_t)v, sizeof f.tag);
		kex_forge_next(peer, &f);
		return true;
	}
	return false;
}

bool corpus_guess(struct kex *peer)
{
	static const struct kex_persona guessing = {
	    .lists = {[KEX_LIST_KEX] = "what@example.com,curve25519-sha256"},
	    .first_follows = true};
	peer->config.persona = &guessing;
	return kex_rekey(peer) == 0 && corpus_say(peer, "CHANNEL_EOF recipient=7");
}

bool corpus_choose(const struct script *script, struct kex_chosen *chosen, struct kex_config *c)
{
	const struct {
		enum kex_choose_kind what;
		const char *names;
	} rows[] = {{KEX_CHOOSE_AGREES, script->kex == NULL ? "^curve25519-sha256" : script->kex},
	            {KEX_CHOOSE_CIPHERS, script->cipher},
	            {KEX_CHOOSE_MACS, script->mac}};
	ssh_bytes bad;
	for (size_t i = 0; i < 3; i++)
		if (rows[i].names != NULL &&
		    kex_choose(chosen, c, rows[i].what, wire_bytes_str(rows[i].names), &bad) != 0)
			return false;
	return true;
}

void corpus_note(char *said, size_t size, const char *name)
{
	size_t n = strlen(said);
	snprintf(said + n, size - n, "%s%.*s", n == 0 ? "" : " ", (int)strcspn(name, "|"), name);
}

const char *corpus_name(uint8_t number, struct wire_context c)
{
	return number == 60 ? "USERAUTH_60" : wire_num_name(number, c);
}

struct wire_context corpus_context(const struct script *s)
{
	const char *kex = s->kex == NULL ? "" : s->kex;
	bool gex = strstr(kex, "group-exchange") != NULL;
	bool dh = strstr(kex, "diffie-hellman") != NULL;
	return (struct wire_context){.kex = gex ? WIRE_KEX_GEX : dh ? WIRE_KEX_DH : WIRE_KEX_ECDH};
}
