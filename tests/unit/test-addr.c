/* How far inside a network an address lies: addr.h. */
#include "net/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "tap.h"

static const struct {
	const char *in;
	enum addr_scope want;
} cases[] = {
	{ "127.0.0.1", ADDR_LOOPBACK }, { "127.255.255.255", ADDR_LOOPBACK },
	{ "0.0.0.0", ADDR_LOOPBACK }, { "0.1.2.3", ADDR_LOOPBACK },
	{ "126.255.255.255", ADDR_PUBLIC }, { "128.0.0.0", ADDR_PUBLIC },
	{ "9.255.255.255", ADDR_PUBLIC }, { "10.0.0.0", ADDR_PRIVATE },
	{ "10.255.255.255", ADDR_PRIVATE }, { "11.0.0.0", ADDR_PUBLIC },
	{ "100.63.255.255", ADDR_PUBLIC }, { "100.64.0.0", ADDR_PRIVATE },
	{ "100.127.255.255", ADDR_PRIVATE }, { "100.128.0.0", ADDR_PUBLIC },
	{ "169.253.255.255", ADDR_PUBLIC }, { "169.254.169.254", ADDR_PRIVATE },
	{ "169.255.0.0", ADDR_PUBLIC }, { "172.15.255.255", ADDR_PUBLIC },
	{ "172.16.0.0", ADDR_PRIVATE }, { "172.31.255.255", ADDR_PRIVATE },
	{ "172.32.0.0", ADDR_PUBLIC }, { "192.0.0.8", ADDR_PRIVATE },
	{ "192.0.1.0", ADDR_PUBLIC }, { "192.167.255.255", ADDR_PUBLIC },
	{ "192.168.0.0", ADDR_PRIVATE }, { "192.169.0.0", ADDR_PUBLIC },
	{ "198.17.255.255", ADDR_PUBLIC }, { "198.18.0.0", ADDR_PRIVATE },
	{ "198.19.255.255", ADDR_PRIVATE }, { "198.20.0.0", ADDR_PUBLIC },
	{ "223.255.255.255", ADDR_PUBLIC }, { "224.0.0.1", ADDR_PRIVATE },
	{ "240.0.0.1", ADDR_PRIVATE }, { "255.255.255.255", ADDR_PRIVATE },
	{ "8.8.8.8", ADDR_PUBLIC },
	{ "::1", ADDR_LOOPBACK }, { "::", ADDR_LOOPBACK },
	{ "::2", ADDR_PRIVATE }, { "::7f00:1", ADDR_PRIVATE },
	{ "::ffff:127.0.0.1", ADDR_LOOPBACK },
	{ "::ffff:10.0.0.1", ADDR_PRIVATE }, { "::ffff:8.8.8.8", ADDR_PUBLIC },
	{ "64:ff9b::10.0.0.1", ADDR_PRIVATE },
	{ "64:ff9b::8.8.8.8", ADDR_PUBLIC },
	{ "2002:7f00:1::", ADDR_LOOPBACK }, { "2002:a00:1::", ADDR_PRIVATE },
	{ "2002:808:808::", ADDR_PUBLIC }, { "2001:4860::8888", ADDR_PUBLIC },
	{ "3fff:ffff::1", ADDR_PUBLIC }, { "4000::1", ADDR_PRIVATE },
	{ "fc00::1", ADDR_PRIVATE }, { "fdff::1", ADDR_PRIVATE },
	{ "fe80::1", ADDR_PRIVATE }, { "ff02::1", ADDR_PRIVATE },
};

/* The same as the address of a socket. */
static enum addr_scope
socket_scope(const char *text)
{
	struct sockaddr_storage ss;
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	memset(&ss, 0, sizeof(ss));
	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		memcpy(&ss, &in, sizeof(in));
	else if (inet_pton(AF_INET6, text, &in6.sin6_addr) == 1)
		memcpy(&ss, &in6, sizeof(in6));
	return addr_scope((const struct sockaddr *)&ss);
}

int
main(void)
{
	struct sockaddr other = { .sa_family = AF_UNIX };
	size_t i;

	for (i = 0; i < TAP_COUNT(cases); i++) {
		tap_int(addr_text_scope(cases[i].in), cases[i].want,
		    cases[i].in);
		tap_int(socket_scope(cases[i].in), cases[i].want,
		    "and as a socket has it");
	}
	tap_int(addr_text_scope("localhost"), ADDR_PUBLIC, "no address");
	tap_int(addr_text_scope(""), ADDR_PUBLIC, "nothing");
	tap_int(addr_scope(&other), ADDR_LOOPBACK, "a local socket");
	return tap_done();
}
