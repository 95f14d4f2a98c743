/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "txn/txn.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define T0 (1700000000 * NS_PER_SEC)

enum {
    SEEN_MAX = 64,
};

struct seen {
    int count;
    struct record records[SEEN_MAX];
    struct record_hop hops[SEEN_MAX][RECORD_HOPS_MAX];
};

static void collect(void *ctx, struct record *r)
{
    struct seen *s = ctx;
    assert_in_range(s->count, 0, SEEN_MAX - 1);
    s->records[s->count] = *r;
    for (int i = 0; i < r->hop_count; i++)
        s->hops[s->count][i] = r->hops[i];
    s->count++;
}

struct bench {
    struct seen seen;
    struct txn *txn;
};

static void set_up(struct bench *b, struct txn_limits limits)
{
    b->seen.count = 0;
    b->txn = txn_new(&limits, collect, &b->seen);
    assert_non_null(b->txn);
}

static void tear_down(struct bench *b)
{
    txn_free(b->txn);
}

/* A message of one question; `tail` bytes follow it, to make responses differ. */
static uint32_t message(uint8_t *out, uint16_t id, bool response, const char *label, uint16_t type,
                        const char *tail)
{
    uint8_t *p = out;
    *p++ = (uint8_t)(id >> 8);
    *p++ = (uint8_t)id;
    *p++ = response ? 0x81 : 0x01;
    *p++ = response ? 0x80 : 0x00;
    memcpy(p, "\0\1\0\0\0\0\0\0", 8);
    p += 8;
    *p++ = (uint8_t)strlen(label);
    memcpy(p, label, strlen(label));
    p += strlen(label);
    memcpy(p, "\4test\0", 6);
    p += 6;
    *p++ = (uint8_t)(type >> 8);
    *p++ = (uint8_t)type;
    *p++ = 0;
    *p++ = 1;
    memcpy(p, tail, strlen(tail));
    return (uint32_t)(p - out) + (uint32_t)strlen(tail);
}

struct place {
    uint32_t ifindex, netns;
    enum frame_direction direction;
};

static const struct place CLIENT_OUT = {2, 100, FRAME_OUT}, CLIENT_IN = {2, 100, FRAME_IN};
static const struct place SERVER_OUT = {3, 200, FRAME_OUT}, SERVER_IN = {3, 200, FRAME_IN};

struct shot {
    struct place place;
    int64_t ms;
    uint16_t id;
    bool response;
    const char *label;
    uint16_t type;
    const char *tail;
    bool local, first;
    uint32_t pid;
    uint8_t transport;
    uint16_t client_port;
    uint32_t bytes; /* of the message, no more; 0: all */
    uint32_t packet;
};

static void shoot(struct bench *b, struct shot s)
{
    static const uint8_t client[4] = {192, 0, 2, 1}, server[4] = {192, 0, 2, 53};
    uint8_t wire[512];
    uint16_t id = s.id ? s.id : 7;
    struct frame_owner owner = {.pid = s.pid, .comm = "dig"};
    struct frame frame = {
        .time_ns = T0 + s.ms * NS_PER_MS,
        .direction = (uint8_t)s.place.direction,
        .ifindex = s.place.ifindex,
        .netns = s.place.netns,
        .interface = "eth0",
        .local_origin = s.local,
        .first_sight = s.first,
        .owner = s.pid ? &owner : NULL,
        .packet = s.packet,
        .cpu = 1,
    };
    uint32_t len = message(wire, id, s.response, s.label ? s.label : "www", s.type ? s.type : 1,
                           s.tail ? s.tail : "");
    if (s.bytes)
        len = s.bytes;
    uint16_t client_port = s.client_port ? s.client_port : 40000;
    struct txn_message m = {
        .frame = &frame,
        .src = inet_addr_v4(s.response ? server : client),
        .dst = inet_addr_v4(s.response ? client : server),
        .sport = s.response ? 53 : client_port,
        .dport = s.response ? client_port : 53,
        .transport = s.transport,
        .wire = wire,
        .len = len,
        .full_len = len,
    };
    txn_push(b->txn, &m);
}

#define QUERY(...)    shoot(&b, (struct shot){__VA_ARGS__})
#define RESPONSE(...) QUERY(.response = true, __VA_ARGS__)

static void again(struct bench *b, uint32_t packet, struct place place, int64_t ms)
{
    struct frame frame = {
        .time_ns = T0 + ms * NS_PER_MS,
        .direction = (uint8_t)place.direction,
        .ifindex = place.ifindex,
        .netns = place.netns,
        .interface = "eth0",
        .packet = packet,
        .cpu = 1,
        .repeat = true,
    };
    txn_push_repeat(b->txn, &frame);
}

static void tick_ms(struct bench *b, int64_t ms)
{
    txn_tick(b->txn, T0 + ms * NS_PER_MS);
}

/* A broken answer is an answer: the operator is to see what came back. */
static void answer_without_readable_question(void **state)
{
    (void)state;
    for (uint32_t bytes = 12; bytes < 12 + 4 + 6 + 4; bytes++) {
        struct bench b;
        set_up(&b, (struct txn_limits){0});
        QUERY(.ms = 0);
        RESPONSE(.ms = 3, .bytes = bytes);
        txn_flush(b.txn);
        assert_int_equal(b.seen.count, 1);
        assert_int_equal(b.seen.records[0].outcome, OUTCOME_ANSWERED);
        assert_int_equal(b.seen.records[0].response_bytes, bytes);
        tear_down(&b);
    }
}

static void one_answer(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    QUERY(.ms = 0);
    RESPONSE(.ms = 12);
    assert_int_equal(b.seen.count, 0);
    tick_ms(&b, 112);
    assert_int_equal(b.seen.count, 1);
    const struct record *r = &b.seen.records[0];
    assert_int_equal(r->outcome, OUTCOME_ANSWERED);
    assert_int_equal(r->latency_ns, 12 * NS_PER_MS);
    assert_int_equal(r->time_ns, T0);
    assert_int_equal(r->id, 7);
    assert_int_equal(r->client_port, 40000);
    assert_int_equal(r->server_port, 53);
    assert_int_equal(r->retransmits, 0);
    assert_int_equal(r->marks, 0);
    assert_true(r->has_query && r->has_response);
    tear_down(&b);
}

/* What was found last is not found any more once it has been forgotten. */
static void answer_to_a_forgotten_query_is_not_late(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    QUERY(.ms = 0);
    tick_ms(&b, 5000);
    tick_ms(&b, 11000);
    RESPONSE(.ms = 11000);
    tick_ms(&b, 11100);
    assert_int_equal(b.seen.count, 2);
    assert_int_equal(b.seen.records[0].outcome, OUTCOME_TIMEOUT);
    assert_int_equal(b.seen.records[1].outcome, OUTCOME_UNSOLICITED);
    assert_int_equal(b.seen.records[1].marks, 0);
    tear_down(&b);
}

static void a_and_aaaa_on_one_socket_are_two(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    /* glibc gives them different ids; even with the same id the question tells them apart. */
    QUERY(.ms = 0, .type = 1);
    QUERY(.ms = 0, .type = 28);
    RESPONSE(.ms = 3, .type = 28, .tail = "six");
    RESPONSE(.ms = 5, .type = 1, .tail = "four");
    txn_flush(b.txn);
    assert_int_equal(b.seen.count, 2);
    assert_int_equal(b.seen.records[0].latency_ns, 3 * NS_PER_MS);
    assert_int_equal(b.seen.records[1].latency_ns, 5 * NS_PER_MS);
    tear_down(&b);
}

static void names_match_without_case(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    QUERY(.ms = 0, .label = "wWw");
    RESPONSE(.ms = 1, .label = "WwW");
    QUERY(.ms = 2, .id = 8, .label = "a@a");
    RESPONSE(.ms = 3, .id = 8, .label = "a`a"); /* 0x40 and 0x60 are no letters */
    txn_flush(b.txn);
    assert_int_equal(b.seen.count, 3);
    assert_int_equal(b.seen.records[0].outcome, OUTCOME_ANSWERED);
    assert_int_equal(txn_stats(b.txn)->by_outcome[OUTCOME_UNSOLICITED], 1);
    tear_down(&b);
}

static void timeout_after_five_seconds(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    QUERY(.ms = 0);
    QUERY(.ms = 2000);
    tick_ms(&b, 4999);
    assert_int_equal(b.seen.count, 0);
    tick_ms(&b, 5000);
    assert_int_equal(b.seen.count, 1);
    assert_int_equal(b.seen.records[0].outcome, OUTCOME_TIMEOUT);
    assert_int_equal(b.seen.records[0].retransmits, 1);
    assert_int_equal(b.seen.records[0].latency_ns, -1);
    RESPONSE(.ms = 6000);
    txn_flush(b.txn);
    assert_int_equal(b.seen.count, 2);
    assert_int_equal(b.seen.records[1].outcome, OUTCOME_UNSOLICITED);
    assert_int_equal(b.seen.records[1].marks, MARK_LATE_RESPONSE);
    tear_down(&b);
}

static void loss_makes_unseen_not_timeout(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    QUERY(.ms = 0, .id = 1);
    txn_note_loss(b.txn, T0 + 1 * NS_PER_MS);
    QUERY(.ms = 2, .id = 2);
    RESPONSE(.ms = 3, .id = 3); /* its query may be what was lost */
    tick_ms(&b, 6000);
    assert_int_equal(b.seen.count, 3);
    assert_int_equal(txn_stats(b.txn)->by_outcome[OUTCOME_UNSEEN], 2);
    assert_int_equal(txn_stats(b.txn)->by_outcome[OUTCOME_TIMEOUT], 1);
    tear_down(&b);
}

static void end_of_input_is_no_timeout(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    QUERY(.ms = 0);
    txn_flush(b.txn);
    assert_int_equal(b.seen.records[0].outcome, OUTCOME_UNSEEN);
    tear_down(&b);
}

static void hops_are_one_transaction(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    QUERY(.place = CLIENT_OUT, .ms = 0, .pid = 42, .local = true, .first = true);
    QUERY(.place = SERVER_IN, .ms = 1);
    RESPONSE(.place = SERVER_OUT, .ms = 10, .pid = 77);
    RESPONSE(.place = CLIENT_IN, .ms = 11);
    txn_flush(b.txn);
    assert_int_equal(b.seen.count, 1);
    const struct record *r = &b.seen.records[0];
    assert_int_equal(r->hop_count, 2);
    assert_int_equal(b.seen.hops[0][0].netns, 100);
    assert_int_equal(b.seen.hops[0][1].netns, 200);
    assert_int_equal(r->latency_ns, 11 * NS_PER_MS);
    assert_int_equal(b.seen.hops[0][1].response_ns - b.seen.hops[0][1].query_ns, 9 * NS_PER_MS);
    assert_int_equal(r->process.pid, 42);
    assert_int_equal(r->server_process.pid, 77);
    assert_true(r->client_is_local);
    assert_int_equal(r->retransmits, 0);
    assert_int_equal(txn_stats(b.txn)->hops, 2);
    assert_int_equal(txn_stats(b.txn)->counted_queries, 1);
    tear_down(&b);
}

static void loopback_sees_each_packet_twice(void **state)
{
    (void)state;
    static const struct place out = {1, 1, FRAME_OUT}, in = {1, 1, FRAME_IN};
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    QUERY(.place = out, .ms = 0);
    QUERY(.place = in, .ms = 0);
    RESPONSE(.place = out, .ms = 4);
    RESPONSE(.place = in, .ms = 5);
    QUERY(.place = out, .ms = 6); /* the same question with the same id, once more */
    QUERY(.place = in, .ms = 6);
    RESPONSE(.place = out, .ms = 8);
    RESPONSE(.place = in, .ms = 8);
    txn_flush(b.txn);
    assert_int_equal(b.seen.count, 2);
    assert_int_equal(b.seen.records[0].hop_count, 1);
    assert_int_equal(b.seen.records[0].latency_ns, 5 * NS_PER_MS);
    assert_int_equal(b.seen.records[0].retransmits, 0);
    assert_int_equal(b.seen.records[1].latency_ns, 2 * NS_PER_MS);
    tear_down(&b);
}

static void retransmission_through_hops(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    for (int copy = 0; copy < 3; copy++) {
        QUERY(.place = CLIENT_OUT, .ms = copy * 1000, .first = true);
        QUERY(.place = SERVER_IN, .ms = copy * 1000 + 1);
    }
    for (int copy = 0; copy < 3; copy++) {
        RESPONSE(.place = SERVER_OUT, .ms = 2500);
        RESPONSE(.place = CLIENT_IN, .ms = 2501);
    }
    txn_flush(b.txn);
    assert_int_equal(b.seen.count, 1);
    assert_int_equal(b.seen.records[0].retransmits, 2);
    assert_int_equal(b.seen.records[0].marks, 0);
    assert_int_equal(b.seen.records[0].latency_ns, 2501 * NS_PER_MS);
    assert_int_equal(txn_stats(b.txn)->counted_queries, 3);
    tear_down(&b);
}

static void answer_to_a_copy_after_the_report(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    QUERY(.ms = 0);
    QUERY(.ms = 1000);
    RESPONSE(.ms = 1010, .tail = "same");
    tick_ms(&b, 2000);
    assert_int_equal(b.seen.count, 1);
    RESPONSE(.ms = 2100, .tail = "same"); /* the server answers the copy as well */
    txn_flush(b.txn);
    assert_int_equal(b.seen.count, 1);
    assert_int_equal(txn_stats(b.txn)->repeated_responses, 1);
    tear_down(&b);
}

static void second_different_answer_is_marked(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    QUERY(.ms = 0);
    RESPONSE(.ms = 5, .tail = "forged");
    RESPONSE(.ms = 20, .tail = "genuine");
    tick_ms(&b, 200);
    assert_int_equal(b.seen.count, 1);
    assert_int_equal(b.seen.records[0].marks, MARK_DUPLICATE_RESPONSE);
    assert_int_equal(b.seen.records[0].latency_ns, 5 * NS_PER_MS);
    tear_down(&b);
}

static void forged_answer_at_one_hop_only_is_marked(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    QUERY(.place = CLIENT_OUT, .ms = 0);
    QUERY(.place = SERVER_IN, .ms = 1);
    RESPONSE(.place = CLIENT_IN, .ms = 2, .tail = "forged");
    RESPONSE(.place = SERVER_OUT, .ms = 3, .tail = "real");
    txn_flush(b.txn);
    assert_int_equal(b.seen.count, 1);
    assert_int_equal(b.seen.records[0].marks, MARK_DUPLICATE_RESPONSE);
    tear_down(&b);
}

static void unsolicited_with_hops_is_one(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    RESPONSE(.place = SERVER_OUT, .ms = 0);
    RESPONSE(.place = CLIENT_IN, .ms = 1);
    txn_flush(b.txn);
    assert_int_equal(b.seen.count, 1);
    assert_int_equal(b.seen.records[0].outcome, OUTCOME_UNSOLICITED);
    assert_int_equal(b.seen.hops[0][0].netns, 100); /* nearest the client, though seen last */
    tear_down(&b);
}

static void repeats_are_hops(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    shoot(&b, (struct shot){.place = CLIENT_OUT, .packet = 1});
    again(&b, 1, SERVER_IN, 1);
    shoot(&b, (struct shot){.place = SERVER_OUT, .ms = 3, .response = true, .packet = 2});
    again(&b, 2, CLIENT_IN, 4);
    tick_ms(&b, 1000);
    assert_int_equal(b.seen.count, 1);
    const struct record *r = &b.seen.records[0];
    assert_int_equal(r->outcome, OUTCOME_ANSWERED);
    assert_int_equal(r->hop_count, 2);
    assert_int_equal(r->latency_ns, 4 * NS_PER_MS);
    assert_int_equal(r->retransmits, 0);
    assert_int_equal(b.seen.hops[0][1].query_ns, T0 + NS_PER_MS);
    assert_int_equal(b.seen.hops[0][1].response_ns, T0 + 3 * NS_PER_MS);
    assert_int_equal(txn_stats(b.txn)->hops, 2);
    assert_int_equal(txn_stats(b.txn)->repeats, 2);
    tear_down(&b);
}

/* Two askings of one question: each packet's later hop belongs to its own. */
static void repeats_of_a_query_asked_anew(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    shoot(&b, (struct shot){.place = CLIENT_OUT, .packet = 1});
    shoot(&b, (struct shot){.place = CLIENT_IN, .ms = 1, .response = true, .packet = 2});
    shoot(&b, (struct shot){.place = CLIENT_OUT, .ms = 2, .packet = 3});
    again(&b, 1, SERVER_IN, 3);
    tick_ms(&b, 10000);
    assert_int_equal(b.seen.count, 2);
    assert_int_equal(b.seen.records[0].hop_count, 2);
    assert_int_equal(b.seen.records[1].hop_count, 1);
    assert_int_equal(b.seen.records[1].outcome, OUTCOME_TIMEOUT);
    tear_down(&b);
}

/* A packet that nobody knows, one whose transaction has ended (and whose memory another one has
 * now), another packet with the place of an old one in the table, and a second sight of one place:
 * none of them changes anything. */
static void repeats_of_what_is_not_held(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){.linger_ns = -1});
    again(&b, 1, SERVER_IN, 0);
    shoot(&b, (struct shot){.place = CLIENT_OUT, .packet = 1});
    again(&b, 1 + FRAME_PACKETS, SERVER_IN, 0);
    again(&b, 1, CLIENT_OUT, 0);
    shoot(&b, (struct shot){.place = CLIENT_IN, .response = true, .packet = 2});
    tick_ms(&b, 1);
    assert_int_equal(b.seen.count, 1);
    assert_int_equal(b.seen.records[0].hop_count, 1);
    assert_int_equal(b.seen.records[0].retransmits, 0);
    shoot(&b, (struct shot){.place = CLIENT_OUT, .ms = 2, .id = 8, .packet = 3});
    again(&b, 1, SERVER_IN, 2);
    again(&b, 2, SERVER_OUT, 2);
    tick_ms(&b, 10000);
    assert_int_equal(b.seen.count, 2);
    assert_int_equal(b.seen.records[1].hop_count, 1);
    assert_int_equal(txn_stats(b.txn)->hops, 0);
    tear_down(&b);
}

/* A different answer is marked, and its later hop is not one of the first answer's. */
static void repeats_of_a_different_answer(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    shoot(&b, (struct shot){.place = CLIENT_OUT, .packet = 1});
    shoot(&b, (struct shot){.place = CLIENT_IN, .ms = 1, .response = true, .packet = 2});
    shoot(&b,
          (struct shot){.place = SERVER_OUT, .ms = 2, .response = true, .tail = "x", .packet = 3});
    again(&b, 3, SERVER_IN, 3);
    tick_ms(&b, 1000);
    assert_int_equal(b.seen.count, 1);
    assert_int_equal(b.seen.records[0].hop_count, 1);
    assert_int_equal(b.seen.records[0].marks, MARK_DUPLICATE_RESPONSE);
    tear_down(&b);
}

static struct txn_icmp unreachable(int64_t ms, const uint8_t *payload, uint32_t len, uint8_t code)
{
    static const uint8_t client[4] = {192, 0, 2, 1}, server[4] = {192, 0, 2, 53};
    return (struct txn_icmp){
        .time_ns = T0 + ms * NS_PER_MS,
        .type = 3,
        .code = code,
        .src = inet_addr_v4(client),
        .dst = inet_addr_v4(server),
        .sport = 40000,
        .dport = 53,
        .payload = payload,
        .payload_len = len,
    };
}

static void icmp_ends_the_query(void **state)
{
    (void)state;
    const uint8_t id[2] = {0, 7};
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    QUERY(.ms = 0);
    QUERY(.ms = 0, .id = 9, .label = "other");
    struct txn_icmp m = unreachable(1, id, 2, 3);
    txn_push_icmp(b.txn, &m);
    txn_push_icmp(b.txn, &m); /* seen at a second hop */
    tick_ms(&b, 500);
    assert_int_equal(b.seen.count, 1);
    assert_int_equal(b.seen.records[0].outcome, OUTCOME_ICMP_REFUSED);
    assert_int_equal(b.seen.records[0].icmp_type, 3);
    assert_int_equal(b.seen.records[0].icmp_code, 3);
    m = unreachable(600, NULL, 0, 1); /* only the eight bytes that RFC 792 asks for */
    txn_push_icmp(b.txn, &m);
    tick_ms(&b, 1000);
    assert_int_equal(b.seen.count, 2);
    assert_int_equal(b.seen.records[1].id, 9);
    QUERY(.ms = 1100);
    m = unreachable(1101, id, 2, 4); /* fragmentation needed refuses nothing */
    txn_push_icmp(b.txn, &m);
    RESPONSE(.ms = 1102);
    txn_flush(b.txn);
    assert_int_equal(b.seen.records[2].outcome, OUTCOME_ANSWERED);
    tear_down(&b);
}

static void table_is_capped_and_says_so(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){.transactions = 16});
    for (uint16_t i = 0; i < 40; i++)
        QUERY(.ms = i, .id = i + 100);
    assert_int_equal(txn_stats(b.txn)->evicted, 24);
    assert_int_equal(b.seen.count, 24);
    assert_int_equal(b.seen.records[0].outcome, OUTCOME_UNSEEN);
    assert_int_equal(b.seen.records[0].id, 100);
    txn_flush(b.txn);
    assert_int_equal(b.seen.count, 40);
    tear_down(&b);
}

static void complete_ones_go_first_when_full(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){.transactions = 4});
    for (uint16_t i = 0; i < 3; i++)
        QUERY(.ms = 0, .id = i + 1);
    QUERY(.ms = 1, .id = 9);
    RESPONSE(.ms = 2, .id = 9);
    QUERY(.ms = 3, .id = 10);
    assert_int_equal(b.seen.count, 1);
    assert_int_equal(b.seen.records[0].id, 9);
    assert_int_equal(b.seen.records[0].outcome, OUTCOME_ANSWERED);
    assert_int_equal(txn_stats(b.txn)->evicted, 0);
    assert_int_equal(txn_stats(b.txn)->early, 1);
    tear_down(&b);
}

static void count_answered(void *ctx, struct record *r)
{
    int *answered = ctx;
    *answered += r->outcome == OUTCOME_ANSWERED;
}

static void thousands_at_once_find_their_answers(void **state)
{
    (void)state;
    enum {
        MANY = 5000
    };
    int answered = 0;
    struct bench b;
    struct txn_limits limits = {0};
    b.txn = txn_new(&limits, count_answered, &answered);
    for (int i = 0; i < MANY; i++)
        QUERY(.ms = 1, .id = (uint16_t)(i + 1), .client_port = (uint16_t)(2000 + i % 7));
    assert_int_equal(txn_stats(b.txn)->open, MANY);
    for (int i = MANY - 1; i >= 0; i -= 2) /* leaves holes among those that stay */
        RESPONSE(.ms = 2, .id = (uint16_t)(i + 1), .client_port = (uint16_t)(2000 + i % 7));
    tick_ms(&b, 500);
    assert_int_equal(answered, MANY / 2);
    for (int i = 0; i < MANY; i += 2)
        RESPONSE(.ms = 600, .id = (uint16_t)(i + 1), .client_port = (uint16_t)(2000 + i % 7));
    txn_flush(b.txn);
    assert_int_equal(answered, MANY);
    assert_int_equal(txn_stats(b.txn)->by_outcome[OUTCOME_UNSOLICITED], 0);
    tear_down(&b);
}

static void hops_beyond_those_kept_inline(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    for (uint32_t i = 0; i < RECORD_HOPS_MAX + 4; i++)
        QUERY(.place = {i + 1, 1, FRAME_OUT}, .ms = i);
    RESPONSE(.place = {1, 1, FRAME_IN}, .ms = 50);
    txn_flush(b.txn);
    assert_int_equal(b.seen.count, 1);
    assert_int_equal(b.seen.records[0].hop_count, RECORD_HOPS_MAX);
    assert_int_equal(b.seen.records[0].retransmits, 0);
    assert_int_equal(b.seen.hops[0][RECORD_HOPS_MAX - 1].ifindex, RECORD_HOPS_MAX);
    assert_int_equal(b.seen.records[0].latency_ns, 50 * NS_PER_MS);
    tear_down(&b);
}

static void zone_transfer_is_one_transaction(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    QUERY(.ms = 0, .type = 252, .transport = TRANSPORT_TCP);
    for (int i = 0; i < 5; i++) {
        char tail[2] = {(char)('a' + i), '\0'};
        RESPONSE(.ms = 10 + i, .type = 252, .transport = TRANSPORT_TCP, .tail = tail);
    }
    txn_flush(b.txn);
    assert_int_equal(b.seen.count, 1);
    assert_int_equal(b.seen.records[0].marks, 0);
    assert_int_equal(b.seen.records[0].response_bytes, 5 * (12 + 4 + 6 + 4 + 1));
    tear_down(&b);
}

static void too_short_is_counted(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, (struct txn_limits){0});
    struct frame frame = {.time_ns = T0};
    struct txn_message m = {.frame = &frame, .wire = (const uint8_t *)"\0\1", .len = 2};
    txn_push(b.txn, &m);
    assert_int_equal(txn_stats(b.txn)->not_dns, 1);
    tear_down(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_answer),
        cmocka_unit_test(answer_to_a_forgotten_query_is_not_late),
        cmocka_unit_test(answer_without_readable_question),
        cmocka_unit_test(a_and_aaaa_on_one_socket_are_two),
        cmocka_unit_test(names_match_without_case),
        cmocka_unit_test(timeout_after_five_seconds),
        cmocka_unit_test(loss_makes_unseen_not_timeout),
        cmocka_unit_test(end_of_input_is_no_timeout),
        cmocka_unit_test(hops_are_one_transaction),
        cmocka_unit_test(loopback_sees_each_packet_twice),
        cmocka_unit_test(retransmission_through_hops),
        cmocka_unit_test(answer_to_a_copy_after_the_report),
        cmocka_unit_test(second_different_answer_is_marked),
        cmocka_unit_test(forged_answer_at_one_hop_only_is_marked),
        cmocka_unit_test(unsolicited_with_hops_is_one),
        cmocka_unit_test(icmp_ends_the_query),
        cmocka_unit_test(table_is_capped_and_says_so),
        cmocka_unit_test(complete_ones_go_first_when_full),
        cmocka_unit_test(thousands_at_once_find_their_answers),
        cmocka_unit_test(hops_beyond_those_kept_inline),
        cmocka_unit_test(zone_transfer_is_one_transaction),
        cmocka_unit_test(too_short_is_counted),
        cmocka_unit_test(repeats_are_hops),
        cmocka_unit_test(repeats_of_a_query_asked_anew),
        cmocka_unit_test(repeats_of_what_is_not_held),
        cmocka_unit_test(repeats_of_a_different_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
