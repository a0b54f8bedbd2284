/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_SHAPE_H
#define NACRE_LIBWIRE_SHAPE_H

#include "libwire/buf.h"
#include "libwire/reader.h"

/**
 * The kinds of field that SSH messages are made of, and the C type of the member that holds one.
 */
enum wire_kind {
	WIRE_U8,     /* byte: uint8_t */
	WIRE_BOOL,   /* boolean: bool */
	WIRE_U32,    /* uint32: uint32_t */
	WIRE_U64,    /* uint64: uint64_t */
	WIRE_COOKIE, /* 16 raw bytes: uint8_t[16] */
	WIRE_STRING, /* string of arbitrary bytes: ssh_bytes */
	WIRE_TEXT,   /* string that people read: ssh_bytes; decodes as WIRE_STRING, prints quoted */
	WIRE_NAMES,  /* name-list, its form checked: ssh_bytes */
	WIRE_MPINT,  /* mpint, canonical two's-complement content: ssh_bytes */
	WIRE_REST    /* whatever is left; last field only: ssh_bytes */
};

/** What a reader of logs may see of a field. */
enum wire_care {
	WIRE_OPEN,   /* everything */
	WIRE_BULK,   /* how long it is: data of the user's */
	WIRE_SECRET, /* nothing, not even the length: passwords and their like */
};

/** One field of a message. */
struct wire_field {
	const char *name; /* as printed: a short form of the RFC's field name */
	enum wire_kind kind;
	size_t offset; /* of the member in the message's struct */
	size_t
	    only_if; /* offset + 1 of a bool member without which the field is absent; 0: always there */
	enum wire_care care;
};

struct wire_shape;

/** One row of "if the head's key field reads so, its rest has that shape". */
struct wire_tail {
	const char *key; /* e.g. "pty-req" */
	const struct wire_shape *shape;
};

/**
 * The declaration of a message: the same table decodes, encodes, prints and parses it.
 *
 * A message with variants (a channel request, say) is a head whose last field is a WIRE_REST
 * and a table of tails; the tail's shape is that of the rest. A tail has number 0 and puts no
 * message number; no name of a field of its is one of the head's.
 */
struct wire_shape {
	const char *name; /* "CHANNEL_OPEN"; a tail's is the first of its keys */
	uint8_t number;   /* SSH_MSG_*; 0 for a tail */
	size_t size;      /* of the struct */
	const struct wire_field *fields;
	size_t count;
	size_t key; /* index of the field that chooses the tail, if tails is not NULL */
	const struct wire_tail *tails; /* ends with a NULL key; NULL: no variants */
};

/**
 * Decode a message (number first), or the body of a tail.
 *
 *   payload   borrowed; the views in msg point into it
 *   msg       the shape's struct; zeroed first, filled as far as decoding came
 *
 * Returns 0; SSH_ERR_TRUNCATED, SSH_ERR_TRAILING, SSH_ERR_NAME_LIST or SSH_ERR_MPINT as the
 * fields go; SSH_ERR_MALFORMED if the number is another one.
 *
 * Secrets: none of its own; views of secrets are the caller's to wipe.
 */
enum ssh_err wire_msg_decode(const struct wire_shape *shape, ssh_bytes payload, void *msg);

/**
 * Append the encoding of `msg` (number first; a tail has none) to `b`.
 *
 * Fields are written as they are: name-lists and mpints are not checked, so that a message
 * that no decoder accepts can be made.
 *
 *   msg   the shape's struct; its views are borrowed for the call and must not lie in `b`
 *
 * Errors stick in `b`: SSH_ERR_NO_MEMORY, SSH_ERR_TOO_LONG.
 *
 * Secrets: copied into `b`, which wipes them.
 */
void wire_msg_encode(struct wire_buf *b, const struct wire_shape *shape, const void *msg);

/**
 * The shape of the rest of a decoded head, by its key field. It is static.
 *
 * Returns NULL if the key has no row, or if the head has no variants.
 *
 * Secrets: none.
 */
const struct wire_shape *wire_msg_tail(const struct wire_shape *head, const void *msg);

/** The largest message struct that is printed or parsed; the largest here, KEXINIT's, is 184. */
#define WIRE_SHAPE_MAX_SIZE   512
/** The most fields of a message that is printed or parsed. */
#define WIRE_SHAPE_MAX_FIELDS 32

/**
 * Print a message as one line of text, without newline and without NUL, e.g.
 *
 *   CHANNEL_OPEN type="session" sender=0 window=2097152 maxpacket=32768
 *
 * A head with a known tail prints both: the rest becomes the tail's fields. Strings of all kinds
 * are quoted, with \" and \\ and, for what is not printable US-ASCII, \xNN; numbers are decimal;
 * bools are true or false; a cookie and an mpint's content are hexadecimal. Nothing is hidden:
 * wire_msg_parse gives back the very payload. So one that does not decode, or that would encode
 * to other bytes (with a boolean of 2, say), prints as its number's name and raw=HEX; if the
 * number has no name, as the number and raw=HEX; and an empty payload as raw= alone.
 *
 *   payload   message, number first; must not lie in `out`
 *   shape     its shape, e.g. from wire_msg_find; NULL prints raw
 *
 * Errors stick in `out`: SSH_ERR_NO_MEMORY, SSH_ERR_TOO_LONG.
 *
 * Secrets: prints everything; callers that log passwords have only themselves to blame.
 */
void wire_msg_print(struct wire_buf *out, const struct wire_shape *shape, ssh_bytes payload);

/** How much of a message is shown to readers of a log. All-zero: no secrets, no data, no cut. */
struct wire_show {
	size_t cut;   /* bytes of one field that are shown at most; 0: all */
	bool bulk;    /* WIRE_BULK fields too */
	bool secrets; /* WIRE_SECRET fields too: for tests, and for those who own both ends */
};

/**
 * Print a message for a log: as wire_msg_print, but a secret field is `name=hidden`, bulk data is
 * `name=[LENGTH]`, and what was cut ends in `...[LENGTH]` behind the quote.
 *
 * A payload that cannot be shown by its fields is hexadecimal, cut, or `raw=hidden` if a field of
 * that message is not open, or if the number is one of authentication's whose meaning is not known.
 *
 *   payload   message, number first; must not lie in `out`
 *   shape     its shape; NULL if it is not known
 *
 * Errors stick in `out`: SSH_ERR_NO_MEMORY, SSH_ERR_TOO_LONG.
 *
 * Secrets: only if `how` asks for them.
 */
void wire_msg_show(struct wire_buf *out, const struct wire_shape *shape, ssh_bytes payload,
                   const struct wire_show *how);

/**
 * The same as members of a JSON object, without the braces: `"fields":{"recipient":0,"data":{"len":7}}`
 * or `"raw":"HEX"`.
 *
 * Numbers and booleans are themselves. A text is a string in which each character stands for one
 * byte (U+0000 to U+00FF); a name-list is an array of them; a cookie, an mpint's content and other
 * bytes are hexadecimal. A secret is null, bulk is {"len":N}, what was cut {"len":N,"head":VALUE}.
 *
 * Arguments, errors, secrets: as wire_msg_show.   RFC 8259.
 */
void wire_msg_json(struct wire_buf *out, const struct wire_shape *shape, ssh_bytes payload,
                   const struct wire_show *how);

/**
 * Parse a line as wire_msg_print writes it and append the encoded message to `out`.
 *
 * Fields may come in any order; one left out is zero or empty. `rest="..."` in the place of a
 * tail's fields gives its bytes. `NAME raw=HEX` puts those bytes behind the number, which may
 * also be given in decimal; `raw=HEX` alone puts the bytes.
 *
 *   shapes   the shapes to look the name up in: a NULL-terminated array, e.g. wire_msg_all
 *   line     without a newline; borrowed for the call
 *
 * Returns 0; SSH_ERR_TEXT, with nothing appended, if the line is not of that form, names an
 * unknown message or field, gives a field twice, or gives one that its condition leaves out;
 * SSH_ERR_TOO_LONG if the shape is over WIRE_SHAPE_MAX_SIZE or WIRE_SHAPE_MAX_FIELDS; else the
 * sticky error of `out`, or SSH_ERR_NO_MEMORY.
 *
 * Secrets: the one copy of the values that it makes is wiped.
 */
enum ssh_err wire_msg_parse(struct wire_buf *out, const struct wire_shape *const *shapes,
                            ssh_bytes line);

/**
 * Are two messages of one shape equal, field by field? Views compare by content, and a field
 * that its condition leaves out does not count.
 *
 * Secrets: not constant-time.
 */
bool wire_msg_equal(const struct wire_shape *shape, const void *a, const void *b);

#endif
