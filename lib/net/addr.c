#include "net/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

/* Is address (host order) within net/bits? */
struct block {
	uint32_t net;
	int bits;
};

static const struct block inner[] = {
	{ 0x0a000000, 8 },	/* 10/8, 172.16/12, 192.168/16: private */
	{ 0xac100000, 12 },
	{ 0xc0a80000, 16 },
	{ 0x64400000, 10 },	/* 100.64/10: shared by a provider */
	{ 0xa9fe0000, 16 },	/* 169.254/16: link-local; cloud metadata */
	{ 0xc0000000, 24 },	/* 192.0.0/24: protocol assignments */
	{ 0xc6120000, 15 },	/* 198.18/15: benchmarks */
	{ 0xe0000000, 3 },	/* 224/4 multicast, 240/4 and broadcast */
};

static int
within(uint32_t a, const struct block *b)
{
	return (a ^ b->net) >> (32 - b->bits) == 0;
}

static enum addr_scope
scope_v4(uint32_t a)
{
	size_t i;

	/* 0.0.0.0 connects to this machine, like 127/8. */
	if (a >> 24 == 127 || a >> 24 == 0)
		return ADDR_LOOPBACK;
	for (i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		if (within(a, &inner[i]))
			return ADDR_PRIVATE;
	return ADDR_PUBLIC;
}

static uint32_t
read_v4(const unsigned char *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	    (uint32_t)b[2] << 8 | b[3];
}

static enum addr_scope
scope_v6(const unsigned char *b)
{
	static const unsigned char zero[12],
	    mapped[12] = { [10] = 0xff, 0xff },
	    nat64[12] = { 0x00, 0x64, 0xff, 0x9b };

	if (memcmp(b, zero, 12) == 0) {
		/* ::, ::1, and ::a.b.c.d of old, which leads nowhere */
		if (read_v4(b + 12) <= 1)
			return ADDR_LOOPBACK;
		return ADDR_PRIVATE;
	}
	if (memcmp(b, mapped, 12) == 0 || memcmp(b, nat64, 12) == 0)
		return scope_v4(read_v4(b + 12));
	if (b[0] == 0x20 && b[1] == 0x02)
		return scope_v4(read_v4(b + 2));
	/* 2000::/3 is what is global; fc00::/7, fe80::/10, ff00::/8 not. */
	return b[0] >> 5 == 1 ? ADDR_PUBLIC : ADDR_PRIVATE;
}

enum addr_scope
addr_scope(const struct sockaddr *sa)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	switch (sa->sa_family) {
	case AF_INET:
		memcpy(&in, sa, sizeof(in));
		return scope_v4(ntohl(in.sin_addr.s_addr));
	case AF_INET6:
		memcpy(&in6, sa, sizeof(in6));
		return scope_v6(in6.sin6_addr.s6_addr);
	default:
		return ADDR_LOOPBACK;
	}
}

enum addr_scope
addr_text_scope(const char *text)
{
	struct in_addr a;
	struct in6_addr a6;

	if (inet_pton(AF_INET, text, &a) == 1)
		return scope_v4(ntohl(a.s_addr));
	if (inet_pton(AF_INET6, text, &a6) == 1)
		return scope_v6(a6.s6_addr);
	return ADDR_PUBLIC;
}
