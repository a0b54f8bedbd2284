/* SPDX-License-Identifier: MIT */
#include "libauth/queue_impl.h"

ssh_bytes auth_queue_first(const struct wire_buf *q)
{
	ssh_bytes all = wire_buf_view(q);

	if (all.len < 4)
		return wire_bytes(NULL, 0);
	return wire_bytes(all.ptr + 4, wire_load_u32(all.ptr));
}

void auth_queue_drop(struct wire_buf *q)
{
	ssh_bytes first = auth_queue_first(q);

	if (first.len == 0)
		return;
	/* Not only when the memory is given back: a password may stand here. */
	wire_wipe(q->mem + q->start, 4 + first.len);
	wire_buf_drop(q, 4 + first.len);
}
