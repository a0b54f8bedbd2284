/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/login.h"

const struct crypt_key *login_key(void)
{
	static struct crypt_key key;
	struct crypt_drbg drbg;
	if (key.alg == NULL) {
		crypt_drbg_init(&drbg, wire_bytes_str(LOGIN_USER));
		struct crypt_rng rng = crypt_drbg_rng(&drbg);
		FUZZ_MUST(crypt_key_generate(&key, &crypt_key_ed25519, 0, &rng) == 0);
	}
	return &key;
}

ssh_bytes login_blob(void)
{
	static struct wire_buf blob;
	if (wire_buf_len(&blob) == 0)
		crypt_key_put_public(login_key(), &blob);
	return wire_buf_view(&blob);
}

void login_sign(struct wire_buf *out, ssh_bytes data)
{
	struct crypt_drbg drbg;
	crypt_drbg_init(&drbg, data);
	struct crypt_rng rng = crypt_drbg_rng(&drbg);
	FUZZ_MUST(crypt_key_sign(login_key(), &crypt_sig_ed25519, data, &rng, out) == 0);
}

static void put_request(struct wire_buf *out, const char *method, const struct wire_shape *tail,
                        const void *msg)
{
	struct wire_buf rest = {0};
	if (tail != NULL)
		wire_msg_encode(&rest, tail, msg);
	struct ssh_userauth_request m = {wire_bytes_str(LOGIN_USER),
	                                 wire_bytes_str(AUTH_SERVICE_CONNECTION),
	                                 wire_bytes_str(method), wire_buf_view(&rest)};
	wire_msg_encode(out, &ssh_userauth_request_shape, &m);
	wire_buf_wipe(&rest);
}

void login_put_none(struct wire_buf *out)
{
	put_request(out, "none", NULL, NULL);
}

void login_put_password(struct wire_buf *out, const char *password)
{
	struct ssh_auth_password m = {.password = wire_bytes_str(password)};
	put_request(out, "password", &ssh_auth_password_shape, &m);
}

void login_put_key(struct wire_buf *out, bool is_signed)
{
	struct wire_buf data = {0}, sig = {0};
	struct ssh_auth_publickey m = {.has_signature = is_signed,
	                               .algorithm = wire_bytes_str("ssh-ed25519"),
	                               .key = login_blob()};
	struct auth_signed s = {.session_id = wire_bytes_str(LOGIN_SESSION),
	                        .user = wire_bytes_str(LOGIN_USER),
	                        .service = wire_bytes_str(AUTH_SERVICE_CONNECTION),
	                        .algorithm = m.algorithm,
	                        .key = m.key};
	auth_signed_put(&data, &s);
	login_sign(&sig, wire_buf_view(&data));
	m.signature = wire_buf_view(&sig);
	put_request(out, "publickey", &ssh_auth_publickey_shape, &m);
	wire_buf_wipe(&data);
	wire_buf_wipe(&sig);
}

void login_put_host(struct wire_buf *out)
{
	struct wire_buf data = {0}, sig = {0};
	struct ssh_auth_hostbased m = {.algorithm = wire_bytes_str("ssh-ed25519"),
	                               .key = login_blob(),
	                               .host = wire_bytes_str(LOGIN_HOST),
	                               .host_user = wire_bytes_str(LOGIN_USER)};
	struct auth_signed s = {.session_id = wire_bytes_str(LOGIN_SESSION),
	                        .user = wire_bytes_str(LOGIN_USER),
	                        .service = wire_bytes_str(AUTH_SERVICE_CONNECTION),
	                        .algorithm = m.algorithm,
	                        .key = m.key,
	                        .host = m.host,
	                        .host_user = m.host_user};
	auth_signed_put(&data, &s);
	login_sign(&sig, wire_buf_view(&data));
	m.signature = wire_buf_view(&sig);
	put_request(out, "hostbased", &ssh_auth_hostbased_shape, &m);
	wire_buf_wipe(&data);
	wire_buf_wipe(&sig);
}

void login_put_interactive(struct wire_buf *out)
{
	struct ssh_auth_kbdint m = {0};
	put_request(out, "keyboard-interactive", &ssh_auth_kbdint_shape, &m);
}

void login_put_answer(struct wire_buf *out, const char *answer)
{
	wire_put_u8(out, SSH_MSG_USERAUTH_INFO_RESPONSE);
	wire_put_u32(out, 1);
	wire_put_str(out, answer);
}

void login_put_service(struct wire_buf *out, uint8_t number)
{
	wire_put_u8(out, number);
	wire_put_str(out, AUTH_SERVICE_USERAUTH);
}
