/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tests/support/peer.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <ftw.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Strings and files of one test; Criterion gives each a process of its own. */
#define TEXTS_MAX  16384
/* The port of a test's first server; addresses differ, so ports need not. */
#define FIRST_PORT 22000

static char *texts[TEXTS_MAX];
static size_t texts_count;
static char folder[64];
static unsigned servers;

const char *peer_text(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	cr_assert(texts_count < TEXTS_MAX, "too many strings in one test");
	cr_assert(vasprintf(&texts[texts_count], format, args) >= 0);
	va_end(args);
	return texts[texts_count++];
}

/* --- Files --- */

const char *peer_path(const char *name)
{
	const char *tmp = getenv("TMPDIR");
	if (folder[0] == '\0') {
		snprintf(folder, sizeof folder, "%.40s/nacre-XXXXXX", tmp == NULL ? "/tmp" : tmp);
		cr_assert_not_null(mkdtemp(folder), "%s: %s", folder, strerror(errno));
	}
	return peer_text("%s/%s", folder, name);
}

struct wire_buf peer_bytes(const char *path)
{
	struct wire_buf b = {0};
	uint8_t chunk[4096];
	size_t n;
	FILE *f = fopen(path, "rb");
	cr_assert_not_null(f, "%s: %s", path, strerror(errno));
	wire_buf_init(&b, (size_t)128 << 20);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		wire_put_raw(&b, wire_bytes(chunk, n));
	fclose(f);
	cr_assert_eq(wire_buf_end(&b), SSH_OK, "%s: too large", path);
	return b;
}

static void write_to(const char *path, const char *how, const char *text)
{
	FILE *f = fopen(path, how);
	cr_assert_not_null(f, "%s: %s", path, strerror(errno));
	cr_assert(fputs(text, f) >= 0 && fchmod(fileno(f), 0600) == 0 && fclose(f) == 0, "%s: %s",
	          path, strerror(errno));
}

const char *peer_write(const char *name, const char *text)
{
	const char *path = peer_path(name);
	write_to(path, "w", text);
	return path;
}

const char *peer_read(const char *path)
{
	struct wire_buf b = peer_bytes(path);
	ssh_bytes v = wire_buf_view(&b);
	const char *text = peer_text("%.*s", (int)v.len, v.len == 0 ? "" : (const char *)v.ptr);
	wire_buf_wipe(&b);
	return text;
}

static const char *one_line(const char *path)
{
	const char *text = peer_read(path);
	return peer_text("%.*s", (int)strcspn(text, "\n"), text);
}

/* --- Programs --- */

static const char *find_program(const char *name)
{
	const char *path = getenv("PATH");
	const char *at = path = peer_text("%s:/usr/sbin:/sbin", path == NULL ? "/usr/bin" : path);
	while (*at != '\0') {
		size_t n = strcspn(at, ":");
		const char *file = peer_text("%.*s/%s", (int)n, at, name);
		if (access(file, X_OK) == 0)
			return file;
		at += n + (at[n] == ':');
	}
	return NULL;
}

const char *peer_program(const char *name)
{
	const char *build = getenv("NACRE_BUILD");
	if (strncmp(name, "nacre-", 6) == 0 || strncmp(name, "peers/", 6) == 0 ||
	    strcmp(name, "corpus") == 0) {
		const char *file = peer_text("%s/%s", build == NULL ? "build" : build, name);
		char *whole = realpath(file, NULL);
		cr_assert_not_null(whole, "%s is not built", file);
		const char *kept = peer_text("%s", whole);
		free(whole);
		return kept;
	}
	const char *file = find_program(name);
	cr_assert_not_null(file,
	                   "%s is not installed (Debian: openssh-server, openssh-client, "
	                   "openssh-sftp-server, dropbear-bin, putty-tools, curl)",
	                   name);
	return file;
}

const char *peer_user(void)
{
	const struct passwd *pw = getpwuid(getuid());
	cr_assert_not_null(pw, "the user has no name");
	return peer_text("%s", pw->pw_name);
}

static void run_quietly(struct process *p)
{
	process_start(p);
	process_wait(p);
	cr_assert_eq(p->status, 0, "%s", peer_outcome(p));
	process_wipe(p);
}

/* --- Keys --- */

/* ssh-keygen makes none of Ed448. */
static void make_ed448(const char *path)
{
	struct process private = {0}, public = {0};
	words_add(&private.argv, peer_program("puttygen"), "-q", "-t", "ed448", "-O",
	          "private-openssh-new", "-o", path, "--new-passphrase", "/dev/null", NULL);
	run_quietly(&private);
	words_add(&public.argv, peer_program("puttygen"), path, "-O", "public-openssh", "-o",
	          peer_text("%s.pub", path), NULL);
	run_quietly(&public);
}

const char *peer_key(const char *name, const char *type)
{
	struct process p = {0};
	const char *path = peer_path(peer_text("%s_%s", name, type));
	const char *bits = strchr(type, '-');
	if (access(path, R_OK) == 0)
		return path;
	if (strcmp(type, "ed448") == 0) {
		make_ed448(path);
		return path;
	}
	size_t n = strcspn(type, "-");
	words_add(&p.argv, peer_program("ssh-keygen"), "-q", "-N", "", "-C", name, "-f", path, "-t",
	          peer_text("%.*s", (int)n, type), NULL);
	if (bits != NULL)
		words_add(&p.argv, "-b", bits + 1, NULL);
	run_quietly(&p);
	return path;
}

void peer_authorize(const char *key, const char *options)
{
	const char *line = one_line(peer_text("%s.pub", key));
	write_to(peer_path("authorized_keys"), "a",
	         peer_text("%s%s%s\n", options, options[0] == '\0' ? "" : " ", line));
}

/* --- Servers --- */

static void know_hosts(struct peer_server *s)
{
	const char *name = peer_text("known_hosts_%s", s->port);
	s->known_hosts = peer_write(name, "");
	for (size_t i = 0; i < s->host_keys.n; i++) {
		const char *line = one_line(peer_text("%s.pub", s->host_keys.word[i]));
		write_to(s->known_hosts, "a", peer_text("[%s]:%s %s\n", s->address, s->port, line));
	}
}

/* Whoever logs in is at home in the test's folder: no shell reads what the user has set up. */
static void command_line(struct peer_server *s)
{
	struct words *w = &s->process.argv;
	const char *home = peer_text("HOME=%s", peer_path(""));
	words_add(&s->process.env, home, NULL);
	if (s->kind != PEER_NACRE)
		peer_server_command(s);
	if (s->kind != PEER_NACRE && s->kind != PEER_OPENSSH)
		return;
	words_add(w, peer_program(s->kind == PEER_NACRE ? "nacre-sshd" : "sshd"), "-D", "-e", "-p",
	          s->port, NULL);
	if (s->kind == PEER_OPENSSH)
		words_add(w, "-f", "/dev/null", "-o", "UsePAM=no", "-o", "StrictModes=no", "-o",
		          "PidFile=none", "-o", "MaxStartups=200", "-o", "PermitRootLogin=yes",
		          "-o", peer_text("SetEnv=%s", home), NULL);
	words_add(w, "-o", peer_text("ListenAddress=%s", s->address), "-o",
	          peer_text("AuthorizedKeysFile=%s", peer_path("authorized_keys")), NULL);
	for (size_t i = 0; i < s->host_keys.n; i++)
		words_add(w, "-h", s->host_keys.word[i], NULL);
	for (size_t i = 0; i < s->options.n; i++)
		words_add(w, "-o", s->options.word[i], NULL);
	if (s->rekey != NULL)
		words_add(w, "-o", peer_text("RekeyLimit=%s", s->rekey), NULL);
	if (s->kind == PEER_NACRE && s->password != NULL) {
		const char *line = peer_text("%s:%s\n", peer_user(), s->password);
		const char *file = peer_write(peer_text("passwords_%s", s->port), line);
		words_add(w, "-o", peer_text("PasswordFile=%s", file), NULL);
	}
}

/* Has it logged this? */
static bool logged(const struct peer_server *s, const char *text)
{
	struct wire_buf b = peer_bytes(s->log);
	ssh_bytes v = wire_buf_view(&b);
	bool yes = v.len > 0 && memmem(v.ptr, v.len, text, strlen(text)) != NULL;
	wire_buf_wipe(&b);
	return yes;
}

void peer_server_expect(struct peer_server *s, const char *text)
{
	struct timespec pause = {0, 2000000};
	uint64_t deadline = process_now() + PROCESS_PATIENCE;
	while (!logged(s, text)) {
		struct process *p = &s->process;
		if (waitpid(p->pid, NULL, WNOHANG) == p->pid)
			p->pid = 0;
		cr_assert(p->pid > 0 && process_now() < deadline, "%s does not say '%s':\n%s",
		          p->argv.word[0], text, peer_server_log(s));
		nanosleep(&pause, NULL);
	}
}

bool peer_server_is_whole(enum peer kind)
{
	return kind != PEER_OPENSSH || getuid() == 0;
}

void peer_server_start(struct peer_server *s)
{
	unsigned pid = (unsigned)getpid();
	if (s->kind == PEER_OPENSSH && getuid() == 0)
		(void)mkdir("/run/sshd", 0755);
	if (s->host_keys.n == 0)
		words_add(&s->host_keys, peer_key("host", "ed25519"), NULL);
	/* No two tests that run at the same time have the same address. */
	s->address =
	    peer_text("127.%u.%u.%u", 1 + (pid >> 16 & 63), pid >> 8 & 255, 1 + (pid & 255) % 254);
	s->port = peer_text("%u", FIRST_PORT + servers++ + (pid & 255) / 254 * 500);
	s->log = peer_path(peer_text("log_%s", s->port));
	s->process.log = s->log;
	know_hosts(s);
	command_line(s);
	process_start(&s->process);
	peer_server_expect(s,
	                   s->kind == PEER_DROPBEAR ? "Not backgrounding" : "Server listening on");
}

const char *peer_server_log(const struct peer_server *s)
{
	return peer_read(s->log);
}

void peer_server_stop(struct peer_server *s)
{
	process_wipe(&s->process);
	cr_assert(!logged(s, "Sanitizer") && !logged(s, "runtime error"), "%s", peer_server_log(s));
}

/* --- Clients --- */

void peer_client(struct process *p, enum peer kind, const struct peer_server *s)
{
	words_add(&p->env, "SSH_AUTH_SOCK=", "LC_ALL=C", "TERM=vt100",
	          peer_text("HOME=%s", peer_path("")), NULL);
	words_add(&p->argv, peer_program(kind == PEER_NACRE ? "nacre-ssh" : "ssh"), NULL);
	words_add(&p->argv, "-F", "none", "-p", s->port, "-o", "IdentitiesOnly=yes", "-o",
	          "GlobalKnownHostsFile=/dev/null", "-o",
	          peer_text("UserKnownHostsFile=%s", s->known_hosts), NULL);
}

void peer_client_with_key(struct process *p, enum peer kind, const struct peer_server *s)
{
	peer_client(p, kind, s);
	words_add(&p->argv, "-o", "BatchMode=yes", "-i", peer_key("user", "ed25519"), NULL);
}

void peer_run(struct process *p, const struct peer_server *s, const char *command,
              const char *input)
{
	words_add(&p->argv, s->address, command, NULL);
	process_start(p);
	process_input(p, wire_bytes_str(input));
	process_wait(p);
}

const char *peer_outcome(struct process *p)
{
	return peer_text("%s: exit status %d, output '%.400s', errors:\n%.4000s", p->argv.word[0],
	                 p->status, process_out(p), process_err(p));
}

/* --- The end --- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

void peer_end(void)
{
	process_stop_all();
	if (folder[0] != '\0')
		nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	while (texts_count > 0)
		free(texts[--texts_count]);
	folder[0] = '\0';
}
