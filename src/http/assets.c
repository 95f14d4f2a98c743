/* SPDX-License-Identifier: Apache-2.0 */
#include "http/assets.h"

#include <zlib.h>

const struct asset *asset_find(const char *path)
{
    for (size_t i = 0; i < asset_count; i++)
        if (strcmp(assets[i].path, path) == 0)
            return &assets[i];
    return NULL;
}

bool asset_unpack(const struct asset *a, struct buf *out)
{
    const char *from = asset_bytes + a->at;
    if (!a->packed) {
        buf_put(out, from, a->len);
        return !out->failed;
    }
    char *to = buf_room(out, a->plain + 1);
    z_stream z = {.next_in = (Bytef *)(uintptr_t)from, .avail_in = (uInt)a->len};
    if (!to || inflateInit2(&z, 15 + 16) != Z_OK)
        return false;
    z.next_out = (Bytef *)to;
    z.avail_out = (uInt)a->plain;
    int result = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    out->len += a->plain - z.avail_out;
    return result == Z_STREAM_END;
}
