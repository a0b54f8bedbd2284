/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/sshd_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "libauth/server.h"
#include "libcrypt/cert.h"
#include "libchan/mux.h"
#include "tools/file.h"
#include "tools/values.h"

#define GRACE_MS     ((uint64_t)120 * 1000)
#define STARTUPS_MAX 100
#define SFTP_SERVER  "/usr/lib/openssh/sftp-server"

static const char usage[] =
    "usage: nacre-sshd [-DdeiqtV] [-E log_file] [-h host_key_file] [-o option=value] [-p port]\n"
    "\n"
    "  -D            stay in the foreground; it always does\n"
    "  -d            serve one connection, tell what happens, and end (-dd: every message,\n"
    "                -ddd: and the data)\n"
    "  -e            log to standard error; it does, but with -i only if told so\n"
    "  -E file       append the log to this file\n"
    "  -h file       prove to be this host with this private key (may be repeated);\n"
    "                without: ~/.nacre/host_ed25519, which is made if it is missing\n"
    "  -i            serve one connection on standard input and output\n"
    "  -p port       listen on this port (may be repeated; 0 takes a free one, and says which);\n"
    "                without: 2022, because port 22 is for the system's own server\n"
    "  -q            log nothing\n"
    "  -t            test the configuration and the host keys, and end\n"
    "  -V            print the version\n"
    "  -?, --help    print this\n"
    "  -o key=value  AcceptEnv, AuthenticationMethods, AuthorizedKeysFile,\n"
    "                AuthorizedPrincipalsFile, Banner, Ciphers, Compression, ForceCommand,\n"
    "                GroupExchangeMax, GroupExchangeMin, HostbasedAuthentication,\n"
    "                HostbasedKnownHosts, HostbasedUsers, HostbasedUsesNameFromPacketOnly,\n"
    "                HostCertificate, HostKey, HostKeyAlgorithms,\n"
    "                KbdInteractiveAuthentication, KexAlgorithms, KeyLogFile, ListenAddress,\n"
    "                LoginGraceTime, LogLevel, MACs, MaxAuthTries, MaxSessions, MaxStartups,\n"
    "                ModuliFile, PasswordAuthentication, PasswordFile, PermitTTY, Port,\n"
    "                PubkeyAcceptedAlgorithms, PubkeyAuthentication, QuestionsFile,\n"
    "                RekeyBlocks, RekeyLimit, RekeyPackets, RequiredRSASize, RevokedKeys,\n"
    "                StrictModes, Subsystem, TraceFile, TrustedUserCAKeys\n"
    "\n"
    "It serves the user who starts it and nobody else.\n";

static int complain(const char *what, const char *which)
{
	fprintf(stderr, "nacre-sshd: %s%s%s\n", what, which[0] == '\0' ? "" : ": ", which);
	return 1 + 1;
}

/* --- Values --- */

static bool count_value(const char *value, uint32_t max, uint32_t *out)
{
	uint64_t n;
	if (!value_scaled(value, "", NULL, &n) || n == 0 || n > max)
		return false;
	*out = (uint32_t)n;
	return true;
}

static bool port_value(const char *value)
{
	uint64_t n;
	return value_scaled(value, "", NULL, &n) && n <= UINT16_MAX;
}

/* --- Options: each kind knows its own, and says whether the key was one of them --- */

static bool subsystem(struct sshd_options *o, char *value)
{
	char *command = strpbrk(value, " \t");
	size_t n = 0;
	if (command == NULL)
		return false;
	*command++ = '\0';
	command += strspn(command, " \t");
	while (o->subsystems[n].name != NULL && strcmp(o->subsystems[n].name, value) != 0)
		n++;
	if (n >= SSHD_LIST_MAX || command[0] == '\0')
		return false;
	o->subsystems[n] = (struct sshd_subsystem){value, command};
	return true;
}

static bool log_level(struct sshd_options *o, const char *value)
{
	static const struct {
		const char *name;
		enum sshd_level level;
	} levels[] = {{"QUIET", SSHD_QUIET},   {"FATAL", SSHD_ERROR},   {"ERROR", SSHD_ERROR},
	              {"INFO", SSHD_INFO},     {"VERBOSE", SSHD_DEBUG}, {"DEBUG", SSHD_DEBUG1},
	              {"DEBUG1", SSHD_DEBUG1}, {"DEBUG2", SSHD_DEBUG2}, {"DEBUG3", SSHD_DEBUG3}};
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
		if (strcasecmp(value, levels[i].name) == 0) {
			o->level = levels[i].level;
			return true;
		}
	return false;
}

static bool flag_option(struct sshd_options *o, const char *key, const char *value, bool *known)
{
	const struct {
		const char *name;
		bool *to;
	} flags[] = {
	    {"HostbasedAuthentication", &o->host_auth},
	    {"HostbasedUsesNameFromPacketOnly", &o->host_by_name},
	    {"KbdInteractiveAuthentication", &o->interactive_auth},
	    {"PasswordAuthentication", &o->password_auth},
	    {"PermitTTY", &o->permit_tty},
	    {"PubkeyAuthentication", &o->pubkey_auth},
	    {"StrictModes", &o->strict_modes},
	};
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		*known = strcasecmp(key, flags[i].name) == 0;
		if (*known)
			return value_flag(value, flags[i].to);
	}
	return false;
}

static bool list_option(struct sshd_options *o, const char *key, const char *value, bool *known)
{
	const struct {
		const char *name;
		const char **to;
	} lists[] = {
	    {"AcceptEnv", o->accept_env}, {"HostCertificate", o->host_certs},
	    {"HostKey", o->host_keys},    {"ListenAddress", o->addresses},
	    {"Port", o->ports},
	};
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		*known = strcasecmp(key, lists[i].name) == 0;
		if (*known)
			return (lists[i].to != o->ports || port_value(value)) &&
			       value_push(lists[i].to, SSHD_LIST_MAX, value);
	}
	return false;
}

static bool text_option(struct sshd_options *o, const char *key, const char *value, bool *known)
{
	const struct {
		const char *name;
		const char **to;
	} texts[] = {
	    {"AuthorizedKeysFile", &o->authorized_keys},
	    {"Banner", &o->banner},
	    {"ForceCommand", &o->force_command},
	    {"HostbasedKnownHosts", &o->host_known},
	    {"HostbasedUsers", &o->host_users},
	    {"PasswordFile", &o->password_file},
	    {"AuthenticationMethods", &o->chains},
	    {"AuthorizedPrincipalsFile", &o->principals},
	    {"QuestionsFile", &o->questions},
	    {"RevokedKeys", &o->revoked_keys},
	    {"TrustedUserCAKeys", &o->trusted_ca},
	    {"KeyLogFile", &o->tracer.keys_path},
	    {"TraceFile", &o->tracer.json_path},
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		*known = strcasecmp(key, texts[i].name) == 0;
		if (!*known)
			continue;
		/* "none" means the same everywhere; the list of key files keeps the word. */
		bool none = strcasecmp(value, "none") == 0 && texts[i].to != &o->authorized_keys;
		*texts[i].to = none ? NULL : value;
		return true;
	}
	return false;
}

/* Groups of the owner's for group exchange. What is in the file counts when it is asked for. */
static bool moduli_file(struct sshd_options *o, const char *path)
{
	bool none = strcasecmp(path, "none") == 0;
	if (!none && file_read(path, &o->moduli) != 0)
		return false;
	o->kex.gex.moduli = none ? wire_bytes(NULL, 0) : wire_buf_view(&o->moduli);
	return true;
}

static bool number_option(struct sshd_options *o, const char *key, char *value, bool *known)
{
	*known = true;
	if (strcasecmp(key, "LoginGraceTime") == 0) {
		bool ok = value_time(value, &o->grace_ms);
		if (o->grace_ms == 0)
			o->grace_ms = UINT64_MAX;
		return ok;
	}
	if (strcasecmp(key, "MaxAuthTries") == 0)
		return count_value(value, 20, &o->max_tries);
	if (strcasecmp(key, "MaxSessions") == 0)
		return count_value(value, CHAN_CHANNELS_MAX, &o->max_sessions);
	if (strcasecmp(key, "MaxStartups") == 0)
		return count_value(value, 10000, &o->max_startups);
	if (strcasecmp(key, "ModuliFile") == 0)
		return moduli_file(o, value);
	if (strcasecmp(key, "Subsystem") == 0)
		return subsystem(o, value);
	if (strcasecmp(key, "LogLevel") == 0)
		return log_level(o, value);
	*known = false;
	return false;
}

/* What other servers understand and has no effect here: it is so in any case, or is moot. */
static bool idle_option(const char *key)
{
	static const char *const names[] = {"PrintMotd", "PrintLastLog",  "UsePAM", "PidFile",
	                                    "UseDNS",    "X11Forwarding", NULL};
	for (size_t i = 0; names[i] != NULL; i++)
		if (strcasecmp(key, names[i]) == 0)
			return true;
	return false;
}

static int set_option(struct sshd_options *o, const char *key, char *value)
{
	char bad[ALGS_NAME];
	bool known;
	int done = algs_apply(&o->chosen, &o->kex, key, value, bad);
	if (done > 0)
		return 0;
	if (done < 0) {
		char why[256];
		snprintf(why, sizeof why, "%.64s: %s (nacre-ssh -Q lists what there is)", key, bad);
		return complain("no such algorithm", why);
	}
	bool ok = flag_option(o, key, value, &known);
	if (!known)
		ok = list_option(o, key, value, &known);
	if (!known)
		ok = text_option(o, key, value, &known);
	if (!known)
		ok = value_transport(&o->kex, key, value, &known);
	if (!known)
		ok = number_option(o, key, value, &known);
	if (!known && idle_option(key))
		return 0;
	if (!known)
		return complain("unknown option", key);
	return ok ? 0 : complain("bad value for option", key);
}

static int parse_option(struct sshd_options *o, char *arg)
{
	char *eq = strpbrk(arg, "= \t");
	if (eq == NULL)
		return complain("option without a value", arg);
	*eq = '\0';
	return set_option(o, arg, eq + 1 + strspn(eq + 1, "= \t"));
}

/* --- The command line --- */

static void defaults(struct sshd_options *o)
{
	*o = (struct sshd_options){
	    .level = SSHD_INFO,
	    .authorized_keys = "~/.ssh/authorized_keys",
	    .host_known = "~/.ssh/known_hosts",
	    .host_users = "~/.shosts",
	    .password_auth = true,
	    .pubkey_auth = true,
	    .interactive_auth = true,
	    .strict_modes = true,
	    .permit_tty = true,
	    .grace_ms = GRACE_MS,
	    .max_tries = AUTH_FAILURES_MAX,
	    .max_sessions = CHAN_SESSIONS_MAX,
	    .max_startups = STARTUPS_MAX,
	};
	kex_config_init(&o->kex, true);
	o->kex.ext[KEX_EXT_HOSTKEYS] = "0";
	o->kex.ext[KEX_EXT_HOSTBOUND] = "0";
	/* What has no certificate is not offered anyway. */
	o->kex.host_sigs = o->kex.user_sigs = crypt_sigalgs_with_certs;
	if (access(SFTP_SERVER, X_OK) == 0)
		o->subsystems[0] = (struct sshd_subsystem){"sftp", SFTP_SERVER};
}

static int flag_letter(struct sshd_options *o, int letter, bool *log)
{
	switch (letter) {
	case 'D':
		break;
	case 'd':
		o->debug = true;
		o->level = o->level < SSHD_DEBUG1   ? SSHD_DEBUG1
		           : o->level < SSHD_DEBUG3 ? o->level + 1
		                                    : SSHD_DEBUG3;
		break;
	case 'e':
		*log = true;
		break;
	case 'i':
		o->inetd = true;
		break;
	case 'q':
		o->level = SSHD_QUIET;
		break;
	case 't':
		o->test = true;
		break;
	case 'V':
		fprintf(stderr, "%s\n", KEX_SOFTWARE);
		return 1;
	default:
		fputs(usage, stderr);
		return 1 + 1;
	}
	return 0;
}

static int letter_option(struct sshd_options *o, int letter, char *arg, bool *log)
{
	switch (letter) {
	case 'E':
		o->tracer.log_path = arg;
		*log = true;
		return 0;
	case 'h':
		return value_push(o->host_keys, SSHD_LIST_MAX, arg)
		           ? 0
		           : complain("too many host keys", "");
	case 'p':
		return port_value(arg) && value_push(o->ports, SSHD_LIST_MAX, arg)
		           ? 0
		           : complain("not a port, or too many", arg);
	case 'o':
		return parse_option(o, arg);
	case 'f':
		if (strcmp(arg, "none") == 0 || strcmp(arg, "/dev/null") == 0)
			return 0;
		return complain("there are no configuration files; use -o", arg);
	default:
		return flag_letter(o, letter, log);
	}
}

uint32_t sshd_options_methods(const struct sshd_options *o)
{
	return (o->pubkey_auth ? AUTH_PUBLICKEY : 0U) | (o->password_auth ? AUTH_PASSWORD : 0U) |
	       (o->interactive_auth ? AUTH_INTERACTIVE : 0U) | (o->host_auth ? AUTH_HOSTBASED : 0U);
}

int sshd_options_parse(struct sshd_options *o, int argc, char **argv)
{
	int letter, e;
	bool log = false;
	defaults(o);
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0)) {
		fputs(usage, stdout);
		return 1;
	}
	while ((letter = getopt(argc, argv, "DdeE:iqtVf:h:o:p:")) != -1)
		if ((e = letter_option(o, letter, optarg, &log)) != 0)
			return e;
	if (optind < argc)
		return complain("extra argument", argv[optind]);
	/* With -i, standard error may be the connection. */
	if (o->inetd && !log && !o->debug)
		o->level = SSHD_QUIET;
	if (o->accept_env[0] == NULL)
		o->accept_env[0] = "LANG LC_*";
	if (o->ports[0] == NULL)
		o->ports[0] = SSHD_PORT;
	if (o->password_file == NULL)
		o->password_auth = false;
	if (o->questions == NULL)
		o->interactive_auth = false;
	if (o->host_known == NULL || o->host_users == NULL)
		o->host_auth = false;
	if (sshd_options_methods(o) == 0)
		return complain("no method of authentication is left", "");
	if (o->chains != NULL && strcasecmp(o->chains, "any") == 0)
		o->chains = NULL;
	if (o->chains != NULL &&
	    !auth_chains_valid(wire_bytes_str(o->chains), sshd_options_methods(o)))
		return complain("a method that is not offered", o->chains);
	return 0;
}

void sshd_options_wipe(struct sshd_options *o)
{
	wire_buf_wipe(&o->moduli);
	tracer_wipe(&o->tracer);
}
