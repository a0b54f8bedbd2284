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
#ifdef NACRE_LIBCHAN_CHAN_H
static const struct chan_sink sink;
ssh_bytes next_payload(void);
bool show(ssh_bytes bytes);
#endif
