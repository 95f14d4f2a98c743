/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/tree.h"

#include <string.h>

/* One of both. */
struct subject {
    struct record *record;
    const struct row *row;
};

struct probe {
    const struct filter_term *term;
    bool any; /* the field has a value */
};

/* Values of filters have lost their final dot; names in the data of answers have one. */
static size_t length_to_compare(const struct field *field, const char *text, size_t len)
{
    bool dot = field->fold && !field->is_lower && len > 1 && text[len - 1] == '.';
    return dot ? len - 1 : len;
}

static bool text_equal(const struct field *field, const struct filter_value *v, const char *text,
                       size_t len)
{
    if (!field->fold)
        return len == v->len && memcmp(text, v->text, len) == 0;
    len = length_to_compare(field, text, len);
    return len == v->len &&
           (field->is_lower ? memcmp(text, v->text, len) == 0 : glob_same(text, v->text, len));
}

static bool prefix_matches(const struct filter_value *v, const struct inet_addr *a)
{
    return inet_prefix_contains(&v->prefix, a) && !(v->v6_only && inet_addr_is_v4(a));
}

static bool value_matches(const struct filter_term *t, const struct filter_value *v,
                          const struct field_value *seen)
{
    const struct field *field = t->field;
    switch (v->kind) {
    case VALUE_INTERVAL: {
        /* Records have microseconds, filters may be finer. */
        int64_t n = field->type == FIELD_DURATION ? seen->number * 1000 : seen->number;
        return n >= v->low && n <= v->high;
    }
    case VALUE_TEXT:
        if (t->op == OP_SUBSTRING)
            return glob_contains(seen->text, seen->len, v->text, v->len, field->is_lower);
        return text_equal(field, v, seen->text, seen->len);
    case VALUE_GLOB:
        return glob_match(&v->glob, seen->text, length_to_compare(field, seen->text, seen->len),
                          field->is_lower);
    case VALUE_PREFIX:
        return seen->has_inet && prefix_matches(v, &seen->inet);
    case VALUE_INET_RANGE:
        return seen->has_inet && inet_addr_cmp(&seen->inet, &v->from) >= 0 &&
               inet_addr_cmp(&seen->inet, &v->to) <= 0;
    default:
        return false;
    }
}

static bool probe_value(void *ctx, const struct field_value *seen)
{
    struct probe *p = ctx;
    p->any = true;
    for (size_t i = 0; i < p->term->count; i++)
        if (value_matches(p->term, &p->term->values[i], seen))
            return true;
    return false;
}

static bool term_match(const struct filter_term *t, const struct subject *s)
{
    struct probe p = {.term = t};
    bool matches = s->row ? field_row_values(t->field, s->row, probe_value, &p)
                          : t->field->values(s->record, probe_value, &p);
    if (t->has_null && !p.any)
        matches = true;
    return matches != t->negated;
}

/* Recursion is bounded by FILTER_DEPTH_MAX. */
static bool node_match(const struct filter_node *n, const struct subject *s)
{
    switch (n->kind) {
    case NODE_AND:
        for (const struct filter_node *c = n->child; c; c = c->next)
            if (!node_match(c, s))
                return false;
        return true;
    case NODE_OR:
        for (const struct filter_node *c = n->child; c; c = c->next)
            if (node_match(c, s))
                return true;
        return false;
    case NODE_NOT:
        return !node_match(n->child, s);
    case NODE_TERM:
        return term_match(&n->term, s);
    default:
        return true;
    }
}

bool filter_match(const struct filter *f, struct record *r)
{
    struct subject s = {.record = r};
    return node_match(f->root, &s);
}

bool filter_match_row(const struct filter *f, const struct row *r)
{
    struct subject s = {.row = r};
    return node_match(f->root, &s);
}
