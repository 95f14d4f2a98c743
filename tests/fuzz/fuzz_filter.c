/* SPDX-License-Identifier: Apache-2.0 */
/* The filter language: what parses has a canonical text that parses to itself, and matches as the
 * original does; rows match as their records do. */
#include "../unit/record/sample.h"
#include "filter/filter.h"

#define NOW_NS 1795492800000000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, const struct buf *a, const struct buf *b)
{
    fprintf(stderr, "%s: [%.*s] [%.*s]\n", what, (int)a->len, a->len ? a->data : "", (int)b->len,
            b->len ? b->data : "");
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sample *samples[SAMPLE_COUNT];
    static struct row rows[SAMPLE_COUNT];
    struct filter *f, *again;
    struct filter_error error;
    struct buf text = {0}, second = {0};

    for (int i = 0; i < SAMPLE_COUNT && !samples[i]; i++) {
        samples[i] = sample_new((enum sample_kind)i);
        if (row_from_record(&rows[i], &samples[i]->record, &samples[i]->arena) < 0)
            abort();
    }
    if (filter_parse((const char *)data, size, NOW_NS, &f, &error) < 0) {
        if (!error.width || !error.column || error.column > size + 1 || !error.message[0])
            abort();
        filter_error_show((const char *)data, size, &error, &text);
        buf_done(&text);
        return 0;
    }
    for (int i = 0; i < SAMPLE_COUNT; i++)
        if (filter_match(f, &samples[i]->record) != filter_match_row(f, &rows[i]))
            fail("a row matches otherwise", &text, &second);
    filter_to_text(f, &text);
    if (filter_parse(buf_cstr(&text), text.len, NOW_NS, &again, &error) < 0) {
        /* Names instead of numbers can make a text longer than the limit. */
        if (text.len <= 65536)
            fail(error.message, &text, &second);
    } else {
        filter_to_text(again, &second);
        if (text.len != second.len || (text.len && memcmp(text.data, second.data, text.len) != 0))
            fail("canonical text differs", &text, &second);
        for (int i = 0; i < SAMPLE_COUNT; i++)
            if (filter_match(f, &samples[i]->record) != filter_match(again, &samples[i]->record))
                fail("matches differ", &text, &second);
        filter_free(again);
    }
    filter_free(f);
    buf_done(&text);
    buf_done(&second);
    return 0;
}
