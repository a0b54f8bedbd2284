/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_VALUES_H
#define NACRE_TOOLS_VALUES_H

#include "libkex/transport.h"

/* The values of -o options, spelled as ssh_config and sshd_config spell them. False: bad value. */

/** "yes" or "no". */
bool value_flag(const char *value, bool *out);

/** Append to a list that ends with NULL and holds at most `max` items. False: it is full. */
bool value_push(const char **list, size_t max, const char *item);

/** A number, or one with a unit: `units` are letters, `factors` what they multiply by. */
bool value_scaled(const char *value, const char *units, const uint64_t *factors, uint64_t *out);

/** Seconds, or a number of minutes, hours, days ("90", "2m", "1h"), as milliseconds. */
bool value_time(const char *value, uint64_t *ms);

/**
 * The options of the transport that are numbers or switches: RekeyLimit, a size ("512K", "1M", "2G",
 * "default") and perhaps a time, or "none"; RekeyPackets, RekeyBlocks; RequiredRSASize;
 * GroupExchangeMin and Max, and at a client GroupExchangePreferred, OldRequest and Test. Cuts `value`.
 *
 *   known   set: is it one of these? If not, the return is false
 */
bool value_transport(struct kex_config *c, const char *key, char *value, bool *known);

#endif
