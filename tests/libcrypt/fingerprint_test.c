/* SPDX-License-Identifier: MIT */
/* As ssh-keygen 9.2 shows them: -lv -f tests/vectors/openssh/{ed25519_1,rsa_1,ecdsa_1}.pub */
#include "libcrypt/fingerprint.h"
#include "tests/libcrypt/key_kit.h"

#include <criterion/criterion.h>

static const struct {
	const char *blob, *fingerprint, *above, *below, *art;
} rows[] = {
    {"0000000b7373682d65643235353139000000205386ea463b45fe14b4216f3f02a0a3f073b57724db10b86b65b2037e17b48c19",
     "SHA256:L3k/oJubblSY0lB9Ulsl7emDMnRPKm/8udf2ccwk560", "[ED25519 256]", "[SHA256]",
     "+--[ED25519 256]--+\n"
     "|       ... .. oo.|\n"
     "|      .   o .o ..|\n"
     "|       o o o.  ..|\n"
     "|      . + .. . o.|\n"
     "|       .S.. . B o|\n"
     "|        .o.+ o @.|\n"
     "|       .o.o.*  .O|\n"
     "|        o= ..+ .B|\n"
     "|       o*o  o.E==|\n"
     "+----[SHA256]-----+"},
    {"000000077373682d727361000000030100010000008100cb5799544edec5ac00ec781fc21a1119ce9a288e3116e72f3e78fbcba6998adcc98c235f2e77abf1ce92b76f064b624552c9f2582341e622e1a176eef232b5bac1bf3881babc0b7d57a1ef4439170852e192bc329d3523354a39610eab916e50c507c913a2a5f2c7596aad779c5f297121438bd2313ebb4ad4d7debba43271fb",
     "SHA256:l6itGumSMcRBBAFteCgmjQBIXqLK/jFGUH3viHX1RmE", "[RSA 1024]", "[SHA256]",
     "+---[RSA 1024]----+\n"
     "|%&oo.        E.  |\n"
     "|X.X  . .   ...   |\n"
     "|=* .  . . . o    |\n"
     "|o +    . + . o   |\n"
     "|.o .  o S o .    |\n"
     "|. +  o + o       |\n"
     "| . Bo . .        |\n"
     "|  =.o. .         |\n"
     "|   oo..          |\n"
     "+----[SHA256]-----+"},
    {"0000001365636473612d736861322d6e69737470323536000000086e6973747032353600000041040c595b9643ab5bdc9d29586d33ef4063773db1a044ed21b7945c77f2705abe40030da23d8e1dff92f1bf26df6fa66db6ab0a249530860dfcc291790829a5a507",
     "MD5:2c:94:bb:77:00:8f:4f:8d:ed:bf:75:e1:61:db:df:66", "[ECDSA 256]", "[MD5]",
     "+---[ECDSA 256]---+\n"
     "|                 |\n"
     "|       .         |\n"
     "|      +          |\n"
     "|     . * +       |\n"
     "|      + S o    + |\n"
     "|       = o    o =|\n"
     "|      . o o   .oo|\n"
     "|       . . . . .E|\n"
     "|            o. oo|\n"
     "+------[MD5]------+"},
};

Test(fingerprint, of_keygen)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct wire_buf blob = kit_hex(rows[i].blob);
		char md5[CRYPT_FINGERPRINT_MD5_SIZE], sha[CRYPT_FINGERPRINT_SIZE],
		    art[CRYPT_RANDOMART_SIZE];
		uint8_t digest[32];
		bool old = rows[i].fingerprint[0] == 'M';
		size_t size = old ? CRYPT_MD5_SIZE : sizeof digest;
		crypt_key_fingerprint(wire_buf_view(&blob), sha);
		crypt_insecure_fingerprint_md5(wire_buf_view(&blob), md5);
		cr_expect_str_eq(old ? md5 : sha, rows[i].fingerprint, "%zu", i);
		if (old)
			crypt_insecure_md5_once(wire_buf_view(&blob), digest);
		else
			crypt_hash_once(&crypt_sha256, wire_buf_view(&blob), digest);
		crypt_randomart(wire_bytes(digest, size), rows[i].above, rows[i].below, art);
		cr_expect_str_eq(art, rows[i].art, "%zu:\n%s", i, art);
		wire_buf_wipe(&blob);
	}
}

/* A walk that hits the edges all the time, and a title that is too long. */
Test(fingerprint, edges)
{
	char art[CRYPT_RANDOMART_SIZE];
	uint8_t digest[32];
	for (int b = 0; b < 256; b++) {
		memset(digest, b, sizeof digest);
		crypt_randomart(wire_bytes(digest, sizeof digest), "12345678901234567890", "", art);
		cr_expect_eq(strlen(art), CRYPT_RANDOMART_SIZE - 1);
		cr_expect_eq(memcmp(art, "+12345678901234567+\n|", 21), 0);
	}
}
