/* SPDX-License-Identifier: Apache-2.0 */
#include "store/duck.h"

#include <errno.h>
#include <stddef.h>

enum member {
    MEMBER_U8,
    MEMBER_U16,
    MEMBER_U32,
    MEMBER_U64,
    MEMBER_I32,
    MEMBER_I64,
    MEMBER_TEXT,
    MEMBER_ADDRESS,
    MEMBER_ANSWERS,
    MEMBER_EDNS,
    MEMBER_HOPS,
};

/* Which value of a number says that there is none. */
enum absent {
    ABSENT_NEVER,
    ABSENT_ZERO,
    ABSENT_MINUS,
};

/* A member of struct row, or of an element of its lists, and its column. */
struct column {
    const char *name, *type;
    uint16_t offset;
    uint8_t member, absent;
    uint8_t width; /* of the column, in bytes; numbers are stored without sign */
};

#define COLUMN(base, field, name, member, type, width, absent)                                     \
    {                                                                                              \
        name, type, offsetof(struct base, field), MEMBER_##member, ABSENT_##absent, width          \
    }
#define NUMBER1(base, field, member, absent)                                                       \
    COLUMN(base, field, #field, member, "UTINYINT", 1, absent)
#define NUMBER2(base, field, member, absent)                                                       \
    COLUMN(base, field, #field, member, "USMALLINT", 2, absent)
#define NUMBER4(base, field, member, absent)                                                       \
    COLUMN(base, field, #field, member, "UINTEGER", 4, absent)
#define NUMBER8(base, field, member, absent)                                                       \
    COLUMN(base, field, #field, member, "BIGINT", 8, absent)
#define TEXT(base, field) COLUMN(base, field, #field, TEXT, "VARCHAR", 16, NEVER)

static const struct column answer_columns[] = {
    TEXT(row_answer, name),
    NUMBER2(row_answer, type, U16, NEVER),
    NUMBER4(row_answer, ttl, U32, NEVER),
    TEXT(row_answer, data),
};

static const struct column hop_columns[] = {
    TEXT(row_hop, interface),
    NUMBER4(row_hop, netns, U32, ZERO),
    NUMBER8(row_hop, latency_us, I64, MINUS),
};

static const struct column ede_columns[] = {
    NUMBER2(row_ede, code, U16, NEVER),
    TEXT(row_ede, extra),
};

/* `ede` follows as a list. */
static const struct column edns_columns[] = {
    NUMBER1(row_edns, version, U8, NEVER),
    NUMBER2(row_edns, udp_size, U16, NEVER),
    COLUMN(row_edns, do_bit, "do", U8, "BOOLEAN", 1, NEVER),
    TEXT(row_edns, ecs),
    TEXT(row_edns, nsid),
    TEXT(row_edns, cookie),
    COLUMN(row_edns, keepalive_ms, "keepalive", I64, "UINTEGER", 4, MINUS),
    COLUMN(row_edns, padding_bytes, "padding", I64, "UINTEGER", 4, MINUS),
};

_Static_assert(sizeof(bool) == 1, "do_bit is read as a byte");

#define ANSWERS_TYPE                                                                               \
    "STRUCT(\"name\" VARCHAR, \"type\" USMALLINT, \"ttl\" UINTEGER, \"data\" VARCHAR)[]"
#define HOPS_TYPE "STRUCT(\"interface\" VARCHAR, \"netns\" UINTEGER, \"latency_us\" BIGINT)[]"
#define EDNS_TYPE                                                                                  \
    "STRUCT(\"version\" UTINYINT, \"udp_size\" USMALLINT, \"do\" BOOLEAN, \"ecs\" VARCHAR, "       \
    "\"nsid\" VARCHAR, \"cookie\" VARCHAR, \"keepalive\" UINTEGER, \"padding\" UINTEGER, "         \
    "\"ede\" STRUCT(\"code\" USMALLINT, \"extra\" VARCHAR)[])"

static const struct column columns[] = {
    COLUMN(row, time_ns, "time", I64, "BIGINT", 8, NEVER),
    NUMBER8(row, latency_us, I64, MINUS),
    NUMBER1(row, outcome, U8, NEVER),
    NUMBER1(row, protocol, U8, NEVER),
    NUMBER1(row, transport, U8, NEVER),
    COLUMN(row, client, "client", ADDRESS, "VARCHAR", 16, NEVER),
    COLUMN(row, server, "server", ADDRESS, "VARCHAR", 16, NEVER),
    NUMBER2(row, client_port, U16, NEVER),
    NUMBER2(row, server_port, U16, NEVER),
    NUMBER2(row, id, U16, NEVER),
    NUMBER1(row, opcode, I32, MINUS),
    NUMBER2(row, flags, U16, NEVER),
    NUMBER2(row, rcode, I32, MINUS),
    TEXT(row, qname),
    TEXT(row, qname_wire),
    NUMBER2(row, qtype, I32, MINUS),
    NUMBER2(row, qclass, I32, MINUS),
    COLUMN(row, answers, "answers", ANSWERS, ANSWERS_TYPE, 16, NEVER),
    NUMBER2(row, authority_count, I32, MINUS),
    NUMBER2(row, additional_count, I32, MINUS),
    NUMBER2(row, answer_count, I32, MINUS),
    NUMBER4(row, min_ttl, I64, MINUS),
    COLUMN(row, edns, "edns", EDNS, EDNS_TYPE, 0, NEVER),
    NUMBER4(row, query_bytes, U32, ZERO),
    NUMBER4(row, response_bytes, U32, ZERO),
    NUMBER2(row, retransmits, U16, NEVER),
    TEXT(row, interface),
    NUMBER4(row, netns, U32, ZERO),
    COLUMN(row, hops, "hops", HOPS, HOPS_TYPE, 16, NEVER),
    NUMBER4(row, pid, U32, ZERO),
    NUMBER4(row, tid, U32, ZERO),
    TEXT(row, comm),
    TEXT(row, exe),
    NUMBER4(row, uid, I64, MINUS),
    NUMBER4(row, server_pid, U32, ZERO),
    TEXT(row, server_comm),
    TEXT(row, cgroup),
    TEXT(row, container_id),
    TEXT(row, unit),
    TEXT(row, pod),
    TEXT(row, namespace),
    TEXT(row, workload),
    TEXT(row, node),
    TEXT(row, drop_reason),
    TEXT(row, drop_location),
    TEXT(row, malformed),
    NUMBER1(row, marks, U8, NEVER),
    TEXT(row, icmp),
    COLUMN(row, seq, "seq", U64, "UBIGINT", 8, NEVER),
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

_Static_assert(COUNT(columns) <= DUCK_COLUMNS_MAX, "a reader has a place for each");
_Static_assert(COUNT(edns_columns) == DUCK_EDNS_COLUMNS, "likewise");

unsigned duck_column_count(void)
{
    return COUNT(columns);
}

void duck_put_columns(struct buf *out)
{
    for (size_t i = 0; i < COUNT(columns); i++)
        buf_printf(out, "%s\"%s\"", i ? ", " : "", columns[i].name);
}

void duck_put_schema(struct buf *out)
{
    buf_puts(out, "CREATE TABLE transactions (");
    for (size_t i = 0; i < COUNT(columns); i++)
        buf_printf(out, "%s\"%s\" %s", i ? ", " : "", columns[i].name, columns[i].type);
    buf_puts(out, ")");
}

/* ---- rows into vectors ---- */

struct target {
    duckdb_vector vector;
    void *data;
    uint64_t *validity; /* NULL until something is absent */
};

static struct target target_of(duckdb_vector v)
{
    return (struct target){.vector = v, .data = duck_lib.vector_get_data(v)};
}

static void put_null(struct target *t, size_t i)
{
    if (!t->validity) {
        duck_lib.vector_ensure_validity_writable(t->vector);
        t->validity = duck_lib.vector_get_validity(t->vector);
    }
    t->validity[i / 64] &= ~(1ULL << (i % 64));
}

static int64_t load(const struct column *c, const void *base)
{
    const void *p = (const char *)base + c->offset;
    switch (c->member) {
    case MEMBER_U8:
        return *(const uint8_t *)p;
    case MEMBER_U16:
        return *(const uint16_t *)p;
    case MEMBER_U32:
        return *(const uint32_t *)p;
    case MEMBER_I32:
        return *(const int32_t *)p;
    default:
        return *(const int64_t *)p; /* seq as well: the bits are what counts */
    }
}

static void put_number(const struct column *c, struct target *t, size_t i, int64_t v)
{
    if (c->absent != ABSENT_NEVER && v == (c->absent == ABSENT_ZERO ? 0 : -1)) {
        put_null(t, i);
        v = 0;
    }
    switch (c->width) {
    case 1:
        ((uint8_t *)t->data)[i] = (uint8_t)v;
        break;
    case 2:
        ((uint16_t *)t->data)[i] = (uint16_t)v;
        break;
    case 4:
        ((uint32_t *)t->data)[i] = (uint32_t)v;
        break;
    default:
        ((int64_t *)t->data)[i] = v;
    }
}

static void put_text(struct target *t, size_t i, struct row_text text)
{
    if (!text.text)
        put_null(t, i);
    ((duckdb_string_t *)t->data)[i] = duck_text(text.text ? text : (struct row_text){0});
}

static void put_plain(const struct column *c, struct target *t, size_t i, const void *base)
{
    if (c->member == MEMBER_TEXT)
        put_text(t, i, *(const struct row_text *)(const void *)((const char *)base + c->offset));
    else
        put_number(c, t, i, load(c, base));
}

static int put_address(struct target *t, size_t i, const struct inet_addr *a, struct arena *arena)
{
    char text[INET_TEXT_MAX];
    uint32_t len = (uint32_t)inet_addr_format(a, text);
    char *kept = arena_copy(arena, text, len);
    if (!kept)
        return -ENOMEM;
    put_text(t, i, (struct row_text){kept, len});
    return 0;
}

/* The name of the question as its answer repeats it. */
static struct row_text name_asked(const struct row *r)
{
    return r->qname_wire.text ? r->qname_wire : r->qname;
}

static bool same_text(struct row_text a, struct row_text b)
{
    return a.text && b.text && a.len == b.len && memcmp(a.text, b.text, a.len) == 0;
}

/* A list's vector: where its elements go. */
struct list_target {
    struct target list, members[8];
    size_t used;
};

static int list_target_init(struct list_target *l, duckdb_vector v, size_t elements,
                            size_t member_count)
{
    *l = (struct list_target){.list = target_of(v)};
    if (duck_lib.list_vector_reserve(v, elements) == DuckDBError ||
        duck_lib.list_vector_set_size(v, elements) == DuckDBError)
        return -ENOMEM;
    duckdb_vector child = duck_lib.list_vector_get_child(v);
    for (size_t i = 0; i < member_count; i++)
        l->members[i] = target_of(duck_lib.struct_vector_get_child(child, i));
    return 0;
}

static void put_list_entry(struct list_target *l, size_t i, size_t length)
{
    ((duckdb_list_entry *)l->list.data)[i] = (duckdb_list_entry){l->used, length};
}

static void put_elements(struct list_target *l, size_t i, const struct column *c,
                         size_t columns_len, const void *elements, size_t count,
                         size_t element_bytes)
{
    put_list_entry(l, i, count);
    for (size_t e = 0; e < count; e++, l->used++)
        for (size_t m = 0; m < columns_len; m++)
            put_plain(&c[m], &l->members[m], l->used, (const char *)elements + e * element_bytes);
}

/* As it is stored: NULL is the name asked for, and so an absent one is "". */
static struct row_text stored_name(const struct row *r, struct row_text name)
{
    if (same_text(name, name_asked(r)))
        return (struct row_text){0};
    return name.text ? name : (struct row_text){"", 0};
}

static int put_answers(duckdb_vector v, const struct row *const *rows, size_t count)
{
    struct list_target l;
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += rows[i]->answers_len;
    if (list_target_init(&l, v, total, COUNT(answer_columns)) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct row *r = rows[i];
        if (!r->answers_len)
            put_null(&l.list, i);
        put_list_entry(&l, i, r->answers_len);
        for (uint32_t a = 0; a < r->answers_len; a++, l.used++) {
            put_text(&l.members[0], l.used, stored_name(r, r->answers[a].name));
            for (size_t m = 1; m < COUNT(answer_columns); m++)
                put_plain(&answer_columns[m], &l.members[m], l.used, &r->answers[a]);
        }
    }
    return 0;
}

/* What a NULL in the column `hops` stands for. */
static uint32_t usual_hops(const struct row *r, struct row_hop *hop)
{
    *hop = (struct row_hop){r->interface, r->netns, r->latency_us};
    return r->interface.text || r->netns;
}

static bool hops_are_usual(const struct row *r)
{
    struct row_hop hop;
    uint32_t n = usual_hops(r, &hop);
    if (r->hops_len != n)
        return false;
    return !n || (r->hops[0].netns == hop.netns && r->hops[0].latency_us == hop.latency_us &&
                  r->hops[0].interface.len == hop.interface.len &&
                  !r->hops[0].interface.text == !hop.interface.text &&
                  (!hop.interface.len ||
                   memcmp(r->hops[0].interface.text, hop.interface.text, hop.interface.len) == 0));
}

static int put_hops(duckdb_vector v, const struct row *const *rows, size_t count)
{
    struct list_target l;
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += hops_are_usual(rows[i]) ? 0 : rows[i]->hops_len;
    if (list_target_init(&l, v, total, COUNT(hop_columns)) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct row *r = rows[i];
        if (hops_are_usual(r)) {
            put_null(&l.list, i);
            put_list_entry(&l, i, 0);
        } else {
            put_elements(&l, i, hop_columns, COUNT(hop_columns), r->hops, r->hops_len,
                         sizeof(r->hops[0]));
        }
    }
    return 0;
}

static int put_edns(duckdb_vector v, const struct row *const *rows, size_t count)
{
    struct target whole = {.vector = v}, members[COUNT(edns_columns)];
    struct list_target ede;
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += rows[i]->edns.present ? rows[i]->edns.ede_count : 0;
    for (size_t m = 0; m < COUNT(edns_columns); m++)
        members[m] = target_of(duck_lib.struct_vector_get_child(v, m));
    if (list_target_init(&ede, duck_lib.struct_vector_get_child(v, COUNT(edns_columns)), total,
                         COUNT(ede_columns)) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct row_edns *e = &rows[i]->edns;
        /* The members of what is NULL are NULL. */
        if (!e->present)
            put_null(&whole, i);
        for (size_t m = 0; m < COUNT(edns_columns); m++) {
            if (e->present)
                put_plain(&edns_columns[m], &members[m], i, e);
            else
                put_null(&members[m], i);
        }
        if (!e->present || !e->ede_count)
            put_null(&ede.list, i);
        put_elements(&ede, i, ede_columns, COUNT(ede_columns), e->ede,
                     e->present ? e->ede_count : 0, sizeof(e->ede[0]));
    }
    return 0;
}

static int put_column(const struct column *c, duckdb_vector v, const struct row *const *rows,
                      size_t count, struct arena *arena)
{
    switch (c->member) {
    case MEMBER_ANSWERS:
        return put_answers(v, rows, count);
    case MEMBER_EDNS:
        return put_edns(v, rows, count);
    case MEMBER_HOPS:
        return put_hops(v, rows, count);
    default:;
    }
    struct target t = target_of(v);
    for (size_t i = 0; i < count; i++) {
        if (c->member != MEMBER_ADDRESS) {
            put_plain(c, &t, i, rows[i]);
            continue;
        }
        const void *address = (const char *)rows[i] + c->offset;
        if (put_address(&t, i, address, arena) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* ---- appending ---- */

static int append_chunk(duckdb_appender appender, duckdb_data_chunk chunk,
                        const struct row *const *rows, size_t count, struct arena *arena)
{
    duck_lib.data_chunk_reset(chunk);
    for (size_t i = 0; i < COUNT(columns); i++) {
        duckdb_vector v = duck_lib.data_chunk_get_vector(chunk, i);
        if (put_column(&columns[i], v, rows, count, arena) < 0)
            return -ENOMEM;
    }
    duck_lib.data_chunk_set_size(chunk, count);
    return duck_lib.append_data_chunk(appender, chunk) == DuckDBError ? -EIO : 0;
}

static int append_chunks(duckdb_appender appender, const struct row *const *rows, size_t count)
{
    duckdb_logical_type types[COUNT(columns)];
    struct arena arena;
    int r = 0;
    for (size_t i = 0; i < COUNT(columns); i++)
        types[i] = duck_lib.appender_column_type(appender, i);
    duckdb_data_chunk chunk = duck_lib.create_data_chunk(types, COUNT(columns));
    for (size_t i = 0; i < COUNT(columns); i++)
        duck_lib.destroy_logical_type(&types[i]);
    if (!chunk)
        return -ENOMEM;
    arena_init(&arena, 0);
    size_t most = duck_lib.vector_size();
    for (size_t i = 0; !r && i < count; i += most) {
        r = append_chunk(appender, chunk, rows + i, count - i < most ? count - i : most, &arena);
        arena_reset(&arena);
    }
    arena_done(&arena);
    duck_lib.destroy_data_chunk(&chunk);
    return r;
}

int duck_append_rows(struct duck_conn *c, const struct row *const *rows, size_t count)
{
    duckdb_appender appender = NULL;
    int r = -EIO;
    if (duck_lib.appender_create(c->handle, NULL, "transactions", &appender) != DuckDBError)
        r = append_chunks(appender, rows, count);
    if (!r && duck_lib.appender_flush(appender) == DuckDBError)
        r = -EIO;
    if (r == -EIO)
        r = duck_failed(c, appender ? duck_lib.appender_error(appender) : NULL);
    duck_lib.appender_destroy(&appender);
    return r;
}

/* ---- vectors into rows ---- */

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

void duck_reader_init(struct duck_reader *r, unsigned first_column)
{
    *r = (struct duck_reader){.first = first_column};
    arena_init(&r->arena, 0);
}

void duck_reader_done(struct duck_reader *r)
{
    arena_done(&r->arena);
}

void duck_reader_chunk(struct duck_reader *r, duckdb_data_chunk chunk)
{
    r->count = duck_lib.data_chunk_get_size(chunk);
    for (size_t i = 0; i < COUNT(columns); i++) {
        duckdb_vector v = duck_lib.data_chunk_get_vector(chunk, r->first + i);
        r->columns[i] = place_of(v);
        if (columns[i].member == MEMBER_ANSWERS)
            list_places(v, r->answers, COUNT(answer_columns));
        if (columns[i].member == MEMBER_HOPS)
            list_places(v, r->hops, COUNT(hop_columns));
        if (columns[i].member != MEMBER_EDNS)
            continue;
        for (size_t m = 0; m <= COUNT(edns_columns); m++)
            r->edns[m] = place_of(duck_lib.struct_vector_get_child(v, m));
        list_places(duck_lib.struct_vector_get_child(v, COUNT(edns_columns)), r->ede,
                    COUNT(ede_columns));
    }
}

static int64_t number_at(const struct column *c, const struct duck_place *p, size_t i)
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

static void keep(const struct column *c, void *base, int64_t v)
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

static void get_plain(const struct column *c, const struct duck_place *p, size_t i, void *base)
{
    if (c->member == MEMBER_TEXT)
        *(struct row_text *)(void *)((char *)base + c->offset) = text_at(p, i);
    else
        keep(c, base, number_at(c, p, i));
}

/* The elements of a list in new memory, NULL when there are none; *count says how many. */
static void *get_elements(struct duck_reader *r, const struct duck_place *list, size_t i,
                          const struct column *c, const struct duck_place *members,
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
    struct row_answer *a = get_elements(r, p, i, answer_columns, r->answers, COUNT(answer_columns),
                                        sizeof(*a), &out->answers_len);
    out->answers = a;
    if (out->answers_len && !a)
        return -ENOMEM;
    for (uint32_t n = 0; n < out->answers_len; n++) {
        if (!a[n].name.text)
            a[n].name = name_asked(out);
        else if (!a[n].name.len)
            a[n].name.text = NULL;
    }
    return 0;
}

static int get_hops(struct duck_reader *r, const struct duck_place *p, size_t i, struct row *out)
{
    struct row_hop *h;
    if (duck_valid(p->validity, i)) {
        h = get_elements(r, p, i, hop_columns, r->hops, COUNT(hop_columns), sizeof(*h),
                         &out->hops_len);
    } else {
        h = arena_alloc(&r->arena, sizeof(*h));
        if (!h)
            return -ENOMEM;
        out->hops_len = usual_hops(out, h);
        if (!out->hops_len)
            h = NULL;
    }
    out->hops = h;
    return out->hops_len && !h ? -ENOMEM : 0;
}

static int get_edns(struct duck_reader *r, const struct duck_place *p, size_t i, struct row *out)
{
    struct row_edns *e = &out->edns;
    *e = (struct row_edns){.keepalive_ms = -1, .padding_bytes = -1};
    if (!duck_valid(p->validity, i))
        return 0;
    e->present = true;
    for (size_t m = 0; m < COUNT(edns_columns); m++)
        get_plain(&edns_columns[m], &r->edns[m], i, e);
    e->ede = get_elements(r, &r->edns[COUNT(edns_columns)], i, ede_columns, r->ede,
                          COUNT(ede_columns), sizeof(e->ede[0]), &e->ede_count);
    return e->ede_count && !e->ede ? -ENOMEM : 0;
}

static int get_column(struct duck_reader *r, const struct column *c, const struct duck_place *p,
                      size_t i, struct row *out)
{
    struct row_text text;
    switch (c->member) {
    case MEMBER_ANSWERS:
        return get_answers(r, p, i, out);
    case MEMBER_EDNS:
        return get_edns(r, p, i, out);
    case MEMBER_HOPS:
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
    *out = (struct row){0};
    arena_reset(&r->arena);
    for (size_t n = 0; n < COUNT(columns); n++) {
        int error = get_column(r, &columns[n], &r->columns[n], i, out);
        if (error < 0)
            return error;
    }
    return 0;
}
