/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/args.h"
#include "agent/ask.h"
#include "agent/ask_args.h"
#include "agent/commands.h"
#include "cli/chart.h"
#include "cli/human.h"
#include "cli/trace_view.h"
#include "record/row_csv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    LIMIT_TABLE = 100,
    LIMIT_UNSET = UINT32_MAX,
    FLUSH_BYTES = 64 * 1024,
    STEPS_OF_TABLE = 120,
};

#define SINCE_DEFAULT_NS (900 * NS_PER_SEC)

enum form {
    FORM_TABLE,
    FORM_JSON,
    FORM_CSV,
    FORM_CHART,
};

struct query {
    struct ask_options ask_options;
    bool json, csv, table, chart, no_color;
    const char *since, *until, *order;
    struct option_texts by, metrics;
    int64_t step_ns;
    uint64_t limit, least;

    enum form form;
    struct buf filter_text;
    struct filter *filter;
    struct store_range range;
    bool heat; /* --by latency --chart */
    struct ask *ask;
    struct buf out;
    struct answer_style style;
};

static int write_out(struct query *q)
{
    size_t n = q->out.len ? fwrite(q->out.data, 1, q->out.len, stdout) : 0;
    bool failed = n != q->out.len || q->out.failed;
    buf_clear(&q->out);
    return failed ? -1 : 0;
}

/* Returns the exit code. */
static int finish(struct query *q)
{
    if (write_out(q) == 0 && fflush(stdout) == 0)
        return EXIT_DONE;
    fprintf(stderr, "nameflow: writing: %s\n", errno ? strerror(errno) : "out of memory");
    return EXIT_FAILED;
}

/* ---- transactions ---- */

struct rows {
    struct query *query;
    struct trace_view *view; /* with a table */
    struct buf scratch;
    bool reversed; /* keep them, the newest come first */
    struct row **kept;
    size_t count, room;
    uint64_t limit; /* show no more than these; 0: all */
    bool more, failed;
};

static void show_row(struct rows *r, const struct row *row)
{
    struct query *q = r->query;
    if (q->form == FORM_TABLE) {
        trace_view_push_row(r->view, row);
    } else if (q->form == FORM_CSV) {
        row_to_csv(row, &r->scratch, &q->out);
    } else {
        row_to_json(row, &q->out);
        buf_putc(&q->out, '\n');
    }
    if (q->out.len >= FLUSH_BYTES && write_out(q) < 0)
        r->failed = true;
}

static bool keep_row(struct rows *r, const struct row *row)
{
    if (r->count == r->room) {
        size_t room = r->room ? 2 * r->room : 128;
        struct row **kept = realloc(r->kept, room * sizeof(*kept));
        if (!kept)
            return false;
        r->kept = kept;
        r->room = room;
    }
    r->kept[r->count] = row_copy(row, NULL);
    return r->kept[r->count++] != NULL;
}

static bool on_row(void *ctx, const struct row *row)
{
    struct rows *r = ctx;
    if (r->limit && r->count == r->limit) {
        r->more = true;
        return false;
    }
    if (r->reversed) {
        r->failed = !keep_row(r, row);
        return !r->failed;
    }
    r->count++;
    show_row(r, row);
    return !r->failed;
}

static bool make_view(struct rows *r)
{
    struct query *q = r->query;
    struct trace_view_options o = {
        .terminal = isatty(STDOUT_FILENO),
        .color = q->style.color,
        .utf8 = q->style.utf8,
        .date = q->range.until_ns - q->range.from_ns > 86400 * NS_PER_SEC,
        .width = q->style.width,
    };
    r->view = trace_view_new(&q->out, &o);
    return r->view != NULL;
}

static void say_nothing_found(const struct query *q)
{
    char from[CLOCK_TEXT_MAX], until[CLOCK_TEXT_MAX];
    clock_format_utc(q->range.from_ns, from);
    clock_format_utc(q->range.until_ns, until);
    fprintf(stderr, "nameflow: no transactions from %.19s to %.19s UTC%s\n", from, until,
            q->filter ? " match the filter" : "");
}

static void say_what_is_missing(const struct rows *r)
{
    if (!r->count)
        say_nothing_found(r->query);
    else if (r->more)
        fprintf(stderr, "nameflow: %s are not shown; --limit N shows more, --limit 0 all\n",
                r->reversed ? "older ones" : "further ones");
}

static int query_rows(struct query *q)
{
    bool by_time = !q->order;
    struct ask_rows ask = {
        .query = {.range = q->range, .filter = q->filter, .ascending = true},
        .filter_text = buf_cstr(&q->filter_text),
    };
    struct rows r = {.query = q};
    int e = q->order ? ask_row_order("query", q->order, &ask.query) : -1;
    if (e >= 0)
        return e;
    r.limit = q->limit == LIMIT_UNSET ? (q->form == FORM_TABLE ? LIMIT_TABLE : 0) : q->limit;
    /* The newest are wanted, and shown with the newest last, as a log is. */
    r.reversed = by_time && r.limit;
    if (r.reversed)
        ask.query.ascending = false;
    /* One more tells whether there are more. */
    ask.query.limit = (uint32_t)(r.limit && r.limit < STORE_ROWS_MAX ? r.limit + 1 : r.limit);
    r.failed = q->form == FORM_TABLE && !make_view(&r);
    if (q->form == FORM_CSV)
        row_csv_header(&q->out);
    if (!r.failed)
        e = ask_rows(q->ask, &ask, on_row, &r);
    for (size_t i = r.reversed ? r.count : 0; i-- > 0;) {
        if (e < 0 && !r.failed)
            show_row(&r, r.kept[i]);
        free(r.kept[i]);
    }
    free(r.kept);
    trace_view_free(r.view);
    buf_done(&r.scratch);
    if (e >= 0)
        return e;
    if (r.failed && !errno)
        errno = ENOMEM;
    e = finish(q);
    if (e == EXIT_DONE && q->form == FORM_TABLE)
        say_what_is_missing(&r);
    return r.failed ? EXIT_FAILED : e;
}

/* ---- groups ---- */

static void put_note(struct query *q, const struct answer *a)
{
    char from[CLOCK_TEXT_MAX], until[CLOCK_TEXT_MAX];
    clock_format_utc(a->from_ns, from);
    clock_format_utc(a->until_ns, until);
    from[10] = until[10] = ' ';
    int len = a->until_ns - a->from_ns < 600 * NS_PER_SEC ? 19 : 16; /* with seconds or without */
    buf_printf(&q->out, "%.*s to %.*s UTC", len, from, len, until);
    if (answer_has_others(a)) {
        buf_printf(&q->out, ", %zu of ", a->count);
        human_count(&q->out, a->matched);
        buf_puts(&q->out, " groups");
    }
    buf_puts(&q->out, a->approximate ? ", approximate: from hourly summaries\n" : "\n");
}

static void use_metrics(struct ask_groups *ask, const enum store_metric *metrics, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ask->metrics[i] = metrics[i];
        ask->query.metrics |= 1u << metrics[i];
    }
    ask->metric_count = count;
}

static int chart_groups(struct query *q, struct ask_groups *ask)
{
    struct answer *series = NULL, *totals = NULL;
    unsigned columns = chart_plot_columns(&q->style);
    if (!ask->query.step_ns)
        ask->query.step_ns = chart_step_ns(q->range.until_ns - q->range.from_ns, columns);
    int r = ask_groups(q->ask, ask, &series);
    if (r >= 0)
        return r;
    /* The legend: the same groups over the whole range. */
    ask->query.step_ns = 0;
    if (ask->metrics[0] == METRIC_COUNT && ask->metric_count == 1) {
        static const enum store_metric both[] = {METRIC_COUNT, METRIC_SHARE};
        use_metrics(ask, both, 2);
    }
    r = ask_groups(q->ask, ask, &totals);
    if (r < 0) {
        /* An empty grid would leave open whether the question was right. */
        bool empty = q->by.count && !totals->count;
        if (!empty)
            chart_series(series, totals, &q->style, &q->out);
        r = finish(q);
        if (empty)
            say_nothing_found(q);
    }
    answer_free(series);
    answer_free(totals);
    return r;
}

static int chart_latency(struct query *q, struct ask_groups *ask)
{
    struct chart_heat *heat = NULL;
    if (!ask->query.step_ns)
        ask->query.step_ns =
            chart_step_ns(q->range.until_ns - q->range.from_ns, chart_plot_columns(&q->style));
    int r = ask_heat(q->ask, ask, &heat);
    if (r >= 0)
        return r;
    chart_heat(heat, &q->style, &q->out);
    free(heat);
    return finish(q);
}

static int query_groups(struct query *q)
{
    static const enum store_metric table_metrics[] = {METRIC_COUNT, METRIC_SHARE,
                                                      METRIC_ERROR_SHARE, METRIC_P50, METRIC_P99};
    struct ask_groups ask = {
        .query = {.range = q->range,
                  .filter = q->filter,
                  .step_ns = q->step_ns,
                  .order = METRIC_COUNT,
                  .least = q->least,
                  .limit = q->limit == LIMIT_UNSET ? 10 : (uint32_t)q->limit},
        .filter_text = buf_cstr(&q->filter_text),
    };
    struct answer *a = NULL;
    int r = q->heat ? -1 : ask_by("query", &q->by, ask.query.by);
    if (r < 0)
        r = ask_metrics("query", &q->metrics, &ask);
    if (r < 0 && q->order)
        r = ask_group_order("query", q->order, &ask.query);
    if (r >= 0)
        return r;
    if (!ask.metric_count)
        use_metrics(&ask, table_metrics, q->step_ns || q->chart ? 1 : 5);
    if (q->heat)
        return chart_latency(q, &ask);
    if (q->form == FORM_CHART)
        return chart_groups(q, &ask);
    r = ask_groups(q->ask, &ask, &a);
    if (r >= 0)
        return r;
    if (q->form == FORM_JSON) {
        answer_to_json(a, &q->out);
    } else if (q->form == FORM_CSV) {
        answer_to_csv(a, &q->out);
    } else {
        answer_to_table(a, &q->style, &q->out);
        put_note(q, a);
    }
    answer_free(a);
    return finish(q);
}

/* ---- arguments ---- */

static int parse(struct query *q, int argc, char **argv, int *first)
{
    const struct option_spec options[] = {
        {.name = "since",
         .type = OPTION_TEXT,
         .value_name = "TIME",
         .value = &q->since,
         .example = "1h",
         .help = "from this time on: 1h (so long ago), 2026-11-24T03:12 (UTC) (default 15m)"},
        {.name = "until",
         .type = OPTION_TEXT,
         .value_name = "TIME",
         .value = &q->until,
         .example = "now",
         .help = "up to this time (default now)"},
        {.name = "by",
         .letter = 'b',
         .type = OPTION_TEXTS,
         .value_name = "FIELD[,FIELD]",
         .value = &q->by,
         .example = "rcode",
         .help = "groups with the same value of one or two fields instead of transactions; with "
                 "--chart also 'latency', which shows how it is spread"},
        {.name = "metrics",
         .letter = 'm',
         .type = OPTION_TEXTS,
         .value_name = "LIST",
         .value = &q->metrics,
         .example = "count,p99",
         .help = "of each group: count, share, average, p50, p90, p99, max, min (of latency), "
                 "error_share, unanswered_share, names (different ones) (default "
                 "count,share,error_share,p50,p99; over time count)"},
        {.name = "order",
         .letter = 'o',
         .type = OPTION_TEXT,
         .value_name = "[-]NAME",
         .value = &q->order,
         .example = "-p99",
         .help = "sort groups by a metric, transactions by a field; with - the greatest first "
                 "(default -count; transactions by time)"},
        {.name = "step",
         .type = OPTION_DURATION,
         .value_name = "DURATION",
         .value = &q->step_ns,
         .min = NS_PER_SEC,
         .max = 366 * 86400 * NS_PER_SEC,
         .example = "5m",
         .help = "over time, a figure for each step"},
        {.name = "limit",
         .letter = 'n',
         .type = OPTION_NUMBER,
         .value_name = "N",
         .value = &q->limit,
         .min = 0,
         .max = STORE_ROWS_MAX,
         .help = "so many groups (default 10, at most 1000) or transactions (the newest; default "
                 "100 in a table, else all; at most 10000; 0: all)"},
        {.name = "least",
         .type = OPTION_NUMBER,
         .value_name = "N",
         .value = &q->least,
         .min = 0,
         .max = INT64_MAX,
         .help = "only groups of at least so many transactions"},
        {.name = "json", .type = OPTION_FLAG, .value = &q->json, .help = "one JSON object a line"},
        {.name = "csv", .type = OPTION_FLAG, .value = &q->csv, .help = "CSV with a header line"},
        {.name = "table", .type = OPTION_FLAG, .value = &q->table, .help = "a table (default)"},
        {.name = "chart",
         .type = OPTION_FLAG,
         .value = &q->chart,
         .help = "a chart over time of the first metric"},
        ARGS_NO_COLOR(q->no_color),
        ASK_AGENT_OPTIONS(q->ask_options),
        ASK_STORE_OPTION(q->ask_options),
    };
    static const char *const examples[] = {
        "nameflow query --since 2026-11-24T03:10 --until 2026-11-24T03:15  what happened then",
        "nameflow query 'outcome=timeout' --since 1h --by server  who does not answer",
        "nameflow query --by qname --order -p99 --metrics count,p50,p99  the slowest names",
        "nameflow query --by rcode --since 1h --chart  response codes over an hour",
        "nameflow query --by latency --since 1d --chart  how latency is spread, over a day",
        "nameflow query comm=nginx --since 1d --json  for other programs",
        NULL,
    };
    const struct command_spec spec = {
        .name = "query",
        .arguments = "[FILTER]",
        .summary = "Shows stored transactions, or what they come to by the values of a field, over "
                   "time or as a chart. Asks the running agent, or a store's folder.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .examples = examples,
    };
    return args_parse(&spec, argc, argv, first);
}

static bool is_latency(const struct option_texts *by)
{
    if (by->count != 1)
        return false;
    const struct field *f = field_find(by->items[0].text, by->items[0].len);
    return f && strcmp(f->name, "latency_us") == 0;
}

/* What does not go together. */
static int check(struct query *q)
{
    bool groups = q->by.count || q->metrics.count || q->step_ns || q->chart;
    if (q->json + q->csv + q->table + q->chart > 1)
        return args_usage("query", "--json, --csv, --table and --chart exclude each other");
    q->form = q->json ? FORM_JSON : q->csv ? FORM_CSV : q->chart ? FORM_CHART : FORM_TABLE;
    q->heat = q->chart && is_latency(&q->by);
    if (q->heat && (q->metrics.count || q->order))
        return args_usage("query", "--by latency --chart shows counts: neither --metrics nor "
                                   "--order go with it");
    if (groups && q->limit != LIMIT_UNSET && (q->limit < 1 || q->limit > STORE_GROUPS_MAX))
        return args_usage("query", "--limit: from 1 to %d groups can be shown", STORE_GROUPS_MAX);
    if (q->least && !q->by.count)
        return args_usage("query", "--least goes with --by: transactions have no count");
    return -1;
}

static void choose_style(struct query *q)
{
    bool terminal = isatty(STDOUT_FILENO);
    unsigned width = trace_view_terminal_width(STDOUT_FILENO);
    unsigned height = trace_view_terminal_height(STDOUT_FILENO);
    q->style = (struct answer_style){
        /* What goes into a pipe is not cut, but a chart has some width. */
        .width = terminal || q->chart ? width : 0,
        .height = height > 1 ? height - 1 : 0,
        .color = !q->no_color && trace_view_wants_color(STDOUT_FILENO),
        .utf8 = trace_view_speaks_utf8(),
    };
}

int cmd_query(int argc, char **argv)
{
    struct query q = {.limit = LIMIT_UNSET};
    int first;
    int r = parse(&q, argc, argv, &first);
    if (r < 0)
        r = check(&q);
    if (r < 0)
        r = ask_range("query", q.since, q.until, SINCE_DEFAULT_NS, &q.range);
    if (r < 0)
        r = args_filter(argc, argv, first, &q.filter);
    if (r < 0) {
        args_join(argc, argv, first, &q.filter_text);
        choose_style(&q);
        r = ask_open(&q.ask, &q.ask_options, "query");
    }
    if (r < 0)
        r = q.by.count || q.metrics.count || q.step_ns || q.chart ? query_groups(&q)
                                                                  : query_rows(&q);
    ask_close(q.ask);
    filter_free(q.filter);
    buf_done(&q.filter_text);
    buf_done(&q.out);
    return r;
}
