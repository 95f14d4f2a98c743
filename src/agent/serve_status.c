/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/serve_status.h"

void serve_status_init(struct serve_status *s)
{
    *s = (struct serve_status){0};
    pthread_mutex_init(&s->lock, NULL);
}

void serve_status_done(struct serve_status *s)
{
    buf_done(&s->kernel);
    pthread_mutex_destroy(&s->lock);
}

struct serve_figures serve_status_publish(struct serve_status *s, const struct watch *w)
{
    struct pipeline_stats p = watch_pipeline_stats(w);
    struct serve_figures f = {
        .pkt = *p.pkt,
        .tcp = *p.tcp,
        .framing = *p.framing,
        .txn = *p.txn,
        .enrich = *watch_enrich_stats(w),
        .other_ports = p.other_ports,
        .held_dropped = p.held_dropped,
        .records = p.records,
        .lost = watch_lost(w),
    };
    watch_counters(w, &f.ring);
    pthread_mutex_lock(&s->lock);
    s->figures = f;
    pthread_mutex_unlock(&s->lock);
    return f;
}

/* ---- stages ---- */

static struct http_stage *begin_stage(struct http_agent_status *out, const char *name, uint64_t in,
                                      uint64_t handed_on)
{
    struct http_stage *s = &out->stages[out->stage_count++];
    *s = (struct http_stage){.name = name, .in = in, .out = handed_on};
    return s;
}

static void dropped(struct http_stage *s, const char *reason, uint64_t count)
{
    if (s->dropped_count < HTTP_LOSSES_MAX)
        s->dropped[s->dropped_count++] = (struct http_loss){.reason = reason, .count = count};
}

static void left_out(struct http_stage *s, const char *reason, uint64_t count)
{
    dropped(s, reason, count);
    s->dropped[s->dropped_count - 1].by_design = true;
}

/* Packets with a DNS port, and what became of them on their way to user space. */
static void fill_ring(struct http_agent_status *out, const struct serve_figures *f)
{
    struct http_stage *s = begin_stage(out, "ring", f->ring.dns_seen, f->ring.records);
    dropped(s, "ring_full", f->ring.lost);
    left_out(s, "sampled_out", f->ring.sampled_out);
    dropped(s, "unreadable", f->ring.unreadable);
}

static void fill_pkt(struct http_agent_status *out, const struct serve_figures *f)
{
    struct http_stage *s = begin_stage(out, "pkt", f->pkt.frames, f->pkt.packets);
    for (int i = 0; i < PKT_DROP_COUNT; i++) {
        bool other = i == PKT_DROP_NOT_IP || i == PKT_DROP_TRANSPORT || i == PKT_DROP_ICMP;
        (other ? left_out : dropped)(s, pkt_drop_name((enum pkt_drop)i), f->pkt.dropped[i]);
    }
    left_out(s, "other_ports", f->other_ports);
}

/* Segments in; what is lost are holes and connections. */
static void fill_tcp(struct http_agent_status *out, const struct serve_figures *f)
{
    struct http_stage *s =
        begin_stage(out, "tcp", f->tcp.segments, f->tcp.segments - f->tcp.bad_segments);
    dropped(s, "bad_segments", f->tcp.bad_segments);
    dropped(s, "gaps", f->tcp.gaps);
    dropped(s, "evicted_connections", f->tcp.evicted_connections);
}

/* Messages of TCP streams. */
static void fill_framing(struct http_agent_status *out, const struct serve_figures *f)
{
    uint64_t found = f->framing.messages + f->framing.incomplete;
    struct http_stage *s = begin_stage(out, "framing", found, f->framing.messages);
    dropped(s, "incomplete", f->framing.incomplete);
    left_out(s, "not_dns", f->framing.abandoned);
    dropped(s, "memory_full", f->held_dropped);
}

/* Messages in, transactions out. Nothing is dropped when the table is full: the transaction is
 * handed on as unseen. */
static void fill_txn(struct http_agent_status *out, const struct serve_figures *f)
{
    struct http_stage *s = begin_stage(out, "txn", f->txn.messages, f->txn.transactions);
    left_out(s, "not_dns", f->txn.not_dns);
    dropped(s, "table_full", f->txn.evicted);
    dropped(s, "lost", f->lost);
}

/* Processes looked up; what is dropped are their names, not the transactions. */
static void fill_enrich(struct http_agent_status *out, const struct serve_figures *f)
{
    struct http_stage *s =
        begin_stage(out, "enrich", f->enrich.lookups, f->enrich.lookups - f->enrich.gone);
    left_out(s, "process_gone", f->enrich.gone);
}

static void fill_store(struct http_agent_status *out, const struct store_stats *st)
{
    uint64_t lost = st->dropped_queue + st->dropped_failed + st->dropped_memory;
    struct http_stage *s = begin_stage(out, "store", st->written + st->queued + lost, st->written);
    dropped(s, "queue_full", st->dropped_queue);
    dropped(s, "write_failed", st->dropped_failed);
    dropped(s, "no_memory", st->dropped_memory);
}

void serve_status_fill(void *ctx, struct http_agent_status *out)
{
    struct serve_status *s = ctx;
    pthread_mutex_lock(&s->lock);
    struct serve_figures f = s->figures;
    pthread_mutex_unlock(&s->lock);
    fill_ring(out, &f);
    fill_pkt(out, &f);
    fill_tcp(out, &f);
    fill_framing(out, &f);
    fill_txn(out, &f);
    fill_enrich(out, &f);
    if (s->store) {
        struct store_stats st = store_stats(s->store);
        fill_store(out, &st);
    }
    if (out->kernel)
        buf_put(out->kernel, s->kernel.data, s->kernel.len);
}
