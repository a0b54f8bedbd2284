/* SPDX-License-Identifier: MIT */
#include "libauth/signers.h"

/* --- Points of time --- */

static bool get_number(ssh_bytes *text, size_t digits, unsigned *out)
{
	*out = 0;
	if (text->len < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (text->ptr[i] < '0' || text->ptr[i] > '9')
			return false;
		*out = *out * 10 + (unsigned)(text->ptr[i] - '0');
	}
	*text = wire_bytes_skip(*text, digits);
	return true;
}

static bool is_leap(unsigned year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970 to a date. False if there is no such date. */
static bool get_days(unsigned year, unsigned month, unsigned day, uint64_t *days)
{
	static const uint8_t length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (year < 1970 || month < 1 || month > 12 || day < 1 ||
	    day > length[month - 1] + (month == 2 && is_leap(year) ? 1u : 0u))
		return false;
	*days = day - 1;
	for (unsigned y = 1970; y < year; y++)
		*days += is_leap(y) ? 366 : 365;
	for (unsigned m = 1; m < month; m++)
		*days += length[m - 1] + (m == 2 && is_leap(year) ? 1u : 0u);
	return true;
}

bool auth_signer_time_parse(struct auth_signer_time *t, ssh_bytes text)
{
	unsigned year, month, day, hour = 0, minute = 0, second = 0;
	uint64_t days;

	t->local = text.len == 0 || (text.ptr[text.len - 1] | 0x20) != 'z';
	text.len -= !t->local;
	if ((text.len != 8 && text.len != 12 && text.len != 14) || !get_number(&text, 4, &year) ||
	    !get_number(&text, 2, &month) || !get_number(&text, 2, &day) ||
	    (text.len != 0 && (!get_number(&text, 2, &hour) || !get_number(&text, 2, &minute))) ||
	    (text.len != 0 && !get_number(&text, 2, &second)))
		return false;
	if (!get_days(year, month, day, &days) || hour > 23 || minute > 59 || second > 59)
		return false;
	t->seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
	return true;
}

/* The same clock as the bound's, at the time of the question. */
static uint64_t clock_of(const struct auth_signer_time *t, const struct auth_signer_query *q)
{
	int64_t zone = t->local ? q->zone : 0;

	if (zone < 0 && q->now < (uint64_t)-zone)
		return 0;
	return zone < 0 ? q->now - (uint64_t)-zone : q->now + (uint64_t)zone;
}

/* --- A line --- */

/* Take the principals off the front; they may stand in quotes. */
static bool get_principals(ssh_bytes *rest, ssh_bytes *principals)
{
	const uint8_t *quote;

	if (rest->len == 0 || rest->ptr[0] != '"') {
		*principals = auth_text_word(rest);
		return true;
	}
	*rest = wire_bytes_skip(*rest, 1);
	quote = rest->len == 0 ? NULL : memchr(rest->ptr, '"', rest->len);
	if (quote == NULL || quote == rest->ptr)
		return false;
	*principals = wire_bytes(rest->ptr, (size_t)(quote - rest->ptr));
	*rest = auth_text_trim(wire_bytes_skip(*rest, principals->len + 1));
	return true;
}

static bool get_time(struct auth_signer_time *t, ssh_bytes value)
{
	return t->seconds == 0 && auth_signer_time_parse(t, value) && t->seconds != 0;
}

static bool get_option(struct auth_signer *s, ssh_bytes option)
{
	ssh_bytes value;

	if (auth_option_find(option, "cert-authority", &value)) {
		bool first = !s->authority;

		s->authority = true;
		return first && value.len == 0;
	}
	if (auth_option_find(option, "namespaces", &value)) {
		bool first = !s->has_spaces;

		s->has_spaces = true;
		s->spaces = value;
		return first && value.len != 0;
	}
	if (auth_option_find(option, "valid-after", &value))
		return get_time(&s->after, value);
	return auth_option_find(option, "valid-before", &value) && get_time(&s->before, value);
}

enum ssh_err auth_signer_parse(struct auth_signer *s, ssh_bytes line)
{
	ssh_bytes rest = auth_text_trim(line), options;

	memset(s, 0, sizeof *s);
	if (rest.len == 0 || rest.ptr[0] == '#')
		return SSH_ERR_NOT_FOUND;
	if (!get_principals(&rest, &s->principals) || auth_publine_parse(&s->key, rest) != 0)
		return SSH_ERR_FILE_FORMAT;
	options = s->key.options;
	while (options.len != 0)
		if (!get_option(s, auth_option_next(&options)))
			return SSH_ERR_FILE_FORMAT;
	/* A span that is empty was meant to be some other. */
	if (s->before.seconds != 0 && s->after.seconds >= s->before.seconds)
		return SSH_ERR_FILE_FORMAT;
	return 0;
}

/* --- Looking for one --- */

static bool name_matches(const struct auth_signer *s, ssh_bytes name)
{
	return auth_text_match(s->principals, name, false);
}

/* Some name of the certificate that the line is for, if it is not asked about one. */
static bool choose_principal(const struct auth_signer *s, const struct auth_signer_query *q,
                             const struct crypt_cert *c, ssh_bytes *principal)
{
	ssh_bytes list = c->principals;

	if (q->principal.len != 0) {
		*principal = q->principal;
		return true;
	}
	while (crypt_cert_next_principal(&list, principal))
		if (name_matches(s, *principal))
			return true;
	return false;
}

static enum ssh_err check_cert(const struct auth_signer *s, const struct auth_signer_query *q,
                               ssh_bytes authority, const char **why)
{
	static const char *const options[] = {"force-command", "verify-required", NULL};
	struct crypt_cert_policy policy = {.role = CRYPT_CERT_USER,
	                                   .now = q->now,
	                                   .authorities = &authority,
	                                   .authorities_count = 1,
	                                   .sigalgs = crypt_sigalgs,
	                                   .options = options};
	struct crypt_cert c;
	enum ssh_err e = crypt_cert_parse(&c, crypt_cert_keyalgs, q->key);

	if (e != 0)
		return e;
	if (!wire_bytes_equal(c.authority, authority))
		return SSH_ERR_NOT_FOUND;
	*why = "certificate does not name a principal that the line is for";
	if (!choose_principal(s, q, &c, &policy.principal))
		return SSH_ERR_CERT;
	return crypt_cert_check(&c, &policy, why);
}

/* Is it this line's key? Does not look at the line's options but cert-authority. */
static enum ssh_err check_key(const struct auth_signer *s, const struct auth_signer_query *q,
                              const char **why)
{
	struct wire_buf own = {0};
	enum ssh_err e;

	if (q->key.len == 0)
		return 0;
	e = auth_publine_blob(&s->key, &own);
	if (e == 0 && s->authority)
		e = check_cert(s, q, wire_buf_view(&own), why);
	else if (e == 0 && !wire_bytes_equal(wire_buf_view(&own), q->key))
		e = SSH_ERR_NOT_FOUND;
	wire_buf_wipe(&own);
	return e;
}

/* Returns NULL if nothing speaks against it. */
static const char *find_fault(const struct auth_signer *s, const struct auth_signer_query *q)
{
	if (q->space.len != 0 && s->has_spaces && !auth_text_match(s->spaces, q->space, false))
		return "key is not for this namespace";
	if (q->key.len == 0)
		return NULL;
	if (s->after.seconds != 0 && clock_of(&s->after, q) < s->after.seconds)
		return "key is not valid yet";
	if (s->before.seconds != 0 && clock_of(&s->before, q) > s->before.seconds)
		return "key is not valid any more";
	return NULL;
}

static enum ssh_err judge(const struct auth_signer *s, const struct auth_signer_query *q,
                          const char **why)
{
	const char *fault;
	enum ssh_err e;

	if (q->principal.len != 0 && !name_matches(s, q->principal))
		return SSH_ERR_NOT_FOUND;
	if ((e = check_key(s, q, why)) != 0 || (fault = find_fault(s, q)) == NULL)
		return e;
	*why = fault;
	return SSH_ERR_NOT_FOUND;
}

enum ssh_err auth_signers_find(ssh_bytes *text, const struct auth_signer_query *q,
                               struct auth_signer *s, const char **why)
{
	ssh_bytes line;

	*why = "";
	while (auth_text_line(text, &line)) {
		enum ssh_err e = auth_signer_parse(s, line);

		if (e == 0 && (e = judge(s, q, why)) == 0)
			return 0;
		if (e == SSH_ERR_NO_MEMORY)
			return e;
	}
	memset(s, 0, sizeof *s);
	return SSH_ERR_NOT_FOUND;
}
