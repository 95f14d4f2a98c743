/* SPDX-License-Identifier: Apache-2.0 */
/* Random filters from a grammar, most of them about values that a given row has. Seeded. */
#pragma once

#include "../record/random_record.h"
#include "filter/filter.h"

struct random_filter {
    struct buf *out;
    uint64_t *state;
    const struct row *like;
    const char *word; /* of the value being made */
    size_t len;
    uint32_t skip; /* values to pass by */
    struct buf value;
};

static inline bool random_filter_take(void *ctx, const struct field_value *v)
{
    struct random_filter *f = ctx;
    if (f->skip && f->skip--)
        return false;
    buf_clear(&f->value);
    if (v->text)
        buf_put(&f->value, v->text, v->len);
    else if (v->has_inet)
        f->value.len += inet_addr_format(&v->inet, buf_room(&f->value, INET_TEXT_MAX));
    else
        buf_i64(&f->value, v->number);
    return true;
}

/* In quotes when it must be; a byte in front of quote and backslash. */
static inline void random_filter_quote(struct random_filter *f, const char *text, size_t len)
{
    buf_putc(f->out, '"');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"' || text[i] == '\\')
            buf_putc(f->out, '\\');
        buf_putc(f->out, text[i]);
    }
    buf_putc(f->out, '"');
}

/* The value with some of it replaced by wildcards and the case changed. */
static inline void random_filter_glob(struct random_filter *f)
{
    struct buf g = {0};
    size_t len = f->value.len, from = 0, until = len;
    bool left = random_below(f->state, 2), right = random_below(f->state, 2);
    if (left && len)
        from = random_below(f->state, (uint32_t)len);
    if (right && len > from)
        until = from + random_below(f->state, (uint32_t)(len - from)) + 1;
    if (left)
        buf_putc(&g, '*');
    for (size_t i = from; i < until; i++) {
        char c = f->value.data[i];
        uint32_t dice = random_below(f->state, 40);
        if (dice == 0)
            buf_putc(&g, '?');
        else if (dice == 1)
            buf_putc(&g, '*');
        else if (dice < 8 && c >= 'a' && c <= 'z')
            buf_putc(&g, (char)(c - 32));
        else {
            if (c == '*' || c == '?' || c == '\\')
                buf_putc(&g, '\\');
            buf_putc(&g, c);
        }
    }
    if (right)
        buf_putc(&g, '*');
    random_filter_quote(f, g.len ? g.data : "", g.len);
    buf_done(&g);
}

static inline void random_filter_number(struct random_filter *f, const struct field *field)
{
    int64_t n = 0;
    if (f->value.len)
        n = strtoll(buf_cstr(&f->value), NULL, 10);
    n += (int64_t)random_below(f->state, 3) - 1;
    if (n < 0)
        n = 0;
    if (field->type == FIELD_TIME)
        buf_printf(f->out, "%lld.%09lld", (long long)(n / 1000000000), (long long)(n % 1000000000));
    else if (field->type == FIELD_DURATION)
        buf_printf(f->out, "%lldns",
                   (long long)n * 1000 + random_below(f->state, 3) - 1 + (n == 0));
    else
        buf_i64(f->out, n);
}

static inline void random_filter_prefix(struct random_filter *f, bool v6)
{
    buf_put(f->out, f->value.data, f->value.len);
    if (random_below(f->state, 2))
        buf_printf(f->out, "/%u", random_below(f->state, v6 ? 129 : 33));
}

static inline void random_filter_value(struct random_filter *f, const struct field *field)
{
    if (random_below(f->state, 12) == 0) {
        buf_puts(f->out, "null");
        return;
    }
    switch (field->type) {
    case FIELD_TIME:
    case FIELD_DURATION:
    case FIELD_NUMBER:
        random_filter_number(f, field);
        break;
    case FIELD_BOOL:
        buf_puts(f->out, random_below(f->state, 2) ? "true" : "false");
        break;
    case FIELD_SET:
    case FIELD_ENUM:
        if (field->enum_at && (!f->value.len || random_below(f->state, 2))) {
            uint32_t n = random_below(f->state, 4);
            const char *name = field->enum_at(n);
            random_filter_quote(f, name ? name : field->enum_at(0),
                                strlen(name ? name : field->enum_at(0)));
        } else {
            random_filter_quote(f, f->value.data, f->value.len);
        }
        break;
    case FIELD_INET:
        random_filter_prefix(f, memchr(f->value.data, ':', f->value.len));
        break;
    default: {
        struct inet_addr a;
        if (field->addresses && f->value.len &&
            inet_addr_parse(f->value.data, f->value.len, &a) == 0)
            random_filter_prefix(f, !inet_addr_is_v4(&a));
        else
            random_filter_quote(f, f->value.len ? f->value.data : "x",
                                f->value.len ? f->value.len : 1);
    }
    }
}

static inline bool random_filter_is_scalar(const struct field *f)
{
    return f->type == FIELD_TIME || f->type == FIELD_DURATION || f->type == FIELD_NUMBER;
}

static inline void random_filter_term(struct random_filter *f)
{
    size_t count = 0;
    while (field_at(count))
        count++;
    const struct field *field = field_at(random_below(f->state, (uint32_t)count));
    buf_clear(&f->value);
    f->skip = random_below(f->state, 3);
    if (!field_row_values(field, f->like, random_filter_take, f)) {
        f->skip = 0;
        (void)field_row_values(field, f->like, random_filter_take, f);
    }
    if (field->type == FIELD_INET && !f->value.len)
        buf_puts(&f->value, "10.0.0.1");
    if (random_below(f->state, 20) == 0 && f->like->qname.len) {
        uint32_t from = random_below(f->state, f->like->qname.len);
        random_filter_quote(f, f->like->qname.text + from,
                            random_below(f->state, f->like->qname.len - from) + 1);
        return;
    }
    buf_puts(f->out, field->alias && random_below(f->state, 2) ? field->alias : field->name);
    uint32_t dice = random_below(f->state, 6);
    if ((field->type == FIELD_TEXT || field->type == FIELD_ENUM) && dice < 3) {
        buf_puts(f->out, dice ? "~" : "!~");
        random_filter_glob(f);
        return;
    }
    if (random_filter_is_scalar(field) && dice < 4) {
        static const char *const ops[] = {">", ">=", "<", "<="};
        buf_puts(f->out, ops[dice]);
        random_filter_number(f, field);
        return;
    }
    buf_puts(f->out, random_below(f->state, 3) ? "=" : "!=");
    for (uint32_t n = random_below(f->state, 3) + 1; n; n--) {
        random_filter_value(f, field);
        if (n > 1)
            buf_putc(f->out, ',');
    }
}

static inline void random_filter_node(struct random_filter *f, unsigned depth)
{
    uint32_t dice = depth ? random_below(f->state, 8) : 0;
    if (dice < 4) {
        random_filter_term(f);
        return;
    }
    if (dice == 4)
        buf_puts(f->out, "not ");
    buf_putc(f->out, '(');
    random_filter_node(f, depth - 1);
    if (dice > 4) {
        buf_puts(f->out, dice > 6 ? " or " : " ");
        random_filter_node(f, depth - 1);
    }
    buf_putc(f->out, ')');
}

/* NULL when what came out is not a filter, which happens now and then (a mnemonic that is a text
 * only, a number out of range). *text: what it was made from, the caller's. */
static inline struct filter *random_filter(uint64_t *state, const struct row *like, int64_t now_ns,
                                           struct buf *text)
{
    struct random_filter f = {.out = text, .state = state, .like = like};
    struct filter_error error;
    struct filter *parsed = NULL;
    buf_clear(text);
    random_filter_node(&f, 3);
    if (filter_parse(buf_cstr(text), text->len, now_ns, &parsed, &error) < 0)
        parsed = NULL;
    buf_done(&f.value);
    return parsed;
}
