/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a row's fields, by the places that the registry names. */
#include "filter/field.h"

#include "base/clock.h"
#include "record/text.h"

#include <string.h>

static bool read_number(const struct field_place *p, const void *at, int64_t *out)
{
    switch (p->kind) {
    case FIELD_U8:
        *out = *(const uint8_t *)at;
        break;
    case FIELD_U16:
        *out = *(const uint16_t *)at;
        break;
    case FIELD_U32:
        *out = *(const uint32_t *)at;
        break;
    case FIELD_I32:
        *out = *(const int32_t *)at;
        break;
    case FIELD_FLAG:
        *out = *(const bool *)at;
        break;
    default:
        *out = *(const int64_t *)at;
        break;
    }
    return !(p->absent == FIELD_ABSENT_ZERO && *out == 0) &&
           !(p->absent == FIELD_ABSENT_NEGATIVE && *out < 0);
}

static bool cut_part(const struct field *f, struct field_value *v)
{
    size_t begin;
    if (!f->part(v->text, v->len, &begin))
        return false;
    v->text += begin;
    v->len -= begin;
    return true;
}

/* The value at its place in the row or an element of a list. */
static bool read_value(const struct field *f, const void *base, char scratch[DNS_MNEMONIC_MAX],
                       struct field_value *v)
{
    const void *at = (const char *)base + f->row.offset;
    *v = (struct field_value){.present = true};
    if (f->row.kind == FIELD_ROW_TEXT) {
        const struct row_text *t = at;
        v->text = t->text;
        v->len = t->len;
        return t->text && (!f->part || cut_part(f, v));
    }
    if (f->row.kind == FIELD_ADDRESS) {
        v->has_inet = true;
        v->inet = *(const struct inet_addr *)at;
        return true;
    }
    if (!read_number(&f->row, at, &v->number))
        return false;
    if (f->type == FIELD_ENUM) {
        v->text = f->enum_name(v->number, scratch);
        v->len = strlen(v->text);
    }
    return true;
}

/* What the list's elements are, of those that fields are in. */
static const void *list_of(const struct field *f, const struct row *r, uint32_t *count,
                           size_t *size)
{
    switch (f->row.list) {
    case FIELD_IN_ANSWERS:
        *count = r->answers_len;
        *size = sizeof(*r->answers);
        return r->answers;
    case FIELD_IN_EDE:
        *count = r->edns.ede_count;
        *size = sizeof(*r->edns.ede);
        return r->edns.ede;
    case FIELD_IN_HOPS:
        *count = r->hops_len;
        *size = sizeof(*r->hops);
        return r->hops;
    case FIELD_IN_EDNS:
        *count = r->edns.present;
        *size = sizeof(r->edns);
        return &r->edns;
    default:
        *count = 1;
        *size = sizeof(*r);
        return r;
    }
}

uint16_t field_set_bit(const struct field *f, size_t i)
{
    uint16_t bit = 0;
    if (f->row.kind == FIELD_U8)
        return (uint16_t)(1u << i);
    (void)record_flag_at(i, &bit);
    return bit;
}

static bool set_values(const struct field *f, const struct row *r, field_each *each, void *ctx)
{
    int64_t bits;
    const char *name;
    if (!read_number(&f->row, (const char *)r + f->row.offset, &bits))
        return false;
    for (size_t i = 0; (name = f->enum_at(i)); i++) {
        struct field_value v = {.present = true, .text = name, .len = strlen(name)};
        if (bits & field_set_bit(f, i) && each(ctx, &v))
            return true;
    }
    return false;
}

bool field_is_single(const struct field *f)
{
    return f->type != FIELD_SET && (f->row.list == FIELD_IN_ROW || f->row.list == FIELD_IN_EDNS);
}

/* The data of A and AAAA, when it is an address and not the generic form of broken data. */
static void find_address(const struct row_answer *a, struct field_value *v)
{
    if (a->type == DNS_TYPE_A || a->type == DNS_TYPE_AAAA)
        v->has_inet = inet_addr_parse(v->text, v->len, &v->inet) == 0;
}

bool field_row_values(const struct field *f, const struct row *r, field_each *each, void *ctx)
{
    char scratch[DNS_MNEMONIC_MAX];
    struct field_value v;
    uint32_t count;
    size_t size;
    if (f->type == FIELD_SET)
        return set_values(f, r, each, ctx);
    const char *list = list_of(f, r, &count, &size);
    for (uint32_t i = 0; i < count; i++, list += size) {
        if (!read_value(f, list, scratch, &v))
            continue;
        if (f->addresses)
            find_address((const void *)list, &v);
        if (each(ctx, &v))
            return true;
    }
    return false;
}

bool field_row_value(const struct field *f, const struct row *r, char scratch[DNS_MNEMONIC_MAX],
                     struct field_value *out)
{
    uint32_t count;
    size_t size;
    const void *base = list_of(f, r, &count, &size);
    return count && read_value(f, base, scratch, out);
}

void field_value_text(const struct field *f, const struct field_value *v, struct buf *out)
{
    char time[CLOCK_TEXT_MAX], address[INET_TEXT_MAX];
    char mnemonic[DNS_MNEMONIC_MAX];
    switch (f->type) {
    case FIELD_TIME:
        buf_put(out, time, clock_format_utc(v->number, time));
        break;
    case FIELD_DURATION:
    case FIELD_NUMBER:
        buf_i64(out, v->number);
        break;
    case FIELD_BOOL:
        buf_puts(out, v->number ? "true" : "false");
        break;
    case FIELD_ENUM:
        buf_puts(out, f->enum_name(v->number, mnemonic));
        break;
    case FIELD_INET:
        buf_put(out, address, inet_addr_format(&v->inet, address));
        break;
    default:
        buf_put(out, v->text, v->len);
        break;
    }
}
