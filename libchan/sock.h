/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_SOCK_H
#define NACRE_LIBCHAN_SOCK_H

#include "libchan/conn.h"
#include "libchan/session.h"

/** A timeout that never comes. */
#define SOCK_FOREVER   (-1)
/** Bytes of sock_why's sentence, its NUL included. */
#define SOCK_WHY_SIZE  512
/** Bytes of a terminal's name or a signal's that are kept, the NUL included. */
#define SOCK_NAME_SIZE 64

struct sock_channel;

/** The bit of a request type in sock_policy.requests: SOCK_GRANT(SHELL). */
#define SOCK_GRANT(type) ((uint32_t)1 << CHAN_REQUEST_##type)

/**
 * What a server lets its clients do. All-zero lets nobody in. The functions must not call the sock;
 * their views are borrowed for the call.
 */
struct sock_policy {
	void *ctx; /* handed to each of them */
	/** May the user log in without credentials? NULL: no. */
	bool (*none)(void *ctx, ssh_bytes user);
	/** ... with this password? Secret; compare in constant time. NULL: no. */
	bool (*password)(void *ctx, ssh_bytes user, ssh_bytes password);
	/** ... with this key, a blob? Its signature is verified elsewhere. NULL: no. */
	bool (*key)(void *ctx, ssh_bytes user, ssh_bytes key);
	/** Channel requests that are granted: SOCK_GRANT(PTY) | SOCK_GRANT(SHELL) and so on. */
	uint32_t requests;
	/** Of those: this one? The place to look at a command or to keep a variable. NULL: yes. */
	bool (*request)(void *ctx, const struct sock_channel *ch, const struct chan_request *r);
	const char *banner; /* shown before authentication; lines end in CR LF. NULL: none */
};

/** What a connection is made of. Pointers are borrowed until sock_wipe. */
struct sock_config {
	struct kex_config kex; /* a server needs host_keys */
	/* Client. */
	const char *user;
	ssh_bytes host_key;          /* the server's, a blob; empty: sock_accept_host_key decides */
	const struct crypt_key *key; /* for sock_connect_auth; NULL: none */
	const char *password;        /* likewise */
	/* Server. */
	struct sock_policy policy;
};

/** The default configuration of a side: kex_config_init, and nothing else. */
void sock_config_init(struct sock_config *c, bool server);

/**
 * An SSH connection over a pair of descriptors, with blocking calls.
 *
 * A conn, and the poll, read and write around it. One thread; no globals, no signals, no output.
 * Every call that may have to wait takes a timeout in milliseconds: SOCK_FOREVER, or 0 for "only
 * what can be done now". SSH_ERR_TIMEOUT loses nothing: call again. While one call waits, whatever
 * comes for others is kept: data per channel, at most its window of it, so that a channel that is
 * not read stops its own sender and no other.
 *
 * The struct must not move while it is in use. The descriptors stay the caller's, who closes them
 * after sock_wipe. Sockets raise no SIGPIPE; a program that uses pipes ignores that signal.
 */
struct sock {
	/* For reading. */
	struct conn conn; /* the engines: algorithms, session id, ... */
	/* private */
	struct sock_config config;
	struct sock_channel *channels; /* all of them, the abandoned too */
	struct wire_buf banner, methods, user;
	struct wire_buf goodbye; /* the peer's DISCONNECT text */
	const struct crypt_key *key;
	char why[SOCK_WHY_SIZE];
	uint32_t goodbye_reason;
	int fd_in, fd_out;
	bool socket_in, socket_out;
	bool broken; /* nothing more can be written */
	bool keyed;
	bool host_key_asked;
	bool host_key_wrong;
	bool auth_asked; /* the client's engine waits for a method */
	bool partial;
};

/**
 * Begin as a client: identification, key exchange, the server's host key.
 *
 * With config->host_key, comes back when the keys are in force and that host key is proven. Without,
 * comes back when the server has proven a key, sock_host_key, and nothing secret has been sent:
 * sock_accept_host_key is to follow.
 *
 *   s               any; needs sock_wipe from now on, whatever is returned
 *   fd_in, fd_out   connected: may be one and the same; any kind of stream
 *   config          copied; what it points to is borrowed until sock_wipe
 *
 * Returns 0; SSH_ERR_TIMEOUT: sock_finish_start goes on; SSH_ERR_HOST_KEY if it is another;
 * SSH_ERR_ARGUMENT if the configuration does not do; or what the connection died of (sock_why).
 *
 * Secrets: none.   RFC 4253.
 */
enum ssh_err sock_start_client(struct sock *s, int fd_in, int fd_out,
                               const struct sock_config *config, int timeout_ms);

/** Begin as a server: comes back when the keys are in force. Everything else as sock_start_client. */
enum ssh_err sock_start_server(struct sock *s, int fd_in, int fd_out,
                               const struct sock_config *config, int timeout_ms);

/** Go on with a start that timed out. Returns as sock_start_client. */
enum ssh_err sock_finish_start(struct sock *s, int timeout_ms);

/** The server's host key, a blob, proven by its signature; empty before. Lives as long as s. */
ssh_bytes sock_host_key(const struct sock *s);

/** The name of the host key algorithm: "ssh-ed25519"; NULL before there is a host key. Static. */
const char *sock_host_key_algorithm(const struct sock *s);

/** The host key's fingerprint, "SHA256:...", NUL-terminated; false before there is a host key. */
bool sock_host_key_fingerprint(const struct sock *s, char out[CRYPT_FINGERPRINT_SIZE]);

/**
 * The host key is the right one (or not): go on until the keys are in force.
 *
 * Returns 0; SSH_ERR_STATE if that is not the question; SSH_ERR_HOST_KEY if not accepted;
 * SSH_ERR_TIMEOUT: sock_finish_start goes on; or what the connection died of.
 */
enum ssh_err sock_accept_host_key(struct sock *s, bool accept, int timeout_ms);

/*
 * Authentication, the client's side. Each returns 0: authenticated; SSH_ERR_AUTH_FAILED: refused;
 * SSH_ERR_AGAIN: accepted, but more is wanted (after the last two sock_auth_methods says what);
 * SSH_ERR_STATE before the keys are in force; SSH_ERR_TIMEOUT; or what the connection died of.
 */

/** Without credentials; also learns the methods. RFC 4252 section 5.2. */
enum ssh_err sock_auth_none(struct sock *s, int timeout_ms);
/** With a password. Secret; wiped when sent. RFC 4252 section 8. */
enum ssh_err sock_auth_password(struct sock *s, ssh_bytes password, int timeout_ms);
/**
 * With a key that has its private half; borrowed for the call, longer if that times out: until the
 * next one. Also SSH_ERR_UNSUPPORTED if the server takes no signature of such a key. RFC 4252 section 7.
 */
enum ssh_err sock_auth_key(struct sock *s, const struct crypt_key *key, int timeout_ms);

/** The name-list of methods that the server would take now; empty while unknown. Lives until the next call. */
ssh_bytes sock_auth_methods(const struct sock *s);

/** What the server said before authentication; escape before display. Lives until the next call. */
ssh_bytes sock_banner(const struct sock *s);

/**
 * Everything up to an authenticated connection in one call: sock_start_client, then the key and the
 * password of the configuration, in this order, as far as they are given; with neither, none.
 *
 * Returns 0; SSH_ERR_ARGUMENT without config->host_key or config->user; SSH_ERR_TIMEOUT, after
 * which only sock_wipe makes sense; or the error of the step that failed. sock_why tells it in words.
 *
 * Secrets: the credentials; see the steps.
 */
enum ssh_err sock_connect_auth(struct sock *s, int fd_in, int fd_out,
                               const struct sock_config *config, int timeout_ms);

/** Server: wait until the client has authenticated. Returns 0, SSH_ERR_TIMEOUT, what the connection died of. */
enum ssh_err sock_await_login(struct sock *s, int timeout_ms);

/** Has the client authenticated? */
bool sock_authenticated(const struct sock *s);
/** Is the connection alive, as far as we know? */
bool sock_active(const struct sock *s);
/** The user's name: the one that logged in at a server, the configured one at a client. Lives as long as s. */
ssh_bytes sock_user(const struct sock *s);

/** What happened last or what the connection died of, as a sentence for people. Lives until the next call. */
const char *sock_why(struct sock *s);

/** Wait until all that was sent is with the operating system. Returns 0, SSH_ERR_TIMEOUT, what the connection died of. */
enum ssh_err sock_flush(struct sock *s, int timeout_ms);

/** Say goodbye (DISCONNECT, by application) and see that it gets out. The connection is dead then. */
void sock_disconnect(struct sock *s, int timeout_ms);

/** Zeroise and give back, its channels too. Nothing is sent. Harmless on a zeroed or wiped sock. */
void sock_wipe(struct sock *s);

/* --- Channels --- */

/** A channel of a sock: the sock allocates it, sock_close or sock_wipe gives it back. */
struct sock_channel {
	/* For reading. */
	struct sock *sock;
	struct chan_channel ch;
	int timeout_ms; /* how long its calls wait; see sock_set_timeout */
	/* Server: what the client asked for. */
	enum chan_request_type program; /* SHELL, EXEC, SUBSYSTEM; UNKNOWN: nothing yet */
	bool pty;
	char term[SOCK_NAME_SIZE];
	struct ssh_request_window_change size; /* of the terminal, as it is now */
	uint32_t resized;                      /* how many times it has changed */
	char signal[SOCK_NAME_SIZE];           /* the last one sent to the program, without SIG */
	void *owner;                           /* yours; never touched */
	/* private */
	struct sock_channel *next;
	struct wire_buf in[2]; /* data and stderr that came and were not taken */
	struct wire_buf command;
	struct chan_session session;
	enum ssh_err err; /* why it was closed or not opened */
	uint32_t exit_status;
	char exit_signal[SOCK_NAME_SIZE];
	uint32_t replies;
	bool reply;
	bool opened;
	bool closed;
	bool exited;
	bool accepted;  /* sock_accept has returned it */
	bool abandoned; /* sock_close has been called */
};

/**
 * Open a session.
 *
 *   ch           set on success
 *   timeout_ms   for this call, and the channel's own from then on
 *
 * Returns 0; SSH_ERR_STATE before authentication; SSH_ERR_OPEN_REFUSED; SSH_ERR_TIMEOUT, and the
 * channel is closed should it come after all; SSH_ERR_AGAIN with too many channels; SSH_ERR_NO_MEMORY;
 * or what the connection died of.
 *
 * Secrets: none.   RFC 4254 section 6.1.
 */
enum ssh_err sock_open_session(struct sock *s, struct sock_channel **ch, int timeout_ms);

/** Open a channel of any type, e.g. direct-tcpip; `open` is borrowed for the call. As sock_open_session. */
enum ssh_err sock_open(struct sock *s, struct sock_channel **ch, const struct chan_open *open,
                       int timeout_ms);

/** How long the channel's calls may wait from now on, milliseconds; SOCK_FOREVER; 0: not at all. */
void sock_set_timeout(struct sock_channel *ch, int timeout_ms);

/*
 * Requests on a session. Each waits for the reply and returns 0; SSH_ERR_REQUEST_REFUSED;
 * SSH_ERR_CHANNEL_CLOSED; SSH_ERR_TIMEOUT; SSH_ERR_NO_MEMORY; or what the connection died of.
 */

/** Run a command. RFC 4254 section 6.5. */
enum ssh_err sock_exec(struct sock_channel *ch, const char *command);
/** Start the user's shell. RFC 4254 section 6.5. */
enum ssh_err sock_shell(struct sock_channel *ch);
/** Start a subsystem: "sftp". RFC 4254 section 6.5. */
enum ssh_err sock_subsystem(struct sock_channel *ch, const char *name);
/** Allocate a terminal, of a type such as "xterm". RFC 4254 section 6.2. */
enum ssh_err sock_pty(struct sock_channel *ch, const char *term, uint32_t cols, uint32_t rows);
/** Set a variable for the program. Servers refuse most of them. RFC 4254 section 6.4. */
enum ssh_err sock_env(struct sock_channel *ch, const char *name, const char *value);
/** The terminal has another size. No reply. RFC 4254 section 6.7. */
enum ssh_err sock_resize(struct sock_channel *ch, uint32_t cols, uint32_t rows);
/** Send a signal to the program, a name without SIG. No reply. RFC 4254 section 6.9. */
enum ssh_err sock_signal(struct sock_channel *ch, const char *name);

/**
 * Receive: at least one byte, and as many as there are.
 *
 *   buf, cap   room for the data; cap is not 0
 *   got        set: the number of bytes; 0 with SSH_OK: the end, no more will come
 *
 * Returns 0; SSH_ERR_TIMEOUT, with nothing lost; or, when everything that came has been taken, what
 * the connection died of.
 *
 * Secrets: the data may be; what was kept of it is wiped.   RFC 4254 section 5.2.
 */
enum ssh_err sock_recv(struct sock_channel *ch, void *buf, size_t cap, size_t *got);
/** Receive what the program wrote to its standard error. As sock_recv. */
enum ssh_err sock_recv_err(struct sock_channel *ch, void *buf, size_t cap, size_t *got);

/** Would sock_recv, or sock_recv_err if `err`, return at once? */
bool sock_readable(const struct sock_channel *ch, bool err);

/**
 * Wait until something can be received on one of several channels of one sock.
 *
 *   chs, n   n is not 0
 *
 * Returns 0: at least one of them is sock_readable; or SSH_ERR_TIMEOUT.
 */
enum ssh_err sock_wait(struct sock_channel *const *chs, size_t n, int timeout_ms);

/**
 * Send at least one byte, and as many as window and connection take now.
 *
 *   sent   set: the number of bytes taken
 *
 * Returns 0; SSH_ERR_CHANNEL_CLOSED; SSH_ERR_STATE after sock_eof; SSH_ERR_TIMEOUT; or what the
 * connection died of.
 *
 * Secrets: the data may be; it is wiped when sent.   RFC 4254 section 5.2.
 */
enum ssh_err sock_send(struct sock_channel *ch, ssh_bytes data, size_t *sent);
/** Send everything, and see that it is with the operating system. `sent` (may be NULL) also on errors. */
enum ssh_err sock_send_all(struct sock_channel *ch, ssh_bytes data, size_t *sent);
/** Server: send everything as standard error. As sock_send_all. */
enum ssh_err sock_send_err(struct sock_channel *ch, ssh_bytes data, size_t *sent);
/** Say that no more data will follow. Returns 0, SSH_ERR_CHANNEL_CLOSED, what the connection died of. */
enum ssh_err sock_eof(struct sock_channel *ch);

/**
 * Wait for the program's end.
 *
 * Data that is not received in the meantime is kept, but a program whose data fills the window
 * waits: receive to the end first.
 *
 *   status   set: the exit status; 255 if a signal ended it: sock_exit_signal names it
 *
 * Returns 0; SSH_ERR_NOT_FOUND if the channel was closed without a word about it; SSH_ERR_TIMEOUT;
 * or what the connection died of.
 *
 * Secrets: none.   RFC 4254 section 6.10.
 */
enum ssh_err sock_exit_status(struct sock_channel *ch, uint32_t *status);
/** The signal that ended the program, without SIG; "" if none did. Lives as long as ch. */
const char *sock_exit_signal(const struct sock_channel *ch);

/** Close and give back. What was sent goes out first, as far as it can without waiting. NULL is harmless. */
void sock_close(struct sock_channel *ch);

/**
 * Server: the next session whose program the client has asked for and the policy has granted:
 * ch->program, sock_command, ch->pty and ch->size tell. Waits for authentication too.
 *
 * Returns 0; SSH_ERR_TIMEOUT; SSH_ERR_STATE at a client; SSH_ERR_DISCONNECTED or
 * SSH_ERR_CONNECTION_LOST when the client has gone; or what else the connection died of.
 *
 * Secrets: none.   RFC 4254 section 6.
 */
enum ssh_err sock_accept(struct sock *s, struct sock_channel **ch, int timeout_ms);
/** The command of exec or the name of a subsystem; the client's bytes. Lives as long as ch. */
ssh_bytes sock_command(const struct sock_channel *ch);
/** Server: the program has ended; then sock_close. Returns 0, SSH_ERR_CHANNEL_CLOSED, or what the connection died of. */
enum ssh_err sock_send_exit(struct sock_channel *ch, uint32_t status);

#endif
