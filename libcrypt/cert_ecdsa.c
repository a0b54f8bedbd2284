/* SPDX-License-Identifier: MIT */
#include "libcrypt/cert_impl.h"

/* Certificates of ECDSA keys. */

static const struct crypt_sigalg *const sigs_ecdsa_nistp256[] = {&crypt_cert_sig_ecdsa_nistp256,
                                                                 NULL};
static const struct crypt_sigalg *const sigs_ietf_ecdsa_nistp256[] = {
    &crypt_cert_sig_ietf_ecdsa_nistp256, NULL};
static const struct crypt_sigalg *const sigs_ecdsa_nistp384[] = {&crypt_cert_sig_ecdsa_nistp384,
                                                                 NULL};
static const struct crypt_sigalg *const sigs_ietf_ecdsa_nistp384[] = {
    &crypt_cert_sig_ietf_ecdsa_nistp384, NULL};
static const struct crypt_sigalg *const sigs_ecdsa_nistp521[] = {&crypt_cert_sig_ecdsa_nistp521,
                                                                 NULL};
static const struct crypt_sigalg *const sigs_ietf_ecdsa_nistp521[] = {
    &crypt_cert_sig_ietf_ecdsa_nistp521, NULL};

const struct crypt_keyalg crypt_cert_ecdsa_nistp256 = {
    .name = "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    .kind = "ECDSA-CERT",
    .plain = &crypt_key_ecdsa_nistp256,
    .sigs = sigs_ecdsa_nistp256,
    CRYPT_CERT_FUNCTIONS};
const struct crypt_sigalg crypt_cert_sig_ecdsa_nistp256 = {
    .name = "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    .key = &crypt_cert_ecdsa_nistp256,
    .hash = &crypt_sha256,
    .sig_name = "ecdsa-sha2-nistp256"};

const struct crypt_keyalg crypt_cert_ietf_ecdsa_nistp256 = {.name = "ecdsa-sha2-nistp256-cert",
                                                            .kind = "ECDSA-CERT",
                                                            .plain = &crypt_key_ecdsa_nistp256,
                                                            .sigs = sigs_ietf_ecdsa_nistp256,
                                                            CRYPT_CERT_FUNCTIONS};
const struct crypt_sigalg crypt_cert_sig_ietf_ecdsa_nistp256 = {.name = "ecdsa-sha2-nistp256-cert",
                                                                .key =
                                                                    &crypt_cert_ietf_ecdsa_nistp256,
                                                                .hash = &crypt_sha256,
                                                                .sig_name = "ecdsa-sha2-nistp256"};

const struct crypt_keyalg crypt_cert_ecdsa_nistp384 = {
    .name = "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    .kind = "ECDSA-CERT",
    .plain = &crypt_key_ecdsa_nistp384,
    .sigs = sigs_ecdsa_nistp384,
    CRYPT_CERT_FUNCTIONS};
const struct crypt_sigalg crypt_cert_sig_ecdsa_nistp384 = {
    .name = "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    .key = &crypt_cert_ecdsa_nistp384,
    .hash = &crypt_sha384,
    .sig_name = "ecdsa-sha2-nistp384"};

const struct crypt_keyalg crypt_cert_ietf_ecdsa_nistp384 = {.name = "ecdsa-sha2-nistp384-cert",
                                                            .kind = "ECDSA-CERT",
                                                            .plain = &crypt_key_ecdsa_nistp384,
                                                            .sigs = sigs_ietf_ecdsa_nistp384,
                                                            CRYPT_CERT_FUNCTIONS};
const struct crypt_sigalg crypt_cert_sig_ietf_ecdsa_nistp384 = {.name = "ecdsa-sha2-nistp384-cert",
                                                                .key =
                                                                    &crypt_cert_ietf_ecdsa_nistp384,
                                                                .hash = &crypt_sha384,
                                                                .sig_name = "ecdsa-sha2-nistp384"};

const struct crypt_keyalg crypt_cert_ecdsa_nistp521 = {
    .name = "ecdsa-sha2-nistp521-cert-v01@openssh.com",
    .kind = "ECDSA-CERT",
    .plain = &crypt_key_ecdsa_nistp521,
    .sigs = sigs_ecdsa_nistp521,
    CRYPT_CERT_FUNCTIONS};
const struct crypt_sigalg crypt_cert_sig_ecdsa_nistp521 = {
    .name = "ecdsa-sha2-nistp521-cert-v01@openssh.com",
    .key = &crypt_cert_ecdsa_nistp521,
    .hash = &crypt_sha512,
    .sig_name = "ecdsa-sha2-nistp521"};

const struct crypt_keyalg crypt_cert_ietf_ecdsa_nistp521 = {.name = "ecdsa-sha2-nistp521-cert",
                                                            .kind = "ECDSA-CERT",
                                                            .plain = &crypt_key_ecdsa_nistp521,
                                                            .sigs = sigs_ietf_ecdsa_nistp521,
                                                            CRYPT_CERT_FUNCTIONS};
const struct crypt_sigalg crypt_cert_sig_ietf_ecdsa_nistp521 = {.name = "ecdsa-sha2-nistp521-cert",
                                                                .key =
                                                                    &crypt_cert_ietf_ecdsa_nistp521,
                                                                .hash = &crypt_sha512,
                                                                .sig_name = "ecdsa-sha2-nistp521"};
