/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <gmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "libkex/moduli.h"
#include "libwire/mpint.h"
#include "tools/file.h"
#include "tools/keygen.h"
#include "tools/keygen_sieve.h"
#include "tools/values.h"

/*
 * Groups for group exchange: candidates from a sieve, and of these the ones that are half of a safe
 * prime. Files are those of moduli(5), either way.
 */

/* Bits of p. Smaller ones are of no use to anybody; larger ones would not be read back. */
#define BITS_MIN      512
#define BITS_MAX      WIRE_MPINT_MAX_BITS
/* GMP does a Baillie-PSW test for the first 24, and Miller-Rabin tests for the rest. */
#define TESTS_DEFAULT 100
#define TESTS_MIN     4
/* Megabytes of sieve. One gives some ten groups of 2048 bits. */
#define MEMORY_MAX    1024
/* How often the terminal and the checkpoint are told how far it is. */
#define REPORT_LINES  50

struct moduli {
	uint64_t bits, memory, tests, generator, lines, start_line;
	const char *start;
	const char *checkpoint;
};

static bool get_option(struct moduli *m, const char *option)
{
	const struct {
		const char *name;
		uint64_t *to;
		uint64_t min, max;
	} numbers[] = {
	    {"bits=", &m->bits, BITS_MIN, BITS_MAX},
	    {"memory=", &m->memory, 1, MEMORY_MAX},
	    {"prime-tests=", &m->tests, TESTS_MIN, 1000},
	    {"generator=", &m->generator, 2, 5},
	    {"lines=", &m->lines, 1, UINT64_MAX},
	    {"start-line=", &m->start_line, 1, UINT64_MAX},
	};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		size_t n = strlen(numbers[i].name);
		if (strncmp(option, numbers[i].name, n) == 0)
			return value_scaled(option + n, "", NULL, numbers[i].to) &&
			       *numbers[i].to >= numbers[i].min && *numbers[i].to <= numbers[i].max;
	}
	if (strncmp(option, "start=", 6) == 0)
		m->start = option + 6;
	else if (strncmp(option, "checkpoint=", 11) == 0)
		m->checkpoint = option + 11;
	else
		return false;
	return true;
}

/* --- A line from a number --- */

static bool put_line(FILE *out, struct kex_modulus *m, const mpz_t n)
{
	char digits[BITS_MAX / 4 + 2], stamp[32];
	struct wire_buf line = {0};
	struct tm tm;
	time_t now = time(NULL);
	strftime(stamp, sizeof stamp, "%Y%m%d%H%M%S", gmtime_r(&now, &tm));
	m->time = wire_bytes_str(stamp);
	m->digits = wire_bytes_str(mpz_get_str(digits, -16, n));
	m->bits = (uint32_t)mpz_sizeinbase(n, 2);
	kex_modulus_put(&line, m);
	bool ok =
	    wire_buf_end(&line) == 0 &&
	    fwrite(wire_buf_view(&line).ptr, 1, wire_buf_len(&line), out) == wire_buf_len(&line);
	wire_buf_wipe(&line);
	return ok;
}

/* --- Generate --- */

/* Where the search begins: half of a number of m->bits bits. */
static bool get_start(const struct moduli *m, mpz_t start)
{
	uint8_t bytes[BITS_MAX / 8];
	struct crypt_rng rng = crypt_rng_system();
	size_t bits = (size_t)m->bits - 1, n = (bits + 7) / 8;
	if (m->start != NULL)
		return mpz_set_str(start, m->start, 16) == 0 && mpz_sizeinbase(start, 2) == bits;
	if (crypt_rng_fill(&rng, bytes, n) != 0)
		return false;
	mpz_import(start, n, 1, 1, 1, 0, bytes);
	mpz_tdiv_r_2exp(start, start, bits);
	mpz_setbit(start, bits - 1);
	return true;
}

static int write_candidates(const struct sieve *s, size_t bits, FILE *out)
{
	struct kex_modulus m = {.type = KEX_MODULI_SOPHIE_GERMAIN, .tests = KEX_MODULI_SIEVE};
	size_t i = 0, written = 0;
	bool ok = true;
	mpz_t q;
	mpz_init(q);
	while (ok && sieve_next(s, &i, q) && mpz_sizeinbase(q, 2) == bits) {
		ok = put_line(out, &m, q);
		written++;
	}
	mpz_clear(q);
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "%zu candidates, to be screened\n", written);
	return ok ? 0 : keygen_fail("candidates", strerror(errno));
}

static int generate(const struct moduli *m, FILE *out)
{
	struct sieve s;
	mpz_t start;
	int status;
	mpz_init(start);
	if (!get_start(m, start))
		status = keygen_fail("start", "no number of the size that was asked for");
	else if (!sieve_init(&s, start, (size_t)m->memory << 20))
		status = keygen_fail("sieve", strerror(ENOMEM));
	else {
		status = write_candidates(&s, (size_t)m->bits - 1, out);
		sieve_wipe(&s);
	}
	mpz_clear(start);
	return status;
}

/* --- Screen --- */

/* The least of 2 and 5 whose powers are all numbers below a safe prime: by quadratic reciprocity. */
static uint32_t generator_of(const mpz_t p)
{
	unsigned long five = mpz_fdiv_ui(p, 5);
	if (mpz_fdiv_ui(p, 8) == 3)
		return 2;
	return five == 2 || five == 3 ? 5 : 0;
}

/* The line's p and q = (p-1)/2: candidates are named by q. */
static bool get_numbers(const struct kex_modulus *m, mpz_t p, mpz_t q)
{
	char digits[KEX_MODULI_LINE_MAX + 1];
	memcpy(digits, m->digits.ptr, m->digits.len);
	digits[m->digits.len] = '\0';
	if (mpz_set_str(p, digits, 16) != 0)
		return false;
	mpz_set(q, p);
	if (m->type == KEX_MODULI_SAFE) {
		mpz_tdiv_q_2exp(q, q, 1);
	} else {
		mpz_mul_2exp(p, p, 1);
		mpz_add_ui(p, p, 1);
	}
	return mpz_odd_p(p) != 0;
}

/* The cheap test first, of either number: nearly all candidates fail it. */
static bool is_safe(const mpz_t p, const mpz_t q, int tests)
{
	return mpz_probab_prime_p(q, 1) != 0 && mpz_probab_prime_p(p, 1) != 0 &&
	       mpz_probab_prime_p(q, tests) != 0 && mpz_probab_prime_p(p, tests) != 0;
}

/* Screen a line. Returns how many groups it gave, or -1 if one could not be written. */
static int screen_line(const struct moduli *o, ssh_bytes line, FILE *out)
{
	struct kex_modulus m;
	mpz_t p, q;
	int found = 0;
	if (kex_modulus_parse(line, &m) != 0 || (m.tests & KEX_MODULI_COMPOSITE) != 0 ||
	    (m.type != KEX_MODULI_SAFE && m.type != KEX_MODULI_SOPHIE_GERMAIN))
		return 0;
	mpz_inits(p, q, NULL);
	if (get_numbers(&m, p, q)) {
		m.generator = m.generator != 0 ? m.generator : generator_of(p);
		bool wanted =
		    m.generator != 0 && (o->generator == 0 || o->generator == m.generator);
		if (wanted && is_safe(p, q, (int)o->tests)) {
			m.type = KEX_MODULI_SAFE;
			m.tests |= KEX_MODULI_MILLER_RABIN;
			m.tries += (uint32_t)o->tests;
			found = put_line(out, &m, p) && fflush(out) == 0 ? 1 : -1;
		}
	}
	mpz_clears(p, q, NULL);
	return found;
}

static uint64_t read_checkpoint(const char *path)
{
	struct wire_buf b = {0};
	uint64_t n = 0;
	if (path != NULL && file_read(path, &b) == 0) {
		wire_put_u8(&b, '\0');
		n = wire_buf_end(&b) == 0 ? strtoull((const char *)wire_buf_view(&b).ptr, NULL, 10)
		                          : 0;
	}
	wire_buf_wipe(&b);
	return n;
}

/* So many lines have been dealt with. */
static void report(const struct moduli *o, uint64_t lines, uint64_t found)
{
	char text[32];
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%llu lines, %llu groups", (unsigned long long)lines,
		        (unsigned long long)found);
	if (o->checkpoint == NULL)
		return;
	snprintf(text, sizeof text, "%llu\n", (unsigned long long)lines);
	(void)keygen_write(o->checkpoint, wire_bytes_str(text), 0666);
}

static int screen(const struct moduli *o, FILE *in, FILE *out)
{
	char line[KEX_MODULI_LINE_MAX + 2];
	uint64_t done = read_checkpoint(o->checkpoint), at = 0, found = 0;
	uint64_t first = o->start_line > done + 1 ? o->start_line : done + 1;
	while (fgets(line, sizeof line, in) != NULL &&
	       (o->lines == 0 || at + 1 < first + o->lines)) {
		if (++at < first)
			continue;
		int n = screen_line(o, wire_bytes(line, strcspn(line, "\r\n")), out);
		if (n < 0)
			return keygen_fail("groups", strerror(errno));
		found += (uint64_t)n;
		if (at % REPORT_LINES == 0 || n > 0)
			report(o, at, found);
	}
	report(o, at, found);
	if (isatty(STDERR_FILENO))
		fputc('\n', stderr);
	return ferror(in) ? keygen_fail("candidates", strerror(errno)) : 0;
}

/* --- Both --- */

static FILE *open_file(const char *path, const char *mode, FILE *standard)
{
	FILE *f = path == NULL || strcmp(path, "-") == 0 ? standard : fopen(path, mode);
	if (f == NULL)
		(void)keygen_fail(path, strerror(errno));
	return f;
}

static int run(const struct moduli *m, const struct keygen_options *o, bool screening)
{
	FILE *in = screening ? open_file(o->file, "r", stdin) : stdin;
	/* Screening takes days, and may be taken up again where it ended. */
	FILE *out = in == NULL ? NULL : open_file(o->files[0], screening ? "a" : "w", stdout);
	int status = KEYGEN_FAILED;
	if (out != NULL)
		status = screening ? screen(m, in, out) : generate(m, out);
	if (out != NULL && out != stdout && fclose(out) != 0 && status == 0)
		status = keygen_fail(o->files[0], strerror(errno));
	if (in != NULL && in != stdin)
		fclose(in);
	return status;
}

int keygen_moduli(const struct keygen_options *o)
{
	struct moduli m = {.bits = KEX_GEX_PREFERRED_BITS, .memory = 1, .tests = TESTS_DEFAULT};
	bool screening = strcmp(o->action, "screen") == 0;
	if (!screening && strcmp(o->action, "generate") != 0)
		return keygen_fail(o->action, "nothing that -M does");
	if (o->count != 1)
		return keygen_fail(o->action, "one file to write is wanted");
	for (size_t i = 0; o->options[i] != NULL; i++)
		if (!get_option(&m, o->options[i]))
			return keygen_fail(o->options[i], "bad -O option of -M");
	return run(&m, o, screening);
}
