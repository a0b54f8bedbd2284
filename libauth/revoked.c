/* SPDX-License-Identifier: MIT */
#include "libauth/revoked.h"
#include "libauth/pubfile.h"

/* Lines are put into a list in memory: then they are looked up as in one. */
static enum ssh_err add_lines(struct crypt_krl_set *s, ssh_bytes text)
{
	struct wire_buf blob = {0};
	struct auth_publine l;
	enum ssh_err e = 0;
	ssh_bytes line;

	while (e == 0 && auth_text_line(&text, &line)) {
		if ((e = auth_publine_parse(&l, line)) == SSH_ERR_NOT_FOUND) {
			e = 0;
			continue;
		}
		wire_buf_reset(&blob);
		if (e == 0 && (e = auth_publine_blob(&l, &blob)) == 0)
			crypt_krl_add_key(s, wire_buf_view(&blob));
	}
	wire_buf_wipe(&blob);
	return e;
}

static enum ssh_err check_lines(struct wire_buf *list, ssh_bytes text, ssh_bytes blob)
{
	struct crypt_krl_set s = {0};
	struct crypt_krl k = {0};
	enum ssh_err e = add_lines(&s, text);

	if (e == 0)
		e = crypt_krl_put(list, &k, &s, wire_bytes(NULL, 0));
	crypt_krl_set_wipe(&s);
	if (e == 0 && (e = crypt_krl_parse(&k, wire_buf_view(list))) == 0)
		e = crypt_krl_check(&k, blob);
	return e;
}

enum ssh_err auth_revoked_check(ssh_bytes text, ssh_bytes blob)
{
	struct wire_buf list = {0};
	struct crypt_krl k;
	enum ssh_err e = crypt_krl_parse(&k, text);

	if (e == 0)
		return crypt_krl_check(&k, blob);
	if (e == SSH_ERR_FILE_FORMAT)
		e = check_lines(&list, text, blob);
	wire_buf_wipe(&list);
	return e;
}
