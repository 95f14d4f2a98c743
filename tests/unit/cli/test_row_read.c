/* SPDX-License-Identifier: Apache-2.0 */
#include "../record/sample.h"
#include "cli/row_read.h"
#include "record/row.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char start[] = "{\"time\":\"2026-11-24T04:00:00.000000001Z\",\"outcome\":\"answered\","
                            "\"client\":\"10.0.0.1\",\"server\":\"::1\"";

static int read_text(struct row *row, const char *text, bool strict, struct arena *arena, char *err)
{
    return row_from_json(row, text, strlen(text), strict, arena, err, 256);
}

/* Text to row to text. */
static void assert_same_again(const struct buf *text)
{
    struct arena arena;
    struct row row;
    struct buf again = {0};
    char err[256] = "";
    arena_init(&arena, 0);
    int r = row_from_json(&row, text->data, text->len, true, &arena, err, sizeof(err));
    if (r)
        fail_msg("%d %s in %.*s", r, err, (int)text->len, text->data);
    row_to_json(&row, &again);
    if (again.len != text->len || memcmp(again.data, text->data, text->len) != 0)
        fail_msg("%.*s\nbecame\n%.*s", (int)text->len, text->data, (int)again.len, again.data);
    buf_done(&again);
    arena_done(&arena);
}

static void every_kind_of_record_comes_back(void **state)
{
    (void)state;
    for (int i = 0; i < SAMPLE_COUNT; i++) {
        struct sample *s = sample_new((enum sample_kind)i);
        struct row row;
        struct buf text = {0};
        assert_int_equal(row_from_record(&row, &s->record, &s->arena), 0);
        row.seq = (uint64_t)i;
        row_to_json(&row, &text);
        assert_same_again(&text);
        buf_done(&text);
        sample_free(s);
    }
}

/* ---- rows of any content ---- */

static uint32_t random_state;

static uint32_t any(uint32_t below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(random_state >> 8) * below >> 24);
}

static struct row_text any_text(struct arena *arena)
{
    static const char *const pieces[] = {
        "a", "\"",   "\\",      "\n", "\x01",         "\xc3\xa9", "\xf0\x9f\x98\x80",
        "/", "\x7f", "example", ".",  "\xef\xbf\xbd", " "};
    struct buf b = {0};
    if (any(3) == 0)
        return (struct row_text){0};
    for (uint32_t n = 1 + any(12); n; n--)
        buf_puts(&b, pieces[any(sizeof(pieces) / sizeof(pieces[0]))]);
    if (any(8) == 0)
        buf_putc(&b, '\0');
    struct row_text t = {arena_copy(arena, b.data, b.len), (uint32_t)b.len};
    buf_done(&b);
    return t;
}

static int64_t any_number(int64_t max)
{
    return any(4) == 0 ? -1 : any(3) == 0 ? max : (int64_t)any(1000);
}

static void any_lists(struct row *r, struct arena *arena)
{
    struct row_answer *answers = arena_alloc(arena, 8 * sizeof(*answers));
    struct row_hop *hops = arena_alloc(arena, 8 * sizeof(*hops));
    struct row_ede *ede = arena_alloc(arena, 4 * sizeof(*ede));
    r->answers_len = any(8);
    for (uint32_t i = 0; i < r->answers_len; i++)
        answers[i] = (struct row_answer){any_text(arena), any_text(arena), any(UINT32_MAX),
                                         (uint16_t)any(65536)};
    for (uint32_t i = 0; i < r->answers_len; i++)
        if (!answers[i].data.text)
            answers[i].data = (struct row_text){"", 0};
    r->hops_len = any(8);
    for (uint32_t i = 0; i < r->hops_len; i++)
        hops[i] = (struct row_hop){any_text(arena), any(2) ? any(5000) + 1 : 0,
                                   any_number(INT64_MAX / 1000)};
    r->edns.ede_count = any(4);
    for (uint32_t i = 0; i < r->edns.ede_count; i++)
        ede[i] = (struct row_ede){any_text(arena), (uint16_t)any(40)};
    r->answers = answers;
    r->hops = hops;
    r->edns.ede = ede;
}

static void any_row(struct row *r, struct arena *arena)
{
    static const uint16_t all_flags = DNS_FLAG_AA | DNS_FLAG_TC | DNS_FLAG_RD | DNS_FLAG_RA |
                                      DNS_FLAG_Z | DNS_FLAG_AD | DNS_FLAG_CD;
    *r = (struct row){
        .seq = any(2) ? any(1u << 30) : 0,
        .time_ns = (int64_t)any(UINT32_MAX) * 1000000000 + any(1000000000),
        .latency_us = any_number(3600000000),
        .outcome = (uint8_t)any(OUTCOME_COUNT),
        .protocol = (uint8_t)any(PROTOCOL_COUNT),
        .transport = (uint8_t)any(TRANSPORT_COUNT),
        .marks = (uint8_t)any(16),
        .client_port = (uint16_t)any(65536),
        .server_port = (uint16_t)any(65536),
        .id = (uint16_t)any(65536),
        .flags = (uint16_t)(any(65536) & all_flags),
        .retransmits = (uint16_t)any(65536),
        .opcode = (int32_t)any(17) - 1,
        .rcode = (int32_t)any(4097) - 1,
        .qtype = any(2) ? (int32_t)any(65536) : -1,
        .authority_count = (int32_t)any_number(65535),
        .min_ttl = any_number(UINT32_MAX),
        .query_bytes = any(65536),
        .response_bytes = any(65536),
        .netns = any(2) * UINT32_MAX,
        .pid = any(2) ? any(4194304) : 0,
        .server_pid = any(2) ? any(4194304) : 0,
    };
    for (int i = 0; i < 16; i++) {
        r->client.bytes[i] = (uint8_t)any(256);
        r->server.bytes[i] = (uint8_t)(any(2) ? any(256) : 0);
    }
    /* What belongs together is there together, as in rows that come from records. */
    r->qclass = r->qtype < 0 ? -1 : (int32_t)any(65536);
    r->answer_count = r->additional_count = r->authority_count;
    r->tid = r->pid ? any(4194304) : 0;
    r->uid = r->pid ? (int64_t)any(UINT32_MAX) : -1;
    r->qname = r->qtype < 0 ? (struct row_text){0} : any_text(arena);
    if (r->qtype >= 0 && !r->qname.text)
        r->qname = (struct row_text){".", 1};
    r->qname_wire = r->qtype < 0 ? (struct row_text){0} : any_text(arena);
    r->edns = (struct row_edns){.keepalive_ms = -1, .padding_bytes = -1};
    r->comm = r->pid ? any_text(arena) : (struct row_text){0};
    r->exe = r->pid ? any_text(arena) : (struct row_text){0};
    r->server_comm = r->server_pid ? any_text(arena) : (struct row_text){0};
    struct row_text *const texts[] = {&r->interface, &r->cgroup,      &r->container_id,  &r->unit,
                                      &r->pod,       &r->namespace,   &r->workload,      &r->node,
                                      &r->malformed, &r->drop_reason, &r->drop_location, &r->icmp};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = any_text(arena);
    any_lists(r, arena);
    if (any(2)) {
        r->edns.present = true;
        r->edns.do_bit = any(2);
        r->edns.version = (uint8_t)any(256);
        r->edns.udp_size = (uint16_t)any(65536);
        r->edns.keepalive_ms = any_number(6553500);
        r->edns.padding_bytes = any_number(65535);
        r->edns.ecs = any_text(arena);
        r->edns.nsid = any_text(arena);
        r->edns.cookie = any_text(arena);
    }
}

static void rows_of_any_content_come_back(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 3000; seed++) {
        struct arena arena;
        struct row row;
        struct buf text = {0};
        random_state = seed;
        arena_init(&arena, 0);
        any_row(&row, &arena);
        row_to_json(&row, &text);
        assert_same_again(&text);
        buf_done(&text);
        arena_done(&arena);
    }
}

/* ---- mistakes ---- */

static void mistakes_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *rest, *word;
    } cases[] = {
        {"", "JSON"},
        {",\"id\":-1}", "id"},
        {",\"id\":65536}", "65535"},
        {",\"id\":1.5}", "id"},
        {",\"id\":\"1\"}", "id"},
        {",\"rcode\":\"NOPE\"}", "rcode"},
        {",\"rcode\":3}", "rcode"},
        {",\"qname\":3}", "qname"},
        {",\"qnam\":\"a\"}", "did you mean qname?"},
        {",\"answers\":{}}", "answers"},
        {",\"answers\":[1]}", "answers"},
        {",\"answers\":[{\"type\":\"X\"}]}", "answers.type"},
        {",\"answers\":[{\"tll\":1}]}", "answers.tll; did you mean ttl?"},
        {",\"edns\":[]}", "edns"},
        {",\"edns\":{\"do\":1}}", "edns.do"},
        {",\"flags\":[\"xx\"]}", "flags"},
        {",\"marks\":[\"xx\"]}", "marks"},
        {",\"marks\":[1]}", "marks"},
        {",\"hops\":[{\"latency_us\":-2}]}", "latency_us"},
        {",\"outcome\":\"answered\"}", "JSON"}, /* twice */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct arena arena;
        struct row row;
        struct buf text = {0};
        char err[256] = "";
        arena_init(&arena, 0);
        buf_puts(&text, start);
        buf_puts(&text, cases[i].rest);
        assert_int_equal(read_text(&row, buf_cstr(&text), true, &arena, err), -EBADMSG);
        if (!strstr(err, cases[i].word))
            fail_msg("%s: '%s'", cases[i].rest, err);
        buf_done(&text);
        arena_done(&arena);
    }
}

static void what_must_be_there_is_asked_for(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "{}",
        "[]",
        "1",
        "{\"time\":\"now\"}",
        "{\"time\":\"-5m\"}",
        "{\"time\":\"5\"}",
        "{\"time\":\"2026-11-24T04:00:00Z\",\"outcome\":\"answered\",\"client\":\"10.0.0.1\"}",
        "{\"time\":\"2026-11-24T04:00:00Z\",\"outcome\":\"answered\",\"client\":\"10.0.0.1\","
        "\"server\":\"10.0.0.1\",\"comm\":\"without its process\"}",
    };
    struct arena arena;
    struct row row;
    char err[256];
    arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(read_text(&row, cases[i], true, &arena, err), -EBADMSG);
    arena_done(&arena);
}

static void keys_of_a_newer_agent_are_passed_over(void **state)
{
    (void)state;
    struct arena arena;
    struct row row;
    struct buf text = {0};
    char err[256];
    arena_init(&arena, 0);
    buf_puts(&text, start);
    buf_puts(&text, ",\"new\":[1],\"edns\":{\"new\":{}},\"id\":7}");
    assert_int_equal(read_text(&row, buf_cstr(&text), true, &arena, err), -EBADMSG);
    assert_int_equal(read_text(&row, buf_cstr(&text), false, &arena, err), 0);
    assert_int_equal(row.id, 7);
    assert_true(row.edns.present);
    buf_done(&text);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_record_comes_back),
        cmocka_unit_test(rows_of_any_content_come_back),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(what_must_be_there_is_asked_for),
        cmocka_unit_test(keys_of_a_newer_agent_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
