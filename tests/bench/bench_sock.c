/* SPDX-License-Identifier: MIT */
/*
 * sock's blocking calls with a real sshd at the other end, beside programs of libssh2, libssh and
 * paramiko that do the same, and what descriptors, a worker and a socket in the channel's place
 * cost. The best of three runs counts: the machine's other work only ever slows one down. MB/s
 * are bounded by the server, for which a client waits most of the time: how much either of them was at
 * work is told. MB per second of the client's work are not, and of that work the system's part
 * (copying, TCP) is the same for everybody: so a third figure counts the program's own alone.
 *
 *   bench_sock [MIB]
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libauth/keyfile.h"
#include "libchan/sock_choose.h"
#include "libchan/sock_net.h"
#include "libchan/worker.h"

#define CHUNK 65536
#define RUNS  3
#define WAIT  60000

static struct {
	char dir[64], key[128], port[8];
	const char *user;
	struct crypt_key user_key;
	struct wire_buf host_blob;
	pid_t sshd;
	size_t mib;
} b;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench_sock: %s: %s\n", what, why);
	exit(1);
}

/* What was reached: by the clock, by the processor's time of this process, by its own part of that. */
struct speed {
	double wall, cpu, user;
	double server; /* how much of the time the server's processes worked, all together */
};

/* Seconds so far. */
struct spent {
	double wall, cpu, user;
};

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static struct spent spent(void)
{
	struct rusage r;
	(void)getrusage(RUSAGE_SELF, &r);
	return (struct spent){now(), seconds(r.ru_utime) + seconds(r.ru_stime),
	                      seconds(r.ru_utime)};
}

/* --- The server --- */

static void clean_up(void)
{
	char command[128];
	if (b.sshd > 0) {
		kill(b.sshd, SIGTERM);
		waitpid(b.sshd, NULL, 0);
	}
	snprintf(command, sizeof command, "rm -rf %s", b.dir);
	if (system(command) != 0)
		fprintf(stderr, "bench_sock: %s is left\n", b.dir);
}

static void run(const char *command)
{
	if (system(command) != 0)
		die(command, "failed");
}

static void read_key(struct crypt_key *key, const char *path)
{
	char text[4096];
	FILE *f = fopen(path, "r");
	size_t n = f == NULL ? 0 : fread(text, 1, sizeof text, f);
	if (f != NULL)
		fclose(f);
	if (auth_keyfile_parse(key, NULL, crypt_keyalgs, wire_bytes(text, n)) != 0)
		die(path, "no key");
}

static void find_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(fd, (struct sockaddr *)&a, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		die("port", "none to be had");
	close(fd);
	snprintf(b.port, sizeof b.port, "%u", ntohs(a.sin_port));
}

static void start_sshd(void)
{
	char keys[128], host[128], address[64];
	snprintf(keys, sizeof keys, "AuthorizedKeysFile=%s/user.pub", b.dir);
	snprintf(host, sizeof host, "HostKey=%s/host", b.dir);
	snprintf(address, sizeof address, "ListenAddress=127.0.0.1:%s", b.port);
	(void)mkdir("/run/sshd", 0755);
	b.sshd = fork();
	if (b.sshd == 0) {
		execl("/usr/sbin/sshd", "/usr/sbin/sshd", "-D", "-f", "/dev/null", "-o", keys, "-o",
		      host, "-o", address, "-o", "UsePAM=no", "-o", "StrictModes=no", "-o",
		      "PidFile=none", "-o", "PermitRootLogin=yes", "-o", "LogLevel=QUIET",
		      (char *)NULL);
		_exit(127);
	}
}

static void set_up(void)
{
	char command[512], path[128];
	struct crypt_key host = {0};
	struct passwd *pw = getpwuid(getuid());
	b.user = pw == NULL ? "root" : pw->pw_name;
	snprintf(b.dir, sizeof b.dir, "/tmp/bench_sock.XXXXXX");
	if (mkdtemp(b.dir) == NULL)
		die(b.dir, "cannot be made");
	atexit(clean_up);
	snprintf(command, sizeof command,
	         "ssh-keygen -q -t ed25519 -N '' -f %s/host && ssh-keygen -q -t ed25519 -N '' -f "
	         "%s/user",
	         b.dir, b.dir);
	run(command);
	snprintf(b.key, sizeof b.key, "%s/user", b.dir);
	snprintf(path, sizeof path, "%s/host", b.dir);
	read_key(&b.user_key, b.key);
	read_key(&host, path);
	crypt_key_put_public(&host, &b.host_blob);
	crypt_key_wipe(&host);
	find_port();
	start_sshd();
}

/* Of a process: its parent, and the seconds that it has worked. Returns false if it is none. */
static bool look_at(const char *pid, int *parent, double *worked)
{
	char path[300];
	unsigned long t[4] = {0}; /* its own, and of children that have ended */
	snprintf(path, sizeof path, "/proc/%s/stat", pid);
	FILE *f = fopen(path, "r");
	bool ok =
	    f != NULL &&
	    fscanf(f, "%*d (%*[^)]) %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu",
	           parent, &t[0], &t[1], &t[2], &t[3]) == 5;
	if (f != NULL)
		fclose(f);
	*worked = (double)(t[0] + t[1] + t[2] + t[3]) / (double)sysconf(_SC_CLK_TCK);
	return ok;
}

static bool is_of_server(const char *pid, double *worked)
{
	int parent = 0;
	double ignored;
	char name[16];
	if (!look_at(pid, &parent, worked))
		return false;
	for (int depth = 0; depth < 8 && parent > 1 && parent != b.sshd; depth++) {
		snprintf(name, sizeof name, "%d", parent);
		if (!look_at(name, &parent, &ignored))
			return false;
	}
	return parent == b.sshd;
}

/* The seconds that the connection's processes have worked, the command among them. */
static double server_work(void)
{
	double all = 0, worked;
	DIR *d = opendir("/proc");
	for (const struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && is_of_server(e->d_name, &worked))
			all += worked;
	if (d != NULL)
		closedir(d);
	return all;
}

/* --- sock --- */

enum form { PLAIN, POLLED, WORKER, WORKER_POLLED, SOCKET };
static const char *const form_names[] = {"recv, send", "poll, then recv", "with a worker",
                                         "worker, poll", "socket, worker"};

static struct sock s;
static struct worker w;

/* One that took no time that can be measured took a thousandth of a second. */
static double per_second(size_t total, double from, double to)
{
	return (double)total / 1e6 / (to - from > 0.001 ? to - from : 0.001);
}

static struct speed speed_of(size_t total, struct spent from)
{
	struct spent to = spent();
	return (struct speed){
	    per_second(total, from.wall, to.wall), per_second(total, from.cpu, to.cpu),
	    per_second(total, from.user, to.user), server_work() / (to.wall - from.wall)};
}

static double larger(double a, double other)
{
	return a > other ? a : other;
}

static struct speed better(struct speed a, struct speed v)
{
	return (struct speed){larger(a.wall, v.wall), larger(a.cpu, v.cpu), larger(a.user, v.user),
	                      a.wall > v.wall ? a.server : v.server};
}

static int reach(void)
{
	struct sock_address to = {"127.0.0.1", (uint16_t)atoi(b.port), WAIT};
	struct timespec pause = {.tv_nsec = 10000000};
	char why[SOCK_WHY_SIZE];
	int fd;
	for (int i = 0; i < 500; i++) {
		if (sock_connect(&to, &fd, why) == 0)
			return fd;
		(void)nanosleep(&pause, NULL);
	}
	die("sshd", why);
	return -1;
}

static struct sock_channel *open_channel(int fd, const char *cipher, const char *command)
{
	static struct sock_algorithms a;
	struct sock_config c;
	struct sock_channel *ch = NULL;
	char why[SOCK_WHY_SIZE];
	sock_config_init(&c, false);
	a.ciphers = strcmp(cipher, "default") == 0 ? NULL : cipher;
	if (sock_choose(&c, &a, why) != 0)
		die(cipher, why);
	c.user = b.user;
	c.key = &b.user_key;
	c.host_key = wire_buf_view(&b.host_blob);
	if (sock_connect_auth(&s, fd, fd, &c, WAIT) != 0 || sock_open_session(&s, &ch, WAIT) != 0 ||
	    sock_exec(ch, command) != 0)
		die("sock", sock_why(&s, why));
	return ch;
}

static size_t take_polled(struct sock_channel *ch, char *buf)
{
	size_t n = 1, total = 0;
	int fd;
	enum ssh_err e = sock_fileno(ch, &fd);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	sock_set_timeout(ch, 0);
	while (e == 0 && n > 0) {
		if (poll(&p, 1, WAIT) != 1)
			die("poll", "nothing comes");
		e = sock_recv(ch, buf, CHUNK, &n);
		total += n;
		n += e == SSH_ERR_TIMEOUT;
		e = e == SSH_ERR_TIMEOUT ? SSH_OK : e;
	}
	return total;
}

static size_t take(struct sock_channel *ch, enum form form)
{
	static char buf[CHUNK];
	size_t n = 1, total = 0;
	int fd;
	ssize_t got;
	if (form == POLLED || form == WORKER_POLLED)
		return take_polled(ch, buf);
	if (form != SOCKET) {
		while (sock_recv(ch, buf, sizeof buf, &n) == 0 && n > 0)
			total += n;
		return total;
	}
	if (sock_channel_socket(ch, &fd) != 0)
		die("socket", "none to be had");
	while ((got = read(fd, buf, sizeof buf)) > 0)
		total += (size_t)got;
	close(fd);
	return total;
}

static struct speed download(const char *cipher, enum form form)
{
	char command[64];
	snprintf(command, sizeof command, "head -c %zuM /dev/zero", b.mib);
	int fd = reach();
	struct sock_channel *ch = open_channel(fd, cipher, command);
	if (form >= WORKER && worker_start(&w, &s) != 0)
		die("worker", "cannot start");
	struct spent began = spent();
	size_t total = take(ch, form);
	struct speed v = speed_of(total, began);
	char why[SOCK_WHY_SIZE];
	if (total != b.mib << 20)
		die("download", sock_why(&s, why));
	sock_wipe(&s);
	close(fd);
	return v;
}

static void give(struct sock_channel *ch, enum form form, size_t total)
{
	static char buf[CHUNK];
	int fd;
	if (form != SOCKET) {
		for (size_t sent = 0; sent < total; sent += sizeof buf)
			if (sock_send_all(ch, wire_bytes(buf, sizeof buf), NULL) != 0)
				die("upload", "cut off");
		if (sock_eof(ch) != 0)
			die("upload", "no end");
		return;
	}
	if (sock_channel_socket(ch, &fd) != 0)
		die("socket", "none to be had");
	for (size_t sent = 0; sent < total; sent += sizeof buf)
		if (write(fd, buf, sizeof buf) != (ssize_t)sizeof buf)
			die("upload", "cut off");
	close(fd);
}

static struct speed upload(const char *cipher, enum form form)
{
	uint32_t status;
	int fd = reach();
	size_t total = b.mib << 20;
	struct sock_channel *ch = open_channel(fd, cipher, "cat >/dev/null");
	if (form >= WORKER && worker_start(&w, &s) != 0)
		die("worker", "cannot start");
	struct spent began = spent();
	give(ch, form, total);
	if (sock_exit_status(ch, &status) != 0 || status != 0)
		die("upload", "cat failed");
	struct speed v = speed_of(total, began);
	sock_wipe(&s);
	close(fd);
	return v;
}

static struct speed best(bool down, const char *cipher, enum form form)
{
	struct speed most = {0};
	for (int i = 0; i < RUNS; i++)
		most = better(most, down ? download(cipher, form) : upload(cipher, form));
	return most;
}

/* --- The others --- */

struct other {
	const char *name, *program, *package;
	size_t mib_max; /* the slow ones get less to do */
	int runs;
};

/* MB/s; 0 if it cannot. */
static struct speed run_other(const struct other *o, bool down, const char *cipher)
{
	char command[512];
	struct speed most = {0};
	size_t mib = b.mib < o->mib_max ? b.mib : o->mib_max;
	snprintf(command, sizeof command, "%s 127.0.0.1 %s %s %s %s %s %zu 2>%s/errors", o->program,
	         b.port, b.user, b.key, cipher, down ? "down" : "up", mib, b.dir);
	for (int i = 0; i < o->runs; i++) {
		struct speed v = {0};
		FILE *f = popen(command, "r");
		if (f != NULL && fscanf(f, "%lf %lf %lf", &v.wall, &v.cpu, &v.user) == 3)
			most = better(most, v);
		if (f != NULL)
			pclose(f);
	}
	return most;
}

static struct speed beside(const struct other *o, bool down, const char *cipher, struct speed ours)
{
	char file[128];
	snprintf(file, sizeof file, "%s",
	         strrchr(o->program, ' ') ? strrchr(o->program, ' ') + 1 : o->program);
	if (access(file, R_OK) != 0) {
		printf("  %-18s is missing: install %s\n", o->name, o->package);
		return (struct speed){0};
	}
	struct speed v = run_other(o, down, cipher);
	if (v.wall == 0)
		printf("  %-18s does not know the cipher, or %s is missing\n", o->name, o->package);
	else
		printf("  %-18s %8.0f %8.0f %8.0f   sock has %.2f, %.2f and %.2f times that\n",
		       o->name, v.wall, v.cpu, v.user, ours.wall / v.wall, ours.cpu / v.cpu,
		       ours.user / v.user);
	return v;
}

static void compare(bool down, const char *cipher)
{
	char libssh2[160], libssh[160];
	const char *build = getenv("NACRE_BUILD");
	snprintf(libssh2, sizeof libssh2, "%s/speed_libssh2", build == NULL ? "build" : build);
	snprintf(libssh, sizeof libssh, "%s/speed_libssh", build == NULL ? "build" : build);
	const struct other others[] = {
	    {"libssh2", libssh2, "libssh2-1-dev", 256, RUNS},
	    {"libssh", libssh, "libssh-dev", 256, RUNS},
	    {"paramiko", "/usr/bin/python3 tests/bench/peers/speed_paramiko.py", "python3-paramiko",
	     32, 1},
	};
	struct speed ours = best(down, cipher, PLAIN), most = {0};
	printf(
	    "%s, %s\n  %-18s %8.0f %8.0f %8.0f   at work %.0f%% of the time, the server %.0f%%\n",
	    down ? "download" : "upload", cipher, "sock", ours.wall, ours.cpu, ours.user,
	    100 * ours.wall / ours.cpu, 100 * ours.server);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		most = better(most, beside(&others[i], down, cipher, ours));
	}
	if (most.wall > 0)
		printf("  the best of them: sock has %.2f, %.2f and %.2f times that\n",
		       ours.wall / most.wall, ours.cpu / most.cpu, ours.user / most.user);
}

static void forms(bool down)
{
	struct speed plain = best(down, "default", PLAIN);
	printf("%s, by form\n", down ? "download" : "upload");
	for (int f = PLAIN; f <= SOCKET; f++) {
		if (!down && (f == POLLED || f == WORKER_POLLED))
			continue;
		struct speed v = f == PLAIN ? plain : best(down, "default", (enum form)f);
		printf("  %-18s %8.0f %8.0f %8.0f   %.2f, %.2f and %.2f of plain\n", form_names[f],
		       v.wall, v.cpu, v.user, v.wall / plain.wall, v.cpu / plain.cpu,
		       v.user / plain.user);
	}
}

int main(int argc, char **argv)
{
	b.mib = argc > 1 ? (size_t)atoi(argv[1]) : 256;
	if (access("/usr/sbin/sshd", X_OK) != 0)
		die("sshd", "is missing: install openssh-server");
	setvbuf(stdout, NULL, _IOLBF, 0);
	set_up();
	printf("sock and others, %zu MiB, one sshd of OpenSSH's\n%20s %8s %8s %8s\n", b.mib, "",
	       "MB/s", "of work", "of own");
	for (int down = 1; down >= 0; down--) {
		compare(down == 1, "aes128-gcm@openssh.com");
		compare(down == 1, "default");
	}
	forms(true);
	forms(false);
	return 0;
}
