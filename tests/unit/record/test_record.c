/* SPDX-License-Identifier: Apache-2.0 */
#include "record/text.h"
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void messages_are_parsed_once(void **state)
{
    (void)state;
    struct sample *s = sample_new(SAMPLE_A);
    assert_false(s->record.response_parsed);
    const struct dns_message *m = record_response(&s->record);
    assert_non_null(m);
    assert_int_equal(m->answers, 1);
    size_t used = s->arena.used;
    assert_ptr_equal(record_response(&s->record), m);
    assert_int_equal(s->arena.used, used);
    assert_ptr_equal(record_head(&s->record), m);
    sample_free(s);
}

static void the_head_is_the_query_when_nothing_answered(void **state)
{
    (void)state;
    struct sample *s = sample_new(SAMPLE_TIMEOUT);
    assert_null(record_response(&s->record));
    assert_ptr_equal(record_head(&s->record), record_query(&s->record));
    assert_int_equal(record_rcode(&s->record), -1);
    sample_free(s);
    s = sample_new(SAMPLE_BARE);
    assert_null(record_head(&s->record));
    sample_free(s);
}

static void qname_is_lower_case_and_keeps_what_was_seen(void **state)
{
    (void)state;
    int len;
    struct sample *s = sample_new(SAMPLE_A);
    assert_string_equal(record_qname(&s->record, &len), "www.example.com");
    assert_int_equal(len, 15);
    assert_string_equal(s->record.qname_wire, "WWW.Example.COM");
    sample_free(s);
    s = sample_new(SAMPLE_TIMEOUT);
    assert_string_equal(record_qname(&s->record, &len), "slow.example.com");
    assert_null(s->record.qname_wire);
    sample_free(s);
    s = sample_new(SAMPLE_BARE);
    assert_null(record_qname(&s->record, &len));
    assert_int_equal(len, -1);
    sample_free(s);
}

static void the_question_of_a_response_serves_without_a_query(void **state)
{
    (void)state;
    int len;
    struct sample *s = sample_new(SAMPLE_UNSOLICITED);
    assert_string_equal(record_qname(&s->record, &len), "spoof.example.com");
    assert_int_equal(record_rcode(&s->record), 0);
    sample_free(s);
}

static void rcode_has_the_edns_bits(void **state)
{
    (void)state;
    struct sample *s = sample_new(SAMPLE_V6);
    assert_int_equal(record_rcode(&s->record), 16);
    sample_free(s);
}

static void enums_are_named(void **state)
{
    (void)state;
    assert_string_equal(record_outcome_name(OUTCOME_ICMP_REFUSED), "icmp_refused");
    assert_string_equal(record_outcome_name(OUTCOME_UNSEEN), "unseen");
    assert_string_equal(record_outcome_name(OUTCOME_COUNT), "");
    assert_string_equal(record_protocol_name(PROTOCOL_LLMNR), "llmnr");
    assert_string_equal(record_transport_name(TRANSPORT_QUIC), "quic");
    assert_string_equal(record_mark_name(MARK_LATE_RESPONSE), "late_response");
    assert_null(record_mark_name(0x80));
}

static void client_subnets(void **state)
{
    (void)state;
    char text[RECORD_ECS_TEXT_MAX];
    static const uint8_t v6[] = {0, 2, 56, 48, 0x20, 1, 0x0d, 0xb8, 1, 2, 3};
    static const uint8_t none[] = {0, 1, 0, 0};
    static const uint8_t too_long[] = {0, 1, 24, 0, 1, 2, 3, 4, 5};
    static const uint8_t family[] = {0, 9, 24, 0, 1};
    record_ecs_text(v6, sizeof(v6), text);
    assert_string_equal(text, "2001:db8:102:300::/56/48");
    record_ecs_text(none, sizeof(none), text);
    assert_string_equal(text, "0.0.0.0/0/0");
    record_ecs_text(too_long, sizeof(too_long), text);
    assert_string_equal(text, "000118000102030405");
    record_ecs_text(family, sizeof(family), text);
    assert_string_equal(text, "0009180001");
    record_ecs_text(family, 1, text);
    assert_string_equal(text, "00");
    uint8_t large[300] = {0, 9};
    assert_true(record_ecs_text(large, sizeof(large), text) < sizeof(text));
}

static void a_subnet_that_is_not_echoed_still_shows(void **state)
{
    (void)state;
    uint16_t len;
    struct sample *s = sample_new(SAMPLE_A);
    /* The response's option code 8 becomes one that is not known. */
    const struct dns_message *m = record_response(&s->record);
    const uint8_t *ecs = record_ecs(&s->record, &len);
    assert_ptr_equal(ecs, m->edns.ecs);
    s->response.bytes[ecs - s->response.bytes - 3] = 200;
    s->record.response_parsed = false;
    ecs = record_ecs(&s->record, &len);
    assert_non_null(ecs);
    assert_ptr_equal(ecs, record_query(&s->record)->edns.ecs);
    sample_free(s);
}

static void identifiers_that_cannot_be_printed_are_hexadecimal(void **state)
{
    (void)state;
    struct buf b = {0};
    struct dns_edns e = {.nsid = (const uint8_t *)"res1.example", .nsid_len = 12};
    record_nsid_text(&e, &b);
    assert_string_equal(buf_cstr(&b), "res1.example");
    buf_clear(&b);
    e.nsid = (const uint8_t *)"\x01\xfe";
    e.nsid_len = 2;
    record_nsid_text(&e, &b);
    assert_string_equal(buf_cstr(&b), "01fe");
    buf_done(&b);
}

static void keepalive_is_in_ms(void **state)
{
    (void)state;
    struct dns_edns e = {.keepalive = (const uint8_t *)"\x01\x00", .keepalive_len = 2};
    assert_int_equal(record_keepalive_ms(&e), 25600);
    e.keepalive_len = 0;
    assert_int_equal(record_keepalive_ms(&e), -1);
}

static void icmp_names(void **state)
{
    (void)state;
    char scratch[RECORD_ICMP_TEXT_MAX];
    struct sample *s = sample_new(SAMPLE_REFUSED);
    assert_string_equal(record_icmp_name(&s->record, scratch), "port_unreachable");
    s->record.icmp_code = 99;
    assert_string_equal(record_icmp_name(&s->record, scratch), "type3_code99");
    sample_free(s);
    s = sample_new(SAMPLE_V6);
    assert_null(record_icmp_name(&s->record, scratch));
    s->record.icmp_type = 1;
    s->record.icmp_code = 4;
    assert_string_equal(record_icmp_name(&s->record, scratch), "port_unreachable");
    sample_free(s);
}

static void answer_texts_are_kept(void **state)
{
    (void)state;
    struct sample *s = sample_new(SAMPLE_CHAIN);
    struct record_text t = record_answer_data(&s->record, 1);
    assert_string_equal(t.text, "10.0.0.1");
    assert_ptr_equal(record_answer_data(&s->record, 1).text, t.text);
    assert_string_equal(record_answer_data(&s->record, 3).text, "2001:db8::1");
    assert_string_equal(record_answer_name(&s->record, 2).text, "edge.cdn.test");
    assert_null(record_answer_name(&s->record, 4).text);
    sample_free(s);
}

static void microseconds_are_rounded(void **state)
{
    (void)state;
    assert_int_equal(record_us(0), 0);
    assert_int_equal(record_us(499), 0);
    assert_int_equal(record_us(500), 1);
    assert_int_equal(record_us(1499), 1);
    struct record_hop h = {.query_ns = 5, .response_ns = 0};
    assert_int_equal(record_hop_latency_ns(&h), -1);
    h.response_ns = 9;
    assert_int_equal(record_hop_latency_ns(&h), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_parsed_once),
        cmocka_unit_test(the_head_is_the_query_when_nothing_answered),
        cmocka_unit_test(qname_is_lower_case_and_keeps_what_was_seen),
        cmocka_unit_test(the_question_of_a_response_serves_without_a_query),
        cmocka_unit_test(rcode_has_the_edns_bits),
        cmocka_unit_test(enums_are_named),
        cmocka_unit_test(client_subnets),
        cmocka_unit_test(a_subnet_that_is_not_echoed_still_shows),
        cmocka_unit_test(identifiers_that_cannot_be_printed_are_hexadecimal),
        cmocka_unit_test(keepalive_is_in_ms),
        cmocka_unit_test(icmp_names),
        cmocka_unit_test(answer_texts_are_kept),
        cmocka_unit_test(microseconds_are_rounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
