/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_CHAN_H
#define NACRE_LIBCHAN_CHAN_H

/**
 * libchan: the connection protocol (RFC 4254): channels, requests, windows.
 *
 * The engine, `struct chan_mux`, does no I/O: payloads of the peer's go in, events come out, and
 * payloads for the peer go straight into a sink, which is the transport or anything else that
 * carries messages in order. An event TELLs or ASKs; after an ASK the engine is silent until it is
 * answered. Channels are structs of their owners, linked in while they live. What may come when
 * is a table, `chan_rules`; who may ask for what is another, `chan_types`.
 *
 *     struct chan_config config;
 *     struct chan_mux m;
 *     struct chan_channel ch = {0};
 *     struct chan_event ev;
 *
 *     chan_config_init(&config, false, sink);
 *     if (chan_mux_init(&m, &config) != 0 ||
 *         chan_mux_open(&m, &ch, &(struct chan_open){.type = "session"}) != 0)
 *         return 1;
 *     while (chan_mux_recv(&m, next_payload()) == 0)
 *         while (chan_mux_next(&m, &ev))
 *             if (ev.type == CHAN_EVENT_OPENED)
 *                 chan_request_exec(&ch, wire_bytes_str("uptime"));
 *             else if (ev.type == CHAN_EVENT_DATA && show(ev.data))
 *                 chan_channel_consumed(ev.ch, ev.data.len);
 *     chan_mux_wipe(&m);
 */

#include "libchan/channel.h"
#include "libchan/modes.h"
#include "libchan/mux.h"
#include "libchan/request.h"
#include "libchan/session.h"
#include "libchan/window.h"

#endif
