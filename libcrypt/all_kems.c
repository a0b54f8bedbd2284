/* SPDX-License-Identifier: MIT */
#include "libcrypt/kem.h"

/* Alone in this file, so that who uses one KEM does not link the others. */
const struct crypt_kem *const crypt_kems[] = {
    &crypt_mlkem768,
    &crypt_mlkem1024,
    &crypt_sntrup761,
    NULL,
};
