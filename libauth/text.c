/* SPDX-License-Identifier: MIT */
#include "libauth/text.h"
#include "libwire/names.h"

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

ssh_bytes auth_text_trim(ssh_bytes b)
{
	while (b.len != 0 && blank(b.ptr[0]))
		b = wire_bytes_skip(b, 1);
	while (b.len != 0 && blank(b.ptr[b.len - 1]))
		b.len--;
	return b;
}

bool auth_text_line(ssh_bytes *text, ssh_bytes *line)
{
	const uint8_t *lf;

	if (text->len == 0)
		return false;
	lf = memchr(text->ptr, '\n', text->len);
	line->ptr = text->ptr;
	line->len = lf == NULL ? text->len : (size_t)(lf - text->ptr);
	*text = wire_bytes_skip(*text, line->len + (lf != NULL));
	if (line->len != 0 && line->ptr[line->len - 1] == '\r')
		line->len--;
	return true;
}

ssh_bytes auth_text_word(ssh_bytes *line)
{
	ssh_bytes word = auth_text_trim(*line);
	size_t n = 0;

	while (n < word.len && !blank(word.ptr[n]))
		n++;
	*line = auth_text_trim(wire_bytes_skip(word, n));
	word.len = n;
	return word;
}

bool auth_text_match(ssh_bytes patterns, ssh_bytes name, bool fold)
{
	bool found = false;

	while (patterns.len != 0) {
		const uint8_t *comma = memchr(patterns.ptr, ',', patterns.len);
		ssh_bytes one = {patterns.ptr,
		                 comma == NULL ? patterns.len : (size_t)(comma - patterns.ptr)};
		bool negated = one.len != 0 && one.ptr[0] == '!';

		patterns = wire_bytes_skip(patterns, one.len + 1);
		if (one.len == 0 || !wire_glob(wire_bytes_skip(one, negated), name, fold))
			continue;
		if (negated)
			return false;
		found = true;
	}
	return found;
}
