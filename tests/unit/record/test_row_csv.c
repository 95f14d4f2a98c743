/* SPDX-License-Identifier: Apache-2.0 */
#include "record/row_csv.h"
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct buf line_of(const struct row *r)
{
    struct buf scratch = {0}, out = {0};
    row_to_csv(r, &scratch, &out);
    buf_cstr(&out);
    buf_done(&scratch);
    return out;
}

/* Fields of a line by RFC 4180; returns how many, and the text of one. */
static size_t field_of(const char *line, size_t wanted, char out[4096])
{
    size_t count = 0, n = 0;
    bool quoted = false;
    for (; *line && !(line[0] == '\r' && !quoted); line++) {
        if (*line == '"' && quoted && line[1] == '"') {
            line++;
        } else if (*line == '"') {
            quoted = !quoted;
            continue;
        } else if (*line == ',' && !quoted) {
            count++;
            continue;
        }
        if (count == wanted && n < 4095)
            out[n++] = *line;
    }
    assert_false(quoted);
    assert_string_equal(line, "\r\n");
    out[n] = '\0';
    return count + 1;
}

static size_t column_of(const char *name)
{
    struct buf header = {0};
    char text[4096];
    row_csv_header(&header);
    size_t count = field_of(buf_cstr(&header), SIZE_MAX, text), i = 0;
    for (; i < count; i++) {
        field_of(header.data, i, text);
        if (strcmp(text, name) == 0)
            break;
    }
    assert_true(i < count);
    buf_done(&header);
    return i;
}

static void assert_field(const struct row *r, const char *name, const char *expected)
{
    char text[4096];
    struct buf line = line_of(r);
    field_of(line.data, column_of(name), text);
    assert_string_equal(text, expected);
    buf_done(&line);
}

static void every_line_has_every_column(void **state)
{
    (void)state;
    char text[4096];
    struct buf header = {0};
    row_csv_header(&header);
    size_t columns = field_of(buf_cstr(&header), SIZE_MAX, text);
    buf_done(&header);
    for (int i = 0; i < SAMPLE_COUNT; i++) {
        struct sample *s = sample_new((enum sample_kind)i);
        struct row row;
        assert_int_equal(row_from_record(&row, &s->record, &s->arena), 0);
        row.seq = 7;
        struct buf line = line_of(&row);
        assert_int_equal(field_of(line.data, SIZE_MAX, text), columns);
        buf_done(&line);
        /* The last key of all: nothing before it has put the columns out of step. */
        row.icmp = (struct row_text){"the end", 7};
        assert_field(&row, "icmp", "the end");
        sample_free(s);
    }
}

static void values_are_those_of_json(void **state)
{
    (void)state;
    struct sample *s = sample_new(SAMPLE_TXT);
    struct row row;
    assert_int_equal(row_from_record(&row, &s->record, &s->arena), 0);
    assert_field(&row, "time", "2026-11-24T04:00:00.123456789Z");
    assert_field(&row, "latency_us", "1");
    assert_field(&row, "flags", "[\"rd\",\"ra\"]");
    assert_field(&row, "comm", "py\033[31mthon");
    assert_field(&row, "edns", "");
    assert_field(&row, "unit", "");
    assert_field(&row, "answers",
                 "[{\"name\":\"txt.example.com\",\"type\":\"TXT\",\"ttl\":1,"
                 "\"data\":\"\\\"v=\\\\\\\"a\\\\\\\\b\\\\\\\" \\\\001\\\"\"}]");
    row.exe = (struct row_text){"a,\"b\"\n\\c\t\xc3\xa9", 11};
    assert_field(&row, "exe", "a,\"b\"\n\\c\t\xc3\xa9");
    sample_free(s);
}

static void empty_texts_are_not_absent(void **state)
{
    (void)state;
    struct sample *s = sample_new(SAMPLE_BARE);
    struct row row;
    assert_int_equal(row_from_record(&row, &s->record, &s->arena), 0);
    row.pod = (struct row_text){"", 0};
    struct buf line = line_of(&row);
    assert_non_null(strstr(line.data, ",\"\","));
    buf_done(&line);
    sample_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_has_every_column),
        cmocka_unit_test(values_are_those_of_json),
        cmocka_unit_test(empty_texts_are_not_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
