/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/trace_view.h"

#include "base/clock.h"
#include "cli/human.h"
#include "cli/trace_line.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    FOOTER_NS = 250 * 1000 * 1000,
    RATE_NS = 1000 * 1000 * 1000, /* over how long the rate is taken, at least */
    WIDTH_MIN = 20,
    WIDTH_MAX = 1000,
    PROCESS_MAX = 40,
    DETAIL_MAX = 4096,
    DATE_WIDTH = 18, /* "11-24 04:00:00.123" */
};

enum column {
    COLUMN_TIME,
    COLUMN_CLIENT,
    COLUMN_SERVER,
    COLUMN_TYPE,
    COLUMN_NAME,
    COLUMN_RESULT,
    COLUMN_LATENCY,
    COLUMN_DETAIL,
    COLUMN_COUNT,
};

static const char *const titles[COLUMN_COUNT] = {"TIME (UTC)", "CLIENT", "SERVER",  "TYPE",
                                                 "NAME",       "RESULT", "LATENCY", "ANSWERS"};

struct trace_view {
    struct buf *out;
    struct trace_view_options options;
    unsigned gap;                  /* spaces between columns */
    unsigned widths[COLUMN_COUNT]; /* 0: left out */
    bool header_due;
    bool footer_shown;
    struct buf footer;
    struct buf cell;
    int64_t footer_ns; /* when it was made; 0: never */
    int64_t rate_ns;   /* start of the span of the rate */
    uint64_t rate_count;
    double rate;
};

/* The layouts by width: what matters least goes first. NAME is what is left; where there are
 * ANSWERS, the two share it. */
static const struct layout {
    unsigned min_width, gap;
    uint8_t time, client, server, type, result, latency;
    bool detail;
} layouts[] = {
    {170, 2, 12, 26, 28, 6, 12, 8, true}, {132, 2, 12, 22, 18, 6, 12, 8, true},
    {112, 1, 12, 20, 15, 6, 12, 8, true}, {96, 1, 12, 18, 15, 5, 9, 8, false},
    {72, 1, 8, 15, 0, 5, 8, 8, false},    {56, 1, 8, 0, 0, 5, 8, 8, false},
    {44, 1, 0, 0, 0, 5, 8, 8, false},     {0, 1, 0, 0, 0, 0, 8, 0, false},
};

static void lay_out_unlimited(struct trace_view *v)
{
    static const unsigned widths[COLUMN_COUNT] = {12, 24, 18, 6, 36, 12, 8, 1};
    v->gap = 2;
    memcpy(v->widths, widths, sizeof(widths));
    if (v->options.date)
        v->widths[COLUMN_TIME] = DATE_WIDTH;
}

static void lay_out(struct trace_view *v)
{
    unsigned width = v->options.width;
    if (!width) {
        lay_out_unlimited(v);
        return;
    }
    width = width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : width;
    const struct layout *l = layouts;
    while (width < l->min_width)
        l++;
    unsigned used = 0, columns = 0;
    const unsigned fixed[COLUMN_COUNT] = {
        [COLUMN_TIME] = l->time, [COLUMN_CLIENT] = l->client, [COLUMN_SERVER] = l->server,
        [COLUMN_TYPE] = l->type, [COLUMN_RESULT] = l->result, [COLUMN_LATENCY] = l->latency,
    };
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        v->widths[i] = fixed[i];
        /* The date takes six columns more, as long as the name keeps enough. */
        if (i == COLUMN_TIME && v->options.date)
            v->widths[i] = fixed[i] == 12 ? DATE_WIDTH : fixed[i] ? DATE_WIDTH - 4 : 0;
        used += v->widths[i];
        columns += fixed[i] != 0;
    }
    v->gap = l->gap;
    columns += l->detail ? 2 : 1;
    unsigned left = width - used - (columns - 1) * l->gap;
    unsigned name = left;
    if (l->detail) {
        name = left * 11 / 20;
        if (name > 50)
            name = 50;
        v->widths[COLUMN_DETAIL] = left - name;
    }
    v->widths[COLUMN_NAME] = name;
}

struct trace_view *trace_view_new(struct buf *out, const struct trace_view_options *o)
{
    struct trace_view *v = calloc(1, sizeof(*v));
    if (!v)
        return NULL;
    v->out = out;
    v->options = *o;
    v->header_due = true;
    lay_out(v);
    return v;
}

void trace_view_free(struct trace_view *v)
{
    if (!v)
        return;
    buf_done(&v->footer);
    buf_done(&v->cell);
    free(v);
}

/* ---- cells ---- */

static void put_spaces(struct buf *b, size_t n)
{
    while (n-- > 0)
        buf_putc(b, ' ');
}

static const char *ellipsis(const struct trace_view *v)
{
    return v->options.utf8 ? "\xe2\x80\xa6" : "..";
}

static unsigned ellipsis_width(const struct trace_view *v)
{
    return v->options.utf8 ? 1 : 2;
}

/* v->cell cut to `width` columns at its end, or for a name in its middle: the domain it is in says
 * more than the labels before. Returns the columns taken. */
static size_t put_cut(struct trace_view *v, unsigned width, bool middle)
{
    const char *text = v->cell.len ? v->cell.data : "";
    size_t len = v->cell.len, start = v->out->len;
    size_t columns = buf_put_visible(v->out, text, len, SIZE_MAX);
    if (!width || columns <= width)
        return columns;
    v->out->len = start;
    unsigned dots = ellipsis_width(v);
    if (width <= dots)
        return buf_put_visible(v->out, text, len, width);
    unsigned keep = width - dots;
    /* Names are ASCII, a byte a column. */
    unsigned tail = middle ? keep * 2 / 3 : 0;
    columns = buf_put_visible(v->out, text, len, keep - tail);
    buf_puts(v->out, ellipsis(v));
    columns += dots;
    if (tail)
        columns += buf_put_visible(v->out, text + len - tail, tail, tail);
    return columns;
}

/* Writes v->cell as the given column, with the gap and the filling before the next one. */
static void put_cell(struct trace_view *v, enum column c, enum human_tone tone)
{
    unsigned width = v->widths[c];
    bool last = c == COLUMN_COUNT - 1;
    bool limited = v->options.width != 0;
    const char *escape = v->options.color ? human_escape(tone) : "";
    if (!width)
        return;
    if (c == COLUMN_LATENCY && v->cell.len < width)
        put_spaces(v->out, width - v->cell.len);
    buf_puts(v->out, escape);
    size_t columns = put_cut(v, limited ? width : 0, c == COLUMN_NAME);
    if (escape[0])
        buf_puts(v->out, HUMAN_RESET);
    if (last)
        return;
    if (c != COLUMN_LATENCY && columns < width)
        put_spaces(v->out, width - columns);
    put_spaces(v->out, v->gap);
}

static void fill_time(struct trace_view *v, const struct trace_line *l)
{
    char text[CLOCK_TEXT_MAX];
    clock_format_utc(l->time_ns, text);
    text[10] = ' ';
    if (v->options.date)
        buf_put(&v->cell, text + 5, v->widths[COLUMN_TIME]);
    else
        buf_put(&v->cell, text + 11, v->widths[COLUMN_TIME] < 12 ? 8 : 12);
}

/* The process, or when it is not of this host or not known, the address. The pid stays whole:
 * it is the name that is cut. */
static void fill_client(struct trace_view *v, const struct trace_line *l)
{
    char text[INET_TEXT_MAX], pid[16];
    if (!l->pid) {
        buf_put(&v->cell, text, inet_addr_format(l->client, text));
        return;
    }
    pid[0] = '[';
    size_t n = 1 + buf_digits(pid + 1, l->pid);
    pid[n++] = ']';
    unsigned width = v->options.width ? v->widths[COLUMN_CLIENT] : PROCESS_MAX;
    if (l->comm.text)
        buf_put_visible(&v->cell, l->comm.text, l->comm.len, width > n ? width - n : 0);
    buf_put(&v->cell, pid, n);
}

static void fill_server(struct trace_view *v, const struct trace_line *l)
{
    char text[INET_TEXT_MAX];
    size_t n = inet_addr_format(l->server, text);
    bool plain_port = l->server_port == 53;
    bool brackets = !plain_port && !inet_addr_is_v4(l->server);
    if (brackets)
        buf_putc(&v->cell, '[');
    buf_put(&v->cell, text, n);
    if (brackets)
        buf_putc(&v->cell, ']');
    if (!plain_port) {
        buf_putc(&v->cell, ':');
        buf_u64(&v->cell, l->server_port);
    }
    if (l->transport != TRANSPORT_UDP) {
        buf_putc(&v->cell, '/');
        buf_puts(&v->cell, record_transport_name(l->transport));
    }
}

/* ---- lines ---- */

static void hide_footer(struct trace_view *v)
{
    if (!v->footer_shown)
        return;
    /* To the end of the screen: a footer that a smaller window has wrapped is more than a line. */
    buf_puts(v->out, "\r\033[J");
    v->footer_shown = false;
}

/* The gap after the last column would wrap a line that fills the terminal. */
static void end_line(struct trace_view *v)
{
    while (v->out->len && v->out->data[v->out->len - 1] == ' ')
        v->out->len--;
    buf_putc(v->out, '\n');
}

static void put_header(struct trace_view *v)
{
    v->header_due = false;
    for (unsigned c = 0; c < COLUMN_COUNT; c++) {
        buf_clear(&v->cell);
        buf_puts(&v->cell, c == COLUMN_TIME && v->widths[c] < 10 ? "UTC" : titles[c]);
        put_cell(v, c, TONE_HEADER);
    }
    end_line(v);
}

static void fill(struct trace_view *v, enum column c, const struct trace_line *l)
{
    switch (c) {
    case COLUMN_TIME:
        fill_time(v, l);
        break;
    case COLUMN_CLIENT:
        fill_client(v, l);
        break;
    case COLUMN_SERVER:
        fill_server(v, l);
        break;
    case COLUMN_TYPE:
        buf_puts(&v->cell, l->type);
        break;
    case COLUMN_NAME:
        buf_put(&v->cell, l->name.text, l->name.len);
        break;
    case COLUMN_RESULT:
        buf_puts(&v->cell, l->result);
        break;
    case COLUMN_LATENCY:
        human_duration(&v->cell, l->latency_ns);
        break;
    default:
        trace_line_detail(l, v->options.width ? v->widths[COLUMN_DETAIL] + 1u : DETAIL_MAX,
                          &v->cell);
        break;
    }
}

static void push(struct trace_view *v, const struct trace_line *l)
{
    hide_footer(v);
    if (v->header_due)
        put_header(v);
    for (unsigned c = 0; c < COLUMN_COUNT; c++) {
        enum human_tone tone = TONE_NORMAL;
        if (!v->widths[c])
            continue;
        buf_clear(&v->cell);
        fill(v, (enum column)c, l);
        if (c == COLUMN_RESULT)
            tone = l->tone;
        else if (c == COLUMN_LATENCY && l->latency_ns >= NS_PER_SEC)
            tone = TONE_NOTICE;
        put_cell(v, c, tone);
    }
    end_line(v);
}

void trace_view_push(struct trace_view *v, struct record *r)
{
    struct trace_line l;
    trace_line_of_record(&l, r);
    push(v, &l);
}

void trace_view_push_row(struct trace_view *v, const struct row *r)
{
    struct trace_line l;
    trace_line_of_row(&l, r);
    push(v, &l);
}

/* ---- footer ---- */

static void measure_rate(struct trace_view *v, uint64_t transactions, int64_t now_ns)
{
    if (!v->rate_ns) {
        v->rate_ns = now_ns;
        v->rate_count = transactions;
        return;
    }
    int64_t span = now_ns - v->rate_ns;
    if (span < RATE_NS)
        return;
    v->rate = (double)(transactions - v->rate_count) * 1e9 / (double)span;
    v->rate_ns = now_ns;
    v->rate_count = transactions;
}

/* Appends a part if it fits: what comes last is what a narrow terminal does without. */
static void add_part(struct trace_view *v, size_t *columns, const struct buf *part,
                     enum human_tone tone)
{
    size_t gap = *columns ? 3 : 1;
    unsigned width = v->options.width ? v->options.width : 80;
    if (*columns + gap + part->len >= width)
        return;
    put_spaces(&v->footer, gap);
    if (v->options.color && tone != TONE_NORMAL)
        buf_puts(&v->footer, human_escape(tone));
    buf_put(&v->footer, part->data, part->len);
    if (v->options.color && tone != TONE_NORMAL)
        buf_puts(&v->footer, HUMAN_RESET);
    *columns += gap + part->len;
}

static void make_footer(struct trace_view *v, const struct summary_figures *f, uint64_t lost)
{
    struct buf part = {0};
    size_t columns = 0;
    buf_clear(&v->footer);
    if (v->rate > 0 && v->rate < 10)
        buf_printf(&part, "%.1f", v->rate);
    else
        human_count(&part, (uint64_t)(v->rate + 0.5));
    buf_puts(&part, "/s");
    add_part(v, &columns, &part, TONE_HEADER);

    buf_clear(&part);
    human_count(&part, lost);
    buf_puts(&part, " lost");
    add_part(v, &columns, &part, lost ? TONE_BAD : TONE_NORMAL);

    buf_clear(&part);
    human_count(&part, f->errors);
    buf_puts(&part, f->errors == 1 ? " error" : " errors");
    if (f->errors) {
        buf_puts(&part, " (");
        human_share(&part, f->errors, f->transactions);
        buf_putc(&part, ')');
    }
    add_part(v, &columns, &part, f->errors ? TONE_BAD : TONE_NORMAL);

    buf_clear(&part);
    buf_puts(&part, "p50 ");
    human_duration(&part, f->p50_ns);
    buf_puts(&part, "  p99 ");
    human_duration(&part, f->p99_ns);
    add_part(v, &columns, &part, TONE_NORMAL);

    buf_clear(&part);
    human_count(&part, f->transactions);
    buf_puts(&part, " in all");
    add_part(v, &columns, &part, TONE_NORMAL);
    buf_done(&part);
}

void trace_view_footer(struct trace_view *v, const struct summary_figures *figures, uint64_t lost,
                       int64_t now_ns)
{
    if (!v->options.terminal)
        return;
    if (v->header_due) {
        hide_footer(v);
        put_header(v);
    }
    bool due = !v->footer_ns || now_ns - v->footer_ns >= FOOTER_NS;
    if (due) {
        measure_rate(v, figures->transactions, now_ns);
        make_footer(v, figures, lost);
        v->footer_ns = now_ns;
    } else if (v->footer_shown) {
        return;
    }
    /* Written over the old one; only what is left of it is erased. */
    buf_putc(v->out, '\r');
    buf_put(v->out, v->footer.len ? v->footer.data : "", v->footer.len);
    buf_puts(v->out, "\033[K");
    v->footer_shown = true;
}

void trace_view_resize(struct trace_view *v, unsigned width)
{
    if (width == v->options.width)
        return;
    hide_footer(v);
    v->options.width = width;
    v->header_due = true;
    v->footer_ns = 0;
    lay_out(v);
}

void trace_view_done(struct trace_view *v)
{
    hide_footer(v);
}

/* ---- the terminal ---- */

unsigned trace_view_terminal_width(int fd)
{
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
        return size.ws_col;
    const char *columns = getenv("COLUMNS");
    unsigned long n = columns ? strtoul(columns, NULL, 10) : 0;
    return n <= WIDTH_MAX ? (unsigned)n : WIDTH_MAX;
}

unsigned trace_view_terminal_height(int fd)
{
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

bool trace_view_speaks_utf8(void)
{
    setlocale(LC_CTYPE, "");
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

bool trace_view_wants_color(int fd)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fd) && !(no_color && no_color[0]) && term && strcmp(term, "dumb") != 0;
}
