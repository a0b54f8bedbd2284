/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_KEYLOG_H
#define NACRE_LIBKEX_KEYLOG_H

#include "libkex/transport.h"

/**
 * Append what Wireshark needs to read an exchange's traffic: lines for its ssh.keylog_file.
 *
 *     <cookie> SHARED_SECRET <K>     for Wireshark 4.2 and later, any agreement that it knows
 *     <cookie> <private value>       the older form, which it alone reads up to 4.0: curve25519,
 *                                    from a client's log
 *
 * both in hexadecimal, the cookie that of the writer's KEXINIT. Every exchange needs lines of its
 * own. Does nothing for traces other than KEX_TRACE_SECRETS, which config.trace_secrets asks for.
 *
 * Errors stick in `out`.
 *
 * Secrets: the lines are; whoever has them reads the session.
 */
void kex_keylog(const struct kex_trace *t, struct wire_buf *out);

#endif
