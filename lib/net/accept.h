/*
 * accept.h -- what a client takes.
 */
#ifndef ACCEPT_H
#define ACCEPT_H

/*
 * Does Accept-Encoding, NULL if there was none, allow gzip?
 * Source: RFC 9110 section 12.5.3.
 */
int accept_gzip(const char *header);

#endif
