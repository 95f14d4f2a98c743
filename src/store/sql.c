/* SPDX-License-Identifier: Apache-2.0 */
/* Filters as SQL. An absent value is NULL, so a comparison with it is NULL, which counts as false
 * everywhere but under a negation: those are written IS NOT TRUE. */
#include "store/sql.h"

#include "filter/tree.h"
#include "record/text.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    EXPR_MAX = 256,
    RANGES_MAX = 16, /* of codes, before they are asked for as a set of bits */
};

void sql_init(struct sql *s)
{
    *s = (struct sql){0};
    arena_init(&s->arena, 0);
}

void sql_done(struct sql *s)
{
    buf_done(&s->text);
    free(s->values);
    arena_done(&s->arena);
}

void sql_puts(struct sql *s, const char *constant)
{
    buf_puts(&s->text, constant);
    s->failed |= s->text.failed;
}

static void put_value(struct sql *s, const char *type, struct sql_value v)
{
    if (s->count == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 16;
        struct sql_value *values = realloc(s->values, cap * sizeof(*values));
        if (!values) {
            s->failed = true;
            return;
        }
        s->values = values;
        s->cap = cap;
    }
    s->values[s->count++] = v;
    buf_printf(&s->text, "CAST($%zu AS %s)", s->count, type);
    s->failed |= s->text.failed;
}

void sql_put_literal(struct buf *b, const char *text)
{
    buf_putc(b, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            buf_putc(b, '\'');
        buf_putc(b, *text);
    }
    buf_putc(b, '\'');
}

void sql_number(struct sql *s, int64_t v)
{
    put_value(s, "BIGINT", (struct sql_value){.kind = SQL_NUMBER, .number = v});
}

void sql_text(struct sql *s, const char *text, size_t len)
{
    put_value(s, "VARCHAR", (struct sql_value){.kind = SQL_TEXT, .data = text, .len = len});
}

void sql_bytes(struct sql *s, const void *data, size_t len)
{
    put_value(s, "BLOB", (struct sql_value){.kind = SQL_BYTES, .data = data, .len = len});
}

void sql_value(struct sql *s, const char *type, void *value)
{
    put_value(s, type, (struct sql_value){.kind = SQL_VALUE, .data = value});
}

static void *copied(struct sql *s, const void *data, size_t len)
{
    void *p = arena_copy(&s->arena, data, len);
    s->failed |= !p;
    return p;
}

/* ---- where a field is ---- */

static const char *last_name(const struct field *f)
{
    const char *dot = strrchr(f->name, '.');
    return dot ? dot + 1 : f->name;
}

static bool is_name_of_answer(const struct field *f)
{
    return f->row.list == FIELD_IN_ANSWERS && f->row.offset == offsetof(struct row_answer, name);
}

static bool is_ttl_of_answer(const struct field *f)
{
    return f->row.list == FIELD_IN_ANSWERS && f->row.offset == offsetof(struct row_answer, ttl);
}

enum sql_place sql_place_of(const struct field *f)
{
    static const size_t of_origin[] = {
        offsetof(struct row, hops_len),   offsetof(struct row, interface),
        offsetof(struct row, netns),      offsetof(struct row, pid),
        offsetof(struct row, tid),        offsetof(struct row, comm),
        offsetof(struct row, exe),        offsetof(struct row, uid),
        offsetof(struct row, server_pid), offsetof(struct row, server_comm),
        offsetof(struct row, cgroup),     offsetof(struct row, container_id),
        offsetof(struct row, unit),       offsetof(struct row, pod),
        offsetof(struct row, namespace),  offsetof(struct row, workload),
        offsetof(struct row, node),
    };
    static const size_t of_extra[] = {
        offsetof(struct row, edns),        offsetof(struct row, malformed),
        offsetof(struct row, drop_reason), offsetof(struct row, drop_location),
        offsetof(struct row, icmp),
    };
    if (f->row.list == FIELD_IN_EDNS || f->row.list == FIELD_IN_EDE)
        return SQL_IN_EXTRA;
    if (f->row.list == FIELD_IN_HOPS)
        return f->type == FIELD_DURATION ? SQL_IN_ROW : SQL_IN_ORIGIN;
    if (f->row.list == FIELD_IN_ANSWERS)
        return is_name_of_answer(f) || is_ttl_of_answer(f) ? SQL_IN_ROW : SQL_IN_ANSWER_SET;
    for (size_t i = 0; i < sizeof(of_origin) / sizeof(of_origin[0]); i++)
        if (f->row.offset == of_origin[i])
            return SQL_IN_ORIGIN;
    for (size_t i = 0; i < sizeof(of_extra) / sizeof(of_extra[0]); i++)
        if (f->row.offset == of_extra[i])
            return SQL_IN_EXTRA;
    return SQL_IN_ROW;
}

/* The value; of a list, that of its element x. */
static void value_expr(const struct field *f, char out[EXPR_MAX])
{
    if (f->part)
        snprintf(out, EXPR_MAX, "nf_%s(\"qname\")", f->name);
    else if (f->row.list == FIELD_IN_EDNS)
        snprintf(out, EXPR_MAX, "(\"edns\").\"%s\"", last_name(f));
    else if (f->row.list == FIELD_IN_EDE)
        snprintf(out, EXPR_MAX, "x.\"%s\"", f->type == FIELD_ENUM ? "code" : "extra");
    else if (f->row.list != FIELD_IN_ROW)
        snprintf(out, EXPR_MAX, "x.\"%s\"", last_name(f));
    else if (f->row.offset == offsetof(struct row, hops_len))
        snprintf(out, EXPR_MAX, "len(\"path\")");
    else if (f->row.offset == offsetof(struct row, edns))
        snprintf(out, EXPR_MAX, "CASE WHEN \"edns\" IS NOT NULL THEN true END");
    else
        snprintf(out, EXPR_MAX, "\"%s\"", f->name);
}

void sql_column(struct sql *s, const struct field *f)
{
    char expr[EXPR_MAX];
    value_expr(f, expr);
    sql_puts(s, expr);
}

/* ---- values ---- */

static void put_interval(struct sql *s, const char *expr, int64_t low, int64_t high)
{
    if (low > high) {
        sql_puts(s, "false");
        return;
    }
    sql_puts(s, expr);
    if (low == high) {
        sql_puts(s, " = ");
        sql_number(s, low);
    } else if (high == INT64_MAX) {
        sql_puts(s, low == INT64_MIN ? " IS NOT NULL" : " >= ");
        if (low != INT64_MIN)
            sql_number(s, low);
    } else if (low == INT64_MIN) {
        sql_puts(s, " <= ");
        sql_number(s, high);
    } else {
        sql_puts(s, " BETWEEN ");
        sql_number(s, low);
        sql_puts(s, " AND ");
        sql_number(s, high);
    }
}

/* Intervals of durations are in ns, the columns in us. */
static void put_duration(struct sql *s, const char *expr, int64_t low, int64_t high)
{
    if (low != INT64_MIN)
        low = low / 1000 + (low % 1000 > 0);
    if (high != INT64_MAX)
        high = high / 1000 - (high % 1000 < 0);
    put_interval(s, expr, low, high);
}

static void put_number(struct sql *s, const struct field *f, const struct filter_value *v,
                       const char *expr)
{
    if (f->type == FIELD_DURATION) {
        put_duration(s, expr, v->low, v->high);
    } else if (f->type == FIELD_BOOL) {
        sql_puts(s, expr);
        sql_puts(s, v->low ? " = true" : " = false");
    } else {
        put_interval(s, expr, v->low, v->high);
    }
}

static void put_bit(struct sql *s, const struct field *f, const struct filter_value *v,
                    const char *expr)
{
    const char *name;
    uint16_t bit = 0;
    for (size_t i = 0; (name = f->enum_at(i)); i++)
        if (strlen(name) == v->len && memcmp(name, v->text, v->len) == 0)
            bit = field_set_bit(f, i);
    sql_puts(s, "(");
    sql_puts(s, expr);
    sql_puts(s, " & ");
    sql_number(s, bit);
    sql_puts(s, ") <> 0");
}

/* A call of a function of two arguments. */
static void put_call(struct sql *s, const char *function, const char *expr)
{
    sql_puts(s, function);
    sql_puts(s, "(");
    sql_puts(s, expr);
    sql_puts(s, ", ");
}

static void put_is(struct sql *s, const char *before, const char *expr, const char *after,
                   const char *text, size_t len)
{
    sql_puts(s, before);
    sql_puts(s, expr);
    sql_puts(s, after);
    sql_text(s, text, len);
}

static bool is_utf8(const char *text, size_t len)
{
    return utf8_clean_len(text, len) == len;
}

/* With `fold`, texts of rows are compared in lower case and without a final dot, unless they are
 * stored so: two texts are the value then. */
static void put_text(struct sql *s, const struct field *f, const struct filter_value *v,
                     const char *expr)
{
    if (!is_utf8(v->text, v->len)) {
        sql_puts(s, "false"); /* texts of rows are UTF-8 */
        return;
    }
    if (!f->fold || f->is_lower) {
        put_is(s, "", expr, " = ", v->text, v->len);
        return;
    }
    bool bare = v->len <= 1 || v->text[v->len - 1] != '.';
    char *dotted = v->len ? arena_alloc(&s->arena, v->len + 1) : NULL;
    if (bare)
        put_is(s, "lower(", expr, ") = ", v->text, v->len);
    if (!v->len)
        return;
    if (!dotted) {
        s->failed = true;
        return;
    }
    memcpy(dotted, v->text, v->len);
    dotted[v->len] = '.';
    put_is(s, bare ? " OR lower(" : "lower(", expr, ") = ", dotted, v->len + 1);
}

static void put_word(struct sql *s, const struct filter_value *v, const char *expr)
{
    if (!is_utf8(v->text, v->len)) {
        sql_puts(s, "false");
        return;
    }
    put_call(s, "contains", expr);
    sql_text(s, v->text, v->len);
    sql_puts(s, ")");
}

/* Names that are asked for are ASCII in lower case, so that DuckDB's own functions will do. */
static bool put_plain_glob(struct sql *s, const struct glob *g, const char *expr)
{
    static const char *const functions[] = {
        [GLOB_PREFIX] = "starts_with",
        [GLOB_SUFFIX] = "ends_with",
        [GLOB_CONTAINS] = "contains",
    };
    if (g->shape == GLOB_GENERAL || !is_utf8(g->literal, g->literal_len))
        return false;
    if (g->shape == GLOB_EXACT) {
        put_is(s, "", expr, " = ", g->literal, g->literal_len);
        return true;
    }
    put_call(s, functions[g->shape], expr);
    sql_text(s, g->literal, g->literal_len);
    sql_puts(s, ")");
    return true;
}

static void put_text_glob(struct sql *s, const struct field *f, const struct filter_value *v,
                          const char *expr)
{
    if (v->glob.shape != GLOB_EXACT && v->glob.shape != GLOB_GENERAL && !v->glob.literal_len) {
        sql_puts(s, expr);
        sql_puts(s, " IS NOT NULL");
        return;
    }
    if (f->is_lower && put_plain_glob(s, &v->glob, expr))
        return;
    put_call(s, f->fold && !f->is_lower ? "nf_glob_name" : "nf_glob", expr);
    sql_bytes(s, v->text, v->len);
    sql_puts(s, ")");
}

static void put_ranges(struct sql *s, const uint16_t (*ranges)[2], unsigned count, const char *expr)
{
    if (!count)
        sql_puts(s, "false");
    for (unsigned i = 0; i < count; i++) {
        sql_puts(s, i ? " OR " : "");
        put_interval(s, expr, ranges[i][0], ranges[i][1]);
    }
}

/* Which codes have a mnemonic that the pattern matches is found out here, once. */
static void put_code_glob(struct sql *s, const struct field *f, const struct filter_value *v,
                          const char *expr)
{
    uint16_t ranges[RANGES_MAX][2];
    unsigned count = 0;
    uint8_t bits[8192] = {0};
    char scratch[DNS_MNEMONIC_MAX];
    bool before = false;
    for (unsigned code = 0; code < (f->row.kind == FIELD_U8 ? 256 : 65536); code++) {
        const char *name = f->enum_name(code, scratch);
        bool matches = glob_match(&v->glob, name, strlen(name), false);
        if (matches)
            bits[code / 8] |= (uint8_t)(1u << code % 8);
        if (matches && !before && count < RANGES_MAX)
            ranges[count][0] = (uint16_t)code;
        count += matches && !before;
        if (matches && count <= RANGES_MAX)
            ranges[count - 1][1] = (uint16_t)code;
        before = matches;
    }
    if (count <= RANGES_MAX) {
        put_ranges(s, (const uint16_t(*)[2])ranges, count, expr);
        return;
    }
    put_call(s, "nf_code_in", expr);
    sql_bytes(s, copied(s, bits, sizeof(bits)), sizeof(bits));
    sql_puts(s, ")");
}

/* ---- addresses ---- */

static void put_inet_range(struct sql *s, const struct inet_addr *from, const struct inet_addr *to,
                           const char *expr)
{
    put_call(s, "nf_inet_in", expr);
    sql_bytes(s, copied(s, from->bytes, 16), 16);
    sql_puts(s, ", ");
    sql_bytes(s, copied(s, to->bytes, 16), 16);
    sql_puts(s, ")");
}

static struct inet_addr last_of(const struct inet_prefix *p)
{
    struct inet_addr a = p->addr;
    for (unsigned bit = p->bits; bit < 128; bit++)
        a.bytes[bit / 8] |= (uint8_t)(0x80u >> bit % 8);
    return a;
}

/* Columns of addresses hold canonical texts, so that some prefixes are those of the text. */
static bool put_text_prefix(struct sql *s, const struct inet_prefix *p, const char *expr)
{
    char text[INET_TEXT_MAX];
    size_t len = inet_addr_format(&p->addr, text);
    if (p->bits == 128) {
        put_is(s, "", expr, " = ", copied(s, text, len), len);
        return true;
    }
    if (!inet_addr_is_v4(&p->addr) || p->bits <= 96 || p->bits % 8)
        return false;
    /* "10.1." for 10.1.0.0/16 */
    size_t kept = 0;
    for (unsigned octets = (p->bits - 96u) / 8; octets; octets--)
        kept += strcspn(text + kept, ".") + 1;
    put_call(s, "starts_with", expr);
    sql_text(s, copied(s, text, kept), kept);
    sql_puts(s, ")");
    return true;
}

static void put_prefix(struct sql *s, const struct field *f, const struct filter_value *v,
                       const char *expr)
{
    struct inet_addr last = last_of(&v->prefix);
    if (f->type == FIELD_INET && put_text_prefix(s, &v->prefix, expr))
        return;
    if (f->addresses)
        sql_puts(s, "x.\"type\" IN (1, 28) AND ");
    put_inet_range(s, &v->prefix.addr, &last, expr);
    if (v->v6_only) {
        /* IPv4 is ::ffff:0:0/96 in 16 bytes; its text has no colon. */
        sql_puts(s, " AND contains(");
        sql_puts(s, expr);
        sql_puts(s, ", ':')");
    }
}

/* ---- terms ---- */

static void put_filter_value(struct sql *s, const struct filter_term *t,
                             const struct filter_value *v, const char *expr)
{
    const struct field *f = t->field;
    switch (v->kind) {
    case VALUE_INTERVAL:
        put_number(s, f, v, expr);
        break;
    case VALUE_TEXT:
        if (f->type == FIELD_SET)
            put_bit(s, f, v, expr);
        else if (t->op == OP_SUBSTRING)
            put_word(s, v, expr);
        else
            put_text(s, f, v, expr);
        break;
    case VALUE_GLOB:
        if (f->type == FIELD_ENUM)
            put_code_glob(s, f, v, expr);
        else
            put_text_glob(s, f, v, expr);
        break;
    case VALUE_PREFIX:
        put_prefix(s, f, v, expr);
        break;
    case VALUE_INET_RANGE:
        put_inet_range(s, &v->from, &v->to, expr);
        break;
    default:
        sql_puts(s, "false");
        break;
    }
}

static bool has_values(const struct filter_term *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->values[i].kind != VALUE_NULL)
            return true;
    return false;
}

/* Any of the values, but not absence. */
static void put_any(struct sql *s, const struct filter_term *t, const char *expr)
{
    const char *before = "";
    for (size_t i = 0; i < t->count; i++) {
        if (t->values[i].kind == VALUE_NULL)
            continue;
        sql_puts(s, before);
        sql_puts(s, "(");
        put_filter_value(s, t, &t->values[i], expr);
        sql_puts(s, ")");
        before = " OR ";
    }
}

static void put_single(struct sql *s, const struct filter_term *t)
{
    char expr[EXPR_MAX];
    value_expr(t->field, expr);
    if (has_values(t))
        put_any(s, t, expr);
    if (!t->has_null)
        return;
    sql_puts(s, has_values(t) ? " OR " : "");
    sql_puts(s, expr);
    sql_puts(s, t->field->type == FIELD_SET ? " = 0" : " IS NULL");
}

static const char *list_name(const struct field *f)
{
    return f->row.list == FIELD_IN_ANSWERS ? "\"answers\""
           : f->row.list == FIELD_IN_EDE   ? "(\"edns\").\"ede\""
                                           : "\"path\"";
}

/* No element has a value. */
static void put_list_absent(struct sql *s, const struct field *f, const char *expr)
{
    sql_puts(s, "coalesce(len(list_filter(");
    sql_puts(s, list_name(f));
    sql_puts(s, ", lambda x: ");
    sql_puts(s, expr);
    sql_puts(s, " IS NOT NULL)), 0) = 0");
}

static void put_list(struct sql *s, const struct filter_term *t)
{
    char expr[EXPR_MAX];
    value_expr(t->field, expr);
    if (has_values(t)) {
        sql_puts(s, "len(list_filter(");
        sql_puts(s, list_name(t->field));
        sql_puts(s, ", lambda x: ");
        put_any(s, t, expr);
        sql_puts(s, ")) > 0");
    }
    if (t->has_null) {
        sql_puts(s, has_values(t) ? " OR " : "");
        put_list_absent(s, t->field, expr);
    }
}

/* One of the values; `term` NULL: there is any. */
static void put_one_of(struct sql *s, const struct filter_term *term, const char *expr)
{
    sql_puts(s, "(");
    if (term)
        put_any(s, term, expr);
    else
        sql_puts(s, expr);
    sql_puts(s, term ? ")" : " IS NOT NULL)");
}

/* Latencies of hops as they are or as they follow from the row's own, duck.h. */
static void put_hop_latency(struct sql *s, const struct filter_term *term)
{
    sql_puts(s, "(len(list_filter(\"hop_latencies\", lambda x: ");
    put_one_of(s, term, "x");
    sql_puts(s, ")) > 0 OR (\"hop_latencies\" IS NULL AND (");
    put_one_of(s, term, "(\"latency_us\" - \"lag\")");
    sql_puts(s, " OR (");
    put_one_of(s, term, "\"latency_us\"");
    sql_puts(s, " AND \"origin_id\" IN (SELECT \"origin_id\" FROM origins WHERE \"path\" IS NOT "
                "NULL)))))");
}

#define SETS "\"answer_set_id\" IN (SELECT \"answer_set_id\" FROM answer_sets WHERE "

/* Names of answers: those in the set, or that of the question where the set has none. */
static void put_answer_name(struct sql *s, const struct filter_term *term)
{
    sql_puts(s, "(" SETS "len(list_filter(\"answers\", lambda x: x.\"name\" <> '' AND ");
    put_one_of(s, term, "x.\"name\"");
    sql_puts(s, ")) > 0) OR (");
    put_one_of(s, term, "coalesce(\"qname_wire\", \"qname\")");
    sql_puts(s, " AND " SETS "len(list_filter(\"answers\", lambda x: x.\"name\" IS NULL)) > 0)))");
}

/* TTLs of answers as they are, or all as min_ttl. */
static void put_answer_ttl(struct sql *s, const struct filter_term *term)
{
    sql_puts(s, "(len(list_filter(\"ttls\", lambda x: ");
    put_one_of(s, term, "x");
    sql_puts(s, ")) > 0 OR (\"ttls\" IS NULL AND ");
    put_one_of(s, term, "\"min_ttl\"");
    sql_puts(s, " AND " SETS "\"answers\" IS NOT NULL)))");
}

/* Lists whose elements are made of several columns. */
typedef void put_composed(struct sql *s, const struct filter_term *term);

static put_composed *composed_of(const struct field *f)
{
    if (f->row.list == FIELD_IN_HOPS && f->type == FIELD_DURATION)
        return put_hop_latency;
    return is_name_of_answer(f) ? put_answer_name : is_ttl_of_answer(f) ? put_answer_ttl : NULL;
}

static void put_composed_list(struct sql *s, const struct filter_term *t, put_composed *put)
{
    if (has_values(t))
        put(s, t);
    if (!t->has_null)
        return;
    sql_puts(s, has_values(t) ? " OR " : "");
    put(s, NULL);
    sql_puts(s, " IS NOT TRUE");
}

static void put_term(struct sql *s, const struct filter_term *t)
{
    const struct field *f = t->field;
    sql_puts(s, t->negated ? "((" : "(");
    if (f->row.list == FIELD_IN_ROW || f->row.list == FIELD_IN_EDNS)
        put_single(s, t);
    else if (composed_of(f))
        put_composed_list(s, t, composed_of(f));
    else
        put_list(s, t);
    sql_puts(s, t->negated ? ") IS NOT TRUE)" : ")");
}

/* The dictionary that has all that is named; SQL_IN_ROW: none has. */
static enum sql_place place_of_node(const struct filter_node *n)
{
    if (n->kind == NODE_TERM)
        return sql_place_of(n->term.field);
    if (n->kind == NODE_ALL || !n->child)
        return SQL_IN_ROW;
    enum sql_place place = place_of_node(n->child);
    for (const struct filter_node *c = n->child->next; place != SQL_IN_ROW && c; c = c->next)
        if (place_of_node(c) != place)
            return SQL_IN_ROW;
    return place;
}

/* Recursion is bounded by FILTER_DEPTH_MAX. */
static void put_node(struct sql *s, const struct filter_node *n, enum sql_place place)
{
    static const char *const asked[] = {
        [SQL_IN_ORIGIN] = "\"origin_id\" IN (SELECT \"origin_id\" FROM origins WHERE ",
        [SQL_IN_EXTRA] = "\"extra_id\" IN (SELECT \"extra_id\" FROM extras WHERE ",
        [SQL_IN_ANSWER_SET] = SETS,
    };
    enum sql_place here = place == SQL_IN_ROW && !s->flat ? place_of_node(n) : place;
    if (here != place) {
        sql_puts(s, asked[here]);
        put_node(s, n, here);
        sql_puts(s, ")");
        return;
    }
    if (n->kind == NODE_TERM) {
        put_term(s, &n->term);
        return;
    }
    if (n->kind == NODE_ALL) {
        sql_puts(s, "true");
        return;
    }
    sql_puts(s, "(");
    for (const struct filter_node *c = n->child; c; c = c->next) {
        if (c != n->child)
            sql_puts(s, n->kind == NODE_OR ? " OR " : " AND ");
        put_node(s, c, place);
    }
    sql_puts(s, n->kind == NODE_NOT ? ") IS NOT TRUE" : ")");
}

void sql_filter(struct sql *s, const struct filter *f)
{
    put_node(s, f->root, SQL_IN_ROW);
}

void sql_filter_flat(struct sql *s, const struct filter *f)
{
    s->flat = true;
    sql_filter(s, f);
    s->flat = false;
}

static bool names_only(const struct filter_node *n,
                       bool (*allowed)(void *ctx, const struct field *field), void *ctx)
{
    if (n->kind == NODE_TERM)
        return allowed(ctx, n->term.field);
    for (const struct filter_node *c = n->child; c; c = c->next)
        if (!names_only(c, allowed, ctx))
            return false;
    return true;
}

bool sql_filter_names_only(const struct filter *f,
                           bool (*allowed)(void *ctx, const struct field *field), void *ctx)
{
    return names_only(f->root, allowed, ctx);
}
