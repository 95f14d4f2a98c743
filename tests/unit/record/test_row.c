/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "random_record.h"
#include "record/row.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum {
    DAMAGED = 4000,
};

/* What the row says must be the record's own JSON, also of a copy when all else is gone. */
static void assert_same(struct sample *s)
{
    struct arena arena;
    struct buf expected = {0}, seen = {0};
    struct row row;
    size_t bytes = 0;
    arena_init(&arena, 0);
    record_to_json(&s->record, &expected);
    assert_int_equal(row_from_record(&row, &s->record, &arena), 0);
    row_to_json(&row, &seen);
    assert_string_equal(buf_cstr(&seen), buf_cstr(&expected));

    struct row *copy = row_copy(&row, &bytes);
    assert_non_null(copy);
    assert_true(bytes >= sizeof(row));
    memset(&row, 0xa5, sizeof(row));
    arena_done(&arena);
    arena_done(&s->arena);
    buf_clear(&seen);
    row_to_json(copy, &seen);
    assert_string_equal(buf_cstr(&seen), buf_cstr(&expected));
    free(copy);
    buf_done(&expected);
    buf_done(&seen);
}

static void a_row_says_what_its_record_says(void **state)
{
    (void)state;
    for (int kind = 0; kind < SAMPLE_COUNT; kind++) {
        struct sample *s = sample_new((enum sample_kind)kind);
        assert_same(s);
        sample_free(s);
    }
}

/* Bytes that are not UTF-8 in names of processes, broken messages, cut ones: whatever comes. */
static void a_row_of_damaged_messages_too(void **state)
{
    (void)state;
    uint64_t random = 88172645463325252;
    for (int i = 0; i < DAMAGED; i++) {
        struct sample *s = random_sample(&random, true);
        assert_same(s);
        sample_free(s);
    }
}

static void seq_is_the_last_key(void **state)
{
    (void)state;
    struct sample *s = sample_new(SAMPLE_BARE);
    struct row row;
    struct buf b = {0};
    assert_int_equal(row_from_record(&row, &s->record, &s->arena), 0);
    row_to_json(&row, &b);
    assert_null(strstr(buf_cstr(&b), "seq"));
    row.seq = 42;
    buf_clear(&b);
    row_to_json(&row, &b);
    const char *json = buf_cstr(&b);
    assert_string_equal(json + strlen(json) - strlen(",\"seq\":42}"), ",\"seq\":42}");
    buf_done(&b);
    sample_free(s);
}

static void texts_are_utf8(void **state)
{
    (void)state;
    struct sample *s = sample_new(SAMPLE_A);
    struct row row;
    memcpy(s->record.process.comm, "a\xff\xc3\xa9\xe2", 6);
    assert_int_equal(row_from_record(&row, &s->record, &s->arena), 0);
    assert_int_equal(row.comm.len, 9);
    assert_memory_equal(row.comm.text, "a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd", 9);
    assert_int_equal(row.edns.nsid.len, 2);
    assert_null(row.pod.text);
    sample_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_says_what_its_record_says),
        cmocka_unit_test(a_row_of_damaged_messages_too),
        cmocka_unit_test(seq_is_the_last_key),
        cmocka_unit_test(texts_are_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
