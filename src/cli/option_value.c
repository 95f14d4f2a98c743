/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/option_value.h"

#include "filter/nearest.h"
#include "filter/scalar.h"

#include <errno.h>
#include <string.h>

enum {
    SHOWN_MAX = 60, /* columns of a wrong value in an error */
};

/* One value of one option, and where what is wrong with it goes. */
struct given {
    const struct option_spec *o;
    enum option_place place;
    struct buf *text;
};

const char *option_example(const struct option_spec *o)
{
    if (o->example)
        return o->example;
    switch (o->type) {
    case OPTION_FLAG:
        return "true";
    case OPTION_NUMBER:
        return "10";
    case OPTION_SIZE:
        return "8MiB";
    case OPTION_DURATION:
        return "30s";
    case OPTION_NUMBERS:
        return "53,5353";
    case OPTION_TEXTS:
        return "a,b";
    case OPTION_CHOICE:
        return o->choices[0];
    case OPTION_ADDRESS:
        return "127.0.0.1:8053";
    case OPTION_TEXT:
        break;
    }
    return o->value_name ? o->value_name : "TEXT";
}

void option_put_name(struct buf *b, const struct option_spec *o, enum option_place place)
{
    for (const char *p = o->name; *p; p++)
        buf_putc(b, place == OPTION_IN_FILE && *p == '-' ? '_' : *p);
}

/* ---- errors ---- */

static void begin_error(const struct given *g)
{
    if (g->place == OPTION_IN_ARGUMENTS)
        buf_puts(g->text, "--");
    option_put_name(g->text, g->o, g->place);
    buf_puts(g->text, ": ");
}

static int fail_value(const struct given *g, const char *value, size_t len, const char *is)
{
    begin_error(g);
    buf_putc(g->text, '\'');
    buf_put_visible(g->text, value, len, SHOWN_MAX);
    buf_printf(g->text, "' is %s; give for example ", is);
    if (g->place == OPTION_IN_ARGUMENTS)
        buf_puts(g->text, "--");
    option_put_name(g->text, g->o, g->place);
    buf_puts(g->text, g->place == OPTION_IN_FILE ? ": " : " ");
    buf_puts(g->text, option_example(g->o));
    buf_putc(g->text, '\n');
    return -EINVAL;
}

static void put_bound(const struct given *g, int64_t v)
{
    if (g->o->type == OPTION_DURATION)
        scalar_put_duration(g->text, v);
    else
        buf_i64(g->text, v);
}

static int check_bounds(const struct given *g, const char *value, size_t len, int64_t v)
{
    if (g->o->max && (v < g->o->min || v > g->o->max)) {
        begin_error(g);
        buf_put_visible(g->text, value, len, SHOWN_MAX);
        buf_puts(g->text, " is out of range; it must be from ");
        put_bound(g, g->o->min);
        buf_puts(g->text, " to ");
        put_bound(g, g->o->max);
        buf_putc(g->text, '\n');
        return -EINVAL;
    }
    if (g->o->power_of_two && (v & (v - 1)))
        return fail_value(g, value, len, "not a power of two");
    return 0;
}

/* ---- types ---- */

static int take_flag(const struct given *g, const char *value)
{
    bool on = strcmp(value, "true") == 0;
    if (!on && strcmp(value, "false") != 0)
        return fail_value(g, value, strlen(value), "neither true nor false");
    *(bool *)g->o->value = on;
    return 0;
}

static int parse_scalar(const struct given *g, const char *value, size_t len, int64_t *out)
{
    if (g->o->type == OPTION_DURATION) {
        if (!scalar_duration(value, len, 1000000000, out))
            return fail_value(g, value, len, "not a duration");
    } else if (!scalar_number(value, len, out)) {
        return fail_value(g, value, len, g->o->type == OPTION_SIZE ? "not a size" : "not a number");
    }
    return check_bounds(g, value, len, *out);
}

static int take_scalar(const struct given *g, const char *value)
{
    int64_t v = 0;
    int r = parse_scalar(g, value, strlen(value), &v);
    if (!r && g->o->type == OPTION_DURATION)
        *(int64_t *)g->o->value = v;
    else if (!r)
        *(uint64_t *)g->o->value = (uint64_t)v;
    return r;
}

static int take_item(const struct given *g, const char *item, size_t len)
{
    struct option_texts *texts = g->o->value;
    struct option_numbers *numbers = g->o->value;
    size_t most = g->o->max_items ? g->o->max_items : OPTION_LIST_MAX;
    int64_t v;
    if (!len)
        return fail_value(g, item, len, "an empty item of the list");
    if (*(size_t *)g->o->value >= most) {
        begin_error(g);
        buf_printf(g->text, "more than %zu values\n", most);
        return -EINVAL;
    }
    if (g->o->type == OPTION_TEXTS) {
        texts->items[texts->count].text = item;
        texts->items[texts->count++].len = len;
        return 0;
    }
    int r = parse_scalar(g, item, len, &v);
    if (!r)
        numbers->items[numbers->count++] = (uint64_t)v;
    return r;
}

static int take_items(const struct given *g, const char *value)
{
    for (;;) {
        size_t n = strcspn(value, ",");
        int r = take_item(g, value, n);
        if (r || !value[n])
            return r;
        value += n + 1;
    }
}

static int take_choice(const struct given *g, const char *value)
{
    struct nearest n = nearest_to(value, strlen(value));
    for (int i = 0; g->o->choices[i]; i++) {
        if (strcmp(g->o->choices[i], value) == 0) {
            *(int *)g->o->value = i;
            return 0;
        }
        nearest_offer(&n, g->o->choices[i]);
    }
    begin_error(g);
    buf_puts(g->text, "'");
    buf_put_visible(g->text, value, strlen(value), SHOWN_MAX);
    buf_puts(g->text, "' is none of");
    for (int i = 0; g->o->choices[i]; i++)
        buf_printf(g->text, "%s %s", i ? "," : "", g->o->choices[i]);
    if (n.best)
        buf_printf(g->text, "; did you mean %s?", n.best);
    buf_putc(g->text, '\n');
    return -EINVAL;
}

static int parse_host(const char *text, size_t len, struct inet_addr *out)
{
    static const char localhost[] = "localhost";
    if (len == sizeof(localhost) - 1 && memcmp(text, localhost, len) == 0)
        return inet_addr_parse("127.0.0.1", 9, out);
    return inet_addr_parse(text, len, out);
}

static int take_address(const struct given *g, const char *value)
{
    struct option_address *out = g->o->value;
    struct option_address a = {.none = strcmp(value, "none") == 0};
    const char *colon = strrchr(value, ':');
    size_t len = colon ? (size_t)(colon - value) : 0;
    int64_t port = 0;
    if (a.none) {
        *out = a;
        return 0;
    }
    bool bracketed = len >= 2 && value[0] == '[' && value[len - 1] == ']';
    const char *host = bracketed ? value + 1 : value;
    size_t host_len = bracketed ? len - 2 : len;
    bool good = colon && (bracketed || !memchr(host, ':', host_len)) &&
                parse_host(host, host_len, &a.address) == 0 &&
                scalar_number(colon + 1, strlen(colon + 1), &port) && port >= 0 && port <= 65535;
    if (!good)
        return fail_value(g, value, strlen(value), "not an address and port");
    a.port = (uint16_t)port;
    *out = a;
    return 0;
}

int option_value(const struct option_spec *o, const char *value, enum option_place place,
                 struct buf *text)
{
    const struct given g = {.o = o, .place = place, .text = text};
    switch (o->type) {
    case OPTION_FLAG:
        return take_flag(&g, value);
    case OPTION_TEXT:
        *(const char **)o->value = value;
        return 0;
    case OPTION_NUMBER:
    case OPTION_SIZE:
    case OPTION_DURATION:
        return take_scalar(&g, value);
    case OPTION_TEXTS:
    case OPTION_NUMBERS:
        return take_items(&g, value);
    case OPTION_CHOICE:
        return take_choice(&g, value);
    case OPTION_ADDRESS:
        return take_address(&g, value);
    }
    return -EINVAL;
}

/* ---- equality ---- */

static bool same_texts(const struct option_texts *a, const struct option_texts *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->items[i].len != b->items[i].len ||
            memcmp(a->items[i].text, b->items[i].text, a->items[i].len) != 0)
            return false;
    return true;
}

static bool same_numbers(const struct option_numbers *a, const struct option_numbers *b)
{
    return a->count == b->count && memcmp(a->items, b->items, a->count * sizeof(a->items[0])) == 0;
}

static bool same_address(const struct option_address *a, const struct option_address *b)
{
    return a->none == b->none && a->port == b->port && inet_addr_cmp(&a->address, &b->address) == 0;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool option_equal(const struct option_spec *o, const void *a, const void *b)
{
    switch (o->type) {
    case OPTION_FLAG:
        return *(const bool *)a == *(const bool *)b;
    case OPTION_TEXT:
        return same_text(*(const char *const *)a, *(const char *const *)b);
    case OPTION_NUMBER:
    case OPTION_SIZE:
    case OPTION_DURATION:
        return *(const uint64_t *)a == *(const uint64_t *)b;
    case OPTION_TEXTS:
        return same_texts(a, b);
    case OPTION_NUMBERS:
        return same_numbers(a, b);
    case OPTION_CHOICE:
        return *(const int *)a == *(const int *)b;
    case OPTION_ADDRESS:
        return same_address(a, b);
    }
    return false;
}
