/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_FUZZ_RELAY_H
#define NACRE_TESTS_FUZZ_RELAY_H

#include "tests/fuzz/fuzz.h"

/*
 * Somebody between two ends of a byte stream of SSH packets: takes the stream apart where it is
 * not encrypted, and lets pass, drops, repeats, changes, makes up and reorders as a script says.
 * Knows neither engine.
 */

/** One direction. All-zero is ready. */
struct relay {
	bool ident_passed;
	bool opaque;      /* from here on the stream is encrypted: units are whatever there is */
	bool goes_opaque; /* it will be, behind NEWKEYS */
	struct wire_buf held; /* a unit that was taken out, to be delivered behind the next */
	struct wire_buf out;  /* to be delivered */
};

/** What is done with a unit. */
enum relay_edit {
	RELAY_PASS,
	RELAY_DROP,
	RELAY_TWICE,
	RELAY_FLIP,    /* offset (2 bytes) and a byte to xor with */
	RELAY_REPLACE, /* a payload behind its length of two bytes */
	RELAY_BEFORE,  /* a payload is put before it */
	RELAY_CUT,     /* so many bytes (1) of the payload's end */
	RELAY_LONGER,  /* bytes behind their length of one, at the payload's end */
	RELAY_RAW,     /* bytes behind their length of one, put into the stream before it */
	RELAY_HOLD,    /* deliver behind the next */
	RELAY_EDITS
};

/**
 * Take the next unit off `from`, which the sender's engine shows, and put what becomes of it into
 * r->out.
 *
 *   how      the edit; its arguments are taken off the script
 *
 * Returns the bytes of `from` that were used; 0 if there was no unit.
 */
size_t relay_unit(struct relay *r, ssh_bytes from, enum relay_edit how, ssh_bytes *script);

void relay_wipe(struct relay *r);

#endif
