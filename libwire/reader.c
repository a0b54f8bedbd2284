/* SPDX-License-Identifier: MIT */
#include "libwire/reader.h"

#include "libwire/buf.h"
#include "libwire/mpint.h"
#include "libwire/names.h"

void wire_reader_init(struct wire_reader *r, ssh_bytes in)
{
	*r = (struct wire_reader){.ptr = in.ptr, .left = in.len};
}

void wire_reader_fail(struct wire_reader *r, enum ssh_err e)
{
	if (r->err == SSH_OK)
		r->err = e;
}

ssh_bytes wire_get_raw(struct wire_reader *r, size_t n)
{
	if (r->err != SSH_OK || n > r->left) {
		wire_reader_fail(r, SSH_ERR_TRUNCATED);
		return wire_bytes(NULL, 0);
	}
	ssh_bytes v = wire_bytes(r->ptr, n);
	if (n != 0)
		r->ptr += n;
	r->left -= n;
	return v;
}

uint8_t wire_get_u8(struct wire_reader *r)
{
	ssh_bytes v = wire_get_raw(r, 1);
	return v.len == 0 ? 0 : v.ptr[0];
}

bool wire_get_bool(struct wire_reader *r)
{
	return wire_get_u8(r) != 0;
}

uint32_t wire_get_u32(struct wire_reader *r)
{
	ssh_bytes v = wire_get_raw(r, 4);
	return v.len == 0 ? 0 : wire_load_u32(v.ptr);
}

uint64_t wire_get_u64(struct wire_reader *r)
{
	ssh_bytes v = wire_get_raw(r, 8);
	return v.len == 0 ? 0 : (uint64_t)wire_load_u32(v.ptr) << 32 | wire_load_u32(v.ptr + 4);
}

ssh_bytes wire_get_string(struct wire_reader *r)
{
	return wire_get_raw(r, wire_get_u32(r));
}

ssh_bytes wire_get_names(struct wire_reader *r)
{
	ssh_bytes list = wire_get_string(r);
	enum ssh_err e = wire_names_check(list);
	wire_reader_fail(r, e);
	return e == SSH_OK ? list : wire_bytes(NULL, 0);
}

ssh_bytes wire_get_rest(struct wire_reader *r)
{
	return wire_get_raw(r, r->err == SSH_OK ? r->left : 0);
}

ssh_bytes wire_get_mpint(struct wire_reader *r)
{
	ssh_bytes magnitude = wire_bytes(NULL, 0);
	ssh_bytes content = wire_get_string(r);
	if (r->err == SSH_OK)
		wire_reader_fail(r, wire_mpint_magnitude(content, &magnitude));
	return magnitude;
}

enum ssh_err wire_reader_end(const struct wire_reader *r)
{
	if (r->err != SSH_OK)
		return r->err;
	return r->left == 0 ? SSH_OK : SSH_ERR_TRAILING;
}
