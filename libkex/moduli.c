/* SPDX-License-Identifier: MIT */
#include "libkex/moduli.h"

#include "libwire/mpint.h"

/* --- Lines --- */

static ssh_bytes word(ssh_bytes *rest)
{
	while (rest->len > 0 && (rest->ptr[0] == ' ' || rest->ptr[0] == '\t'))
		*rest = wire_bytes_skip(*rest, 1);
	ssh_bytes w = wire_bytes(rest->ptr, 0);
	while (w.len < rest->len && rest->ptr[w.len] != ' ' && rest->ptr[w.len] != '\t')
		w.len++;
	*rest = wire_bytes_skip(*rest, w.len);
	return w;
}

static unsigned hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - (unsigned)'0';
	if (c >= 'a' && c <= 'f')
		return c - (unsigned)'a' + 10;
	return c >= 'A' && c <= 'F' ? c - (unsigned)'A' + 10 : 16;
}

/* A number of at most eight digits to the base. */
static bool number(ssh_bytes *rest, unsigned base, uint32_t *out)
{
	ssh_bytes w = word(rest);
	*out = 0;
	for (size_t i = 0; i < w.len && i < 8; i++) {
		if (hex_digit(w.ptr[i]) >= base)
			return false;
		*out = *out * base + hex_digit(w.ptr[i]);
	}
	return w.len > 0 && w.len <= 8;
}

static bool is_number(ssh_bytes w, unsigned base)
{
	for (size_t i = 0; i < w.len; i++)
		if (hex_digit(w.ptr[i]) >= base)
			return false;
	return w.len > 0;
}

static uint32_t bits_of(ssh_bytes digits)
{
	uint32_t bits = (uint32_t)digits.len * 4;
	for (unsigned top = hex_digit(digits.ptr[0]); bits > 0 && top < 8; top = top * 2 + 1)
		bits--;
	return bits;
}

enum ssh_err kex_modulus_parse(ssh_bytes line, struct kex_modulus *out)
{
	ssh_bytes rest = line;
	uint32_t size;
	if (line.len > KEX_MODULI_LINE_MAX)
		return SSH_ERR_TOO_LONG;
	struct kex_modulus m = {.time = word(&rest)};
	if (m.time.len == 0 || m.time.ptr[0] == '#')
		return SSH_ERR_NOT_FOUND;
	bool ok = is_number(m.time, 10) && number(&rest, 10, &m.type) &&
	          number(&rest, 10, &m.tests) && number(&rest, 10, &m.tries) &&
	          number(&rest, 10, &size) && number(&rest, 16, &m.generator);
	m.digits = word(&rest);
	if (!ok || !is_number(m.digits, 16) || word(&rest).len != 0 || m.digits.ptr[0] == '0')
		return SSH_ERR_FILE_FORMAT;
	m.bits = bits_of(m.digits);
	if (m.bits != size + 1 || m.bits > WIRE_MPINT_MAX_BITS)
		return SSH_ERR_FILE_FORMAT;
	*out = m;
	return SSH_OK;
}

static void put_number(struct wire_buf *out, uint32_t n, unsigned base)
{
	char digits[8 * sizeof n];
	size_t i = sizeof digits;
	do {
		digits[--i] = "0123456789ABCDEF"[n % base];
		n /= base;
	} while (n != 0);
	wire_put_raw(out, wire_bytes(digits + i, sizeof digits - i));
	wire_put_u8(out, ' ');
}

void kex_modulus_put(struct wire_buf *out, const struct kex_modulus *m)
{
	wire_put_raw(out, m->time);
	wire_put_u8(out, ' ');
	put_number(out, m->type, 10);
	put_number(out, m->tests, 10);
	put_number(out, m->tries, 10);
	put_number(out, m->bits - 1, 10);
	put_number(out, m->generator, 16);
	wire_put_raw(out, m->digits);
	wire_put_u8(out, '\n');
}

/* --- A server's choice --- */

static bool next_line(ssh_bytes *text, ssh_bytes *line)
{
	if (text->len == 0)
		return false;
	const uint8_t *end = memchr(text->ptr, '\n', text->len);
	*line = wire_bytes(text->ptr, end == NULL ? text->len : (size_t)(end - text->ptr));
	*text = wire_bytes_skip(*text, line->len + 1);
	return true;
}

static bool may_be_served(const struct kex_modulus *m, const struct kex_gex_request *fit)
{
	bool tested = (m->tests & KEX_MODULI_COMPOSITE) == 0 && m->tests != 0;
	return m->type == KEX_MODULI_SAFE && tested && m->generator > 1 && m->bits >= fit->min &&
	       m->bits <= fit->max && hex_digit(m->digits.ptr[m->digits.len - 1]) % 2 == 1;
}

/* The next line of a modulus that may be served. */
static bool next_modulus(ssh_bytes *text, const struct kex_gex_request *fit, struct kex_modulus *m)
{
	ssh_bytes line;
	while (next_line(text, &line))
		if (kex_modulus_parse(line, m) == 0 && may_be_served(m, fit))
			return true;
	return false;
}

/* Is a size of `bits` closer to what was asked for than `best`? Below n the larger, else the smaller. */
static bool is_better(uint32_t bits, uint32_t best, uint32_t n)
{
	return best < n ? bits > best : bits >= n && bits < best;
}

static void put_hex(struct wire_buf *out, ssh_bytes digits)
{
	if (digits.len % 2 == 1) {
		wire_put_u8(out, (uint8_t)hex_digit(digits.ptr[0]));
		digits = wire_bytes_skip(digits, 1);
	}
	for (size_t i = 0; i < digits.len; i += 2)
		wire_put_u8(
		    out, (uint8_t)(hex_digit(digits.ptr[i]) << 4 | hex_digit(digits.ptr[i + 1])));
}

static enum ssh_err put_group(struct wire_buf *out, const struct kex_modulus *m,
                              struct kex_group *group)
{
	uint8_t g[sizeof m->generator];
	size_t skip = 0;
	wire_store_u32(g, m->generator);
	while (g[skip] == 0)
		skip++;
	wire_buf_reset(out);
	put_hex(out, m->digits);
	size_t n = wire_buf_len(out);
	wire_put_raw(out, wire_bytes(g + skip, sizeof g - skip));
	enum ssh_err e = wire_buf_end(out);
	if (e != 0)
		return e;
	group->p = wire_bytes(wire_buf_view(out).ptr, n);
	group->g = wire_bytes_skip(wire_buf_view(out), n);
	return SSH_OK;
}

enum ssh_err kex_moduli_choose(ssh_bytes text, const struct kex_gex_request *fit,
                               const struct crypt_rng *rng, struct wire_buf *out,
                               struct kex_group *group)
{
	struct kex_modulus m;
	uint32_t best = 0, count = 0, draw;
	text.len = text.len < KEX_MODULI_TEXT_MAX ? text.len : KEX_MODULI_TEXT_MAX;
	for (ssh_bytes rest = text; next_modulus(&rest, fit, &m);) {
		count = is_better(m.bits, best, fit->n) ? 1 : count + (m.bits == best);
		best = is_better(m.bits, best, fit->n) ? m.bits : best;
	}
	if (count == 0)
		return SSH_ERR_NOT_FOUND;
	enum ssh_err e = crypt_rng_fill(rng, &draw, sizeof draw);
	if (e != 0)
		return e;
	draw %= count;
	for (ssh_bytes rest = text; next_modulus(&rest, fit, &m);)
		if (m.bits == best && draw-- == 0)
			break;
	return put_group(out, &m, group);
}
