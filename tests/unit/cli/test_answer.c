/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/answer.h"
#include "cli/client.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const char top[] =
    "{\"from\":\"2026-11-24T04:00:00.000000000Z\",\"until\":\"2026-11-24T05:00:00.000000000Z\","
    "\"by\":[\"rcode\"],\"metrics\":[\"count\",\"share\",\"p99\"],\"groups\":["
    "{\"key\":[\"NOERROR\"],\"count\":900000,\"share\":0.9,\"p99\":1234.5},"
    "{\"key\":[\"NXDOMAIN\"],\"count\":99999,\"share\":0.099999,\"p99\":250},"
    "{\"key\":[null],\"count\":1,\"share\":1e-06,\"p99\":null}],"
    "\"others\":{\"count\":0,\"share\":0,\"p99\":null},"
    "\"overall\":{\"count\":1000000,\"share\":1,\"p99\":1200},\"matched\":3,\"source\":\"rollup\","
    "\"approximate\":false}\n";

static const char series[] =
    "{\"from\":\"2026-11-24T04:00:00.000000000Z\",\"until\":\"2026-11-24T04:03:00.000000000Z\","
    "\"by\":[\"qname\"],\"metrics\":[\"count\"],\"step_seconds\":60,"
    "\"start\":\"2026-11-24T04:00:00.000000000Z\",\"groups\":["
    "{\"key\":[\"a,\\\"b\"],\"count\":[1,null,3]}],\"others\":{\"count\":[0,0,1]},"
    "\"overall\":{\"count\":[1,0,4]},\"matched\":2,\"source\":\"transactions\","
    "\"approximate\":true}\n";

static struct answer *read_answer(const char *text)
{
    struct answer *a;
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    assert_int_equal(answer_from_json(&a, json), 0);
    json_decref(json);
    return a;
}

static void assert_text(struct buf *b, const char *expected)
{
    assert_string_equal(buf_cstr(b), expected);
    buf_done(b);
    *b = (struct buf){0};
}

static void json_comes_back(void **state)
{
    (void)state;
    const char *const texts[] = {top, series};
    for (int i = 0; i < 2; i++) {
        struct buf b = {0};
        struct answer *a = read_answer(texts[i]);
        answer_to_json(a, &b);
        assert_text(&b, texts[i]);
        answer_free(a);
    }
}

static void csv(void **state)
{
    (void)state;
    struct buf b = {0};
    struct answer *a = read_answer(top);
    answer_to_csv(a, &b);
    assert_text(&b, "rcode,count,share,p99\r\nNOERROR,900000,0.9,1234.5\r\n"
                    "NXDOMAIN,99999,0.099999,250\r\n,1,1e-06,\r\n");
    answer_free(a);
    a = read_answer(series);
    answer_to_csv(a, &b);
    assert_text(&b, "time,qname,count\r\n2026-11-24T04:00:00.000000000Z,\"a,\"\"b\",1\r\n"
                    "2026-11-24T04:01:00.000000000Z,\"a,\"\"b\",\r\n"
                    "2026-11-24T04:02:00.000000000Z,\"a,\"\"b\",3\r\n");
    answer_free(a);
}

static void tables(void **state)
{
    (void)state;
    struct buf b = {0};
    const struct answer_style style = {.width = 80};
    struct answer *a = read_answer(top);
    answer_to_table(a, &style, &b);
    assert_text(&b, "RCODE         COUNT   SHARE      P99\n"
                    "NOERROR     900,000  90.0 %  1.23 ms\n"
                    "NXDOMAIN     99,999  10.0 %  0.25 ms\n"
                    "(none)            1  <0.1 %        -\n"
                    "(all)     1,000,000   100 %  1.20 ms\n");
    answer_free(a);
    a = read_answer(series);
    answer_to_table(a, &style, &b);
    assert_text(&b, "UTC       a,\"b  (others)  (all)\n"
                    "04:00:00     1         0      1\n"
                    "04:01:00     -         0      0\n"
                    "04:02:00     3         1      4\n");
    answer_free(a);
}

static void tables_fit_every_width(void **state)
{
    (void)state;
    const char *const texts[] = {top, series};
    for (unsigned width = 20; width < 100; width++) {
        for (int i = 0; i < 4; i++) {
            struct buf b = {0};
            const struct answer_style style = {.width = width, .utf8 = i & 1};
            struct answer *a = read_answer(texts[i >> 1]);
            answer_to_table(a, &style, &b);
            for (const char *p = buf_cstr(&b); *p; p += strcspn(p, "\n") + 1) {
                struct buf line = {0};
                if (buf_put_visible(&line, p, strcspn(p, "\n"), SIZE_MAX) > width)
                    fail_msg("wider than %u:\n%s", width, buf_cstr(&b));
                buf_done(&line);
            }
            buf_done(&b);
            answer_free(a);
        }
    }
}

static void what_is_no_answer_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "{}",
        "[]",
        "{\"metrics\":[1],\"overall\":{}}",
        "{\"metrics\":[],\"overall\":[]}",
        "{\"metrics\":[\"count\"],\"by\":[\"a\",\"b\",\"c\"],\"overall\":{}}",
        "{\"metrics\":[\"count\"],\"by\":[\"a\"],\"groups\":[{}],\"overall\":{}}",
        "{\"metrics\":[\"count\"],\"by\":[\"a\"],\"groups\":[{\"key\":[{}]}],\"overall\":{}}",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct answer *a;
        json_t *json = json_loads(cases[i], 0, NULL);
        assert_int_equal(answer_from_json(&a, json), -EPROTO);
        json_decref(json);
    }
}

/* ---- lines and events ---- */

struct heard {
    struct buf text;
    int left; /* how many are wanted */
};

static bool on_event(void *ctx, const char *name, const char *data, size_t len)
{
    struct heard *h = ctx;
    buf_printf(&h->text, "%s=", name);
    buf_put(&h->text, data, len);
    buf_putc(&h->text, ';');
    return --h->left != 0;
}

/* The same events, whatever pieces they come in. */
static void events_come_in_any_pieces(void **state)
{
    (void)state;
    static const char stream[] = ": hello\n\nevent: transaction\r\ndata: {\"a\":1}\r\n\r\n"
                                 "data:x\ndata: y\n\nevent: missed\ndata: {\"count\":3}\n\n"
                                 "event: nothing\n\nid: 7\ndata: end\n\ndata: cut";
    for (size_t piece = 1; piece < sizeof(stream); piece++) {
        struct heard h = {.left = 100};
        struct client_events events = {.event = on_event, .ctx = &h};
        struct client_lines lines = {.line = client_events_line, .ctx = &events};
        for (size_t at = 0; at < sizeof(stream) - 1; at += piece) {
            size_t left = sizeof(stream) - 1 - at;
            assert_true(client_lines_push(&lines, stream + at, left < piece ? left : piece));
        }
        assert_text(&h.text,
                    "transaction={\"a\":1};message=x\ny;missed={\"count\":3};message=end;");
        client_lines_done(&lines);
        client_events_done(&events);
    }
}

static void enough_is_enough(void **state)
{
    (void)state;
    static const char stream[] = "data: 1\n\ndata: 2\n\ndata: 3\n\n";
    struct heard h = {.left = 2};
    struct client_events events = {.event = on_event, .ctx = &h};
    struct client_lines lines = {.line = client_events_line, .ctx = &events};
    assert_false(client_lines_push(&lines, stream, sizeof(stream) - 1));
    assert_text(&h.text, "message=1;message=2;");
    client_lines_done(&lines);
    client_events_done(&events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_comes_back),
        cmocka_unit_test(csv),
        cmocka_unit_test(tables),
        cmocka_unit_test(tables_fit_every_width),
        cmocka_unit_test(what_is_no_answer_is_refused),
        cmocka_unit_test(events_come_in_any_pieces),
        cmocka_unit_test(enough_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
