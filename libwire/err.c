/* SPDX-License-Identifier: MIT */
#include "libwire/err.h"

struct row {
	const char *name;
	const char *text;
	uint32_t reason;
};

static const struct row table[SSH_ERR_COUNT] = {
#define ROW(name, reason, text) {#name, text, reason},
    SSH_ERR_TABLE(ROW)
#undef ROW
};

static const struct row unknown = {"UNKNOWN", "unknown error", 2};

static const struct row *find(enum ssh_err e)
{
	return (unsigned)e < SSH_ERR_COUNT ? &table[e] : &unknown;
}

const char *ssh_err_name(enum ssh_err e)
{
	return find(e)->name;
}

const char *ssh_err_text(enum ssh_err e)
{
	return find(e)->text;
}

uint32_t ssh_err_reason(enum ssh_err e)
{
	return find(e)->reason;
}
