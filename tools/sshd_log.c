/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/sshd_log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "libwire/names.h"

/* A line is written at once, so that lines of several processes do not mix. */
#define LINE_MAX_ 1024

void sshd_log(enum sshd_level chosen, enum sshd_level level, const char *format, ...)
{
	char line[LINE_MAX_];
	va_list args;
	if (level > chosen)
		return;
	va_start(args, format);
	int n = vsnprintf(line, sizeof line - 1, format, args);
	va_end(args);
	size_t len = n < 0 ? 0 : (size_t)n < sizeof line - 2 ? (size_t)n : sizeof line - 2;
	line[len++] = '\n';
	/* Nobody is left to be told that telling failed. */
	if (write(STDERR_FILENO, line, len) < 0)
		return;
}

const char *sshd_shown(ssh_bytes text, char out[SSHD_SHOWN])
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;
	for (size_t i = 0; i < text.len && n + 5 < SSHD_SHOWN; i++) {
		uint8_t c = text.ptr[i];
		if (c >= 0x20 && c < 0x7f && c != '\\') {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	out[n] = '\0';
	return out;
}

bool sshd_match(const char *patterns, const char *text)
{
	static const char between[] = " \t,";
	bool matched = false;
	for (;;) {
		patterns += strspn(patterns, between);
		size_t len = strcspn(patterns, between);
		if (len == 0)
			return matched;
		bool negated = patterns[0] == '!';
		if (wire_glob(wire_bytes(patterns + negated, len - negated), wire_bytes_str(text),
		              false)) {
			if (negated)
				return false;
			matched = true;
		}
		patterns += len;
	}
}
