/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void assert_json(enum sample_kind kind, const char *expected)
{
    struct sample *s = sample_new(kind);
    struct buf b = {0};
    record_to_json(&s->record, &b);
    assert_string_equal(buf_cstr(&b), expected);
    /* Once more: what was kept the first time must not change the text. */
    buf_clear(&b);
    record_to_json(&s->record, &b);
    assert_string_equal(buf_cstr(&b), expected);
    buf_done(&b);
    sample_free(s);
}

#define TIME "{\"time\":\"2026-11-24T04:00:00.123456789Z\","
#define WHO                                                                                        \
    "\"protocol\":\"dns\",\"transport\":\"udp\",\"client\":\"10.0.0.7\",\"client_port\":40000,"    \
    "\"server\":\"192.0.2.53\",\"server_port\":53,"

static void an_answer_has_every_field(void **state)
{
    (void)state;
    assert_json(SAMPLE_A, TIME
                "\"latency_us\":341,\"outcome\":\"answered\"," WHO
                "\"id\":6699,\"opcode\":\"QUERY\",\"flags\":[\"rd\",\"ra\",\"ad\"],"
                "\"rcode\":\"NOERROR\",\"qname\":\"www.example.com\","
                "\"qname_wire\":\"WWW.Example.COM\",\"qtype\":\"A\",\"qclass\":\"IN\","
                "\"answers\":[{\"name\":\"WWW.Example.COM\",\"type\":\"A\",\"ttl\":300,"
                "\"data\":\"192.0.2.1\"}],\"authority_count\":0,\"additional_count\":1,"
                "\"answer_count\":1,\"min_ttl\":300,\"edns\":{\"version\":0,\"udp_size\":4096,"
                "\"do\":true,\"ecs\":\"192.0.2.0/24/20\",\"nsid\":\"n1\","
                "\"cookie\":\"0102030405060708\"},\"query_bytes\":55,\"response_bytes\":89,"
                "\"retransmits\":0,\"interface\":\"eth0\",\"netns\":4026531840,"
                "\"hops\":[{\"interface\":\"eth0\",\"netns\":4026531840,\"latency_us\":341}],"
                "\"pid\":4242,\"tid\":4242,\"comm\":\"dig\",\"exe\":\"/usr/bin/dig\",\"uid\":1000,"
                "\"unit\":\"session-1.scope\"}");
}

static void edns_of_the_query_when_the_response_has_none(void **state)
{
    (void)state;
    assert_json(SAMPLE_NXDOMAIN,
                TIME "\"latency_us\":12346,\"outcome\":\"answered\"," WHO
                     "\"id\":7,\"opcode\":\"QUERY\",\"flags\":[\"aa\",\"rd\",\"ra\"],"
                     "\"rcode\":\"NXDOMAIN\",\"qname\":\"nope.example.net\",\"qtype\":\"AAAA\","
                     "\"qclass\":\"IN\",\"authority_count\":1,\"additional_count\":0,"
                     "\"answer_count\":0,\"edns\":{\"version\":0,\"udp_size\":1400,\"do\":false},"
                     "\"query_bytes\":45,\"response_bytes\":70,\"retransmits\":0,\"pid\":77,"
                     "\"tid\":77,\"comm\":\"curl\",\"uid\":1000}");
}

static void extended_errors_are_escaped(void **state)
{
    (void)state;
    struct sample *s = sample_new(SAMPLE_SERVFAIL);
    struct buf b = {0};
    record_to_json(&s->record, &b);
    assert_non_null(strstr(buf_cstr(&b),
                           "\"ede\":[{\"code\":6,\"text\":\"DNSSEC Bogus\",\"extra\":\"bad "
                           "\\\"\\u001b\"},{\"code\":3,\"text\":\"Stale Answer\"}]}"));
    buf_done(&b);
    sample_free(s);
}

static void answers_keep_their_order_and_hops_theirs(void **state)
{
    (void)state;
    struct sample *s = sample_new(SAMPLE_CHAIN);
    struct buf b = {0};
    record_to_json(&s->record, &b);
    const char *json = buf_cstr(&b);
    assert_non_null(strstr(
        json,
        "\"answers\":[{\"name\":\"shop.example.com\",\"type\":\"CNAME\",\"ttl\":60,\"data\":"));
    assert_non_null(strstr(json, "{\"name\":\"edge.cdn.test\",\"type\":\"A\",\"ttl\":20,"
                                 "\"data\":\"10.0.0.1\"},{\"name\":\"edge.cdn.test\","
                                 "\"type\":\"A\",\"ttl\":20,\"data\":\"10.0.0.2\"},"
                                 "{\"name\":\"edge.cdn.test\",\"type\":\"AAAA\",\"ttl\":30,"
                                 "\"data\":\"2001:db8::1\"}]"));
    assert_non_null(strstr(json, "\"min_ttl\":20,"));
    assert_non_null(
        strstr(json, "\"hops\":[{\"interface\":\"eth0\",\"netns\":4026532001,\"latency_us\":2500},"
                     "{\"interface\":\"veth1\",\"netns\":4026531840,\"latency_us\":2400},"
                     "{\"interface\":\"ens3\",\"netns\":4026531840}]"));
    assert_non_null(strstr(json, "\"server_pid\":53,\"server_comm\":\"coredns\","
                                 "\"cgroup\":\"/kubepods.slice/cri-containerd-0123.scope\","
                                 "\"container_id\":\"0123456789ab\",\"pod\":\"web-7d9\","
                                 "\"namespace\":\"shop\",\"workload\":\"web\","
                                 "\"node\":\"node-a\"}"));
    buf_done(&b);
    sample_free(s);
}

static void data_and_names_of_processes_are_escaped(void **state)
{
    (void)state;
    struct sample *s = sample_new(SAMPLE_TXT);
    struct buf b = {0};
    record_to_json(&s->record, &b);
    const char *json = buf_cstr(&b);
    for (const char *p = json; *p; p++)
        assert_true((unsigned char)*p >= 0x20);
    assert_non_null(strstr(json, "\"comm\":\"py\\u001b[31mthon\""));
    assert_non_null(strstr(json, "\"data\":\"\\\"v=\\\\\\\"a\\\\\\\\b\\\\\\\" \\\\001\\\"\"}]"));
    assert_non_null(strstr(json, "\"latency_us\":1,"));
    buf_done(&b);
    sample_free(s);
}

static void a_timeout_has_no_response_fields(void **state)
{
    (void)state;
    assert_json(SAMPLE_TIMEOUT, TIME
                "\"outcome\":\"timeout\"," WHO "\"id\":9,\"opcode\":\"QUERY\",\"flags\":[\"rd\"],"
                "\"qname\":\"slow.example.com\",\"qtype\":\"A\",\"qclass\":\"IN\","
                "\"authority_count\":0,\"additional_count\":0,\"answer_count\":0,"
                "\"query_bytes\":34,\"retransmits\":2,\"pid\":12,\"tid\":12,"
                "\"comm\":\"ssh\",\"uid\":1000}");
}

static void icmp_is_named(void **state)
{
    (void)state;
    struct sample *s = sample_new(SAMPLE_REFUSED);
    struct buf b = {0};
    record_to_json(&s->record, &b);
    assert_non_null(strstr(buf_cstr(&b), "\"outcome\":\"icmp_refused\""));
    assert_non_null(strstr(buf_cstr(&b), "\"icmp\":\"port_unreachable\"}"));
    buf_done(&b);
    sample_free(s);
}

static void malformed_says_which_message_and_marks_follow(void **state)
{
    (void)state;
    struct sample *s = sample_new(SAMPLE_MALFORMED);
    struct buf b = {0};
    record_to_json(&s->record, &b);
    assert_non_null(strstr(buf_cstr(&b), ",\"malformed\":\"response: "));
    assert_non_null(strstr(buf_cstr(&b), "\",\"marks\":[\"duplicate_response\",\"reassembled\"]}"));
    buf_done(&b);
    sample_free(s);
}

static void the_root_and_extended_rcodes(void **state)
{
    (void)state;
    struct sample *s = sample_new(SAMPLE_V6);
    struct buf b = {0};
    record_to_json(&s->record, &b);
    assert_non_null(strstr(buf_cstr(&b), "\"client\":\"2001:db8::10\""));
    assert_non_null(strstr(buf_cstr(&b), "\"rcode\":\"BADVERS\",\"qname\":\".\",\"qtype\":\"NS\""));
    buf_done(&b);
    sample_free(s);
}

static void without_messages_the_rest_remains(void **state)
{
    (void)state;
    assert_json(SAMPLE_BARE, TIME "\"outcome\":\"answered\"," WHO "\"id\":0,\"retransmits\":0}");
}

static void objects_follow_each_other_in_one_buffer(void **state)
{
    (void)state;
    struct sample *s = sample_new(SAMPLE_TIMEOUT);
    struct buf b = {0};
    for (int i = 0; i < 3; i++) {
        record_to_json(&s->record, &b);
        buf_putc(&b, '\n');
    }
    assert_int_equal(b.len % 3, 0);
    assert_memory_equal(b.data, b.data + b.len / 3, b.len / 3);
    buf_done(&b);
    sample_free(s);
}

static void expect_says(struct record *r, const char *text)
{
    struct buf b = {0};
    for (int i = 0; i < 2; i++) {
        buf_clear(&b);
        record_to_json(r, &b);
        assert_non_null(strstr(buf_cstr(&b), text));
    }
    buf_done(&b);
}

/* One thing changes at a time; all else that the kept text is known by stays. */
static void what_is_kept_of_one_is_not_taken_for_another(void **state)
{
    (void)state;
    struct sample *s = sample_new(SAMPLE_A);
    struct record *r = &s->record;
    struct record_process *p = &r->process;
    r->server_process = (struct record_process){.pid = 99, .comm = "named"};
    p->facts = 1;
    expect_says(r, "\"tid\":4242,\"comm\":\"dig\",\"exe\":\"/usr/bin/dig\",\"uid\":1000,"
                   "\"server_pid\":99,\"server_comm\":\"named\",\"unit\":\"session-1.scope\"}");
    p->exe = "/usr/bin/host";
    p->facts = 2;
    expect_says(r, "\"exe\":\"/usr/bin/host\"");
    p->tid = 4242 + 64;
    expect_says(r, "\"tid\":4306,");
    p->pid = 4243;
    expect_says(r, "\"pid\":4243,");
    p->uid = 0;
    expect_says(r, "\"uid\":0,");
    memcpy(p->comm, "dog", 3);
    expect_says(r, "\"comm\":\"dog\"");
    r->server_process.pid = 99 + 64;
    expect_says(r, "\"server_pid\":163,");
    memcpy(r->server_process.comm, "knotd", 5);
    expect_says(r, "\"server_comm\":\"knotd\"");
    r->pod = "web-0";
    expect_says(r, "\"unit\":\"session-1.scope\",\"pod\":\"web-0\"}");
    r->pod = NULL;
    expect_says(r, "\"unit\":\"session-1.scope\"}");
    p->unit = "ssh.service"; /* texts that no number stands for */
    p->facts = 0;
    expect_says(r, "\"unit\":\"ssh.service\"}");
    p->unit = "cron.service";
    expect_says(r, "\"unit\":\"cron.service\"}");
    memcpy(s->hops[0].interface, "eth1", 4);
    expect_says(r, "\"interface\":\"eth1\",\"netns\":4026531840,\"hops\":[{\"interface\":\"eth1\"");
    s->hops[0].netns += 16;
    expect_says(r, "\"netns\":4026531856,\"hops\":[{\"interface\":\"eth1\",\"netns\":4026531856,");
    sample_free(s);
}

/* Too long to be kept. */
static void long_texts_of_a_process(void **state)
{
    (void)state;
    char exe[1000], expected[1100];
    struct sample *s = sample_new(SAMPLE_A);
    memset(exe, 'x', sizeof(exe) - 1);
    exe[sizeof(exe) - 1] = '\0';
    s->record.process.exe = exe;
    s->record.process.facts = 3;
    snprintf(expected, sizeof(expected), "\"comm\":\"dig\",\"exe\":\"%s\",\"uid\":1000", exe);
    expect_says(&s->record, expected);
    sample_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_has_every_field),
        cmocka_unit_test(edns_of_the_query_when_the_response_has_none),
        cmocka_unit_test(extended_errors_are_escaped),
        cmocka_unit_test(answers_keep_their_order_and_hops_theirs),
        cmocka_unit_test(data_and_names_of_processes_are_escaped),
        cmocka_unit_test(a_timeout_has_no_response_fields),
        cmocka_unit_test(icmp_is_named),
        cmocka_unit_test(malformed_says_which_message_and_marks_follow),
        cmocka_unit_test(the_root_and_extended_rcodes),
        cmocka_unit_test(without_messages_the_rest_remains),
        cmocka_unit_test(objects_follow_each_other_in_one_buffer),
        cmocka_unit_test(what_is_kept_of_one_is_not_taken_for_another),
        cmocka_unit_test(long_texts_of_a_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
