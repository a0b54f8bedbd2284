/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tests/interop/probe.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libwire/msg.h"
#include "libwire/names.h"
#include "libwire/reader.h"

/* An identification and a KEXINIT are shorter. */
#define FIRST_BYTES_MAX 20000

static const char *kept(ssh_bytes list)
{
	return peer_text("%.*s", (int)list.len, list.len == 0 ? "" : (const char *)list.ptr);
}

/* The payload of the first packet, or nothing as long as it is not there whole. */
static ssh_bytes first_payload(ssh_bytes in)
{
	const uint8_t *ident = memmem(in.ptr, in.len, "SSH-", 4);
	const uint8_t *end =
	    ident == NULL ? NULL : memchr(ident, '\n', in.len - (size_t)(ident - in.ptr));
	if (end == NULL)
		return wire_bytes(NULL, 0);
	in = wire_bytes_skip(in, (size_t)(end + 1 - in.ptr));
	if (in.len < 5 || in.len < 4 + wire_load_u32(in.ptr))
		return wire_bytes(NULL, 0);
	uint32_t length = wire_load_u32(in.ptr);
	cr_assert(length > 1u + in.ptr[4], "no packet comes first");
	return wire_bytes(in.ptr + 5, length - 1 - in.ptr[4]);
}

static void read_offer(struct probe *out, int fd, const char *who)
{
	static const char ident[] = "SSH-2.0-Probe\r\n";
	uint8_t in[FIRST_BYTES_MAX];
	size_t len = 0;
	ssh_bytes payload;
	struct ssh_kexinit m;
	cr_assert_eq(send(fd, ident, sizeof ident - 1, MSG_NOSIGNAL), (ssize_t)sizeof ident - 1);
	while ((payload = first_payload(wire_bytes(in, len))).len == 0) {
		struct pollfd at = {fd, POLLIN, 0};
		ssize_t n = poll(&at, 1, PROCESS_PATIENCE) > 0
		                ? recv(fd, in + len, sizeof in - len, 0)
		                : -1;
		cr_assert(n > 0, "%s sends no KEXINIT", who);
		len += (size_t)n;
	}
	cr_assert_eq(wire_msg_decode(&ssh_kexinit_shape, payload, &m), SSH_OK, "%s", who);
	const ssh_bytes lists[KEX_LISTS] = {m.kex,    m.hostkey, m.cipher_cs, m.cipher_sc,
	                                    m.mac_cs, m.mac_sc,  m.comp_cs,   m.comp_sc};
	for (enum kex_list l = KEX_LIST_KEX; l < KEX_LISTS; l++)
		out->list[l] = kept(lists[l]);
	close(fd);
}

static struct sockaddr_in address_of(const char *address, unsigned port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	cr_assert_eq(inet_pton(AF_INET, address, &a.sin_addr), 1, "%s", address);
	return a;
}

void probe_server(struct probe *out, const struct peer_server *s)
{
	struct sockaddr_in to = address_of(s->address, (unsigned)atoi(s->port));
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert(connect(fd, (struct sockaddr *)&to, sizeof to) == 0, "%s", strerror(errno));
	read_offer(out, fd, peer_name(s->kind));
}

void probe_client(struct probe *out, enum peer client)
{
	struct sockaddr_in at = address_of("127.0.0.1", 0);
	struct peer_server s = {.address = "127.0.0.1"};
	struct peer_ask ask = {.password = "none", .command = "true"};
	struct process p = {0};
	socklen_t size = sizeof at;
	int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert(bind(listening, (struct sockaddr *)&at, size) == 0 && listen(listening, 1) == 0 &&
	              getsockname(listening, (struct sockaddr *)&at, &size) == 0,
	          "%s", strerror(errno));
	s.port = peer_text("%u", (unsigned)ntohs(at.sin_port));
	words_add(&s.host_keys, peer_key("host", "ed25519"), NULL);
	peer_ask(&p, client, &s, &ask);
	process_start(&p);
	struct pollfd ready = {listening, POLLIN, 0};
	cr_assert(poll(&ready, 1, PROCESS_PATIENCE) > 0, "%s does not call", peer_name(client));
	read_offer(out, accept4(listening, NULL, NULL, SOCK_CLOEXEC), peer_name(client));
	close(listening);
	process_wipe(&p);
}

bool probe_has(const char *list, const char *name)
{
	return wire_names_has(wire_bytes_str(list), wire_bytes_str(name));
}

const char *probe_openssh(const char *query)
{
	struct process p = {0};
	words_add(&p.argv, peer_program("ssh"), "-Q", query, NULL);
	process_start(&p);
	process_wait(&p);
	char *list = (char *)(uintptr_t)peer_text("%s", process_out(&p));
	process_wipe(&p);
	for (char *at = list; (at = strchr(at, '\n')) != NULL;)
		*at = at[1] == '\0' ? '\0' : ',';
	return list;
}
