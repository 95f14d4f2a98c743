/* SPDX-License-Identifier: Apache-2.0 */
#include "gen_rows.h"

#include "dns/types.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAMES = 558758,
    DOMAINS = 60000,
    PODS = 120,
    PROGRAMS = 40,
    ANSWERS_MAX = 8,
    TEXT_MAX = 128,
    RARE_SHARE = 20, /* percent of the lookups that ask for a name out of the long tail */
};

struct text {
    char bytes[TEXT_MAX];
};

struct pod {
    struct inet_addr address;
    char comm[16], exe[64], cgroup[128], container_id[72], unit[32];
    uint32_t pid, uid, netns;
};

struct gen_rows {
    struct gen_rows_options options;
    uint64_t done, state;
    double *when; /* of each hour the share of rows that came before it ends */
    double hour_ns;
    uint32_t hours;
    struct pod pods[PODS];
    struct inet_addr stub, upstream[3];
    char qname[TEXT_MAX];
    struct text texts[2 * ANSWERS_MAX];
    struct row_answer answers[ANSWERS_MAX];
    struct row_hop hops[2];
};

/* splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014) */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static double uniform(uint64_t *state)
{
    return (double)(draw(state) >> 11) * 0x1p-53;
}

static uint32_t below(uint64_t *state, uint32_t limit)
{
    return (uint32_t)((draw(state) >> 32) * limit >> 32);
}

static struct inet_addr address4(uint32_t a)
{
    const uint8_t bytes[4] = {(uint8_t)(a >> 24), (uint8_t)(a >> 16), (uint8_t)(a >> 8),
                              (uint8_t)a};
    return inet_addr_v4(bytes);
}

static struct row_text text_of(const char *s)
{
    return (struct row_text){s[0] ? s : NULL, (uint32_t)strlen(s)};
}

static void make_pods(struct gen_rows *g)
{
    static const char *const programs[] = {"nginx", "java",    "python3",    "node",    "curl",
                                           "envoy", "redis",   "postgres",   "kubelet", "chronyd",
                                           "sshd",  "postfix", "prometheus", "coredns", "php-fpm"};
    for (uint32_t i = 0; i < PODS; i++) {
        struct pod *p = &g->pods[i];
        bool container = i >= 12;
        const char *program = programs[below(&g->state, sizeof(programs) / sizeof(*programs))];
        p->address = container ? address4(0x0af40000u + i) : address4(0x0a000005u);
        p->pid = 800 + 37 * i;
        p->uid = container ? 1000 + i % 7 : 0;
        p->netns = container ? 4026532000u + i : 4026531840u;
        snprintf(p->comm, sizeof(p->comm), "%s", program);
        snprintf(p->exe, sizeof(p->exe), "/usr/%s/%s", container ? "local/bin" : "sbin", program);
        if (container) {
            uint64_t id[4] = {draw(&g->state), draw(&g->state), draw(&g->state), draw(&g->state)};
            snprintf(p->container_id, sizeof(p->container_id), "%016llx%016llx%016llx%016llx",
                     (unsigned long long)id[0], (unsigned long long)id[1],
                     (unsigned long long)id[2], (unsigned long long)id[3]);
            snprintf(p->cgroup, sizeof(p->cgroup), "/kubepods.slice/cri-containerd-%.64s.scope",
                     p->container_id);
        } else {
            snprintf(p->unit, sizeof(p->unit), "%s.service", program);
            snprintf(p->cgroup, sizeof(p->cgroup), "/system.slice/%s", p->unit);
        }
    }
    g->stub = address4(0x7f000035u);
    g->upstream[0] = address4(0x0a000002u);
    g->upstream[1] = address4(0x0a000003u);
    g->upstream[2] = address4(0x01010101u);
}

/* Hour by hour, between half of the mean at night and one and a half of it by day. */
static bool make_day(struct gen_rows *g)
{
    const struct gen_rows_options *o = &g->options;
    g->hour_ns = 3600e9;
    g->hours = (uint32_t)((double)(o->until_ns - o->from_ns) / g->hour_ns) + 1;
    g->when = calloc(g->hours + 1, sizeof(*g->when));
    if (!g->when)
        return false;
    for (uint32_t i = 0; i < g->hours; i++) {
        double from = (double)o->from_ns + i * g->hour_ns, until = from + g->hour_ns;
        if (until > (double)o->until_ns)
            until = (double)o->until_ns;
        double hour = fmod(from / 3600e9, 24);
        g->when[i + 1] = g->when[i] + (until - from) * (1 + 0.5 * sin((hour - 8) / 24 * 2 * M_PI));
    }
    for (uint32_t i = 1; i <= g->hours; i++)
        g->when[i] /= g->when[g->hours];
    return true;
}

struct gen_rows *gen_rows_new(const struct gen_rows_options *o)
{
    struct gen_rows *g = calloc(1, sizeof(*g));
    if (!g)
        return NULL;
    g->options = *o;
    if (!g->options.names)
        g->options.names = NAMES;
    g->state = o->seed;
    make_pods(g);
    if (!make_day(g)) {
        gen_rows_free(g);
        return NULL;
    }
    return g;
}

void gen_rows_free(struct gen_rows *g)
{
    if (!g)
        return;
    free(g->when);
    free(g);
}

static int64_t next_time(struct gen_rows *g)
{
    double share = ((double)g->done + uniform(&g->state)) / (double)g->options.rows;
    uint32_t i = 0;
    while (i + 1 < g->hours && g->when[i + 1] <= share)
        i++;
    double inside = (share - g->when[i]) / (g->when[i + 1] - g->when[i]);
    int64_t t = g->options.from_ns + (int64_t)((i + inside) * g->hour_ns);
    return t < g->options.until_ns ? t : g->options.until_ns - 1;
}

/* ---- names: everything about one follows from its number ---- */

/* The n-th most popular with probability about 1/n, or one of the long tail. */
static uint32_t pick_name(struct gen_rows *g)
{
    if (below(&g->state, 100) < RARE_SHARE)
        return below(&g->state, g->options.names);
    return (uint32_t)pow(g->options.names, uniform(&g->state)) - 1;
}

static const char *const hosts[] = {"www", "api", "cdn", "img", "mail", "static", "edge", "auth"};
static const char *const tops[] = {"com", "net", "org", "io", "de", "example", "co.uk", "cloud"};

static size_t put_domain(char *out, uint64_t *state)
{
    static const char *const parts[] = {"cloud", "data", "metrics", "shop", "news",
                                        "media", "soft", "net",     "web",  "play",
                                        "mail",  "bank", "travel",  "ads"};
    const size_t n = sizeof(parts) / sizeof(*parts);
    return (size_t)sprintf(out, "%s%s%u.%s", parts[below(state, n)], parts[below(state, n)],
                           below(state, 900), tops[below(state, 8)]);
}

static void put_name(struct gen_rows *g, uint32_t name)
{
    uint64_t own = name * 2654435761u + g->options.seed;
    uint64_t domain = draw(&own) % DOMAINS + g->options.seed;
    char *p = g->qname;
    switch (below(&own, 8)) {
    case 0: /* as CDNs and telemetry make them */
        p += sprintf(p, "%08x.%s%u.", (unsigned)draw(&own), hosts[below(&own, 8)], below(&own, 9));
        break;
    case 1:
        p += sprintf(p, "svc-%u.team%u.svc.cluster.local", below(&own, 5000), below(&own, 60));
        return;
    default:
        p += sprintf(p, "%s%u.", hosts[below(&own, 8)], below(&own, 40));
        break;
    }
    put_domain(p, &domain);
}

/* ---- what became of a lookup ---- */

static uint16_t pick_type(uint64_t *state)
{
    uint32_t n = below(state, 100);
    return n < 48   ? DNS_TYPE_A
           : n < 84 ? DNS_TYPE_AAAA
           : n < 92 ? 65 /* HTTPS */
           : n < 96 ? DNS_TYPE_PTR
           : n < 98 ? 16  /* TXT */
                    : 33; /* SRV */
}

static void put_answers(struct gen_rows *g, struct row *r, uint32_t name)
{
    uint64_t own = name * 0x9e3779b97f4a7c15u ^ (uint64_t)r->qtype << 40 ^ g->options.seed;
    uint32_t n = 0, original = 30u << below(&own, 8);
    uint32_t ttl = below(&g->state, original) + 1;
    if (r->qtype != DNS_TYPE_A && r->qtype != DNS_TYPE_AAAA)
        return;
    struct row_text owner = r->qname;
    if (below(&own, 5) == 0) {
        char *target = g->texts[0].bytes;
        int len = sprintf(target, "%s.edge", hosts[below(&own, 8)]);
        target[len++] = '.';
        len += (int)put_domain(target + len, &own);
        strcpy(target + len, ".");
        g->answers[n++] = (struct row_answer){.name = owner,
                                              .type = DNS_TYPE_CNAME,
                                              .ttl = below(&g->state, 300) + 1,
                                              .data = text_of(target)};
        owner = (struct row_text){target, (uint32_t)len};
    }
    uint32_t addresses = 1 + below(&own, 3);
    for (uint32_t i = 0; i < addresses; i++) {
        char *text = g->texts[1 + i].bytes;
        if (r->qtype == DNS_TYPE_A)
            sprintf(text, "%u.%u.%u.%u", 11 + below(&own, 200), below(&own, 256), below(&own, 256),
                    below(&own, 256));
        else
            sprintf(text, "2a0%u:%x:%x::%x", 1 + below(&own, 6), 16 + below(&own, 65000),
                    16 + below(&own, 4000), 1 + below(&own, 65000));
        g->answers[n++] = (struct row_answer){
            .name = owner, .type = (uint16_t)r->qtype, .ttl = ttl, .data = text_of(text)};
    }
    r->answers = g->answers;
    r->answers_len = n;
    r->min_ttl = g->answers[0].ttl < ttl ? g->answers[0].ttl : ttl;
}

/* From a cache within a millisecond, or from afar. */
static int64_t pick_latency(struct gen_rows *g, bool cached)
{
    double normal = uniform(&g->state) + uniform(&g->state) + uniform(&g->state) - 1.5;
    double us = cached ? 180 * exp(normal) : 18000 * exp(1.6 * normal);
    return (int64_t)us + 20;
}

static void put_outcome(struct gen_rows *g, struct row *r, uint32_t name)
{
    uint64_t own = name * 0xd1b54a32d192ed03u ^ g->options.seed;
    uint32_t luck = below(&g->state, 1000), kind = below(&own, 100);
    r->query_bytes = r->qname.len + 18 + (r->edns.present ? 11 : 0);
    if (luck < 6) {
        r->outcome = OUTCOME_TIMEOUT;
        r->retransmits = 1;
        return;
    }
    r->outcome = OUTCOME_ANSWERED;
    r->latency_us = pick_latency(g, luck < 700);
    r->flags |= DNS_FLAG_RA;
    r->answer_count = 0;
    r->rcode = luck < 14 ? 2 : luck < 16 ? 5 : kind < 12 ? 3 : 0;
    if (r->rcode == 0)
        put_answers(g, r, name);
    r->answer_count = (int32_t)r->answers_len;
    r->authority_count = r->answers_len ? 0 : 1;
    r->response_bytes = r->query_bytes + r->answers_len * 20;
}

static void put_asker(struct gen_rows *g, struct row *r, uint32_t name)
{
    /* A name is asked for by few programs. */
    uint64_t own = name + g->options.seed;
    uint32_t which = (below(&own, PODS) + below(&g->state, 3)) % PODS;
    const struct pod *p = &g->pods[which];
    r->client = p->address;
    r->client_port = (uint16_t)(32768 + below(&g->state, 28232));
    r->server = g->upstream[below(&g->state, 10) ? 0 : below(&g->state, 3)];
    r->interface = text_of("eth0");
    r->netns = p->netns;
    if (which < 4) {
        r->client = address4(0x7f000001u);
        r->server = g->stub;
        r->interface = text_of("lo");
        r->server_pid = 700;
        r->server_comm = text_of("systemd-resolve");
    }
    r->server_port = 53;
    r->pid = p->pid;
    r->tid = p->pid + below(&g->state, 4);
    r->uid = p->uid;
    r->comm = text_of(p->comm);
    r->exe = text_of(p->exe);
    r->cgroup = text_of(p->cgroup);
    r->container_id = text_of(p->container_id);
    r->unit = text_of(p->unit);
    r->node = text_of("node-1.example.net");
}

/* A container's query is seen on its own device and on the host's. */
static void put_hops(struct gen_rows *g, struct row *r)
{
    g->hops[0] = (struct row_hop){r->interface, r->netns, r->latency_us};
    g->hops[1] =
        (struct row_hop){text_of("ens5"), 4026531840u,
                         r->latency_us > 12 ? r->latency_us - 9 - below(&g->state, 4) : -1};
    r->hops = g->hops;
    r->hops_len = r->container_id.text ? 2 : 1;
}

bool gen_rows_next(struct gen_rows *g, struct row *out)
{
    if (g->done == g->options.rows)
        return false;
    uint32_t name = pick_name(g);
    put_name(g, name);
    *out = (struct row){
        .time_ns = next_time(g),
        .latency_us = -1,
        .transport = below(&g->state, 200) ? TRANSPORT_UDP : TRANSPORT_TCP,
        .id = (uint16_t)draw(&g->state),
        .flags = DNS_FLAG_RD,
        .rcode = -1,
        .qtype = pick_type(&g->state),
        .qclass = 1,
        .qname = text_of(g->qname),
        .min_ttl = -1,
        .answer_count = 0,
        .authority_count = 0,
    };
    out->edns = (struct row_edns){.present = below(&g->state, 10) < 6,
                                  .udp_size = 1232,
                                  .keepalive_ms = -1,
                                  .padding_bytes = -1};
    out->additional_count = out->edns.present;
    put_asker(g, out, name);
    put_outcome(g, out, name);
    put_hops(g, out);
    g->done++;
    return true;
}
