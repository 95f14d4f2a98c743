/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of any shape a store has to keep, made from a seed, and their comparison. */
#pragma once

#include "base/arena.h"
#include "record/row.h"

#include <stdio.h>
#include <stdlib.h>

struct random_rows {
    uint64_t state;
    struct arena arena;
};

/* splitmix64 */
static inline uint64_t random_u64(struct random_rows *g)
{
    uint64_t z = g->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline uint32_t random_below(struct random_rows *g, uint32_t limit)
{
    return (uint32_t)(random_u64(g) % limit);
}

/* Often at one of the ends of what fits into so many bits. */
static inline uint64_t random_number(struct random_rows *g, unsigned bits)
{
    uint64_t most = bits == 64 ? UINT64_MAX : (1ULL << bits) - 1;
    switch (random_below(g, 6)) {
    case 0:
        return 0;
    case 1:
        return most;
    case 2:
        return random_u64(g) & most;
    default:
        return random_below(g, 100) & most;
    }
}

/* -1, absent, every now and then. */
static inline int64_t random_or_absent(struct random_rows *g, unsigned bits)
{
    return random_below(g, 4) ? (int64_t)random_number(g, bits) : -1;
}

static inline struct row_text random_text(struct random_rows *g, bool may_be_absent)
{
    static const char *const parts[] = {"a",  "example", ".", "\xc3\xbc",     "'",
                                        "\"", "\\",      "%", "\xe2\x82\xac", "\n"};
    if (may_be_absent && random_below(g, 2))
        return (struct row_text){0};
    uint32_t pieces = random_below(g, random_below(g, 10) ? 4 : 80), len = 0;
    char *text = arena_alloc(&g->arena, pieces * 8 + 1);
    for (uint32_t i = 0; i < pieces; i++) {
        const char *part = parts[random_below(g, sizeof(parts) / sizeof(parts[0]))];
        memcpy(text + len, part, strlen(part));
        len += (uint32_t)strlen(part);
    }
    return (struct row_text){text, len};
}

static inline struct inet_addr random_address(struct random_rows *g)
{
    struct inet_addr a = {{0}};
    for (unsigned i = 0; i < sizeof(a.bytes); i++)
        a.bytes[i] = random_below(g, 3) ? (uint8_t)random_u64(g) : 0;
    return random_below(g, 2) ? inet_addr_v4(a.bytes) : a;
}

static inline void random_answers(struct random_rows *g, struct row *r)
{
    r->answers_len = random_below(g, 3) ? random_below(g, 4) : 0;
    struct row_answer *a = arena_alloc(&g->arena, r->answers_len * sizeof(*a) + 1);
    for (uint32_t i = 0; i < r->answers_len; i++) {
        struct row_text name = random_text(g, true);
        if (random_below(g, 2) && r->qname.len)
            name = random_below(g, 2) && r->qname_wire.len ? r->qname_wire : r->qname;
        if (!name.len) /* a name has at least its dot */
            name.text = NULL;
        a[i] = (struct row_answer){.name = name,
                                   .type = (uint16_t)random_number(g, 16),
                                   .ttl = (uint32_t)random_number(g, 32),
                                   .data = random_text(g, false)};
    }
    bool same = random_below(g, 2) && r->min_ttl >= 0;
    for (uint32_t i = 0; same && i < r->answers_len; i++)
        a[i].ttl = (uint32_t)r->min_ttl;
    r->answers = r->answers_len ? a : NULL;
}

static inline void random_hops(struct random_rows *g, struct row *r)
{
    r->hops_len = random_below(g, 4);
    struct row_hop *h = arena_alloc(&g->arena, r->hops_len * sizeof(*h) + 1);
    for (uint32_t i = 0; i < r->hops_len; i++)
        h[i] = (struct row_hop){random_text(g, true), (uint32_t)random_number(g, 32),
                                random_or_absent(g, 40)};
    if (r->hops_len && random_below(g, 4)) {
        h[0] = (struct row_hop){r->interface, r->netns, r->latency_us};
        if (random_below(g, 2))
            r->hops_len = 1;
    }
    r->hops = r->hops_len ? h : NULL;
}

static inline void random_edns(struct random_rows *g, struct row_edns *e)
{
    *e = (struct row_edns){.keepalive_ms = -1, .padding_bytes = -1};
    if (!random_below(g, 3))
        return;
    e->present = true;
    e->do_bit = random_below(g, 2);
    e->version = (uint8_t)random_number(g, 8);
    e->udp_size = (uint16_t)random_number(g, 16);
    e->keepalive_ms = random_or_absent(g, 23);
    e->padding_bytes = random_or_absent(g, 16);
    e->ecs = random_text(g, true);
    e->nsid = random_text(g, true);
    e->cookie = random_text(g, true);
    e->ede_count = random_below(g, 3);
    struct row_ede *ede = arena_alloc(&g->arena, e->ede_count * sizeof(*ede) + 1);
    for (uint32_t i = 0; i < e->ede_count; i++)
        ede[i] = (struct row_ede){random_text(g, true), (uint16_t)random_number(g, 16)};
    e->ede = e->ede_count ? ede : NULL;
}

static inline struct row random_row(struct random_rows *g, int64_t time_ns)
{
    struct row r = {
        .time_ns = time_ns,
        .latency_us = random_or_absent(g, 40),
        .outcome = (uint8_t)random_below(g, 6),
        .protocol = (uint8_t)random_below(g, 3),
        .transport = (uint8_t)random_below(g, 5),
        .marks = (uint8_t)random_below(g, 16),
        .client_port = (uint16_t)random_number(g, 16),
        .server_port = (uint16_t)random_number(g, 16),
        .id = (uint16_t)random_number(g, 16),
        .client = random_address(g),
        .server = random_address(g),
        .flags = (uint16_t)(random_u64(g) & ROW_FLAGS),
        .retransmits = (uint16_t)random_number(g, 16),
        .opcode = (int32_t)random_or_absent(g, 4),
        .rcode = (int32_t)random_or_absent(g, 12),
        .qtype = (int32_t)random_or_absent(g, 16),
        .qclass = (int32_t)random_or_absent(g, 16),
        .authority_count = (int32_t)random_or_absent(g, 16),
        .additional_count = (int32_t)random_or_absent(g, 16),
        .answer_count = (int32_t)random_or_absent(g, 16),
        .min_ttl = random_or_absent(g, 32),
        .qname = random_text(g, true),
        .qname_wire = random_text(g, true),
        .query_bytes = (uint32_t)random_number(g, 32),
        .response_bytes = (uint32_t)random_number(g, 32),
        .interface = random_text(g, true),
        .netns = (uint32_t)random_number(g, 32),
        .pid = (uint32_t)random_number(g, 32),
        .tid = (uint32_t)random_number(g, 32),
        .server_pid = (uint32_t)random_number(g, 32),
        .uid = random_or_absent(g, 32),
    };
    struct row_text *texts[] = {&r.comm,         &r.exe,  &r.server_comm, &r.cgroup,
                                &r.container_id, &r.unit, &r.pod,         &r.namespace,
                                &r.workload,     &r.node, &r.drop_reason, &r.drop_location,
                                &r.malformed,    &r.icmp};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = random_text(g, true);
    random_answers(g, &r);
    random_hops(g, &r);
    random_edns(g, &r.edns);
    return r;
}

/* ---- everything of a row as text, to compare ---- */

static inline void put_shown(struct buf *b, const char *name, struct row_text t)
{
    if (t.text)
        buf_printf(b, " %s=[%.*s]", name, (int)t.len, t.text);
}

static inline void put_row(struct buf *b, const struct row *r)
{
    char client[INET_TEXT_MAX], server[INET_TEXT_MAX];
    inet_addr_format(&r->client, client);
    inet_addr_format(&r->server, server);
    buf_printf(b, "%llu %lld %lld %u/%u/%u/%u %s:%u %s:%u %u %x %u", (unsigned long long)r->seq,
               (long long)r->time_ns, (long long)r->latency_us, r->outcome, r->protocol,
               r->transport, r->marks, client, r->client_port, server, r->server_port, r->id,
               r->flags, r->retransmits);
    buf_printf(b, " %d %d %d %d %d %d %d %lld", r->opcode, r->rcode, r->qtype, r->qclass,
               r->authority_count, r->additional_count, r->answer_count, (long long)r->min_ttl);
    buf_printf(b, " %u %u %u %u %u %u %lld", r->query_bytes, r->response_bytes, r->netns, r->pid,
               r->tid, r->server_pid, (long long)r->uid);
    put_shown(b, "qname", r->qname);
    put_shown(b, "qname_wire", r->qname_wire);
    put_shown(b, "interface", r->interface);
    put_shown(b, "comm", r->comm);
    put_shown(b, "exe", r->exe);
    put_shown(b, "server_comm", r->server_comm);
    put_shown(b, "cgroup", r->cgroup);
    put_shown(b, "container_id", r->container_id);
    put_shown(b, "unit", r->unit);
    put_shown(b, "pod", r->pod);
    put_shown(b, "namespace", r->namespace);
    put_shown(b, "workload", r->workload);
    put_shown(b, "node", r->node);
    put_shown(b, "drop_reason", r->drop_reason);
    put_shown(b, "drop_location", r->drop_location);
    put_shown(b, "malformed", r->malformed);
    put_shown(b, "icmp", r->icmp);
    for (uint32_t i = 0; i < r->answers_len; i++) {
        buf_printf(b, "\n answer %u %u", r->answers[i].type, r->answers[i].ttl);
        put_shown(b, "name", r->answers[i].name);
        put_shown(b, "data", r->answers[i].data);
    }
    for (uint32_t i = 0; i < r->hops_len; i++) {
        buf_printf(b, "\n hop %u %lld", r->hops[i].netns, (long long)r->hops[i].latency_us);
        put_shown(b, "interface", r->hops[i].interface);
    }
    const struct row_edns *e = &r->edns;
    buf_printf(b, "\n edns %d %d %u %u %lld %lld", e->present, e->do_bit, e->version, e->udp_size,
               (long long)e->keepalive_ms, (long long)e->padding_bytes);
    put_shown(b, "ecs", e->ecs);
    put_shown(b, "nsid", e->nsid);
    put_shown(b, "cookie", e->cookie);
    for (uint32_t i = 0; i < e->ede_count; i++) {
        buf_printf(b, "\n ede %u", e->ede[i].code);
        put_shown(b, "extra", e->ede[i].extra);
    }
}
