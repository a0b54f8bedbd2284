/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_SERVER_H
#define NACRE_LIBAUTH_SERVER_H

#include "libauth/engine.h"
#include "libauth/method.h"
#include "libcrypt/cert.h"

/** Failures that a client may have. RFC 4252 section 4 allows 20; six is what people configure. */
#define AUTH_FAILURES_MAX      6
/** Requests of any kind and outcome, so that free ones (none, queries) are bounded too. */
#define AUTH_REQUESTS_MAX      128
/** Keys that count as one factor each while more is wanted (AUTH_PARTIAL). */
#define AUTH_FACTORS_MAX       4
/** Longer passwords are wrong without being looked at: hashing costs the server, not the client. */
#define AUTH_PASSWORD_MAX      1024
/** Longer user names do not exist. */
#define AUTH_USER_MAX          256
/** Longer names of hosts do not exist. RFC 1035 section 2.3.4. */
#define AUTH_HOST_MAX          255
/** Bytes of banner that fit a packet everywhere. */
#define AUTH_SERVER_BANNER_MAX ((size_t)16 * 1024)

/** What is asked of the client's user. Views are borrowed for the call. */
struct auth_prompt {
	ssh_bytes text; /* UTF-8, not empty: "Password: " */
	bool echo;      /* may the answer be shown? */
};

/** A round of keyboard-interactive. RFC 4256 section 3.2. */
struct auth_challenge {
	ssh_bytes name;        /* a title; often empty */
	ssh_bytes instruction; /* may be empty */
	const struct auth_prompt *prompts;
	size_t count; /* at most SSH_INFO_MAX; 0: only the text is shown */
};

/** A server's policy. Views and the array are borrowed for the engine's life. */
struct auth_server_config {
	ssh_bytes session_id; /* of the first key exchange */
	ssh_bytes service;    /* empty: "ssh-connection" */
	ssh_bytes banner;     /* UTF-8, lines ending in CR LF; empty: none */
	uint32_t
	    methods; /* enum auth_method bits: what is offered; AUTH_NONE is asked, not listed */
	ssh_bytes chains; /* auth_chains_next: what must succeed, in which order; empty: any one */
	/* allowed with publickey, NULL at the end; certificates if crypt_cert_sigalgs are in it */
	const struct crypt_sigalg *const *sigalgs;
	/* the same with hostbased; what is of certificates is not taken. NULL: sigalgs */
	const struct crypt_sigalg *const *host_sigalgs;
	size_t rsa_min_bits;   /* 0: CRYPT_RSA_BITS_DEFAULT */
	uint32_t max_failures; /* 0: AUTH_FAILURES_MAX */
	uint32_t max_requests; /* 0: AUTH_REQUESTS_MAX */
	bool empty_passwords;  /* ask about them; otherwise they are wrong */
};

/** States: what the client may say. */
enum auth_server_state {
	AUTH_SERVER_EXPECT_SERVICE,  /* SERVICE_REQUEST */
	AUTH_SERVER_EXPECT_REQUEST,  /* USERAUTH_REQUEST */
	AUTH_SERVER_EXPECT_RESPONSE, /* INFO_RESPONSE, or another request in its place */
	AUTH_SERVER_DONE,            /* SUCCESS is queued; requests are ignored */
	AUTH_SERVER_DEAD,
	AUTH_SERVER_STATES
};

/** An event. Views live until the next call on the engine. */
struct auth_server_event {
	enum auth_event_type type;
	enum ssh_err err;
	uint32_t method; /* enum auth_method */
	bool changing;
	bool is_signed;
	ssh_bytes user; /* any bytes but NUL; not empty, at most AUTH_USER_MAX */
	ssh_bytes service;
	ssh_bytes password;     /* secret */
	ssh_bytes new_password; /* secret */
	ssh_bytes key; /* blob; with SUCCESS: the one whose signature was verified, if any */
	const struct crypt_sigalg *sigalg;
	const struct crypt_cert *cert; /* key is one: auth_server_check_cert; NULL: a plain key */
	bool is_sk;                    /* a security key's, and what the token says if is_signed: */
	struct crypt_sk_info token;
	ssh_bytes host;       /* of the client, as it says: not empty, no control characters */
	ssh_bytes host_user;  /* any bytes but NUL; not empty, at most AUTH_USER_MAX */
	ssh_bytes language;   /* as the client gave it; deprecated, and mostly empty */
	ssh_bytes submethods; /* name-list that the client would like; mostly empty */
	/* secret: as many as prompts; ssh_info_response_next takes them off a copy of rest */
	struct ssh_userauth_info_response responses;
};

/** The answer to a question. */
enum auth_verdict {
	AUTH_REJECT,
	AUTH_ACCEPT,
	AUTH_PARTIAL /* right, but more is wanted */
};

/**
 * The server's side of user authentication: payloads of the client's in, payloads for it out.
 *
 * Signatures are verified by the engine, so that AUTH_ASK_KEY needs policy only: may this user log
 * in with this key? And AUTH_ASK_HOST: is this the key of that host, is the peer that host, and may its user
 * log in as this one? Whatever was answered to a query has no effect but PK_OK. Requests are parsed
 * whole before anything about the user is asked. A certificate is no key to the owner until
 * auth_server_check_cert has found it good: to accept it before that is to reject it. Failures with and without a question look the same
 * to the client.
 */
struct auth_server {
	struct auth_server_config config;
	/* For reading. */
	enum auth_server_state state;
	enum ssh_err err; /* what it died of */
	/* private */
	struct wire_buf out;     /* payloads for the client: uint32 length and bytes */
	struct wire_buf request; /* the payload in question; wiped with the answer */
	struct wire_buf user;    /* of the last request */
	const struct crypt_sigalg *const *sigalgs; /* of that user */
	struct auth_server_event event;
	uint8_t factors[AUTH_FACTORS_MAX][32]; /* SHA-256 of the keys that counted already */
	size_t factors_count;
	struct wire_buf host_key;      /* that publickey requests may be bound to */
	struct crypt_cert cert;        /* of the key in question */
	uint32_t done[AUTH_CHAIN_MAX]; /* methods that have succeeded, in order */
	size_t done_count;
	uint32_t succeeded; /* the same as bits */
	uint32_t prompts;   /* in the INFO_REQUEST that is out */
	uint32_t failures;
	uint32_t requests;
	bool event_ready;
	bool asking;
	bool cert_good;     /* auth_server_check_cert has said so of it */
	bool waived;        /* auth_server_waive_presence */
	bool change_wanted; /* PASSWD_CHANGEREQ was the last reply */
	bool greeted;       /* the banner is out */
	bool tried_none;
};

/**
 * Start: a SERVICE_REQUEST is expected.
 *
 *   config   copied; what it points to is borrowed until auth_server_wipe
 *
 * Returns 0, or SSH_ERR_ARGUMENT: no session id, no method, publickey or hostbased without sigalgs, chains that
 * are none or have a method that is not offered, a banner over AUTH_SERVER_BANNER_MAX.
 *
 * Secrets: none.   RFC 4252.
 */
enum ssh_err auth_server_init(struct auth_server *s, const struct auth_server_config *config);

/** Zeroise and give back. Harmless on a zeroed or wiped engine. */
void auth_server_wipe(struct auth_server *s);

/** Will recv take a payload now? False while an event, a question or a reply is to be dealt with. */
bool auth_server_ready(const struct auth_server *s);

/**
 * Take a payload of the client's. After SUCCESS, USERAUTH_REQUEST is ignored.
 *
 *   payload   borrowed for the call
 *
 * Returns 0; SSH_ERR_AGAIN, with nothing taken, unless auth_server_ready; or what the engine died
 * of: SSH_ERR_UNEXPECTED for a message that has no place here, SSH_ERR_SERVICE for a service that
 * is not ours, SSH_ERR_AUTH_TRIES over a limit, decoding errors, SSH_ERR_NO_MEMORY.
 *
 * Secrets: the payload may hold a password or answers; they are wiped with the verdict.   RFC 4252.
 */
enum ssh_err auth_server_recv(struct auth_server *s, ssh_bytes payload);

/** The next event. Returns false when there is none until a payload comes or an answer is given. */
bool auth_server_next(struct auth_server *s, struct auth_server_event *ev);

/** The next payload for the client; empty: none. Lives until the next call on the engine. */
ssh_bytes auth_server_out(const struct auth_server *s);
/** That payload is on its way: the next one shows. */
void auth_server_sent(struct auth_server *s);

/**
 * Answer the open question.
 *
 * AUTH_ACCEPT leads to SUCCESS, unless config.chains want more. A method that is not next is refused
 * without a question. AUTH_PARTIAL tells the client
 * to go on with what is left of the offer, or with all of it if nothing is left; a key then counts
 * once and is refused when it comes again. For a key that is not signed both mean "it would do".
 *
 * Returns 0; SSH_ERR_STATE if nothing was asked; SSH_ERR_AUTH_TRIES, SSH_ERR_NO_MEMORY, of which
 * the engine dies; or what it died of before.
 *
 * Secrets: the request is wiped.   RFC 4252 section 5.1.
 */
enum ssh_err auth_server_answer(struct auth_server *s, enum auth_verdict verdict);

/**
 * Answer AUTH_ASK_PASSWORD with a demand for a new password, which comes as another
 * AUTH_ASK_PASSWORD with `changing` set.
 *
 *   prompt   UTF-8, for people
 *
 * Returns as auth_server_answer.   RFC 4252 section 8.
 */
enum ssh_err auth_server_ask_new_password(struct auth_server *s, ssh_bytes prompt);

/**
 * Answer AUTH_ASK_CHALLENGE or AUTH_ASK_RESPONSES with prompts for the client's user. What is
 * answered to them comes as AUTH_ASK_RESPONSES, as many as there were prompts: the engine sees to
 * that. Users who do not exist are to be asked the same as those who do.
 *
 * Returns as auth_server_answer; SSH_ERR_ARGUMENT over SSH_INFO_MAX prompts, and the question stays
 * open.
 *
 * Secrets: the answers before are wiped.   RFC 4256 section 3.2.
 */
enum ssh_err auth_server_prompt(struct auth_server *s, const struct auth_challenge *c);

/**
 * Let publickey requests be bound to this host key, which is the server's in this connection.
 * Without, such requests are refused. For servers that announce publickey-hostbound@openssh.com.
 *
 *   host_key   blob; copied
 *
 * Returns 0; SSH_ERR_NO_MEMORY, of which the engine dies; or what it died of before.
 *
 * Secrets: none.   OpenSSH PROTOCOL.
 */
enum ssh_err auth_server_bind_host(struct auth_server *s, ssh_bytes host_key);

/**
 * Check the certificate of an open AUTH_ASK_KEY. The facts are the owner's: the time, the peer's
 * address, who is trusted, the principal. It may be called again, with other facts: one that is
 * good lets the owner accept.
 *
 *   policy   its role is taken to be CRYPT_CERT_USER; policy->options are for the owner to heed
 *   why      as crypt_cert_check
 *
 * Returns what crypt_cert_check does; SSH_ERR_STATE if no certificate is asked about.
 *
 * Secrets: none.   OpenSSH PROTOCOL.certkeys.
 */
enum ssh_err auth_server_check_cert(struct auth_server *s, const struct crypt_cert_policy *policy,
                                    const char **why);

/**
 * Do without the presence of a security key's user, in an open AUTH_ASK_KEY; to accept is to reject
 * otherwise if the token says that nobody was there. As no-touch-required of authorized_keys.
 */
void auth_server_waive_presence(struct auth_server *s);

/**
 * Let this user's keys make these signatures and no others, in place of config.sigalgs: now that a
 * question has named the user, and until a request names another one.
 *
 * An open AUTH_ASK_KEY counts: to accept another algorithm is to reject it. Whoever wants to know
 * the user first has AUTH_NONE among the methods, by which most clients begin.
 *
 *   sigalgs   NULL at the end; borrowed until auth_server_wipe
 *
 * Secrets: none.   RFC 8308 section 3.1.
 */
void auth_server_set_sigalgs(struct auth_server *s, const struct crypt_sigalg *const *sigalgs);

/** A row of the rules table. */
struct auth_server_rule {
	uint8_t first, last; /* message numbers */
	uint16_t states;     /* bit 1 << state: welcome there; 0: known, but never welcome */
	enum ssh_err (*handle)(struct auth_server *s, ssh_bytes payload);
};

/** The rules of the server, for those who print or test them. */
extern const struct auth_server_rule auth_server_rules[];
extern const size_t auth_server_rules_count;

/** The verdict on message `number` in `state`; `rule` (may be NULL) is set to its row or NULL. */
enum auth_judgement auth_server_judge(enum auth_server_state state, uint8_t number,
                                      const struct auth_server_rule **rule);

/** The state's name: "EXPECT_SERVICE". Static. */
const char *auth_server_state_name(enum auth_server_state state);

#endif
