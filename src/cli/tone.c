/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/tone.h"

#include "dns/types.h"

#include <stdlib.h>

enum human_tone tone_of_key(const char *field, const char *key)
{
    if (!key)
        return TONE_FAINT;
    if (strcmp(field, "rcode") == 0) {
        int code = dns_rcode_from_name(key, strlen(key));
        return code < 0 ? TONE_NORMAL : human_tone_of_rcode((unsigned)code);
    }
    if (strcmp(field, "outcome") == 0)
        for (int i = 0; i < OUTCOME_COUNT; i++)
            if (strcmp(record_outcome_name((enum record_outcome)i), key) == 0)
                return human_tone_of_outcome((enum record_outcome)i);
    return TONE_NORMAL;
}

/* The longest end of the text that takes at most `width` columns: its start. */
static const char *tail_of(const char *text, size_t width)
{
    struct buf b = {0};
    const char *p = text + strlen(text);
    while (p > text) {
        const char *before = p - 1;
        while (before > text && ((unsigned char)*before & 0xc0) == 0x80)
            before--;
        buf_clear(&b);
        if (buf_put_visible(&b, before, strlen(before), SIZE_MAX) > width)
            break;
        p = before;
    }
    buf_done(&b);
    return p;
}

size_t tone_put_cut(struct buf *b, const char *text, size_t width, bool utf8)
{
    size_t start = b->len, len = strlen(text), dots = utf8 ? 1 : 2;
    size_t columns = buf_put_visible(b, text, len, SIZE_MAX);
    if (columns <= width)
        return columns;
    b->len = start;
    if (width <= dots)
        return buf_put_visible(b, text, len, width);
    size_t tail = (width - dots) * 2 / 3;
    columns = buf_put_visible(b, text, len, width - dots - tail);
    buf_puts(b, utf8 ? "\xe2\x80\xa6" : "..");
    const char *end = tail_of(text, tail);
    return columns + dots + buf_put_visible(b, end, strlen(end), tail);
}
