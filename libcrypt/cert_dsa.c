/* SPDX-License-Identifier: MIT */
#include "libcrypt/cert_impl.h"

/* Certificates of DSA keys. Insecure. */

static const struct crypt_sigalg *const sigs_dsa[] = {&crypt_insecure_cert_sig_dsa, NULL};
static const struct crypt_sigalg *const sigs_ietf_dsa[] = {&crypt_insecure_cert_sig_ietf_dsa, NULL};

const struct crypt_keyalg crypt_insecure_cert_dsa = {.name = "ssh-dss-cert-v01@openssh.com",
                                                     .kind = "DSA-CERT",
                                                     .plain = &crypt_insecure_key_dsa,
                                                     .sigs = sigs_dsa,
                                                     CRYPT_CERT_FUNCTIONS};
const struct crypt_sigalg crypt_insecure_cert_sig_dsa = {.name = "ssh-dss-cert-v01@openssh.com",
                                                         .key = &crypt_insecure_cert_dsa,
                                                         .hash = &crypt_sha1,
                                                         .sig_name = "ssh-dss"};

const struct crypt_keyalg crypt_insecure_cert_ietf_dsa = {.name = "ssh-dss-cert",
                                                          .kind = "DSA-CERT",
                                                          .plain = &crypt_insecure_key_dsa,
                                                          .sigs = sigs_ietf_dsa,
                                                          CRYPT_CERT_FUNCTIONS};
const struct crypt_sigalg crypt_insecure_cert_sig_ietf_dsa = {.name = "ssh-dss-cert",
                                                              .key = &crypt_insecure_cert_ietf_dsa,
                                                              .hash = &crypt_sha1,
                                                              .sig_name = "ssh-dss"};
