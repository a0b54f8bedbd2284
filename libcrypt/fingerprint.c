/* SPDX-License-Identifier: MIT */
#include "libcrypt/fingerprint.h"

#include <nettle/base64.h>
#include <nettle/md5.h>

#include "libcrypt/nettle_impl.h"

#define DIGEST_SIZE 32

void crypt_key_fingerprint(ssh_bytes blob, char out[CRYPT_FINGERPRINT_SIZE])
{
	static const char prefix[] = "SHA256:";
	uint8_t digest[DIGEST_SIZE];
	char base64[BASE64_ENCODE_RAW_LENGTH(DIGEST_SIZE)];
	crypt_hash_once(&crypt_sha256, blob, digest);
	base64_encode_raw(base64, sizeof digest, digest);
	/* 32 bytes end in one '=', which is not shown. */
	memcpy(out, prefix, sizeof prefix - 1);
	memcpy(out + sizeof prefix - 1, base64, sizeof base64 - 1);
	out[CRYPT_FINGERPRINT_SIZE - 1] = '\0';
	_Static_assert(sizeof prefix - 1 + sizeof base64 == CRYPT_FINGERPRINT_SIZE, "fits exactly");
}

/* --- MD5 --- */

void crypt_insecure_md5_once(ssh_bytes data, uint8_t digest[CRYPT_MD5_SIZE])
{
	struct md5_ctx ctx;
	md5_init(&ctx);
	md5_update(&ctx, data.len, data.ptr);
	md5_digest(&ctx, NETTLE_LENGTH(CRYPT_MD5_SIZE) digest);
}

void crypt_insecure_fingerprint_md5(ssh_bytes blob, char out[CRYPT_FINGERPRINT_MD5_SIZE])
{
	static const char prefix[] = "MD5", digits[] = "0123456789abcdef";
	uint8_t digest[CRYPT_MD5_SIZE];
	char *p = out + sizeof prefix - 1;
	crypt_insecure_md5_once(blob, digest);
	memcpy(out, prefix, sizeof prefix - 1);
	for (size_t i = 0; i < sizeof digest; i++) {
		*p++ = ':';
		*p++ = digits[digest[i] >> 4];
		*p++ = digits[digest[i] & 15];
	}
	*p = '\0';
	_Static_assert(sizeof prefix + 3 * CRYPT_MD5_SIZE == CRYPT_FINGERPRINT_MD5_SIZE,
	               "fits exactly");
}

/* --- Pictures --- */

#define WIDTH  17
#define HEIGHT 9
/* A line of the picture: two edges and a newline more. */
#define LINE   (WIDTH + 3)

/* How often a field was visited; the last two are where the walk began and ended. */
static const char shades[] = " .o+=*BOX@%&#/^SE";
#define START (sizeof shades - 3)
#define END   (sizeof shades - 2)

static size_t move(size_t at, bool forward, size_t size)
{
	if (forward)
		return at + 1 < size ? at + 1 : at;
	return at > 0 ? at - 1 : 0;
}

static void walk(uint8_t field[HEIGHT][WIDTH], ssh_bytes digest)
{
	size_t x = WIDTH / 2, y = HEIGHT / 2;
	for (size_t i = 0; i < 4 * digest.len; i++) {
		unsigned step = (unsigned)digest.ptr[i / 4] >> (i % 4 * 2);
		x = move(x, (step & 1) != 0, WIDTH);
		y = move(y, (step & 2) != 0, HEIGHT);
		if (field[y][x] < START - 1)
			field[y][x]++;
	}
	field[HEIGHT / 2][WIDTH / 2] = START;
	field[y][x] = END;
}

static void put_edge(char *line, const char *title)
{
	ssh_bytes text = wire_bytes_str(title);
	text.len = text.len < WIDTH ? text.len : WIDTH;
	memset(line, '-', WIDTH + 2);
	line[0] = line[WIDTH + 1] = '+';
	memcpy(line + 1 + (WIDTH - text.len) / 2, text.ptr, text.len);
	line[WIDTH + 2] = '\n';
}

void crypt_randomart(ssh_bytes digest, const char *above, const char *below,
                     char out[CRYPT_RANDOMART_SIZE])
{
	uint8_t field[HEIGHT][WIDTH] = {{0}};
	walk(field, digest);
	put_edge(out, above);
	for (size_t y = 0; y < HEIGHT; y++) {
		char *line = out + (y + 1) * LINE;
		line[0] = line[WIDTH + 1] = '|';
		for (size_t x = 0; x < WIDTH; x++)
			line[x + 1] = shades[field[y][x]];
		line[WIDTH + 2] = '\n';
	}
	put_edge(out + (HEIGHT + 1) * LINE, below);
	out[CRYPT_RANDOMART_SIZE - 1] = '\0';
	_Static_assert((HEIGHT + 2) * LINE == CRYPT_RANDOMART_SIZE, "fits exactly");
}
