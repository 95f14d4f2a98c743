/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar (docs/filter.md) by recursive descent. */
#include "base/buf.h"
#include "filter/tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct parser {
    const char *text;
    size_t len;
    size_t pos;
    unsigned depth;
    unsigned terms;
    int64_t now_ns;
    struct arena *arena;
    struct filter_error *error;
};

static int parse_or(struct parser *p, struct filter_node **out);

int filter_fail(struct filter_error *error, size_t column, size_t width, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    error->column = column;
    error->width = width ? width : 1;
    vsnprintf(error->message, sizeof(error->message), fmt, args);
    va_end(args);
    return -EINVAL;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct parser *p)
{
    while (p->pos < p->len && is_space(p->text[p->pos]))
        p->pos++;
}

static char peek(const struct parser *p, size_t ahead)
{
    return p->pos + ahead < p->len ? p->text[p->pos + ahead] : '\0';
}

static bool at_end(const struct parser *p)
{
    return p->pos >= p->len;
}

static bool ends_value(char c)
{
    return is_space(c) || c == '(' || c == ')' || c == ',' || c == '"';
}

/* Words before an operator end where one begins; values may hold the characters of operators. */
static bool ends_bare(const struct parser *p, size_t pos)
{
    char c = p->text[pos], next = pos + 1 < p->len ? p->text[pos + 1] : '\0';
    return ends_value(c) || c == '=' || c == '<' || c == '>' || c == '~' ||
           (c == '!' && (next == '=' || next == '~'));
}

static int parse_quoted(struct parser *p, struct filter_word *w)
{
    size_t start = p->pos++;
    char *out = arena_alloc(p->arena, p->len - start);
    size_t n = 0;
    if (!out)
        return -ENOMEM;
    while (!at_end(p) && p->text[p->pos] != '"') {
        char c = p->text[p->pos++];
        if (c == '\\' && (peek(p, 0) == '"' || peek(p, 0) == '\\'))
            c = p->text[p->pos++];
        out[n++] = c;
    }
    if (at_end(p))
        return filter_fail(p->error, start + 1, p->len - start,
                           "this quote is not closed; put another \" at its end");
    p->pos++;
    *w = (struct filter_word){out, n, start + 1, p->pos - start, true};
    if (!at_end(p) && !is_space(peek(p, 0)) && peek(p, 0) != ',' && peek(p, 0) != ')')
        return filter_fail(p->error, p->pos + 1, 1,
                           "a space must stand here, after the closing quote");
    return 0;
}

/* A value, or with `bare` a word that may turn out to be a field. */
static int parse_word(struct parser *p, bool bare, struct filter_word *w)
{
    if (peek(p, 0) == '"')
        return parse_quoted(p, w);
    size_t start = p->pos;
    while (!at_end(p) && !(bare ? ends_bare(p, p->pos) : ends_value(p->text[p->pos])))
        p->pos++;
    *w = (struct filter_word){p->text + start, p->pos - start, start + 1, p->pos - start, false};
    if (peek(p, 0) == '"' && p->pos > start)
        return filter_fail(p->error, p->pos + 1, 1,
                           "a quote inside a word; put the whole value between quotes");
    return 0;
}

static bool is_keyword(const struct filter_word *w, const char *keyword)
{
    return !w->quoted && w->len == strlen(keyword) && strncasecmp(w->text, keyword, w->len) == 0;
}

/* Looks ahead for a keyword that stands alone, and steps over it. */
static bool take_keyword(struct parser *p, const char *keyword)
{
    size_t n = strlen(keyword);
    if (p->len - p->pos < n || strncasecmp(p->text + p->pos, keyword, n) != 0)
        return false;
    if (p->pos + n < p->len && !ends_value(p->text[p->pos + n]))
        return false;
    p->pos += n;
    return true;
}

static bool take_op(struct parser *p, enum filter_op *op)
{
    static const struct {
        char text[3];
        enum filter_op op;
    } ops[] = {
        {"!=", OP_NE}, {"!~", OP_NOT_GLOB}, {">=", OP_GE}, {"<=", OP_LE},
        {"=", OP_EQ},  {">", OP_GT},        {"<", OP_LT},  {"~", OP_GLOB},
    };
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        size_t n = strlen(ops[i].text);
        if (p->len - p->pos >= n && memcmp(p->text + p->pos, ops[i].text, n) == 0) {
            p->pos += n;
            *op = ops[i].op;
            return true;
        }
    }
    return false;
}

static int check_op(struct parser *p, const struct field *field, enum filter_op op, size_t op_pos)
{
    bool glob = op == OP_GLOB || op == OP_NOT_GLOB;
    bool order = op == OP_GT || op == OP_GE || op == OP_LT || op == OP_LE;
    const char *right = NULL;
    switch (field->type) {
    case FIELD_TIME:
    case FIELD_DURATION:
    case FIELD_NUMBER:
        right = glob ? "= != > >= < <=" : NULL;
        break;
    case FIELD_INET:
        right = glob || order ? "= and !=, with an address or a prefix such as 10.0.0.0/8" : NULL;
        break;
    case FIELD_BOOL:
        right = glob || order ? "= and !=" : NULL;
        break;
    default:
        right = order ? "= != ~ !~" : NULL;
        break;
    }
    if (!right)
        return 0;
    return filter_fail(p->error, op_pos + 1, p->pos - op_pos, "%s goes with %s", field->name,
                       right);
}

static int unknown_field(struct parser *p, const struct filter_word *w)
{
    struct buf shown = {0};
    const char *near = w->quoted ? NULL : field_nearest(w->text, w->len);
    buf_put_visible(&shown, w->text, w->len, 40);
    int r;
    if (!w->len)
        r = filter_fail(p->error, w->column, 1, "a field must stand here, for example rcode=%s",
                        "NXDOMAIN");
    else if (near)
        r = filter_fail(p->error, w->column, w->width, "there is no field %s; did you mean %s?",
                        buf_cstr(&shown), near);
    else
        r = filter_fail(p->error, w->column, w->width,
                        "there is no field %s; fields are for example qname, rcode, latency, comm",
                        buf_cstr(&shown));
    buf_done(&shown);
    return r;
}

static struct filter_node *new_node(struct parser *p, enum node_kind kind)
{
    struct filter_node *n = arena_alloc(p->arena, sizeof(*n));
    if (n)
        *n = (struct filter_node){.kind = kind};
    return n;
}

/* The values after the operator; grows a list that is moved to its final size at the end. */
static int parse_values(struct parser *p, struct filter_term *t)
{
    struct buf list = {0};
    bool more = true;
    int r = 0;
    while (more && !r) {
        struct filter_word w;
        struct filter_value v;
        skip_space(p);
        r = parse_word(p, false, &w);
        if (!r && !w.quoted && !w.len)
            r = filter_fail(p->error, w.column, 1, "a value must stand here; an empty one is \"\"");
        if (!r && !w.quoted && t->count == 0 && strchr("=<>~", w.text[0]) && w.text[0])
            r = filter_fail(p->error, w.column, 1,
                            "operators are = != > >= < <= ~ !~; a value that begins with %c needs "
                            "quotes",
                            w.text[0]);
        if (!r)
            r = filter_value_parse(t->field, t->op, &w, p->now_ns, p->arena, &v, p->error);
        if (r)
            break;
        t->has_null |= v.kind == VALUE_NULL;
        t->count++;
        buf_put(&list, &v, sizeof(v));
        size_t after = p->pos;
        skip_space(p);
        more = peek(p, 0) == ',' && !at_end(p);
        if (more && t->op >= OP_GT && t->op <= OP_LE)
            r = filter_fail(p->error, p->pos + 1, 1, "a list of values goes with = != ~ !~");
        if (more)
            p->pos++;
        else
            p->pos = after;
    }
    if (!r) {
        t->values = list.failed ? NULL : arena_copy(p->arena, list.data, list.len);
        r = t->values ? 0 : -ENOMEM;
    }
    buf_done(&list);
    return r;
}

static int parse_bare(struct parser *p, const struct filter_word *w, struct filter_term *t)
{
    if (!w->quoted && (is_keyword(w, "and") || is_keyword(w, "or")))
        return filter_fail(p->error, w->column, w->width,
                           "%.*s must stand between two terms; as a word it needs quotes",
                           (int)w->len, w->text);
    if (!w->quoted && (w->text[0] == '!' || w->text[0] == '&' || w->text[0] == '|'))
        return filter_fail(p->error, w->column, w->width,
                           "write and, or, not (a word that begins with %c needs quotes)",
                           w->text[0]);
    bool glob = !w->quoted && (memchr(w->text, '*', w->len) || memchr(w->text, '?', w->len));
    t->field = field_find("qname", 5);
    t->op = glob ? OP_GLOB : OP_SUBSTRING;
    t->count = 1;
    t->values = arena_alloc(p->arena, sizeof(*t->values));
    if (!t->values)
        return -ENOMEM;
    return filter_value_parse(t->field, t->op, w, p->now_ns, p->arena, t->values, p->error);
}

static int parse_term(struct parser *p, struct filter_node **out)
{
    struct filter_word w;
    if (++p->terms > FILTER_TERMS_MAX) {
        filter_fail(p->error, p->pos + 1, 1, "more than %d terms", FILTER_TERMS_MAX);
        return -E2BIG;
    }
    if (peek(p, 0) == ',' && !at_end(p))
        return filter_fail(p->error, p->pos + 1, 1,
                           "a comma separates values, as in rcode=SERVFAIL,REFUSED");
    int r = parse_word(p, true, &w);
    if (r < 0)
        return r;
    struct filter_node *n = new_node(p, NODE_TERM);
    if (!n)
        return -ENOMEM;
    *out = n;
    size_t after = p->pos;
    skip_space(p);
    size_t op_pos = p->pos;
    if (!take_op(p, &n->term.op)) {
        p->pos = after;
        return parse_bare(p, &w, &n->term);
    }
    n->term.field = w.quoted ? NULL : field_find(w.text, w.len);
    if (!n->term.field)
        return unknown_field(p, &w);
    r = check_op(p, n->term.field, n->term.op, op_pos);
    if (r < 0)
        return r;
    n->term.negated = n->term.op == OP_NE || n->term.op == OP_NOT_GLOB;
    return parse_values(p, &n->term);
}

static int deeper(struct parser *p, size_t column)
{
    if (++p->depth <= FILTER_DEPTH_MAX)
        return 0;
    filter_fail(p->error, column, 1, "nested more than %d deep", FILTER_DEPTH_MAX);
    return -E2BIG;
}

static int parse_unary(struct parser *p, struct filter_node **out)
{
    size_t column = p->pos + 1;
    if (take_keyword(p, "not")) {
        struct filter_node *n = new_node(p, NODE_NOT);
        int r = n ? deeper(p, column) : -ENOMEM;
        skip_space(p);
        if (!r && at_end(p))
            r = filter_fail(p->error, column, 3, "a term must follow not");
        if (!r)
            r = parse_unary(p, &n->child);
        p->depth--;
        *out = n;
        return r;
    }
    if (peek(p, 0) != '(' || at_end(p))
        return peek(p, 0) == ')' ? filter_fail(p->error, column, 1, "a term must stand before )")
                                 : parse_term(p, out);
    p->pos++;
    int r = deeper(p, column);
    if (!r)
        r = parse_or(p, out);
    if (!r && at_end(p))
        r = filter_fail(p->error, column, 1, "this parenthesis is not closed; a ')' is missing");
    if (r)
        return r;
    p->depth--;
    p->pos++;
    return 0;
}

/* Adds a child at the tail; one of the same kind is taken apart, so that (a b) c equals a b c. */
static void adopt(const struct filter_node *parent, struct filter_node ***tail,
                  struct filter_node *child)
{
    **tail = child->kind == parent->kind ? child->child : child;
    while (**tail)
        *tail = &(**tail)->next;
}

/* A list of one is its only member. */
static struct filter_node *unwrap(struct filter_node *n)
{
    return n->child && !n->child->next ? n->child : n;
}

static int parse_and(struct parser *p, struct filter_node **out)
{
    struct filter_node *all = new_node(p, NODE_AND);
    struct filter_node **tail = all ? &all->child : NULL;
    if (!all)
        return -ENOMEM;
    for (;;) {
        struct filter_node *n = NULL;
        int r = parse_unary(p, &n);
        if (r < 0)
            return r;
        adopt(all, &tail, n);
        skip_space(p);
        size_t before = p->pos;
        if (at_end(p) || peek(p, 0) == ')')
            break;
        if (take_keyword(p, "or")) {
            p->pos = before;
            break;
        }
        if (!take_keyword(p, "and"))
            continue;
        skip_space(p);
        if (at_end(p) || peek(p, 0) == ')')
            return filter_fail(p->error, before + 1, 3, "a term must follow and");
    }
    *out = unwrap(all);
    return 0;
}

static int parse_or(struct parser *p, struct filter_node **out)
{
    struct filter_node *any = new_node(p, NODE_OR);
    struct filter_node **tail = any ? &any->child : NULL;
    if (!any)
        return -ENOMEM;
    for (;;) {
        struct filter_node *n = NULL;
        skip_space(p);
        if (at_end(p))
            return filter_fail(p->error, p->pos + 1, 1, "a term must stand here");
        int r = parse_and(p, &n);
        if (r < 0)
            return r;
        adopt(any, &tail, n);
        size_t before = p->pos;
        if (!take_keyword(p, "or"))
            break;
        skip_space(p);
        if (at_end(p) || peek(p, 0) == ')')
            return filter_fail(p->error, before + 1, 2, "a term must follow or");
    }
    *out = unwrap(any);
    return 0;
}

static int parse_all(struct parser *p, struct filter *f)
{
    skip_space(p);
    if (at_end(p)) {
        f->root = new_node(p, NODE_ALL);
        return f->root ? 0 : -ENOMEM;
    }
    int r = parse_or(p, &f->root);
    if (!r && !at_end(p))
        r = filter_fail(p->error, p->pos + 1, 1, "there is no ( for this )");
    return r;
}

int filter_parse(const char *text, size_t len, int64_t now_ns, struct filter **out,
                 struct filter_error *error)
{
    *out = NULL;
    *error = (struct filter_error){.column = 1, .width = 1};
    if (len > FILTER_TEXT_MAX) {
        filter_fail(error, FILTER_TEXT_MAX + 1, 1, "longer than %d bytes", FILTER_TEXT_MAX);
        return -E2BIG;
    }
    struct filter *f = calloc(1, sizeof(*f));
    if (!f)
        return -ENOMEM;
    arena_init(&f->arena, 0);
    struct parser p = {
        .text = text, .len = len, .now_ns = now_ns, .arena = &f->arena, .error = error};
    int r = parse_all(&p, f);
    if (r < 0) {
        filter_free(f);
        return r;
    }
    *out = f;
    return 0;
}

void filter_free(struct filter *f)
{
    if (!f)
        return;
    arena_done(&f->arena);
    free(f);
}
