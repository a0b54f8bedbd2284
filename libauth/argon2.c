/* SPDX-License-Identifier: MIT */
#include "libauth/kdf.h"

/* libargon2 is used where there is one, unless the build was told not to. */
#if !defined NACRE_NO_ARGON2 && defined __has_include
#if __has_include(<argon2.h>)
#define NACRE_ARGON2
#endif
#endif

#ifdef NACRE_ARGON2
#include <argon2.h>
#include <stdlib.h>

/* Memory of ours, for it is to be wiped whatever the library thinks of that. */
static int get_memory(uint8_t **memory, size_t n)
{
	*memory = malloc(n);
	return *memory != NULL ? ARGON2_OK : ARGON2_MEMORY_ALLOCATION_ERROR;
}

static void drop_memory(uint8_t *memory, size_t n)
{
	wire_wipe(memory, n);
	free(memory);
}

static enum ssh_err compute(uint8_t *out, size_t n, uint8_t *passphrase, size_t len,
                            const struct auth_argon2 *p)
{
	static const argon2_type types[] = {
	    [AUTH_ARGON2_D] = Argon2_d, [AUTH_ARGON2_I] = Argon2_i, [AUTH_ARGON2_ID] = Argon2_id};
	uint8_t salt[AUTH_ARGON2_SALT_MAX];
	/* One thread: a library starts none. */
	argon2_context c = {.out = out,
	                    .outlen = (uint32_t)n,
	                    .pwd = passphrase,
	                    .pwdlen = (uint32_t)len,
	                    .salt = salt,
	                    .saltlen = (uint32_t)p->salt.len,
	                    .t_cost = p->passes,
	                    .m_cost = p->memory,
	                    .lanes = p->lanes,
	                    .threads = 1,
	                    .version = ARGON2_VERSION_13,
	                    .allocate_cbk = get_memory,
	                    .free_cbk = drop_memory};

	memcpy(salt, p->salt.ptr, p->salt.len);
	switch (argon2_ctx(&c, types[p->flavour])) {
	case ARGON2_OK:
		return 0;
	case ARGON2_MEMORY_ALLOCATION_ERROR:
		return SSH_ERR_NO_MEMORY;
	default:
		return SSH_ERR_ARGUMENT;
	}
}

bool auth_argon2_is_there(void)
{
	return true;
}

#else

static enum ssh_err compute(uint8_t *out, size_t n, uint8_t *passphrase, size_t len,
                            const struct auth_argon2 *p)
{
	(void)out;
	(void)n;
	(void)passphrase;
	(void)len;
	(void)p;
	return SSH_ERR_UNSUPPORTED;
}

bool auth_argon2_is_there(void)
{
	return false;
}

#endif

enum ssh_err auth_argon2(uint8_t *out, size_t n, ssh_bytes passphrase, const struct auth_argon2 *p)
{
	struct wire_buf copy = {0};
	uint8_t *room;
	enum ssh_err e;

	if (p->lanes == 0 || p->passes == 0 || p->memory / 8 < p->lanes || p->salt.len < 8 || n < 4)
		return SSH_ERR_ARGUMENT;
	if (p->lanes > AUTH_ARGON2_LANES_MAX || p->memory > AUTH_ARGON2_MEMORY_MAX / 1024 ||
	    p->passes > AUTH_ARGON2_WORK_MAX / p->memory || p->salt.len > AUTH_ARGON2_SALT_MAX ||
	    passphrase.len > UINT32_MAX || n > UINT32_MAX)
		return SSH_ERR_UNSUPPORTED;
	/* The library wants to be able to write to what it reads. */
	wire_put_raw(&copy, passphrase);
	if ((room = wire_buf_room(&copy, 1)) == NULL)
		return wire_buf_end(&copy);
	e = compute(out, n, room - passphrase.len, passphrase.len, p);
	wire_buf_wipe(&copy);
	return e;
}
