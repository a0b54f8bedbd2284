/* SPDX-License-Identifier: MIT */
#include "libcrypt/cert_impl.h"

/* Certificates of RSA keys. The type is one, its signatures have names of their own. */

static const struct crypt_sigalg *const sigs_rsa[] = {&crypt_cert_sig_rsa_sha2_512,
                                                      &crypt_cert_sig_rsa_sha2_256,
                                                      &crypt_insecure_cert_sig_rsa_sha1, NULL};
static const struct crypt_sigalg *const sigs_ietf_rsa[] = {
    &crypt_cert_sig_ietf_rsa_sha2_512, &crypt_cert_sig_ietf_rsa_sha2_256,
    &crypt_insecure_cert_sig_ietf_rsa_sha1, NULL};

const struct crypt_keyalg crypt_cert_rsa = {.name = "ssh-rsa-cert-v01@openssh.com",
                                            .kind = "RSA-CERT",
                                            .plain = &crypt_key_rsa,
                                            .sigs = sigs_rsa,
                                            CRYPT_CERT_FUNCTIONS};
const struct crypt_sigalg crypt_cert_sig_rsa_sha2_512 = {.name =
                                                             "rsa-sha2-512-cert-v01@openssh.com",
                                                         .key = &crypt_cert_rsa,
                                                         .hash = &crypt_sha512,
                                                         .sig_name = "rsa-sha2-512"};
const struct crypt_sigalg crypt_cert_sig_rsa_sha2_256 = {.name =
                                                             "rsa-sha2-256-cert-v01@openssh.com",
                                                         .key = &crypt_cert_rsa,
                                                         .hash = &crypt_sha256,
                                                         .sig_name = "rsa-sha2-256"};
const struct crypt_sigalg crypt_insecure_cert_sig_rsa_sha1 = {.name =
                                                                  "ssh-rsa-cert-v01@openssh.com",
                                                              .key = &crypt_cert_rsa,
                                                              .hash = &crypt_sha1,
                                                              .sig_name = "ssh-rsa"};

const struct crypt_keyalg crypt_cert_ietf_rsa = {.name = "ssh-rsa-cert",
                                                 .kind = "RSA-CERT",
                                                 .plain = &crypt_key_rsa,
                                                 .sigs = sigs_ietf_rsa,
                                                 CRYPT_CERT_FUNCTIONS};
const struct crypt_sigalg crypt_cert_sig_ietf_rsa_sha2_512 = {.name = "rsa-sha2-512-cert",
                                                              .key = &crypt_cert_ietf_rsa,
                                                              .hash = &crypt_sha512,
                                                              .sig_name = "rsa-sha2-512"};
const struct crypt_sigalg crypt_cert_sig_ietf_rsa_sha2_256 = {.name = "rsa-sha2-256-cert",
                                                              .key = &crypt_cert_ietf_rsa,
                                                              .hash = &crypt_sha256,
                                                              .sig_name = "rsa-sha2-256"};
const struct crypt_sigalg crypt_insecure_cert_sig_ietf_rsa_sha1 = {.name = "ssh-rsa-cert",
                                                                   .key = &crypt_cert_ietf_rsa,
                                                                   .hash = &crypt_sha1,
                                                                   .sig_name = "ssh-rsa"};
