/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_TRANSPORT_IMPL_H
#define NACRE_LIBKEX_TRANSPORT_IMPL_H

#include "libkex/transport.h"

/*
 * What the sources of the engine share. Handlers take the packet that the rules let through and
 * return an error for dispatch to die of; they never call each other.
 */

enum ssh_err kex_on_kexinit(struct kex *k, const struct kex_frame_packet *p);
enum ssh_err kex_on_init(struct kex *k, const struct kex_frame_packet *p);
enum ssh_err kex_on_reply(struct kex *k, const struct kex_frame_packet *p);
enum ssh_err kex_on_gex_request(struct kex *k, const struct kex_frame_packet *p);
enum ssh_err kex_on_gex_request_old(struct kex *k, const struct kex_frame_packet *p);
enum ssh_err kex_on_gex_group(struct kex *k, const struct kex_frame_packet *p);
enum ssh_err kex_on_newkeys(struct kex *k, const struct kex_frame_packet *p);
enum ssh_err kex_on_ext_info(struct kex *k, const struct kex_frame_packet *p);
enum ssh_err kex_on_payload(struct kex *k, const struct kex_frame_packet *p);
enum ssh_err kex_on_ping(struct kex *k, const struct kex_frame_packet *p);

enum ssh_err kex_on_pong(struct kex *k, const struct kex_frame_packet *p);
enum ssh_err kex_on_newcompress(struct kex *k, const struct kex_frame_packet *p);

/* A server's second opportunity, right before USERAUTH_SUCCESS. */
enum ssh_err kex_send_late_ext_info(struct kex *k);
/* Tell the peer of our extensions, if it wants to know. */
enum ssh_err kex_send_ext_info(struct kex *k);
/* What a direction offers. */
const struct crypt_compress *const *kex_compresses(const struct kex *k, int dir);
/* The one of that name, or NULL. */
const struct crypt_compress *kex_find_compress(const struct crypt_compress *const *algs,
                                               ssh_bytes name);
/* A direction has new keys: what was negotiated with them begins, or waits for its time. */
enum ssh_err kex_compression_keys(struct kex *k, bool out);
/* USERAUTH_SUCCESS has passed: what was delayed begins. */
enum ssh_err kex_compression_success(struct kex *k);
/* The payload as it goes on the wire, or as it came before; a view into a buf of the engine's. */
enum ssh_err kex_compression_out(struct kex *k, ssh_bytes *payload);
enum ssh_err kex_compression_in(struct kex *k, ssh_bytes *payload);
/* Give back what idle bufs hold, unless a view into them may still be in use. */
void kex_compression_idle(struct kex *k);
/* A client's NEWCOMPRESS was sealed. */
enum ssh_err kex_compression_newcompress(struct kex *k);
/* RFC 8308 section 3.2.1: may we not begin an exchange yet? */
bool kex_compression_bars_rekey(const struct kex *k);
/* Forget all. */
void kex_compression_wipe(struct kex *k);

/* Queue our KEXINIT: an exchange begins on our side. */
enum ssh_err kex_start_exchange(struct kex *k);
/* Client: send what follows the KEXINITs. Both: set the state that the method begins with. */
enum ssh_err kex_start_method(struct kex *k);
/* Seal a payload with the keys in force, whatever the state. */
enum ssh_err kex_put_packet(struct kex *k, ssh_bytes payload);
/* Seal the payload in `b`, whatever became of it, and give the buf back. */
enum ssh_err kex_send_buf(struct kex *k, struct wire_buf *b);
/* The packet that is sent next belongs to the exchange. */
void kex_own_packet(struct kex *k);
/* Send what was held while our keys were exchanged. */
enum ssh_err kex_flush_held(struct kex *k);
/* The engine is dead, of `e`; what it kept for the exchange is wiped. */
void kex_die(struct kex *k, enum ssh_err e);
/* What calls on a dead engine return. */
enum ssh_err kex_cause(const struct kex *k);
/* Begin an exchange if a limit was reached; the engine dies of an error. */
void kex_rekey_if_due(struct kex *k);
/* Show something to the hook; state and engine are filled in. */
void kex_trace(const struct kex *k, struct kex_trace t);
/* Show the hook what the exchange came to, if it may see it. */
void kex_trace_secrets(const struct kex *k, ssh_bytes signature);
/* Protect a direction with the keys of the last exchange. */
enum ssh_err kex_take_keys(struct kex *k, bool out, const struct kex_keys *keys);
/* `b` may be empty now: give its memory back if it was of little use. */
void kex_settle(struct kex *k, struct wire_buf *b, size_t *passed);
/* Make `type` the event that kex_next tells. The caller fills in k->event's other members. */
void kex_tell(struct kex *k, enum kex_event_type type);

#endif
