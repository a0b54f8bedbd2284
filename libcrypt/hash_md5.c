/* SPDX-License-Identifier: MIT */
#include "libcrypt/hash.h"

#include "libcrypt/nettle_impl.h"

#include <nettle/md5.h>

/* For names of things, such as fingerprints of proposals; in a file that nobody links unasked. */

_Static_assert(sizeof(struct md5_ctx) <= CRYPT_HASH_STATE_SIZE, "md5 state");

static void start(void *state)
{
	md5_init(state);
}

static void more(void *state, ssh_bytes data)
{
	md5_update(state, data.len, data.ptr);
}

static void end(void *state, uint8_t *digest)
{
	md5_digest(state, NETTLE_LENGTH(MD5_DIGEST_SIZE) digest);
}

const struct crypt_hash crypt_insecure_md5 = {
    .name = "md5",
    .size = MD5_DIGEST_SIZE,
    .block = MD5_BLOCK_SIZE,
    .init = start,
    .update = more,
    .final = end,
};
