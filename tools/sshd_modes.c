/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tools/sshd_child.h"

#include "libchan/modes.h"

#include <termios.h>
#include <unistd.h>

/* The character that switches a control character off, on the wire. RFC 4254 section 8. */
#define WIRE_DISABLED 255

struct character {
	uint8_t opcode;
	unsigned index;
};

struct flag {
	uint8_t opcode;
	tcflag_t bits;
	tcflag_t mask; /* what is cleared first */
};

/* clang-format off */
#define CHARACTER(name) {CHAN_MODE_##name, name}
static const struct character characters[] = {
	CHARACTER(VINTR), CHARACTER(VQUIT), CHARACTER(VERASE), CHARACTER(VKILL), CHARACTER(VEOF),
	CHARACTER(VEOL), CHARACTER(VEOL2), CHARACTER(VSTART), CHARACTER(VSTOP), CHARACTER(VSUSP),
	CHARACTER(VREPRINT), CHARACTER(VWERASE), CHARACTER(VLNEXT), CHARACTER(VDISCARD),
};

#define FLAG(name) {CHAN_MODE_##name, name, name}
static const struct flag inputs[] = {
	FLAG(IGNPAR), FLAG(PARMRK), FLAG(INPCK), FLAG(ISTRIP), FLAG(INLCR), FLAG(IGNCR),
	FLAG(ICRNL), FLAG(IXON), FLAG(IXANY), FLAG(IXOFF), FLAG(IMAXBEL),
#ifdef IUCLC
	FLAG(IUCLC),
#endif
#ifdef IUTF8
	FLAG(IUTF8),
#endif
};
static const struct flag locals[] = {
	FLAG(ISIG), FLAG(ICANON), FLAG(ECHO), FLAG(ECHOE), FLAG(ECHOK), FLAG(ECHONL),
	FLAG(NOFLSH), FLAG(TOSTOP), FLAG(IEXTEN), FLAG(ECHOCTL), FLAG(ECHOKE),
#ifdef XCASE
	FLAG(XCASE),
#endif
#ifdef PENDIN
	FLAG(PENDIN),
#endif
};
static const struct flag outputs[] = {
	FLAG(OPOST), FLAG(ONLCR), FLAG(OCRNL), FLAG(ONOCR), FLAG(ONLRET),
#ifdef OLCUC
	FLAG(OLCUC),
#endif
};
static const struct flag controls[] = {
	{CHAN_MODE_CS7, CS7, CSIZE}, {CHAN_MODE_CS8, CS8, CSIZE}, FLAG(PARENB), FLAG(PARODD),
};

/* A speed is no number of bits a second to termios, but a name. */
static const struct { uint32_t bits; speed_t speed; } speeds[] = {
	{50, B50}, {75, B75}, {110, B110}, {134, B134}, {150, B150}, {200, B200}, {300, B300},
	{600, B600}, {1200, B1200}, {1800, B1800}, {2400, B2400}, {4800, B4800}, {9600, B9600},
	{19200, B19200}, {38400, B38400}, {57600, B57600}, {115200, B115200}, {230400, B230400},
};
/* clang-format on */
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void apply_flag(tcflag_t *to, const struct flag *flags, size_t n, const uint32_t mode[2])
{
	for (size_t i = 0; i < n; i++) {
		if (flags[i].opcode != mode[0])
			continue;
		/* Not CS7 does not mean CS5: a size that is not wanted says nothing. */
		if (mode[1] != 0)
			*to = (*to & ~flags[i].mask) | flags[i].bits;
		else if (flags[i].bits == flags[i].mask && flags[i].mask != CSIZE)
			*to &= ~flags[i].mask;
	}
}

static void apply_speed(struct termios *t, const uint32_t mode[2])
{
	for (size_t i = 0; i < COUNT(speeds); i++) {
		if (speeds[i].bits != mode[1])
			continue;
		if (mode[0] == CHAN_MODE_TTY_OP_ISPEED)
			(void)cfsetispeed(t, speeds[i].speed);
		else if (mode[0] == CHAN_MODE_TTY_OP_OSPEED)
			(void)cfsetospeed(t, speeds[i].speed);
	}
}

void sshd_modes_apply(int fd, ssh_bytes modes)
{
	struct termios t;
	uint8_t opcode;
	uint32_t mode[2]; /* opcode, value */
	if (tcgetattr(fd, &t) != 0)
		return;
	while (chan_mode_next(&modes, &opcode, &mode[1])) {
		mode[0] = opcode;
		for (size_t i = 0; i < COUNT(characters); i++)
			if (characters[i].opcode == opcode)
				t.c_cc[characters[i].index] =
				    mode[1] == WIRE_DISABLED ? _POSIX_VDISABLE : (cc_t)mode[1];
		apply_flag(&t.c_iflag, inputs, COUNT(inputs), mode);
		apply_flag(&t.c_lflag, locals, COUNT(locals), mode);
		apply_flag(&t.c_oflag, outputs, COUNT(outputs), mode);
		apply_flag(&t.c_cflag, controls, COUNT(controls), mode);
		apply_speed(&t, mode);
	}
	(void)tcsetattr(fd, TCSANOW, &t);
}
