/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_AUTH_H
#define NACRE_LIBAUTH_AUTH_H

/**
 * libauth: who is there (RFC 4252), and the files that say so.
 *
 * Two engines, one a side, take payloads and give payloads and know nothing of packets: they run
 * over libkex, over a test, over anything that carries messages. They ASK for what only their
 * owner knows - a password, a signature, whether a key is welcome - and wait. What may come when is
 * in their rules tables, which can be printed and tested.
 *
 * The files of OpenSSH are read and written as text in memory: private keys (keyfile), public key
 * lines and authorized_keys (pubfile), known_hosts; signatures of files (sshsig) and who may make them
 * (signers).
 *
 *     struct auth_client c;
 *     struct auth_client_event ev;
 *     struct auth_client_config config = {.user = wire_bytes_str("nemo"),
 *                                         .session_id = kex_session_id(k),
 *                                         .sigalgs = crypt_sigalgs};
 *
 *     auth_client_init(&c, &config);
 *     for (; auth_client_out(&c).len != 0; auth_client_sent(&c))
 *         kex_send(k, auth_client_out(&c));
 *     auth_client_recv(&c, payload);             // of a KEX_EVENT_PAYLOAD
 *     while (auth_client_next(&c, &ev))
 *         if (ev.type == AUTH_ASK_METHOD)
 *             auth_client_password(&c, wire_bytes_str("nautilus"));
 *     auth_client_wipe(&c);
 */

#include "libauth/base64.h"
#include "libauth/bcrypt.h"
#include "libauth/client.h"
#include "libauth/der.h"
#include "libauth/engine.h"
#include "libauth/kdf.h"
#include "libauth/keyfile.h"
#include "libauth/keyform.h"
#include "libauth/hostkeys.h"
#include "libauth/known_hosts.h"
#include "libauth/method.h"
#include "libauth/pem.h"
#include "libauth/pkcs8.h"
#include "libauth/ppk.h"
#include "libauth/pubfile.h"
#include "libauth/revoked.h"
#include "libauth/rfc4716.h"
#include "libauth/server.h"
#include "libauth/signers.h"
#include "libauth/spki.h"
#include "libauth/sshsig.h"
#include "libauth/text.h"

#endif
