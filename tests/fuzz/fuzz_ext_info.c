/* SPDX-License-Identifier: MIT */
#include "libkex/persona.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/pair.h"

/*
 * EXT_INFO at an engine: a byte says which side hears it (1), whether it has said the like itself
 * (2), and whether the user logs in behind (4); then messages, each behind its length of two bytes.
 * The first takes the place of the peer's own, the others follow at once.
 *
 * What is taken is well-formed to its end, and what is known afterwards is what was said last.
 */

#define MESSAGES 4

/* What the messages that were taken come to, read without libwire's help. */
struct reading {
	bool there[KEX_EXTS];
	ssh_bytes value[KEX_EXTS];
};

static bool take_u32(ssh_bytes *b, uint32_t *n)
{
	if (b->len < 4)
		return false;
	*n = (uint32_t)b->ptr[0] << 24 | (uint32_t)b->ptr[1] << 16 | (uint32_t)b->ptr[2] << 8 |
	     b->ptr[3];
	*b = wire_bytes_skip(*b, 4);
	return true;
}

static bool take_string(ssh_bytes *b, ssh_bytes *s)
{
	uint32_t n;
	if (!take_u32(b, &n) || n > b->len)
		return false;
	*s = wire_bytes(b->ptr, n);
	*b = wire_bytes_skip(*b, n);
	return true;
}

static void note(struct reading *r, unsigned receiver, ssh_bytes name, ssh_bytes value)
{
	for (enum kex_ext e = 0; e < KEX_EXTS; e++)
		if (wire_bytes_is(name, kex_extensions[e].name) &&
		    (kex_extensions[e].receivers & receiver) != 0) {
			r->there[e] = true;
			r->value[e] = value;
		}
}

/* Returns whether it is well-formed. */
static bool take_message(struct reading *r, unsigned receiver, ssh_bytes m)
{
	ssh_bytes name, value;
	uint32_t n;
	if (m.len < 1 || m.ptr[0] != SSH_MSG_EXT_INFO)
		return false;
	m = wire_bytes_skip(m, 1);
	if (!take_u32(&m, &n))
		return false;
	for (enum kex_ext e = 0; e < KEX_EXTS; e++)
		if (kex_extensions[e].replaced)
			r->there[e] = false;
	while (n-- > 0) {
		if (!take_string(&m, &name) || !take_string(&m, &value))
			return false;
		note(r, receiver, name, value);
	}
	return m.len == 0;
}

static void check(const struct kex *k, const struct reading *r)
{
	ssh_bytes value;
	for (enum kex_ext e = 0; e < KEX_EXTS; e++) {
		FUZZ_MUST(kex_peer_ext(k, e, &value) == r->there[e]);
		FUZZ_MUST(!r->there[e] || wire_bytes_equal(value, r->value[e]));
	}
	char elevation = kex_peer_elevation(k);
	FUZZ_MUST(elevation == 'y' || elevation == 'n' || elevation == 'd');
	FUZZ_MUST(!kex_no_flow_control(k) || r->there[KEX_EXT_NO_FLOW_CONTROL]);
}

/* --- One input --- */

struct scene {
	struct pair p;
	struct pair_side *hearer, *speaker;
	struct kex_persona looks;
	struct reading reading;
};

static void configure(struct pair_side *s, bool says)
{
	s->config.agrees = pair_agrees_fast;
	s->forget = true;
	for (enum kex_ext e = 0; says && e < KEX_EXTS; e++)
		s->config.ext[e] = "s";
	for (int dir = KEX_CS; says && dir <= KEX_SC; dir++)
		s->config.delay_compress[dir] = crypt_compresses_legacy;
}

/* They are read as the engine takes them: dead it takes no more. */
static void hear(struct scene *s, ssh_bytes m)
{
	unsigned receiver = s->hearer->config.server ? KEX_TO_SERVER : KEX_TO_CLIENT;
	bool good = take_message(&s->reading, receiver, m);
	pair_run(&s->p);
	if (s->hearer->kex.state == KEX_DEAD)
		return;
	FUZZ_MUST(good);
	check(&s->hearer->kex, &s->reading);
}

static void succeed(struct scene *s)
{
	(void)kex_send(&s->p.server.kex, wire_bytes_str("\x34"));
	pair_run(&s->p);
	(void)kex_no_flow_control(&s->hearer->kex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct scene s;
	ssh_bytes script = wire_bytes(data, size);
	uint8_t flags = fuzz_u8(&script);
	memset(&s, 0, sizeof s);
	pair_init(&s.p, PAIR_WHOLE);
	s.hearer = (flags & 1) != 0 ? &s.p.server : &s.p.client;
	s.speaker = pair_peer(&s.p, s.hearer);
	configure(s.hearer, (flags & 2) != 0);
	configure(s.speaker, false);
	s.looks.ext_info = fuzz_long(&script);
	s.looks.no_ext_info = s.looks.ext_info.len == 0;
	s.speaker->config.persona = &s.looks;
	FUZZ_MUST(pair_start(&s.p) == 0);
	/* Other messages than EXT_INFO are another target's. */
	if (s.looks.ext_info.len == 0 || s.looks.ext_info.ptr[0] == SSH_MSG_EXT_INFO) {
		if (!s.looks.no_ext_info)
			hear(&s, s.looks.ext_info);
		for (unsigned n = 1; script.len > 0 && n < MESSAGES; n++) {
			ssh_bytes m = fuzz_long(&script);
			if (m.len == 0 || m.ptr[0] != SSH_MSG_EXT_INFO ||
			    s.hearer->kex.state == KEX_DEAD)
				break;
			pair_run(&s.p);
			(void)kex_send_raw(&s.speaker->kex, m);
			hear(&s, m);
		}
		if ((flags & 4) != 0)
			succeed(&s);
	}
	pair_wipe(&s.p);
	return 0;
}

/* --- Seeds --- */

static void put_message(struct wire_buf *b, enum kex_ext first, unsigned count, const char *value)
{
	struct wire_buf m = {0};
	wire_put_u8(&m, SSH_MSG_EXT_INFO);
	wire_put_u32(&m, count);
	for (unsigned i = 0; i < count; i++) {
		wire_put_str(&m, kex_extensions[(first + i) % KEX_EXTS].name);
		wire_put_str(&m, value);
	}
	fuzz_put_long(b, wire_buf_view(&m));
	wire_buf_wipe(&m);
}

void fuzz_seeds(void)
{
	static const char *const values[] = {"",    "0", "s", "p", "y", "rsa-sha2-512,ssh-ed25519",
	                                     "\x01"};
	for (unsigned i = 0; i < 64; i++) {
		struct wire_buf b = {0};
		wire_put_u8(&b, (uint8_t)(i % 8));
		put_message(&b, (enum kex_ext)(i % KEX_EXTS), i % 7, values[i % 7]);
		for (unsigned n = 0; n < i % 4; n++)
			put_message(&b, (enum kex_ext)(i * 3 % KEX_EXTS), 1 + i % 3,
			            values[(i + n) % 7]);
		fuzz_seed_buf(&b);
	}
	/* Two lists inside a string. */
	struct wire_buf b = {0};
	wire_put_u8(&b, 6);
	struct wire_buf m = {0};
	wire_put_u8(&m, SSH_MSG_EXT_INFO);
	wire_put_u32(&m, 1);
	wire_put_str(&m, "delay-compression");
	size_t mark = wire_put_string_begin(&m);
	wire_put_str(&m, "zlib,none");
	wire_put_str(&m, "none");
	wire_put_string_end(&m, mark);
	fuzz_put_long(&b, wire_buf_view(&m));
	wire_buf_wipe(&m);
	fuzz_seed_buf(&b);
}
