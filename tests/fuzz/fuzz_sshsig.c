/* SPDX-License-Identifier: MIT */
#include "libauth/signers.h"
#include "libauth/sshsig.h"
#include "tests/fuzz/login.h"

/*
 * First byte even: a signature's blob, as it is or in its armour; what parses is written again as the
 * same bytes, and only what was signed verifies. Odd: the text of an allowed_signers file.
 */

static const char space[] = "file";
static uint8_t digest[64];

static struct wire_buf make(void)
{
	struct wire_buf blob = {0};
	struct crypt_drbg drbg;
	struct auth_sshsig s = {.space = wire_bytes_str(space),
	                        .hash = auth_sshsig_hash(wire_bytes_str("sha512"))};
	crypt_drbg_init(&drbg, wire_bytes_str("sshsig"));
	struct crypt_rng rng = crypt_drbg_rng(&drbg);
	FUZZ_MUST(auth_sshsig_sign(&blob, &s, login_key(), digest, &rng) == 0);
	return blob;
}

static void try_blob(ssh_bytes blob)
{
	struct auth_sshsig s;
	struct wire_buf again = {0}, good = make();
	if (auth_sshsig_parse(&s, blob) == 0) {
		FUZZ_MUST(s.space.len > 0 && s.hash != NULL);
		auth_sshsig_put_blob(&again, &s);
		FUZZ_MUST(wire_bytes_equal(wire_buf_view(&again), blob));
		bool same = wire_bytes_equal(blob, wire_buf_view(&good));
		bool ours = wire_bytes_equal(s.key, login_blob());
		enum ssh_err e = auth_sshsig_verify(&s, wire_bytes_str(space), digest);
		FUZZ_MUST(!ours || (e == 0) == same);
	}
	wire_buf_wipe(&again);
	wire_buf_wipe(&good);
}

static void try_signers(ssh_bytes text)
{
	struct auth_signer_query q = {.key = login_blob(),
	                              .principal = wire_bytes_str("alice@example.com"),
	                              .space = wire_bytes_str(space),
	                              .now = 1800000000};
	struct auth_signer s;
	const char *why = NULL;
	ssh_bytes line, rest = text;
	while (auth_text_line(&rest, &line))
		(void)auth_signer_parse(&s, line);
	for (unsigned i = 0; i < 3; i++) {
		rest = text;
		while (auth_signers_find(&rest, &q, &s, &why) == 0)
			FUZZ_MUST(s.principals.len > 0);
		FUZZ_MUST(why != NULL);
		q.principal = i == 0 ? wire_bytes(NULL, 0) : q.principal;
		q.key = i == 1 ? wire_bytes(NULL, 0) : q.key;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ssh_bytes in = wire_bytes(data, size);
	struct wire_buf blob = {0};
	if (fuzz_u8(&in) % 2 != 0) {
		try_signers(in);
		return 0;
	}
	try_blob(in);
	if (auth_sshsig_get(&blob, in) == 0)
		try_blob(wire_buf_view(&blob));
	wire_buf_wipe(&blob);
	return 0;
}

static void seed_line(const char *options)
{
	struct wire_buf b = {0};
	wire_put_u8(&b, 1);
	wire_put_raw(&b, wire_bytes_str("alice@example.com,*@example.org "));
	wire_put_raw(&b, wire_bytes_str(options));
	auth_publine_put(&b, login_blob(), wire_bytes_str("comment"));
	fuzz_seed_buf(&b);
}

void fuzz_seeds(void)
{
	struct wire_buf blob = make(), raw = {0}, armoured = {0};
	wire_put_u8(&raw, 0);
	wire_put_raw(&raw, wire_buf_view(&blob));
	wire_put_u8(&armoured, 0);
	auth_sshsig_put(&armoured, wire_buf_view(&blob));
	wire_buf_wipe(&blob);
	fuzz_seed_buf(&raw);
	fuzz_seed_buf(&armoured);
	seed_line("");
	seed_line("namespaces=\"git,f*\",valid-after=\"20200101\" ");
	seed_line("cert-authority,valid-before=\"203001011200Z\" ");
}
