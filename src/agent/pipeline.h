/* SPDX-License-Identifier: Apache-2.0 */
/* The one path from frames to records that live capture, files and fuzzers share:
 * frame -> pkt -> tcp -> dns framing -> txn -> enrich -> filter -> sink. */
#pragma once

#include "dns/framing.h"
#include "enrich/enrich.h"
#include "filter/filter.h"
#include "pkt/pkt.h"
#include "tcp/tcp.h"
#include "txn/txn.h"

enum {
    PIPELINE_PORTS_MAX = 16,
};

struct pipeline_options {
    uint16_t ports[PIPELINE_PORTS_MAX]; /* none: 53 */
    uint32_t port_count;
    struct txn_limits txn;
    struct enrich *enrich;       /* NULL: records are not completed; stays the caller's */
    const struct filter *filter; /* NULL: every record passes; stays the caller's */
};

struct pipeline_stats {
    const struct pkt_stats *pkt;
    const struct tcp_stats *tcp;
    const struct dns_framing_stats *framing;
    const struct txn_stats *txn;
    uint64_t other_ports; /* packets to and from ports that were not asked for */
    uint64_t records;     /* past the filter */
    uint64_t filtered_out;
    uint64_t time_steps;   /* time went back by seconds: what was open was ended */
    uint64_t held_dropped; /* partial messages over TCP given up: the memory for them was full */
};

struct pipeline;

/* NULL when memory runs out. */
struct pipeline *pipeline_new(const struct pipeline_options *o, record_sink *sink, void *ctx);
void pipeline_free(struct pipeline *p);
/* Frames come in order of time, more or less; after a step back by more than 5 s a new time begins.
 */
void pipeline_push(struct pipeline *p, const struct frame *frame);
/* The same for a block of up to FRAME_BLOCK_MAX frames, which takes less time for each. */
void pipeline_push_block(struct pipeline *p, const struct frame *frames, uint32_t count);
void pipeline_tick(struct pipeline *p, int64_t now_ns);
void pipeline_note_loss(struct pipeline *p, int64_t time_ns);
void pipeline_flush(struct pipeline *p);
struct pipeline_stats pipeline_stats(const struct pipeline *p);
