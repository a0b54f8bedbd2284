/* SPDX-License-Identifier: MIT */
#include "libcrypt/cert_impl.h"

/* Certificates of Ed448 keys, which only the IETF has a name for. */

static const struct crypt_sigalg *const sigs_ietf_ed448[] = {&crypt_cert_sig_ietf_ed448, NULL};

const struct crypt_keyalg crypt_cert_ietf_ed448 = {.name = "ssh-ed448-cert",
                                                   .kind = "ED448-CERT",
                                                   .plain = &crypt_key_ed448,
                                                   .sigs = sigs_ietf_ed448,
                                                   CRYPT_CERT_FUNCTIONS};
const struct crypt_sigalg crypt_cert_sig_ietf_ed448 = {
    .name = "ssh-ed448-cert", .key = &crypt_cert_ietf_ed448, .sig_name = "ssh-ed448"};
