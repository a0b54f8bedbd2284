/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_SOCK_CHANNEL_H
#define NACRE_LIBCHAN_SOCK_CHANNEL_H

#include "libauth/known_hosts.h"
#include "libchan/conn.h"
#include "libchan/session.h"

/** A timeout that never comes. */
#define SOCK_FOREVER   (-1)
/** Bytes of a terminal's name or a signal's that are kept, the NUL included. */
#define SOCK_NAME_SIZE 64

struct sock;
struct sock_channel;

/** Where sock_recv waits to have its data put. For sock's own use. */
struct sock_want {
	uint8_t *buf;
	size_t cap, got;
};

/** A fact that poll(2) can see: an eventfd, or a pipe. For sock's own use. */
struct sock_flag {
	int rd, wr;
	bool made, set;
};

/** A terminal as the client has it. */
struct sock_terminal {
	char term[SOCK_NAME_SIZE]; /* "xterm" */
	struct ssh_request_window_change size;
	uint32_t resized; /* how many times the size has changed */
};

/** A channel of a sock: the sock allocates it, sock_close or sock_wipe gives it back. */
struct sock_channel {
	/* For reading. */
	struct sock *sock;
	struct chan_channel ch;    /* with a worker: not for reading */
	char type[SOCK_NAME_SIZE]; /* "session", "direct-tcpip" */
	/* Server: what the client asked for; settled once sock_accept has returned the channel. */
	enum chan_request_type program; /* SHELL, EXEC, SUBSYSTEM; UNKNOWN: nothing yet */
	bool pty;
	void *owner; /* yours; never touched */
	/* private */
	int timeout_ms;
	struct sock_terminal terminal;
	char signal[SOCK_NAME_SIZE]; /* the last one sent to the program */
	struct sock_channel *next;
	struct wire_buf in[2];     /* data and stderr that came and were not taken */
	struct sock_want *want[2]; /* who waits for it */
	struct sock_flag flag[2];  /* see sock_fileno */
	int group[2];              /* what is polled without a worker */
	struct wire_buf command;
	struct chan_session session;
	enum ssh_err err; /* why it was closed or not opened */
	uint32_t exit_status;
	char exit_signal[SOCK_NAME_SIZE];
	uint32_t replies;
	uint64_t outcomes; /* of the last 64 replies, a bit each */
	uint32_t nth;      /* of the request whose outcome has not been told */
	size_t users;      /* threads inside calls */
	size_t holders;    /* sock_close calls that are due */
	int local;         /* our end of sock_channel_socket; -1: none */
	bool local_eof;    /* nothing more comes from there */
	bool local_shut;   /* nothing more goes there */
	bool asked;        /* nth is set */
	bool opening;      /* the outcome of the opening has not been told */
	bool opened;
	bool closed;
	bool ended; /* the peer has said EOF */
	bool exited;
	bool deaf;      /* sock_shutdown: nothing is received */
	bool theirs;    /* the peer has opened it */
	bool direct;    /* and it is no session of a server's: to be accepted at once */
	bool accepted;  /* sock_accept has returned it */
	bool abandoned; /* sock_close has been called */
};

/**
 * Open a session.
 *
 *   ch           set on success
 *   timeout_ms   for this call, and the channel's own from then on
 *
 * Returns 0; SSH_ERR_STATE before authentication; SSH_ERR_OPEN_REFUSED: sock_refusal; SSH_ERR_TIMEOUT, and the
 * channel is closed should it come after all; SSH_ERR_AGAIN with too many channels; SSH_ERR_NO_MEMORY;
 * or what the connection died of.
 *
 * Secrets: none.   RFC 4254 section 6.1.
 */
enum ssh_err sock_open_session(struct sock *s, struct sock_channel **ch, int timeout_ms);

/** Open a channel of any type, e.g. direct-tcpip; `open` is borrowed for the call. As sock_open_session. */
enum ssh_err sock_open(struct sock *s, struct sock_channel **ch, const struct chan_open *open,
                       int timeout_ms);

/**
 * Begin to open a channel, and come back at once: sock_finish_open is to follow. Its calls wait
 * for ever until sock_set_timeout says otherwise. Errors as sock_open; then there is no channel.
 */
enum ssh_err sock_begin_open(struct sock *s, struct sock_channel **ch,
                             const struct chan_open *open);
/**
 * Is it open? Returns 0; SSH_ERR_TIMEOUT: not yet; or another error of sock_open, and then
 * sock_close is all that can be done with it.
 */
enum ssh_err sock_finish_open(struct sock_channel *ch, int timeout_ms);

/**
 * Why the peer did not open a channel: the reason that it gave last, SSH_OPEN_... or whatever it
 * sent; 0 if none was refused since an opening last began. sock_why has it in words.
 *
 *   text   the peer's words are appended, unless NULL; escape before display. Errors stick
 */
uint32_t sock_refusal(struct sock *s, struct wire_buf *text);

/** How long the channel's calls may wait from now on, milliseconds; SOCK_FOREVER; 0: not at all. */
void sock_set_timeout(struct sock_channel *ch, int timeout_ms);

/*
 * Requests on a session. Each waits for the reply and returns 0; SSH_ERR_REQUEST_REFUSED;
 * SSH_ERR_CHANNEL_CLOSED; SSH_ERR_TIMEOUT: sock_finish_request goes on; SSH_ERR_NO_MEMORY; or what
 * the connection died of.
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

/** Send a request of any type, borrowed for the call, and do not wait for the reply: sock_finish_request. */
enum ssh_err sock_begin_request(struct sock_channel *ch, const struct chan_request *r);
/** The outcome of the last request, within timeout_ms. Returns as the requests; SSH_ERR_STATE without any. */
enum ssh_err sock_finish_request(struct sock_channel *ch, int timeout_ms);

/**
 * Receive: at least one byte, and as many as there are.
 *
 *   buf, cap   room for the data; cap is not 0
 *   got        set: the number of bytes; 0 with SSH_OK: the end, no more will come
 *
 * Returns 0; SSH_ERR_TIMEOUT, with nothing lost; SSH_ERR_CHANNEL_CLOSED if another thread closes it
 * meanwhile; or, when everything that came has been taken, what the connection died of.
 *
 * Secrets: the data may be; what was kept of it is wiped.   RFC 4254 section 5.2.
 */
enum ssh_err sock_recv(struct sock_channel *ch, void *buf, size_t cap, size_t *got);
/** Receive what the program wrote to its standard error. As sock_recv. */
enum ssh_err sock_recv_err(struct sock_channel *ch, void *buf, size_t cap, size_t *got);

/** Would sock_recv, or sock_recv_err if `err`, return at once? */
bool sock_readable(struct sock_channel *ch, bool err);

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

/** Which direction sock_shutdown ends. */
enum sock_direction {
	SOCK_READ = 1, /* what came and what comes is dropped; sock_recv says the end */
	SOCK_WRITE,    /* as sock_eof */
	SOCK_BOTH
};

/** End a direction, as shutdown(2) does; calls that wait for it in other threads end. Returns as sock_eof. */
enum ssh_err sock_shutdown(struct sock_channel *ch, enum sock_direction direction);

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
/** The signal that ended the program, without SIG, once sock_exit_status has told; "" if none did. Lives as long as ch. */
const char *sock_exit_signal(const struct sock_channel *ch);

/** Server: the client's terminal as it is now. */
void sock_terminal(struct sock_channel *ch, struct sock_terminal *out);
/** Server: the last signal that the client sent, without SIG; "" if none. */
void sock_last_signal(struct sock_channel *ch, char out[SOCK_NAME_SIZE]);
/**
 * The command of exec, the name of a subsystem, or of a channel that is no session what went with
 * its type. The peer's bytes. Lives as long as ch.
 */
ssh_bytes sock_command(const struct sock_channel *ch);
/** Server: the program has ended; then sock_close. Returns 0, SSH_ERR_CHANNEL_CLOSED, or what the connection died of. */
enum ssh_err sock_send_exit(struct sock_channel *ch, uint32_t status);

/**
 * Close and give back. What was sent goes out first, as far as it can without waiting. NULL is harmless.
 *
 * With a worker: threads that are inside a call on the channel come back with
 * SSH_ERR_CHANNEL_CLOSED, and its memory is kept until they have. One that makes its call later
 * must not have the pointer any more, or hold the channel by sock_hold.
 */
void sock_close(struct sock_channel *ch);

/** One more owner: the first sock_close closes the channel for all, the last gives it back. */
void sock_hold(struct sock_channel *ch);

/**
 * A descriptor that polls readable exactly when sock_recv would not wait: data, the end, an error.
 *
 * It is the channel's: only poll it, do not read or close it. Level-triggered; no data passes
 * through it, nor does it change the window. Without a worker nobody but your calls reads the
 * connection: then it wakes up for any input of the stream's, too, and sock_readable, sock_recv with
 * timeout 0 or sock_pump sees to that.
 *
 * Returns 0; SSH_ERR_UNSUPPORTED if there is no worker and the stream has no descriptor or the
 * system neither epoll nor kqueue: poll sock_descriptor; SSH_ERR_IO without descriptors to be had.
 */
enum ssh_err sock_fileno(struct sock_channel *ch, int *fd);
/** The same of sock_recv_err. */
enum ssh_err sock_fileno_err(struct sock_channel *ch, int *fd);

/**
 * Put a socket in the channel's place: what is written to it is sent, what is received can be read
 * from it, for programs that know read(2) and write(2) only.
 *
 * A worker carries the data, or else any call on the sock, sock_pump for one. Both directions end
 * on their own, by shutdown(2) or the peer's EOF; close(2) closes the channel's directions. A reader that is slow
 * stops the sender, by the window. From now on sock_recv and sock_send on the channel return
 * SSH_ERR_STATE; standard error is not part of it. sock_close is still due, and ends it.
 *
 *   fd   set: a stream socket, yours to close
 *
 * Returns 0; SSH_ERR_STATE if it has one; SSH_ERR_IO without descriptors to be had.
 */
enum ssh_err sock_channel_socket(struct sock_channel *ch, int *fd);

#endif
