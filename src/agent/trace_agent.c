/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/trace_agent.h"

#include "agent/commands.h"
#include "agent/stop_signal.h"
#include "base/clock.h"
#include "base/json.h"
#include "cli/client.h"
#include "cli/row_read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEP_MS = 20,
};

struct following {
    const struct trace_settings *settings;
    struct report *report;
    struct arena arena; /* of one row */
    uint64_t missed;    /* transactions that the agent had no room to keep for us */
    uint64_t unreadable;
    bool enough;
};

bool trace_agent_there(const char *socket)
{
    const struct client_options o = {.socket = socket};
    return client_probe(&o) == 0;
}

/* ---- events ---- */

static void on_transaction(struct following *f, const char *data, size_t len)
{
    char err[256];
    struct row row;
    arena_reset(&f->arena);
    if (row_from_json(&row, data, len, false, &f->arena, err, sizeof(err)) < 0) {
        f->unreadable++;
        return;
    }
    report_row(f->report, &row, data, len);
    if (f->settings->count && report_count(f->report) >= f->settings->count)
        f->enough = true;
}

/* {"count":5} */
static void on_missed(struct following *f, const char *data, size_t len)
{
    char text[64];
    snprintf(text, sizeof(text), "%.*s", (int)len, data);
    const char *colon = strchr(text, ':');
    f->missed += colon ? strtoull(colon + 1, NULL, 10) : 1;
}

static bool on_event(void *ctx, const char *name, const char *data, size_t len)
{
    struct following *f = ctx;
    if (strcmp(name, "transaction") == 0)
        on_transaction(f, data, len);
    else if (strcmp(name, "missed") == 0)
        on_missed(f, data, len);
    return !f->enough && !stop_signal_seen();
}

/* ---- the stream ---- */

/* The steps of a request that has begun. 0: it is to end; else what ended it. */
static int steps(struct following *f, struct client *client, struct client_error *error)
{
    const struct trace_settings *s = f->settings;
    int64_t start_ns = clock_ns(CLOCK_MONOTONIC);
    int r = -EINPROGRESS;
    while (!stop_signal_seen() && !f->enough && !report_failed(f->report)) {
        r = client_step(client, -1, STEP_MS, error);
        report_batch(f->report, f->missed);
        if (r != -EINPROGRESS && !f->enough && !stop_signal_seen())
            return r < 0 ? r : -ECONNRESET;
        if (s->duration_ns && clock_ns(CLOCK_MONOTONIC) - start_ns >= s->duration_ns)
            break;
    }
    client_cancel(client);
    return 0;
}

static int follow(struct following *f, struct client_error *error)
{
    const struct trace_settings *s = f->settings;
    const struct client_options o = {.socket = s->agent_socket, .stopped = stop_signal_seen};
    const struct client_request request = {
        .path = "/api/v1/live",
        .params = {{"filter", s->filter_text}},
    };
    struct client_events events = {.event = on_event, .ctx = f};
    struct client_lines lines = {.line = client_events_line, .ctx = &events};
    struct client *client;
    int r = client_new(&client, &o, error);
    if (r == 0)
        r = client_begin(client, &request, client_lines_push, &lines, error);
    if (r == 0 || r == -EINPROGRESS)
        r = steps(f, client, error);
    if (r == -ECONNRESET && !error->message[0])
        snprintf(error->message, sizeof(error->message), "the agent has ended");
    client_free(client);
    client_lines_done(&lines);
    client_events_done(&events);
    return r;
}

/* ---- the end ---- */

/* For programs that read the JSON lines: the same totals as one object. */
static void print_stats(const struct following *f)
{
    struct buf b = {0};
    json_open(&b, '{');
    json_key(&b, "records");
    json_u64(&b, report_count(f->report));
    json_key(&b, "missed");
    json_u64(&b, f->missed);
    json_key(&b, "unreadable");
    json_u64(&b, f->unreadable);
    json_close(&b, '}');
    fprintf(stderr, "nameflow: %s\n", buf_cstr(&b));
    buf_done(&b);
}

static int end_report(struct following *f)
{
    const struct summary_note notes[] = {
        {.label = "transactions that came faster than they were shown", .count = f->missed},
        {.label = "transactions of another version's form", .count = f->unreadable},
    };
    int error = report_end(f->report, notes, sizeof(notes) / sizeof(notes[0]));
    if (report_is_json(f->report))
        print_stats(f);
    return error;
}

static int run(struct following *f)
{
    struct client_error error = {0};
    fprintf(stderr, "nameflow: following the agent at %s; Ctrl-C ends\n",
            f->settings->agent_socket);
    int r = follow(f, &error);
    /* When there was no agent, there is nothing to sum up. */
    int failed = r < 0 && !report_count(f->report) ? 0 : end_report(f);
    if (failed && failed != EPIPE) {
        fprintf(stderr, "nameflow: writing: %s\n", strerror(failed));
        return EXIT_FAILED;
    }
    if (r < 0)
        fprintf(stderr, "nameflow: %s\n", error.message);
    return r < 0 ? EXIT_FAILED : EXIT_DONE;
}

int trace_agent_run(const struct trace_settings *settings)
{
    struct following f = {.settings = settings};
    int r = EXIT_FAILED;
    stop_signal_catch(HANGUP_STOPS);
    arena_init(&f.arena, 0);
    f.report = report_new(settings->format, settings->color_off);
    if (f.report)
        r = run(&f);
    else
        fprintf(stderr, "nameflow: out of memory\n");
    report_free(f.report);
    arena_done(&f.arena);
    return r;
}
