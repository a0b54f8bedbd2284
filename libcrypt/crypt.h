/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_CRYPT_H
#define NACRE_LIBCRYPT_CRYPT_H

/**
 * libcrypt: the algorithms of SSH, each a `const` struct of facts and functions.
 *
 * There is no registry and nothing to switch on: a choice of algorithms is a NULL-terminated array
 * of pointers, and a program links what its arrays name. The default arrays (`all.c`) hold nothing
 * weak. Primitives come from Nettle, big numbers from GMP.
 *
 * The unit of protection is the packet (`struct crypt_packet`): seal and open work in place.
 *
 *     struct crypt_packet p = {0};
 *     struct crypt_packet_keys keys = {.cipher = &crypt_chacha20_poly1305, .key = key64};
 *     uint8_t packet[64] = {0, 0, 0, 16, 12};           // packet_length, padding_length
 *
 *     memcpy(packet + CRYPT_PACKET_HEAD, "...", 3);     // the payload, then padding
 *     if (crypt_packet_init(&p, &keys, true) != 0)
 *         return 1;
 *     crypt_packet_seal(&p, 7, packet, 20);             // sequence number 7
 *     write(fd, packet, 20 + p.tag);
 *     crypt_packet_wipe(&p);
 */

#include "libcrypt/cert.h"
#include "libcrypt/cipher.h"
#include "libcrypt/fingerprint.h"
#include "libcrypt/compress.h"
#include "libcrypt/hash.h"
#include "libcrypt/kem.h"
#include "libcrypt/key.h"
#include "libcrypt/krl.h"
#include "libcrypt/mac.h"
#include "libcrypt/packet.h"
#include "libcrypt/rng.h"

#endif
