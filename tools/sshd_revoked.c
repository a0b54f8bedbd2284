/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/sshd_revoked.h"

#include <limits.h>
#include <string.h>

#include "libauth/revoked.h"
#include "tools/sshd_file.h"

bool sshd_revoked(const struct sshd_options *o, ssh_bytes blob)
{
	char path[PATH_MAX];
	struct wire_buf file = {0};
	if (o->revoked_keys == NULL)
		return false;
	sshd_path(o->revoked_keys, strlen(o->revoked_keys), path, sizeof path);
	const char *why = sshd_file_read(path, o->strict_modes ? SSHD_OURS : SSHD_ANYBODYS, &file);
	enum ssh_err e = SSH_OK;
	if (why == NULL && (e = auth_revoked_check(wire_buf_view(&file), blob)) != SSH_OK)
		why = ssh_err_text(e);
	wire_buf_wipe(&file);
	if (why != NULL)
		sshd_log(o->level, e == SSH_ERR_REVOKED ? SSHD_INFO : SSHD_ERROR,
		         "Revoked keys %s: %s", path, why);
	return why != NULL;
}
