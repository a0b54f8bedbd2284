/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <limits.h>
#include <string.h>

#include "libauth/text.h"
#include "tools/sshd_auth.h"
#include "tools/sshd_file.h"

/* keyboard-interactive: the questions of a file, and whether they were answered. */

struct question {
	ssh_bytes text;
	bool echo;
	ssh_bytes answer;
};

static ssh_bytes until_colon(ssh_bytes *line)
{
	const uint8_t *colon = line->len == 0 ? NULL : memchr(line->ptr, ':', line->len);
	size_t n = colon == NULL ? line->len : (size_t)(colon - line->ptr);
	ssh_bytes word = wire_bytes(line->ptr, n);
	*line = wire_bytes_skip(*line, n + 1);
	return word;
}

/* The next question that is put to this user. */
static bool next_question(ssh_bytes *text, const char *user, struct question *q)
{
	ssh_bytes line;
	while (auth_text_line(text, &line)) {
		bool theirs = wire_bytes_is(until_colon(&line), user);
		q->text = until_colon(&line);
		q->answer = line;
		q->echo = q->text.len > 0 && q->text.ptr[0] == '+';
		q->text = wire_bytes_skip(q->text, q->echo ? 1 : 0);
		if (theirs && q->text.len != 0)
			return true;
	}
	return false;
}

static bool read_questions(const struct sshd_options *o, struct wire_buf *file)
{
	char path[PATH_MAX];
	sshd_path(o->questions, strlen(o->questions), path, sizeof path);
	const char *why = sshd_file_read(path, SSHD_PRIVATE, file);
	if (why != NULL)
		sshd_log(o->level, SSHD_ERROR, "File of questions %s: %s", path, why);
	return why == NULL;
}

/* Others are asked what our own user is asked: who exists does not show. */
void sshd_auth_ask(const struct sshd_options *o, struct auth_server *s)
{
	struct auth_prompt prompts[SSH_INFO_MAX];
	size_t start[SSH_INFO_MAX];
	struct auth_challenge c = {.prompts = prompts};
	struct wire_buf file = {0}, texts = {0};
	struct question q;
	(void)read_questions(o, &file);
	ssh_bytes text = wire_buf_view(&file);
	while (c.count < SSH_INFO_MAX && next_question(&text, sshd_user(), &q)) {
		start[c.count] = wire_buf_len(&texts);
		prompts[c.count++].echo = q.echo;
		wire_put_raw(&texts, q.text);
		wire_put_raw(&texts, wire_bytes_str(": "));
	}
	/* The buf has stopped moving. */
	for (size_t i = 0; i < c.count; i++) {
		size_t end = i + 1 < c.count ? start[i + 1] : wire_buf_len(&texts);
		prompts[i].text = wire_bytes(wire_buf_view(&texts).ptr + start[i], end - start[i]);
	}
	if (c.count == 0 || wire_buf_end(&texts) != 0)
		(void)auth_server_answer(s, AUTH_REJECT);
	else
		(void)auth_server_prompt(s, &c);
	wire_buf_wipe(&file);
	wire_buf_wipe(&texts);
}

bool sshd_auth_responses(const struct sshd_options *o, ssh_bytes user,
                         const struct ssh_userauth_info_response *m)
{
	struct wire_buf file = {0};
	struct question q;
	ssh_bytes rest = m->rest, one = {NULL, 0};
	bool right = read_questions(o, &file) && m->count > 0;
	ssh_bytes text = wire_buf_view(&file);
	for (uint32_t i = 0; i < m->count; i++) {
		bool there =
		    ssh_info_response_next(&rest, &one) && next_question(&text, sshd_user(), &q);
		right = there && sshd_auth_same(one, q.answer) && right;
	}
	wire_buf_wipe(&file);
	return right && sshd_auth_user(user);
}
