/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <limits.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "libauth/known_hosts.h"
#include "tools/sshd_auth.h"
#include "tools/sshd_file.h"
#include "tools/sshd_revoked.h"

/* hostbased: is this the key of that host, is the peer that host, may its user come in? */

/* Does one of the name's addresses belong to the peer? */
static bool is_peer(const char *name, const struct sshd_peer *peer)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	bool same = false;
	if (getaddrinfo(name, NULL, &hints, &list) != 0)
		return false;
	for (const struct addrinfo *a = list; a != NULL && !same; a = a->ai_next) {
		char address[sizeof peer->address];
		same = getnameinfo(a->ai_addr, a->ai_addrlen, address, sizeof address, NULL, 0,
		                   NI_NUMERICHOST) == 0 &&
		       strcmp(address, peer->address) == 0;
	}
	freeaddrinfo(list);
	return same;
}

static const char *read_file(const struct sshd_options *o, const char *name, struct wire_buf *out)
{
	char path[PATH_MAX];
	sshd_path(name, strlen(name), path, sizeof path);
	return sshd_file_read(path, o->strict_modes ? SSHD_OURS : SSHD_ANYBODYS, out);
}

static const char *check_key(const struct sshd_options *o, ssh_bytes name, ssh_bytes blob)
{
	struct wire_buf file = {0}, known = {0};
	struct auth_known_result r = {AUTH_KNOWN_NOTHING, 0, false};
	const char *why = read_file(o, o->host_known, &file);
	auth_known_name_put(&known, name, AUTH_PORT_DEFAULT);
	if (why == NULL &&
	    (wire_buf_end(&known) != 0 ||
	     auth_known_find(wire_buf_view(&file), wire_buf_view(&known), blob, &r) != 0 ||
	     r.known != AUTH_KNOWN_MATCH))
		why = "it is not known by that key";
	wire_buf_wipe(&file);
	wire_buf_wipe(&known);
	return why;
}

static bool same_host(ssh_bytes a, ssh_bytes b)
{
	struct wire_buf x = {0}, y = {0};
	auth_known_name_put(&x, a, AUTH_PORT_DEFAULT);
	auth_known_name_put(&y, b, AUTH_PORT_DEFAULT);
	bool same = wire_buf_end(&x) == 0 && wire_buf_end(&y) == 0 &&
	            wire_bytes_equal(wire_buf_view(&x), wire_buf_view(&y));
	wire_buf_wipe(&x);
	wire_buf_wipe(&y);
	return same;
}

/* Lines of a host, or of a host and a user there; without one, of the same name as here. */
static const char *check_user(const struct sshd_options *o, ssh_bytes name, ssh_bytes user)
{
	struct wire_buf file = {0};
	bool found = false;
	const char *why = read_file(o, o->host_users, &file);
	ssh_bytes text = why == NULL ? wire_buf_view(&file) : wire_bytes(NULL, 0), line;
	while (!found && auth_text_line(&text, &line)) {
		ssh_bytes host = auth_text_word(&line), whom = auth_text_word(&line);
		if (host.len == 0 || host.ptr[0] == '#' || line.len != 0)
			continue;
		if (whom.len == 0)
			whom = wire_bytes_str(sshd_user());
		found = same_host(host, name) && wire_bytes_equal(whom, user);
	}
	wire_buf_wipe(&file);
	return found || why != NULL ? why : "its user is not let in";
}

static const char *check(const struct sshd_ask *a, ssh_bytes name)
{
	const struct sshd_options *o = a->options;
	char text[AUTH_HOST_MAX + 1];
	memcpy(text, name.ptr, name.len);
	text[name.len] = '\0';
	if (sshd_revoked(o, a->ev->key))
		return "its key is revoked";
	if (!o->host_by_name && !is_peer(text, a->peer))
		return "the client has another address";
	const char *why = check_key(o, name, a->ev->key);
	return why != NULL ? why : check_user(o, name, a->ev->host_user);
}

bool sshd_auth_host(const struct sshd_ask *a)
{
	char host[SSHD_SHOWN], user[SSHD_SHOWN];
	ssh_bytes name = a->ev->host;
	/* Some clients end it like a name of the DNS. */
	if (name.len > 1 && name.ptr[name.len - 1] == '.')
		name.len--;
	const char *why = check(a, name);
	sshd_shown(name, host);
	sshd_shown(a->ev->host_user, user);
	if (why != NULL)
		sshd_log(a->options->level, SSHD_INFO,
		         "The word of host %s (%s) for %s is refused: %s", host, a->peer->address,
		         user, why);
	else
		sshd_log(a->options->level, SSHD_DEBUG, "Host %s vouches for %s", host, user);
	return why == NULL;
}
