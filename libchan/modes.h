/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_MODES_H
#define NACRE_LIBCHAN_MODES_H

#include "libwire/buf.h"

/** The opcodes of terminal modes, with their names. RFC 4254 section 8, RFC 8160. */
#define CHAN_MODES(X)                                                                              \
	X(VINTR, 1)                                                                                \
	X(VQUIT, 2)                                                                                \
	X(VERASE, 3)                                                                               \
	X(VKILL, 4)                                                                                \
	X(VEOF, 5)                                                                                 \
	X(VEOL, 6)                                                                                 \
	X(VEOL2, 7)                                                                                \
	X(VSTART, 8)                                                                               \
	X(VSTOP, 9)                                                                                \
	X(VSUSP, 10)                                                                               \
	X(VDSUSP, 11)                                                                              \
	X(VREPRINT, 12)                                                                            \
	X(VWERASE, 13)                                                                             \
	X(VLNEXT, 14)                                                                              \
	X(VFLUSH, 15)                                                                              \
	X(VSWTCH, 16)                                                                              \
	X(VSTATUS, 17)                                                                             \
	X(VDISCARD, 18)                                                                            \
	X(IGNPAR, 30)                                                                              \
	X(PARMRK, 31)                                                                              \
	X(INPCK, 32)                                                                               \
	X(ISTRIP, 33)                                                                              \
	X(INLCR, 34)                                                                               \
	X(IGNCR, 35)                                                                               \
	X(ICRNL, 36)                                                                               \
	X(IUCLC, 37)                                                                               \
	X(IXON, 38)                                                                                \
	X(IXANY, 39)                                                                               \
	X(IXOFF, 40)                                                                               \
	X(IMAXBEL, 41)                                                                             \
	X(IUTF8, 42)                                                                               \
	X(ISIG, 50)                                                                                \
	X(ICANON, 51)                                                                              \
	X(XCASE, 52)                                                                               \
	X(ECHO, 53)                                                                                \
	X(ECHOE, 54)                                                                               \
	X(ECHOK, 55)                                                                               \
	X(ECHONL, 56)                                                                              \
	X(NOFLSH, 57)                                                                              \
	X(TOSTOP, 58)                                                                              \
	X(IEXTEN, 59)                                                                              \
	X(ECHOCTL, 60)                                                                             \
	X(ECHOKE, 61)                                                                              \
	X(PENDIN, 62)                                                                              \
	X(OPOST, 70)                                                                               \
	X(OLCUC, 71)                                                                               \
	X(ONLCR, 72)                                                                               \
	X(OCRNL, 73)                                                                               \
	X(ONOCR, 74)                                                                               \
	X(ONLRET, 75)                                                                              \
	X(CS7, 90)                                                                                 \
	X(CS8, 91)                                                                                 \
	X(PARENB, 92)                                                                              \
	X(PARODD, 93)                                                                              \
	X(TTY_OP_ISPEED, 128)                                                                      \
	X(TTY_OP_OSPEED, 129)

enum {
#define CHAN_MODE_ENUM_(name, opcode) CHAN_MODE_##name = opcode,
	CHAN_MODES(CHAN_MODE_ENUM_)
#undef CHAN_MODE_ENUM_
};

/** The name of an opcode, "ECHO"; NULL if it has none. Static. */
const char *chan_mode_name(uint8_t opcode);

/** Append one mode. Errors stick in b. */
void chan_mode_put(struct wire_buf *b, uint8_t opcode, uint32_t value);
/** Append the end of the modes. Errors stick in b. */
void chan_modes_end(struct wire_buf *b);

/**
 * Take one mode off the modes of a pty-req.
 *
 *   modes    advanced past it
 *   opcode   set, 1 to 159; known or not
 *   value    set
 *
 * Returns false at the end: opcode 0, an opcode from 160 on, whose arguments nobody knows, or no
 * more bytes. Then modes is what follows; the end was a clean one unless chan_modes_check says no.
 *
 * Secrets: none.   RFC 4254 section 8.
 */
bool chan_mode_next(ssh_bytes *modes, uint8_t *opcode, uint32_t *value);

/** Returns 0, or SSH_ERR_TRUNCATED if an argument is cut short. RFC 4254 section 8. */
enum ssh_err chan_modes_check(ssh_bytes modes);

#endif
