/* SPDX-License-Identifier: MIT */
#include "libauth/auth.h"
#include "tests/support/vectors.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define B64 "AAAAC3NzaC1lZDI1NTE5AAAAIK9ks7jkua5YWIwByRnnnc6UPJQWI75O0e/UJdPYU1JI"
#define KEY "ssh-ed25519 " B64

static const struct {
	const char *line;
	enum ssh_err err;
	const char *options, *type, *comment;
} lines[] = {
    {KEY, 0, "", "ssh-ed25519", ""},
    {KEY " a comment  with blanks \r", 0, "", "ssh-ed25519", "a comment  with blanks"},
    {"  \t" KEY "\tx", 0, "", "ssh-ed25519", "x"},
    {"no-pty " KEY " x", 0, "no-pty", "ssh-ed25519", "x"},
    {"command=\"echo \\\"a b\\\", c\",no-pty " KEY " x", 0,
     "command=\"echo \\\"a b\\\", c\",no-pty", "ssh-ed25519", "x"},
    {"command=\"ssh-rsa AAAA\" " KEY, 0, "command=\"ssh-rsa AAAA\"", "ssh-ed25519", ""},
    {"environment=\"A=" KEY "\" " KEY, 0, "environment=\"A=" KEY "\"", "ssh-ed25519", ""},
    {"ssh-what AAAACHNzaC13aGF0AAAA", 0, "", "ssh-what", ""},
    {"", SSH_ERR_NOT_FOUND, "", "", ""},
    {" \t ", SSH_ERR_NOT_FOUND, "", "", ""},
    {"# " KEY, SSH_ERR_NOT_FOUND, "", "", ""},
    {"ssh-ed25519", SSH_ERR_FILE_FORMAT, "", "", ""},
    {"ssh-ed25519 ", SSH_ERR_FILE_FORMAT, "", "", ""},
    {"ssh-rsa " B64, SSH_ERR_FILE_FORMAT, "", "", ""},
    {"command=\"open " KEY, SSH_ERR_FILE_FORMAT, "", "", ""},
    {"a b " KEY, SSH_ERR_FILE_FORMAT, "", "", ""},
    {"-----BEGIN OPENSSH PRIVATE KEY-----", SSH_ERR_FILE_FORMAT, "", "", ""},
};

Test(pubfile, lines)
{
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct auth_publine l;
		enum ssh_err e = auth_publine_parse(&l, wire_bytes_str(lines[i].line));

		cr_expect_eq(e, lines[i].err, "%s: %s", lines[i].line, ssh_err_name(e));
		if (e != 0)
			continue;
		cr_expect(wire_bytes_is(l.options, lines[i].options), "%s", lines[i].line);
		cr_expect(wire_bytes_is(l.type, lines[i].type), "%s", lines[i].line);
		cr_expect(wire_bytes_is(l.comment, lines[i].comment), "%s", lines[i].line);
	}
}

static const char *const published[] = {"openssh/ed25519_1",      "openssh/ed25519_2",
                                        "openssh/ecdsa_1",        "openssh/rsa_1",
                                        "openssh/ed25519_1-cert", "openssh/ed25519_sk1"};

/* Lines of every kind of key come out as they went in, and the fingerprints are those published. */
Test(pubfile, published)
{
	for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
		char name[64], print[CRYPT_FINGERPRINT_SIZE];
		struct wire_buf text, want, blob = {0}, again = {0};
		struct auth_publine l;
		ssh_bytes rest, line;

		snprintf(name, sizeof name, "%s.pub", published[i]);
		text = vector_file(name);
		rest = wire_buf_view(&text);
		cr_assert(auth_text_line(&rest, &line));
		cr_assert_eq(auth_publine_parse(&l, line), SSH_OK, "%s", name);
		cr_assert_eq(auth_publine_blob(&l, &blob), SSH_OK, "%s", name);
		auth_publine_put(&again, wire_buf_view(&blob), l.comment);
		wire_buf_cut(&again, wire_buf_len(&again) - 1);
		cr_expect(wire_bytes_equal(wire_buf_view(&again), auth_text_trim(line)), "%s",
		          name);
		if (i < 4) {
			snprintf(name, sizeof name, "%s.fp", published[i]);
			want = vector_file(name);
			crypt_key_fingerprint(wire_buf_view(&blob), print);
			cr_expect(memcmp(print, wire_buf_view(&want).ptr, strlen(print)) == 0, "%s",
			          name);
			wire_buf_wipe(&want);
		}
		wire_buf_wipe(&text);
		wire_buf_wipe(&blob);
		wire_buf_wipe(&again);
	}
}

Test(pubfile, damaged_base64)
{
	static const char *const bad[] = {
	    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI*", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI",
	    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5====", "ssh-ed2551 AAAACnNzaC1lZDI1NTE5"};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct auth_publine l;
		struct wire_buf blob = {0};

		wire_put_u8(&blob, 7);
		cr_assert_eq(auth_publine_parse(&l, wire_bytes_str(bad[i])), SSH_OK, "%s", bad[i]);
		if (i < 3) {
			cr_expect_eq(auth_publine_blob(&l, &blob), SSH_ERR_FILE_DAMAGED, "%s",
			             bad[i]);
			cr_expect_eq(wire_buf_len(&blob), 1, "%s", bad[i]);
		}
		wire_buf_wipe(&blob);
	}
}

/* --- authorized_keys --- */

#define OTHER "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDFP8L9REfN/iYy1KIRtFqSCn3V2+vOCpoZYENFGLdOF"

static const struct {
	const char *text;
	size_t number; /* 0: not found */
	const char *options;
} authorized[] = {
    {KEY "\n", 1, ""},
    {"# comment\n\n" OTHER " b\n" KEY " a", 4, ""},
    {"garbage\nno-pty,command=\"x\" " KEY "\n" KEY "\n", 2, "no-pty,command=\"x\""},
    {OTHER "\n", 0, ""},
    {"", 0, ""},
    {"#" KEY "\n", 0, ""},
    {"cert-authority " KEY "\n", 0, ""},
    {"no-pty,CERT-AUTHORITY,command=\"x\" " KEY "\n" KEY "\n", 2, ""},
    {"command=\"cert-authority\" " KEY "\n", 1, "command=\"cert-authority\""},
    {"command=\",cert-authority,\" " KEY "\n", 1, "command=\",cert-authority,\""},
    {KEY "AAAA\n" KEY "\r\n", 2, ""},
};

Test(pubfile, authorized)
{
	struct auth_publine l;
	struct wire_buf blob = {0};

	cr_assert_eq(auth_publine_parse(&l, wire_bytes_str(KEY)), SSH_OK);
	cr_assert_eq(auth_publine_blob(&l, &blob), SSH_OK);
	for (size_t i = 0; i < sizeof authorized / sizeof authorized[0]; i++) {
		size_t number = 0;
		enum ssh_err e = auth_authorized_find(wire_bytes_str(authorized[i].text),
		                                      wire_buf_view(&blob), &l, &number);

		cr_expect_eq(e, authorized[i].number == 0 ? SSH_ERR_NOT_FOUND : SSH_OK, "%s",
		             authorized[i].text);
		cr_expect_eq(number, authorized[i].number, "%s", authorized[i].text);
		cr_expect(wire_bytes_is(l.options, authorized[i].options), "%s",
		          authorized[i].text);
	}
	wire_buf_wipe(&blob);
}

Test(pubfile, options)
{
	ssh_bytes options = wire_bytes_str(
	    "no-pty,from=\"*.example.com,!bad\",Command=\"say \\\"hi\\\"\",x=,restrict");
	ssh_bytes value;

	cr_expect(auth_option_find(options, "no-pty", &value) && value.len == 0);
	cr_expect(auth_option_find(options, "from", &value) &&
	          wire_bytes_is(value, "*.example.com,!bad"));
	cr_expect(auth_option_find(options, "command", &value) &&
	          wire_bytes_is(value, "say \\\"hi\\\""));
	cr_expect(auth_option_find(options, "x", &value) && value.len == 0);
	cr_expect(auth_option_find(options, "RESTRICT", NULL));
	cr_expect(!auth_option_find(options, "no", NULL));
	cr_expect(!auth_option_find(options, "!bad\"", NULL));
	cr_expect(!auth_option_find(wire_bytes(NULL, 0), "x", NULL));
}
