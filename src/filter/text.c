/* SPDX-License-Identifier: Apache-2.0 */
/* Filters and their mistakes as text. */
#include "base/clock.h"
#include "filter/scalar.h"
#include "filter/tree.h"

#include <string.h>
#include <strings.h>

static bool is_one_of(const char *text, size_t len, const char *const words[])
{
    for (; *words; words++)
        if (strlen(*words) == len && strncasecmp(*words, text, len) == 0)
            return true;
    return false;
}

static bool has_any(const char *text, size_t len, const char *set)
{
    for (size_t i = 0; i < len; i++)
        if (strchr(set, text[i]) || (unsigned char)text[i] < 0x20)
            return true;
    return false;
}

static void put_quoted(struct buf *b, const char *text, size_t len)
{
    buf_putc(b, '"');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"' || text[i] == '\\')
            buf_putc(b, '\\');
        buf_putc(b, text[i]);
    }
    buf_putc(b, '"');
}

static void put_value_text(struct buf *b, const char *text, size_t len, bool looks_like_other)
{
    static const char *const null[] = {"null", NULL};
    if (!len || looks_like_other || is_one_of(text, len, null) || strchr("=<>~", text[0]) ||
        has_any(text, len, " \"(),"))
        put_quoted(b, text, len);
    else
        buf_put(b, text, len);
}

static void put_bare(struct buf *b, const char *text, size_t len)
{
    static const char *const keywords[] = {"and", "or", "not", NULL};
    if (!len || is_one_of(text, len, keywords) || has_any(text, len, " \"(),=<>~!*?&|"))
        put_quoted(b, text, len);
    else
        buf_put(b, text, len);
}

static void put_prefix(struct buf *b, const struct inet_prefix *p)
{
    char text[INET_TEXT_MAX];
    bool v4 = p->bits >= 96 && inet_addr_is_v4(&p->addr);
    buf_put(b, text, inet_addr_format(&p->addr, text));
    if (p->bits < 128) {
        buf_putc(b, '/');
        buf_u64(b, v4 ? p->bits - 96u : p->bits);
    }
}

static void put_scalar(struct buf *b, const struct field *field, int64_t n)
{
    char text[CLOCK_TEXT_MAX], scratch[DNS_MNEMONIC_MAX];
    const char *name;
    switch (field->type) {
    case FIELD_TIME:
        buf_put(b, text, clock_format_utc(n, text));
        break;
    case FIELD_DURATION:
        scalar_put_duration(b, n);
        break;
    case FIELD_BOOL:
        buf_puts(b, n ? "true" : "false");
        break;
    case FIELD_ENUM:
        name = field->enum_name(n, scratch);
        put_value_text(b, name, strlen(name), false);
        break;
    default:
        buf_i64(b, n);
        break;
    }
}

static void put_interval(struct buf *b, const struct filter_term *t, const struct filter_value *v)
{
    switch (t->op) {
    case OP_GT:
        put_scalar(b, t->field, v->low - 1);
        return;
    case OP_GE:
        put_scalar(b, t->field, v->low);
        return;
    case OP_LT:
        put_scalar(b, t->field, v->high + 1);
        return;
    case OP_LE:
        put_scalar(b, t->field, v->high);
        return;
    default:
        break;
    }
    if (v->low == v->high) {
        put_scalar(b, t->field, v->low);
        return;
    }
    if (v->low != INT64_MIN)
        put_scalar(b, t->field, v->low);
    buf_puts(b, "..");
    if (v->high != INT64_MAX)
        put_scalar(b, t->field, v->high);
}

static void put_value(struct buf *b, const struct filter_term *t, const struct filter_value *v)
{
    char text[INET_TEXT_MAX];
    struct inet_prefix prefix;
    switch (v->kind) {
    case VALUE_NULL:
        buf_puts(b, "null");
        break;
    case VALUE_INTERVAL:
        put_interval(b, t, v);
        break;
    case VALUE_TEXT:
        put_value_text(b, v->text, v->len,
                       t->field->addresses && inet_prefix_parse(v->text, v->len, &prefix) == 0);
        break;
    case VALUE_GLOB:
        put_value_text(b, v->text, v->len, false);
        break;
    case VALUE_PREFIX:
        put_prefix(b, &v->prefix);
        break;
    case VALUE_INET_RANGE:
        buf_put(b, text, inet_addr_format(&v->from, text));
        buf_puts(b, "..");
        buf_put(b, text, inet_addr_format(&v->to, text));
        break;
    }
}

static void put_term(struct buf *b, const struct filter_term *t)
{
    static const char *const ops[] = {"=", "!=", ">", ">=", "<", "<=", "~", "!~"};
    if (t->op == OP_SUBSTRING) {
        put_bare(b, t->values[0].text, t->values[0].len);
        return;
    }
    buf_puts(b, t->field->name);
    buf_puts(b, ops[t->op]);
    for (size_t i = 0; i < t->count; i++) {
        if (i)
            buf_putc(b, ',');
        put_value(b, t, &t->values[i]);
    }
}

static void put_node(struct buf *b, const struct filter_node *n, enum node_kind parent)
{
    /* `not` binds more than `and`, and that more than `or`. */
    bool parentheses = (n->kind == NODE_OR && (parent == NODE_AND || parent == NODE_NOT)) ||
                       (n->kind == NODE_AND && parent == NODE_NOT);
    if (parentheses)
        buf_putc(b, '(');
    switch (n->kind) {
    case NODE_AND:
    case NODE_OR:
        for (const struct filter_node *c = n->child; c; c = c->next) {
            if (c != n->child)
                buf_puts(b, n->kind == NODE_OR ? " or " : " ");
            put_node(b, c, n->kind);
        }
        break;
    case NODE_NOT:
        buf_puts(b, "not ");
        put_node(b, n->child, NODE_NOT);
        break;
    case NODE_TERM:
        put_term(b, &n->term);
        break;
    default:
        break;
    }
    if (parentheses)
        buf_putc(b, ')');
}

void filter_to_text(const struct filter *f, struct buf *out)
{
    put_node(out, f->root, NODE_ALL);
}

void filter_error_show(const char *text, size_t len, const struct filter_error *error,
                       struct buf *out)
{
    enum {
        BEFORE = 50,
        COLUMNS = 96,
    };
    size_t at = error->column ? error->column - 1 : 0;
    if (at > len)
        at = len;
    size_t start = at > BEFORE + 20 ? at - BEFORE : 0;
    size_t width = error->width;
    if (width > len - at)
        width = len - at;

    size_t indent = 0;
    if (start) {
        buf_puts(out, "...");
        indent = 3;
    }
    indent += buf_put_visible(out, text + start, at - start, COLUMNS);
    size_t room = COLUMNS - (indent < COLUMNS - 20 ? indent : COLUMNS - 20);
    size_t mark = buf_put_visible(out, text + at, width, room);
    buf_put_visible(out, text + at + width, len - at - width, room - mark);
    buf_putc(out, '\n');
    for (size_t i = 0; i < indent; i++)
        buf_putc(out, ' ');
    buf_putc(out, '^');
    for (size_t i = 1; i < mark; i++)
        buf_putc(out, '~');
    buf_putc(out, '\n');
    buf_puts(out, error->message);
    buf_putc(out, '\n');
}
