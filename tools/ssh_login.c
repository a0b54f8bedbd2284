/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libwire/names.h"
#include "tools/ssh_client.h"
#include "tools/text.h"

/* --- Asking --- */

static void run_askpass(const char *program, const char *question, int out)
{
	dup2(out, STDOUT_FILENO);
	execlp(program, program, question, (char *)NULL);
	_exit(127);
}

/* The program that SSH_ASKPASS names asks in place of the terminal. */
static bool askpass(const char *program, const char *question, struct wire_buf *out)
{
	int ends[2], status = -1;
	uint8_t *room;
	ssize_t n = 0;
	if (pipe(ends) != 0)
		return false;
	pid_t pid = fork();
	if (pid == 0)
		run_askpass(program, question, ends[1]);
	close(ends[1]);
	while (pid > 0 && (room = wire_buf_room(out, 256)) != NULL &&
	       ((n = read(ends[0], room, 256)) > 0 || (n < 0 && errno == EINTR)))
		wire_buf_took(out, n > 0 ? (size_t)n : 0);
	close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	ssh_bytes line = wire_buf_view(out);
	while (line.len > 0 && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
		line.len--;
	wire_buf_cut(out, line.len);
	return pid > 0 && status == 0;
}

/* `out` is wiped first. */
static bool ask(const struct ssh_client *c, const char *question, bool echo, struct wire_buf *out)
{
	const char *program = getenv("SSH_ASKPASS");
	const char *require = getenv("SSH_ASKPASS_REQUIRE");
	bool force = require != NULL && strcasecmp(require, "force") == 0;
	wire_buf_wipe(out);
	if (c->o.batch)
		return false;
	return program != NULL && force ? askpass(program, question, out)
	                                : tty_ask(question, echo, out);
}

bool ssh_ask_secret(const struct ssh_client *c, const char *question, struct wire_buf *out)
{
	return ask(c, question, false, out);
}

/* --- Passwords --- */

static bool try_password(struct ssh_client *c)
{
	char question[600];
	struct wire_buf password = {0};
	if (!c->o.password_auth || c->login.passwords >= SSH_PASSWORD_TRIES)
		return false;
	if (c->login.passwords++ > 0)
		ssh_say(c, "Permission denied, please try again.");
	snprintf(question, sizeof question, "%.200s@%.300s's password: ", c->o.user, c->o.host);
	bool ok = ssh_ask_secret(c, question, &password) &&
	          auth_client_password(&c->conn.auth_client, wire_buf_view(&password)) == 0;
	wire_buf_wipe(&password);
	return ok;
}

static void change_password(struct ssh_client *c, ssh_bytes prompt)
{
	struct wire_buf before = {0}, after = {0};
	text_print(stderr, prompt, true);
	fputc('\n', stderr);
	if (ssh_ask_secret(c, "Old password: ", &before) &&
	    ssh_ask_secret(c, "New password: ", &after))
		(void)auth_client_new_password(&c->conn.auth_client, wire_buf_view(&before),
		                               wire_buf_view(&after));
	else
		(void)auth_client_give_up(&c->conn.auth_client);
	wire_buf_wipe(&before);
	wire_buf_wipe(&after);
}

/* --- Prompts --- */

/* The server's words, as the terminal may show them, behind who is asked. */
static void prompt_text(const struct ssh_client *c, ssh_bytes prompt, char *out, size_t size)
{
	size_t n = (size_t)snprintf(out, size, "(%.200s@%.300s) ", c->o.user, c->o.host);
	for (size_t i = 0; i < prompt.len && n + 5 < size; i++) {
		uint8_t b = prompt.ptr[i];
		if (b >= 0x20 && b < 0x7f)
			out[n++] = (char)b;
		else
			n += (size_t)snprintf(out + n, size - n, "\\x%02x", b);
	}
	out[n] = '\0';
}

static void show_instruction(const struct ssh_client *c, ssh_bytes text)
{
	if (text.len == 0 || c->o.quiet)
		return;
	text_print(stderr, text, true);
	if (text.ptr[text.len - 1] != '\n')
		fputc('\n', stderr);
}

static void answer_prompts(struct ssh_client *c, const struct ssh_userauth_info_request *m)
{
	struct wire_buf answers[SSH_INFO_MAX] = {{0}};
	ssh_bytes views[SSH_INFO_MAX], rest = m->rest, prompt;
	char question[1024];
	size_t n = 0;
	bool ok = true, echo;
	show_instruction(c, m->name);
	show_instruction(c, m->instruction);
	while (ok && ssh_info_prompt_next(&rest, &prompt, &echo)) {
		prompt_text(c, prompt, question, sizeof question);
		ok = ask(c, question, echo, &answers[n]);
		views[n] = wire_buf_view(&answers[n]);
		n++;
	}
	if (ok)
		(void)auth_client_answer_prompts(&c->conn.auth_client, views, n);
	else
		c->login.no_answers = true;
	for (size_t i = 0; i < n; i++)
		wire_buf_wipe(&answers[i]);
}

static bool try_interactive(struct ssh_client *c)
{
	struct ssh_login *l = &c->login;
	if (!c->o.interactive_auth || c->o.batch || l->no_answers ||
	    l->interactive >= SSH_PASSWORD_TRIES)
		return false;
	l->interactive++;
	return auth_client_interactive(&c->conn.auth_client, wire_bytes_str(c->o.devices)) == 0;
}

/* --- Policy --- */

static const struct {
	const char *name;
	bool (*attempt)(struct ssh_client *c);
} methods[] = {
    {"hostbased", ssh_login_try_host},
    {"publickey", ssh_login_try_key},
    {"keyboard-interactive", try_interactive},
    {"password", try_password},
};

static bool attempt(struct ssh_client *c, ssh_bytes name)
{
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
		if (wire_bytes_is(name, methods[i].name))
			return methods[i].attempt(c);
	return false;
}

/* What the server lists, in the order that is preferred here. */
static bool attempt_any(struct ssh_client *c)
{
	struct wire_names preferred = wire_names_of(wire_bytes_str(c->o.preferred));
	ssh_bytes name, can = wire_buf_view(&c->login.can_continue);
	while (wire_names_next(&preferred, &name))
		if (wire_names_has(can, name) && attempt(c, name))
			return true;
	return false;
}

static void give_up(struct ssh_client *c)
{
	fprintf(stderr, "%s@%s: Permission denied (", c->o.user, c->o.host);
	text_print(stderr, wire_buf_view(&c->login.can_continue), false);
	fprintf(stderr, ").\n");
	(void)auth_client_give_up(&c->conn.auth_client);
}

/* None first, which tells what the server takes. With each part that succeeds, all begins anew. */
static void choose(struct ssh_client *c, const struct auth_client_event *ev)
{
	struct ssh_login *l = &c->login;
	if (ev->first) {
		(void)auth_client_none(&c->conn.auth_client);
		return;
	}
	wire_buf_reset(&l->can_continue);
	wire_put_raw(&l->can_continue, ev->methods);
	if (ev->partial) {
		ssh_debug(c, "%s has succeeded; more is wanted", auth_method_name(ev->method));
		l->passwords = l->interactive = 0;
	}
	if (!attempt_any(c))
		give_up(c);
}

void ssh_login_event(struct ssh_client *c, const struct auth_client_event *ev)
{
	switch (ev->type) {
	case AUTH_ASK_METHOD:
		choose(c, ev);
		break;
	case AUTH_ASK_SIGN:
		ssh_login_sign(c, ev);
		break;
	case AUTH_ASK_NEW_PASSWORD:
		change_password(c, ev->text);
		break;
	case AUTH_ASK_PROMPTS:
		answer_prompts(c, &ev->prompts);
		/* Without answers another method may do: any request answers. */
		if (c->login.no_answers && !attempt_any(c))
			give_up(c);
		break;
	case AUTH_EVENT_BANNER:
		if (!c->o.quiet)
			text_print(stderr, ev->text, true);
		break;
	case AUTH_EVENT_SUCCESS:
		ssh_debug(c, "authenticated to %s by %s", c->o.host, auth_method_name(ev->method));
		ssh_session_start(c);
		break;
	default:
		break;
	}
}
