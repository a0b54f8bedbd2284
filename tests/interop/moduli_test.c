/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/interop/keygen_kit.h"

/* Groups for group exchange: nacre-keygen -M beside ssh-keygen's, and servers that are given them. */

static size_t lines_of(const char *text)
{
	size_t n = 0;
	while ((text = strchr(text, '\n')) != NULL) {
		n++;
		text++;
	}
	return n;
}

/* The columns from the size on: what does not depend on when and how it was screened. */
static const char *groups_of(const char *path)
{
	const char *all = "", *at = peer_read(path);
	for (; *at != '\0'; at = strchr(at, '\n') + 1) {
		const char *p = at;
		for (int column = 0; column < 4; column++)
			p = strchr(p, ' ') + 1;
		all = peer_text("%s%.*s\n", all, (int)strcspn(p, "\n"), p);
	}
	return all;
}

Test(moduli, our_candidates_give_the_same_groups_in_both_programs, .fini = peer_end)
{
	const char *candidates = peer_path("candidates"), *ours = peer_path("ours"),
	           *theirs = peer_path("theirs"), *again = peer_path("again");
	must(OURS, "-M", "generate", "-O", "bits=512", candidates, NULL);
	cr_assert_gt(lines_of(peer_read(candidates)), 10000);
	must(OURS, "-M", "screen", "-f", candidates, "-O", "lines=1500", ours, NULL);
	must(THEIRS, "-q", "-M", "screen", "-f", candidates, "-O", "lines=1500", theirs, NULL);
	cr_expect_gt(lines_of(peer_read(theirs)), 0);
	cr_expect_str_eq(groups_of(ours), groups_of(theirs));
	/* What one has screened the other takes. */
	must(OURS, "-M", "screen", "-f", theirs, again, NULL);
	cr_expect_str_eq(groups_of(again), groups_of(theirs));
	must(THEIRS, "-q", "-M", "screen", "-f", ours, peer_path("once_more"), NULL);
	cr_expect_str_eq(groups_of(peer_path("once_more")), groups_of(ours));
}

/* A run that was broken off goes on where it ended; a start in the middle is one. */
Test(moduli, screening_goes_on_where_it_ended, .fini = peer_end)
{
	const char *candidates = peer_path("candidates"), *whole = peer_path("whole"),
	           *parts = peer_path("parts"), *tail = peer_path("tail");
	const char *checkpoint = peer_text("checkpoint=%s", peer_path("checkpoint"));
	must(OURS, "-M", "generate", "-O", "bits=512", "-O", "memory=1", candidates, NULL);
	must(OURS, "-M", "screen", "-f", candidates, "-O", "lines=900", whole, NULL);
	for (int i = 0; i < 3; i++)
		must(OURS, "-M", "screen", "-f", candidates, "-O", "lines=300", "-O", checkpoint,
		     parts, NULL);
	cr_expect_str_eq(groups_of(parts), groups_of(whole));
	cr_expect_str_eq(peer_read(peer_path("checkpoint")), "900\n");
	must(OURS, "-M", "screen", "-f", candidates, "-O", "start-line=601", "-O", "lines=300",
	     tail, NULL);
	size_t all = strlen(groups_of(whole)), end = strlen(groups_of(tail));
	cr_expect(end <= all && strcmp(groups_of(whole) + all - end, groups_of(tail)) == 0);
}

Test(moduli, options, .fini = peer_end)
{
	static const char *const bad[] = {"bits=511", "bits=16385",  "bits=x",       "memory=0",
	                                  "lines=",   "generator=7", "start=xyz",    "start=12",
	                                  "nothing",  "=",           "prime-tests=1"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct said s =
		    say(NULL, OURS, "-M", "generate", "-O", bad[i], peer_path("out"), NULL);
		cr_expect_neq(s.status, 0, "%s", bad[i]);
		cr_expect_neq(s.err[0], '\0', "%s", bad[i]);
	}
	cr_expect_neq(say(NULL, OURS, "-M", "sieve", peer_path("out"), NULL).status, 0);
	cr_expect_neq(say(NULL, OURS, "-M", "generate", NULL).status, 0);
	/* From a given place on the candidates are the same. */
	const char *start =
	    "start=800000000000000000000000000000000000000000000000000000000000000000"
	    "00000000000000000000000000000000000000000000000000000000000000";
	start = peer_text("%.*s", 6 + 128, start);
	start = peer_text("start=4%s", start + 7);
	must(OURS, "-M", "generate", "-O", "bits=512", "-O", start, peer_path("a"), NULL);
	must(OURS, "-M", "generate", "-O", "bits=512", "-O", start, peer_path("b"), NULL);
	const char *a = strrchr(peer_read(peer_path("a")), ' '), *b = peer_read(peer_path("b"));
	cr_expect_str_eq(a, strrchr(b, ' '), "the last of them");
}

/* --- Servers --- */

/* A group of 3072 bits that nacre-keygen has made. */
#define GENERATOR "2"
#define MODULUS                                                                                    \
	"F36857EC771171EF744D8BC311B08DFC4B6E05020E88633DBB4E57FE10184CBFB57B692A718BD568"         \
	"8B512B19D6BBD0E5C60A59584B2BF1A91624B2BFC8A2B75301CD7F15F2B465260644B6AA783E9D0E"         \
	"59FFE4851BB16CEE439843B71E251A83CB91FADEC23C57EC53806545A62C4AAC38EF32407BD28EF0"         \
	"9E56B8457CE3887ED03502C9936ADDF81DC0FA0623AA0389305EF85AE258ADFA0F9FBDE6014A8B88"         \
	"F2DD0094431861193050511641E3FE655F21E8426BB382E6A0320B27B53A86FD027CE4556425AB19"         \
	"FF64E0FD5F269610945069FF6E6F60733371FD6278E818268B53679308CF8F22E46E32C6A31E7956"         \
	"4D682C7ADFF87D9F85C6BD70AA0BEC973D5D031BB21B9E81B805ACE033CF675CF5C7252CC998691C"         \
	"A37F15F2FEBEED4C7416BB631E763F940DE3E97278387D2C5D18889291A340FFA6CB82333B19C14F"         \
	"EABEA470BF3C5EC42B43BE6826EC84837C36964044B432F9660CBE98EDA67FE516AF6EEFE8D44A5C"         \
	"8C6935352B00C95A71D4F9BF023ED2055F70726CD6B6F283"

/* Log in by group exchange; the client asks for 3072 bits, and is given the group of the file. */
static void session(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct process p = {0};
	const char *trace = peer_path("trace");
	const char *file =
	    peer_write("moduli", "20261121000000 2 6 100 3071 " GENERATOR " " MODULUS "\n");
	peer_authorize(peer_key("user", "ed25519"), "");
	words_add(&s.options, peer_text("ModuliFile=%s", file),
	          "KexAlgorithms=diffie-hellman-group-exchange-sha256", NULL);
	if (server == PEER_NACRE)
		words_add(&s.options, peer_text("TraceFile=%s", trace), NULL);
	peer_server_start(&s);
	peer_client_with_key(&p, client, &s);
	if (client == PEER_NACRE)
		words_add(&p.argv, "-o", peer_text("TraceFile=%s", trace), NULL);
	else
		/* It asks for as many bits as its ciphers and MACs deserve. */
		words_add(&p.argv, "-o", "Ciphers=aes128-gcm@openssh.com", NULL);
	peer_run(&p, &s, "exit 4", "");
	cr_expect_eq(p.status, 4, "%s\n%s", peer_outcome(&p), peer_server_log(&s));
	const char *text = peer_read(trace);
	char *digits = (char *)(uintptr_t)peer_text("%.64s", MODULUS);
	for (char *c = digits; *c != '\0'; c++)
		*c = (char)(*c >= 'A' && *c <= 'F' ? *c - 'A' + 'a' : *c);
	cr_expect_not_null(strstr(text, digits), "another group:\n%.3000s", text);
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(moduli, a_server_of_ours_serves_its_own, .fini = peer_end)
{
	session(PEER_NACRE, PEER_NACRE);
	session(PEER_OPENSSH, PEER_NACRE);
}

Test(moduli, openssh_serves_ours, .fini = peer_end)
{
	session(PEER_NACRE, PEER_OPENSSH);
}

/* PuTTY can be told to ask in the form from before RFC 4419, with one number. */
Test(moduli, the_old_request_of_putty, .fini = peer_end)
{
	struct peer_server s = {.kind = PEER_NACRE};
	struct process p = {0};
	const char *trace = peer_path("trace"), *profile = ".putty/sessions/peer";
	const struct peer_ask ask = {.key = peer_key("user", "ed25519"), .command = "exit 4"};
	peer_authorize(ask.key, "");
	words_add(&s.options, "KexAlgorithms=diffie-hellman-group-exchange-sha256",
	          peer_text("TraceFile=%s", trace), NULL);
	peer_server_start(&s);
	peer_ask(&p, PEER_PUTTY, &s, &ask);
	peer_write(profile, peer_text("%sBugOldGex2=2\n", peer_read(peer_path(profile))));
	process_start(&p);
	process_wait(&p);
	cr_expect_eq(p.status, 4, "%s\n%s", peer_outcome(&p), peer_server_log(&s));
	cr_expect_not_null(strstr(peer_read(trace), "KEX_DH_GEX_REQUEST_OLD"));
	process_wipe(&p);
	peer_server_stop(&s);
}
