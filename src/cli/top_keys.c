/* SPDX-License-Identifier: Apache-2.0 */
/* What keys do to the view of top. */
#include "cli/top_view.h"

#include "base/clock.h"

#include <curses.h>
#include <errno.h>

const char *const top_metrics[TOP_COLUMNS] = {"count", "share", "error_share", "unanswered_share",
                                              "p50",   "p99"};

static const int64_t windows_ns[] = {
    10 * NS_PER_SEC,  30 * NS_PER_SEC,  60 * NS_PER_SEC,
    300 * NS_PER_SEC, 900 * NS_PER_SEC, 3600 * NS_PER_SEC,
};

enum {
    WINDOWS = sizeof(windows_ns) / sizeof(windows_ns[0]),
    CTRL_L = 'L' & 31,
    CTRL_U = 'U' & 31,
    CTRL_W = 'W' & 31,
    CTRL_H = 'H' & 31,
    ESCAPE = 27,
    DELETE = 127,
};

void top_view_init(struct top_view *v, const struct field *extra)
{
    static const struct {
        const char *name, *title;
        char key;
    } fields[] = {{"qname", "names", 'n'},    {"server", "servers", 's'},
                  {"client", "clients", 'c'}, {"comm", "processes", 'p'},
                  {"qtype", "types", 't'},    {"rcode", "rcodes", 'r'}};
    *v = (struct top_view){.window_ns = 60 * NS_PER_SEC};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const struct field *f = field_find(fields[i].name, strlen(fields[i].name));
        v->fields[v->field_count++] = (struct top_field){f, fields[i].title, fields[i].key};
        if (f == extra)
            v->field = i;
    }
    if (!extra || v->fields[v->field].field == extra)
        return;
    v->field = v->field_count;
    v->fields[v->field_count++] = (struct top_field){extra, extra->name, 0};
}

/* ---- the filter ---- */

static void check_filter(struct top_view *v)
{
    struct filter *f = NULL;
    v->mistake = (struct filter_error){0};
    size_t len = strlen(v->edited);
    int r = filter_parse(v->edited, len, clock_ns(CLOCK_REALTIME), &f, &v->mistake);
    if (!r)
        v->mistake.column = 0;
    filter_free(f);
}

/* Takes the last character away, or the last word. */
static void erase_back(struct top_view *v, bool word)
{
    size_t n = strlen(v->edited);
    while (word && n && v->edited[n - 1] == ' ')
        n--;
    do {
        while (n && ((unsigned char)v->edited[n - 1] & 0xc0) == 0x80)
            n--;
        n -= n > 0;
    } while (word && n && v->edited[n - 1] != ' ');
    v->edited[n] = '\0';
}

static void edit_key(struct top_view *v, int key)
{
    size_t n = strlen(v->edited);
    if (key == ESCAPE) {
        v->editing = false;
    } else if (key == '\n' || key == '\r' || key == KEY_ENTER) {
        if (v->mistake.column) {
            beep();
            return;
        }
        v->editing = false;
        v->changed = strcmp(v->filter, v->edited) != 0;
        memcpy(v->filter, v->edited, n + 1);
    } else if (key == KEY_BACKSPACE || key == DELETE || key == CTRL_H) {
        erase_back(v, false);
    } else if (key == CTRL_W) {
        erase_back(v, true);
    } else if (key == CTRL_U) {
        v->edited[0] = '\0';
    } else if (key >= ' ' && key < 256 && key != DELETE && n + 1 < sizeof(v->edited)) {
        v->edited[n] = (char)key;
        v->edited[n + 1] = '\0';
    }
    check_filter(v);
}

/* ---- the rest ---- */

static void choose_field(struct top_view *v, size_t field)
{
    v->changed = v->changed || field != v->field;
    v->field = field;
}

static void choose_window(struct top_view *v, bool longer)
{
    size_t i = 0;
    while (i < WINDOWS && windows_ns[i] < v->window_ns)
        i++;
    bool exact = i < WINDOWS && windows_ns[i] == v->window_ns;
    if (longer)
        i = i + exact < WINDOWS ? i + exact : 0;
    else
        i = i ? i - 1 : WINDOWS - 1;
    v->window_ns = windows_ns[i];
    v->changed = true;
}

static void choose_sort(struct top_view *v, int by)
{
    v->sort = (enum top_column)(((int)v->sort + by + TOP_COLUMNS) % TOP_COLUMNS);
    v->changed = true;
}

static void view_key(struct top_view *v, int key)
{
    for (size_t i = 0; i < v->field_count; i++)
        if (v->fields[i].key && key == v->fields[i].key)
            choose_field(v, i);
    switch (key) {
    case 'q':
        v->quit = true;
        break;
    case KEY_LEFT:
        choose_field(v, (v->field + v->field_count - 1) % v->field_count);
        break;
    case KEY_RIGHT:
        choose_field(v, (v->field + 1) % v->field_count);
        break;
    case '<':
    case ',':
        choose_sort(v, -1);
        break;
    case '>':
    case '.':
        choose_sort(v, 1);
        break;
    case 'R':
        v->ascending = !v->ascending;
        v->changed = true;
        break;
    case 'w':
    case 'W':
        choose_window(v, key == 'w');
        break;
    case ' ':
        v->paused = !v->paused;
        v->changed = !v->paused;
        break;
    case '/':
        v->editing = true;
        memcpy(v->edited, v->filter, sizeof(v->edited));
        check_filter(v);
        break;
    case '?':
    case 'h':
        v->help = true;
        break;
    case CTRL_L:
        clearok(stdscr, TRUE);
        break;
    default:
        break;
    }
}

bool top_view_keys(struct top_view *v)
{
    bool any = false;
    int key;
    while ((key = getch()) != ERR) {
        any = true;
        if (key == KEY_RESIZE) {
            v->changed = true; /* another number of lines is worth asking for */
        } else if (v->editing) {
            edit_key(v, key);
        } else if (v->help) {
            v->help = false;
            v->quit = key == 'q';
        } else {
            view_key(v, key);
        }
    }
    return any;
}
