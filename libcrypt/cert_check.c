/* SPDX-License-Identifier: MIT */
#include "libcrypt/cert.h"

static enum ssh_err refuse(const char **why, enum ssh_err e, const char *text)
{
	*why = text;
	return e;
}

/* --- Form --- */

/* Byte by byte, the shorter first: the order that both documents call lexical. */
static bool comes_before(ssh_bytes a, ssh_bytes b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n == 0 ? 0 : memcmp(a.ptr, b.ptr, n);
	return order < 0 || (order == 0 && a.len < b.len);
}

static enum ssh_err check_options_form(ssh_bytes list, const char **why)
{
	ssh_bytes name, data, before = {NULL, 0};
	for (size_t n = 0; list.len != 0; n++) {
		if (n == CRYPT_CERT_OPTIONS_MAX)
			return refuse(why, SSH_ERR_TOO_LONG, "too many options");
		if (!crypt_cert_next_option(&list, &name, &data) || name.len == 0)
			return refuse(why, SSH_ERR_MALFORMED, "malformed list of options");
		if (n != 0 && !comes_before(before, name))
			return refuse(why, SSH_ERR_MALFORMED,
			              "options are out of order, or there twice");
		before = name;
	}
	return SSH_OK;
}

static enum ssh_err check_form(const struct crypt_cert *c, const char **why)
{
	ssh_bytes list = c->principals, name;
	for (size_t n = 0; list.len != 0; n++) {
		if (n == CRYPT_CERT_PRINCIPALS_MAX)
			return refuse(why, SSH_ERR_TOO_LONG, "too many principals");
		if (!crypt_cert_next_principal(&list, &name))
			return refuse(why, SSH_ERR_MALFORMED, "malformed list of principals");
	}
	enum ssh_err e = check_options_form(c->options, why);
	return e != SSH_OK ? e : check_options_form(c->extensions, why);
}

/* --- The authority --- */

static bool is_trusted(const struct crypt_cert_policy *p, ssh_bytes authority)
{
	for (size_t i = 0; i < p->authorities_count; i++)
		if (wire_bytes_equal(p->authorities[i], authority))
			return true;
	return false;
}

/* The algorithm that the signature names, if it may be used; never a certificate's. */
static const struct crypt_sigalg *find_sigalg(const struct crypt_cert *c,
                                              const struct crypt_cert_policy *p)
{
	struct wire_reader r;
	wire_reader_init(&r, c->signature);
	ssh_bytes name = wire_get_string(&r);
	const struct crypt_sigalg *alg =
	    p->sigalgs == NULL ? NULL : crypt_sigalg_find(p->sigalgs, name);
	return alg == NULL || alg->key->plain != NULL ? NULL : alg;
}

static enum ssh_err verify(const struct crypt_cert *c, const struct crypt_sigalg *alg)
{
	const struct crypt_keyalg *const types[] = {alg->key, NULL};
	struct crypt_key k = {0};
	enum ssh_err e = crypt_key_parse_public(&k, types, c->authority);
	if (e == SSH_OK)
		e = crypt_key_verify(&k, alg, c->signed_bytes, c->signature);
	crypt_key_wipe(&k);
	return e;
}

/* The key types of signature algorithms are plain ones: a chain of certificates ends here. */
static enum ssh_err check_authority(const struct crypt_cert *c, const struct crypt_cert_policy *p,
                                    const char **why)
{
	const struct crypt_sigalg *alg = find_sigalg(c, p);
	if (!is_trusted(p, c->authority))
		return refuse(why, SSH_ERR_NOT_FOUND, "not signed by an authority that is trusted");
	if (alg == NULL)
		return refuse(why, SSH_ERR_UNSUPPORTED,
		              "signed with an algorithm that is not allowed");
	switch (verify(c, alg)) {
	case SSH_OK:
		return SSH_OK;
	case SSH_ERR_NO_MEMORY:
		return refuse(why, SSH_ERR_NO_MEMORY, "out of memory");
	case SSH_ERR_UNSUPPORTED:
		return refuse(why, SSH_ERR_UNSUPPORTED,
		              "the authority's key is of another type, or a certificate");
	default:
		return refuse(why, SSH_ERR_SIGNATURE, "the authority's signature does not verify");
	}
}

/* --- What it is for --- */

static bool names_principal(const struct crypt_cert *c, ssh_bytes principal)
{
	ssh_bytes list = c->principals, name;
	while (crypt_cert_next_principal(&list, &name))
		if (wire_bytes_equal(name, principal))
			return true;
	return false;
}

static enum ssh_err check_use(const struct crypt_cert *c, const struct crypt_cert_policy *p,
                              const char **why)
{
	bool any_host = c->role == CRYPT_CERT_HOST && c->principals.len == 0;
	if (c->role != (uint32_t)p->role)
		return refuse(why, SSH_ERR_CERT,
		              p->role == CRYPT_CERT_HOST ? "not a host's certificate"
		                                         : "not a user's certificate");
	if (c->valid_after >= c->valid_before)
		return refuse(why, SSH_ERR_CERT, "ends before it begins");
	if (p->now < c->valid_after)
		return refuse(why, SSH_ERR_CERT, "not valid yet");
	if (p->now >= c->valid_before && c->valid_before != CRYPT_CERT_FOREVER)
		return refuse(why, SSH_ERR_CERT, "expired");
	if (!any_host && (p->principal.len == 0 || !names_principal(c, p->principal)))
		return refuse(why, SSH_ERR_CERT, "does not name the principal");
	return SSH_OK;
}

/* --- Critical options --- */

static enum ssh_err check_source(ssh_bytes data, const struct crypt_cert_policy *p,
                                 const char **why)
{
	ssh_bytes list;
	if (!crypt_cert_option_text(data, &list))
		return refuse(why, SSH_ERR_MALFORMED, "malformed source-address");
	switch (crypt_cert_source(list, p->source)) {
	case SSH_OK:
		return SSH_OK;
	case SSH_ERR_CERT:
		return refuse(why, SSH_ERR_CERT, "not to be used from this address");
	default:
		return refuse(why, SSH_ERR_MALFORMED,
		              "source-address, or the peer's address, is not one of IP");
	}
}

/* The data of options that both documents define. */
static bool is_well_formed(ssh_bytes name, ssh_bytes data)
{
	ssh_bytes text;
	if (wire_bytes_is(name, "force-command"))
		return crypt_cert_option_text(data, &text);
	return !wire_bytes_is(name, "verify-required") || data.len == 0;
}

static bool is_seen_to(const struct crypt_cert_policy *p, ssh_bytes name)
{
	for (const char *const *o = p->options; o != NULL && *o != NULL; o++)
		if (wire_bytes_is(name, *o))
			return true;
	return false;
}

static enum ssh_err check_options(const struct crypt_cert *c, const struct crypt_cert_policy *p,
                                  const char **why)
{
	ssh_bytes list = c->options, name, data;
	enum ssh_err e = SSH_OK;
	while (e == SSH_OK && crypt_cert_next_option(&list, &name, &data)) {
		if (p->role == CRYPT_CERT_USER && wire_bytes_is(name, "source-address"))
			e = check_source(data, p, why);
		else if (!is_seen_to(p, name))
			e = refuse(why, SSH_ERR_UNSUPPORTED,
			           "a critical option that is not understood here");
		else if (!is_well_formed(name, data))
			e = refuse(why, SSH_ERR_MALFORMED, "malformed critical option");
	}
	return e;
}

enum ssh_err crypt_cert_check(const struct crypt_cert *c, const struct crypt_cert_policy *p,
                              const char **why)
{
	enum ssh_err e;
	*why = "";
	if ((e = check_form(c, why)) != 0 || (e = check_authority(c, p, why)) != 0 ||
	    (e = check_use(c, p, why)) != 0)
		return e;
	return check_options(c, p, why);
}
