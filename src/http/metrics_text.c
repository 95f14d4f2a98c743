/* SPDX-License-Identifier: Apache-2.0 */
#include "http/metrics_text.h"

void text_family(struct metrics_text *t, enum text_kind kind, const char *name, const char *help)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    t->name = name;
    t->kind = kind;
    /* Prometheus' older format takes the family's name from its samples. */
    const char *total = kind == TEXT_COUNTER && !t->open_metrics ? "_total" : "";
    buf_printf(t->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, total, help, name, total,
               kinds[kind]);
}

void text_sample(struct metrics_text *t, const char *suffix)
{
    buf_puts(t->out, t->name);
    buf_puts(t->out, suffix ? suffix : t->kind == TEXT_COUNTER ? "_total" : "");
    t->labelled = false;
}

void text_label(struct metrics_text *t, const char *name, const char *value)
{
    buf_printf(t->out, "%s%s=\"", t->labelled ? "," : "{", name);
    t->labelled = true;
    for (; *value; value++) {
        if (*value == '\n') {
            buf_puts(t->out, "\\n");
            continue;
        }
        if (*value == '"' || *value == '\\')
            buf_putc(t->out, '\\');
        buf_putc(t->out, *value);
    }
    buf_putc(t->out, '"');
}

static void end_labels(struct metrics_text *t)
{
    buf_puts(t->out, t->labelled ? "} " : " ");
}

void text_u64(struct metrics_text *t, uint64_t value)
{
    end_labels(t);
    buf_u64(t->out, value);
    buf_putc(t->out, '\n');
}

void text_ns(struct metrics_text *t, uint64_t ns)
{
    end_labels(t);
    buf_printf(t->out, "%llu.%09llu\n", (unsigned long long)(ns / 1000000000),
               (unsigned long long)(ns % 1000000000));
}

void text_seconds(struct metrics_text *t, double seconds)
{
    end_labels(t);
    buf_printf(t->out, "%.6f\n", seconds);
}

void text_single(struct metrics_text *t, enum text_kind kind, const char *name, const char *help,
                 uint64_t value)
{
    text_family(t, kind, name, help);
    text_sample(t, NULL);
    text_u64(t, value);
}

void text_end(struct metrics_text *t)
{
    if (t->open_metrics)
        buf_puts(t->out, "# EOF\n");
}
