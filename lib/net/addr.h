/*
 * addr.h -- how far inside a network an address lies.
 */
#ifndef ADDR_H
#define ADDR_H

#include <sys/socket.h>

/* From the outside in, so that > means further inside. */
enum addr_scope {
	ADDR_PUBLIC,
	ADDR_PRIVATE,		/* this network's own, or of no use outside */
	ADDR_LOOPBACK		/* this machine */
};

/*
 * Of an IPv4 or IPv6 address; IPv4 within IPv6 (mapped, NAT64, 6to4) counts
 * as the IPv4 address.  Of any other family: ADDR_LOOPBACK.
 * Source: the IANA special-purpose address registries (RFC 6890).
 */
enum addr_scope addr_scope(const struct sockaddr *sa);

/* The same of "10.0.0.1" or "fe80::1"; ADDR_PUBLIC if it is no address. */
enum addr_scope addr_text_scope(const char *text);

#endif
