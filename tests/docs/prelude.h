/* SPDX-License-Identifier: MIT */
/* What the examples of the umbrella headers take for granted. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int fd;
static const uint8_t key64[64];
static const uint64_t now_ms = 0;
static ssh_bytes expected;
ssh_bytes bytes_from(int fd);
void send_all(int fd, ssh_bytes bytes);

#ifdef NACRE_LIBAUTH_AUTH_H
/* The essay shows the engine over libkex, which the library itself does not know. */
struct kex;
static struct kex *k;
static ssh_bytes payload;
ssh_bytes kex_session_id(const struct kex *k);
enum ssh_err kex_send(struct kex *k, ssh_bytes payload);
#endif

#ifdef NACRE_LIBCHAN_CHAN_H
static const struct chan_sink sink;
ssh_bytes next_payload(void);
bool show(ssh_bytes bytes);
#endif
