/* SPDX-License-Identifier: Apache-2.0 */
#include "http/metrics.h"

#include "base/clock.h"
#include "dns/types.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    RCODE_OTHER = METRICS_RCODES - 2,
    RCODE_NONE = METRICS_RCODES - 1,
    /* After so many records the servers without a histogram may take the place of one with. */
    EPOCH_RECORDS = 65536,
    CANDIDATES = 64,
};

const struct metrics_bound metrics_bounds[METRICS_BOUNDS] = {
    {100 * NS_PER_US, "0.0001"}, {200 * NS_PER_US, "0.0002"}, {500 * NS_PER_US, "0.0005"},
    {1 * NS_PER_MS, "0.001"},    {2 * NS_PER_MS, "0.002"},    {5 * NS_PER_MS, "0.005"},
    {10 * NS_PER_MS, "0.01"},    {20 * NS_PER_MS, "0.02"},    {50 * NS_PER_MS, "0.05"},
    {100 * NS_PER_MS, "0.1"},    {200 * NS_PER_MS, "0.2"},    {500 * NS_PER_MS, "0.5"},
    {1 * NS_PER_SEC, "1.0"},     {2 * NS_PER_SEC, "2.0"},     {5 * NS_PER_SEC, "5.0"},
    {10 * NS_PER_SEC, "10.0"},
};

struct server {
    struct inet_addr address;
    uint32_t in_epoch;
    struct metrics_histogram histogram;
};

/* A server without a histogram; counted as in "space-saving" (Metwally et al.): the least one makes
 * room, and its count stays as the bound of the error. */
struct candidate {
    struct inet_addr address;
    uint32_t in_epoch;
};

struct metrics {
    atomic_uint_fast64_t transactions[OUTCOME_COUNT][TRANSPORT_COUNT][METRICS_RCODES];
    struct metrics_histogram rcodes[METRICS_RCODES];
    /* Which servers there are changes under the lock only, and the pipeline does not wait for it:
     * it tries again with the next record. */
    pthread_mutex_t lock;
    struct server servers[METRICS_SERVERS];
    unsigned server_count, last;
    struct metrics_histogram others;
    /* of the pipeline's thread */
    struct candidate candidates[CANDIDATES];
    unsigned candidate_count;
    uint32_t records;
};

struct metrics *metrics_new(void)
{
    struct metrics *m = calloc(1, sizeof(*m));
    if (m)
        pthread_mutex_init(&m->lock, NULL);
    return m;
}

void metrics_free(struct metrics *m)
{
    if (!m)
        return;
    pthread_mutex_destroy(&m->lock);
    free(m);
}

/* There is one writer: no locked instruction is needed. */
static void add(atomic_uint_fast64_t *count, uint64_t n)
{
    uint64_t old = atomic_load_explicit(count, memory_order_relaxed);
    atomic_store_explicit(count, old + n, memory_order_relaxed);
}

static void observe(struct metrics_histogram *h, int64_t ns)
{
    unsigned i = 0;
    while (i < METRICS_BOUNDS && ns > metrics_bounds[i].ns)
        i++;
    add(&h->buckets[i], 1);
    add(&h->sum_ns, (uint64_t)ns);
}

static unsigned rcode_index(int32_t rcode)
{
    if (rcode < 0)
        return RCODE_NONE;
    if (rcode <= 11)
        return (unsigned)rcode;
    return rcode >= 16 && rcode <= 23 ? (unsigned)rcode - 4 : RCODE_OTHER;
}

_Static_assert(12 + (23 - 16 + 1) == RCODE_OTHER, "named rcodes have their places");

const char *metrics_rcode_name(unsigned i)
{
    char scratch[DNS_MNEMONIC_MAX];
    if (i < RCODE_OTHER)
        return dns_rcode_name((uint16_t)(i < 12 ? i : i + 4), scratch); /* assigned: a constant */
    return i == RCODE_NONE ? "none" : "other";
}

/* ---- servers ---- */

static struct server *find_server(struct metrics *m, const struct inet_addr *address)
{
    if (m->server_count && inet_addr_cmp(&m->servers[m->last].address, address) == 0)
        return &m->servers[m->last];
    for (unsigned i = 0; i < m->server_count; i++) {
        if (inet_addr_cmp(&m->servers[i].address, address) == 0) {
            m->last = i;
            return &m->servers[i];
        }
    }
    return NULL;
}

static struct server *new_server(struct metrics *m, const struct inet_addr *address)
{
    if (m->server_count == METRICS_SERVERS || pthread_mutex_trylock(&m->lock))
        return NULL;
    struct server *s = &m->servers[m->server_count++];
    s->address = *address;
    pthread_mutex_unlock(&m->lock);
    return s;
}

static void count_candidate(struct metrics *m, const struct inet_addr *address)
{
    struct candidate *least = NULL;
    for (unsigned i = 0; i < m->candidate_count; i++) {
        struct candidate *c = &m->candidates[i];
        if (inet_addr_cmp(&c->address, address) == 0) {
            c->in_epoch++;
            return;
        }
        if (!least || c->in_epoch < least->in_epoch)
            least = c;
    }
    if (m->candidate_count < CANDIDATES) {
        least = &m->candidates[m->candidate_count++];
        least->in_epoch = 0;
    }
    least->address = *address;
    least->in_epoch++;
}

/* What a server had goes to the others: nothing is counted twice, and no counter goes back. */
static void replace(struct metrics *m, struct server *s, const struct candidate *c)
{
    if (pthread_mutex_trylock(&m->lock))
        return;
    for (unsigned i = 0; i <= METRICS_BOUNDS; i++) {
        add(&m->others.buckets[i], atomic_load(&s->histogram.buckets[i]));
        atomic_store(&s->histogram.buckets[i], 0);
    }
    add(&m->others.sum_ns, atomic_load(&s->histogram.sum_ns));
    atomic_store(&s->histogram.sum_ns, 0);
    s->address = c->address;
    pthread_mutex_unlock(&m->lock);
}

static void end_epoch(struct metrics *m)
{
    struct server *least = NULL;
    struct candidate *most = NULL;
    for (unsigned i = 0; i < m->server_count; i++)
        if (!least || m->servers[i].in_epoch < least->in_epoch)
            least = &m->servers[i];
    for (unsigned i = 0; i < m->candidate_count; i++)
        if (!most || m->candidates[i].in_epoch > most->in_epoch)
            most = &m->candidates[i];
    /* Clearly more: two that are about equal do not take turns. */
    if (least && most && most->in_epoch / 2 > least->in_epoch)
        replace(m, least, most);
    for (unsigned i = 0; i < m->server_count; i++)
        m->servers[i].in_epoch = 0;
    m->candidate_count = 0;
    m->records = 0;
}

static void push_server(struct metrics *m, struct record *r)
{
    struct server *s = find_server(m, &r->server);
    if (!s)
        s = new_server(m, &r->server);
    if (s)
        s->in_epoch++;
    else
        count_candidate(m, &r->server);
    if (r->latency_ns >= 0)
        observe(s ? &s->histogram : &m->others, r->latency_ns);
    if (++m->records >= EPOCH_RECORDS)
        end_epoch(m);
}

void metrics_push(struct metrics *m, struct record *r)
{
    unsigned rcode = rcode_index(record_rcode(r));
    add(&m->transactions[r->outcome][r->transport][rcode], 1);
    if (r->latency_ns >= 0)
        observe(&m->rcodes[rcode], r->latency_ns);
    push_server(m, r);
}

/* ---- for a scrape ---- */

uint64_t metrics_transactions(const struct metrics *m, enum record_outcome outcome,
                              enum record_transport transport, unsigned rcode)
{
    return atomic_load_explicit(&m->transactions[outcome][transport][rcode], memory_order_relaxed);
}

const struct metrics_histogram *metrics_of_rcode(const struct metrics *m, unsigned rcode)
{
    return &m->rcodes[rcode];
}

void metrics_each_server(struct metrics *m,
                         void (*each)(void *ctx, const char *server,
                                      const struct metrics_histogram *h),
                         void *ctx)
{
    char text[INET_TEXT_MAX];
    pthread_mutex_lock(&m->lock);
    for (unsigned i = 0; i < m->server_count; i++) {
        inet_addr_format(&m->servers[i].address, text);
        each(ctx, text, &m->servers[i].histogram);
    }
    each(ctx, "other", &m->others);
    pthread_mutex_unlock(&m->lock);
}
