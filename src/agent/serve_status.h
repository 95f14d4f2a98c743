/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent's stages took in, handed on and lost: copied by the thread that runs them some
 * times a second, and read by the API's threads. */
#pragma once

#include "agent/watch.h"
#include "http/http.h"

#include <pthread.h>

struct serve_figures {
    struct ring_counters ring;
    struct pkt_stats pkt;
    struct tcp_stats tcp;
    struct dns_framing_stats framing;
    struct txn_stats txn;
    struct enrich_stats enrich;
    uint64_t other_ports, held_dropped, records;
    uint64_t lost; /* transactions */
};

struct serve_status {
    pthread_mutex_t lock;
    struct serve_figures figures;
    struct buf kernel;   /* JSON; constant after the start */
    struct store *store; /* NULL: none; constant after the start */
};

void serve_status_init(struct serve_status *s);
void serve_status_done(struct serve_status *s);
/* From the thread of `w`. Returns what was copied. */
struct serve_figures serve_status_publish(struct serve_status *s, const struct watch *w);
/* http_options.status; ctx is the serve_status. */
void serve_status_fill(void *ctx, struct http_agent_status *out);
