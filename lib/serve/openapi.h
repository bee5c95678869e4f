/*
 * openapi.h -- the declared routes, described for programs.
 */
#ifndef SERVE_OPENAPI_H
#define SERVE_OPENAPI_H

#include "decl/route.h"

/*
 * Append the document.  0, or -1 with errno.
 * Source: OpenAPI specification 3.1.
 */
int openapi_write(const struct decl *d, const struct decl_routes *routes,
    struct buf *b);

#endif
