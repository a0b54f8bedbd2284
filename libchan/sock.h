/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_SOCK_H
#define NACRE_LIBCHAN_SOCK_H

#include "libchan/sock_channel.h"

/** Bytes of sock_why's sentence, its NUL included. */
#define SOCK_WHY_SIZE        512
/** Host key algorithms that sock puts in order by what known_hosts holds; more than there are. */
#define SOCK_SIGS_MAX        63
/** Credentials of a configuration: more than anybody has. */
#define SOCK_CREDENTIALS_MAX 32
/** Channels that the peer has closed before sock_accept took them, and that are kept for it. */
#define SOCK_BACKLOG_MAX     16
/** A stream that cannot be woken is looked at so often, ms, while there is a worker. */
#define SOCK_SLICE_MS        20

/** The bit of a request type in sock_policy.requests: SOCK_GRANT(SHELL). */
#define SOCK_GRANT(type)     ((uint32_t)1 << CHAN_REQUEST_##type)

/**
 * A connected stream that is no descriptor, as functions. None may wait but `wait`.
 *
 *   read    at most cap bytes into buf. Returns 0 with *n > 0; 0 with *n == 0: the end;
 *           SSH_ERR_AGAIN: nothing now; any other error ends the connection
 *   write   some of data. Returns 0 with *n > 0; SSH_ERR_AGAIN: not now; any other error: the peer
 *           hears nothing more
 *   wait    until there may be something to read (if `in`) or room to write (if `out`), or
 *           timeout_ms have passed; -1: no limit. May come back early
 *   wake    make a `wait` that another thread is in come back; NULL: there is no way
 *
 * With descriptors that poll(2) as the stream does, `wait` and `wake` may be NULL. With a worker,
 * `wait` runs beside the other functions; those never run beside each other.
 */
struct sock_stream {
	void *ctx; /* handed to each of them */
	enum ssh_err (*read)(void *ctx, uint8_t *buf, size_t cap, size_t *n);
	enum ssh_err (*write)(void *ctx, ssh_bytes data, size_t *n);
	enum ssh_err (*wait)(void *ctx, bool in, bool out, int timeout_ms);
	void (*wake)(void *ctx);
	int fd_in, fd_out; /* to be polled; -1: call wait */
};

/** A round of keyboard-interactive, as a server's policy sees it. RFC 4256. */
struct sock_round {
	ssh_bytes user;
	const ssh_bytes
	    *answers; /* to the prompts of the round before, secret; none in the first */
	size_t count;
	uint32_t rounds; /* that were before */
	/* What to ask, if `ask` is set: the verdict is for the next time. Views live as long as the sock. */
	bool ask;
	struct auth_challenge challenge;
};

/**
 * What a server lets its clients do. All-zero lets nobody in. The functions must not call the sock;
 * their views are borrowed for the call. With a worker they run on its thread.
 *
 * A verdict is AUTH_REJECT, AUTH_ACCEPT, or AUTH_PARTIAL: right, but something else is wanted as
 * well. Wanting certain methods together, one after another, needs no function: `chains`.
 */
struct sock_policy {
	void *ctx; /* handed to each of them */
	/** May the user log in without credentials? NULL: no. */
	enum auth_verdict (*none)(void *ctx, ssh_bytes user);
	/** ... with this password? Secret; compare in constant time. NULL: no. */
	enum auth_verdict (*password)(void *ctx, ssh_bytes user, ssh_bytes password);
	/** ... with this key, a blob? Its signature is verified elsewhere. NULL: no. */
	enum auth_verdict (*key)(void *ctx, ssh_bytes user, ssh_bytes key);
	/** keyboard-interactive: ask (again), or judge the answers. NULL: no. */
	enum auth_verdict (*interactive)(void *ctx, struct sock_round *r);
	/**
	 * Which signatures may this user's keys make? NULL at the end, lives as long as the sock. The
	 * client is told, if it takes that in the middle (ext-info-in-auth@openssh.com). NULL: those of
	 * config.kex.user_sigs.
	 */
	const struct crypt_sigalg *const *(*user_sigs)(void *ctx, ssh_bytes user);
	/** What must succeed, in which order (auth_chains_next): "publickey,password". NULL: any one. */
	const char *chains;
	/**
	 * May the peer open a channel of this type? `body` is what goes with it: direct-tcpip's address.
	 * 0: yes; else the reason why not, SSH_OPEN_.... NULL: sessions, and at a client nothing. A
	 * channel that is no session comes out of sock_accept when it is open. Clients have it, too.
	 */
	uint32_t (*open)(void *ctx, ssh_bytes type, ssh_bytes body);
	/** Channel requests that are granted: SOCK_GRANT(PTY) | SOCK_GRANT(SHELL) and so on. */
	uint32_t requests;
	/** Of those: this one? The place to look at a command or to keep a variable. NULL: yes. */
	bool (*request)(void *ctx, const struct sock_channel *ch, const struct chan_request *r);
	const char *banner; /* shown before authentication; lines end in CR LF. NULL: none */
};

/**
 * Answer a round of keyboard-interactive, at a client. It is called by the thread that authenticates
 * and may take its time; it must not authenticate otherwise meanwhile.
 *
 *   challenge   what is asked; may have no prompts; the server's bytes: escape before display
 *   answers     append as many strings as there are prompts: wire_put_str, wire_put_string. Secret; wiped
 *
 * Returns 0, or an error, which ends the method and is what the call returns: SSH_ERR_AUTH_CANCELLED.
 */
typedef enum ssh_err sock_answer(void *ctx, const struct auth_challenge *challenge,
                                 struct wire_buf *answers);

/** Something to log in with: one of the three. Borrowed. */
struct sock_credential {
	const struct crypt_key *key; /* with its private half */
	const char *password;        /* secret */
	sock_answer *answer;         /* for keyboard-interactive */
	void *answer_ctx;
};

/** What a connection is made of. Pointers are borrowed until sock_wipe. */
struct sock_config {
	struct kex_config kex; /* a server needs host_keys */
	/* Client. Which host key is right: */
	ssh_bytes host_key;    /* this one, a blob; empty: */
	ssh_bytes known_hosts; /* what this text says, of known_hosts files; empty: you are asked */
	const char *host;      /* its name in there */
	uint16_t port;         /* 0: 22 */
	/* Who we are: */
	const char *user;
	const struct sock_credential *credentials; /* for sock_connect_auth, in order */
	size_t credential_count;
	const struct crypt_key *key; /* in place of these: a key and a password; NULL: none */
	const char *password;        /* secret */
	/* Server; and what a client lets its server open. */
	struct sock_policy policy;
};

/** The default configuration of a side: kex_config_init, and nothing else. */
void sock_config_init(struct sock_config *c, bool server);

/**
 * A worker's hold on a sock: libchan/worker.h fills it in. All NULL: one thread.
 */
struct sock_hands {
	void *ctx;
	void (*lock)(void *ctx);
	void (*unlock)(void *ctx);
	/** Give the lock up until something has changed or the clock is at until_ms; take it again. */
	void (*wait)(void *ctx, uint64_t until_ms);
	void (*changed)(void *ctx); /* end all waits */
	void (*wake)(void *ctx);    /* make the worker look again */
	void (*stop)(void *ctx);    /* end the worker; not under the lock */
};

/**
 * An SSH connection over a stream, with blocking calls.
 *
 * A conn, and the poll, read and write around it. No globals, no signals, no output.
 * Every call that may have to wait takes a timeout in milliseconds: SOCK_FOREVER, or 0 for "only
 * what can be done now". SSH_ERR_TIMEOUT loses nothing: call again, or ask for the outcome with the
 * sock_finish call that belongs to it. While one call waits, whatever comes for others is kept:
 * data per channel, at most its window of it, so that a channel that is not read stops its own
 * sender and no other.
 *
 * One thread, unless there is a worker (libchan/worker.h): then every call may be made from any
 * thread, and those that wait end with an error when the connection does.
 *
 * The struct must not move while it is in use. The descriptors stay the caller's, who closes them
 * after sock_wipe. Sockets raise no SIGPIPE. A pipe is looked at before every write, which leaves
 * a moment for its reader to go away in: a program that uses pipes ignores that signal, or has a
 * worker, whose thread blocks it.
 */
struct sock {
	/* For reading, with a worker never. */
	struct conn conn; /* the engines: algorithms, session id, ... */
	/* private */
	struct sock_config config;
	struct sock_stream stream;
	struct sock_hands hands;
	struct sock_channel *channels; /* all of them, the abandoned too */
	struct sock_channel *rest_of;  /* whose data of the last event is not yet taken ... */
	ssh_bytes rest;                /* ... and lies in the engine */
	struct sock_flag done;         /* see sock_done_fileno */
	struct wire_buf host_key, banner, methods, user;
	struct wire_buf goodbye; /* the peer's DISCONNECT text */
	struct wire_buf refusal; /* the peer's words to the last opening that failed */
	const struct crypt_key *key;
	sock_answer *answer;
	void *answer_ctx;
	struct wire_buf prompts; /* name, instruction, and the prompts as they came */
	size_t prompt_count;
	uint32_t rounds;
	const struct crypt_sigalg *host_sigs[SOCK_SIGS_MAX + 1];
	struct auth_known_result known;
	const char *cert_why; /* what is wrong with the host's certificate */
	uint64_t seen_due;    /* what the worker's wait covers: */
	bool seen_in, seen_out, waiting;
	void *polls; /* struct pollfd */
	size_t polls_cap;
	uint32_t goodbye_reason;
	uint32_t refusal_reason; /* 0: none has failed since the last began */
	size_t callers;          /* threads inside calls */
	size_t watched;          /* flags that are kept in step */
	size_t sockets;          /* channels with sock_channel_socket */
	int group;               /* what sock_done_fileno polls with; -1: none */
	bool socket_in, socket_out;
	bool hot;    /* the last read was a large one */
	bool news;   /* something has changed that others may wait for */
	bool broken; /* nothing more can be written */
	bool keyed;
	bool started; /* and a client may authenticate */
	bool rest_err;
	bool host_key_asked;
	bool host_key_wrong;
	bool starting;   /* a start's outcome has not been told */
	bool auth_asked; /* the client's engine waits for a method */
	bool prompted;   /* it waits for answers */
	bool auth_open;  /* a method's outcome has not been told */
	bool partial;
	bool wiping;
};

/**
 * Begin as a client: identification, key exchange, the server's host key.
 *
 * With config->host_key, comes back when the keys are in force, that host key is proven, and the server is
 * ready to be logged in at; with
 * config->known_hosts likewise, if it holds the host's key. Otherwise comes back when the server
 * has proven a key, sock_host_key, and nothing secret has been sent: sock_accept_host_key is to
 * follow. The expected host key, or what known_hosts holds of the host, leads the host key algorithms
 * that are offered; if known_hosts has a certificate authority of the host's, certificates are taken, too.
 *
 *   s               any; needs sock_wipe from now on, whatever is returned
 *   fd_in, fd_out   connected: may be one and the same; any kind of stream
 *   config          copied; what it points to is borrowed until sock_wipe
 *   timeout_ms      0: just begin
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

/**
 * Begin over functions, in place of descriptors; config->kex.server says the side.
 *
 *   stream   copied; its ctx is borrowed until sock_wipe
 *
 * Returns as sock_start_client; also SSH_ERR_ARGUMENT if read or write is missing, or wait and the
 * descriptors are.
 */
enum ssh_err sock_start_stream(struct sock *s, const struct sock_stream *stream,
                               const struct sock_config *config, int timeout_ms);

/** Go on with a start that timed out. Returns as sock_start_client. */
enum ssh_err sock_finish_start(struct sock *s, int timeout_ms);

/** Are the first keys in force, and at a client authentication possible? */
bool sock_started(struct sock *s);

/** The server's host key, a blob, proven by its signature; empty before. Lives as long as s. */
ssh_bytes sock_host_key(struct sock *s);

/** The name of the host key algorithm: "ssh-ed25519"; NULL before there is a host key. Static. */
const char *sock_host_key_algorithm(struct sock *s);

/** The host key's fingerprint, "SHA256:...", NUL-terminated; false before there is a host key. */
bool sock_host_key_fingerprint(struct sock *s, char out[CRYPT_FINGERPRINT_SIZE]);

/** What config->known_hosts says of it, and on which line; AUTH_KNOWN_NOTHING without either. */
struct auth_known_result sock_host_key_known(struct sock *s);

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
 * SSH_ERR_STATE before the keys are in force; SSH_ERR_TIMEOUT: sock_finish_auth goes on; or what the
 * connection died of.
 */

/** Without credentials; also learns the methods. RFC 4252 section 5.2. */
enum ssh_err sock_auth_none(struct sock *s, int timeout_ms);
/** With a password. Secret; wiped when sent. RFC 4252 section 8. */
enum ssh_err sock_auth_password(struct sock *s, ssh_bytes password, int timeout_ms);
/**
 * With a key that has its private half; borrowed for the call, longer if that times out: until the
 * outcome is there. Also SSH_ERR_UNSUPPORTED if the server takes no signature of such a key. RFC 4252 section 7.
 */
enum ssh_err sock_auth_key(struct sock *s, const struct crypt_key *key, int timeout_ms);
/**
 * With answers to whatever the server asks, in as many rounds as it likes. Also SSH_ERR_AUTH_CANCELLED,
 * or another error of `answer`'s; then another method may be tried. RFC 4256.
 */
enum ssh_err sock_auth_interactive(struct sock *s, sock_answer *answer, void *ctx, int timeout_ms);
/** The outcome of one that timed out; SSH_ERR_STATE if there is none. */
enum ssh_err sock_finish_auth(struct sock *s, int timeout_ms);

/** Append the name-list of methods that the server would take now; nothing while unknown. Errors stick. */
void sock_auth_methods(struct sock *s, struct wire_buf *out);

/** Append what the server said before authentication; escape before display. Errors stick. */
void sock_banner(struct sock *s, struct wire_buf *out);

/**
 * Everything up to an authenticated connection in one call: sock_start_client, then the
 * credentials of the configuration, in order, as far as the server takes such; without any, none.
 * Where there are several, the server is asked first which it takes (sock_auth_none). When one was
 * right and the server wants more, those that are left go on, whatever their order.
 *
 * Returns 0; SSH_ERR_ARGUMENT without user or any of host_key and known_hosts; SSH_ERR_HOST_KEY, also
 * if known_hosts does not hold the host; SSH_ERR_TIMEOUT, after which only sock_wipe makes sense;
 * or the error of the step that failed. sock_why tells it in words.
 *
 * Secrets: the credentials; see the steps.
 */
enum ssh_err sock_connect_auth(struct sock *s, int fd_in, int fd_out,
                               const struct sock_config *config, int timeout_ms);

/** The credentials of the configuration, as sock_connect_auth has it, on a connection that has keys. */
enum ssh_err sock_auth_all(struct sock *s, int timeout_ms);

/** Server: wait until the client has authenticated. Returns 0, SSH_ERR_TIMEOUT, what the connection died of. */
enum ssh_err sock_await_login(struct sock *s, int timeout_ms);

/** Has the client authenticated? */
bool sock_authenticated(struct sock *s);
/** Is the connection alive, as far as we know? */
bool sock_active(struct sock *s);
/** The user's name: the one that logged in at a server, the configured one at a client. Lives as long as s. */
ssh_bytes sock_user(struct sock *s);

/** What happened last or what the connection died of, as a sentence for people. Returns `out`. */
const char *sock_why(struct sock *s, char out[SOCK_WHY_SIZE]);

/** Wait until all that was sent is with the operating system. Returns 0, SSH_ERR_TIMEOUT, what the connection died of. */
enum ssh_err sock_flush(struct sock *s, int timeout_ms);

/**
 * Give the connection a turn: read, deal with everything, write, and wait at most timeout_ms for
 * something to happen. For those who poll; with a worker there is no need.
 *
 * Returns 0 if anything has changed; SSH_ERR_TIMEOUT; or what the connection died of.
 */
enum ssh_err sock_pump(struct sock *s, int timeout_ms);

/** The stream's descriptor to poll for reading, for those who call sock_pump; -1: it has none. */
int sock_descriptor(struct sock *s);
/** Does something wait to be written? Then poll for writing, too. */
bool sock_wants_out(struct sock *s);
/** Milliseconds until sock_pump is due even if nothing comes (re-keying by time); -1: never. */
int sock_time_left(struct sock *s);

/**
 * A descriptor that polls readable exactly while something that was begun is complete and its outcome
 * not yet collected: a start, an authentication, the opening of a channel, a request; at a server
 * also while sock_accept would not wait, and at both when the connection is dead.
 *
 * It is the sock's: only poll it. Level-triggered. Without a worker it also wakes up
 * when the stream has input: call sock_pump(s, 0), which sees to it, or the sock_finish call.
 *
 * Returns 0; SSH_ERR_UNSUPPORTED where the stream has no descriptor and there is no worker;
 * SSH_ERR_IO without descriptors to be had.
 */
enum ssh_err sock_done_fileno(struct sock *s, int *fd);

/** Begin a new key exchange now; data flows on around it. Returns 0, SSH_ERR_STATE before the first keys, what the connection died of. */
enum ssh_err sock_rekey(struct sock *s);
/** How many key exchanges have ended, the first included. */
uint32_t sock_exchanges(struct sock *s);
/** Re-key after so many bytes or packets either way, or ms, from now on; 0: never for that reason. */
void sock_set_rekey(struct sock *s, uint64_t bytes, uint64_t packets, uint64_t ms);

/** Say goodbye (DISCONNECT, by application) and see that it gets out. The connection is dead then. */
void sock_disconnect(struct sock *s, int timeout_ms);

/**
 * Zeroise and give back, its channels too. Nothing is sent. Harmless on a zeroed or wiped sock.
 * With a worker: calls that wait end first, with SSH_ERR_STATE, and the worker ends; no other may
 * be made any more.
 */
void sock_wipe(struct sock *s);

/**
 * Server: the next session whose program the client has asked for and the policy has granted:
 * ch->program, sock_command, ch->pty and sock_terminal tell. Waits for authentication too.
 * Either side: the next channel of another type that the policy's `open` has let in.
 *
 * Returns 0; SSH_ERR_TIMEOUT; SSH_ERR_STATE at a client without such; SSH_ERR_DISCONNECTED or
 * SSH_ERR_CONNECTION_LOST when the client has gone; or what else the connection died of.
 *
 * Secrets: none.   RFC 4254 section 6.
 */
enum ssh_err sock_accept(struct sock *s, struct sock_channel **ch, int timeout_ms);

#endif
