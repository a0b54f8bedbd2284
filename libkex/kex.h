/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_KEX_H
#define NACRE_LIBKEX_KEX_H

/**
 * libkex: the transport layer (RFC 4253): identification, negotiation, key exchange, packets.
 *
 * The engine, `struct kex`, does no I/O: bytes of the peer's go in, events and bytes for the peer
 * come out. An event TELLs or ASKs; after an ASK the engine is silent until it is answered. What may
 * come when is a table, `kex_rules`. Underneath are pure parts, each usable alone: identification
 * lines (ident), negotiation (propose), agreements (agree, gex), the exchange hash and key
 * derivation (exchange), and one direction of the packet stream (frame).
 *
 *     struct kex_config config;
 *     struct kex k;
 *     struct kex_event ev;
 *     size_t used;
 *
 *     kex_config_init(&config, false);
 *     if (kex_init(&k, &config, now_ms) != 0)
 *         return 1;
 *     send_all(fd, kex_out(&k));                  // and kex_sent()
 *     while (kex_recv(&k, bytes_from(fd), &used) == 0)
 *         while (kex_next(&k, &ev))
 *             if (ev.type == KEX_ASK_HOST_KEY)
 *                 kex_answer_host_key(&k, wire_bytes_equal(ev.host_key, expected));
 *     kex_wipe(&k);
 */

#include "libkex/agree.h"
#include "libkex/choose.h"
#include "libkex/exchange.h"
#include "libkex/frame.h"
#include "libkex/gex.h"
#include "libkex/ident.h"
#include "libkex/keylog.h"
#include "libkex/log.h"
#include "libkex/moduli.h"
#include "libkex/persona.h"
#include "libkex/propose.h"
#include "libkex/research.h"
#include "libkex/transport.h"

#endif
