/* SPDX-License-Identifier: MIT */
#include "libkex/agree.h"

/* Alone in this file, so that a program with an array of its own links only what that names. */
const struct kex_agree *const kex_agrees[] = {
    &kex_mlkem768x25519_sha256,
    &kex_sntrup761x25519_sha512,
    &kex_sntrup761x25519_sha512_openssh,
    &kex_mlkem768nistp256_sha256,
    &kex_mlkem1024nistp384_sha384,
    &kex_curve25519_sha256,
    &kex_curve25519_sha256_libssh,
    &kex_ecdh_nistp256,
    &kex_ecdh_nistp384,
    &kex_ecdh_nistp521,
    &kex_dh_group16_sha512,
    &kex_dh_gex_sha256,
    &kex_dh_group14_sha256,
    NULL,
};

/* Everything: the defaults and, at the end, what is weak. A choice is made of these by name. */
const struct kex_agree *const kex_agrees_legacy[] = {
    &kex_mlkem768x25519_sha256,
    &kex_sntrup761x25519_sha512,
    &kex_sntrup761x25519_sha512_openssh,
    &kex_mlkem768nistp256_sha256,
    &kex_mlkem1024nistp384_sha384,
    &kex_curve25519_sha256,
    &kex_curve25519_sha256_libssh,
    &kex_ecdh_nistp256,
    &kex_ecdh_nistp384,
    &kex_ecdh_nistp521,
    &kex_dh_group16_sha512,
    &kex_dh_gex_sha256,
    &kex_dh_group14_sha256,
    NULL,
};
