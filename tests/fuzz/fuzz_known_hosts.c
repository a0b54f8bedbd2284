/* SPDX-License-Identifier: MIT */
#include "libauth/known_hosts.h"
#include "tests/fuzz/fuzz.h"

/*
 * A host's name behind its length, then the text of a known_hosts file. A line of the host's that
 * is put in front makes its key known, unless the file revokes it.
 */

static void try_line(ssh_bytes line, ssh_bytes name)
{
	struct auth_known_line l;
	struct wire_buf blob = {0};
	if (auth_known_line_parse(&l, line) != 0)
		return;
	FUZZ_MUST(l.hosts.len > 0 && l.key.type.len > 0);
	(void)auth_known_line_matches(&l, name);
	(void)auth_publine_blob(&l.key, &blob);
	wire_buf_wipe(&blob);
}

static ssh_bytes ours(struct wire_buf *blob)
{
	wire_put_str(blob, "ssh-ed25519");
	wire_put_string(blob, wire_bytes_str("0123456789abcdef0123456789abcdef"));
	return wire_buf_view(blob);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ssh_bytes text = wire_bytes(data, size), rest, line;
	ssh_bytes host = fuzz_short(&text);
	struct wire_buf name = {0}, blob = {0}, whole = {0};
	struct auth_known_result r;
	auth_known_name_put(&name, host, 22);
	for (rest = text; auth_text_line(&rest, &line);)
		try_line(line, wire_buf_view(&name));
	FUZZ_MUST(auth_known_find(text, wire_buf_view(&name), ours(&blob), &r) == 0);
	FUZZ_MUST((r.line == 0) == (r.known == AUTH_KNOWN_NOTHING));
	if (auth_known_put(&whole, wire_buf_view(&name), wire_buf_view(&blob), NULL) == 0) {
		wire_put_raw(&whole, text);
		FUZZ_MUST(auth_known_find(wire_buf_view(&whole), wire_buf_view(&name),
		                          wire_buf_view(&blob), &r) == 0);
		FUZZ_MUST(r.known == AUTH_KNOWN_MATCH || r.known == AUTH_KNOWN_REVOKED);
	}
	wire_buf_wipe(&name);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&whole);
	return 0;
}

static void seed(const char *host, ssh_bytes text)
{
	struct wire_buf b = {0};
	fuzz_put_short(&b, wire_bytes_str(host));
	wire_put_raw(&b, text);
	fuzz_seed_buf(&b);
}

void fuzz_seeds(void)
{
	struct wire_buf file = fuzz_file("openssh/known_hosts");
	ssh_bytes rest = wire_buf_view(&file), line;
	seed("prometheus.example.com", rest);
	while (auth_text_line(&rest, &line))
		seed("sisyphus.example.com", line);
	wire_buf_wipe(&file);
	seed("a.b", wire_bytes_str("@revoked *.b,!?.b ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== x"));
}
