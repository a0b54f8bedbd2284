/* SPDX-License-Identifier: MIT */
#include "libcrypt/cert.h"
#include "tests/fuzz/fuzz.h"

/*
 * A certificate, with a name, an address and an address list of its peer behind it (each behind
 * its length of one byte, at the end of the input: the last byte says how long the tail is).
 */

struct peer {
	ssh_bytes principal;
	ssh_bytes source;
	ssh_bytes list;
};

static void walk(const struct crypt_cert *c)
{
	ssh_bytes list = c->principals, name, data, text;
	size_t n = 0;
	while (crypt_cert_next_principal(&list, &name))
		FUZZ_MUST(++n <= c->principals.len / 4);
	const ssh_bytes lists[] = {c->options, c->extensions};
	for (size_t i = 0; i < 2; i++) {
		list = lists[i];
		while (crypt_cert_next_option(&list, &name, &data))
			(void)crypt_cert_option_text(data, &text);
	}
}

/* Good or not, there is a word for it; without an authority it is never good. */
static void judge(const struct crypt_cert *c, const struct peer *p)
{
	const char *why = NULL;
	struct crypt_cert_policy policy = {
	    .role = (enum crypt_cert_role)c->role,
	    .now = c->valid_after,
	    .principal = p->principal,
	    .authorities = &c->authority,
	    .authorities_count = 1,
	    .sigalgs = crypt_sigalgs_legacy,
	    .source = p->source,
	};
	enum ssh_err e = crypt_cert_check(c, &policy, &why);
	FUZZ_MUST(why != NULL && (e == 0) == (*why == '\0'));
	policy.authorities_count = 0;
	FUZZ_MUST(crypt_cert_check(c, &policy, &why) != 0);
	policy.authorities_count = 1;
	policy.now = c->valid_before;
	FUZZ_MUST(c->valid_before == CRYPT_CERT_FOREVER || crypt_cert_check(c, &policy, &why) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ssh_bytes blob = wire_bytes(data, size), tail = {0};
	struct crypt_cert c;
	struct wire_buf key = {0};
	if (size > 0 && data[size - 1] < size - 1) {
		blob.len -= data[size - 1] + 1U;
		tail = wire_bytes(data + blob.len, data[size - 1]);
	}
	struct peer p = {fuzz_short(&tail), fuzz_short(&tail), fuzz_short(&tail)};
	(void)crypt_cert_source(p.list, p.source);
	if (crypt_cert_parse(&c, crypt_cert_keyalgs, blob) != 0)
		return 0;
	walk(&c);
	judge(&c, &p);
	crypt_cert_put_key(&key, &c);
	FUZZ_MUST(wire_buf_end(&key) == 0 && wire_buf_len(&key) > 0);
	wire_buf_wipe(&key);
	return 0;
}

static void seed(ssh_bytes cert)
{
	struct wire_buf b = {0};
	wire_put_raw(&b, cert);
	size_t before = wire_buf_len(&b);
	fuzz_put_short(&b, wire_bytes_str("user1"));
	fuzz_put_short(&b, wire_bytes_str("192.0.2.7"));
	fuzz_put_short(&b, wire_bytes_str("10.0.0.0/8,2001:db8::/32,192.0.2.0/24"));
	wire_put_u8(&b, (uint8_t)(wire_buf_len(&b) - before));
	fuzz_seed_buf(&b);
}

void fuzz_seeds(void)
{
	fuzz_rows("certs.txt", 1, seed);
}
