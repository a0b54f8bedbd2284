/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/sshd_grant.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "libauth/signers.h"
#include "libcrypt/cert.h"
#include "tools/sshd_log.h"

/* The options of a line of authorized_keys, and what they allow. */

void sshd_grant_wipe(struct sshd_grant *g)
{
	free(g->command); /* set to NULL next; the analyzer does not see it: NOLINT */
	g->command = NULL;
	*g = (struct sshd_grant){0};
}

struct option {
	ssh_bytes name;
	ssh_bytes value; /* between the quotes, \" unresolved */
	bool has_value;
};

/* Returns false at the end; *bad if what is there is no list of options. */
static bool next_option(ssh_bytes *rest, struct option *opt, bool *bad)
{
	size_t n = 0;
	if (rest->len == 0)
		return false;
	*opt = (struct option){0};
	while (n < rest->len && rest->ptr[n] != ',' && rest->ptr[n] != '=')
		n++;
	opt->name = wire_bytes(rest->ptr, n);
	*rest = wire_bytes_skip(*rest, n);
	if (rest->len > 1 && rest->ptr[0] == '=' && rest->ptr[1] == '"') {
		size_t end = 2;
		while (end < rest->len && rest->ptr[end] != '"')
			end += rest->ptr[end] == '\\' && end + 1 < rest->len &&
			               rest->ptr[end + 1] == '"'
			           ? 2
			           : 1;
		*bad = end >= rest->len;
		opt->value = wire_bytes(rest->ptr + 2, *bad ? 0 : end - 2);
		opt->has_value = true;
		*rest = wire_bytes_skip(*rest, end + 1);
	}
	*bad =
	    *bad || opt->name.len == 0 || (rest->len > 0 && rest->ptr[0] != ',') || rest->len == 1;
	*rest = wire_bytes_skip(*rest, 1);
	return true;
}

static char *unquoted(ssh_bytes value)
{
	char *s = malloc(value.len + 1);
	size_t n = 0;
	for (size_t i = 0; s != NULL && i < value.len; i++) {
		if (value.ptr[i] == '\\' && i + 1 < value.len && value.ptr[i + 1] == '"')
			i++;
		s[n++] = (char)value.ptr[i];
	}
	if (s != NULL)
		s[n] = '\0';
	return s;
}

static bool is(const struct option *opt, const char *name, bool has_value)
{
	return opt->has_value == has_value && opt->name.len == strlen(name) &&
	       strncasecmp((const char *)opt->name.ptr, name, opt->name.len) == 0;
}

/* They allow or forbid what this server does not do in any case. */
static bool is_moot(const struct option *opt)
{
	static const char *const plain[] = {
	    "no-port-forwarding", "port-forwarding",   "no-agent-forwarding",
	    "agent-forwarding",   "no-X11-forwarding", "X11-forwarding",
	    "no-user-rc",         "user-rc",           NULL};
	static const char *const valued[] = {"environment", "permitopen", "permitlisten", "tunnel",
	                                     NULL};
	const char *const *names = opt->has_value ? valued : plain;
	for (size_t i = 0; names[i] != NULL; i++)
		if (is(opt, names[i], opt->has_value))
			return true;
	return false;
}

/* One of the patterns of from=: a network, or an address with `*` and `?`. */
static bool matches(const char *pattern, const struct sshd_peer *peer, bool *bad)
{
	ssh_bytes address = wire_bytes_str(peer->address);
	if (strchr(pattern, '/') == NULL)
		return sshd_match(pattern, peer->address);
	enum ssh_err e = crypt_cert_source(wire_bytes_str(pattern), address);
	*bad = *bad || e == SSH_ERR_MALFORMED;
	return e == SSH_OK;
}

/* One behind `!` that matches decides, wherever it stands; so does one that is no network. */
static bool is_from(const struct option *opt, const struct sshd_peer *peer)
{
	char *patterns = unquoted(opt->value), *next = NULL;
	bool yes = false, no = patterns == NULL;
	char *one = patterns == NULL ? NULL : strtok_r(patterns, ", \t", &next);
	for (; one != NULL; one = strtok_r(NULL, ", \t", &next)) {
		if (one[0] == '!')
			no = matches(one + 1, peer, &no) || no;
		else
			yes = matches(one, peer, &no) || yes;
	}
	free(patterns);
	return yes && !no;
}

/* What the clock on the wall shows, as if it were UTC. */
static uint64_t wall(time_t now)
{
	struct tm tm;
	char digits[16];
	struct auth_signer_time t = {0};
	if (localtime_r(&now, &tm) == NULL ||
	    strftime(digits, sizeof digits, "%Y%m%d%H%M%S", &tm) == 0 ||
	    !auth_signer_time_parse(&t, wire_bytes_str(digits)))
		return UINT64_MAX;
	return t.seconds;
}

static const char *check_expiry(const struct option *opt)
{
	struct auth_signer_time t;
	time_t now = time(NULL);
	if (!auth_signer_time_parse(&t, opt->value))
		return "an expiry-time that is none";
	return t.seconds <= (t.local ? wall(now) : (uint64_t)now) ? "expired" : NULL;
}

static const char *set_command(const struct option *opt, struct sshd_grant *grant)
{
	if (grant->forced)
		return "two commands";
	grant->forced = true;
	grant->command = unquoted(opt->value);
	return grant->command == NULL ? "out of memory" : NULL;
}

/* Returns NULL if the option was understood and does not forbid the log-in; otherwise why not. */
static const char *apply(const struct option *opt, const struct sshd_peer *peer,
                         struct sshd_grant *grant)
{
	if (is(opt, "restrict", false) || is(opt, "no-pty", false))
		grant->no_pty = true;
	else if (is(opt, "pty", false))
		grant->no_pty = false;
	else if (is(opt, "no-touch-required", false))
		grant->no_touch = true;
	else if (is(opt, "verify-required", false))
		grant->verify = true;
	else if (is(opt, "command", true))
		return set_command(opt, grant);
	else if (is(opt, "expiry-time", true))
		return check_expiry(opt);
	else if (is(opt, "from", true))
		return is_from(opt, peer) ? NULL : "not from this address";
	else if (!is_moot(opt))
		return "an option that is not known";
	return NULL;
}

const char *sshd_grant_judge(struct sshd_grant *grant, ssh_bytes options, bool authority,
                             const struct sshd_peer *peer)
{
	struct option opt;
	bool bad = false;
	const char *why = NULL;
	while (why == NULL && next_option(&options, &opt, &bad)) {
		bool of_authority =
		    is(&opt, "cert-authority", false) || is(&opt, "principals", true);
		if (bad)
			why = "malformed options";
		else if (!authority || !of_authority)
			why = apply(&opt, peer, grant);
	}
	return why;
}

const char *sshd_grant_command(struct sshd_grant *grant, ssh_bytes command)
{
	if (grant->forced)
		return wire_bytes_is(command, grant->command) ? NULL : "two commands";
	grant->forced = true;
	grant->command = strndup((const char *)command.ptr, command.len);
	return grant->command == NULL ? "out of memory" : NULL;
}

bool sshd_grant_merge(struct sshd_grant *to, const struct sshd_grant *from)
{
	to->no_pty = to->no_pty || from->no_pty;
	return !from->forced || sshd_grant_command(to, wire_bytes_str(from->command)) == NULL;
}
