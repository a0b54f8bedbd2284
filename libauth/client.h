/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_CLIENT_H
#define NACRE_LIBAUTH_CLIENT_H

#include "libauth/engine.h"
#include "libauth/method.h"

/** Bytes of a banner that are shown; more is cut off. */
#define AUTH_BANNER_MAX  ((size_t)16 * 1024)
/** Banners that are shown; a server that sends more is talking to nobody. */
#define AUTH_BANNERS_MAX 64
/** INFO_REQUESTs that a keyboard-interactive request may lead to: far more than anyone answers. */
#define AUTH_ROUNDS_MAX  100

/** What a client authenticates with. The views and the array are borrowed for the engine's life. */
struct auth_client_config {
	ssh_bytes user;
	ssh_bytes service;         /* wanted afterwards; empty: "ssh-connection" */
	ssh_bytes session_id;      /* of the first key exchange */
	ssh_bytes server_sig_algs; /* as the server announced it, RFC 8308; empty: it did not */
	const struct crypt_sigalg *const *sigalgs; /* for publickey, best first, NULL at the end */
};

/** States: what the server may say. */
enum auth_client_state {
	AUTH_CLIENT_EXPECT_ACCEPT,   /* SERVICE_ACCEPT */
	AUTH_CLIENT_CHOOSE,          /* no request is out: a banner at most */
	AUTH_CLIENT_TRY_NONE,        /* the answer to a none request */
	AUTH_CLIENT_TRY_PASSWORD,    /* ... to a password request */
	AUTH_CLIENT_TRY_QUERY,       /* ... to a publickey request without signature */
	AUTH_CLIENT_TRY_SIGNED,      /* ... to one with a signature, or a hostbased one */
	AUTH_CLIENT_TRY_INTERACTIVE, /* ... to a keyboard-interactive request, or to answers */
	AUTH_CLIENT_DONE,            /* the service has started */
	AUTH_CLIENT_DEAD,
	AUTH_CLIENT_STATES
};

/** An event. Views live until the next call on the engine. */
struct auth_client_event {
	enum auth_event_type type;
	enum ssh_err err;
	uint32_t method; /* enum auth_method */
	bool partial;    /* the last request was accepted, but more is wanted; the server's word */
	bool first;      /* AUTH_ASK_METHOD before any request: methods is not known yet */
	ssh_bytes methods; /* name-list: what the server says can continue */
	ssh_bytes text;
	ssh_bytes data;
	ssh_bytes key;
	const struct crypt_sigalg *sigalg;
	/* name, instruction, count; ssh_info_prompt_next takes the prompts off a copy of rest */
	struct ssh_userauth_info_request prompts;
};

/**
 * The client's side of user authentication: payloads of the server's in, payloads for it out.
 *
 *   init; then: send what `out` shows and say `sent`, until it is empty; give `recv` what the server
 *   sends (5, 6, 50 to 79, and before SUCCESS what is above too); `next` until it says false, answering what it ASKs.
 *
 * It begins with SERVICE_REQUEST by itself. The first error kills it; nothing is sent then.
 * Passwords and answers are in the engine only while their payload waits in `out`.
 */
struct auth_client {
	struct auth_client_config config;
	/* For reading. */
	enum auth_client_state state;
	enum ssh_err err; /* what it died of */
	/* private */
	struct wire_buf out;     /* payloads for the server: uint32 length and bytes */
	struct wire_buf methods; /* of the last FAILURE */
	struct wire_buf banner;
	struct wire_buf prompt;   /* of PASSWD_CHANGEREQ; or INFO_REQUEST, the whole payload */
	struct wire_buf key;      /* blob asked about or signed with */
	struct wire_buf host_key; /* that publickey requests are bound to */
	struct wire_buf host;     /* hostbased: name and user, two strings; empty: publickey */
	struct wire_buf data;     /* to be signed */
	const struct crypt_sigalg *sigalg;
	uint32_t method;          /* of the last request */
	uint32_t told;            /* bits 1 << event type that wait to be told */
	enum auth_event_type ask; /* the question, if ask_ready or asking */
	bool ask_ready;           /* not told yet */
	bool asking;              /* told, not answered yet */
	bool partial;
	bool tried;
	uint32_t banners;
	uint32_t rounds; /* INFO_REQUESTs since the request */
};

/**
 * Start: SERVICE_REQUEST is queued.
 *
 *   config   copied; what it points to is borrowed until auth_client_wipe
 *
 * Returns 0; SSH_ERR_ARGUMENT without sigalgs or session id; SSH_ERR_NO_MEMORY.
 *
 * Secrets: none.   RFC 4252 section 5, RFC 4253 section 10.
 */
enum ssh_err auth_client_init(struct auth_client *c, const struct auth_client_config *config);

/** Zeroise and give back. Harmless on a zeroed or wiped engine. */
void auth_client_wipe(struct auth_client *c);

/** Will recv take a payload now? False while there is something told to be fetched by next. */
bool auth_client_ready(const struct auth_client *c);

/**
 * Take a payload of the server's. An open question is no hindrance: what may come meanwhile
 * is told after the answer.
 *
 *   payload   borrowed for the call
 *
 * Returns 0; SSH_ERR_AGAIN, with nothing taken, unless auth_client_ready; or what the engine died
 * of: SSH_ERR_UNEXPECTED for a message that has no place here, SSH_ERR_AUTH_FAILED for a server that
 * prompts without end, SSH_ERR_MALFORMED for a PK_OK or a
 * SERVICE_ACCEPT of something else than was asked, decoding errors, SSH_ERR_NO_MEMORY.
 *
 * Secrets: none.   RFC 4252.
 */
enum ssh_err auth_client_recv(struct auth_client *c, ssh_bytes payload);

/** The next event. Returns false when there is none until a payload comes or an answer is given. */
bool auth_client_next(struct auth_client *c, struct auth_client_event *ev);

/** The next payload for the server; empty: none. Lives until the next call on the engine. */
ssh_bytes auth_client_out(const struct auth_client *c);
/** That payload is on its way: it is wiped and the next one shows. */
void auth_client_sent(struct auth_client *c);

/*
 * Answers. Requests answer AUTH_ASK_METHOD, AUTH_ASK_NEW_PASSWORD and AUTH_ASK_PROMPTS. Arguments are
 * borrowed for the call. They return 0; SSH_ERR_STATE if nothing of the kind was asked; SSH_ERR_NO_MEMORY or
 * SSH_ERR_TOO_LONG, of which the engine dies; or what it died of before.
 */

/** Try without credentials, which also learns the methods. RFC 4252 section 5.2. */
enum ssh_err auth_client_none(struct auth_client *c);

/** Try a password. Secret; wiped when sent. RFC 4252 section 8. */
enum ssh_err auth_client_password(struct auth_client *c, ssh_bytes password);

/**
 * Answer a demand for a new password. Both are given anew: the engine has not kept the old one.
 * Only for AUTH_ASK_NEW_PASSWORD. Secret; wiped when sent. RFC 4252 section 8.
 */
enum ssh_err auth_client_new_password(struct auth_client *c, ssh_bytes old_password,
                                      ssh_bytes new_password);

/**
 * Try keyboard-interactive: the server asks what it likes, as often as it likes (AUTH_ASK_PROMPTS).
 *
 *   submethods   name-list of what the server may use, e.g. "pam"; empty: its choice, as usual
 *
 * Secrets: none.   RFC 4256 section 3.1.
 */
enum ssh_err auth_client_interactive(struct auth_client *c, ssh_bytes submethods);

/**
 * Answer AUTH_ASK_PROMPTS. There may be no prompts; that too is answered, with count 0.
 *
 *   answers   in the order of the prompts, UTF-8; NULL for none
 *   count     as many as there are prompts
 *
 * Returns, besides the above, SSH_ERR_ARGUMENT for another count: the question stays open.
 *
 * Secrets: the answers; wiped when sent.   RFC 4256 section 3.4.
 */
enum ssh_err auth_client_answer_prompts(struct auth_client *c, const ssh_bytes *answers,
                                        size_t count);

/**
 * Bind the publickey requests that follow to the server's host key: what is signed names it, too.
 * For servers that announce publickey-hostbound@openssh.com (RFC 8308), version "0".
 *
 *   host_key   blob that the server has proven to have; copied. Empty: no more
 *
 * Returns 0; SSH_ERR_STATE while AUTH_ASK_SIGN is open; SSH_ERR_NO_MEMORY, of which the engine
 * dies; or what it died of before.
 *
 * Secrets: none.   OpenSSH PROTOCOL, AUTH_PUBLICKEY_HOSTBOUND.
 */
enum ssh_err auth_client_bind_host(struct auth_client *c, ssh_bytes host_key);

/**
 * Ask whether a key would do; if so AUTH_ASK_SIGN follows, else AUTH_ASK_METHOD.
 *
 *   blob     public key, or a certificate of it (libcrypt/cert.h)
 *   sigalg   e.g. of auth_client_sigalg; NULL: SSH_ERR_ARGUMENT
 *
 * Secrets: none.   RFC 4252 section 7.
 */
enum ssh_err auth_client_publickey(struct auth_client *c, ssh_bytes blob,
                                   const struct crypt_sigalg *sigalg);

/** As auth_client_publickey, but sign at once (AUTH_ASK_SIGN) without asking the server first. */
enum ssh_err auth_client_publickey_signed(struct auth_client *c, ssh_bytes blob,
                                          const struct crypt_sigalg *sigalg);

/** What a host says of its user. Views, all borrowed for the call. */
struct auth_client_host {
	ssh_bytes key;                     /* the host's, a blob */
	const struct crypt_sigalg *sigalg; /* of auth_client_sigalg, say */
	ssh_bytes host;                    /* its full name, in ASCII, as the server knows it */
	ssh_bytes user;                    /* on that host */
};

/**
 * Let this host vouch for its user: AUTH_ASK_SIGN follows, to be answered with a signature by the
 * host's key.
 *
 * Returns, besides the above, SSH_ERR_ARGUMENT without key, sigalg or host.
 *
 * Secrets: none.   RFC 4252 section 9.
 */
enum ssh_err auth_client_hostbased(struct auth_client *c, const struct auth_client_host *h);

/**
 * Answer AUTH_ASK_SIGN with a signature blob; empty: it cannot be had, AUTH_ASK_METHOD follows.
 *
 * Returns, besides the above, SSH_ERR_SIGNATURE if the blob does not name the algorithm that was
 * asked for: nothing is sent and the question stays open.
 */
enum ssh_err auth_client_answer_sign(struct auth_client *c, ssh_bytes signature);

/** Nothing is left to try: answers any question; returns 0, and the engine dies of SSH_ERR_AUTH_FAILED. */
enum ssh_err auth_client_give_up(struct auth_client *c);

/** The signature algorithm for a key, by the configuration (auth_sigalg_choose); NULL: none. */
const struct crypt_sigalg *auth_client_sigalg(const struct auth_client *c, ssh_bytes blob);

/** A row of the rules table. */
struct auth_client_rule {
	uint8_t first, last; /* message numbers */
	uint16_t states;     /* bit 1 << state: welcome there; 0: known, but never welcome */
	enum ssh_err (*handle)(struct auth_client *c, ssh_bytes payload);
};

/** The rules of the client, for those who print or test them. */
extern const struct auth_client_rule auth_client_rules[];
extern const size_t auth_client_rules_count;

/** The verdict on message `number` in `state`; `rule` (may be NULL) is set to its row or NULL. */
enum auth_judgement auth_client_judge(enum auth_client_state state, uint8_t number,
                                      const struct auth_client_rule **rule);

/** The state's name: "EXPECT_ACCEPT". Static. */
const char *auth_client_state_name(enum auth_client_state state);

#endif
