/* SPDX-License-Identifier: MIT */
#include "libcrypt/mpz.h"

#include "libcrypt/mpz_impl.h"
#include "libwire/buf.h"

/*
 * The mpn_sec functions of GMP run in a time that depends on sizes alone and allocate nothing, so
 * every limb of an exponentiation lies in one buf, which wipes itself.
 */

void crypt_limbs_load(mp_limb_t *limbs, ssh_bytes in)
{
	memset(limbs, 0, CRYPT_LIMBS(in.len) * sizeof *limbs);
	for (size_t i = 0; i < in.len; i++)
		limbs[i / sizeof *limbs] |= (mp_limb_t)in.ptr[in.len - 1 - i]
		                            << (8 * (i % sizeof *limbs));
}

void crypt_limbs_store(uint8_t *out, size_t n, const mp_limb_t *limbs)
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
	size_t n = CRYPT_LIMBS(mod.len), nb = CRYPT_LIMBS(base.len), ne = CRYPT_LIMBS(exp.len);
	size_t itch = (size_t)mpn_sec_powm_itch((mp_size_t)nb, exp.len * 8, (mp_size_t)n);
	struct wire_buf room = {0};
	mp_limb_t *m = (void *)wire_buf_room(&room, (2 * n + nb + ne + itch) * sizeof *m);
	if (m == NULL)
		return wire_buf_end(&room);
	mp_limb_t *b = m + n, *e = b + nb, *result = e + ne;
	crypt_limbs_load(m, mod);
	crypt_limbs_load(b, base);
	crypt_limbs_load(e, exp);
	mpn_sec_powm(result, b, (mp_size_t)nb, e, exp.len * 8, m, (mp_size_t)n, result + n);
	crypt_limbs_store(out, mod.len, result);
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
