/* SPDX-License-Identifier: Apache-2.0 */
#include "http/gzip.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>
#include <zlib.h>

enum {
    LEVEL = 3,        /* twice as fast as the default, and 10 % larger */
    WINDOW = 15 + 16, /* with a header of gzip */
    MEMORY_LEVEL = 8,
    PIECE_BYTES = 65536,
};

struct gzip {
    z_stream z;
};

/* "q=0", "q=0.0": not at all. */
static bool is_refused(const char *params, size_t len)
{
    const char *q = memmem(params, len, "q=", 2);
    if (!q)
        return false;
    for (const char *p = q + 2; p < params + len && !isspace((unsigned char)*p); p++)
        if (*p != '0' && *p != '.')
            return false;
    return true;
}

bool gzip_accepted(const char *accept)
{
    bool any = false;
    while (accept && *accept) {
        size_t len = strcspn(accept, ",");
        size_t skip = strspn(accept, " \t");
        const char *coding = accept + (skip < len ? skip : len);
        size_t left = len - (size_t)(coding - accept), name = strcspn(coding, "; \t,");
        bool taken = !is_refused(coding + name, left - name);
        if ((name == 4 && strncasecmp(coding, "gzip", 4) == 0) ||
            (name == 6 && strncasecmp(coding, "x-gzip", 6) == 0))
            return taken;
        any |= name == 1 && *coding == '*' && taken;
        accept += len + (accept[len] == ',');
    }
    return any;
}

struct gzip *gzip_new(void)
{
    struct gzip *g = calloc(1, sizeof(*g));
    if (g && deflateInit2(&g->z, LEVEL, Z_DEFLATED, WINDOW, MEMORY_LEVEL, Z_DEFAULT_STRATEGY)) {
        free(g);
        return NULL;
    }
    return g;
}

void gzip_free(struct gzip *g)
{
    if (!g)
        return;
    deflateEnd(&g->z);
    free(g);
}

bool gzip_push(struct gzip *g, struct buf *out, const void *data, size_t len, bool last)
{
    g->z.next_in = (Bytef *)data;
    g->z.avail_in = (uInt)len;
    int r;
    do {
        char *room = buf_room(out, PIECE_BYTES);
        if (!room)
            return false;
        g->z.next_out = (Bytef *)room;
        g->z.avail_out = PIECE_BYTES;
        r = deflate(&g->z, last ? Z_FINISH : Z_SYNC_FLUSH);
        if (r == Z_STREAM_ERROR)
            return false;
        out->len += PIECE_BYTES - g->z.avail_out;
    } while (g->z.avail_out == 0 && r != Z_STREAM_END);
    return true;
}

bool gzip_put(struct buf *out, const void *data, size_t len)
{
    struct gzip *g = gzip_new();
    bool done = g && gzip_push(g, out, data, len, true);
    gzip_free(g);
    return done;
}
