/* SPDX-License-Identifier: MIT */
#include <crypt.h>
#include <pwd.h>
#include <shadow.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * To be preloaded into a server that looks users up in the system's files: the user who runs it is
 * at home in $PEER_HOME and has the password $PEER_PASSWORD. So no file of the machine is touched,
 * and nobody needs a password there.
 */

struct passwd *getpwnam(const char *name);
struct passwd *getpwuid(uid_t uid);
struct spwd *getspnam(const char *name);

static struct passwd user;
static struct spwd shadow;
static char hashed[256];

static const char *hash_of(const char *password)
{
	struct crypt_data data;
	memset(&data, 0, sizeof data);
	const char *h = crypt_r(password, "$5$peers$", &data);
	strncpy(hashed, h == NULL ? "*" : h, sizeof hashed - 1);
	return hashed;
}

static struct passwd *at_home(struct passwd *known)
{
	static char shell[] = "/bin/sh";
	const char *password = getenv("PEER_PASSWORD");
	if (known == NULL || known->pw_uid != getuid())
		return known;
	user = *known;
	user.pw_shell = shell;
	if (getenv("PEER_HOME") != NULL)
		user.pw_dir = getenv("PEER_HOME");
	user.pw_passwd = (char *)(size_t)(password == NULL ? "*" : hash_of(password));
	return &user;
}

struct passwd *getpwnam(const char *name)
{
	struct passwd *known;
	setpwent();
	while ((known = getpwent()) != NULL && strcmp(known->pw_name, name) != 0)
		continue;
	return at_home(known);
}

struct passwd *getpwuid(uid_t uid)
{
	struct passwd *known;
	setpwent();
	while ((known = getpwent()) != NULL && known->pw_uid != uid)
		continue;
	return at_home(known);
}

struct spwd *getspnam(const char *name)
{
	const struct passwd *known = getpwnam(name);
	if (known == NULL)
		return NULL;
	shadow = (struct spwd){.sp_namp = known->pw_name,
	                       .sp_pwdp = known->pw_passwd,
	                       .sp_lstchg = 15000,
	                       .sp_min = -1,
	                       .sp_max = -1,
	                       .sp_warn = -1,
	                       .sp_inact = -1,
	                       .sp_expire = -1};
	return &shadow;
}
