/* SPDX-License-Identifier: MIT */
#include "libkex/agree.h"

/* Alone in this file, so that a program with an array of its own links only what that names. */

/* Hybrids, then curves, then prime fields. Those that cost most come late in their kind. */
#define AGREES                                                                                     \
	&kex_mlkem768x25519_sha256, &kex_sntrup761x25519_sha512,                                   \
	    &kex_sntrup761x25519_sha512_openssh, &kex_mlkem768nistp256_sha256,                     \
	    &kex_mlkem1024nistp384_sha384, &kex_curve25519_sha256, &kex_curve25519_sha256_libssh,  \
	    &kex_ecdh_nistp256, &kex_ecdh_nistp384, &kex_ecdh_nistp521, &kex_curve448_sha512,      \
	    &kex_dh_group16_sha512, &kex_dh_gex_sha256, &kex_dh_group15_sha512,                    \
	    &kex_dh_group17_sha512, &kex_dh_group18_sha512, &kex_dh_group14_sha256

const struct kex_agree *const kex_agrees[] = {AGREES, NULL};

const struct kex_agree *const kex_agrees_legacy[] = {
    AGREES, &kex_insecure_dh_gex_sha1, &kex_insecure_dh_group14_sha1, &kex_insecure_dh_group1_sha1,
    NULL,
};
