/* SPDX-License-Identifier: Apache-2.0 */
/* What the store costs and how fast it answers:
 *
 *   store_bench fill FOLDER [--rows N] [--hours N] [--seed N]    as fast as it goes
 *                            [--commit N]                        N rows at a time
 *   store_bench ingest FOLDER [--rate N] [--seconds N]           at a steady rate
 *   store_bench ask FOLDER [--rounds N] [--ingest N]             questions; meanwhile N rows a
 * second
 *
 * One line of JSON each. The questions' ranges end with the newest transaction of the folder. */
#include "base/clock.h"
#include "base/json.h"
#include "gen_rows.h"
#include "store/store.h"

#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum {
    ROUNDS_MAX = 99,
};

struct options {
    const char *folder;
    uint64_t rows, seed, commit;
    uint32_t rate, seconds, hours, rounds, ingest;
};

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double seconds_since(int64_t start_ns)
{
    return (double)(clock_ns(CLOCK_MONOTONIC) - start_ns) / 1e9;
}

/* In MiB; "VmRSS" now, "VmHWM" at its highest. */
static double memory(const char *what)
{
    char line[128];
    double kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, what, strlen(what)) == 0)
            kib = atof(line + strlen(what) + 1);
    if (f)
        fclose(f);
    return kib / 1024;
}

static void forget_peak(void)
{
    FILE *f = fopen("/proc/self/clear_refs", "w");
    if (!f)
        return;
    fputs("5", f);
    fclose(f);
}

static void notice(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "store_bench: %s\n", text);
}

static struct store *open_store(const struct options *o)
{
    char err[512];
    struct store *s;
    struct store_options so = {
        .kind = STORE_DUCKDB, .folder = o->folder, .max_bytes = 64ULL << 30, .notice = notice};
    if (store_open(&s, &so, err, sizeof(err)) < 0) {
        fprintf(stderr, "store_bench: %s\n", err);
        exit(1);
    }
    return s;
}

static int64_t now(void)
{
    return clock_ns(CLOCK_REALTIME);
}

/* CPU seconds that making the first `rows` rows takes, without a store. */
static double generating(const struct gen_rows_options *go, uint64_t rows)
{
    struct gen_rows *g = gen_rows_new(go);
    struct row row;
    double cpu = cpu_seconds();
    for (uint64_t i = 0; g && i < rows && gen_rows_next(g, &row); i++)
        ;
    cpu = cpu_seconds() - cpu;
    gen_rows_free(g);
    return cpu;
}

/* cpu: of all that was done; generated: of that, the making of the rows. */
static void print_ingest(struct store *s, uint64_t rows, double seconds, double cpu,
                         double generated)
{
    struct store_stats st = store_stats(s);
    double millions = (double)rows / 1e6;
    printf("{\"rows\":%llu,\"seconds\":%.2f,\"rows_per_second\":%.0f,\"cpu_s_per_million\":%.2f,"
           "\"generator_cpu_s_per_million\":%.2f,"
           "\"bytes_per_row\":%.1f,\"disk_bytes\":%llu,\"dropped\":%llu,\"commit_ms_max\":%.0f,"
           "\"rss_mib\":%.0f,\"peak_mib\":%.0f}\n",
           (unsigned long long)rows, seconds, (double)rows / seconds, (cpu - generated) / millions,
           generated / millions, st.rows ? (double)st.disk_bytes / (double)st.rows : 0,
           (unsigned long long)st.disk_bytes,
           (unsigned long long)(st.dropped_queue + st.dropped_failed),
           (double)st.commit_ns_max / 1e6, memory("VmRSS:"), memory("VmHWM:"));
}

static int fill(const struct options *o)
{
    struct store *s = open_store(o);
    struct gen_rows_options go = {.rows = o->rows,
                                  .seed = o->seed,
                                  .until_ns = now(),
                                  .from_ns = now() - o->hours * 3600LL * 1000000000LL};
    double generated = generating(&go, o->rows);
    struct gen_rows *g = gen_rows_new(&go);
    struct row row;
    int r = g ? 0 : -ENOMEM;
    int64_t start = clock_ns(CLOCK_MONOTONIC);
    double cpu = cpu_seconds();
    for (uint64_t i = 1; !r && gen_rows_next(g, &row); i++) {
        r = store_push_row(s, &row);
        if (!r && o->commit && i % o->commit == 0)
            r = store_flush(s);
    }
    if (!r)
        r = store_flush(s);
    if (r)
        fprintf(stderr, "store_bench: writing: %s\n", strerror(-r));
    else
        print_ingest(s, o->rows, seconds_since(start), cpu_seconds() - cpu, generated);
    gen_rows_free(g);
    store_close(s, 60 * NS_PER_SEC);
    return r != 0;
}

/* Rows of the present at a steady rate, until told to stop. */
struct feeder {
    struct store *store; /* NULL: only made, to know what that costs */
    uint32_t rate;
    uint64_t pushed;
    atomic_bool stop;
};

static struct gen_rows_options feed_options(void)
{
    return (struct gen_rows_options){
        .rows = 1u << 30, .seed = 7, .from_ns = now(), .until_ns = now() + 1};
}

static void *feed(void *ctx)
{
    struct feeder *f = ctx;
    struct gen_rows_options go = feed_options();
    struct gen_rows *g = gen_rows_new(&go);
    int64_t start = clock_ns(CLOCK_MONOTONIC);
    struct row row;
    while (g && !atomic_load(&f->stop)) {
        uint64_t due = (uint64_t)(seconds_since(start) * f->rate);
        for (; f->pushed < due && gen_rows_next(g, &row); f->pushed++) {
            row.time_ns = now();
            if (f->store)
                store_push_row(f->store, &row);
        }
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    gen_rows_free(g);
    return NULL;
}

/* CPU seconds that feeding takes in all. */
static double feed_for(struct feeder *f, uint32_t seconds)
{
    pthread_t thread;
    double cpu = cpu_seconds();
    pthread_create(&thread, NULL, feed, f);
    nanosleep(&(struct timespec){.tv_sec = seconds}, NULL);
    atomic_store(&f->stop, true);
    pthread_join(thread, NULL);
    if (f->store)
        store_flush(f->store);
    return cpu_seconds() - cpu;
}

/* Making rows at that rate wakes a thread two hundred times a second, which costs more than the
 * rows: so it is measured at the same rate. */
static int ingest(const struct options *o)
{
    struct feeder alone = {.rate = o->rate};
    double generated = feed_for(&alone, o->seconds);
    struct feeder f = {.store = open_store(o), .rate = o->rate};
    int64_t start = clock_ns(CLOCK_MONOTONIC);
    double cpu = feed_for(&f, o->seconds);
    generated *= alone.pushed ? (double)f.pushed / (double)alone.pushed : 1;
    print_ingest(f.store, f.pushed, seconds_since(start), cpu, generated);
    store_close(f.store, 10 * NS_PER_SEC);
    return 0;
}

/* ---- questions ---- */

struct question {
    const char *key, *filter, *by;
    double hours; /* before the newest transaction */
    uint32_t metrics;
    enum store_metric order;
    int64_t step_ns;
    uint32_t rows; /* not a group: so many transactions, newest first */
};

#define BIT(m) (1u << METRIC_##m)

static const char ID_OF_NEWEST[] = "id=";

static const struct question questions[] = {
    {.key = "top names, 24 h", .by = "qname", .hours = 24, .metrics = BIT(COUNT)},
    {.key = "top names, 1 h", .by = "qname", .hours = 1, .metrics = BIT(COUNT)},
    {.key = "p99 by server, 24 h",
     .by = "server",
     .hours = 24,
     .metrics = BIT(P99),
     .order = METRIC_P99},
    {.key = "p99 by name, 24 h",
     .by = "qname",
     .hours = 24,
     .metrics = BIT(P99),
     .order = METRIC_P99},
    {.key = "rcode per 5 min, 24 h",
     .by = "rcode",
     .hours = 24,
     .metrics = BIT(COUNT),
     .step_ns = 300 * NS_PER_SEC},
    {.key = "newest 100 of a suffix, slow",
     .filter = "qname~*.svc.cluster.local latency>100ms",
     .hours = 24,
     .rows = 100},
    {.key = "by id, 5 min", .filter = ID_OF_NEWEST, .hours = 5.0 / 60, .rows = 100},
    {.key = "top names of a process, 24 h",
     .filter = "comm=nginx",
     .by = "qname",
     .hours = 24,
     .metrics = BIT(COUNT)},
};

struct answer {
    uint64_t count;
    const char *source;
};

static bool count_row(void *ctx, const struct row *row)
{
    (void)row;
    ++*(uint64_t *)ctx;
    return true;
}

static int ask_once(struct store *s, const struct question *q, int64_t newest_ns,
                    const struct filter *filter, struct answer *a)
{
    char err[512] = "";
    struct store_range range = {newest_ns + 1 - (int64_t)(q->hours * 3600e9), newest_ns + 1};
    int r;
    a->count = 0;
    a->source = "transactions";
    if (q->rows) {
        struct store_rows_query rq = {.range = range, .filter = filter, .limit = q->rows};
        struct store_page next;
        r = store_rows(s, &rq, NULL, count_row, &a->count, &next, err, sizeof(err));
    } else {
        struct store_groups_query gq = {.range = range,
                                        .filter = filter,
                                        .metrics = q->metrics,
                                        .order = q->order,
                                        .step_ns = q->step_ns,
                                        .by = {field_find(q->by, strlen(q->by))}};
        struct store_groups *g = NULL;
        r = store_groups(s, &gq, NULL, &g, err, sizeof(err));
        if (!r) {
            a->count = g->matched;
            a->source = strchr(g->source, '+') ? "mixed"
                        : g->source[0] == 'r'  ? "rollup"
                        : g->source[0] == 'n'  ? "names"
                                               : "transactions";
            store_groups_free(g);
        }
    }
    if (r)
        fprintf(stderr, "store_bench: %s: %s (%s)\n", q->key, err, strerror(-r));
    return r;
}

static bool take_id(void *ctx, const struct row *row)
{
    *(uint16_t *)ctx = row->id;
    return true;
}

/* The filter's text; with the id of the newest transaction where that is asked for, so that there
 * is something to find. */
static void put_filter(struct store *s, const struct question *q, int64_t newest_ns, char out[64])
{
    char err[512] = "";
    uint16_t id = 0;
    struct store_rows_query rq = {.range = {0, newest_ns + 1}, .limit = 1};
    struct store_page next;
    if (q->filter != ID_OF_NEWEST) {
        snprintf(out, 64, "%s", q->filter);
        return;
    }
    if (store_rows(s, &rq, NULL, take_id, &id, &next, err, sizeof(err))) {
        fprintf(stderr, "store_bench: %s: %s\n", q->key, err);
        exit(1); /* without a filter it would be another question */
    }
    snprintf(out, 64, "id=%u", id);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void ask_question(struct store *s, const struct options *o, const struct question *q,
                         int64_t newest_ns, bool first)
{
    double ms[ROUNDS_MAX], cold = 0;
    struct filter *filter = NULL;
    struct filter_error error;
    struct answer a = {0};
    char text[64] = "";
    if (q->filter)
        put_filter(s, q, newest_ns, text);
    if (q->filter && filter_parse(text, strlen(text), now(), &filter, &error) < 0) {
        fprintf(stderr, "store_bench: %s\n", error.message);
        exit(1);
    }
    forget_peak();
    for (uint32_t i = 0; i <= o->rounds; i++) {
        int64_t start = clock_ns(CLOCK_MONOTONIC);
        if (ask_once(s, q, newest_ns, filter, &a))
            break;
        double took = seconds_since(start) * 1e3;
        *(i ? &ms[i - 1] : &cold) = took;
    }
    qsort(ms, o->rounds, sizeof(*ms), by_value);
    printf("%s{\"question\":\"%s\",\"first_ms\":%.1f,\"median_ms\":%.1f,\"max_ms\":%.1f,\"count\":%"
           "llu,"
           "\"source\":\"%s\",\"peak_mib\":%.0f}",
           first ? "" : ",", q->key, cold, ms[o->rounds / 2], ms[o->rounds - 1],
           (unsigned long long)a.count, a.source, memory("VmHWM:"));
    filter_free(filter);
}

static int ask(const struct options *o)
{
    int64_t start = clock_ns(CLOCK_MONOTONIC);
    struct store *s = open_store(o);
    double opening = seconds_since(start) * 1e3;
    struct store_stats st = store_stats(s);
    struct feeder f = {.store = s, .rate = o->ingest};
    pthread_t thread;
    printf("{\"rows\":%llu,\"open_ms\":%.0f,\"rest_mib\":%.0f,\"ingest\":%u,\"questions\":[",
           (unsigned long long)st.rows, opening, memory("VmRSS:"), o->ingest);
    if (o->ingest)
        pthread_create(&thread, NULL, feed, &f);
    for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++)
        ask_question(s, o, &questions[i], st.newest_ns, i == 0);
    if (o->ingest) {
        atomic_store(&f.stop, true);
        pthread_join(thread, NULL);
    }
    st = store_stats(s);
    printf("],\"ingested\":%llu,\"dropped\":%llu,\"rss_mib\":%.0f}\n", (unsigned long long)f.pushed,
           (unsigned long long)(st.dropped_queue + st.dropped_failed), memory("VmRSS:"));
    store_close(s, 10 * NS_PER_SEC);
    return 0;
}

static int usage(void)
{
    fputs("usage: store_bench fill FOLDER [--rows N] [--hours N] [--seed N] [--commit N]\n"
          "       store_bench ingest FOLDER [--rate N] [--seconds N]\n"
          "       store_bench ask FOLDER [--rounds N] [--ingest N]\n",
          stderr);
    return 2;
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        {"rows", 1, NULL, 'r'},   {"hours", 1, NULL, 'h'},   {"seed", 1, NULL, 's'},
        {"rate", 1, NULL, 'R'},   {"seconds", 1, NULL, 't'}, {"rounds", 1, NULL, 'n'},
        {"ingest", 1, NULL, 'i'}, {"commit", 1, NULL, 'c'},  {NULL, 0, NULL, 0}};
    struct options o = {
        .rows = 10000000, .seed = 1, .rate = 5000, .seconds = 20, .hours = 24, .rounds = 7};
    /* In one piece, behind whatever is told meanwhile. */
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        uint64_t n = optarg ? strtoull(optarg, NULL, 10) : 0;
        switch (c) {
        case 'r':
            o.rows = n;
            break;
        case 'h':
            o.hours = (uint32_t)n;
            break;
        case 's':
            o.seed = n;
            break;
        case 'R':
            o.rate = (uint32_t)n;
            break;
        case 't':
            o.seconds = (uint32_t)n;
            break;
        case 'n':
            o.rounds = n < 1 ? 1 : n > ROUNDS_MAX ? ROUNDS_MAX : (uint32_t)n;
            break;
        case 'c':
            o.commit = n;
            break;
        case 'i':
            o.ingest = (uint32_t)n;
            break;
        default:
            return usage();
        }
    }
    if (optind + 2 != argc)
        return usage();
    o.folder = argv[optind + 1];
    const char *what = argv[optind];
    return !strcmp(what, "fill")     ? fill(&o)
           : !strcmp(what, "ingest") ? ingest(&o)
           : !strcmp(what, "ask")    ? ask(&o)
                                     : usage();
}
