/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/tracer.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* A line is written at once, so that lines of several processes do not mix. */
static void write_line(struct tracer *t, int fd)
{
	ssh_bytes line = wire_buf_view(&t->line);
	/* Nobody is left to be told that telling failed. */
	if (line.len != 0 && write(fd, line.ptr, line.len) < 0)
		line.len = 0;
	wire_buf_reset(&t->line);
}

static void hook(void *ctx, const struct kex_trace *event)
{
	struct tracer *t = ctx;
	if (t->verbose > 0) {
		kex_log_text(&t->text, event, &t->line);
		if (wire_buf_len(&t->line) != 0 && t->log_path == NULL) {
			wire_buf_cut(&t->line, wire_buf_len(&t->line) - 1);
			wire_put_raw(&t->line, wire_bytes_str(t->end_of_line));
		}
		write_line(t, STDERR_FILENO);
	}
	if (t->json_fd >= 0) {
		kex_log_json(&t->json, event, &t->line);
		write_line(t, t->json_fd);
	}
	if (t->keys_fd >= 0) {
		kex_keylog(event, &t->line);
		write_line(t, t->keys_fd);
	}
}

static int open_to_append(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static bool open_log(const char *path, int *stderr_fd)
{
	int fd = open_to_append(path);
	if (fd < 0)
		return false;
	*stderr_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	(void)dup2(fd, STDERR_FILENO);
	close(fd);
	return *stderr_fd >= 0;
}

const char *tracer_open(struct tracer *t, struct kex_config *config, int *stderr_fd)
{
	enum kex_log_level level = t->verbose > 2   ? KEX_LOG_DATA
	                           : t->verbose > 1 ? KEX_LOG_MESSAGES
	                                            : KEX_LOG_TRANSPORT;
	kex_log_init(&t->text, level);
	kex_log_init(&t->json, level == KEX_LOG_DATA ? level : KEX_LOG_MESSAGES);
	t->json.cut = 0;
	t->json_fd = t->keys_fd = -1;
	if (t->keys_path == NULL)
		t->keys_path = getenv("SSHKEYLOGFILE");
	if (t->end_of_line == NULL)
		t->end_of_line = "\n";
	*stderr_fd = STDERR_FILENO;
	if (t->log_path != NULL && !open_log(t->log_path, stderr_fd))
		return t->log_path;
	if (t->json_path != NULL && (t->json_fd = open_to_append(t->json_path)) < 0)
		return t->json_path;
	if (t->keys_path != NULL && (t->keys_fd = open_to_append(t->keys_path)) < 0)
		return t->keys_path;
	config->trace_secrets = t->keys_fd >= 0;
	if (t->verbose > 0 || t->json_fd >= 0 || t->keys_fd >= 0) {
		config->trace = hook;
		config->trace_ctx = t;
	}
	return NULL;
}

void tracer_wipe(struct tracer *t)
{
	wire_buf_wipe(&t->line);
}
