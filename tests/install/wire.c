/* SPDX-License-Identifier: MIT */
#include "libwire/wire.h"

/* A string goes into a buf and comes out of a reader. */
int main(void)
{
	struct wire_buf b = {0};
	struct wire_reader r;

	wire_put_str(&b, "session");
	wire_put_u32(&b, 7);
	wire_reader_init(&r, wire_buf_view(&b));
	ssh_bytes name = wire_get_string(&r);
	bool same = wire_bytes_equal(name, wire_bytes_str("session")) && wire_get_u32(&r) == 7;
	bool good = wire_buf_end(&b) == 0 && wire_reader_end(&r) == 0 && same;
	wire_buf_wipe(&b);
	return good ? 0 : 1;
}
