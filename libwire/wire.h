/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_WIRE_H
#define NACRE_LIBWIRE_WIRE_H

/**
 * libwire: the bytes of SSH (RFC 4251 section 5), and every message that is made of them.
 *
 * Views in, views out. An `ssh_bytes` never owns anything. Decoding is done by a
 * `struct wire_reader` over borrowed bytes, encoding by appending to a `struct wire_buf`, the
 * only thing that grows. Both have a sticky error, looked at once, at the end.
 *
 * A message is declared once, as a table of fields (`struct wire_shape`), and that table
 * decodes it, encodes it, prints it as a line of text and parses that line back. Nothing here
 * knows what message is legal when: any bytes can be made, any bytes can be looked at.
 *
 *     struct ssh_channel_open m = {.type = wire_bytes_str("session"), .window = 2097152,
 *                                  .maxpacket = 32768};
 *     struct wire_buf out = {0}, line = {0};
 *
 *     wire_msg_encode(&out, &ssh_channel_open_shape, &m);
 *     wire_msg_print(&line, &ssh_channel_open_shape, wire_buf_view(&out));
 *     if (wire_buf_end(&out) != 0 || wire_buf_end(&line) != 0)
 *         return 1;
 *     fwrite(wire_buf_view(&line).ptr, 1, wire_buf_len(&line), stdout);
 *     wire_buf_wipe(&out);
 *     wire_buf_wipe(&line);
 */

#include "libwire/buf.h"
#include "libwire/bytes.h"
#include "libwire/err.h"
#include "libwire/mpint.h"
#include "libwire/msg.h"
#include "libwire/names.h"
#include "libwire/num.h"
#include "libwire/reader.h"
#include "libwire/shape.h"
#include "libwire/text.h"

#endif
