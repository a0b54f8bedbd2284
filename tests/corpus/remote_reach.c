/* SPDX-License-Identifier: MIT */
#include "tests/corpus/remote.h"

/* Getting a victim that one cannot look into where a case wants it. */

static bool await(struct remote *r, uint8_t number)
{
	while (!r->came[number] && remote_turn(r, REMOTE_PATIENCE_MS))
		continue;
	return r->came[number];
}

static bool await_state(struct remote *r, enum kex_state state)
{
	const struct kex *k = &r->conn.kex;
	while (k->state != state && k->state != KEX_DEAD && remote_turn(r, REMOTE_PATIENCE_MS))
		continue;
	return k->state == state;
}

/* Its identification, and so many packets. */
static bool await_clear(struct remote *r, size_t packets)
{
	ssh_bytes all = wire_buf_view(&r->heard);
	while (all.len == 0 || memchr(all.ptr, '\n', all.len) == NULL ||
	       remote_read_clear(r, SIZE_MAX) < packets) {
		if (!remote_turn(r, REMOTE_PATIENCE_MS))
			return false;
		all = wire_buf_view(&r->heard);
	}
	return true;
}

/* Of what our engine has ready, only so much goes now. */
static void release(struct remote *r, size_t n)
{
	wire_put_raw(&r->out, wire_bytes(kex_out(&r->conn.kex).ptr, n));
	kex_sent(&r->conn.kex, n);
}

static size_t ident_size(ssh_bytes out)
{
	return (size_t)((const uint8_t *)memchr(out.ptr, '\n', out.len) - out.ptr) + 1;
}

static size_t packet_size(ssh_bytes out)
{
	return out.len < 5 ? 0 : 4 + (size_t)wire_load_u32(out.ptr);
}

/* What the engine would say next is the case's to say, in the clear even if it has its keys. */
static void leave_alone(struct remote *r)
{
	(void)kex_set_keys_out(&r->conn.kex, &(struct crypt_packet_keys){0});
	kex_sent(&r->conn.kex, kex_out(&r->conn.kex).len);
	r->alone = true;
	r->hold = false;
}

static bool reach_in_the_clear(struct remote *r, enum stage stage)
{
	struct kex *k = &r->conn.kex;
	r->clear = r->hold = true;
	if (stage >= IDENT)
		release(r, ident_size(kex_out(k)));
	if (stage >= EXCHANGE)
		release(r, packet_size(kex_out(k)));
	if (stage == FRESH)
		return await_clear(r, 0);
	leave_alone(r);
	/* A client has more to say. */
	return await_clear(r, stage == EXCHANGE && !r->server ? 2 : 1);
}

static bool reach_value(struct remote *r)
{
	struct kex *k = &r->conn.kex;
	r->hold = true;
	release(r, kex_out(k).len);
	while (packet_size(kex_out(k)) == 0 && remote_turn(r, REMOTE_PATIENCE_MS))
		continue;
	release(r, packet_size(kex_out(k)));
	if (r->server && (k->state != KEX_EXPECT_REPLY || !await_state(r, KEX_OPEN)))
		return false;
	if (!r->server && !await_state(r, KEX_OPEN))
		return false;
	leave_alone(r);
	return true;
}

/* --- With keys --- */

static bool say(struct remote *r, const char *line)
{
	return corpus_say(&r->conn.kex, line);
}

static bool reach_in_server(struct remote *r, enum stage stage)
{
	r->whole = stage >= AUTH;
	if (stage < AUTH)
		return await_state(r, KEX_OPEN) &&
		       (stage == OPEN ||
		        (say(r, corpus_to_server[0]) && await(r, SSH_MSG_SERVICE_ACCEPT)));
	bool in = await(r, SSH_MSG_USERAUTH_SUCCESS);
	remote_settle(r, r->target->silence_ms);
	r->whole = false;
	if (in && stage == CHANNEL)
		in = say(r, corpus_to_server[2]) && await(r, SSH_MSG_CHANNEL_OPEN_CONFIRMATION);
	return in;
}

static bool reach_in_client(struct remote *r, enum stage stage)
{
	bool in = await_state(r, KEX_OPEN) && await(r, SSH_MSG_SERVICE_REQUEST);
	if (stage >= USERAUTH)
		in = in && say(r, corpus_to_client[0]) && await(r, SSH_MSG_USERAUTH_REQUEST);
	if (stage >= AUTH) {
		in = in && say(r, corpus_to_client[1]);
		kex_set_authenticated(&r->conn.kex);
		remote_settle(r, r->target->silence_ms);
	}
	if (stage == CHANNEL)
		in = in && await(r, SSH_MSG_CHANNEL_OPEN) && say(r, corpus_to_client[2]);
	return in;
}

static bool reach_above(struct remote *r, enum stage stage)
{
	bool in = r->server ? reach_in_server(r, stage) : reach_in_client(r, stage);
	remote_settle(r, stage >= AUTH ? r->target->silence_ms : 0);
	if (stage != REKEYING)
		return in;
	memset(r->came, 0, sizeof r->came);
	in = in && kex_rekey(&r->conn.kex) == 0;
	(void)remote_turn(r, 0);
	r->alone = true;
	/* Of a client its value, too. */
	in = in && await(r, SSH_MSG_KEXINIT) && (r->server || await(r, SSH_MSG_KEXDH_INIT));
	remote_settle(r, 0);
	return in;
}

bool remote_reach(struct remote *r)
{
	enum stage stage = r->script->stage;
	bool in = stage < VALUE    ? reach_in_the_clear(r, stage)
	          : stage == VALUE ? reach_value(r)
	                           : reach_above(r, stage);
	(void)remote_turn(r, 0);
	return in && !r->closed;
}
