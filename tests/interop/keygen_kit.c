/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdarg.h>

#include "tests/interop/keygen_kit.h"

const char *const key_types[] = {"ed25519",  "ecdsa-256", "ecdsa-384", "ecdsa-521",
                                 "rsa-2048", "dsa",       NULL};

static struct said run(const char *input, const char *program, va_list words)
{
	struct process p = {0};
	struct said said;
	const char *word;
	words_add(&p.argv, strcmp(program, OURS) == 0 ? peer_program(program) : program, NULL);
	while ((word = va_arg(words, const char *)) != NULL)
		words_add(&p.argv, word, NULL);
	/* A question shall find no terminal but our input. */
	words_add(&p.env, "SSH_ASKPASS_REQUIRE=never", NULL);
	process_start(&p);
	process_input(&p, wire_bytes_str(input));
	process_wait(&p);
	said.status = p.status;
	said.out = peer_text("%s", process_out(&p));
	said.err = peer_text("%s", process_err(&p));
	cr_assert_null(strstr(said.err, "Sanitizer"), "%s", said.err);
	cr_assert_null(strstr(said.err, "runtime error"), "%s", said.err);
	process_wipe(&p);
	return said;
}

struct said say(const char *input, const char *program, ...)
{
	va_list words;
	va_start(words, program);
	struct said said = run(input, program, words);
	va_end(words);
	return said;
}

const char *must(const char *program, ...)
{
	va_list words;
	va_start(words, program);
	struct said said = run(NULL, program, words);
	const char *first;
	va_end(words);
	va_start(words, program);
	first = va_arg(words, const char *);
	va_end(words);
	cr_assert_eq(said.status, 0, "%s %s: %d\n%s%s", program, first, said.status, said.out,
	             said.err);
	return said.out;
}

const char *copy_of(const char *path, const char *name)
{
	return peer_write(name, peer_read(path));
}

const char *our_key(const char *name, const char *type, const char *passphrase)
{
	const char *path = peer_path(peer_text("%s_%s", name, type)), *bits = strchr(type, '-');
	const char *kind = peer_text("%.*s", (int)strcspn(type, "-"), type);
	if (bits != NULL)
		must(OURS, "-q", "-t", kind, "-b", bits + 1, "-N", passphrase, "-C", "some words",
		     "-f", path, NULL);
	else
		must(OURS, "-q", "-t", kind, "-N", passphrase, "-C", "some words", "-f", path,
		     NULL);
	return path;
}

const char *blob_of(const char *line)
{
	const char *space = strchr(line, ' ');
	cr_assert_not_null(space, "%s", line);
	return peer_text("%.*s", (int)(space + 1 - line + (long)strcspn(space + 1, " \n")), line);
}
