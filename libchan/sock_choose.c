/* SPDX-License-Identifier: MIT */
#include "libchan/sock_choose.h"

/* What only some configurations want, in an object of its own: names of algorithms, and a log. */

static void put(char *out, ssh_bytes text)
{
	size_t at = strlen(out);
	for (size_t i = 0; i < text.len && at < SOCK_WHY_SIZE - 1; i++)
		out[at++] = (char)(text.ptr[i] >= ' ' && text.ptr[i] < 0x7f ? text.ptr[i] : '?');
	out[at] = '\0';
}

static void put_str(char *out, const char *text)
{
	put(out, wire_bytes_str(text));
}

/* Certificates of hosts are for those who can ask an authority: known_hosts puts them in order. */
static enum kex_choose_kind host_sigs_of(const struct sock_config *c, const char *text)
{
	bool adds = text != NULL && text[0] != '\0' && strchr("+-^", text[0]) != NULL;
	bool can_ask = c->kex.server || (c->host_key.len == 0 && c->known_hosts.len != 0);
	return adds && can_ask ? KEX_CHOOSE_HOST_CERT_SIGS : KEX_CHOOSE_HOST_SIGS;
}

enum ssh_err sock_choose(struct sock_config *c, struct sock_algorithms *a, char why[SOCK_WHY_SIZE])
{
	const struct {
		enum kex_choose_kind kind;
		const char *text, *what;
	} lists[] = {
	    {KEX_CHOOSE_AGREES, a->kex, "key exchange"},
	    {host_sigs_of(c, a->host_keys), a->host_keys, "host keys"},
	    {KEX_CHOOSE_CIPHERS, a->ciphers, "ciphers"},
	    {KEX_CHOOSE_MACS, a->macs, "MACs"},
	    {KEX_CHOOSE_COMPRESS, a->compress, "compression"},
	    {KEX_CHOOSE_USER_SIGS, a->pubkeys, "public keys"},
	};
	why[0] = '\0';
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		ssh_bytes bad, text = wire_bytes_str(lists[i].text);
		if (lists[i].text == NULL)
			continue;
		enum ssh_err e = kex_choose(&a->chosen, &c->kex, lists[i].kind, text, &bad);
		if (e == 0)
			continue;
		put_str(why, lists[i].what);
		put_str(why, bad.len != 0 ? ": no algorithm is called " : ": nothing is left of ");
		put(why, bad.len != 0 ? bad : text);
		return e;
	}
	return SSH_OK;
}

/* --- The log --- */

static void on_trace(void *ctx, const struct kex_trace *t)
{
	struct sock_log *l = ctx;
	kex_log_text(&l->log, t, &l->buf);
	ssh_bytes text = wire_buf_view(&l->buf);
	if (wire_buf_end(&l->buf) == 0 && text.len != 0) {
		/* In the place of its newline. */
		l->buf.mem[l->buf.start + text.len - 1] = '\0';
		l->line(l->ctx, (const char *)text.ptr);
	}
	wire_buf_reset(&l->buf);
}

void sock_log_init(struct sock_log *l, struct sock_config *c)
{
	kex_log_init(&l->log, l->level);
	c->kex.trace = on_trace;
	c->kex.trace_ctx = l;
}

void sock_log_wipe(struct sock_log *l)
{
	wire_buf_wipe(&l->buf);
	*l = (struct sock_log){0};
}
