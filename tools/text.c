/* SPDX-License-Identifier: MIT */
#include "tools/text.h"

void text_print(FILE *f, ssh_bytes text, bool lines)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];
		if ((c >= 0x20 && c < 0x7f) || (lines && (c == '\n' || c == '\t')))
			fputc(c, f);
		else if (!lines || c != '\r')
			fprintf(f, "\\x%02x", c);
	}
}
