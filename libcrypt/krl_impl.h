/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_KRL_IMPL_H
#define NACRE_LIBCRYPT_KRL_IMPL_H

#include "libcrypt/krl.h"

/* The numbers of OpenSSH PROTOCOL.krl. */
#define KRL_MAGIC          0x5353484b524c0a00 /* "SSHKRL\n\0" */
#define KRL_FORMAT         1

#define KRL_CERTS          1
#define KRL_KEY            2
#define KRL_SHA1           3
#define KRL_SIGNATURE      4
#define KRL_SHA256         5
#define KRL_EXTENSION      255

#define KRL_LIST           0x20
#define KRL_RANGE          0x21
#define KRL_BITMAP         0x22
#define KRL_ID             0x23
#define KRL_CERT_EXTENSION 0x39

#define KRL_SHA1_SIZE      20
#define KRL_SHA256_SIZE    32

#endif
