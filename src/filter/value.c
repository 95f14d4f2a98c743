/* SPDX-License-Identifier: Apache-2.0 */
/* Values of terms by the type of their field. */
#include "base/buf.h"
#include "base/clock.h"
#include "filter/nearest.h"
#include "filter/scalar.h"
#include "filter/tree.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define BOUND ((int64_t)1 << FILTER_NUMBER_BITS)

/* What is being parsed, and where its mistakes are told. */
struct context {
    const struct field *field;
    enum filter_op op;
    const struct filter_word *word;
    int64_t now_ns;
    struct arena *arena;
    struct filter_error *error;
};

enum {
    SHOWN_MAX = 40,
};

/* The word for an error message: short, and safe on a terminal. */
static const char *shown(const struct filter_word *w, struct buf *b)
{
    buf_clear(b);
    size_t cut = w->len > SHOWN_MAX ? SHOWN_MAX - 3 : w->len;
    buf_put_visible(b, w->text, cut, SHOWN_MAX);
    if (cut < w->len)
        buf_puts(b, "...");
    return buf_cstr(b);
}

static int fail(const struct context *c, const char *what_is_right)
{
    struct buf b = {0};
    int r = filter_fail(c->error, c->word->column, c->word->width, "%s: '%s' is %s", c->field->name,
                        shown(c->word, &b), what_is_right);
    buf_done(&b);
    return r;
}

static int parse_scalar(const struct context *c, const char *text, size_t len, int64_t *low,
                        int64_t *high)
{
    bool ok;
    switch (c->field->type) {
    case FIELD_TIME:
        if (!scalar_time(text, len, c->now_ns, low, high))
            return fail(c,
                        "not a time; write for example 2026-11-24T05:00, 2026-11-24, -5m or now");
        break;
    case FIELD_DURATION:
        ok = scalar_duration(text, len, 1000, low);
        *high = *low;
        if (!ok)
            return fail(c, "not a duration; write for example 300us, 1.5ms or 2s");
        break;
    default:
        ok = scalar_number(text, len, low);
        *high = *low;
        if (!ok)
            return fail(c, "not a number; write for example 512, 4k or 0x1f");
        break;
    }
    if (*low <= -BOUND || *high >= BOUND)
        return fail(c, "out of range");
    return 0;
}

static const char *find_dots(const char *text, size_t len)
{
    return memmem(text, len, "..", 2);
}

static int parse_range(const struct context *c, const char *dots, struct filter_value *out)
{
    const char *text = c->word->text;
    size_t before = (size_t)(dots - text), after = c->word->len - before - 2;
    int64_t unused;
    if (!before && !after)
        return fail(c, "a range without ends; write for example 1..9, 1.. or ..9");
    out->low = INT64_MIN;
    out->high = INT64_MAX;
    int r = before ? parse_scalar(c, text, before, &out->low, &unused) : 0;
    if (!r && after)
        r = parse_scalar(c, dots + 2, after, &unused, &out->high);
    if (!r && out->low > out->high)
        return fail(c, "a range that ends before it begins");
    return r;
}

static int parse_interval(const struct context *c, struct filter_value *out)
{
    int64_t low = 0, high = 0;
    out->kind = VALUE_INTERVAL;
    const char *dots = find_dots(c->word->text, c->word->len);
    if (dots && (c->op == OP_EQ || c->op == OP_NE))
        return parse_range(c, dots, out);
    if (dots)
        return fail(c, "a range, which goes with = and !=");
    int r = parse_scalar(c, c->word->text, c->word->len, &low, &high);
    if (r < 0)
        return r;
    out->low = c->op == OP_GT ? low + 1 : c->op == OP_LT || c->op == OP_LE ? INT64_MIN : low;
    out->high = c->op == OP_GT || c->op == OP_GE ? INT64_MAX : c->op == OP_LT ? low - 1 : high;
    return 0;
}

static bool is_word(const struct filter_word *w, const char *word)
{
    return strlen(word) == w->len && strncasecmp(word, w->text, w->len) == 0;
}

static int parse_bool(const struct context *c, struct filter_value *out)
{
    const struct filter_word *w = c->word;
    bool yes = is_word(w, "true") || is_word(w, "yes") || is_word(w, "1");
    if (!yes && !is_word(w, "false") && !is_word(w, "no") && !is_word(w, "0"))
        return fail(c, "neither true nor false");
    out->kind = !yes && c->field->presence ? VALUE_NULL : VALUE_INTERVAL;
    out->low = out->high = yes;
    return 0;
}

/* A mnemonic that does not exist: names the nearest, or all when there are few. */
static int fail_mnemonic(const struct context *c)
{
    struct nearest n = nearest_to(c->word->text, c->word->len);
    struct buf b = {0}, all = {0};
    const char *name;
    size_t count = 0;
    for (; (name = c->field->enum_at(count)); count++) {
        nearest_offer(&n, name);
        if (count < 10)
            buf_printf(&all, "%s%s", count ? ", " : "", name);
    }
    int r;
    if (n.best)
        r = filter_fail(c->error, c->word->column, c->word->width,
                        "%s: there is no %s; did you mean %s?", c->field->name, shown(c->word, &b),
                        n.best);
    else
        r = filter_fail(c->error, c->word->column, c->word->width,
                        "%s: there is no %s; it is one of %s%s", c->field->name, shown(c->word, &b),
                        buf_cstr(&all), count > 10 ? ", ..." : "");
    buf_done(&all);
    buf_done(&b);
    return r;
}

static int parse_enum(const struct context *c, struct filter_value *out)
{
    int code = c->field->parse_enum(c->word->text, c->word->len);
    if (code < 0)
        return fail_mnemonic(c);
    out->kind = VALUE_INTERVAL;
    out->low = out->high = code;
    return 0;
}

static int parse_set(const struct context *c, struct filter_value *out)
{
    const char *name;
    for (size_t i = 0; (name = c->field->enum_at(i)); i++) {
        if (is_word(c->word, name)) {
            *out = (struct filter_value){.kind = VALUE_TEXT, .text = name, .len = strlen(name)};
            return 0;
        }
    }
    return fail_mnemonic(c);
}

/* Without the bits of the host, so that equal prefixes have equal text. */
static void mask_host(struct inet_prefix *p)
{
    for (unsigned bit = p->bits; bit < 128; bit++)
        p->addr.bytes[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
}

static bool parse_prefix(const char *text, size_t len, struct filter_value *out)
{
    if (inet_prefix_parse(text, len, &out->prefix) < 0)
        return false;
    mask_host(&out->prefix);
    out->kind = VALUE_PREFIX;
    out->v6_only = out->prefix.bits < 96;
    return true;
}

static int parse_inet(const struct context *c, struct filter_value *out)
{
    const char *text = c->word->text;
    size_t len = c->word->len;
    const char *dots = find_dots(text, len);
    if (!dots) {
        if (parse_prefix(text, len, out))
            return 0;
        return fail(c, "neither an address nor a prefix; write for example 192.0.2.1, 10.0.0.0/8 "
                       "or 2001:db8::/32");
    }
    size_t before = (size_t)(dots - text);
    out->kind = VALUE_INET_RANGE;
    if (inet_addr_parse(text, before, &out->from) < 0 ||
        inet_addr_parse(dots + 2, len - before - 2, &out->to) < 0)
        return fail(c, "not a range of addresses; write for example 192.0.2.1..192.0.2.9");
    if (inet_addr_is_v4(&out->from) != inet_addr_is_v4(&out->to))
        return fail(c, "a range from one address family to the other");
    if (inet_addr_cmp(&out->from, &out->to) > 0)
        return fail(c, "a range that ends before it begins");
    return 0;
}

/* A final dot says no more than its absence does, except of the root or when it is escaped. All of
 * several are taken, so that doing it again changes nothing. */
static size_t without_final_dot(const char *text, size_t len)
{
    while (len > 1 && text[len - 1] == '.') {
        size_t escapes = 0;
        while (escapes < len - 1 && text[len - 2 - escapes] == '\\')
            escapes++;
        if (escapes % 2)
            break;
        len--;
    }
    return len;
}

static int parse_text(const struct context *c, struct filter_value *out)
{
    const struct filter_word *w = c->word;
    bool fold = c->field->fold;
    size_t len = w->len;
    if (c->op == OP_GLOB || c->op == OP_NOT_GLOB) {
        len = fold ? without_final_dot(w->text, len) : len;
        int r = glob_compile(&out->glob, w->text, len, c->arena);
        if (r == -E2BIG)
            return fail(c, "a pattern of more than 1024 bytes");
        if (r < 0)
            return r;
        out->kind = VALUE_GLOB;
        fold = true;
    } else if (c->field->addresses && c->op != OP_SUBSTRING && !w->quoted &&
               parse_prefix(w->text, len, out)) {
        return 0;
    } else {
        out->kind = VALUE_TEXT;
        if (fold && c->op != OP_SUBSTRING)
            len = without_final_dot(w->text, len);
    }
    char *copy = arena_copy(c->arena, w->text, len);
    if (!copy)
        return -ENOMEM;
    for (size_t i = 0; fold && i < len; i++)
        copy[i] = glob_lower(copy[i]);
    out->text = copy;
    out->len = len;
    return 0;
}

int filter_value_parse(const struct field *field, enum filter_op op, const struct filter_word *w,
                       int64_t now_ns, struct arena *arena, struct filter_value *out,
                       struct filter_error *error)
{
    struct context c = {field, op, w, now_ns, arena, error};
    *out = (struct filter_value){0};
    if (op != OP_SUBSTRING && !w->quoted && is_word(w, "null")) {
        out->kind = VALUE_NULL;
        return op == OP_EQ || op == OP_NE ? 0 : fail(&c, "absence, which goes with = and !=");
    }
    if (op == OP_GLOB || op == OP_NOT_GLOB || op == OP_SUBSTRING)
        return parse_text(&c, out);
    switch (field->type) {
    case FIELD_TIME:
    case FIELD_DURATION:
    case FIELD_NUMBER:
        return parse_interval(&c, out);
    case FIELD_BOOL:
        return parse_bool(&c, out);
    case FIELD_ENUM:
        return parse_enum(&c, out);
    case FIELD_SET:
        return parse_set(&c, out);
    case FIELD_INET:
        return parse_inet(&c, out);
    default:
        return parse_text(&c, out);
    }
}
