/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_MUX_IMPL_H
#define NACRE_LIBCHAN_MUX_IMPL_H

#include "libchan/mux.h"

/* Between channel.c, mux.c and rules.c. */

/** 0, or what calls return once the mux has ended. */
enum ssh_err chan_mux_alive(const struct chan_mux *m);

/** Is there this question, and has the owner seen it? */
bool chan_mux_asks(const struct chan_mux *m, uint8_t number);

/** Begin an event; there is none yet. Returns it, to be filled. */
struct chan_event *chan_mux_tell(struct chan_mux *m, enum chan_event_type type,
                                 struct chan_channel *ch);

/** Begin a question about a message `number`. Returns its event, to be filled. */
struct chan_event *chan_mux_ask(struct chan_mux *m, enum chan_event_type type,
                                struct chan_channel *ch, uint8_t number);

/** Link a free channel in under a free id. Returns 0, SSH_ERR_AGAIN or SSH_ERR_NO_MEMORY. */
enum ssh_err chan_mux_link(struct chan_mux *m, struct chan_channel *ch, enum chan_state state);

/** The channel is free again, and so is its id. */
void chan_mux_unlink(struct chan_mux *m, struct chan_channel *ch);

/** May this payload come for a channel of ours that is gone? Nothing has to be done about it. */
bool chan_mux_is_late(const struct chan_mux *m, uint32_t id, ssh_bytes payload);

/** Does the peer use this id of its own for a channel? */
bool chan_mux_remote_used(const struct chan_mux *m, uint32_t remote);

/** The channel waits for the sink. */
void chan_mux_block(struct chan_mux *m, struct chan_channel *ch);

/** Send a payload. Returns 0, or what the sink died of, and the mux with it. */
enum ssh_err chan_mux_put(struct chan_mux *m, ssh_bytes payload);

/** Send a message. As chan_mux_put, or SSH_ERR_NO_MEMORY, of which the mux does not die. */
enum ssh_err chan_mux_put_msg(struct chan_mux *m, const struct wire_shape *shape, const void *msg);

/** Send a message whose one field is the recipient: EOF, CLOSE, SUCCESS, FAILURE. */
enum ssh_err chan_mux_put_short(struct chan_mux *m, uint8_t number, uint32_t recipient);

/** Send OPEN_FAILURE. Errors as chan_mux_put_msg. */
enum ssh_err chan_mux_put_refusal(struct chan_mux *m, uint32_t recipient, uint32_t reason,
                                  const char *text);

/** Send the reply to a request on `ch`, or to a global one if that is NULL. */
enum ssh_err chan_mux_put_reply(struct chan_mux *m, const struct chan_channel *ch, bool success);

/** Data was taken or dropped: give it back to the peer, once there is enough of it. */
enum ssh_err chan_channel_credit(struct chan_channel *ch, size_t n);

/** May data be sent, but for windows and sink? */
bool chan_channel_sends(const struct chan_channel *ch);

#endif
