/* SPDX-License-Identifier: MIT */
#include "tests/libchan/pipe.h"

static enum ssh_err queue(struct pipe_end *p, ssh_bytes payload)
{
	if (p->dead != 0)
		return p->dead;
	p->sent[payload.ptr[0]]++;
	wire_put_string(&p->out, payload);
	return wire_buf_end(&p->out);
}

static uint8_t *begin(void *ctx, size_t max)
{
	struct pipe_end *p = ctx;
	return max <= sizeof p->room ? p->room : NULL;
}

static enum ssh_err end(void *ctx, size_t len)
{
	struct pipe_end *p = ctx;
	if (p->writes > 0 && --p->writes == 0)
		p->full = true;
	return queue(p, wire_bytes(p->room, len));
}

static enum ssh_err send_payload(void *ctx, ssh_bytes payload)
{
	return queue(ctx, payload);
}

static bool writable(void *ctx)
{
	const struct pipe_end *p = ctx;
	return !p->full;
}

struct chan_sink pipe_sink(struct pipe_end *p)
{
	return (struct chan_sink){p, begin, end, send_payload, writable};
}

void pipe_init(struct pipe_end *p, bool server, const struct chan_config *config)
{
	struct chan_config c;
	memset(p, 0, sizeof *p);
	chan_config_init(&c, server, pipe_sink(p));
	if (config != NULL) {
		c = *config;
		c.sink = pipe_sink(p);
	}
	(void)chan_mux_init(&p->m, &c);
}

void pipe_wipe(struct pipe_end *p)
{
	chan_mux_wipe(&p->m);
	wire_buf_wipe(&p->out);
	wire_buf_wipe(&p->in);
}

enum ssh_err pipe_recv(struct pipe_end *p, ssh_bytes payload)
{
	wire_buf_reset(&p->in);
	wire_put_raw(&p->in, payload);
	if (wire_buf_end(&p->in) != 0)
		return wire_buf_end(&p->in);
	return chan_mux_recv(&p->m, wire_buf_view(&p->in));
}

bool pipe_carry(struct pipe_end *from, struct pipe_end *to, enum ssh_err *e)
{
	ssh_bytes out = wire_buf_view(&from->out);
	*e = SSH_OK;
	if (out.len == 0)
		return false;
	size_t n = wire_load_u32(out.ptr);
	*e = pipe_recv(to, wire_bytes(out.ptr + 4, n));
	wire_buf_drop(&from->out, 4 + n);
	if (wire_buf_len(&from->out) == 0)
		wire_buf_wipe(&from->out);
	return true;
}

uint32_t pipe_random(uint64_t *seed, uint32_t below)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (uint32_t)((*seed * 2685821657736338717U) >> 32) % below;
}
