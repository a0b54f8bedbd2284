/* SPDX-License-Identifier: MIT */
#include "libwire/mpint.h"

enum ssh_err wire_mpint_check(ssh_bytes c)
{
	/* One byte more than the magnitude may need a sign byte. */
	if (c.len > WIRE_MPINT_MAX_BITS / 8 + 1)
		return SSH_ERR_MPINT;
	if (c.len == WIRE_MPINT_MAX_BITS / 8 + 1 && c.ptr[0] != 0)
		return SSH_ERR_MPINT;
	if (c.len == 1 && c.ptr[0] == 0)
		return SSH_ERR_MPINT;
	if (c.len > 1 && c.ptr[0] == 0 && c.ptr[1] < 0x80)
		return SSH_ERR_MPINT;
	if (c.len > 1 && c.ptr[0] == 0xff && c.ptr[1] >= 0x80)
		return SSH_ERR_MPINT;
	return SSH_OK;
}

enum ssh_err wire_mpint_magnitude(ssh_bytes c, ssh_bytes *magnitude)
{
	enum ssh_err e = wire_mpint_check(c);
	if (e != 0)
		return e;
	if (c.len > 0 && c.ptr[0] >= 0x80)
		return SSH_ERR_MPINT;
	*magnitude = c.len > 0 && c.ptr[0] == 0 ? wire_bytes_skip(c, 1) : c;
	return SSH_OK;
}

size_t wire_mpint_bits(ssh_bytes m)
{
	while (m.len > 0 && m.ptr[0] == 0)
		m = wire_bytes_skip(m, 1);
	if (m.len == 0)
		return 0;
	size_t bits = (m.len - 1) * 8;
	for (uint8_t top = m.ptr[0]; top != 0; top = (uint8_t)(top >> 1))
		bits++;
	return bits;
}
