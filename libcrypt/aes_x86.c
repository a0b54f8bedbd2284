/* SPDX-License-Identifier: MIT */
#include "libcrypt/aes_x86_impl.h"

#include "libwire/buf.h"

#ifdef AES_X86

#include <cpuid.h>

#define ON __attribute__((target(AES_X86_ON)))

bool aes_x86_usable(void)
{
	return __builtin_cpu_supports("avx") && __builtin_cpu_supports("aes");
}

/*
 * GCC knows the two by name, as libgcc found out once. Others are asked by an instruction that costs
 * microseconds in a virtual machine, for every key.
 */
static bool has_wide_aes(void)
{
#if defined(__clang__) || __GNUC__ < 11
	unsigned a, b, c = 0, d;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (c & bit_VAES) != 0 &&
	       (c & bit_VPCLMULQDQ) != 0;
#else
	return __builtin_cpu_supports("vaes") && __builtin_cpu_supports("vpclmulqdq");
#endif
}

bool aes_x86_wide_usable(void)
{
	return aes_x86_usable() && __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw") && has_wide_aes();
}

/* FIPS 197 section 5.2's SubWord: with four equal columns the AES unit's ShiftRows moves nothing. */
ON static uint32_t sub_word(uint32_t w)
{
	__m128i v = _mm_set1_epi32((int)w);
	return (uint32_t)_mm_cvtsi128_si32(_mm_aesenclast_si128(v, _mm_setzero_si128()));
}

/* FIPS 197 section 5.2, on words whose first byte is the lowest. */
ON void aes_x86_set_key(struct aes_x86 *x, const uint8_t *key, size_t key_size)
{
	uint32_t w[4 * (AES_X86_ROUNDS_MAX + 1)];
	uint32_t round_constant = 1;
	size_t words = key_size / 4;
	x->rounds = words + 6;
	memcpy(w, key, key_size);
	for (size_t i = words; i < 4 * (x->rounds + 1); i++) {
		uint32_t t = w[i - 1];
		if (i % words == 0) {
			t = sub_word(t >> 8 | t << 24) ^ round_constant;
			round_constant = round_constant << 1 ^ (round_constant >> 7) * 0x11b;
		} else if (words > 6 && i % words == 4) {
			t = sub_word(t);
		}
		w[i] = w[i - words] ^ t;
	}
	memcpy(x->round_key, w, AES_X86_BLOCK * (x->rounds + 1));
	wire_wipe(w, sizeof w);
}

#endif
