/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/top_view.h"

#include "base/clock.h"
#include "cli/human.h"
#include "cli/tone.h"
#include "filter/scalar.h"

#include <curses.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum {
    LINES_AROUND = 5, /* summary, fields, filter, header; keys at the bottom */
    NAME_MIN = 14,
    NAME_GOOD = 24,
    GAP = 2,
};

static SCREEN *screen;

/* ---- the terminal ---- */

int top_view_open(struct top_view *v)
{
    screen = newterm(NULL, stdout, stdin);
    if (!screen)
        return -ENOTTY;
    set_term(screen);
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(25);
    curs_set(0);
    if (v->color && has_colors()) {
        start_color();
        use_default_colors();
        init_pair(TONE_GOOD, COLOR_GREEN, -1);
        init_pair(TONE_NOTICE, COLOR_YELLOW, -1);
        init_pair(TONE_BAD, COLOR_RED, -1);
        init_pair(TONE_STRANGE, COLOR_MAGENTA, -1);
        init_pair(TONE_FAINT, COLOR_CYAN, -1);
    }
    atexit(top_view_close);
    return 0;
}

void top_view_close(void)
{
    if (!screen)
        return;
    endwin();
    delscreen(screen);
    screen = NULL;
}

void top_view_again(void)
{
    reset_prog_mode();
    clearok(stdscr, TRUE);
    refresh();
}

unsigned top_view_lines(void)
{
    return LINES > LINES_AROUND ? (unsigned)(LINES - LINES_AROUND) : 1;
}

/* ---- parts ---- */

static attr_t attributes(const struct top_view *v, enum human_tone tone)
{
    if (tone == TONE_HEADER)
        return A_BOLD;
    if (!v->color || !has_colors() || tone == TONE_NORMAL)
        return tone == TONE_BAD ? A_BOLD : A_NORMAL;
    return COLOR_PAIR((int)tone) | (tone == TONE_BAD ? A_BOLD : 0);
}

/* Text from the current place on, cut at the right edge; what the locale cannot show becomes '?'.
 */
static void put_text(const struct top_view *v, const char *text, attr_t attr)
{
    struct buf b = {0};
    int x = getcurx(stdscr);
    if (x >= COLS - 1)
        return;
    buf_put_visible(&b, text, strlen(text), (size_t)(COLS - 1 - x));
    for (size_t i = 0; i < b.len && !v->utf8; i++)
        if ((unsigned char)b.data[i] >= 0x80)
            b.data[i] = '?';
    attron(attr);
    addstr(buf_cstr(&b));
    attroff(attr);
    buf_done(&b);
}

static void put_value(const struct top_view *v, const char *label, enum answer_unit unit,
                      double value, enum human_tone tone)
{
    struct buf b = {0};
    buf_puts(&b, label);
    answer_put_value(&b, unit, value);
    buf_puts(&b, "  ");
    /* A part that is cut says something else. */
    if (getcurx(stdscr) + (int)b.len <= COLS)
        put_text(v, buf_cstr(&b), attributes(v, tone));
    buf_done(&b);
}

static double seconds_of(const struct top_view *v)
{
    int64_t ns = v->answer ? v->answer->until_ns - v->answer->from_ns : 0;
    return (double)(ns > 0 ? ns : v->window_ns) / 1e9;
}

static void put_rate(struct buf *b, double rate)
{
    if (!isfinite(rate))
        buf_putc(b, '-');
    else if (rate < 9.95)
        buf_printf(b, "%.*f", rate < 0.0995 && rate > 0 ? 2 : 1, rate);
    else
        human_count(b, (uint64_t)(rate + 0.5));
}

static void draw_summary(const struct top_view *v)
{
    struct buf b = {0};
    char time[CLOCK_TEXT_MAX];
    const struct answer *a = v->answer;
    move(0, 0);
    clock_format_utc(a ? a->until_ns : clock_ns(CLOCK_REALTIME), time);
    if (COLS >= 72)
        buf_puts(&b, "nameflow top ");
    buf_printf(&b, "%.8s  ", time + 11);
    scalar_put_duration(&b, v->window_ns);
    buf_puts(&b, "  ");
    put_text(v, buf_cstr(&b), A_BOLD);
    if (v->paused)
        put_text(v, "paused  ", A_REVERSE);
    if (a) {
        buf_clear(&b);
        put_rate(&b, *answer_value(a, &a->overall, TOP_RATE, 0) / seconds_of(v));
        buf_puts(&b, "/s  ");
        put_text(v, buf_cstr(&b), A_BOLD);
        double errors = *answer_value(a, &a->overall, TOP_ERRORS, 0);
        put_value(v, "errors ", UNIT_SHARE, errors, errors > 0 ? TONE_BAD : TONE_NORMAL);
        put_value(v, "p99 ", UNIT_LATENCY, *answer_value(a, &a->overall, TOP_P99, 0), TONE_NORMAL);
        put_value(v, "p50 ", UNIT_LATENCY, *answer_value(a, &a->overall, TOP_P50, 0), TONE_NORMAL);
    }
    buf_done(&b);
}

static void draw_fields(const struct top_view *v)
{
    size_t long_form = 0;
    for (size_t i = 0; i < v->field_count; i++)
        long_form += strlen(v->fields[i].title) + 2;
    bool names = long_form <= (size_t)COLS;
    move(1, 0);
    for (size_t i = 0; i < v->field_count; i++) {
        char text[32] = {v->fields[i].key ? v->fields[i].key : '+', '\0'};
        bool shown = i == v->field;
        put_text(v, names || shown ? v->fields[i].title : text, shown ? A_REVERSE : A_NORMAL);
        put_text(v, names ? "  " : " ", A_NORMAL);
    }
}

/* The filter; while it is typed with its mistake below, where the header would be. */
static void draw_filter(const struct top_view *v)
{
    const char *text = v->editing ? v->edited : v->filter;
    move(2, 0);
    if (!v->editing && v->message[0]) {
        put_text(v, v->message, attributes(v, TONE_BAD));
        return;
    }
    if (!v->editing && !text[0])
        return;
    put_text(v, "filter: ", A_BOLD);
    /* The end is what is being typed. */
    size_t room = COLS > 12 ? (size_t)COLS - 10 : 2, len = strlen(text);
    put_text(v, v->editing && len > room ? text + len - room : text, A_NORMAL);
    if (!v->editing)
        return;
    int x = getcurx(stdscr);
    if (v->mistake.column) {
        size_t hidden = len > room ? len - room : 0;
        size_t at = v->mistake.column - 1 > hidden ? v->mistake.column - 1 - hidden : 0;
        mvhline(3, 8 + (int)at, '^', 1);
        move(3, 10 + (int)at);
        /* Where there is no room behind the marker, before it. */
        size_t message = strlen(v->mistake.message);
        if (10 + at + message > (size_t)COLS)
            move(3, 0);
        put_text(v, v->mistake.message, attributes(v, TONE_BAD));
    } else {
        mvaddstr(3, 0, "");
        put_text(v, "Enter applies, Esc does not, Ctrl-U clears", A_NORMAL);
    }
    move(2, x);
}

/* ---- the table ---- */

static const struct {
    const char *title;
    enum answer_unit unit;
    int width;
} columns[TOP_COLUMNS] = {
    [TOP_RATE] = {"RATE/S", UNIT_COUNT, 8},   [TOP_SHARE] = {"SHARE", UNIT_SHARE, 7},
    [TOP_ERRORS] = {"ERRORS", UNIT_SHARE, 7}, [TOP_NO_ANSWER] = {"NO ANSWER", UNIT_SHARE, 10},
    [TOP_P50] = {"P50", UNIT_LATENCY, 8},     [TOP_P99] = {"P99", UNIT_LATENCY, 8},
};

/* Which columns there is room for: what matters least goes first, what is sorted by stays. Returns
 * the width of the name. */
static int choose_columns(const struct top_view *v, bool shown[TOP_COLUMNS])
{
    static const enum top_column by_weight[] = {TOP_RATE,  TOP_P99,       TOP_ERRORS,
                                                TOP_SHARE, TOP_NO_ANSWER, TOP_P50};
    int left = COLS - 1;
    memset(shown, 0, TOP_COLUMNS * sizeof(shown[0]));
    shown[v->sort] = true;
    left -= columns[v->sort].width + GAP;
    for (int i = 0; i < TOP_COLUMNS; i++) {
        enum top_column c = by_weight[i];
        int least = i < 3 ? NAME_MIN : NAME_GOOD;
        if (shown[c] || left - columns[c].width - GAP < least)
            continue;
        shown[c] = true;
        left -= columns[c].width + GAP;
    }
    return left > 1 ? left : 1;
}

static void put_right(const struct top_view *v, const char *text, int width, attr_t attr)
{
    int len = (int)strlen(text);
    printw("%*s", GAP + (len < width ? width - len : 0), "");
    put_text(v, text, attr);
}

static void draw_header(const struct top_view *v, const bool shown[TOP_COLUMNS], int name)
{
    struct buf b = {0};
    const char *title = v->fields[v->field].field->name;
    move(3, 0);
    for (const char *p = title; *p; p++)
        buf_putc(&b, *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p);
    attron(A_REVERSE);
    printw("%-*.*s", name, name, buf_cstr(&b));
    for (int c = 0; c < TOP_COLUMNS; c++) {
        if (!shown[c])
            continue;
        buf_clear(&b);
        if (c == (int)v->sort)
            buf_puts(&b, v->ascending ? "^" : "v");
        buf_puts(&b, columns[c].title);
        attr_t sorted = c == (int)v->sort ? A_BOLD : A_NORMAL;
        put_right(v, buf_cstr(&b), columns[c].width, A_REVERSE | sorted);
        attron(A_REVERSE);
    }
    while (getcurx(stdscr) < COLS - 1)
        addch(' ');
    attroff(A_REVERSE);
    buf_done(&b);
}

static enum human_tone tone_of_value(int column, double value)
{
    if ((column == TOP_ERRORS || column == TOP_NO_ANSWER) && value >= 0.05)
        return TONE_BAD;
    if ((column == TOP_ERRORS || column == TOP_NO_ANSWER) && value > 0)
        return TONE_NOTICE;
    if ((column == TOP_P50 || column == TOP_P99) && value >= 1e6)
        return TONE_NOTICE;
    return TONE_NORMAL;
}

static void draw_group(const struct top_view *v, const struct answer_group *g,
                       const bool shown[TOP_COLUMNS], int name)
{
    struct buf b = {0};
    const char *key = g->key[0] ? g->key[0] : "(none)";
    size_t n = tone_put_cut(&b, key, (size_t)name, v->utf8);
    put_text(v, buf_cstr(&b), attributes(v, tone_of_key(v->answer->by[0], g->key[0])));
    printw("%*s", name - (int)n, "");
    for (int c = 0; c < TOP_COLUMNS; c++) {
        double value = *answer_value(v->answer, g, (size_t)c, 0);
        if (!shown[c])
            continue;
        buf_clear(&b);
        if (c == TOP_RATE)
            put_rate(&b, value / seconds_of(v));
        else
            answer_put_value(&b, columns[c].unit, value);
        put_right(v, buf_cstr(&b), columns[c].width, attributes(v, tone_of_value(c, value)));
    }
    buf_done(&b);
}

static void draw_table(const struct top_view *v)
{
    bool shown[TOP_COLUMNS];
    int name = choose_columns(v, shown);
    if (!v->editing)
        draw_header(v, shown, name);
    /* Figures of the field before are not those of this one. */
    if (!v->answer || v->answered != v->fields[v->field].field)
        return;
    for (size_t i = 0; i < v->answer->count && i < top_view_lines(); i++) {
        move(4 + (int)i, 0);
        draw_group(v, &v->answer->groups[i], shown, name);
    }
    if (!v->answer->count) {
        move(4, 0);
        put_text(v, v->filter[0] ? "no transactions that match the filter" : "no transactions",
                 A_NORMAL);
    }
}

/* ---- help ---- */

static void draw_keys(const struct top_view *v)
{
    static const char *const forms[] = {
        "arrows field  < > sort  R reverse  / filter  w window  space pause  ? help  q quit",
        "< > sort  / filter  w window  space pause  ? help  q quit",
        "/ filter  ? help  q quit",
        "? help  q quit",
    };
    size_t i = 0;
    while (i < 3 && strlen(forms[i]) >= (size_t)COLS)
        i++;
    move(LINES - 1, 0);
    put_text(v, forms[i], v->color ? attributes(v, TONE_FAINT) : A_NORMAL);
}

static void draw_help(const struct top_view *v)
{
    static const char *const lines[] = {
        "n s c p t r   names, servers, clients,", "              processes, types, rcodes",
        "left right    the field before, after",  "< >           sort by another column",
        "R             the other way round",      "/             a filter; Enter applies",
        "w W           a longer, shorter window", "space         pause, and go on",
        "q             quit;  any key: back",
    };
    for (int i = 0; i < (int)(sizeof(lines) / sizeof(lines[0])) && i < LINES; i++) {
        move(i, 0);
        put_text(v, lines[i], A_NORMAL);
    }
}

void top_view_draw(const struct top_view *v)
{
    erase();
    if (v->help) {
        draw_help(v);
    } else {
        draw_summary(v);
        draw_fields(v);
        draw_table(v);
        draw_keys(v);
        /* Last, because the cursor stays there. */
        draw_filter(v);
    }
    curs_set(v->editing ? 1 : 0);
    refresh();
}
