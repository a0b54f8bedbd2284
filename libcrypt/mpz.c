/* SPDX-License-Identifier: MIT */
#include "libcrypt/mpz.h"

#include <gmp.h>

#include "libwire/buf.h"

/*
 * The mpn_sec functions of GMP run in a time that depends on sizes alone and allocate nothing, so
 * every limb of an exponentiation lies in one buf, which wipes itself.
 */

static size_t limbs_of(size_t bytes)
{
	return (bytes + sizeof(mp_limb_t) - 1) / sizeof(mp_limb_t);
}

/* Big-endian bytes to limbs_of(in.len) limbs, without looking at their values. */
static void load(mp_limb_t *limbs, ssh_bytes in)
{
	memset(limbs, 0, limbs_of(in.len) * sizeof *limbs);
	for (size_t i = 0; i < in.len; i++)
		limbs[i / sizeof *limbs] |= (mp_limb_t)in.ptr[in.len - 1 - i]
		                            << (8 * (i % sizeof *limbs));
}

/* The low `n` bytes of the limbs, big-endian. */
static void store(uint8_t *out, size_t n, const mp_limb_t *limbs)
{
	for (size_t i = 0; i < n; i++)
		out[n - 1 - i] = (uint8_t)(limbs[i / sizeof *limbs] >> (8 * (i % sizeof *limbs)));
}

static bool is_zero(ssh_bytes b)
{
	uint8_t any = 0;
	for (size_t i = 0; i < b.len; i++)
		any |= b.ptr[i];
	return any == 0;
}

static ssh_bytes strip(ssh_bytes b)
{
	while (b.len > 0 && b.ptr[0] == 0)
		b = wire_bytes_skip(b, 1);
	return b;
}

/* `base` is as long as `mod` was before leading zero bytes were taken off it. */
static enum ssh_err powm(uint8_t *out, ssh_bytes base, ssh_bytes exp, ssh_bytes mod)
{
	size_t n = limbs_of(mod.len), nb = limbs_of(base.len), ne = limbs_of(exp.len);
	size_t itch = (size_t)mpn_sec_powm_itch((mp_size_t)nb, exp.len * 8, (mp_size_t)n);
	struct wire_buf room = {0};
	mp_limb_t *m = (void *)wire_buf_room(&room, (2 * n + nb + ne + itch) * sizeof *m);
	if (m == NULL)
		return wire_buf_end(&room);
	mp_limb_t *b = m + n, *e = b + nb, *result = e + ne;
	load(m, mod);
	load(b, base);
	load(e, exp);
	mpn_sec_powm(result, b, (mp_size_t)nb, e, exp.len * 8, m, (mp_size_t)n, result + n);
	store(out, mod.len, result);
	wire_buf_wipe(&room);
	return SSH_OK;
}

enum ssh_err crypt_powm(uint8_t *out, ssh_bytes base, ssh_bytes exp, ssh_bytes mod)
{
	ssh_bytes m = strip(mod);
	while (base.len > mod.len && base.ptr[0] == 0)
		base = wire_bytes_skip(base, 1);
	if (base.len > mod.len || is_zero(exp) || m.len == 0 || m.ptr[m.len - 1] % 2 == 0 ||
	    (m.len == 1 && m.ptr[0] == 1))
		return SSH_ERR_ARGUMENT;
	size_t pad = mod.len - m.len;
	memset(out, 0, pad);
	/* Zero is no operand for GMP: an empty base is a byte of it. */
	static const uint8_t zero[1];
	return powm(out + pad, base.len == 0 ? wire_bytes(zero, 1) : base, exp, m);
}
