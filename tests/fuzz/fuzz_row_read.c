/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions from JSON: what is read is written in a form that reads back to itself. */
#include "cli/row_read.h"
#include "record/row_csv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, const struct buf *a, const struct buf *b)
{
    fprintf(stderr, "%s: [%.*s] [%.*s]\n", what, (int)a->len, a->len ? a->data : "", (int)b->len,
            b->len ? b->data : "");
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct row row;
    struct buf text = {0}, again = {0}, scratch = {0}, csv = {0};
    char err[256] = "";
    arena_init(&arena, 64 << 20);
    bool strict = size && data[0] == '{'; /* as import; with a space before it, as from an agent */
    int r = row_from_json(&row, (const char *)data, size, strict, &arena, err, sizeof(err));
    if (r < 0) {
        if (!err[0] && r != -ENOMEM)
            abort();
        arena_done(&arena);
        return 0;
    }
    row_to_json(&row, &text);
    row_to_csv(&row, &scratch, &csv);
    if (row_from_json(&row, text.data, text.len, true, &arena, err, sizeof(err)) < 0) {
        buf_puts(&again, err);
        fail("what was written cannot be read", &text, &again);
    }
    row_to_json(&row, &again);
    if (text.len != again.len || memcmp(text.data, again.data, text.len) != 0)
        fail("not the same again", &text, &again);
    buf_done(&text);
    buf_done(&again);
    buf_done(&scratch);
    buf_done(&csv);
    arena_done(&arena);
    return 0;
}
