/* SPDX-License-Identifier: MIT */
#include "libauth/derkey_impl.h"
#include "libcrypt/mpz.h"

#include <gmp.h>
#include <nettle/bignum.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecc.h>
#include <nettle/eddsa.h>

/** Bytes of the largest secret of a curve (nistp521). */
#define EC_SIZE_MAX   66
#define UNCOMPRESSED  4
#define COMPRESSED    2
/** Limbs of the largest number that a key of ours has. */
#define NUMBER_LIMBS  (CRYPT_RSA_BITS_CEILING / GMP_NUMB_BITS)
#define NUMBER_BYTES  (CRYPT_RSA_BITS_CEILING / 8)
/** Of mpn_sec_div_r; its itch is asked for before it is believed. */
#define SCRATCH_LIMBS (4 * NUMBER_LIMBS)

static const struct dercurve curves[] = {
    {"ecdsa-sha2-nistp256", "nistp256", DER_OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7), 32},
    {"ecdsa-sha2-nistp384", "nistp384", DER_OID(0x2b, 0x81, 4, 0, 34), 48},
    {"ecdsa-sha2-nistp521", "nistp521", DER_OID(0x2b, 0x81, 4, 0, 35), 66},
};

#define CURVES (sizeof curves / sizeof curves[0])

const struct dercurve *auth_dercurve_by_oid(ssh_bytes oid)
{
	for (size_t i = 0; i < CURVES; i++)
		if (wire_bytes_equal(oid, curves[i].oid))
			return &curves[i];
	return NULL;
}

const struct dercurve *auth_dercurve_by_key(const char *name)
{
	for (size_t i = 0; i < CURVES; i++)
		if (strcmp(name, curves[i].key) == 0)
			return &curves[i];
	return NULL;
}

/* --- Reading --- */

/* The end of two readers, one in the other. */
static enum ssh_err end_both(const struct wire_reader *inner, const struct wire_reader *outer)
{
	enum ssh_err e = wire_reader_end(inner);

	return auth_file_error(e != 0 ? e : wire_reader_end(outer));
}

/* Numbers as limbs, in memory that is ours to wipe. */
struct division {
	mp_limb_t d[NUMBER_LIMBS + 1];
	mp_limb_t factor[NUMBER_LIMBS + 1];
	mp_limb_t scratch[SCRATCH_LIMBS];
	uint8_t bytes[NUMBER_BYTES];
};

static mp_size_t load(mp_limb_t *limbs, ssh_bytes number)
{
	mp_size_t n = 0;

	while (number.len > 0 && number.ptr[0] == 0)
		number = wire_bytes_skip(number, 1);
	memset(limbs, 0, (NUMBER_LIMBS + 1) * sizeof *limbs);
	for (size_t i = 0; i < number.len; i++) {
		size_t at = i / sizeof *limbs;

		limbs[at] |= (mp_limb_t)number.ptr[number.len - 1 - i] << 8 * (i % sizeof *limbs);
		n = (mp_size_t)at + 1;
	}
	return n;
}

/*
 * d mod (factor - 1), constant-time for the lengths that they have; in `part`, a view of `v`. False: the
 * factor is none, or a number is over its bound.
 */
static bool divide(struct division *v, ssh_bytes d, ssh_bytes factor, ssh_bytes *part)
{
	mp_size_t dn = 0, fn = 0;
	size_t bytes;

	if (d.len <= NUMBER_BYTES && factor.len <= NUMBER_BYTES) {
		dn = load(v->d, d);
		fn = load(v->factor, factor);
	}
	/* What is shorter than the divisor has zeros in front. */
	dn = dn < fn ? fn : dn;
	if (fn == 0 || mpn_sec_div_r_itch(dn, fn) > SCRATCH_LIMBS)
		return false;
	v->factor[0] &= ~(mp_limb_t)1; /* it is odd */
	if (v->factor[fn - 1] == 0)
		return false;
	mpn_sec_div_r(v->d, dn, v->factor, fn, v->scratch);
	bytes = (size_t)fn * sizeof(mp_limb_t);
	for (size_t i = 0; i < bytes; i++)
		v->bytes[bytes - 1 - i] =
		    (uint8_t)(v->d[i / sizeof(mp_limb_t)] >> 8 * (i % sizeof(mp_limb_t)));
	*part = wire_bytes(v->bytes, bytes);
	return true;
}

/* Is `given` d mod (factor - 1)? */
static bool is_part(ssh_bytes given, ssh_bytes d, ssh_bytes factor)
{
	struct division v;
	ssh_bytes part;
	bool same = divide(&v, d, factor, &part);

	while (same && part.len > given.len && part.ptr[0] == 0)
		part = wire_bytes_skip(part, 1);
	same = same && part.len == given.len && wire_secret_equal(part.ptr, given.ptr, part.len);
	wire_wipe(&v, sizeof v);
	return same;
}

enum ssh_err auth_derkey_get_rsa(struct wire_buf *private, ssh_bytes der)
{
	enum { N, E, D, P, Q, D_P, D_Q, COEFFICIENT, NUMBERS };
	ssh_bytes number[NUMBERS];
	struct wire_reader r, s;
	enum ssh_err e;

	wire_reader_init(&r, der);
	s = auth_der_enter(&r, AUTH_DER_SEQUENCE);
	/* Version 1 has more than two primes. */
	if (auth_der_get_u32(&s) != 0)
		wire_reader_fail(&s, SSH_ERR_UNSUPPORTED);
	for (size_t i = 0; i < NUMBERS; i++)
		number[i] = auth_der_get_number(&s);
	if ((e = end_both(&s, &r)) != 0)
		return e;
	/* Two follow from the others, and are left out of the private form. */
	if (!is_part(number[D_P], number[D], number[P]) ||
	    !is_part(number[D_Q], number[D], number[Q]))
		return SSH_ERR_KEY;
	wire_put_str(private, "ssh-rsa");
	wire_put_mpint(private, number[N]);
	wire_put_mpint(private, number[E]);
	wire_put_mpint(private, number[D]);
	wire_put_mpint(private, number[COEFFICIENT]);
	wire_put_mpint(private, number[P]);
	wire_put_mpint(private, number[Q]);
	return wire_buf_end(private);
}

static enum ssh_err put_dsa_form(struct wire_buf *private, const ssh_bytes number[5])
{
	wire_put_str(private, "ssh-dss");
	for (size_t i = 0; i < 5; i++)
		wire_put_mpint(private, number[i]);
	return wire_buf_end(private);
}

enum ssh_err auth_derkey_get_dsa(struct wire_buf *private, ssh_bytes der)
{
	ssh_bytes number[5];
	struct wire_reader r, s;
	enum ssh_err e;

	wire_reader_init(&r, der);
	s = auth_der_enter(&r, AUTH_DER_SEQUENCE);
	if (auth_der_get_u32(&s) != 0)
		wire_reader_fail(&s, SSH_ERR_UNSUPPORTED);
	for (size_t i = 0; i < 5; i++)
		number[i] = auth_der_get_number(&s);
	if ((e = end_both(&s, &r)) != 0)
		return e;
	return put_dsa_form(private, number);
}

enum ssh_err auth_derkey_get_dsa_x(struct wire_buf *private, struct wire_reader *domain,
                                   ssh_bytes x)
{
	struct wire_reader s = auth_der_enter(domain, AUTH_DER_SEQUENCE), r;
	uint8_t y[NUMBER_BYTES];
	ssh_bytes number[5];
	enum ssh_err e;

	for (size_t i = DSA_P; i <= DSA_G; i++)
		number[i] = auth_der_get_number(&s);
	wire_reader_init(&r, x);
	number[DSA_X] = auth_der_get_number(&r);
	if ((e = end_both(&r, &s)) != 0)
		return e;
	if (number[DSA_P].len > sizeof y)
		return SSH_ERR_KEY;
	if ((e = crypt_powm(y, number[DSA_G], number[DSA_X], number[DSA_P])) != 0)
		return e == SSH_ERR_ARGUMENT ? SSH_ERR_KEY : e;
	number[DSA_Y] = wire_bytes(y, number[DSA_P].len);
	return put_dsa_form(private, number);
}

static const struct ecc_curve *nettle_curve(size_t size)
{
	return size == 32   ? nettle_get_secp_256r1()
	       : size == 48 ? nettle_get_secp_384r1()
	                    : nettle_get_secp_521r1();
}

/* The point that the secret makes, uncompressed. */
static enum ssh_err compute_point(uint8_t *point, const struct dercurve *c, ssh_bytes secret)
{
	const struct ecc_curve *curve = nettle_curve(c->size);
	struct ecc_scalar scalar;
	struct ecc_point p;
	mpz_t x, y;
	int ok;

	ecc_point_init(&p, curve);
	ecc_scalar_init(&scalar, curve);
	nettle_mpz_init_set_str_256_u(x, secret.len, secret.ptr);
	ok = ecc_scalar_set(&scalar, x);
	wire_wipe(x->_mp_d, (size_t)x->_mp_alloc * sizeof(mp_limb_t));
	mpz_init(y);
	if (ok) {
		ecc_point_mul_g(&p, &scalar);
		ecc_point_get(&p, x, y);
		point[0] = UNCOMPRESSED;
		nettle_mpz_get_str_256(c->size, point + 1, x);
		nettle_mpz_get_str_256(c->size, point + 1 + c->size, y);
	}
	wire_wipe(scalar.p, (size_t)ecc_size(curve) * sizeof(mp_limb_t));
	mpz_clears(x, y, NULL);
	ecc_scalar_clear(&scalar);
	ecc_point_clear(&p);
	return ok ? SSH_OK : SSH_ERR_KEY;
}

/* Is `given` nothing, or this point in its compressed form? */
static bool is_compressed(ssh_bytes given, const uint8_t *point, size_t size)
{
	if (given.len == 0)
		return true;
	return given.len == 1 + size && given.ptr[0] == (COMPRESSED | (point[2 * size] & 1)) &&
	       memcmp(given.ptr + 1, point + 1, size) == 0;
}

static enum ssh_err put_ec_form(struct wire_buf *private, const struct dercurve *c,
                                ssh_bytes secret, ssh_bytes point)
{
	uint8_t own[1 + 2 * EC_SIZE_MAX];
	enum ssh_err e;

	/* PuTTY puts a zero in front, as of an INTEGER. */
	if (secret.len == c->size + 1 && secret.ptr[0] == 0)
		secret = wire_bytes_skip(secret, 1);
	if (secret.len > c->size)
		return SSH_ERR_KEY;
	if (point.len == 0 || point.ptr[0] != UNCOMPRESSED) {
		if ((e = compute_point(own, c, secret)) != 0)
			return e;
		if (!is_compressed(point, own, c->size))
			return SSH_ERR_KEY;
		point = wire_bytes(own, 1 + 2 * c->size);
	}
	wire_put_str(private, c->key);
	wire_put_str(private, c->curve);
	wire_put_string(private, point);
	wire_put_mpint(private, secret);
	return wire_buf_end(private);
}

/* The curve's name in [0], which may be left out; another than was said outside is an error. */
static const struct dercurve *get_curve(struct wire_reader *s, const struct dercurve *curve)
{
	struct wire_reader inner;
	const struct dercurve *own;

	if (!auth_der_is(s, AUTH_DER_TAGGED(0)))
		return curve;
	inner = auth_der_enter(s, AUTH_DER_TAGGED(0));
	/* Curves whose numbers are spelled out are nobody's we know. */
	own = auth_dercurve_by_oid(auth_der_get(&inner, AUTH_DER_OID));
	if (own != NULL && curve != NULL && own != curve)
		wire_reader_fail(s, SSH_ERR_MALFORMED);
	return wire_reader_end(&inner) == 0 ? own : NULL;
}

enum ssh_err auth_derkey_get_ec(struct wire_buf *private, ssh_bytes der,
                                const struct dercurve *curve)
{
	struct wire_reader r, s, inner;
	ssh_bytes secret, point = {NULL, 0};
	enum ssh_err e;

	wire_reader_init(&r, der);
	s = auth_der_enter(&r, AUTH_DER_SEQUENCE);
	if (auth_der_get_u32(&s) != 1)
		wire_reader_fail(&s, SSH_ERR_MALFORMED);
	secret = auth_der_get(&s, AUTH_DER_OCTETS);
	curve = get_curve(&s, curve);
	if (auth_der_is(&s, AUTH_DER_TAGGED(1))) {
		inner = auth_der_enter(&s, AUTH_DER_TAGGED(1));
		point = auth_der_get_bits(&inner);
		if (wire_reader_end(&inner) != 0)
			wire_reader_fail(&s, SSH_ERR_MALFORMED);
	}
	if ((e = end_both(&s, &r)) != 0)
		return e;
	return curve == NULL ? SSH_ERR_UNSUPPORTED : put_ec_form(private, curve, secret, point);
}

enum ssh_err auth_derkey_get_ed(struct wire_buf *private, size_t size, ssh_bytes seed,
                                ssh_bytes public)
{
	uint8_t own[ED448_KEY_SIZE];
	size_t mark;

	if (seed.len != size || (public.len != 0 && public.len != size))
		return SSH_ERR_FILE_DAMAGED;
	if (size == ED25519_KEY_SIZE)
		ed25519_sha512_public_key(own, seed.ptr);
	else
		ed448_shake256_public_key(own, seed.ptr);
	if (public.len == 0)
	public = wire_bytes(own, size);
	wire_put_str(private, size == ED25519_KEY_SIZE ? "ssh-ed25519" : "ssh-ed448");
	wire_put_string(private, public);
	mark = wire_put_string_begin(private);
	wire_put_raw(private, seed);
	wire_put_raw(private, public);
	wire_put_string_end(private, mark);
	return wire_buf_end(private);
}

/* --- Writing --- */

/* Append d mod (factor - 1). */
static void put_part(struct wire_buf *out, ssh_bytes d, ssh_bytes factor)
{
	struct division v;
	ssh_bytes part;

	if (divide(&v, d, factor, &part))
		auth_der_put_number(out, part);
	else
		wire_buf_fail(out, SSH_ERR_KEY);
	wire_wipe(&v, sizeof v);
}

void auth_derkey_put_rsa(struct wire_buf *out, const struct keyfields *f)
{
	static const enum keyfield_rsa order[] = {RSA_N, RSA_E, RSA_D, RSA_P, RSA_Q};
	size_t mark = auth_der_begin(out, AUTH_DER_SEQUENCE);

	auth_der_put_u32(out, 0);
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
		auth_der_put_number(out, f->field[order[i]]);
	put_part(out, f->field[RSA_D], f->field[RSA_P]);
	put_part(out, f->field[RSA_D], f->field[RSA_Q]);
	auth_der_put_number(out, f->field[RSA_COEFFICIENT]);
	auth_der_end(out, mark);
}

void auth_derkey_put_dsa(struct wire_buf *out, const struct keyfields *f)
{
	size_t mark = auth_der_begin(out, AUTH_DER_SEQUENCE);

	auth_der_put_u32(out, 0);
	for (size_t i = DSA_P; i <= DSA_X; i++)
		auth_der_put_number(out, f->field[i]);
	auth_der_end(out, mark);
}

void auth_derkey_put_ec(struct wire_buf *out, const struct keyfields *f, bool with_curve)
{
	static const uint8_t zeros[EC_SIZE_MAX];
	const struct dercurve *c = auth_dercurve_by_key(f->layout->name);
	ssh_bytes secret = f->field[EC_SECRET];
	size_t mark = auth_der_begin(out, AUTH_DER_SEQUENCE), inner;

	if (secret.len > c->size)
		secret = wire_bytes_skip(secret, secret.len - c->size);
	auth_der_put_u32(out, 1);
	inner = auth_der_begin(out, AUTH_DER_OCTETS);
	wire_put_raw(out, wire_bytes(zeros, c->size - secret.len));
	wire_put_raw(out, secret);
	auth_der_end(out, inner);
	if (with_curve) {
		inner = auth_der_begin(out, AUTH_DER_TAGGED(0));
		auth_der_put(out, AUTH_DER_OID, c->oid);
		auth_der_end(out, inner);
	}
	inner = auth_der_begin(out, AUTH_DER_TAGGED(1));
	auth_der_put_bits(out, f->field[EC_POINT]);
	auth_der_end(out, inner);
	auth_der_end(out, mark);
}
