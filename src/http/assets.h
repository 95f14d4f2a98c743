/* SPDX-License-Identifier: Apache-2.0 */
/* The web console's files, embedded by the build (scripts/build-console); none in a build without
 * it. Only what is in the table is ever served: no path reaches a file system. */
#pragma once

#include "base/buf.h"

struct asset {
    const char *path; /* "/" or "/assets/index-Bq3.js" */
    const char *type;
    const char *etag;      /* with its quotes */
    bool immutable;        /* its name has a hash of its content */
    bool packed;           /* the bytes are gzip */
    size_t at, len, plain; /* in asset_bytes; `plain`: unpacked */
};

extern const struct asset assets[];
extern const size_t asset_count;
extern const char asset_bytes[];

/* What the browser may do with the console: run and load nothing but these files, and be in no
 * frame of another page. */
#define ASSET_POLICY                                                                               \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "              \
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "                   \
    "frame-ancestors 'none'"

const struct asset *asset_find(const char *path); /* NULL: there is none */
/* Appends the file as it was before it was packed; false without memory. */
bool asset_unpack(const struct asset *a, struct buf *out);
