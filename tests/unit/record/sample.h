/* SPDX-License-Identifier: Apache-2.0 */
/* Records for tests, with real messages in wire format: each kind as the correlation stage would
 * hand it on. */
#pragma once

#include "record/record.h"

#include <stdio.h>
#include <stdlib.h>

enum sample_kind {
    SAMPLE_A,           /* answered, mixed case, EDNS with cookie and ECS on both sides */
    SAMPLE_NXDOMAIN,    /* SOA in the authority section, no EDNS in the response */
    SAMPLE_SERVFAIL,    /* EDE with and without text */
    SAMPLE_CHAIN,       /* CNAME, two A, one AAAA; three hops; container and pod */
    SAMPLE_TXT,         /* over TCP; data with quotes, backslash and a control byte */
    SAMPLE_TIMEOUT,     /* two retransmissions */
    SAMPLE_REFUSED,     /* ended by ICMP port unreachable */
    SAMPLE_UNSOLICITED, /* response only */
    SAMPLE_MALFORMED,   /* the response's answer runs past its end */
    SAMPLE_V6,          /* IPv6, BADVERS */
    SAMPLE_BARE,        /* nothing but addresses: no message at all */
    SAMPLE_COUNT,
};

struct sample_wire {
    uint8_t bytes[2048];
    uint32_t len;
};

struct sample {
    struct record record;
    struct arena arena;
    struct sample_wire query, response;
    struct record_hop hops[3];
};

static inline void sample_u8(struct sample_wire *w, unsigned v)
{
    w->bytes[w->len++] = (uint8_t)v;
}

static inline void sample_u16(struct sample_wire *w, unsigned v)
{
    sample_u8(w, v >> 8);
    sample_u8(w, v & 255);
}

static inline void sample_u32(struct sample_wire *w, uint32_t v)
{
    sample_u16(w, v >> 16);
    sample_u16(w, v & 0xffff);
}

static inline void sample_put(struct sample_wire *w, const void *data, size_t n)
{
    memcpy(w->bytes + w->len, data, n);
    w->len += (uint32_t)n;
}

/* "www.example.com" without escapes. */
static inline void sample_name(struct sample_wire *w, const char *name)
{
    while (*name) {
        size_t n = strcspn(name, ".");
        sample_u8(w, (unsigned)n);
        sample_put(w, name, n);
        name += n + (name[n] == '.');
    }
    sample_u8(w, 0);
}

static inline void sample_header(struct sample_wire *w, unsigned id, unsigned flags, unsigned an,
                                 unsigned ns, unsigned ar, const char *qname, unsigned qtype)
{
    sample_u16(w, id);
    sample_u16(w, flags);
    sample_u16(w, 1);
    sample_u16(w, an);
    sample_u16(w, ns);
    sample_u16(w, ar);
    sample_name(w, qname);
    sample_u16(w, qtype);
    sample_u16(w, 1);
}

/* Type, class, TTL and data length after the owner name. */
static inline void sample_rr(struct sample_wire *w, unsigned type, uint32_t ttl, unsigned rdlength)
{
    sample_u16(w, type);
    sample_u16(w, 1);
    sample_u32(w, ttl);
    sample_u16(w, rdlength);
}

static inline void sample_opt(struct sample_wire *w, unsigned udp_size, unsigned extended_rcode,
                              unsigned do_bit, const void *options, unsigned len)
{
    sample_u8(w, 0);
    sample_u16(w, DNS_TYPE_OPT);
    sample_u16(w, udp_size);
    sample_u8(w, extended_rcode);
    sample_u8(w, 0);
    sample_u16(w, do_bit ? 0x8000 : 0);
    sample_u16(w, len);
    sample_put(w, options, len);
}

static inline void sample_process(struct sample *s, uint32_t pid, const char *comm)
{
    s->record.process.pid = s->record.process.tid = pid;
    s->record.process.uid = 1000;
    snprintf(s->record.process.comm, sizeof(s->record.process.comm), "%s", comm);
}

static inline void sample_hop(struct sample *s, const char *interface, uint32_t netns,
                              int64_t latency_ns)
{
    struct record_hop *h = &s->hops[s->record.hop_count++];
    *h = (struct record_hop){.netns = netns, .query_ns = s->record.time_ns};
    h->response_ns = latency_ns < 0 ? 0 : h->query_ns + latency_ns;
    snprintf(h->interface, sizeof(h->interface), "%s", interface);
    s->record.hops = s->hops;
}

static inline void sample_a(struct sample *s)
{
    static const uint8_t ecs[] = {0, 8, 0, 7, 0, 1, 24, 0, 192, 0, 2};
    static const uint8_t options[] = {0, 10, 0, 8,  1,  2,   3, 4, 5, 6, 7, 8, 0,   8,  0,
                                      7, 0,  1, 24, 20, 192, 0, 2, 0, 3, 0, 2, 'n', '1'};
    sample_process(s, 4242, "dig");
    s->record.process.exe = "/usr/bin/dig";
    s->record.process.unit = "session-1.scope";
    s->record.latency_ns = 340600;
    sample_hop(s, "eth0", 4026531840, 340600);
    sample_header(&s->query, 0x1a2b, 0x0120, 0, 0, 1, "WWW.Example.COM", DNS_TYPE_A);
    sample_opt(&s->query, 1232, 0, 1, ecs, sizeof(ecs));
    sample_header(&s->response, 0x1a2b, 0x81a0, 1, 0, 1, "WWW.Example.COM", DNS_TYPE_A);
    sample_u16(&s->response, 0xc00c);
    sample_rr(&s->response, DNS_TYPE_A, 300, 4);
    sample_put(&s->response, "\xc0\x00\x02\x01", 4);
    sample_opt(&s->response, 4096, 0, 1, options, sizeof(options));
}

static inline void sample_nxdomain(struct sample *s)
{
    sample_process(s, 77, "curl");
    s->record.latency_ns = 12345678;
    sample_header(&s->query, 7, 0x0100, 0, 0, 1, "nope.example.net", DNS_TYPE_AAAA);
    sample_opt(&s->query, 1400, 0, 0, "", 0);
    sample_header(&s->response, 7, 0x8583, 0, 1, 0, "nope.example.net", DNS_TYPE_AAAA);
    sample_u16(&s->response, 0xc000 | (12 + 5));
    sample_rr(&s->response, DNS_TYPE_SOA, 900, 24);
    sample_u16(&s->response, 0xc000 | (12 + 5));
    sample_u16(&s->response, 0xc000 | (12 + 5));
    for (unsigned i = 1; i <= 5; i++)
        sample_u32(&s->response, i);
}

static inline void sample_servfail(struct sample *s)
{
    static const uint8_t ede[] = {0,   15,  0,    8, 0,  6, 'b', 'a', 'd',
                                  ' ', '"', 0x1b, 0, 15, 0, 2,   0,   3};
    sample_process(s, 900, "systemd-resolve");
    s->record.latency_ns = 1200000000;
    sample_header(&s->query, 3, 0x0100, 0, 0, 0, "broken.example.org", DNS_TYPE_A);
    sample_header(&s->response, 3, 0x8182, 0, 0, 1, "broken.example.org", DNS_TYPE_A);
    sample_opt(&s->response, 1232, 0, 0, ede, sizeof(ede));
}

static inline void sample_chain(struct sample *s)
{
    sample_process(s, 31337, "node");
    s->record.process.cgroup = "/kubepods.slice/cri-containerd-0123.scope";
    s->record.process.container_id = "0123456789ab";
    s->record.pod = "web-7d9";
    s->record.namespace = "shop";
    s->record.workload = "web";
    s->record.node = "node-a";
    s->record.server_process.pid = 53;
    snprintf(s->record.server_process.comm, sizeof(s->record.server_process.comm), "coredns");
    s->record.latency_ns = 2500000;
    sample_hop(s, "eth0", 4026532001, 2500000);
    sample_hop(s, "veth1", 4026531840, 2400000);
    sample_hop(s, "ens3", 4026531840, -1);
    sample_header(&s->query, 99, 0x0100, 0, 0, 0, "shop.example.com", DNS_TYPE_A);
    sample_header(&s->response, 99, 0x8180, 4, 0, 0, "shop.example.com", DNS_TYPE_A);
    sample_u16(&s->response, 0xc00c);
    sample_rr(&s->response, DNS_TYPE_CNAME, 60, 16);
    uint32_t target = s->response.len;
    sample_u8(&s->response, 4);
    sample_put(&s->response, "edge", 4);
    sample_u8(&s->response, 3);
    sample_put(&s->response, "cdn", 3);
    sample_u8(&s->response, 4);
    sample_put(&s->response, "test", 4);
    sample_u8(&s->response, 0);
    s->response.bytes[target - 1] = (uint8_t)(s->response.len - target);
    for (unsigned i = 1; i <= 2; i++) {
        sample_u16(&s->response, 0xc000 | target);
        sample_rr(&s->response, DNS_TYPE_A, 20, 4);
        sample_put(&s->response, "\x0a\x00\x00", 3);
        sample_u8(&s->response, i);
    }
    sample_u16(&s->response, 0xc000 | target);
    sample_rr(&s->response, DNS_TYPE_AAAA, 30, 16);
    sample_put(&s->response, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
}

static inline void sample_txt(struct sample *s)
{
    sample_process(s, 5, "py\033[31mthon");
    s->record.transport = TRANSPORT_TCP;
    s->record.latency_ns = 999;
    sample_header(&s->query, 5, 0x0100, 0, 0, 0, "txt.example.com", DNS_TYPE_TXT);
    sample_header(&s->response, 5, 0x8180, 1, 0, 0, "txt.example.com", DNS_TYPE_TXT);
    sample_u16(&s->response, 0xc00c);
    sample_rr(&s->response, DNS_TYPE_TXT, 1, 10);
    sample_u8(&s->response, 9);
    sample_put(&s->response, "v=\"a\\b\" \001", 9);
}

static inline void sample_malformed(struct sample *s)
{
    s->record.latency_ns = 5000;
    sample_header(&s->query, 6, 0x0100, 0, 0, 0, "bad.example.com", DNS_TYPE_A);
    sample_header(&s->response, 6, 0x8180, 1, 0, 0, "bad.example.com", DNS_TYPE_A);
    sample_u16(&s->response, 0xc00c);
    sample_rr(&s->response, DNS_TYPE_A, 1, 400);
    sample_put(&s->response, "\x01\x02", 2);
    s->record.marks = MARK_DUPLICATE_RESPONSE | MARK_REASSEMBLED;
}

static inline void sample_v6(struct sample *s)
{
    static const uint8_t client[16] = {0x20, 1, 0x0d, 0xb8, [15] = 0x10};
    static const uint8_t server[16] = {0x20, 1, 0x0d, 0xb8, [15] = 0x53};
    s->record.client = inet_addr_v6(client);
    s->record.server = inet_addr_v6(server);
    s->record.latency_ns = 88000;
    sample_header(&s->query, 8, 0x0100, 0, 0, 0, "", DNS_TYPE_NS);
    sample_header(&s->response, 8, 0x8180, 0, 0, 1, "", DNS_TYPE_NS);
    sample_opt(&s->response, 512, 1, 0, "", 0);
}

static inline void sample_fill(struct sample *s, enum sample_kind kind)
{
    struct record *r = &s->record;
    switch (kind) {
    case SAMPLE_A:
        sample_a(s);
        break;
    case SAMPLE_NXDOMAIN:
        sample_nxdomain(s);
        break;
    case SAMPLE_SERVFAIL:
        sample_servfail(s);
        break;
    case SAMPLE_CHAIN:
        sample_chain(s);
        break;
    case SAMPLE_TXT:
        sample_txt(s);
        break;
    case SAMPLE_TIMEOUT:
        sample_process(s, 12, "ssh");
        r->outcome = OUTCOME_TIMEOUT;
        r->retransmits = 2;
        sample_header(&s->query, 9, 0x0100, 0, 0, 0, "slow.example.com", DNS_TYPE_A);
        break;
    case SAMPLE_REFUSED:
        r->outcome = OUTCOME_ICMP_REFUSED;
        r->icmp_type = 3;
        r->icmp_code = 3;
        r->latency_ns = 50000;
        sample_header(&s->query, 10, 0x0100, 0, 0, 0, "closed.example.com", DNS_TYPE_A);
        break;
    case SAMPLE_UNSOLICITED:
        r->outcome = OUTCOME_UNSOLICITED;
        sample_header(&s->response, 11, 0x8180, 0, 0, 0, "spoof.example.com", DNS_TYPE_A);
        break;
    case SAMPLE_MALFORMED:
        sample_malformed(s);
        break;
    case SAMPLE_V6:
        sample_v6(s);
        break;
    default:
        break;
    }
}

/* To be released with sample_free. */
static inline struct sample *sample_new(enum sample_kind kind)
{
    static const uint8_t client[4] = {10, 0, 0, 7}, server[4] = {192, 0, 2, 53};
    struct sample *s = calloc(1, sizeof(*s));
    if (!s)
        abort();
    arena_init(&s->arena, 0);
    s->record = (struct record){
        .time_ns = 1795492800123456789, /* 2026-11-24T04:00:00.123456789Z */
        .latency_ns = -1,
        .client = inet_addr_v4(client),
        .server = inet_addr_v4(server),
        .client_port = 40000,
        .server_port = 53,
        .arena = &s->arena,
    };
    sample_fill(s, kind);
    struct record *r = &s->record;
    if (s->query.len) {
        r->has_query = true;
        r->query_wire = s->query.bytes;
        r->query_len = r->query_bytes = s->query.len;
        r->id = (uint16_t)(s->query.bytes[0] << 8 | s->query.bytes[1]);
    }
    if (s->response.len) {
        r->has_response = true;
        r->response_wire = s->response.bytes;
        r->response_len = r->response_bytes = s->response.len;
        r->id = (uint16_t)(s->response.bytes[0] << 8 | s->response.bytes[1]);
    }
    return s;
}

static inline void sample_free(struct sample *s)
{
    arena_done(&s->arena);
    free(s);
}
