/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors into rows. */
#include "store/duck_columns.h"

#include <errno.h>

static struct duck_place place_of(duckdb_vector v)
{
    return (struct duck_place){duck_lib.vector_get_data(v), duck_lib.vector_get_validity(v)};
}

static void list_places(duckdb_vector list, struct duck_place *out, size_t count)
{
    duckdb_vector child = duck_lib.list_vector_get_child(list);
    for (size_t i = 0; i < count; i++)
        out[i] = place_of(duck_lib.struct_vector_get_child(child, i));
}

void duck_reader_init(struct duck_reader *r)
{
    *r = (struct duck_reader){0};
    arena_init(&r->arena, 0);
}

void duck_reader_done(struct duck_reader *r)
{
    arena_done(&r->arena);
}

static void note_places(struct duck_reader *r, const struct duck_column *c, duckdb_vector v,
                        struct duck_place *place)
{
    *place = place_of(v);
    if (c->member == MEMBER_ANSWERS)
        list_places(v, r->answers, DUCK_ANSWER_COLUMNS);
    if (c->member == MEMBER_PATH)
        list_places(v, r->path, DUCK_PATH_COLUMNS);
    if (c->member == MEMBER_TTLS) {
        r->ttls = *place;
        r->ttl = place_of(duck_lib.list_vector_get_child(v));
    }
    if (c->member == MEMBER_LAG)
        r->lag = *place;
    if (c->member == MEMBER_HOP_LATENCIES) {
        r->hop_latencies = *place;
        r->hop_latency = place_of(duck_lib.list_vector_get_child(v));
    }
    if (c->member != MEMBER_EDNS)
        return;
    for (size_t m = 0; m <= DUCK_EDNS_COLUMNS; m++)
        r->edns[m] = place_of(duck_lib.struct_vector_get_child(v, m));
    list_places(duck_lib.struct_vector_get_child(v, DUCK_EDNS_COLUMNS), r->ede, DUCK_EDE_COLUMNS);
}

void duck_reader_chunk(struct duck_reader *r, duckdb_data_chunk chunk)
{
    size_t at = 0, count;
    r->count = duck_lib.data_chunk_get_size(chunk);
    for (int t = 0; t < DUCK_TABLES; t++) {
        const struct duck_column *columns = duck_columns_in(t, &count);
        for (size_t i = 0; i < count; i++, at++)
            note_places(r, &columns[i], duck_lib.data_chunk_get_vector(chunk, at), &r->columns[at]);
    }
}

static int64_t number_at(const struct duck_column *c, const struct duck_place *p, size_t i)
{
    if (!duck_valid(p->validity, i))
        return c->absent == ABSENT_MINUS ? -1 : 0;
    switch (c->width) {
    case 1:
        return ((const uint8_t *)p->data)[i];
    case 2:
        return ((const uint16_t *)p->data)[i];
    case 4:
        return ((const uint32_t *)p->data)[i];
    default:
        return ((const int64_t *)p->data)[i];
    }
}

static void keep(const struct duck_column *c, void *base, int64_t v)
{
    void *p = (char *)base + c->offset;
    switch (c->member) {
    case MEMBER_U8:
        *(uint8_t *)p = (uint8_t)v;
        break;
    case MEMBER_U16:
        *(uint16_t *)p = (uint16_t)v;
        break;
    case MEMBER_U32:
        *(uint32_t *)p = (uint32_t)v;
        break;
    case MEMBER_I32:
        *(int32_t *)p = (int32_t)v;
        break;
    default:
        *(int64_t *)p = v;
    }
}

static struct row_text text_at(const struct duck_place *p, size_t i)
{
    if (!duck_valid(p->validity, i))
        return (struct row_text){0};
    return duck_text_at(&((duckdb_string_t *)p->data)[i]);
}

static void get_plain(const struct duck_column *c, const struct duck_place *p, size_t i, void *base)
{
    if (c->member == MEMBER_TEXT)
        *(struct row_text *)(void *)((char *)base + c->offset) = text_at(p, i);
    else
        keep(c, base, number_at(c, p, i));
}

/* The elements of a list in new memory, NULL when there are none; *count says how many. */
static void *get_elements(struct duck_reader *r, const struct duck_place *list, size_t i,
                          const struct duck_column *c, const struct duck_place *members,
                          size_t member_count, size_t element_bytes, uint32_t *count)
{
    duckdb_list_entry e = {0};
    if (duck_valid(list->validity, i))
        e = ((const duckdb_list_entry *)list->data)[i];
    *count = (uint32_t)e.length;
    if (!e.length)
        return NULL;
    char *elements = arena_alloc(&r->arena, e.length * element_bytes);
    if (!elements)
        return NULL;
    memset(elements, 0, e.length * element_bytes);
    for (size_t n = 0; n < e.length; n++)
        for (size_t m = 0; m < member_count; m++)
            get_plain(&c[m], &members[m], e.offset + n, elements + n * element_bytes);
    return elements;
}

static int get_answers(struct duck_reader *r, const struct duck_place *p, size_t i, struct row *out)
{
    struct row_answer *a = get_elements(r, p, i, duck_answer_columns, r->answers,
                                        DUCK_ANSWER_COLUMNS, sizeof(*a), &out->answers_len);
    out->answers = a;
    if (out->answers_len && !a)
        return -ENOMEM;
    const uint32_t *ttls = NULL;
    if (duck_valid(r->ttls.validity, i))
        ttls = (const uint32_t *)r->ttl.data + ((const duckdb_list_entry *)r->ttls.data)[i].offset;
    for (uint32_t n = 0; n < out->answers_len; n++) {
        if (!a[n].name.text)
            a[n].name = duck_name_asked(out);
        else if (!a[n].name.len)
            a[n].name.text = NULL;
        a[n].ttl = ttls ? ttls[n] : (uint32_t)out->min_ttl;
    }
    return 0;
}

/* Of the n-th hop, as duck.h has it. The row's own latency is known by now: it comes before. */
static int64_t hop_latency(const struct duck_reader *r, size_t i, const struct row *out, uint32_t n)
{
    if (duck_valid(r->hop_latencies.validity, i)) {
        size_t at = ((const duckdb_list_entry *)r->hop_latencies.data)[i].offset + n;
        bool is_there = duck_valid(r->hop_latency.validity, at);
        return is_there ? ((const int64_t *)r->hop_latency.data)[at] : -1;
    }
    if (n == 0)
        return out->latency_us;
    return duck_valid(r->lag.validity, i) ? out->latency_us - ((const int32_t *)r->lag.data)[i]
                                          : -1;
}

static int get_hops(struct duck_reader *r, const struct duck_place *path, size_t i, struct row *out)
{
    struct row_hop *h = get_elements(r, path, i, duck_path_columns, r->path, DUCK_PATH_COLUMNS,
                                     sizeof(*h), &out->hops_len);
    out->hops = h;
    if (out->hops_len && !h)
        return -ENOMEM;
    for (uint32_t n = 0; n < out->hops_len; n++)
        h[n].latency_us = hop_latency(r, i, out, n);
    return 0;
}

static int get_edns(struct duck_reader *r, const struct duck_place *p, size_t i, struct row *out)
{
    struct row_edns *e = &out->edns;
    *e = (struct row_edns){.keepalive_ms = -1, .padding_bytes = -1};
    if (!duck_valid(p->validity, i))
        return 0;
    e->present = true;
    for (size_t m = 0; m < DUCK_EDNS_COLUMNS; m++)
        get_plain(&duck_edns_columns[m], &r->edns[m], i, e);
    e->ede = get_elements(r, &r->edns[DUCK_EDNS_COLUMNS], i, duck_ede_columns, r->ede,
                          DUCK_EDE_COLUMNS, sizeof(e->ede[0]), &e->ede_count);
    return e->ede_count && !e->ede ? -ENOMEM : 0;
}

static int get_column(struct duck_reader *r, const struct duck_column *c,
                      const struct duck_place *p, size_t i, struct row *out)
{
    struct row_text text;
    switch (c->member) {
    case MEMBER_ANSWERS:
        return get_answers(r, p, i, out);
    case MEMBER_EDNS:
        return get_edns(r, p, i, out);
    case MEMBER_TTLS: /* a part of the answers */
    case MEMBER_LAG:
    case MEMBER_HOP_LATENCIES:
        return 0; /* parts of the hops */
    case MEMBER_PATH:
        return get_hops(r, p, i, out);
    case MEMBER_ADDRESS:
        text = text_at(p, i);
        return inet_addr_parse(text.text, text.len,
                               (struct inet_addr *)(void *)((char *)out + c->offset));
    default:
        get_plain(c, p, i, out);
        return 0;
    }
}

int duck_reader_row(struct duck_reader *r, size_t i, struct row *out)
{
    size_t at = 0, count;
    *out = (struct row){0};
    arena_reset(&r->arena);
    for (int t = 0; t < DUCK_TABLES; t++) {
        const struct duck_column *columns = duck_columns_in(t, &count);
        for (size_t n = 0; n < count; n++, at++) {
            int error = get_column(r, &columns[n], &r->columns[at], i, out);
            if (error < 0)
                return error;
        }
    }
    return 0;
}
