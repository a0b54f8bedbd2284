/* SPDX-License-Identifier: MIT */
#include "libkex/keylog.h"

#include "libwire/text.h"

/* Where the cookie stands in a KEXINIT. */
#define COOKIE_AT   1
#define COOKIE_SIZE 16

static void put_line(struct wire_buf *out, ssh_bytes cookie, const char *type, ssh_bytes secret)
{
	wire_text_hex(out, cookie);
	wire_text_str(out, type);
	wire_text_hex(out, secret);
	wire_text_str(out, "\n");
}

void kex_keylog(const struct kex_trace *t, struct wire_buf *out)
{
	const struct kex_secrets *s = t->secrets;
	if (t->type != KEX_TRACE_SECRETS)
		return;
	ssh_bytes init = t->kex->config.server ? s->exchange.i_s : s->exchange.i_c;
	ssh_bytes cookie = wire_bytes(init.ptr + COOKIE_AT, COOKIE_SIZE);
	ssh_bytes k = s->exchange.k;
	const struct kex_agree *agree = t->kex->algs.agree;
	/* A number's leading zeros are not hashed, nor read; a string's are. */
	while (!agree->k_is_string && k.len > 0 && k.ptr[0] == 0)
		k = wire_bytes_skip(k, 1);
	if (agree->xdh != NULL && s->private_value.len != 0)
		put_line(out, cookie, " ", s->private_value);
	put_line(out, cookie, " SHARED_SECRET ", k);
}
