/* SPDX-License-Identifier: Apache-2.0 */
/* gzip (RFC 1952) of answers, at once or piece by piece. */
#pragma once

#include "base/buf.h"

enum {
    GZIP_WORTH_BYTES = 1024, /* less is sent as it is */
};

/* Whether an Accept-Encoding field takes gzip (RFC 9110, 12.5.3). NULL: no such field. */
bool gzip_accepted(const char *accept_encoding);
/* Appends the compressed form; false without memory. */
bool gzip_put(struct buf *out, const void *data, size_t len);

struct gzip;

struct gzip *gzip_new(void); /* NULL without memory */
void gzip_free(struct gzip *g);
/* Appends what the reader needs to see all of `data`; `last` ends the whole. */
bool gzip_push(struct gzip *g, struct buf *out, const void *data, size_t len, bool last);
