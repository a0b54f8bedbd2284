/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_TRANSPORT_H
#define NACRE_LIBKEX_TRANSPORT_H

#include "libcrypt/compress.h"
#include "libcrypt/key.h"
#include "libkex/exchange.h"
#include "libkex/extension.h"
#include "libkex/frame.h"
#include "libkex/ident.h"
#include "libkex/propose.h"
#include "libwire/msg.h"

/** Our software version, after "SSH-2.0-". */
#define KEX_SOFTWARE            "Nacre_0.1"

/** Defaults of the limits in struct kex_config. RFC 4253 section 9, RFC 4344 section 3.1. */
#define KEX_REKEY_BYTES         ((uint64_t)1 << 30)
#define KEX_REKEY_PACKETS       ((uint64_t)1 << 31)
#define KEX_REKEY_MS            ((uint64_t)60 * 60 * 1000)
/** An exchange that takes longer is given up: slow links and slow people both fit. */
#define KEX_EXCHANGE_MS         ((uint64_t)120 * 1000)
/** Payloads that wait for an exchange to end, bytes in all; a peer that makes us queue more is mad. */
#define KEX_HELD_MAX            ((size_t)1 << 20)
/** Above this many bytes waiting to be sent, kex_writable says no. */
#define KEX_OUT_HIGH            ((size_t)256 * 1024)
/** Bytes waiting to be sent at which the engine stops taking input: a peer that asks and never reads. */
#define KEX_OUT_MAX             ((size_t)8 << 20)
/** After so many exchanges a peer that has not authenticated may not begin another. */
#define KEX_EARLY_EXCHANGES_MAX 4
/** Packets that one side sends for one exchange: KEXINIT, two of a group exchange, NEWKEYS. */
#define KEX_OWN_PACKETS         4
/** After so long without traffic kex_tick gives the buffers of a burst back. */
#define KEX_IDLE_MS             ((uint64_t)1000)
/** Bytes that a packet may inflate to: what fits a packet without compression; a bomb ends here. */
#define KEX_INFLATED_MAX        KEX_PACKET_MAX
/** Bytes of a DISCONNECT or DEBUG text that are shown. */
#define KEX_TEXT_MAX            1024

/** Index of a direction in the arrays of struct kex_config. */
enum { KEX_CS, KEX_SC };

/** Strict key exchange (draft-ietf-sshm-strict-kex, kex-strict-*-v00@openssh.com). */
enum kex_strict {
	KEX_STRICT_OFFER,   /* use it if the peer does too */
	KEX_STRICT_REQUIRE, /* refuse a peer without it */
	KEX_STRICT_OFF      /* do not announce it */
};

struct kex;
struct kex_persona;
struct kex_research;

/** What the trace hook is told of. */
enum kex_trace_type {
	KEX_TRACE_PACKET,     /* out, seq, payload: a message */
	KEX_TRACE_IDENT,      /* out, payload: an identification line, without CR LF */
	KEX_TRACE_NEGOTIATED, /* kex->algs are agreed upon */
	KEX_TRACE_KEYS,       /* out: new keys are in force in that direction */
	KEX_TRACE_SECRETS,    /* secrets; only if config.trace_secrets */
	KEX_TRACE_ERROR       /* kex->err: what the engine died of */
};

/** The most bytes that one letter gives: the largest key of a cipher or MAC. */
#define KEX_SECRET_MAX 64

/**
 * Everything that an exchange came to, when its hash is signed and before any key is in force.
 * Views that live for the call of the hook; secret but for what has travelled.
 */
struct kex_secrets {
	struct kex_exchange exchange; /* V_C to K: what the hash covers; K raw */
	ssh_bytes h;
	ssh_bytes session_id;
	ssh_bytes signature;     /* of h, by the host key */
	ssh_bytes private_value; /* client: what its public value was made from; server: empty */
	ssh_bytes key[6];        /* A to F, as long as the algorithms take them */
};

/** What the trace hook sees: every payload, decrypted, either way; libkex/log.h writes it down. */
struct kex_trace {
	enum kex_trace_type type;
	bool out;              /* ours, not the peer's */
	uint32_t seq;          /* of the packet */
	ssh_bytes payload;     /* borrowed for the call; holds passwords */
	const char *state;     /* of the receiving machine, as in the rules table */
	const struct kex *kex; /* to look at */
	const struct kex_secrets *secrets;
};

/**
 * What a connection is made of. All arrays end with NULL. The pointers are borrowed for the life
 * of the engine. kex_config_init fills in the defaults.
 */
struct kex_config {
	bool server;
	const char
	    *software; /* KEX_SOFTWARE; printable ASCII, may go on with a blank and comments */
	const struct kex_agree *const *agrees;
	const struct crypt_sigalg *const *host_sigs;  /* host key algorithms, in order */
	const struct crypt_cipher *const *ciphers[2]; /* [KEX_CS], [KEX_SC] */
	const struct crypt_mac *const *macs[2];
	const struct crypt_compress *const *compress[2]; /* NULL: none alone */
	const struct crypt_sigalg *const *user_sigs;     /* server: announced as server-sig-algs */
	const struct crypt_key *const
	    *host_keys; /* server: may lack the private half, then it ASKs */
	/*
	 * What EXT_INFO says of the other extensions; NULL: nothing. Where the peer may not be told it
	 * does not count. Bits 1 << enum kex_ext of ext_late: a server keeps it for the EXT_INFO
	 * before USERAUTH_SUCCESS, which is only sent if there is any.
	 */
	const char *ext[KEX_EXTS];
	uint32_t ext_late;
	/*
	 * RFC 8308 section 3.2: what may be compressed with after authentication, none of it delayed
	 * by itself. NULL: the extension is not announced. With it no exchange begins, on our side,
	 * before authentication.
	 */
	const struct crypt_compress *const *delay_compress[2];
	struct crypt_rng rng;
	struct kex_gex_policy gex; /* of group exchanges; all-zero is the default */
	enum kex_strict strict;
	size_t rsa_min_bits; /* of the host key */
	/* Re-key after so many; 0: never for that reason. May be changed at any time. */
	uint64_t rekey_bytes;
	uint64_t rekey_packets;
	/* Blocks of the cipher, as RFC 4344 section 3.2 counts; 0: its own limit, see crypt_cipher. */
	uint64_t rekey_blocks;
	uint64_t rekey_ms;
	uint64_t exchange_ms; /* an exchange's time limit */
	/* The one hook: sees everything. May be NULL. May look at the engine, and change nothing. */
	void (*trace)(void *ctx, const struct kex_trace *t);
	void *trace_ctx;
	bool trace_secrets; /* tell it K and all that comes of it: for key logs and research */
	const struct kex_persona *persona; /* NULL: our own looks. libkex/persona.h; borrowed */
	struct kex_research *research;     /* NULL: by the rules. libkex/research.h; borrowed */
};

/**
 * The default configuration of a side: the default arrays, limits and the system's randomness.
 * A server still has to be given host keys. Linking this links every default algorithm.
 */
void kex_config_init(struct kex_config *c, bool server);

/** States of the receiving machine: what is expected of the peer. */
enum kex_state {
	KEX_EXPECT_IDENT,       /* its identification line */
	KEX_EXPECT_KEXINIT,     /* its first KEXINIT */
	KEX_EXPECT_INIT,        /* server: KEXDH_INIT, KEX_ECDH_INIT */
	KEX_EXPECT_REPLY,       /* client: KEXDH_REPLY, KEX_ECDH_REPLY */
	KEX_EXPECT_GEX_REQUEST, /* server */
	KEX_EXPECT_GEX_GROUP,   /* client */
	KEX_EXPECT_GEX_INIT,    /* server */
	KEX_EXPECT_GEX_REPLY,   /* client */
	KEX_EXPECT_NEWKEYS,
	KEX_OPEN, /* anything of the upper layers; a KEXINIT begins a new exchange */
	KEX_DEAD,
	KEX_STATES
};

/** What an event says; the members of struct kex_event that it sets stand behind it. */
enum kex_event_type {
	/* TELL */
	KEX_EVENT_IDENT,         /* text: the peer's identification line */
	KEX_EVENT_NEGOTIATED,    /* kex_choice() is set */
	KEX_EVENT_KEYS,          /* both directions have new keys; first: of the first exchange */
	KEX_EVENT_PAYLOAD,       /* payload, seq: a message for the layers above */
	KEX_EVENT_EXT_INFO,      /* payload: the whole EXT_INFO message */
	KEX_EVENT_PONG,          /* payload: the data of the ping that it answers */
	KEX_EVENT_DEBUG,         /* text, display */
	KEX_EVENT_UNIMPLEMENTED, /* seq: of our packet that the peer did not know */
	KEX_EVENT_DISCONNECT,    /* reason, text: the peer said goodbye; the engine is dead */
	KEX_EVENT_ERROR,         /* err: the engine died of it */
	/* ASK: silent until answered */
	/*
	 * client: host_key blob, its signature verified, by sig; kex_answer_host_key. If
	 * sig->key->plain is not NULL it is a certificate: nothing is said of its authority yet.
	 */
	KEX_ASK_HOST_KEY,
	KEX_ASK_SIGN /* server: sign `data` with `key` by `sig`; kex_answer_sign */
};

/** An event. Views live until the next call on the engine. */
struct kex_event {
	enum kex_event_type type;
	bool first;
	bool display;
	enum ssh_err err;
	uint32_t seq;
	uint32_t reason;
	ssh_bytes payload;
	ssh_bytes text;     /* bytes of the peer's; escape before display */
	ssh_bytes host_key; /* blob */
	ssh_bytes data;
	const struct crypt_key *key;
	const struct crypt_sigalg *sig;
};

/** The algorithms of the last negotiation, as descriptors. */
struct kex_algs {
	const struct kex_agree *agree;
	const struct crypt_sigalg *host_sig;
	const struct crypt_cipher *cipher[2]; /* [KEX_CS], [KEX_SC] */
	const struct crypt_mac *mac[2];       /* NULL with an AEAD cipher */
	const struct crypt_compress *compress[2];
	bool strict; /* of the connection */
};

/** Keys for the receiving direction, kept from the exchange to the peer's NEWKEYS. */
struct kex_keys {
	uint8_t key[CRYPT_CIPHER_KEY_MAX];
	uint8_t iv[CRYPT_CIPHER_IV_MAX];
	uint8_t mac[CRYPT_MAC_KEY_MAX];
};

/** The compression of one direction. */
struct kex_compression {
	const struct crypt_compress *alg; /* what the keys in force came with; NULL before */
	bool on;                          /* packets are compressed */
	/* private */
	bool awaited; /* the peer may begin with any packet from now on */
	struct crypt_compressor stream;
	struct wire_buf buf; /* one payload */
};

/**
 * The transport engine: bytes of the peer's in, events out; bytes for the peer out.
 *
 * It does no I/O, keeps no clock and draws randomness from its configuration alone. Configuration
 * pointers are borrowed; everything else is inside. Init it, pump it, wipe it:
 *
 *   recv (or recv_space, recv_done) what the peer sent; next until it says false, answering what
 *   it ASKs; write what `out` shows, and say how much went by `sent`; tick when `deadline` is due.
 *
 * It may be moved between calls until a compression is on, and not any more then.
 *
 * The first error kills it: a DISCONNECT with the error's reason is queued, KEX_EVENT_ERROR is told
 * once, and from then on calls return that error (SSH_ERR_STATE after kex_disconnect).
 */
struct kex {
	struct kex_config config;
	/* For reading. */
	enum kex_state state;
	enum ssh_err err; /* what it died of */
	struct kex_algs algs;
	uint8_t h[CRYPT_HASH_MAX]; /* of the last exchange */
	size_t h_len;
	uint8_t session_id[CRYPT_HASH_MAX];
	size_t session_id_len; /* 0 before the first exchange */
	struct kex_frame_in in;
	struct kex_frame_out out;
	struct kex_compression inflate; /* what comes */
	struct kex_compression deflate; /* what goes */
	/* private */
	struct wire_buf v[2];               /* [KEX_CS], [KEX_SC]: identification lines */
	struct wire_buf init[2];            /* KEXINIT payloads of the exchange under way */
	struct wire_buf values;             /* our public value */
	struct wire_buf group;              /* of a group exchange: p, then g */
	struct wire_buf host_key;           /* the server's blob; kept to compare on re-keying */
	struct wire_buf peer_ext[KEX_EXTS]; /* values of the peer's extensions, */
	uint32_t peer_exts;                 /* of those that it has */
	uint32_t exts;                      /* ours, as the last EXT_INFO told */
	uint32_t pings;                     /* unanswered */
	struct wire_buf held; /* payloads that wait for NEWKEYS: uint32 length and bytes */
	struct wire_buf k;    /* shared secret */
	struct kex_agree_run run;
	struct kex_exchange exchange;
	struct kex_keys next_in;
	uint32_t own_seqs[KEX_OWN_PACKETS]; /* of our packets of the exchange under way */
	size_t own_packets;
	struct kex_event event;
	bool event_ready;
	bool asking;
	bool sending_closed; /* our KEXINIT is out, our NEWKEYS is not */
	bool skip_packet;    /* the peer's wrong guess */
	bool peer_ext_info;  /* the peer takes EXT_INFO */
	bool keyed;          /* our first NEWKEYS is out */
	enum kex_list failed_list;
	bool authenticated;
	bool success;                            /* USERAUTH_SUCCESS has passed */
	bool late_sent;                          /* the EXT_INFO before SUCCESS is */
	bool in_auth_sent;                       /* the one of kex_set_user_sigs is */
	bool newcompress;                        /* NEWCOMPRESS has passed */
	bool rekey_wanted;                       /* but not yet allowed */
	const struct crypt_compress *delayed[2]; /* by delay-compression; NULL: not in effect */
	uint32_t ext_infos;
	uint32_t exchanges; /* ended */
	size_t ident_lines;
	uint64_t now_ms;
	uint64_t exchange_began_ms;
	uint64_t keys_since_ms;
	size_t begun;      /* payload bytes reserved by kex_send_begin */
	size_t in_passed;  /* bytes since in.buf was empty last */
	size_t out_passed; /* and out.buf */
	uint64_t busy_ms;  /* when they were empty last and worth keeping */
};

/**
 * Start an engine. The identification line and KEXINIT are queued at once.
 *
 *   config   copied; what it points to is borrowed until kex_wipe
 *   now_ms   any monotonic clock, milliseconds
 *
 * Returns 0; SSH_ERR_ARGUMENT if an array is missing or empty, a server has no host key that
 * host_sigs can use, or software is empty, too long or not printable; SSH_ERR_RANDOM;
 * SSH_ERR_NO_MEMORY. On error the engine is wiped.
 */
enum ssh_err kex_init(struct kex *k, const struct kex_config *config, uint64_t now_ms);

/** Zeroise and give back. Harmless on a zeroed or wiped engine. */
void kex_wipe(struct kex *k);

/**
 * Take bytes of the peer's.
 *
 *   used   how many were taken: all, unless the engine wants to be drained by kex_next first
 *
 * Returns 0 or the error that the engine died of.
 */
enum ssh_err kex_recv(struct kex *k, ssh_bytes in, size_t *used);

/**
 * Room for the peer's bytes inside the engine, to read(2) into; then kex_recv_done.
 * Nothing else may be called in between. Returns NULL with *n = 0 if nothing is wanted now.
 */
uint8_t *kex_recv_space(struct kex *k, size_t *n);
/** `n` bytes were put into the room. Returns 0 or the error that the engine died of. */
enum ssh_err kex_recv_done(struct kex *k, size_t n);
/** The peer's stream has ended: SSH_ERR_CONNECTION_LOST, unless the engine is dead already. */
void kex_recv_end(struct kex *k);

/**
 * The next event.
 *
 * Returns false when there is none until bytes come, an answer is given or time passes.
 */
bool kex_next(struct kex *k, struct kex_event *ev);

/** Bytes for the peer. The view lives until the next call on the engine. */
ssh_bytes kex_out(const struct kex *k);
/** `n` of them are on their way. */
void kex_sent(struct kex *k, size_t n);

/** When kex_tick wants to be called next, on the clock of now_ms; UINT64_MAX: never. */
uint64_t kex_deadline(const struct kex *k);
/**
 * Time has come to `now_ms`: time limits are checked, a re-key by time begins, the buffers of an
 * idle connection are given back.
 */
void kex_tick(struct kex *k, uint64_t now_ms);

/**
 * Send a payload of the layers above (services, authentication, connection). While our keys are
 * being exchanged it is held, bounded by KEX_HELD_MAX.
 *
 * Returns 0; SSH_ERR_STATE before the first keys; SSH_ERR_TOO_LONG over KEX_PACKET_MAX / 2; SSH_ERR_QUEUE_FULL
 * and SSH_ERR_NO_MEMORY, of which the engine dies; the error that it died of.
 *
 * Secrets: the payload may be; it is sealed, or held and wiped.
 */
enum ssh_err kex_send(struct kex *k, ssh_bytes payload);

/**
 * Write a payload in place: at most `max` bytes go where the pointer shows, then kex_send_end with
 * their number, before any other call. Only while kex_writable. NULL: not now, or out of memory.
 */
uint8_t *kex_send_begin(struct kex *k, size_t max);
/** Errors as kex_send. */
enum ssh_err kex_send_end(struct kex *k, size_t len);

/** May bulk data be sent now? No while keys are exchanged or much waits to be written. */
bool kex_writable(const struct kex *k);

/**
 * Send any payload now, in any state, past every rule: for research. It is protected by the keys
 * in force and counts as a packet. Returns 0, SSH_ERR_NO_MEMORY, SSH_ERR_RANDOM, SSH_ERR_SEQUENCE, SSH_ERR_TOO_LONG.
 */
enum ssh_err kex_send_raw(struct kex *k, ssh_bytes payload);

/**
 * Tell the peer that the packet `seq` was not understood; at once, whatever the state.
 * RFC 4253 section 11.4. Errors as kex_send.
 */
enum ssh_err kex_send_unimplemented(struct kex *k, uint32_t seq);

/** Begin a new exchange as soon as possible, which with delay-compression is after authentication. Returns 0, SSH_ERR_STATE before the first keys. */
enum ssh_err kex_rekey(struct kex *k);

/** Queue DISCONNECT and close: the engine is dead, with SSH_OK as its error. `text` is UTF-8. */
void kex_disconnect(struct kex *k, uint32_t reason, const char *text);

/** An upper layer found an error: as if the engine had; see struct kex. `e` is not 0. */
void kex_fail(struct kex *k, enum ssh_err e);

/** Answer KEX_ASK_HOST_KEY. false: the engine dies of SSH_ERR_HOST_KEY. Returns 0 or SSH_ERR_STATE. */
enum ssh_err kex_answer_host_key(struct kex *k, bool accept);

/**
 * Answer KEX_ASK_SIGN with a signature blob; empty: the engine dies of SSH_ERR_SIGNATURE.
 * Returns 0, SSH_ERR_STATE, or what the engine died of.
 */
enum ssh_err kex_answer_sign(struct kex *k, ssh_bytes blob);

/**
 * The peer has authenticated: from now on pings are answered and re-keying is not counted, and a
 * client refuses further EXT_INFO.
 */
void kex_set_authenticated(struct kex *k);

/** The session id: H of the first exchange; empty before. Lives as long as the engine. */
ssh_bytes kex_session_id(const struct kex *k);
/** The peer's identification line, without CR LF; empty before. */
ssh_bytes kex_peer_ident(const struct kex *k);
/** The server's host key blob, once it is proven; empty before. */
ssh_bytes kex_host_key(const struct kex *k);
/** The list that had no name in common, after SSH_ERR_NO_COMMON; and KEX_LISTS otherwise. */
enum kex_list kex_failed_list(const struct kex *k);
/**
 * What either side offered in that list: views into the KEXINITs, which live until the next call on
 * the engine; theirs is to be escaped before display. False if no negotiation has failed.
 */
bool kex_failed_offers(const struct kex *k, ssh_bytes *ours, ssh_bytes *theirs);
/** Nothing unread, no event, nothing to be sent, no question open: it waits for the peer. */
bool kex_quiet(const struct kex *k);
/** The state's name as in the rules table: "EXPECT_KEXINIT". Static. */
const char *kex_state_name(enum kex_state state);

/** A row of the rules table: who may receive what, when. */
struct kex_rule {
	uint8_t first, last; /* message numbers */
	uint16_t states;     /* bit 1 << state: welcome there */
	uint8_t receivers;   /* KEX_TO_CLIENT, KEX_TO_SERVER */
	uint8_t kex;         /* 0, or 1 << enum wire_kex of the methods it belongs to */
	bool strict;         /* welcome in a strict first exchange */
	enum ssh_err (*handle)(struct kex *k, const struct kex_frame_packet *p);
};

/** The rules of the transport, for those who print or test them. */
extern const struct kex_rule kex_rules[];
extern const size_t kex_rules_count;

/** What the rules say of a message. */
enum kex_verdict {
	KEX_WELCOME,       /* it is handled */
	KEX_UNIMPLEMENTED, /* no row: answered UNIMPLEMENTED */
	KEX_UNWELCOME      /* the engine dies */
};

/** The verdict on message `number`, in the engine's present state. Changes nothing. */
enum kex_verdict kex_judge(const struct kex *k, uint8_t number, const struct kex_rule **rule);

#endif
