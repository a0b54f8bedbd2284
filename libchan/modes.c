/* SPDX-License-Identifier: MIT */
#include "libchan/modes.h"

/** Opcodes from here on are not defined, nor is what follows them; 0 ends the modes. */
#define OPCODE_UNDEFINED 160

const char *chan_mode_name(uint8_t opcode)
{
	switch (opcode) {
#define NAME(name, number)                                                                         \
	case number:                                                                               \
		return #name;
		CHAN_MODES(NAME)
#undef NAME
	default:
		return NULL;
	}
}

void chan_mode_put(struct wire_buf *b, uint8_t opcode, uint32_t value)
{
	wire_put_u8(b, opcode);
	wire_put_u32(b, value);
}

void chan_modes_end(struct wire_buf *b)
{
	wire_put_u8(b, 0);
}

static bool at_mode(ssh_bytes modes)
{
	return modes.len > 0 && modes.ptr[0] != 0 && modes.ptr[0] < OPCODE_UNDEFINED;
}

bool chan_mode_next(ssh_bytes *modes, uint8_t *opcode, uint32_t *value)
{
	if (!at_mode(*modes) || modes->len < 5)
		return false;
	*opcode = modes->ptr[0];
	*value = wire_load_u32(modes->ptr + 1);
	*modes = wire_bytes_skip(*modes, 5);
	return true;
}

enum ssh_err chan_modes_check(ssh_bytes modes)
{
	uint8_t opcode;
	uint32_t value;
	while (chan_mode_next(&modes, &opcode, &value))
		continue;
	return at_mode(modes) ? SSH_ERR_TRUNCATED : SSH_OK;
}
