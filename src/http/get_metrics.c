/* SPDX-License-Identifier: Apache-2.0 */
/* GET /metrics */
#include "http/live.h"
#include "http/metrics.h"
#include "http/metrics_text.h"
#include "http/server.h"

#include "base/clock.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static void put_transactions(struct metrics_text *t, const struct metrics *m)
{
    text_family(t, TEXT_COUNTER, "nameflow_transactions",
                "DNS transactions seen; rcode is none when there was no response.");
    for (int o = 0; o < OUTCOME_COUNT; o++)
        for (int p = 0; p < TRANSPORT_COUNT; p++)
            for (unsigned i = 0; i < METRICS_RCODES; i++) {
                uint64_t n =
                    metrics_transactions(m, (enum record_outcome)o, (enum record_transport)p, i);
                if (!n)
                    continue;
                text_sample(t, NULL);
                text_label(t, "outcome", record_outcome_name((enum record_outcome)o));
                text_label(t, "transport", record_transport_name((enum record_transport)p));
                text_label(t, "rcode", metrics_rcode_name(i));
                text_u64(t, n);
            }
}

static void put_histogram(struct metrics_text *t, const char *label, const char *value,
                          const struct metrics_histogram *h)
{
    uint64_t counts[METRICS_BOUNDS + 1], total = 0;
    for (unsigned i = 0; i <= METRICS_BOUNDS; i++)
        total += counts[i] = atomic_load_explicit(&h->buckets[i], memory_order_relaxed);
    if (!total)
        return;
    /* The count is the sum of what was read above, so that it agrees with the buckets. */
    uint64_t below = 0;
    for (unsigned i = 0; i <= METRICS_BOUNDS; i++) {
        below += counts[i];
        text_sample(t, "_bucket");
        text_label(t, label, value);
        text_label(t, "le", i < METRICS_BOUNDS ? metrics_bounds[i].text : "+Inf");
        text_u64(t, below);
    }
    text_sample(t, "_sum");
    text_label(t, label, value);
    text_ns(t, atomic_load_explicit(&h->sum_ns, memory_order_relaxed));
    text_sample(t, "_count");
    text_label(t, label, value);
    text_u64(t, total);
}

static void put_server(void *ctx, const char *server, const struct metrics_histogram *h)
{
    put_histogram(ctx, "server", server, h);
}

static void put_latencies(struct metrics_text *t, struct metrics *m)
{
    text_family(t, TEXT_HISTOGRAM, "nameflow_server_latency_seconds",
                "Latency by server; those most asked, the rest as other.");
    metrics_each_server(m, put_server, t);
    text_family(t, TEXT_HISTOGRAM, "nameflow_rcode_latency_seconds", "Latency by response code.");
    for (unsigned i = 0; i < METRICS_RCODES; i++)
        put_histogram(t, "rcode", metrics_rcode_name(i), metrics_of_rcode(m, i));
}

/* ---- stages and store ---- */

static void put_stage_counts(struct metrics_text *t, const struct http_agent_status *s, bool out)
{
    text_family(t, TEXT_COUNTER, out ? "nameflow_stage_out" : "nameflow_stage_in",
                out ? "What a stage handed on." : "What a stage was given.");
    for (size_t i = 0; i < s->stage_count; i++) {
        text_sample(t, NULL);
        text_label(t, "stage", s->stages[i].name);
        text_u64(t, out ? s->stages[i].out : s->stages[i].in);
    }
}

static void put_stages(struct metrics_text *t, const struct http_agent_status *s)
{
    put_stage_counts(t, s, false);
    put_stage_counts(t, s, true);
    text_family(t, TEXT_COUNTER, "nameflow_stage_dropped", "What a stage lost, by reason.");
    for (size_t i = 0; i < s->stage_count; i++) {
        const struct http_stage *stage = &s->stages[i];
        for (size_t k = 0; k < stage->dropped_count; k++) {
            text_sample(t, NULL);
            text_label(t, "stage", stage->name);
            text_label(t, "reason", stage->dropped[k].reason);
            text_u64(t, stage->dropped[k].count);
        }
    }
}

static void put_reason(struct metrics_text *t, const char *reason, uint64_t count)
{
    text_sample(t, NULL);
    text_label(t, "reason", reason);
    text_u64(t, count);
}

static void put_seconds(struct metrics_text *t, enum text_kind kind, const char *name,
                        const char *help, uint64_t ns)
{
    text_family(t, kind, name, help);
    text_sample(t, NULL);
    text_ns(t, ns);
}

static void put_store_flow(struct metrics_text *t, const struct store_stats *s)
{
    text_single(t, TEXT_COUNTER, "nameflow_store_received", "Transactions given to the store.",
                s->pushed);
    text_single(t, TEXT_COUNTER, "nameflow_store_written", "Transactions written.", s->written);
    text_family(t, TEXT_COUNTER, "nameflow_store_dropped", "Transactions that were not written.");
    put_reason(t, "queue_full", s->dropped_queue);
    put_reason(t, "write_failed", s->dropped_failed);
    put_reason(t, "no_memory", s->dropped_memory);
    text_family(t, TEXT_COUNTER, "nameflow_store_expired", "Transactions deleted by retention.");
    put_reason(t, "age", s->expired_age);
    put_reason(t, "size", s->expired_size);
    text_single(t, TEXT_COUNTER, "nameflow_store_commits", "Commits.", s->commits);
    put_seconds(t, TEXT_COUNTER, "nameflow_store_commit_seconds", "Time spent in commits.",
                s->commit_ns_total);
    text_single(t, TEXT_COUNTER, "nameflow_store_queries", "Queries run.", s->queries);
    text_single(t, TEXT_COUNTER, "nameflow_store_queries_failed", "Queries that failed.",
                s->queries_failed);
    put_seconds(t, TEXT_COUNTER, "nameflow_store_query_seconds", "Time spent in queries.",
                s->query_ns_total);
    text_single(t, TEXT_COUNTER, "nameflow_store_reopened",
                "Times that the engine was opened anew.", s->reopened);
}

static void put_store(struct metrics_text *t, struct store *store)
{
    struct store_stats s = store_stats(store);
    put_store_flow(t, &s);
    text_single(t, TEXT_GAUGE, "nameflow_store_queued_transactions",
                "Transactions waiting to be written.", s.queued);
    text_single(t, TEXT_GAUGE, "nameflow_store_queued_bytes", "Memory that they take.",
                s.queued_bytes);
    text_single(t, TEXT_GAUGE, "nameflow_store_transactions", "Transactions kept.", s.rows);
    text_single(t, TEXT_GAUGE, "nameflow_store_disk_bytes", "Size of the store.", s.disk_bytes);
    put_seconds(t, TEXT_GAUGE, "nameflow_store_oldest_timestamp_seconds",
                "Time of the oldest transaction kept, 0 if there is none.", (uint64_t)s.oldest_ns);
    put_seconds(t, TEXT_GAUGE, "nameflow_store_newest_timestamp_seconds",
                "Time of the newest transaction kept, 0 if there is none.", (uint64_t)s.newest_ns);
    text_single(t, TEXT_GAUGE, "nameflow_store_failing", "1 when the last write failed.",
                s.failing);
}

/* ---- the API itself ---- */

static void put_answers(struct metrics_text *t, struct http *h)
{
    text_family(t, TEXT_COUNTER, "nameflow_http_answers", "Answers of the API.");
    for (size_t i = 0; i <= ROUTE_COUNT; i++)
        for (size_t k = 0; k < STATUS_COUNT; k++) {
            uint64_t n = atomic_load_explicit(&h->answers[i][k], memory_order_relaxed);
            char status[12];
            if (!n)
                continue;
            snprintf(status, sizeof(status), "%d", http_statuses[k]);
            text_sample(t, NULL);
            text_label(t, "route", i < ROUTE_COUNT ? http_routes[i].path : "");
            text_label(t, "status", http_statuses[k] ? status : "other");
            text_u64(t, n);
        }
}

static void put_api(struct metrics_text *t, struct http *h)
{
    struct conns_stats c = conns_stats(h->conns);
    struct live_stats l = live_stats(h->live);
    unsigned queued, running;
    pool_count(h->queries, &queued, &running);
    put_answers(t, h);
    text_single(t, TEXT_GAUGE, "nameflow_http_connections", "Open connections.", c.open);
    text_single(t, TEXT_COUNTER, "nameflow_http_connections_accepted", "Connections accepted.",
                c.accepted);
    text_single(t, TEXT_COUNTER, "nameflow_http_connections_evicted",
                "Idle or slow connections closed to make room for others.", c.evicted);
    text_single(t, TEXT_COUNTER, "nameflow_http_connections_refused",
                "Connections closed because all others were busy.", c.refused);
    text_single(t, TEXT_GAUGE, "nameflow_http_queued_queries", "Queries waiting for a thread.",
                queued);
    text_single(t, TEXT_GAUGE, "nameflow_http_running_queries", "Queries running.", running);
    text_single(t, TEXT_GAUGE, "nameflow_http_held_bytes", "Answers that are being sent.",
                atomic_load(&h->held_bytes));
    text_single(t, TEXT_GAUGE, "nameflow_live_readers", "Readers of the live stream.", l.readers);
    text_single(t, TEXT_COUNTER, "nameflow_live_events", "Events given to live readers.", l.sent);
    text_single(t, TEXT_COUNTER, "nameflow_live_missed",
                "Events that live readers were too slow for.", l.missed);
}

/* ---- the process, with the names that Prometheus' own libraries use ---- */

static unsigned open_files(void)
{
    DIR *d = opendir("/proc/self/fd");
    unsigned n = 0;
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n > 3 ? n - 3 : 0; /* ".", ".." and the folder itself */
}

/* Virtual and resident size in pages, and the start after boot in clock ticks; 0: not known. */
static void read_proc(unsigned long *size, unsigned long *resident, unsigned long long *started)
{
    char line[1024] = "";
    *size = *resident = 0;
    *started = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f && fscanf(f, "%lu %lu", size, resident) != 2)
        *size = *resident = 0;
    if (f)
        fclose(f);
    f = fopen("/proc/self/stat", "re");
    /* The name in field 2 may hold anything; what follows its ')' does not. Field 22 is meant. */
    char *p = f && fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
    if (f)
        fclose(f);
    for (int field = 2; p && field < 22; field++)
        p = strchr(p + 1, ' ');
    if (p && sscanf(p, "%llu", started) != 1)
        *started = 0;
}

static void put_process(struct metrics_text *t)
{
    struct rusage usage = {0};
    struct rlimit files = {0};
    unsigned long size, resident, page = (unsigned long)sysconf(_SC_PAGESIZE);
    unsigned long long started;
    getrusage(RUSAGE_SELF, &usage);
    getrlimit(RLIMIT_NOFILE, &files);
    read_proc(&size, &resident, &started);
    uint64_t cpu_us = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
                      (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    double up_s = (double)clock_ns(CLOCK_BOOTTIME) / NS_PER_SEC -
                  (double)started / (double)sysconf(_SC_CLK_TCK);
    put_seconds(t, TEXT_COUNTER, "process_cpu_seconds", "User and system CPU time.", cpu_us * 1000);
    text_single(t, TEXT_GAUGE, "process_resident_memory_bytes", "Resident memory.",
                resident * page);
    text_single(t, TEXT_GAUGE, "process_virtual_memory_bytes", "Virtual memory.", size * page);
    text_single(t, TEXT_GAUGE, "process_open_fds", "Open file descriptors.", open_files());
    text_single(t, TEXT_GAUGE, "process_max_fds", "Most file descriptors that may be open.",
                files.rlim_cur);
    text_family(t, TEXT_GAUGE, "process_start_time_seconds", "Start of the process since 1970.");
    text_sample(t, NULL);
    text_seconds(t, (double)clock_ns(CLOCK_REALTIME) / NS_PER_SEC - up_s);
}

void get_metrics(struct request *r)
{
    struct http *h = r->http;
    const char *accept = request_header(r, "Accept");
    struct metrics_text t = {
        .out = &r->body, .open_metrics = accept && strstr(accept, "application/openmetrics-text")};
    struct http_agent_status status = {0};
    struct buf kernel = {0};
    r->type = t.open_metrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                             : "text/plain; version=0.0.4; charset=utf-8";
    http_agent_status(h, &status, &kernel);
    buf_done(&kernel);
    text_family(&t, TEXT_GAUGE, "nameflow_build_info", "Always 1; its label tells the version.");
    text_sample(&t, NULL);
    text_label(&t, "version", h->version);
    text_u64(&t, 1);
    put_transactions(&t, h->metrics);
    put_latencies(&t, h->metrics);
    put_stages(&t, &status);
    if (h->o.store)
        put_store(&t, h->o.store);
    put_api(&t, h);
    put_process(&t);
    text_end(&t);
}
