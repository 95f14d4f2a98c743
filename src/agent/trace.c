/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/trace.h"

#include "agent/commands.h"
#include "agent/stop_signal.h"
#include "agent/watch.h"
#include "base/clock.h"
#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    POLL_MS = 20,
    CHECK_MS = 200,
};

struct trace {
    const struct trace_settings *settings;
    struct watch *watch;
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

/* ---- totals ---- */

/* For programs that read the JSON lines: the same totals as one object. */
static void print_stats(const struct trace *t, const struct ring_counters *c)
{
    struct pipeline_stats stats = watch_pipeline_stats(t->watch);
    struct buf b = {0};
    json_open(&b, '{');
    json_key(&b, "transactions");
    json_u64(&b, stats.txn->transactions);
    json_key(&b, "lost");
    json_u64(&b, watch_lost(t->watch));
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
    json_key(&b, "repeats");
    json_u64(&b, c->repeats);
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

static int loop(struct trace *t)
{
    const struct trace_settings *s = t->settings;
    int64_t start_ns = clock_ns(CLOCK_MONOTONIC), checked_ns = start_ns;
    while (!stop_signal_seen() && !t->enough && !report_failed(t->report)) {
        int r = watch_take_in(t->watch, POLL_MS);
        if (r < 0) {
            fprintf(stderr, "nameflow: reading the ring buffers: %s\n", strerror(-r));
            return EXIT_FAILED;
        }
        report_batch(t->report, watch_lost(t->watch));
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

/* Returns the errno of a write that failed. */
static int end_report(struct trace *t)
{
    struct ring_counters c;
    watch_counters(t->watch, &c);
    struct pipeline_stats s = watch_pipeline_stats(t->watch);
    /* Those of zero are not shown. */
    const struct summary_note notes[] = {
        {.label = "transactions lost", .count = watch_lost(t->watch), .always = true},
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

static int open_watch(struct trace *t)
{
    const struct trace_settings *s = t->settings;
    const struct watch_options o = {
        .tap = s->tap,
        .txn = s->txn,
        .filter = s->filter,
        .no_enrich = s->format == REPORT_SUMMARY && !s->filter,
    };
    char err[512] = "";
    int r = watch_open(&t->watch, &o, on_record, t, err, sizeof(err));
    if (r < 0) {
        fprintf(stderr, "nameflow: %s\n", err);
        return watch_exit_code(r);
    }
    const char *missing;
    for (size_t i = 0; (missing = watch_missing(t->watch, i)); i++)
        fprintf(stderr, "nameflow: %s\n", missing);
    return EXIT_DONE;
}

static int run(struct trace *t)
{
    const struct trace_settings *s = t->settings;
    t->report = report_new(s->format, s->color_off);
    if (!t->report) {
        fprintf(stderr, "nameflow: out of memory\n");
        return EXIT_FAILED;
    }
    int r = open_watch(t);
    if (r != EXIT_DONE)
        return r;
    fprintf(stderr, "nameflow: tracing DNS on this host; Ctrl-C ends\n");
    if (s->ready)
        s->ready(s->ctx);
    r = loop(t);
    watch_drain(t->watch);
    int error = end_report(t);
    if (error && error != EPIPE) {
        fprintf(stderr, "nameflow: writing: %s\n", strerror(error));
        r = EXIT_FAILED;
    }
    return r;
}

int trace_run(const struct trace_settings *settings)
{
    struct trace t = {.settings = settings};
    stop_signal_catch(HANGUP_STOPS);
    int r = run(&t);
    watch_close(t.watch);
    report_free(t.report);
    return r;
}
