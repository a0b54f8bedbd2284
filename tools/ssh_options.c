/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/ssh_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libcrypt/cert.h"
#include "tools/values.h"

static const char usage[] =
    "usage: nacre-ssh [-46ChnNqsTtVv] [-E log_file] [-i identity_file] [-l login_name]\n"
    "                 [-o option=value] [-p port] [-c ciphers] [-m macs] [-Q query]\n"
    "                 [user@]host [command]\n"
    "\n"
    "  -4, -6        connect by IPv4 or IPv6 alone\n"
    "  -C            compress, as -o Compression=yes\n"
    "  -E file       append what it tells to this file\n"
    "  -i file       log in with this private key (may be repeated)\n"
    "  -l name       log in as this user\n"
    "  -p port       connect to this port\n"
    "  -n            take no input\n"
    "  -N            run no command\n"
    "  -q            print errors only\n"
    "  -s            the command names a subsystem\n"
    "  -t, -tt, -T   ask for a terminal, force one, ask for none\n"
    "  -v            tell what happens (-vv: every message, -vvv: and the data)\n"
    "  -c, -m        as -o Ciphers=, -o MACs=\n"
    "  -Q kind       list cipher, mac, kex, key-sig or compression names\n"
    "  -o key=value  BatchMode, CertificateFile, Ciphers, Compression, ConnectTimeout,\n"
    "                GroupExchangeMax, GroupExchangeMin, GroupExchangeOldRequest,\n"
    "                GroupExchangePreferred, GroupExchangeTest, HashKnownHosts,\n"
    "                HostbasedAuthentication, HostbasedHostName, HostbasedKeyFile,\n"
    "                HostKeyAlgorithms, IdentityFile,\n"
    "                KbdInteractiveAuthentication, KbdInteractiveDevices, KexAlgorithms,\n"
    "                KeyLogFile, LogLevel, MACs, PasswordAuthentication, Port,\n"
    "                PreferredAuthentications,\n"
    "                PubkeyAcceptedAlgorithms, PubkeyAuthentication, RekeyBlocks, RekeyLimit,\n"
    "                RekeyPackets, RequestTTY, RequiredRSASize, SetEnv,\n"
    "                StrictHostKeyChecking, TraceFile, User, UpdateHostKeys,\n"
    "                UserKnownHostsFile\n";

static int complain(const char *what, const char *which)
{
	fprintf(stderr, "nacre-ssh: %s%s%s\n", what, which[0] == '\0' ? "" : ": ", which);
	return 255 + 1;
}

static bool choice(const char *value, const char *const *names, int *out)
{
	for (int i = 0; names[i] != NULL; i++)
		if (strcasecmp(value, names[i]) == 0) {
			*out = i;
			return true;
		}
	return false;
}

static bool flag_option(struct ssh_options *o, const char *key, const char *value, bool *known)
{
	const struct {
		const char *name;
		bool *to;
	} flags[] = {
	    {"BatchMode", &o->batch},
	    {"HashKnownHosts", &o->hash_known},
	    {"HostbasedAuthentication", &o->host_auth},
	    {"KbdInteractiveAuthentication", &o->interactive_auth},
	    {"PasswordAuthentication", &o->password_auth},
	    {"PubkeyAuthentication", &o->pubkey_auth},
	    {"UpdateHostKeys", &o->update_host_keys},
	};
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		*known = strcasecmp(key, flags[i].name) == 0;
		if (*known)
			return value_flag(value, flags[i].to);
	}
	return false;
}

static bool choice_option(struct ssh_options *o, const char *key, const char *value, bool *known)
{
	static const char *const policies[] = {"ask", "yes", "accept-new", "no", NULL};
	static const int verbosity[] = {0, 0, 1, 1, 1, 2, 3};
	static const char *const ttys[] = {"auto", "yes", "force", "no", NULL};
	static const char *const levels[] = {"QUIET",  "INFO",   "VERBOSE", "DEBUG",
	                                     "DEBUG1", "DEBUG2", "DEBUG3",  NULL};
	int at = 0;
	bool ok = false;
	*known = true;
	if (strcasecmp(key, "StrictHostKeyChecking") == 0) {
		ok = choice(value, policies, &at);
		o->host_key_policy = (enum host_key_policy)at;
	} else if (strcasecmp(key, "RequestTTY") == 0) {
		ok = choice(value, ttys, &at);
		o->tty = (enum tty_policy)at;
	} else if (strcasecmp(key, "LogLevel") == 0) {
		/* ERROR is what QUIET does here: errors are always told. */
		ok = choice(strcasecmp(value, "ERROR") == 0 ? "QUIET" : value, levels, &at);
		o->quiet = at == 0;
		o->tracer.verbose = verbosity[at];
	} else {
		*known = false;
	}
	return ok;
}

static bool text_option(struct ssh_options *o, const char *key, char *value, bool *known)
{
	*known = true;
	if (strcasecmp(key, "User") == 0)
		o->user = value;
	else if (strcasecmp(key, "Port") == 0)
		o->port = value;
	else if (strcasecmp(key, "KeyLogFile") == 0)
		o->tracer.keys_path = value;
	else if (strcasecmp(key, "TraceFile") == 0)
		o->tracer.json_path = value;
	else if (strcasecmp(key, "UserKnownHostsFile") == 0)
		o->known_hosts = value;
	else if (strcasecmp(key, "PreferredAuthentications") == 0)
		o->preferred = value;
	else if (strcasecmp(key, "HostbasedHostName") == 0)
		o->vouch_host = value;
	else if (strcasecmp(key, "HostbasedKeyFile") == 0)
		return value_push(o->vouch_keys, SSH_LIST_MAX, value);
	else if (strcasecmp(key, "KbdInteractiveDevices") == 0)
		o->devices = value;
	else if (strcasecmp(key, "CertificateFile") == 0)
		return value_push(o->certificates, SSH_LIST_MAX, value);
	else if (strcasecmp(key, "IdentityFile") == 0)
		return value_push(o->identities, SSH_LIST_MAX, value);
	else if (strcasecmp(key, "SetEnv") == 0)
		return strchr(value, '=') != NULL && value_push(o->env, SSH_LIST_MAX, value);
	else if (strcasecmp(key, "ConnectTimeout") == 0)
		return value_time(value, &o->grace_ms) && o->grace_ms > 0;
	else
		*known = false;
	return *known;
}

/* What other clients understand and has no effect here: it is so in any case, or is moot. */
static bool idle_option(const char *key)
{
	static const char *const names[] = {
	    "ClearAllForwardings", "ForwardAgent",       "ForwardX11", "GlobalKnownHostsFile",
	    "IdentitiesOnly",      "PermitLocalCommand", NULL};
	for (size_t i = 0; names[i] != NULL; i++)
		if (strcasecmp(key, names[i]) == 0)
			return true;
	return false;
}

/* Of an option that is there twice the first counts, as ssh has it; but for those that are lists. */
static bool is_set(struct ssh_options *o, const char *key)
{
	static const char *const lists[] = {"CertificateFile", "HostbasedKeyFile", "IdentityFile",
	                                    "SetEnv", NULL};
	int at;
	if (choice(key, lists, &at))
		return false;
	return choice(key, o->set, &at) || !value_push(o->set, SSH_SET_MAX, key);
}

static int set_option(struct ssh_options *o, const char *key, char *value)
{
	char bad[ALGS_NAME + 64];
	bool known;
	if (is_set(o, key))
		return 0;
	int done = algs_apply(&o->chosen, &o->kex, key, value, bad);
	if (done > 0 && strcasecmp(key, "HostKeyAlgorithms") == 0)
		o->host_sigs = value[0];
	if (done > 0)
		return 0;
	if (done < 0) {
		char why[256];
		snprintf(why, sizeof why, "%s: %s (nacre-ssh -Q lists what there is)", key, bad);
		return complain("no such algorithm", why);
	}
	bool ok = flag_option(o, key, value, &known);
	if (!known)
		ok = choice_option(o, key, value, &known);
	if (!known)
		ok = value_transport(&o->kex, key, value, &known);
	if (!known)
		ok = text_option(o, key, value, &known);
	if (!known && idle_option(key))
		return 0;
	if (!known)
		return complain("unknown option", key);
	return ok ? 0 : complain("bad value for option", key);
}

static int parse_option(struct ssh_options *o, char *arg)
{
	char *eq = strpbrk(arg, "= \t");
	if (eq == NULL)
		return complain("option without a value", arg);
	*eq = '\0';
	char *value = eq + 1 + strspn(eq + 1, "= \t");
	return set_option(o, arg, value);
}

static int switch_flag(struct ssh_options *o, int c)
{
	bool *on = c == 'n'   ? &o->no_stdin
	           : c == 'N' ? &o->no_command
	           : c == 'q' ? &o->quiet
	           : c == 's' ? &o->subsystem
	                      : NULL;
	if (on == NULL) {
		fputs(usage, stderr);
		return 255 + 1;
	}
	*on = true;
	return 0;
}

static int parse_flag(struct ssh_options *o, int c, char *arg)
{
	switch (c) {
	case 'C':
		return set_option(o, "Compression", "yes");
	case 'c':
		return set_option(o, "Ciphers", arg);
	case 'm':
		return set_option(o, "MACs", arg);
	case 'o':
		return parse_option(o, arg);
	case 'i':
		return value_push(o->identities, SSH_LIST_MAX, arg)
		           ? 0
		           : complain("too many identities", arg);
	case 'F':
		if (strcmp(arg, "none") == 0 || strcmp(arg, "/dev/null") == 0)
			return 0;
		return complain("there are no configuration files; use -o", arg);
	case 'E':
		o->tracer.log_path = arg;
		return 0;
	case 'l':
		return set_option(o, "User", arg);
	case 'p':
		return set_option(o, "Port", arg);
	case '4':
		o->family = AF_INET;
		return 0;
	case '6':
		o->family = AF_INET6;
		return 0;
	case 't':
		o->tty = o->tty == TTY_YES || o->tty == TTY_FORCE ? TTY_FORCE : TTY_YES;
		return 0;
	case 'T':
		o->tty = TTY_NO;
		return 0;
	case 'v':
		o->tracer.verbose++;
		return 0;
	case 'Q':
		return algs_print(arg) ? 1 : complain("no such kind of algorithm", arg);
	case 'V':
		printf("%s\n", KEX_SOFTWARE);
		return 1;
	case 'h':
		fputs(usage, stdout);
		return 1;
	default:
		return switch_flag(o, c);
	}
}

static int take_host(struct ssh_options *o, char *arg)
{
	/* The last '@' ends the user: names with one in them exist. */
	char *at = strrchr(arg, '@');
	if (at != NULL) {
		*at = '\0';
		if (o->user == NULL)
			o->user = arg;
	}
	o->host = at == NULL ? arg : at + 1;
	return o->host[0] == '\0' ? complain("no host given", "") : 0;
}

static int take_command(struct ssh_options *o, int argc, char **argv)
{
	size_t len = 0;
	for (int i = 0; i < argc; i++) {
		int n = snprintf(o->command + len, sizeof o->command - len, "%s%s",
		                 i > 0 ? " " : "", argv[i]);
		if (n < 0 || (size_t)n >= sizeof o->command - len)
			return complain("command is too long", "");
		len += (size_t)n;
	}
	return 0;
}

/* Flags may stand before the host and, as ssh has it, between the host and the command. */
int ssh_options_parse(struct ssh_options *o, int argc, char **argv)
{
	static const char flags[] = "+46ChnNqsTtVvc:E:F:i:l:m:o:p:Q:";
	int c, e;
	*o = (struct ssh_options){
	    .port = "22",
	    .known_hosts = "~/.ssh/known_hosts",
	    .password_auth = true,
	    .pubkey_auth = true,
	    .interactive_auth = true,
	    .preferred = "hostbased,publickey,keyboard-interactive,password",
	    .family = AF_UNSPEC,
	    .grace_ms = 120000,
	};
	kex_config_init(&o->kex, false);
	o->kex.host_sigs = o->kex.user_sigs = crypt_sigalgs_with_certs;
	for (;;) {
		while ((c = getopt(argc, argv, flags)) != -1)
			if ((e = parse_flag(o, c, optarg)) != 0)
				return e;
		if (o->host != NULL || optind >= argc)
			break;
		if ((e = take_host(o, argv[optind++])) != 0)
			return e;
	}
	if (o->host == NULL) {
		fputs(usage, stderr);
		return 255 + 1;
	}
	return take_command(o, argc - optind, argv + optind);
}
