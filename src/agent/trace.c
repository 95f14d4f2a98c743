/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/trace.h"

#include "agent/commands.h"
#include "base/clock.h"
#include "base/json.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum {
    POLL_MS = 20,
    CHECK_MS = 200,
    DRAIN_ROUNDS = 100, /* polls after detaching; each finds less */
};

static volatile sig_atomic_t stop_signal;

static void on_signal(int number)
{
    stop_signal = number;
}

struct trace {
    const struct trace_settings *settings;
    struct tap_live *tap;
    struct enrich *enrich;
    struct pipeline *pipeline;
    struct report *report;
    bool enough;
};

/* ---- records ---- */

static void on_record(void *ctx, struct record *r)
{
    struct trace *t = ctx;
    if (t->enough)
        return;
    report_record(t->report, r);
    if (t->settings->count && report_count(t->report) >= t->settings->count)
        t->enough = true;
}

static void on_frame(void *ctx, const struct frame *frame)
{
    struct trace *t = ctx;
    pipeline_push(t->pipeline, frame);
}

/* ---- totals ---- */

/* Transactions whose every record was lost: the kernel counted their queries, which stays right
 * when a ring overflows, and no record of them arrived. */
static uint64_t lost_transactions(const struct trace *t, const struct ring_counters *c)
{
    const struct txn_stats *txn = pipeline_stats(t->pipeline).txn;
    uint64_t known = txn->counted_queries + txn->at_risk + c->queries_sampled_out;
    return c->lost && c->queries > known ? c->queries - known : 0;
}

/* Takes in what the rings hold. Losses are told before the tick, which decides about timeouts. */
static int take_in(struct trace *t, int timeout_ms)
{
    int64_t safe_ns = 0;
    int n = tap_live_poll(t->tap, timeout_ms, on_frame, t, &safe_ns);
    if (n < 0)
        return n == -EINTR ? 0 : n;
    int64_t loss_ns = tap_live_take_loss(t->tap);
    if (loss_ns > 0)
        pipeline_note_loss(t->pipeline, loss_ns);
    pipeline_tick(t->pipeline, safe_ns);
    struct ring_counters c;
    tap_live_counters(t->tap, &c);
    report_batch(t->report, lost_transactions(t, &c));
    return n;
}

/* For programs that read the JSON lines: the same totals as one object. */
static void print_stats(const struct trace *t, const struct ring_counters *c)
{
    struct pipeline_stats stats = pipeline_stats(t->pipeline);
    struct buf b = {0};
    json_open(&b, '{');
    json_key(&b, "transactions");
    json_u64(&b, stats.txn->transactions);
    json_key(&b, "lost");
    json_u64(&b, lost_transactions(t, c));
    json_key(&b, "records");
    json_u64(&b, stats.records);
    json_key(&b, "outcomes");
    json_open(&b, '{');
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        json_key(&b, record_outcome_name((enum record_outcome)i));
        json_u64(&b, stats.txn->by_outcome[i]);
    }
    json_close(&b, '}');
    json_key(&b, "retransmits");
    json_u64(&b, stats.txn->retransmits);
    json_key(&b, "evicted");
    json_u64(&b, stats.txn->evicted);
    json_key(&b, "kernel");
    json_open(&b, '{');
    json_key(&b, "packets");
    json_u64(&b, c->packets_seen);
    json_key(&b, "dns_packets");
    json_u64(&b, c->dns_seen);
    json_key(&b, "queries");
    json_u64(&b, c->queries);
    json_key(&b, "records");
    json_u64(&b, c->records);
    json_key(&b, "records_lost");
    json_u64(&b, c->lost);
    json_key(&b, "sampled_out");
    json_u64(&b, c->queries_sampled_out);
    json_close(&b, '}');
    json_close(&b, '}');
    fprintf(stderr, "nameflow: %s\n", buf_cstr(&b));
    buf_done(&b);
}

/* ---- the loop ---- */

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static int loop(struct trace *t)
{
    const struct trace_settings *s = t->settings;
    int64_t start_ns = clock_ns(CLOCK_MONOTONIC), checked_ns = start_ns;
    while (!stop_signal && !t->enough && !report_failed(t->report)) {
        int r = take_in(t, POLL_MS);
        if (r < 0) {
            fprintf(stderr, "nameflow: reading the ring buffers: %s\n", strerror(-r));
            return EXIT_FAILED;
        }
        int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
        if (s->duration_ns && now_ns - start_ns >= s->duration_ns)
            break;
        if (s->check && now_ns - checked_ns >= CHECK_MS * NS_PER_MS) {
            char err[256];
            checked_ns = now_ns;
            if (s->check(s->ctx, err, sizeof(err)) < 0) {
                fprintf(stderr, "nameflow: %s\n", err);
                return EXIT_FAILED;
            }
        }
    }
    return EXIT_DONE;
}

static void drain(struct trace *t)
{
    tap_live_detach(t->tap);
    for (int i = 0; i < DRAIN_ROUNDS && take_in(t, 0) > 0; i++)
        ;
    pipeline_flush(t->pipeline);
}

/* Returns the errno of a write that failed. */
static int end_report(struct trace *t)
{
    struct ring_counters c;
    tap_live_counters(t->tap, &c);
    struct pipeline_stats s = pipeline_stats(t->pipeline);
    /* Those of zero are not shown. */
    const struct summary_note notes[] = {
        {.label = "transactions lost", .count = lost_transactions(t, &c), .always = true},
        {.label = "packet records lost: a ring was full (--ring-bytes)", .count = c.lost},
        {.label = "packets that could be copied only in part", .count = c.cut},
        {.label = "queries left out by --sample", .count = c.queries_sampled_out},
        {.label = "open queries given up: the table was full", .count = s.txn->evicted},
        {.label = "TCP streams that carry no DNS", .count = s.framing->abandoned},
        {.label = "transactions that the filter left out", .count = s.filtered_out},
    };
    int error = report_end(t->report, notes, sizeof(notes) / sizeof(notes[0]));
    if (report_is_json(t->report))
        print_stats(t, &c);
    return error;
}

static int open_tap(struct trace *t)
{
    char err[512] = "";
    int r = tap_live_open(&t->tap, &t->settings->tap, err, sizeof(err));
    if (r < 0) {
        fprintf(stderr, "nameflow: %s\n", err);
        bool not_allowed = r == -EPERM || r == -EACCES || r == -ENOTSUP || r == -ENOENT;
        return not_allowed ? EXIT_NOT_ALLOWED : r == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
    }
    const char *missing;
    for (size_t i = 0; (missing = tap_live_missing(t->tap, i)); i++)
        fprintf(stderr, "nameflow: %s\n", missing);
    return EXIT_DONE;
}

static int run(struct trace *t)
{
    const struct trace_settings *s = t->settings;
    int r = open_tap(t);
    if (r != EXIT_DONE)
        return r;
    char cgroup_root[256];
    bool has_cgroup = tap_cgroup2_mount(cgroup_root, sizeof(cgroup_root)) == 0;
    t->enrich = enrich_new(has_cgroup ? cgroup_root : NULL);
    struct pipeline_options options = {
        .port_count = s->tap.port_count,
        .txn = s->txn,
        .enrich = t->enrich,
        .filter = s->filter,
    };
    memcpy(options.ports, s->tap.ports, sizeof(options.ports));
    t->report = report_new(s->format, s->color_off);
    t->pipeline = t->enrich && t->report ? pipeline_new(&options, on_record, t) : NULL;
    if (!t->pipeline) {
        fprintf(stderr, "nameflow: out of memory\n");
        return EXIT_FAILED;
    }
    /* Answers to queries from before the start are not unsolicited. */
    pipeline_note_loss(t->pipeline, clock_ns(CLOCK_REALTIME));
    fprintf(stderr, "nameflow: tracing DNS on this host; Ctrl-C ends\n");
    if (s->ready)
        s->ready(s->ctx);
    r = loop(t);
    drain(t);
    int error = end_report(t);
    if (error && error != EPIPE) {
        fprintf(stderr, "nameflow: writing: %s\n", strerror(error));
        r = EXIT_FAILED;
    }
    return r;
}

int trace_run(const struct trace_settings *settings)
{
    _Static_assert((int)PIPELINE_PORTS_MAX == (int)TAP_PORTS_MAX, "one list of ports for both");
    struct trace t = {.settings = settings};
    catch_signals();
    int r = run(&t);
    pipeline_free(t.pipeline);
    enrich_free(t.enrich);
    tap_live_close(t.tap);
    report_free(t.report);
    return r;
}
