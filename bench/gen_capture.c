/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a capture as a busy resolver site would give it: many clients and names, popular ones far
 * ahead, both address families, lost queries, dead servers, truncation and TCP. The same seed gives
 * the same file. What is in it is printed as JSON, to hold against what a reader reports. */
#include "gen_message.h"
#include "gen_packet.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define US 1000ULL
#define MS (1000 * US)
#define S  (1000 * MS)

#define LATENCY_MAX_NS 2e9 /* below every timeout */

enum {
    MSS = 1400,
    FLIGHT_MAX = 1 << 16, /* lookups under way */
    SERVERS = 4,
};

enum stage {
    STAGE_QUERY,
    STAGE_RESPONSE,
    STAGE_RETRY, /* the first copy got lost: the second one is answered */
    STAGE_GIVE_UP,
    STAGE_TCP_SYN,
    STAGE_TCP_SYN_ACK,
    STAGE_TCP_QUERY,
    STAGE_TCP_RESPONSE,
    STAGE_TCP_CLOSE,
};

struct flight {
    uint64_t due_ns;
    struct lookup lookup;
    struct endpoints ends;
    uint32_t seq, ack; /* TCP: of the client */
    uint8_t stage;
};

struct totals {
    uint64_t queries, answered, timeouts, retransmits, tcp, truncated;
};

struct options {
    const char *path;
    uint64_t packets, seed;
    uint32_t rate, names, clients;
};

struct generator {
    struct options options;
    struct capture capture;
    struct world *world;
    struct totals totals;
    uint64_t random;
    uint64_t next_ns; /* the next new lookup */
    uint32_t in_flight;
    struct flight *heap;
    uint8_t message[MESSAGE_MAX + 2];
};

static void heap_push(struct generator *g, const struct flight *f)
{
    if (g->in_flight == FLIGHT_MAX)
        return;
    uint32_t i = g->in_flight++;
    while (i && g->heap[(i - 1) / 2].due_ns > f->due_ns) {
        g->heap[i] = g->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    g->heap[i] = *f;
}

static struct flight heap_pop(struct generator *g)
{
    struct flight top = g->heap[0];
    const struct flight last = g->heap[--g->in_flight];
    uint32_t i = 0;
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= g->in_flight)
            break;
        if (child + 1 < g->in_flight && g->heap[child + 1].due_ns < g->heap[child].due_ns)
            child++;
        if (g->heap[child].due_ns >= last.due_ns)
            break;
        g->heap[i] = g->heap[child];
        i = child;
    }
    g->heap[i] = last;
    return top;
}

static double unit(struct generator *g)
{
    return (double)((gen_random(&g->random) >> 11) + 1) * 0x1p-53;
}

/* Seven in ten come from the resolver's cache; the others travel. */
static uint64_t latency_ns(struct generator *g)
{
    double spread = exp(-log(unit(g)) * 0.7);
    double ns = (double)(gen_below(&g->random, 10) < 7 ? 150 * US : 12 * MS) * spread;
    return ns < LATENCY_MAX_NS ? (uint64_t)ns : (uint64_t)LATENCY_MAX_NS;
}

static void send_udp(struct generator *g, const struct flight *f, bool query)
{
    size_t len = query ? gen_query(g->world, &f->lookup, g->message)
                       : gen_response(g->world, &f->lookup, f->lookup.large, g->message);
    capture_udp(&g->capture, f->due_ns, &f->ends, query, g->message, len);
}

static void again(struct generator *g, struct flight *f, enum stage stage, uint64_t delay_ns)
{
    f->stage = (uint8_t)stage;
    f->due_ns += delay_ns;
    heap_push(g, f);
}

static void on_query(struct generator *g, struct flight *f)
{
    uint32_t dice = gen_below(&g->random, 1000);
    send_udp(g, f, true);
    g->totals.queries++;
    if (dice < 3)
        again(g, f, STAGE_GIVE_UP, 1 * S);
    else if (dice < 7)
        again(g, f, STAGE_RETRY, 1 * S);
    else
        again(g, f, STAGE_RESPONSE, latency_ns(g));
}

static void on_retry(struct generator *g, struct flight *f)
{
    send_udp(g, f, true);
    g->totals.retransmits++;
    if (f->stage == STAGE_RETRY)
        again(g, f, STAGE_RESPONSE, latency_ns(g));
    else
        g->totals.timeouts++;
}

static void start_tcp(struct generator *g, struct flight *f, uint64_t delay_ns)
{
    f->ends.client_port = (uint16_t)(1024 + gen_below(&g->random, 64000));
    f->lookup.id = (uint16_t)gen_random(&g->random);
    f->seq = (uint32_t)gen_random(&g->random);
    f->ack = (uint32_t)gen_random(&g->random);
    again(g, f, STAGE_TCP_SYN, delay_ns);
}

static void on_response(struct generator *g, struct flight *f)
{
    send_udp(g, f, false);
    g->totals.answered++;
    if (f->lookup.large) {
        g->totals.truncated++;
        start_tcp(g, f, 50 * US);
    }
}

static size_t framed(struct generator *g, size_t len)
{
    g->message[0] = (uint8_t)(len >> 8);
    g->message[1] = (uint8_t)len;
    return len + 2;
}

static void on_tcp_query(struct generator *g, struct flight *f)
{
    struct capture *c = &g->capture;
    f->seq++;
    f->ack++;
    capture_tcp(c, f->due_ns, &f->ends, true, TCP_ACK, f->seq, f->ack, NULL, 0);
    size_t len = framed(g, gen_query(g->world, &f->lookup, g->message + 2));
    capture_tcp(c, f->due_ns + 10 * US, &f->ends, true, TCP_PSH | TCP_ACK, f->seq, f->ack,
                g->message, len);
    f->seq += (uint32_t)len;
    capture_tcp(c, f->due_ns + 20 * US, &f->ends, false, TCP_ACK, f->ack, f->seq, NULL, 0);
    g->totals.queries++;
    g->totals.tcp++;
    again(g, f, STAGE_TCP_RESPONSE, 30 * US + latency_ns(g));
}

static void on_tcp_response(struct generator *g, struct flight *f)
{
    struct capture *c = &g->capture;
    size_t len = framed(g, gen_response(g->world, &f->lookup, false, g->message + 2));
    for (size_t at = 0; at < len; at += MSS) {
        size_t n = len - at < MSS ? len - at : MSS;
        capture_tcp(c, f->due_ns, &f->ends, false, TCP_PSH | TCP_ACK, f->ack, f->seq,
                    g->message + at, n);
        f->ack += (uint32_t)n;
    }
    capture_tcp(c, f->due_ns, &f->ends, true, TCP_ACK, f->seq, f->ack, NULL, 0);
    g->totals.answered++;
    again(g, f, STAGE_TCP_CLOSE, 40 * US);
}

static void on_tcp_close(struct generator *g, const struct flight *f)
{
    struct capture *c = &g->capture;
    capture_tcp(c, f->due_ns, &f->ends, true, TCP_FIN | TCP_ACK, f->seq, f->ack, NULL, 0);
    capture_tcp(c, f->due_ns, &f->ends, false, TCP_FIN | TCP_ACK, f->ack, f->seq + 1, NULL, 0);
    capture_tcp(c, f->due_ns, &f->ends, true, TCP_ACK, f->seq + 1, f->ack + 1, NULL, 0);
}

static void step(struct generator *g, struct flight *f)
{
    switch (f->stage) {
    case STAGE_QUERY:
        on_query(g, f);
        return;
    case STAGE_RESPONSE:
        on_response(g, f);
        return;
    case STAGE_RETRY:
    case STAGE_GIVE_UP:
        on_retry(g, f);
        return;
    case STAGE_TCP_SYN:
        capture_tcp(&g->capture, f->due_ns, &f->ends, true, TCP_SYN, f->seq, 0, NULL, 0);
        again(g, f, STAGE_TCP_SYN_ACK, 30 * US);
        return;
    case STAGE_TCP_SYN_ACK:
        capture_tcp(&g->capture, f->due_ns, &f->ends, false, TCP_SYN | TCP_ACK, f->ack, f->seq + 1,
                    NULL, 0);
        again(g, f, STAGE_TCP_QUERY, 30 * US);
        return;
    case STAGE_TCP_QUERY:
        on_tcp_query(g, f);
        return;
    case STAGE_TCP_RESPONSE:
        on_tcp_response(g, f);
        return;
    default:
        on_tcp_close(g, f);
    }
}

static uint16_t pick_type(struct generator *g)
{
    uint32_t dice = gen_below(&g->random, 100);
    return dice < 58   ? TYPE_A
           : dice < 72 ? TYPE_AAAA
           : dice < 84 ? TYPE_HTTPS
           : dice < 91 ? TYPE_PTR
           : dice < 95 ? TYPE_TXT
           : dice < 97 ? TYPE_MX
                       : TYPE_SRV;
}

/* Half of the lookups of an A are those of getaddrinfo: the AAAA follows from the same port. */
static void new_lookup(struct generator *g)
{
    uint64_t *random = &g->random;
    struct flight f = {.due_ns = g->next_ns, .stage = STAGE_QUERY};
    uint32_t client = gen_below(random, g->options.clients);
    f.ends.client = client;
    f.ends.ipv6 = client % 5 == 0;
    f.ends.server = (uint8_t)gen_below(random, SERVERS);
    f.ends.client_port = (uint16_t)(1024 + gen_below(random, 64000));
    f.lookup.seed = gen_random(random);
    f.lookup.name = world_pick(g->world, random);
    f.lookup.type = pick_type(g);
    f.lookup.id = (uint16_t)gen_random(random);
    f.lookup.large = f.lookup.type == TYPE_TXT && gen_below(random, 10) == 0;
    if (!f.lookup.large && gen_below(random, 200) == 0)
        start_tcp(g, &f, 0);
    else
        heap_push(g, &f);
    if (f.lookup.type == TYPE_A && gen_below(random, 2) == 0) {
        f.due_ns = g->next_ns + 15 * US;
        f.stage = STAGE_QUERY;
        f.lookup.type = TYPE_AAAA;
        f.lookup.id = (uint16_t)gen_random(random);
        heap_push(g, &f);
    }
    g->next_ns += (uint64_t)(-log(unit(g)) * 1e9 / g->options.rate);
}

/* What is under way when the packets are enough is brought to its end: the totals hold exactly. */
static void run(struct generator *g)
{
    g->next_ns = 1767225600 * S; /* 2026-01-01 */
    while (g->in_flight || g->capture.packets < g->options.packets) {
        bool more = g->capture.packets < g->options.packets && g->in_flight < FLIGHT_MAX - 1;
        if (more && (!g->in_flight || g->next_ns <= g->heap[0].due_ns)) {
            new_lookup(g);
        } else {
            struct flight f = heap_pop(g);
            step(g, &f);
        }
    }
}

static uint64_t number(const char *text, uint64_t max)
{
    char *end;
    unsigned long long v = strtoull(text, &end, 10);
    if (*end || end == text || v == 0 || v > max) {
        fprintf(stderr, "gen_capture: %s: give a number from 1 to %llu\n", text,
                (unsigned long long)max);
        exit(2);
    }
    return v;
}

static void parse(int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {
        {"packets", required_argument, NULL, 'p'}, {"seed", required_argument, NULL, 's'},
        {"rate", required_argument, NULL, 'r'},    {"names", required_argument, NULL, 'n'},
        {"clients", required_argument, NULL, 'c'}, {NULL, 0, NULL, 0},
    };
    *o = (struct options){
        .packets = 5000000, .seed = 1, .rate = 20000, .names = 200000, .clients = 5000};
    int c;
    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (c) {
        case 'p':
            o->packets = number(optarg, UINT32_MAX);
            break;
        case 's':
            o->seed = number(optarg, UINT64_MAX);
            break;
        case 'r':
            o->rate = (uint32_t)number(optarg, 1000000);
            break;
        case 'n':
            o->names = (uint32_t)number(optarg, 10000000);
            break;
        case 'c':
            o->clients = (uint32_t)number(optarg, 10000000);
            break;
        default:
            optind = argc;
        }
    }
    if (optind != argc - 1) {
        fputs("usage: gen_capture [--packets N] [--seed N] [--rate N] [--names N] [--clients N] "
              "FILE\n",
              stderr);
        exit(2);
    }
    o->path = argv[optind];
}

static void report(const struct generator *g)
{
    const struct totals *t = &g->totals;
    printf("{\"packets\":%llu,\"bytes\":%llu,\"queries\":%llu,\"answered\":%llu,\"timeouts\":%llu,"
           "\"retransmits\":%llu,\"tcp\":%llu,\"truncated\":%llu}\n",
           (unsigned long long)g->capture.packets, (unsigned long long)g->capture.bytes,
           (unsigned long long)t->queries, (unsigned long long)t->answered,
           (unsigned long long)t->timeouts, (unsigned long long)t->retransmits,
           (unsigned long long)t->tcp, (unsigned long long)t->truncated);
}

int main(int argc, char **argv)
{
    struct generator g = {0};
    parse(argc, argv, &g.options);
    g.random = g.options.seed;
    g.world = world_new(g.options.names, g.options.seed ^ 0x6e616d6573ULL);
    g.heap = calloc(FLIGHT_MAX, sizeof *g.heap);
    if (!g.world || !g.heap) {
        fputs("gen_capture: out of memory\n", stderr);
        return 1;
    }
    int err = capture_open(&g.capture, g.options.path);
    if (!err) {
        run(&g);
        err = capture_close(&g.capture);
    }
    if (err)
        fprintf(stderr, "gen_capture: %s: %s\n", g.options.path, strerror(-err));
    else
        report(&g);
    world_free(g.world);
    free(g.heap);
    return err ? 1 : 0;
}
