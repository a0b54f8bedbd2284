/* SPDX-License-Identifier: MIT */
#include "libcrypt/cert_impl.h"

/* Certificates of Ed25519 keys. */

static const struct crypt_sigalg *const sigs_ed25519[] = {&crypt_cert_sig_ed25519, NULL};
static const struct crypt_sigalg *const sigs_ietf_ed25519[] = {&crypt_cert_sig_ietf_ed25519, NULL};

const struct crypt_keyalg crypt_cert_ed25519 = {.name = "ssh-ed25519-cert-v01@openssh.com",
                                                .kind = "ED25519-CERT",
                                                .plain = &crypt_key_ed25519,
                                                .sigs = sigs_ed25519,
                                                CRYPT_CERT_FUNCTIONS};
const struct crypt_sigalg crypt_cert_sig_ed25519 = {.name = "ssh-ed25519-cert-v01@openssh.com",
                                                    .key = &crypt_cert_ed25519,
                                                    .sig_name = "ssh-ed25519"};

const struct crypt_keyalg crypt_cert_ietf_ed25519 = {.name = "ssh-ed25519-cert",
                                                     .kind = "ED25519-CERT",
                                                     .plain = &crypt_key_ed25519,
                                                     .sigs = sigs_ietf_ed25519,
                                                     CRYPT_CERT_FUNCTIONS};
const struct crypt_sigalg crypt_cert_sig_ietf_ed25519 = {
    .name = "ssh-ed25519-cert", .key = &crypt_cert_ietf_ed25519, .sig_name = "ssh-ed25519"};
