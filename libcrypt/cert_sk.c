/* SPDX-License-Identifier: MIT */
#include "libcrypt/cert_impl.h"

/* Certificates of security keys, which only OpenSSH has names for. */

static const struct crypt_sigalg *const sigs_sk_ed25519[] = {&crypt_cert_sig_sk_ed25519, NULL};
static const struct crypt_sigalg *const sigs_sk_ecdsa_nistp256[] = {
    &crypt_cert_sig_sk_ecdsa_nistp256, &crypt_cert_sig_webauthn_ecdsa_nistp256, NULL};

const struct crypt_keyalg crypt_cert_sk_ed25519 = {.name = "sk-ssh-ed25519-cert-v01@openssh.com",
                                                   .kind = "ED25519-SK-CERT",
                                                   .plain = &crypt_key_sk_ed25519,
                                                   .sigs = sigs_sk_ed25519,
                                                   CRYPT_CERT_FUNCTIONS};
const struct crypt_sigalg crypt_cert_sig_sk_ed25519 = {.name =
                                                           "sk-ssh-ed25519-cert-v01@openssh.com",
                                                       .key = &crypt_cert_sk_ed25519,
                                                       .sig_name = "sk-ssh-ed25519@openssh.com",
                                                       .bare = true};

const struct crypt_keyalg crypt_cert_sk_ecdsa_nistp256 = {
    .name = "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    .kind = "ECDSA-SK-CERT",
    .plain = &crypt_key_sk_ecdsa_nistp256,
    .sigs = sigs_sk_ecdsa_nistp256,
    CRYPT_CERT_FUNCTIONS};
const struct crypt_sigalg crypt_cert_sig_sk_ecdsa_nistp256 = {
    .name = "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    .key = &crypt_cert_sk_ecdsa_nistp256,
    .sig_name = "sk-ecdsa-sha2-nistp256@openssh.com",
    .bare = true};
const struct crypt_sigalg crypt_cert_sig_webauthn_ecdsa_nistp256 = {
    .name = "webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    .key = &crypt_cert_sk_ecdsa_nistp256,
    .sig_name = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
    .bare = true};
