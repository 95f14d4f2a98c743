/* SPDX-License-Identifier: Apache-2.0 */
#include "txn/txn.h"

#include "base/clock.h"
#include "dns/name.h"
#include "txn/emit.h"
#include "txn/latest.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>

enum {
    QUESTION_FIXED_BYTES = 4, /* type and class */
    TYPE_IXFR = 251,
    TYPE_AXFR = 252,
    ICMP_SCAN_MAX = 256, /* open queries looked at when an ICMP error quotes no id */
};

struct txn {
    struct txn_limits limits;
    struct txn_stats stats;
    struct entry_table table;
    struct emitter emitter;
    struct latest latest;
    int64_t now_ns;
};

struct txn *txn_new(const struct txn_limits *limits, record_sink *sink, void *ctx)
{
    struct txn *t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    if (limits)
        t->limits = *limits;
    struct txn_limits *l = &t->limits;
    l->transactions = l->transactions ? l->transactions : 32768;
    l->bytes = l->bytes ? l->bytes : 16u << 20;
    l->timeout_ns = l->timeout_ns ? l->timeout_ns : 5 * NS_PER_SEC;
    l->linger_ns = l->linger_ns < 0 ? 0 : l->linger_ns ? l->linger_ns : 100 * NS_PER_MS;
    t->now_ns = INT64_MIN;
    emitter_init(&t->emitter, &t->stats, sink, ctx);
    if (entry_table_init(&t->table, l->transactions, l->bytes) < 0) {
        txn_free(t);
        return NULL;
    }
    return t;
}

void txn_free(struct txn *t)
{
    if (!t)
        return;
    latest_done(&t->latest);
    entry_table_done(&t->table);
    emitter_done(&t->emitter);
    free(t);
}

const struct txn_stats *txn_stats(const struct txn *t)
{
    return &t->stats;
}

/* ---- the end of a transaction ---- */

/* Hands an entry on. It stays as ENTRY_REPORTED when another answer may still come: after a
 * timeout, or when the query was sent more than once. */
static void finish(struct txn *t, struct entry *e, enum record_outcome outcome)
{
    emitter_emit(&t->emitter, e, outcome);
    bool more_may_come = e->state == ENTRY_OPEN || (e->state == ENTRY_ANSWERED && e->retransmits);
    if (!more_may_come || t->limits.timeout_ns <= 0) {
        entry_free(&t->table, e);
        return;
    }
    struct entry_list *reported = &t->table.lists[ENTRY_REPORTED];
    if (reported->count >= t->limits.transactions / 8 && reported->first)
        entry_free(&t->table, reported->first);
    e->deadline_ns = e->time_ns + 2 * t->limits.timeout_ns;
    entry_move(&t->table, e, ENTRY_REPORTED);
}

static enum record_outcome outcome_of(const struct txn *t, const struct entry *e, bool timed_out)
{
    switch (e->state) {
    case ENTRY_ANSWERED:
        return OUTCOME_ANSWERED;
    case ENTRY_REFUSED:
        return OUTCOME_ICMP_REFUSED;
    case ENTRY_UNSOLICITED:
        return emitter_lost_since(&t->emitter, e->time_ns - t->limits.timeout_ns)
                   ? OUTCOME_UNSEEN
                   : OUTCOME_UNSOLICITED;
    default:
        return timed_out && !emitter_lost_since(&t->emitter, e->time_ns) ? OUTCOME_TIMEOUT
                                                                         : OUTCOME_UNSEEN;
    }
}

/* What is complete is handed on before what still waits. */
enum {
    UNREPORTED_STATES = 4,
};
static const enum entry_state unreported[UNREPORTED_STATES] = {ENTRY_ANSWERED, ENTRY_REFUSED,
                                                               ENTRY_UNSOLICITED, ENTRY_OPEN};

static void expire(struct txn *t, int64_t now_ns)
{
    for (int i = 0; i < UNREPORTED_STATES; i++) {
        struct entry_list *list = &t->table.lists[unreported[i]];
        while (list->first && list->first->deadline_ns <= now_ns) {
            struct entry *e = list->first;
            /* It was last touched a whole linger ago, and so was the next one. */
            entry_prefetch(&t->table, e);
            finish(t, e, outcome_of(t, e, true));
        }
    }
    struct entry_list *reported = &t->table.lists[ENTRY_REPORTED];
    while (reported->first && reported->first->deadline_ns <= now_ns)
        entry_free(&t->table, reported->first);
}

/* Input moves the time but ends nothing: whether a query timed out or was answered unseen is known
 * only after the tap has been asked for its losses, and that is before each tick. */
static void advance(struct txn *t, int64_t now_ns)
{
    if (now_ns > t->now_ns)
        t->now_ns = now_ns;
}

/* Makes room by giving up what costs least: what is only remembered, then what is complete and
 * merely lingers, then the oldest open query. */
static void evict_one(struct txn *t)
{
    struct entry_list *lists = t->table.lists;
    if (lists[ENTRY_REPORTED].first) {
        entry_free(&t->table, lists[ENTRY_REPORTED].first);
        return;
    }
    for (int i = 0; i < UNREPORTED_STATES; i++) {
        struct entry *e = lists[unreported[i]].first;
        if (!e)
            continue;
        *(e->state == ENTRY_OPEN ? &t->stats.evicted : &t->stats.early) += 1;
        emitter_emit(&t->emitter, e, outcome_of(t, e, false));
        entry_free(&t->table, e);
        return;
    }
}

static struct entry *new_entry(struct txn *t, uint64_t hash, const struct txn_key *key)
{
    if (entry_table_full(&t->table) || t->table.bytes > t->limits.bytes / 16 * 15)
        evict_one(t);
    struct entry *e = entry_new(&t->table, hash, key);
    t->stats.open = t->table.used;
    t->stats.held_bytes = t->table.bytes;
    return e;
}

/* ---- questions ---- */

/* Bytes from the end of the header to the end of the first question; 0 when there is none or it
 * cannot be read. */
static uint32_t question_len(const struct txn_message *m)
{
    size_t end;
    if (m->len < DNS_HEADER_BYTES || (m->wire[4] | m->wire[5]) == 0)
        return 0;
    if (dns_name_skip(m->wire, m->len, DNS_HEADER_BYTES, &end) < 0)
        return 0;
    if (end + QUESTION_FIXED_BYTES > m->len)
        return 0;
    return (uint32_t)(end + QUESTION_FIXED_BYTES - DNS_HEADER_BYTES);
}

static bool same_bytes_without_case(const uint8_t *a, const uint8_t *b, uint32_t len)
{
    if (memcmp(a, b, len) == 0)
        return true;
    for (uint32_t i = 0; i < len; i++) {
        uint8_t x = a[i], y = b[i];
        if (x != y && ((x | 0x20) != (y | 0x20) || (x | 0x20) < 'a' || (x | 0x20) > 'z'))
            return false;
    }
    return true;
}

/* The slow way, for a question whose name is compressed on one side. */
static bool same_question_expanded(const uint8_t *wire, uint32_t len, const struct txn_message *m)
{
    uint8_t a[DNS_NAME_WIRE_MAX], b[DNS_NAME_WIRE_MAX];
    size_t a_end, b_end;
    int a_len = dns_name_read(wire, len, DNS_HEADER_BYTES, a, &a_end);
    int b_len = dns_name_read(m->wire, m->len, DNS_HEADER_BYTES, b, &b_end);
    return a_len > 0 && a_len == b_len && a_end + 4 <= len && b_end + 4 <= m->len &&
           same_bytes_without_case(a, b, (uint32_t)a_len) &&
           memcmp(wire + a_end, m->wire + b_end, QUESTION_FIXED_BYTES) == 0;
}

/* A response may leave the question out (RFC 5936 2.2.1, servers that refuse) or be too broken for
 * it to be read: then addresses, ports and id must do. */
static bool same_question(const struct entry *e, const struct txn_message *m)
{
    const uint8_t *wire = e->query ? e->query : e->response;
    uint32_t wire_len = e->query ? e->query_len : e->response_len;
    bool m_has_question = m->len >= DNS_HEADER_BYTES && (m->wire[4] | m->wire[5]) != 0;
    if (!m_has_question || e->question_len == 0 || !wire)
        return true;
    uint32_t n = e->question_len;
    if (wire_len < DNS_HEADER_BYTES + n)
        return true; /* the copy was given up to a cap */
    uint32_t have = m->len - DNS_HEADER_BYTES;
    if (have >= n &&
        same_bytes_without_case(wire + DNS_HEADER_BYTES, m->wire + DNS_HEADER_BYTES, n))
        return true;
    if (have < n && m->cut)
        return same_bytes_without_case(wire + DNS_HEADER_BYTES, m->wire + DNS_HEADER_BYTES, have);
    if ((m->wire[2] & 0x80) && question_len(m) == 0)
        return true;
    return same_question_expanded(wire, wire_len, m);
}

static bool same_response(const struct entry *e, const struct txn_message *m)
{
    if (e->response_bytes != m->full_len)
        return false;
    uint32_t n = e->response_len < m->len ? e->response_len : m->len;
    return n == 0 || !e->response || memcmp(e->response, m->wire, n) == 0;
}

/* ---- owners and places ---- */

static void take_owner(struct frame_owner *to, const struct frame *frame)
{
    if (to->pid == 0 && frame->owner)
        *to = *frame->owner;
}

/* The answer is complete for the client where its query was first seen, coming the other way. */
static bool reaches_client(const struct entry *e, int hop, const struct frame *frame)
{
    return hop == 0 && (frame->direction == FRAME_UNKNOWN || e->first_direction == FRAME_UNKNOWN ||
                        frame->direction != e->first_direction);
}

static void see_query(struct entry *e, const struct frame *frame)
{
    int hop = entry_hop(e, frame);
    if (hop < 0)
        return;
    e->seen[hop].query |= (uint8_t)(1u << frame->direction);
    if (!e->hops[hop].query_ns)
        e->hops[hop].query_ns = frame->time_ns;
}

static void see_response(struct entry *e, const struct frame *frame)
{
    int hop = entry_hop(e, frame);
    if (hop < 0)
        return;
    e->seen[hop].response |= (uint8_t)(1u << frame->direction);
    e->hops[hop].response_ns = frame->time_ns;
    if (reaches_client(e, hop, frame))
        e->complete = true;
}

static const struct entry_seen *seen_at(const struct entry *e, const struct frame *frame)
{
    static const struct entry_seen nothing;
    for (int i = 0; i < e->hop_count; i++)
        if (e->hops[i].ifindex == frame->ifindex && e->hops[i].netns == frame->netns)
            return &e->seen[i];
    return &nothing;
}

/* ---- queries ---- */

/* A copy seen again at a place that has seen it is a copy sent again. */
static void join_query(struct txn *t, struct entry *e, const struct txn_message *m, bool again)
{
    if (again) {
        if (e->retransmits < UINT16_MAX)
            e->retransmits++;
        t->stats.retransmits++;
        t->stats.queries++;
        for (int i = 0; i < e->hop_count; i++)
            e->seen[i].query = 0;
    } else {
        t->stats.hops++;
    }
    see_query(e, m->frame);
    take_owner(&e->owner, m->frame);
    e->local_client |= m->frame->local_origin;
    e->counted |= m->frame->first_sight;
}

static bool try_join_query(struct txn *t, struct entry *newest, const struct txn_message *m)
{
    for (struct entry *e = newest; e; e = e->chain) {
        if (e->state == ENTRY_REPORTED || e->state == ENTRY_UNSOLICITED || !same_question(e, m))
            continue;
        bool again = seen_at(e, m->frame)->query & (1u << m->frame->direction);
        if (e->state != ENTRY_OPEN && (again && (e->complete || e->state == ENTRY_REFUSED)))
            return false; /* the client asks anew */
        join_query(t, e, m, again);
        latest_put(&t->latest, m->frame, e, false);
        return true;
    }
    return false;
}

static bool is_transfer(const struct txn_message *m, uint32_t question_bytes)
{
    if (m->transport == TRANSPORT_UDP || question_bytes < QUESTION_FIXED_BYTES)
        return false;
    const uint8_t *type = m->wire + DNS_HEADER_BYTES + question_bytes - QUESTION_FIXED_BYTES;
    unsigned value = (unsigned)type[0] << 8 | type[1];
    return value == TYPE_AXFR || value == TYPE_IXFR;
}

static void push_query(struct txn *t, const struct txn_message *m, const struct txn_key *key)
{
    uint64_t hash = m->hash;
    struct entry *newest = entry_find(&t->table, key, &hash);
    if (m->frame->first_sight && m->transport == TRANSPORT_UDP)
        t->stats.counted_queries++;
    if (try_join_query(t, newest, m))
        return;
    t->stats.queries++;
    struct entry *e = new_entry(t, hash, key);
    if (!e) {
        t->stats.evicted++;
        return;
    }
    e->time_ns = m->frame->time_ns;
    e->deadline_ns = e->time_ns + t->limits.timeout_ns;
    e->first_direction = m->frame->direction;
    e->question_len = question_len(m);
    e->transfer = is_transfer(m, e->question_len);
    if (entry_set_query(&t->table, e, m) < 0)
        t->stats.evicted++;
    e->marks |= (uint8_t)((e->query_cut ? MARK_CUT : 0) | (m->reassembled ? MARK_REASSEMBLED : 0));
    see_query(e, m->frame);
    take_owner(&e->owner, m->frame);
    e->local_client = m->frame->local_origin;
    e->counted = m->frame->first_sight;
    latest_put(&t->latest, m->frame, e, false);
    entry_move(&t->table, e, ENTRY_OPEN);
}

/* ---- responses ---- */

static void linger(struct txn *t, struct entry *e, enum entry_state state)
{
    e->deadline_ns = t->now_ns + t->limits.linger_ns;
    entry_move(&t->table, e, state);
}

static void set_response(struct txn *t, struct entry *e, const struct txn_message *m)
{
    if (entry_set_response(&t->table, e, m) < 0)
        t->stats.evicted++;
    e->marks |=
        (uint8_t)((e->response_cut ? MARK_CUT : 0) | (m->reassembled ? MARK_REASSEMBLED : 0));
    see_response(e, m->frame);
    e->answer_direction = m->frame->direction;
    e->answer_hop = e->hop_count ? (uint8_t)(e->hop_count - 1) : 0;
    for (uint8_t i = 0; i < e->hop_count; i++)
        if (e->hops[i].ifindex == m->frame->ifindex && e->hops[i].netns == m->frame->netns)
            e->answer_hop = i;
    take_owner(&e->server_owner, m->frame);
    latest_put(&t->latest, m->frame, e, true);
    t->stats.responses++;
}

/* A later message of a zone transfer: counted once, where the first one was first seen. */
static void join_transfer(struct txn *t, struct entry *e, const struct txn_message *m)
{
    const struct record_hop *hop = &e->hops[e->answer_hop];
    if (e->hop_count && hop->ifindex == m->frame->ifindex && hop->netns == m->frame->netns &&
        m->frame->direction == e->answer_direction && !same_response(e, m)) {
        e->response_bytes += m->full_len;
        t->stats.responses++;
    }
    see_response(e, m->frame);
    if (e->state == ENTRY_ANSWERED)
        linger(t, e, ENTRY_ANSWERED);
}

/* What a response means to an entry whose key and question it shares. */
enum fit {
    FIT_NONE,
    FIT_LATE,      /* the query has been reported as without an answer */
    FIT_REPEATED,  /* the answer has been seen at this place */
    FIT_DIFFERENT, /* another answer has been seen */
    FIT_ANSWER,    /* the answer to an open query */
    FIT_HOP,       /* the answer at a place that has not seen it */
};

static enum fit fit_response(const struct entry *e, const struct txn_message *m)
{
    bool same = e->response_bytes && same_response(e, m);
    bool again = seen_at(e, m->frame)->response & (1u << m->frame->direction);
    switch (e->state) {
    case ENTRY_OPEN:
    case ENTRY_REFUSED:
        return FIT_ANSWER;
    case ENTRY_REPORTED:
        return !e->response_bytes ? FIT_LATE : same ? FIT_REPEATED : FIT_DIFFERENT;
    case ENTRY_UNSOLICITED:
        return !same ? FIT_NONE : again ? FIT_NONE : FIT_HOP;
    default:
        if (e->transfer)
            return FIT_HOP;
        return !same ? FIT_DIFFERENT : again ? FIT_REPEATED : FIT_HOP;
    }
}

static struct entry *find_for_response(struct entry *newest, const struct txn_message *m,
                                       enum fit *fit)
{
    struct entry *best = NULL;
    *fit = FIT_NONE;
    for (struct entry *e = newest; e; e = e->chain) {
        if (!same_question(e, m))
            continue;
        enum fit f = fit_response(e, m);
        if (f > *fit) {
            *fit = f;
            best = e;
        }
    }
    return best;
}

static void unsolicited(struct txn *t, const struct txn_message *m, uint64_t hash,
                        const struct txn_key *key, uint8_t marks)
{
    struct entry *e = new_entry(t, hash, key);
    if (!e) {
        t->stats.evicted++;
        return;
    }
    e->time_ns = m->frame->time_ns;
    e->marks = marks;
    e->question_len = question_len(m);
    set_response(t, e, m);
    linger(t, e, ENTRY_UNSOLICITED);
}

static void push_response(struct txn *t, const struct txn_message *m, const struct txn_key *key)
{
    uint64_t hash = m->hash;
    enum fit fit;
    struct entry *e = find_for_response(entry_find(&t->table, key, &hash), m, &fit);
    switch (fit) {
    case FIT_ANSWER:
        set_response(t, e, m);
        linger(t, e, ENTRY_ANSWERED);
        break;
    case FIT_HOP:
        if (e->transfer) {
            join_transfer(t, e, m);
            break;
        }
        t->stats.hops++;
        see_response(e, m->frame);
        take_owner(&e->server_owner, m->frame);
        latest_put(&t->latest, m->frame, e, true);
        break;
    case FIT_REPEATED:
        t->stats.responses++;
        t->stats.repeated_responses++;
        latest_put(&t->latest, m->frame, e, true);
        break;
    case FIT_DIFFERENT:
        t->stats.responses++;
        if (e->state == ENTRY_REPORTED) {
            unsolicited(t, m, hash, key, MARK_DUPLICATE_RESPONSE);
        } else {
            if (!(e->marks & MARK_DUPLICATE_RESPONSE))
                t->stats.duplicate_responses++;
            e->marks |= MARK_DUPLICATE_RESPONSE;
        }
        break;
    case FIT_LATE:
        unsolicited(t, m, hash, key, MARK_LATE_RESPONSE);
        break;
    default:
        unsolicited(t, m, hash, key, 0);
        break;
    }
}

static struct txn_key key_of(const struct txn_message *m, bool response)
{
    return (struct txn_key){
        .client = response ? m->dst : m->src,
        .server = response ? m->src : m->dst,
        .client_port = response ? m->dport : m->sport,
        .server_port = response ? m->sport : m->dport,
        .id = (uint16_t)(m->wire[0] << 8 | m->wire[1]),
        .transport = m->transport,
        .protocol = m->protocol,
    };
}

void txn_expect(struct txn *t, struct txn_message *m)
{
    if (m->len < DNS_HEADER_BYTES)
        return;
    m->expected = true;
    m->key = key_of(m, m->wire[2] & 0x80);
    m->hash = entry_expect(&t->table, &m->key);
}

void txn_push(struct txn *t, const struct txn_message *m)
{
    t->stats.messages++;
    advance(t, m->frame->time_ns);
    if (m->len < DNS_HEADER_BYTES) {
        t->stats.not_dns++;
        return;
    }
    bool response = m->wire[2] & 0x80;
    struct txn_key made;
    const struct txn_key *key = &m->key;
    if (!m->expected) {
        made = key_of(m, response);
        key = &made;
    }
    if (response)
        push_response(t, m, key);
    else
        push_query(t, m, key);
}

/* ---- repeats ---- */

/* A packet that comes by the same place once more (a routing loop) says nothing new there. */
void txn_push_repeat(struct txn *t, const struct frame *frame)
{
    bool response;
    t->stats.repeats++;
    advance(t, frame->time_ns);
    struct entry *e = latest_find(&t->latest, frame, &response);
    if (!e || e->state == ENTRY_REPORTED)
        return;
    const struct entry_seen *seen = seen_at(e, frame);
    if ((response ? seen->response : seen->query) & (1u << frame->direction))
        return;
    t->stats.hops++;
    if (response)
        see_response(e, frame);
    else
        see_query(e, frame);
}

/* ---- ICMP ---- */

/* Destination unreachable, but not "fragmentation needed" (RFC 792, RFC 4443 3.1). */
static bool is_refusal(const struct txn_icmp *m)
{
    if (inet_addr_is_v4(&m->dst))
        return m->type == ICMP_DEST_UNREACH && m->code != ICMP_FRAG_NEEDED;
    return m->type == ICMP6_DST_UNREACH;
}

/* RFC 792 asks for no more than eight quoted bytes after the IP header, which end before the DNS
 * id: then the newest open query between the same ports is taken. */
static struct entry *find_without_id(struct txn *t, const struct txn_key *key)
{
    struct entry *e = t->table.lists[ENTRY_OPEN].last;
    for (int i = 0; e && i < ICMP_SCAN_MAX; i++, e = e->prev)
        if (e->key.client_port == key->client_port && e->key.server_port == key->server_port &&
            e->key.transport == key->transport &&
            inet_addr_cmp(&e->key.client, &key->client) == 0 &&
            inet_addr_cmp(&e->key.server, &key->server) == 0)
            return e;
    return NULL;
}

static struct entry *find_open(struct txn *t, const struct txn_key *key)
{
    uint64_t hash = 0;
    for (struct entry *e = entry_find(&t->table, key, &hash); e; e = e->chain)
        if (e->state == ENTRY_OPEN)
            return e;
    return NULL;
}

void txn_push_icmp(struct txn *t, const struct txn_icmp *m)
{
    advance(t, m->time_ns);
    if (!is_refusal(m))
        return;
    struct txn_key key = {
        .client = m->src,
        .server = m->dst,
        .client_port = m->sport,
        .server_port = m->dport,
        .transport = m->transport,
        .protocol = m->protocol,
    };
    struct entry *e;
    if (m->payload_len >= 2) {
        key.id = (uint16_t)(m->payload[0] << 8 | m->payload[1]);
        e = find_open(t, &key);
    } else {
        e = find_without_id(t, &key);
    }
    if (!e)
        return;
    e->icmp_type = m->type;
    e->icmp_code = m->code;
    e->complete = true;
    linger(t, e, ENTRY_REFUSED);
}

/* ---- time ---- */

void txn_note_loss(struct txn *t, int64_t time_ns)
{
    emitter_note_loss(&t->emitter, time_ns);
}

void txn_tick(struct txn *t, int64_t now_ns)
{
    advance(t, now_ns);
    expire(t, t->now_ns);
}

void txn_flush(struct txn *t)
{
    for (int i = 0; i < UNREPORTED_STATES; i++) {
        struct entry *e;
        while ((e = t->table.lists[unreported[i]].first)) {
            emitter_emit(&t->emitter, e, outcome_of(t, e, false));
            entry_free(&t->table, e);
        }
    }
    while (t->table.lists[ENTRY_REPORTED].first)
        entry_free(&t->table, t->table.lists[ENTRY_REPORTED].first);
    latest_clear(&t->latest);
    t->now_ns = INT64_MIN;
    t->stats.open = 0;
    t->stats.held_bytes = 0;
}
