/* SPDX-License-Identifier: MIT */
#include <nettle/base64.h>
#include <nettle/ecdsa.h>
#include <nettle/eddsa.h>

#include "libcrypt/key_impl.h"

/*
 * Security keys (OpenSSH PROTOCOL.u2f). Each type stands on a plain one, its base, which keeps the
 * public numbers at the beginning of the state and verifies.
 */

/* Room for the numbers of a base type. */
#define BASE_SIZE 64

struct sk {
	uint64_t base_state[BASE_SIZE / 8];
	const struct crypt_keyalg *base;
	struct wire_buf application;
	struct wire_buf handle; /* of the private half, as the two below */
	struct wire_buf reserved;
	uint8_t flags;
};

_Static_assert(sizeof(struct sk) <= CRYPT_KEY_STATE_SIZE, "the state holds the key");
_Static_assert(2 * ED25519_KEY_SIZE <= BASE_SIZE, "Ed25519 fits");
_Static_assert(sizeof(struct ecc_point) + sizeof(struct ecc_scalar) <= BASE_SIZE, "ECDSA fits");

static struct sk *state(struct crypt_key *k)
{
	return (struct sk *)k->state;
}

static const struct sk *view(const struct crypt_key *k)
{
	return (const struct sk *)k->state;
}

static void wipe(struct crypt_key *k)
{
	struct sk *s = state(k);
	wire_buf_wipe(&s->application);
	wire_buf_wipe(&s->handle);
	wire_buf_wipe(&s->reserved);
	s->base->wipe(k);
}

static enum ssh_err get_text(struct wire_buf *out, struct wire_reader *r, size_t max)
{
	ssh_bytes text = wire_get_string(r);
	if (text.len > max)
		return SSH_ERR_KEY;
	wire_buf_reset(out);
	wire_put_raw(out, text);
	return wire_buf_end(out);
}

static enum ssh_err get_with_base(struct crypt_key *k, struct wire_reader *r,
                                  const struct crypt_keyalg *base)
{
	const struct crypt_keyalg *own = k->alg;
	state(k)->base = base;
	k->alg = base;
	enum ssh_err e = base->get_public(k, r);
	k->alg = own;
	return e != SSH_OK ? e : get_text(&state(k)->application, r, CRYPT_SK_APPLICATION_MAX);
}

static enum ssh_err get_public_ed25519(struct crypt_key *k, struct wire_reader *r)
{
	return get_with_base(k, r, &crypt_key_ed25519);
}

static enum ssh_err get_public_ecdsa(struct crypt_key *k, struct wire_reader *r)
{
	return get_with_base(k, r, &crypt_key_ecdsa_nistp256);
}

static void put_public(const struct crypt_key *k, struct wire_buf *out)
{
	view(k)->base->put_public(k, out);
	wire_put_string(out, wire_buf_view(&view(k)->application));
}

static enum ssh_err get_token_part(struct crypt_key *k, struct wire_reader *r)
{
	struct sk *s = state(k);
	enum ssh_err e;
	s->flags = wire_get_u8(r);
	if ((e = get_text(&s->handle, r, CRYPT_SK_HANDLE_MAX)) != 0 ||
	    (e = get_text(&s->reserved, r, CRYPT_SK_HANDLE_MAX)) != 0)
		return e;
	return SSH_OK;
}

static void put_token_part(const struct crypt_key *k, struct wire_buf *out)
{
	wire_put_u8(out, view(k)->flags);
	wire_put_string(out, wire_buf_view(&view(k)->handle));
	wire_put_string(out, wire_buf_view(&view(k)->reserved));
}

static enum ssh_err get_private(struct crypt_key *k, struct wire_reader *r)
{
	enum ssh_err e = k->alg->get_public(k, r);
	return e != SSH_OK ? e : get_token_part(k, r);
}

static void put_private(const struct crypt_key *k, struct wire_buf *out)
{
	put_public(k, out);
	put_token_part(k, out);
}

/* Behind a certificate the application comes once more. */
static enum ssh_err get_secret(struct crypt_key *k, struct wire_reader *r)
{
	if (!wire_bytes_equal(wire_get_string(r), wire_buf_view(&state(k)->application)))
		return SSH_ERR_KEY;
	return get_token_part(k, r);
}

static void put_secret(const struct crypt_key *k, struct wire_buf *out)
{
	wire_put_string(out, wire_buf_view(&view(k)->application));
	put_token_part(k, out);
}

static size_t bits_of(const struct crypt_key *k)
{
	return view(k)->base->bits(k);
}

/* --- Signatures --- */

/* The fields of a signature behind its name; the last three are webauthn's. */
struct sk_signature {
	ssh_bytes inner;
	struct crypt_sk_info info;
	ssh_bytes client_data, extensions;
};

static bool is_webauthn(const struct crypt_sigalg *alg)
{
	return strcmp(crypt_sigalg_signature_name(alg), crypt_sig_webauthn_ecdsa_nistp256.name) ==
	       0;
}

static enum ssh_err get_signature(struct sk_signature *s, const struct crypt_sigalg *alg,
                                  ssh_bytes sig)
{
	struct wire_reader r;
	*s = (struct sk_signature){0};
	wire_reader_init(&r, sig);
	s->inner = wire_get_string(&r);
	s->info.flags = wire_get_u8(&r);
	s->info.counter = wire_get_u32(&r);
	if (is_webauthn(alg)) {
		s->info.origin = wire_get_string(&r);
		s->client_data = wire_get_string(&r);
		s->extensions = wire_get_string(&r);
	}
	return wire_reader_end(&r);
}

/* SHA-256 of the application, flags, counter, extensions, SHA-256 of the message. */
static void put_signed(struct wire_buf *out, const struct crypt_key *k,
                       const struct sk_signature *s, ssh_bytes message)
{
	uint8_t digest[CRYPT_HASH_MAX];
	crypt_hash_once(&crypt_sha256, wire_buf_view(&view(k)->application), digest);
	wire_put_raw(out, wire_bytes(digest, crypt_sha256.size));
	wire_put_u8(out, s->info.flags);
	wire_put_u32(out, s->info.counter);
	wire_put_raw(out, s->extensions);
	crypt_hash_once(&crypt_sha256, message, digest);
	wire_put_raw(out, wire_bytes(digest, crypt_sha256.size));
}

static void put_base64url(struct wire_buf *out, ssh_bytes data)
{
	struct base64_encode_ctx ctx;
	char *p = (char *)wire_buf_room(out, BASE64_ENCODE_RAW_LENGTH(data.len));
	if (p == NULL)
		return;
	base64url_encode_init(&ctx);
	size_t n = base64_encode_update(&ctx, p, data.len, data.ptr);
	n += base64_encode_final(&ctx, p + n);
	while (n > 0 && p[n - 1] == '=')
		n--;
	wire_buf_took(out, n);
}

/* The flags must agree with what is there: bit 6 attested data, which no login has; bit 7 extensions. */
#define FLAG_ATTESTED   0x40
#define FLAG_EXTENSIONS 0x80

/*
 * What a browser signs begins in a form that is fixed (WebAuthn section 5.8.1.1), so no JSON has
 * to be understood: the challenge is the data, the origin the one named beside it.
 */
static enum ssh_err check_client_data(const struct sk_signature *s, ssh_bytes data)
{
	struct wire_buf want = {0};
	bool has_extensions = (s->info.flags & FLAG_EXTENSIONS) != 0;
	if ((s->info.flags & FLAG_ATTESTED) != 0 || has_extensions != (s->extensions.len != 0) ||
	    (s->info.origin.len != 0 && memchr(s->info.origin.ptr, '"', s->info.origin.len)))
		return SSH_ERR_SIGNATURE;
	wire_put_raw(&want, wire_bytes_str("{\"type\":\"webauthn.get\",\"challenge\":\""));
	put_base64url(&want, data);
	wire_put_raw(&want, wire_bytes_str("\",\"origin\":\""));
	wire_put_raw(&want, s->info.origin);
	wire_put_raw(&want, wire_bytes_str("\""));
	enum ssh_err e = wire_buf_end(&want);
	ssh_bytes start = {s->client_data.ptr, wire_buf_len(&want)};
	if (e == SSH_OK &&
	    (start.len > s->client_data.len || !wire_bytes_equal(start, wire_buf_view(&want))))
		e = SSH_ERR_SIGNATURE;
	wire_buf_wipe(&want);
	return e;
}

static enum ssh_err check(const struct crypt_key *k, const struct crypt_sigalg *alg, ssh_bytes data,
                          ssh_bytes sig, struct crypt_sk_info *info)
{
	const struct crypt_keyalg *base = view(k)->base;
	struct sk_signature s;
	struct wire_buf message = {0};
	enum ssh_err e = get_signature(&s, alg, sig);
	if (e == SSH_OK && is_webauthn(alg)) {
		e = check_client_data(&s, data);
		data = s.client_data;
	}
	if (e != SSH_OK)
		return e;
	put_signed(&message, k, &s, data);
	if ((e = wire_buf_end(&message)) == SSH_OK)
		e = base->verify(k, base->sigs[0], wire_buf_view(&message), s.inner);
	wire_buf_wipe(&message);
	if (e == SSH_OK)
		*info = s.info;
	return e;
}

static enum ssh_err verify(const struct crypt_key *k, const struct crypt_sigalg *alg,
                           ssh_bytes data, ssh_bytes sig)
{
	struct crypt_sk_info info = {0};
	enum ssh_err e = check(k, alg, data, sig, &info);
	if (e == SSH_OK && (info.flags & CRYPT_SK_USER_PRESENT) == 0)
		e = SSH_ERR_SIGNATURE;
	return e;
}

bool crypt_key_is_sk(const struct crypt_key *k)
{
	if (k->alg == NULL)
		return false;
	const struct crypt_keyalg *plain = k->alg->plain != NULL ? k->alg->plain : k->alg;
	return plain->verify == verify;
}

enum ssh_err crypt_sk_verify(const struct crypt_key *k, const struct crypt_sigalg *alg,
                             ssh_bytes data, ssh_bytes blob, struct crypt_sk_info *info)
{
	ssh_bytes sig;
	if (!crypt_key_is_sk(k))
		return SSH_ERR_UNSUPPORTED;
	enum ssh_err e = crypt_signature_open(k, alg, blob, &sig);
	if (e != SSH_OK)
		return e;
	return check(k, alg, data, sig, info) == SSH_OK ? SSH_OK : SSH_ERR_SIGNATURE;
}

ssh_bytes crypt_sk_application(const struct crypt_key *k)
{
	return wire_buf_view(&view(k)->application);
}

ssh_bytes crypt_sk_handle(const struct crypt_key *k)
{
	return wire_buf_view(&view(k)->handle);
}

uint8_t crypt_sk_flags(const struct crypt_key *k)
{
	return view(k)->flags;
}

void crypt_sk_put_signed(struct wire_buf *out, const struct crypt_key *k, ssh_bytes data,
                         const struct crypt_sk_info *info)
{
	struct sk_signature s = {.info = *info};
	put_signed(out, k, &s, data);
}

void crypt_sk_put_signature(struct wire_buf *out, const struct crypt_sigalg *alg, ssh_bytes inner,
                            const struct crypt_sk_info *info)
{
	wire_put_str(out, crypt_sigalg_signature_name(alg));
	wire_put_string(out, inner);
	wire_put_u8(out, info->flags);
	wire_put_u32(out, info->counter);
}

static const struct crypt_sigalg *const sigs_ed25519[] = {&crypt_sig_sk_ed25519, NULL};
static const struct crypt_sigalg *const sigs_ecdsa[] = {&crypt_sig_sk_ecdsa_nistp256,
                                                        &crypt_sig_webauthn_ecdsa_nistp256, NULL};

/* clang-format off */
#define FUNCTIONS                                                                                  \
	.put_public = put_public, .get_private = get_private, .put_private = put_private,          \
	.get_secret = get_secret, .put_secret = put_secret, .verify = verify, .bits = bits_of,     \
	.wipe = wipe
/* clang-format on */

const struct crypt_keyalg crypt_key_sk_ed25519 = {.name = "sk-ssh-ed25519@openssh.com",
                                                  .kind = "ED25519-SK",
                                                  .sigs = sigs_ed25519,
                                                  .get_public = get_public_ed25519,
                                                  FUNCTIONS};
const struct crypt_keyalg crypt_key_sk_ecdsa_nistp256 = {.name =
                                                             "sk-ecdsa-sha2-nistp256@openssh.com",
                                                         .kind = "ECDSA-SK",
                                                         .sigs = sigs_ecdsa,
                                                         .get_public = get_public_ecdsa,
                                                         FUNCTIONS};

const struct crypt_sigalg crypt_sig_sk_ed25519 = {
    .name = "sk-ssh-ed25519@openssh.com", .key = &crypt_key_sk_ed25519, .bare = true};
const struct crypt_sigalg crypt_sig_sk_ecdsa_nistp256 = {.name =
                                                             "sk-ecdsa-sha2-nistp256@openssh.com",
                                                         .key = &crypt_key_sk_ecdsa_nistp256,
                                                         .bare = true};
const struct crypt_sigalg crypt_sig_webauthn_ecdsa_nistp256 = {
    .name = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
    .key = &crypt_key_sk_ecdsa_nistp256,
    .bare = true};
