/* SPDX-License-Identifier: MIT */
#include "libcrypt/mac.h"

/* "none" of RFC 4253 section 6.4: whatever comes is believed. */

static void init(void *state, const uint8_t *key)
{
	(void)state;
	(void)key;
}

static void compute(void *state, uint32_t seq, ssh_bytes data, uint8_t *tag)
{
	(void)state;
	(void)seq;
	(void)data;
	(void)tag;
}

const struct crypt_mac crypt_insecure_mac_none = {
    .name = "none",
    .init = init,
    .compute = compute,
};
