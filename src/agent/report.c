/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/report.h"

#include "base/clock.h"
#include "cli/trace_view.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct report {
    enum report_format format;
    bool color_off;
    struct output out;
    struct trace_view *view; /* REPORT_TABLE */
    struct summary *summary; /* not with REPORT_JSON */
    uint64_t count;
};

static volatile sig_atomic_t resized;

static void on_resize(int number)
{
    (void)number;
    resized = 1;
}

static bool make_view(struct report *r)
{
    bool terminal = isatty(STDOUT_FILENO);
    struct trace_view_options o = {
        .terminal = terminal,
        .color = !r->color_off && trace_view_wants_color(STDOUT_FILENO),
        .utf8 = trace_view_speaks_utf8(),
        .width = terminal ? trace_view_terminal_width(STDOUT_FILENO) : 0,
    };
    r->view = trace_view_new(&r->out.buf, &o);
    struct sigaction action = {.sa_handler = on_resize, .sa_flags = SA_RESTART};
    if (terminal)
        sigaction(SIGWINCH, &action, NULL);
    return r->view != NULL;
}

struct report *report_new(enum report_format format, bool color_off)
{
    struct report *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    r->format = format;
    r->color_off = color_off;
    output_init(&r->out, STDOUT_FILENO);
    bool ok = r->out.writer != NULL;
    if (ok && format != REPORT_JSON)
        ok = (r->summary = summary_new()) != NULL;
    if (ok && format == REPORT_TABLE)
        ok = make_view(r);
    if (!ok) {
        report_free(r);
        return NULL;
    }
    return r;
}

void report_free(struct report *r)
{
    if (!r)
        return;
    trace_view_free(r->view);
    summary_free(r->summary);
    output_done(&r->out);
    free(r);
}

void report_record(void *ctx, struct record *record)
{
    struct report *r = ctx;
    r->count++;
    if (r->summary)
        summary_push(r->summary, record);
    if (r->format == REPORT_JSON) {
        record_to_json(record, &r->out.buf);
        buf_putc(&r->out.buf, '\n');
    } else if (r->format == REPORT_TABLE) {
        trace_view_push(r->view, record);
    }
    output_flush(&r->out, false);
}

void report_row(struct report *r, const struct row *row, const char *json, size_t len)
{
    r->count++;
    if (r->summary)
        summary_push_row(r->summary, row);
    if (r->format == REPORT_JSON) {
        buf_put(&r->out.buf, json, len);
        buf_putc(&r->out.buf, '\n');
    } else if (r->format == REPORT_TABLE) {
        trace_view_push_row(r->view, row);
    }
    output_flush(&r->out, false);
}

void report_batch(struct report *r, uint64_t lost)
{
    if (r->view) {
        if (resized) {
            resized = 0;
            trace_view_resize(r->view, trace_view_terminal_width(STDOUT_FILENO));
        }
        struct summary_figures figures = summary_figures(r->summary);
        trace_view_footer(r->view, &figures, lost, clock_ns(CLOCK_MONOTONIC));
    }
    output_flush(&r->out, true);
}

static void print_summary(const struct report *r, int fd, const struct summary_note *notes,
                          size_t note_count, struct buf *out)
{
    struct summary_style style = {
        .width = trace_view_terminal_width(fd),
        .color = !r->color_off && trace_view_wants_color(fd),
    };
    if (r->count && r->format == REPORT_TABLE)
        buf_putc(out, '\n');
    summary_print(r->summary, notes, note_count, &style, out);
}

int report_end(struct report *r, const struct summary_note *notes, size_t note_count)
{
    if (r->view)
        trace_view_done(r->view);
    int error = output_finish(&r->out);
    if (r->summary && !error) {
        struct output to;
        output_init(&to, r->format == REPORT_TABLE ? STDERR_FILENO : STDOUT_FILENO);
        print_summary(r, r->format == REPORT_TABLE ? STDERR_FILENO : STDOUT_FILENO, notes,
                      note_count, &to.buf);
        error = output_finish(&to);
        output_done(&to);
    }
    return error;
}

bool report_failed(const struct report *r)
{
    return output_error(&r->out) != 0;
}

uint64_t report_count(const struct report *r)
{
    return r->count;
}

bool report_is_json(const struct report *r)
{
    return r->format == REPORT_JSON;
}
