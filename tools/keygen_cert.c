/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libauth/pubfile.h"
#include "tools/keygen.h"
#include "tools/text.h"

/* Certificates: -s. */

/* --- Options --- */

/** An option on its way into a list, which wants them in order. */
struct option {
	const char *name, *value; /* value NULL: no data */
};

/** What -O said so far. */
struct choices {
	struct option critical[KEYGEN_OPTIONS_MAX + 8], extensions[KEYGEN_OPTIONS_MAX + 8];
	size_t criticals, extras;
};

static const char *const permits[] = {"permit-X11-forwarding",  "permit-agent-forwarding",
                                      "permit-port-forwarding", "permit-pty",
                                      "permit-user-rc",         NULL};

static void unset(struct option *list, size_t *n, const char *name)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp(list[i].name, name) == 0)
			list[i--] = list[--*n];
}

static void set(struct option *list, size_t *n, const char *name, const char *value)
{
	unset(list, n, name);
	list[(*n)++] = (struct option){name, value};
}

/* "name" or "name=value"; the argument is cut. */
static void set_custom(struct option *list, size_t *n, char *text)
{
	char *value = strchr(text, '=');
	if (value != NULL)
		*value++ = '\0';
	set(list, n, text, value);
}

static const char *find_permit(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);
	if (strncmp(name, prefix, len) != 0)
		return NULL;
	for (size_t i = 0; permits[i] != NULL; i++)
		if (strcmp(permits[i] + strlen("permit-"), name + len) == 0 ||
		    (strcmp(name + len, "x11-forwarding") == 0 && i == 0))
			return permits[i];
	return NULL;
}

static bool choose(struct choices *c, char *text)
{
	const char *permit;
	if (strcmp(text, "clear") == 0)
		c->criticals = c->extras = 0;
	else if ((permit = find_permit(text, "permit-")) != NULL)
		set(c->extensions, &c->extras, permit, NULL);
	else if ((permit = find_permit(text, "no-")) != NULL)
		unset(c->extensions, &c->extras, permit);
	else if (strcmp(text, "no-touch-required") == 0)
		set(c->extensions, &c->extras, text, NULL);
	else if (strcmp(text, "verify-required") == 0)
		set(c->critical, &c->criticals, text, NULL);
	else if (strncmp(text, "force-command=", 14) == 0 ||
	         strncmp(text, "source-address=", 15) == 0)
		set_custom(c->critical, &c->criticals, text);
	else if (strncmp(text, "critical:", 9) == 0)
		set_custom(c->critical, &c->criticals, text + 9);
	else if (strncmp(text, "extension:", 10) == 0)
		set_custom(c->extensions, &c->extras, text + 10);
	else
		return false;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct option *)a)->name, ((const struct option *)b)->name);
}

static void put_options(struct wire_buf *out, struct option *list, size_t n)
{
	qsort(list, n, sizeof *list, by_name);
	for (size_t i = 0; i < n; i++)
		crypt_cert_put_option(out, list[i].name, list[i].value);
}

/* Users may do all that is usual unless told otherwise; hosts have no options. */
static bool get_options(const struct keygen_options *o, struct wire_buf *critical,
                        struct wire_buf *extensions)
{
	struct choices c = {.criticals = 0};
	struct wire_buf copy = {0};
	bool ok = true;
	for (size_t i = 0; permits[i] != NULL && !o->for_host; i++)
		set(c.extensions, &c.extras, permits[i], NULL);
	/* The copies of all arguments, in one piece that does not move: set_custom cuts them. */
	size_t total = 0, at = 0;
	for (size_t i = 0; o->options[i] != NULL; i++)
		total += strlen(o->options[i]) + 1;
	char *text = (char *)wire_buf_room(&copy, total);
	for (size_t i = 0; text != NULL && ok && o->options[i] != NULL; i++) {
		memcpy(text + at, o->options[i], strlen(o->options[i]) + 1);
		ok = choose(&c, text + at);
		if (!ok)
			(void)keygen_fail(o->options[i], "no such option of a certificate");
		at += strlen(o->options[i]) + 1;
	}
	put_options(critical, c.critical, c.criticals);
	put_options(extensions, c.extensions, c.extras);
	wire_buf_wipe(&copy);
	return ok;
}

/* --- Times --- */

/* "-1d", "+52w", "+1w2d": a time by its distance from now. */
static bool relative(ssh_bytes text, uint64_t now, uint64_t *out)
{
	static const char units[] = "smhdw";
	static const uint64_t factors[] = {1, 60, 3600, 86400, 604800};
	bool back = text.ptr[0] == '-';
	uint64_t sum = 0, n = 0;
	text = wire_bytes_skip(text, 1);
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];
		const char *unit = memchr(units, c | 0x20, sizeof units - 1);
		if (c >= '0' && c <= '9') {
			n = n * 10 + (uint64_t)(c - '0');
		} else if (unit != NULL && i > 0) {
			sum += n * factors[unit - units];
			n = 0;
		} else {
			return false;
		}
		/* Thousands of years are a mistake. */
		if (n > (uint64_t)1 << 40 || sum > (uint64_t)1 << 40)
			return false;
	}
	sum += n;
	if (text.len == 0 || (back && sum > now))
		return false;
	*out = back ? now - sum : now + sum;
	return true;
}

static bool get_time(ssh_bytes text, uint64_t now, uint64_t *out)
{
	if (text.len > 1 && (text.ptr[0] == '+' || text.ptr[0] == '-'))
		return relative(text, now, out);
	return keygen_time(text, out);
}

/* "start:end", or an end alone: then it starts now, a minute ago for clocks that differ. */
static bool get_validity(const char *text, struct crypt_cert *c)
{
	uint64_t now = (uint64_t)time(NULL);
	ssh_bytes from, to;
	c->valid_after = 0;
	c->valid_before = CRYPT_CERT_FOREVER;
	if (text == NULL || strcmp(text, "always:forever") == 0)
		return true;
	const char *colon = strchr(text, ':');
	from = wire_bytes(text, colon == NULL ? 0 : (size_t)(colon - text));
	to = wire_bytes_str(colon == NULL ? text : colon + 1);
	if (colon == NULL)
		c->valid_after = (now - 59) / 60 * 60;
	else if (!wire_bytes_is(from, "always") && !get_time(from, now, &c->valid_after))
		return false;
	if (!wire_bytes_is(to, "forever") && !get_time(to, now, &c->valid_before))
		return false;
	return c->valid_after < c->valid_before;
}

/* --- Issuing --- */

static const struct crypt_keyalg *cert_type(const struct crypt_keyalg *plain)
{
	size_t i = 0;
	while (crypt_cert_keyalgs[i] != NULL && crypt_cert_keyalgs[i]->plain != plain)
		i++;
	return crypt_cert_keyalgs[i];
}

static bool put_names(struct wire_buf *out, const char *names)
{
	for (size_t n; names != NULL && *names != '\0'; names += n + (names[n] == ',')) {
		n = strcspn(names, ",");
		if (n == 0)
			return false;
		wire_put_string(out, wire_bytes(names, n));
	}
	return wire_buf_end(out) == SSH_OK;
}

static bool is_ending(const char *s, const char *end)
{
	size_t len = strlen(s), n = strlen(end);
	return len >= n && strcmp(s + len - n, end) == 0;
}

static void report(const struct keygen_options *o, const char *path, const struct crypt_cert *c)
{
	char after[32], before[32];
	keygen_put_time(c->valid_after, after);
	keygen_put_time(c->valid_before, before);
	fprintf(stderr, "Signed %s key %s: id \"", o->for_host ? "host" : "user", path);
	text_print(stderr, c->id, false);
	fprintf(stderr, "\" serial %llu%s%s valid ", (unsigned long long)c->serial,
	        o->names != NULL ? " for " : "", o->names != NULL ? o->names : "");
	if (c->valid_after == 0 && c->valid_before == CRYPT_CERT_FOREVER)
		fprintf(stderr, "forever\n");
	else
		fprintf(stderr, "from %s to %s\n", c->valid_after == 0 ? "always" : after,
		        c->valid_before == CRYPT_CERT_FOREVER ? "forever" : before);
}

static int certify(const struct keygen_options *o, const char *file, struct crypt_cert *fields,
                   const struct crypt_cert_authority *by)
{
	struct wire_buf blob = {0}, comment = {0}, cert = {0}, line = {0};
	struct crypt_key k = {0};
	char path[KEYGEN_PATH_SIZE];
	int status = KEYGEN_FAILED;
	enum ssh_err e = SSH_OK;
	size_t stem = strlen(file) - (is_ending(file, ".pub") ? 4 : 0);
	snprintf(path, sizeof path, "%.*s-cert.pub", (int)stem, file);
	if (!keygen_read_public(o, file, &blob, &comment))
		return KEYGEN_FAILED;
	if ((e = keygen_parse(&k, wire_buf_view(&blob))) == SSH_OK &&
	    (fields->alg = cert_type(k.alg)) == NULL)
		e = SSH_ERR_UNSUPPORTED;
	if (e == SSH_OK && (e = crypt_cert_issue(&cert, fields, &k, by)) == SSH_OK) {
		auth_publine_put(&line, wire_buf_view(&cert), wire_buf_view(&comment));
		status = keygen_write(path, wire_buf_view(&line), 0644) ? 0 : KEYGEN_FAILED;
	} else {
		(void)keygen_fail(file, e == SSH_ERR_UNSUPPORTED
		                            ? "there are no certificates for such keys"
		                            : ssh_err_text(e));
	}
	if (status == 0 && !o->quiet)
		report(o, path, fields);
	crypt_key_wipe(&k);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&comment);
	wire_buf_wipe(&cert);
	wire_buf_wipe(&line);
	return status;
}

/* -t with -s: which of the authority's signature algorithms. */
static const struct crypt_sigalg *choose_alg(const struct keygen_options *o,
                                             const struct crypt_key *authority)
{
	if (o->type == NULL)
		return authority->alg->sigs[0];
	return crypt_sigalg_find(authority->alg->sigs, wire_bytes_str(o->type));
}

static int certify_all(const struct keygen_options *o, struct crypt_cert *fields,
                       const struct crypt_cert_authority *by)
{
	bool counting = o->serial != NULL && o->serial[0] == '+';
	int status = 0;
	for (size_t i = 0; status == 0 && i < o->count; i++) {
		status = certify(o, o->files[i], fields, by);
		fields->serial += counting;
	}
	return status;
}

static const char *check(const struct keygen_options *o, struct crypt_cert *fields)
{
	char *end = NULL;
	if (o->id == NULL)
		return "a certificate has an id: give one with -I";
	if (o->count == 0)
		return "name the public keys to certify";
	if (!get_validity(o->validity, fields))
		return "the time (-V) is [START:]END, as +52w, -1d:20300101 or always:forever";
	if (o->serial != NULL)
		fields->serial = strtoull(o->serial, &end, 0);
	return end != NULL && *end != '\0' ? "the serial number (-z) is a number" : NULL;
}

int keygen_certify(const struct keygen_options *o)
{
	struct crypt_key authority = {0};
	struct crypt_rng rng = crypt_rng_system();
	struct wire_buf names = {0}, critical = {0}, extensions = {0};
	struct crypt_cert fields = {.role = o->for_host ? CRYPT_CERT_HOST : CRYPT_CERT_USER,
	                            .id = wire_bytes_str(o->id)};
	int status = KEYGEN_FAILED;
	const char *why = check(o, &fields);
	if (why == NULL && !put_names(&names, o->names))
		why = "the names (-n) stand between commas";
	if (why != NULL)
		(void)keygen_fail(o->authority, why);
	else if (get_options(o, &critical, &extensions) &&
	         keygen_load(o, o->authority, &authority, NULL)) {
		struct crypt_cert_authority by = {&authority, choose_alg(o, &authority), &rng};
		fields.principals = wire_buf_view(&names);
		fields.options = wire_buf_view(&critical);
		fields.extensions = wire_buf_view(&extensions);
		status = by.alg == NULL ? keygen_fail(o->type, "this key does not sign so")
		                        : certify_all(o, &fields, &by);
	}
	crypt_key_wipe(&authority);
	wire_buf_wipe(&names);
	wire_buf_wipe(&critical);
	wire_buf_wipe(&extensions);
	return status;
}
