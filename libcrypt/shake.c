/* SPDX-License-Identifier: MIT */
#include "libcrypt/shake_impl.h"

/* The suffix 1111 of the SHAKEs and the first bit of the padding. FIPS 202 section B.2. */
#define DOMAIN   0x1f
#define LAST_BIT 0x80

void crypt_shake_init(struct crypt_shake *s, size_t rate)
{
	*s = (struct crypt_shake){.rate = rate};
}

static void xor_byte(struct crypt_shake *s, size_t at, uint8_t byte)
{
	s->state.a[at / 8] ^= (uint64_t)byte << (8 * (at % 8));
}

void crypt_shake_absorb(struct crypt_shake *s, ssh_bytes data)
{
	for (size_t i = 0; i < data.len; i++) {
		xor_byte(s, s->at++, data.ptr[i]);
		if (s->at == s->rate) {
			sha3_permute(&s->state);
			s->at = 0;
		}
	}
}

static void store_lane(uint8_t *out, uint64_t lane)
{
	for (size_t i = 0; i < 8; i++)
		out[i] = (uint8_t)(lane >> (8 * i));
}

void crypt_shake_squeeze(struct crypt_shake *s, uint8_t *out, size_t n)
{
	if (!s->squeezing) {
		xor_byte(s, s->at, DOMAIN);
		xor_byte(s, s->rate - 1, LAST_BIT);
		s->at = s->rate;
		s->squeezing = true;
	}
	while (n > 0) {
		if (s->at == s->rate) {
			sha3_permute(&s->state);
			s->at = 0;
		}
		/* Nearly always whole lanes. */
		size_t step = s->at % 8 == 0 && n >= 8 ? 8 : 1;
		if (step == 8)
			store_lane(out, s->state.a[s->at / 8]);
		else
			*out = (uint8_t)(s->state.a[s->at / 8] >> (8 * (s->at % 8)));
		s->at += step;
		out += step;
		n -= step;
	}
}
