/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_ENGINE_H
#define NACRE_LIBAUTH_ENGINE_H

#include "libwire/msg_auth.h"

/* What the client's and the server's engine have in common. */

/** Events. Which members of the event struct are set is said behind each. */
enum auth_event_type {
	/* TELL */
	AUTH_EVENT_BANNER,        /* client. text: of the server's; escape before display */
	AUTH_EVENT_UNIMPLEMENTED, /* the last payload has a number that nobody knows: say so */
	AUTH_EVENT_SUCCESS,       /* client: method. server: user, method, key */
	AUTH_EVENT_ERROR,         /* err: the engine died of it; disconnect with its reason */
	/* ASK: silent until answered. Client: */
	AUTH_ASK_METHOD,       /* methods, partial, first: what to try; any request answers */
	AUTH_ASK_SIGN,         /* data, key, sigalg: auth_client_answer_sign */
	AUTH_ASK_NEW_PASSWORD, /* text: auth_client_new_password, or any other request */
	AUTH_ASK_PROMPTS,      /* prompts: auth_client_answer_prompts, or any other request */
	/* Server; answered with auth_server_answer: */
	AUTH_ASK_NONE,      /* user: let in without credentials? */
	AUTH_ASK_PASSWORD,  /* user, password; changing: new_password as well */
	AUTH_ASK_KEY,       /* user, key, sigalg; is_signed: proven; otherwise: would it do? */
	AUTH_ASK_CHALLENGE, /* user, language, submethods: auth_server_prompt asks the client */
	AUTH_ASK_RESPONSES, /* user, responses: a verdict, or auth_server_prompt for more */
	AUTH_ASK_HOST /* user, key, sigalg, host, host_user: is it that host's key, and he him? */
};

/** What a rules table says of a message number in a state. */
enum auth_judgement {
	AUTH_WELCOME,       /* it is handled */
	AUTH_UNIMPLEMENTED, /* no row: the owner answers UNIMPLEMENTED, RFC 4253 section 11.4 */
	AUTH_UNWELCOME /* rows, but none for this state: the engine dies of SSH_ERR_UNEXPECTED */
};

#endif
