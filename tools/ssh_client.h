/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_SSH_CLIENT_H
#define NACRE_TOOLS_SSH_CLIENT_H

#include "libchan/conn.h"
#include "libchan/request.h"
#include "tools/ssh_options.h"
#include "tools/tty.h"

/** Exit status when the connection, and not the command, failed: as ssh has it. */
#define SSH_EXIT_FAILURE   255
/** Times a password is asked for, and a passphrase. */
#define SSH_PASSWORD_TRIES 3
/** Bytes taken from standard input at a time. */
#define SSH_STDIN_SIZE     65536

/** A private key that may be tried. */
struct ssh_identity {
	char path[4096];
	struct wire_buf blob; /* public; empty: encrypted with the rest of the file */
	struct wire_buf cert; /* of it; empty: none */
	struct crypt_key key; /* empty: encrypted, and not asked for yet */
};

/** What standing between "log in" and "logged in" needs to remember. */
struct ssh_login {
	struct ssh_identity identities[SSH_LIST_MAX];
	size_t count;
	size_t next;    /* to be tried: twice the number of a key, and one if without certificate */
	size_t vouched; /* keys of this host that were tried */
	struct crypt_key vouch;       /* the last of them */
	struct wire_buf vouch_blob;   /* its public half */
	unsigned passwords;           /* tried */
	unsigned interactive;         /* tried */
	bool no_answers;              /* nobody answers prompts */
	struct wire_buf can_continue; /* the server's list */
};

/** One of the standard streams that the session's data goes to. */
struct ssh_stream {
	int fd;
	bool broken;          /* its reader is gone: data is dropped */
	struct wire_buf wait; /* not written yet, and not given back to the window */
};

/** The session. */
struct ssh_session {
	struct chan_channel ch;
	struct ssh_stream out[2]; /* standard output, standard error */
	struct tty_raw raw;
	bool tty;
	bool started;   /* the command or shell runs */
	bool input_end; /* EOF is sent */
	bool closed;
	bool exited;     /* the command, and the server has said how */
	bool line_start; /* for the escape character */
	bool escape;
	int starting; /* replies until the command is confirmed */
	uint8_t input[SSH_STDIN_SIZE];
	ssh_bytes unsent; /* of it */
};

/** The program. */
struct ssh_client {
	struct ssh_options o;
	struct conn conn;
	int fd;
	int stderr_fd;             /* for what the command says there; -E takes our own */
	struct wire_buf host_name; /* as known_hosts has it */
	struct ssh_login login;
	struct ssh_session session;
	/* UpdateHostKeys: the keys that were to be proven, and which of our requests asked for it. */
	struct {
		bool asked;
		uint32_t nth;
		struct wire_buf keys;
	} update;
	bool done;
	int status;
};

/** Print "nacre-ssh: " and a sentence on standard error, unless it is to be quiet. */
__attribute__((format(printf, 2, 3))) void ssh_say(const struct ssh_client *c, const char *format,
                                                   ...);
/** The same, but only with -v. */
__attribute__((format(printf, 2, 3))) void ssh_debug(const struct ssh_client *c, const char *format,
                                                     ...);

/** Is this host key to be trusted? Asks the user, and the file of known hosts, as the options say. */
bool ssh_host_key_ok(struct ssh_client *c, ssh_bytes blob);

/** Is this certificate to be trusted? Asks the authorities that the file of known hosts has for the host. */
bool ssh_host_cert_ok(struct ssh_client *c, ssh_bytes blob);

/** Write a host key down, and say so or why not. */
bool ssh_host_key_remember(struct ssh_client *c, ssh_bytes blob);

/** The server has told its host keys: ask it to prove those that are new. Once. */
void ssh_update_told(struct ssh_client *c, ssh_bytes body);
/** It has answered a global request: if it was that one, learn what it has proven. */
void ssh_update_proven(struct ssh_client *c, const struct chan_event *ev);

/**
 * Ask first for host keys of the types that are known of this host, so that a server with several
 * keys shows one that can be compared. Does nothing if the user has chosen HostKeyAlgorithms.
 */
void ssh_host_key_prefer_known(struct ssh_client *c);

/** Read the private keys that the options name, or the usual ones. */
void ssh_login_init(struct ssh_client *c);
/** Deal with an event of the authentication. */
void ssh_login_event(struct ssh_client *c, const struct auth_client_event *ev);
/** Offer the next key. Returns false if there is none left. */
bool ssh_login_try_key(struct ssh_client *c);
/** Let this host vouch for its user, with its next key. Returns false if there is none left. */
bool ssh_login_try_host(struct ssh_client *c);
/** Sign with this host's key, if that is asked for. */
bool ssh_login_vouch(struct ssh_client *c, const struct auth_client_event *ev,
                     struct wire_buf *sig);
/** Answer AUTH_ASK_SIGN. */
void ssh_login_sign(struct ssh_client *c, const struct auth_client_event *ev);
/** Ask the user for a secret. `out` is wiped first, and by the caller. False: no answer. */
bool ssh_ask_secret(const struct ssh_client *c, const char *question, struct wire_buf *out);
/** Zeroise. */
void ssh_login_wipe(struct ssh_client *c);

/** Authenticated: open the session. */
void ssh_session_start(struct ssh_client *c);
/** Deal with an event of the channels. */
void ssh_session_event(struct ssh_client *c, const struct chan_event *ev);
/** Standard input is readable: send what it has. */
void ssh_session_input(struct ssh_client *c);
/** Does the session take input now? */
bool ssh_session_wants_input(struct ssh_client *c);
/** Write what waits for one of the streams. */
void ssh_session_flush(struct ssh_client *c, struct ssh_stream *s);
/** The terminal has another size. */
void ssh_session_resize(struct ssh_client *c);
/** Put the terminal back, wipe. */
void ssh_session_end(struct ssh_client *c);

#endif
