/* SPDX-License-Identifier: Apache-2.0 */
#include "store/duck_columns.h"

#include "store/duck_dictionary.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

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

const struct duck_column duck_answer_columns[] = {
    TEXT(row_answer, name),
    NUMBER2(row_answer, type, U16, NEVER),
    TEXT(row_answer, data),
};

const struct duck_column duck_path_columns[] = {
    TEXT(row_hop, interface),
    NUMBER4(row_hop, netns, U32, ZERO),
};

const struct duck_column duck_ede_columns[] = {
    NUMBER2(row_ede, code, U16, NEVER),
    TEXT(row_ede, extra),
};

/* `ede` follows as a list. */
const struct duck_column duck_edns_columns[] = {
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

#define ANSWERS_TYPE "STRUCT(\"name\" VARCHAR, \"type\" USMALLINT, \"data\" VARCHAR)[]"
#define PATH_TYPE    "STRUCT(\"interface\" VARCHAR, \"netns\" UINTEGER)[]"
#define EDNS_TYPE                                                                                  \
    "STRUCT(\"version\" UTINYINT, \"udp_size\" USMALLINT, \"do\" BOOLEAN, \"ecs\" VARCHAR, "       \
    "\"nsid\" VARCHAR, \"cookie\" VARCHAR, \"keepalive\" UINTEGER, \"padding\" UINTEGER, "         \
    "\"ede\" STRUCT(\"code\" USMALLINT, \"extra\" VARCHAR)[])"

static const struct duck_column row_columns[] = {
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
    NUMBER2(row, authority_count, I32, MINUS),
    NUMBER2(row, additional_count, I32, MINUS),
    NUMBER2(row, answer_count, I32, MINUS),
    NUMBER4(row, min_ttl, I64, MINUS),
    COLUMN(row, answers, "ttls", TTLS, "UINTEGER[]", 16, NEVER),
    NUMBER4(row, query_bytes, U32, ZERO),
    NUMBER4(row, response_bytes, U32, ZERO),
    NUMBER2(row, retransmits, U16, NEVER),
    NUMBER1(row, marks, U8, NEVER),
    COLUMN(row, hops, "lag", LAG, "INTEGER", 4, NEVER),
    COLUMN(row, hops, "hop_latencies", HOP_LATENCIES, "BIGINT[]", 16, NEVER),
    COLUMN(row, seq, "seq", U64, "UBIGINT", 8, NEVER),
};

static const struct duck_column origin_columns[] = {
    TEXT(row, interface),
    NUMBER4(row, netns, U32, ZERO),
    COLUMN(row, hops, "path", PATH, PATH_TYPE, 16, NEVER),
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
};

static const struct duck_column extra_columns[] = {
    COLUMN(row, edns, "edns", EDNS, EDNS_TYPE, 0, NEVER),
    TEXT(row, malformed),
    TEXT(row, drop_reason),
    TEXT(row, drop_location),
    TEXT(row, icmp),
};

static const struct duck_column answer_set_columns[] = {
    COLUMN(row, answers, "answers", ANSWERS, ANSWERS_TYPE, 16, NEVER),
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

_Static_assert(COUNT(row_columns) + COUNT(origin_columns) + COUNT(extra_columns) + 1 +
                       DUCK_TABLES <=
                   DUCK_COLUMNS_MAX,
               "a reader has a place for each");

static const struct {
    const char *name, *id;
    const struct duck_column *columns;
    size_t count;
} tables[DUCK_TABLES] = {
    [DUCK_ROWS] = {DUCK_ROWS_NAME, NULL, row_columns, COUNT(row_columns)},
    [DUCK_ORIGINS] = {"origins", "origin_id", origin_columns, COUNT(origin_columns)},
    [DUCK_EXTRAS] = {"extras", "extra_id", extra_columns, COUNT(extra_columns)},
    [DUCK_ANSWER_SETS] = {"answer_sets", "answer_set_id", answer_set_columns,
                          COUNT(answer_set_columns)},
};

const struct duck_column *duck_columns_in(enum duck_table which, size_t *count)
{
    *count = tables[which].count;
    return tables[which].columns;
}

const char *duck_table_name(enum duck_table which)
{
    return tables[which].name;
}

const char *duck_table_id(enum duck_table which)
{
    return tables[which].id;
}

void duck_put_columns(struct buf *out)
{
    const char *before = "";
    for (int t = 0; t < DUCK_TABLES; t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            buf_printf(out, "%s\"%s\"", before, tables[t].columns[i].name);
            before = ", ";
        }
    }
}

void duck_put_joins(struct buf *out)
{
    for (int t = DUCK_ROWS + 1; t < DUCK_TABLES; t++)
        buf_printf(out, " JOIN %s USING (\"%s\")", tables[t].name, tables[t].id);
}

static void put_table(struct buf *out, enum duck_table which)
{
    const char *id = tables[which].id;
    buf_printf(out, "CREATE TABLE %s (", tables[which].name);
    if (id)
        buf_printf(out, "\"%s\" BIGINT", id);
    for (size_t i = 0; i < tables[which].count; i++)
        buf_printf(out, "%s\"%s\" %s", id || i ? ", " : "", tables[which].columns[i].name,
                   tables[which].columns[i].type);
    for (int t = DUCK_ROWS + 1; which == DUCK_ROWS && t < DUCK_TABLES; t++)
        buf_printf(out, ", \"%s\" BIGINT", tables[t].id);
    buf_puts(out, "); ");
}

/* The hops in full. */
#define HOPS                                                                                       \
    "list_transform(\"path\", lambda h, i: struct_pack(\"interface\" := h.\"interface\", "         \
    "\"netns\" := h.\"netns\", \"latency_us\" := (coalesce(\"hop_latencies\", [\"latency_us\", "   \
    "\"latency_us\" - \"lag\"]))[i])) AS \"hops\""

/* The answers in full. */
#define ANSWERS                                                                                    \
    "list_transform(\"answers\", lambda a, i: struct_pack(\"name\" := CASE WHEN a.\"name\" IS "    \
    "NULL "                                                                                        \
    "THEN coalesce(\"qname_wire\", \"qname\") WHEN a.\"name\" <> '' THEN a.\"name\" END, "         \
    "\"type\" := a.\"type\", \"ttl\" := coalesce(\"ttls\"[i], \"min_ttl\"), "                      \
    "\"data\" := a.\"data\")) AS \"answers\""

static void put_view(struct buf *out)
{
    const char *before = "";
    buf_puts(out, "CREATE VIEW transactions AS SELECT ");
    for (int t = 0; t < DUCK_TABLES; t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            const struct duck_column *c = &tables[t].columns[i];
            if (c->member == MEMBER_TTLS || c->member == MEMBER_LAG ||
                c->member == MEMBER_HOP_LATENCIES)
                continue;
            buf_puts(out, before);
            if (c->member == MEMBER_PATH)
                buf_puts(out, HOPS);
            else if (c->member == MEMBER_ANSWERS)
                buf_puts(out, ANSWERS);
            else
                buf_printf(out, "\"%s\"", c->name);
            before = ", ";
        }
    }
    buf_puts(out, " FROM " DUCK_ROWS_NAME);
    duck_put_joins(out);
}

void duck_put_schema(struct buf *out)
{
    for (int t = 0; t < DUCK_TABLES; t++)
        put_table(out, t);
    put_view(out);
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

static int64_t load(const struct duck_column *c, const void *base)
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

static void put_number(const struct duck_column *c, struct target *t, size_t i, int64_t v)
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

static void put_plain(const struct duck_column *c, struct target *t, size_t i, const void *base)
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

static void put_elements(struct list_target *l, size_t i, const struct duck_column *c,
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
    if (same_text(name, duck_name_asked(r)))
        return (struct row_text){0};
    return name.text ? name : (struct row_text){"", 0};
}

static int put_answers(duckdb_vector v, const struct row *const *rows, size_t count)
{
    struct list_target l;
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += rows[i]->answers_len;
    if (list_target_init(&l, v, total, COUNT(duck_answer_columns)) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct row *r = rows[i];
        if (!r->answers_len)
            put_null(&l.list, i);
        put_list_entry(&l, i, r->answers_len);
        for (uint32_t a = 0; a < r->answers_len; a++, l.used++) {
            put_text(&l.members[0], l.used, stored_name(r, r->answers[a].name));
            for (size_t m = 1; m < COUNT(duck_answer_columns); m++)
                put_plain(&duck_answer_columns[m], &l.members[m], l.used, &r->answers[a]);
        }
    }
    return 0;
}

static bool has_usual_ttls(const struct row *r)
{
    for (uint32_t a = 0; a < r->answers_len; a++)
        if (r->answers[a].ttl != r->min_ttl)
            return false;
    return true;
}

static int put_ttls(duckdb_vector v, const struct row *const *rows, size_t count)
{
    struct list_target l;
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += has_usual_ttls(rows[i]) ? 0 : rows[i]->answers_len;
    if (list_target_init(&l, v, total, 0) < 0)
        return -ENOMEM;
    uint32_t *ttls = duck_lib.vector_get_data(duck_lib.list_vector_get_child(v));
    for (size_t i = 0; i < count; i++) {
        bool usual = has_usual_ttls(rows[i]);
        if (usual)
            put_null(&l.list, i);
        put_list_entry(&l, i, usual ? 0 : rows[i]->answers_len);
        for (uint32_t a = 0; !usual && a < rows[i]->answers_len; a++)
            ttls[l.used++] = rows[i]->answers[a].ttl;
    }
    return 0;
}

static int put_path(duckdb_vector v, const struct row *const *rows, size_t count)
{
    struct list_target l;
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += rows[i]->hops_len;
    if (list_target_init(&l, v, total, DUCK_PATH_COLUMNS) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        if (!rows[i]->hops_len)
            put_null(&l.list, i);
        put_elements(&l, i, duck_path_columns, DUCK_PATH_COLUMNS, rows[i]->hops, rows[i]->hops_len,
                     sizeof(rows[i]->hops[0]));
    }
    return 0;
}

/* Whether the latencies of the hops follow from that of the row and `lag`, duck.h. */
static bool has_usual_latencies(const struct row *r)
{
    if (!r->hops_len)
        return true;
    if (r->hops_len > 2 || r->hops[0].latency_us != r->latency_us)
        return false;
    if (r->hops_len == 1 || r->hops[1].latency_us < 0)
        return true;
    int64_t lag = r->latency_us - r->hops[1].latency_us;
    return r->latency_us >= 0 && lag >= INT32_MIN && lag <= INT32_MAX;
}

static void put_lag(struct target *t, size_t i, const struct row *r)
{
    int64_t lag = 0;
    if (r->hops_len == 2 && r->hops[1].latency_us >= 0 && has_usual_latencies(r))
        lag = r->latency_us - r->hops[1].latency_us;
    else
        put_null(t, i);
    ((int32_t *)t->data)[i] = (int32_t)lag;
}

static int put_hop_latencies(duckdb_vector v, const struct row *const *rows, size_t count)
{
    struct list_target l;
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += has_usual_latencies(rows[i]) ? 0 : rows[i]->hops_len;
    if (list_target_init(&l, v, total, 0) < 0)
        return -ENOMEM;
    struct target latencies = target_of(duck_lib.list_vector_get_child(v));
    for (size_t i = 0; i < count; i++) {
        bool usual = has_usual_latencies(rows[i]);
        if (usual)
            put_null(&l.list, i);
        put_list_entry(&l, i, usual ? 0 : rows[i]->hops_len);
        for (uint32_t h = 0; !usual && h < rows[i]->hops_len; h++, l.used++) {
            int64_t us = rows[i]->hops[h].latency_us;
            if (us < 0)
                put_null(&latencies, l.used);
            ((int64_t *)latencies.data)[l.used] = us;
        }
    }
    return 0;
}

static int put_edns(duckdb_vector v, const struct row *const *rows, size_t count)
{
    struct target whole = {.vector = v}, members[COUNT(duck_edns_columns)];
    struct list_target ede;
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += rows[i]->edns.present ? rows[i]->edns.ede_count : 0;
    for (size_t m = 0; m < COUNT(duck_edns_columns); m++)
        members[m] = target_of(duck_lib.struct_vector_get_child(v, m));
    if (list_target_init(&ede, duck_lib.struct_vector_get_child(v, COUNT(duck_edns_columns)), total,
                         COUNT(duck_ede_columns)) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct row_edns *e = &rows[i]->edns;
        /* The members of what is NULL are NULL. */
        if (!e->present)
            put_null(&whole, i);
        for (size_t m = 0; m < COUNT(duck_edns_columns); m++) {
            if (e->present)
                put_plain(&duck_edns_columns[m], &members[m], i, e);
            else
                put_null(&members[m], i);
        }
        if (!e->present || !e->ede_count)
            put_null(&ede.list, i);
        put_elements(&ede, i, duck_ede_columns, COUNT(duck_ede_columns), e->ede,
                     e->present ? e->ede_count : 0, sizeof(e->ede[0]));
    }
    return 0;
}

static int put_column(const struct duck_column *c, duckdb_vector v, const struct row *const *rows,
                      size_t count, struct arena *arena)
{
    switch (c->member) {
    case MEMBER_ANSWERS:
        return put_answers(v, rows, count);
    case MEMBER_EDNS:
        return put_edns(v, rows, count);
    case MEMBER_TTLS:
        return put_ttls(v, rows, count);
    case MEMBER_PATH:
        return put_path(v, rows, count);
    case MEMBER_HOP_LATENCIES:
        return put_hop_latencies(v, rows, count);
    default:;
    }
    struct target t = target_of(v);
    for (size_t i = 0; i < count; i++) {
        if (c->member == MEMBER_LAG)
            put_lag(&t, i, rows[i]);
        else if (c->member != MEMBER_ADDRESS)
            put_plain(c, &t, i, rows[i]);
        if (c->member != MEMBER_ADDRESS)
            continue;
        const void *address = (const char *)rows[i] + c->offset;
        if (put_address(&t, i, address, arena) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* ---- contents of dictionaries ---- */

static void put_text_content(struct buf *out, struct row_text text)
{
    uint32_t len = text.text ? text.len : UINT32_MAX;
    buf_put(out, &len, sizeof(len));
    if (text.text)
        buf_put(out, text.text, text.len);
}

static void put_plain_content(struct buf *out, const struct duck_column *columns, size_t count,
                              const void *base)
{
    for (size_t i = 0; i < count; i++) {
        if (columns[i].member == MEMBER_TEXT) {
            put_text_content(out, *(const struct row_text *)(const void *)((const char *)base +
                                                                           columns[i].offset));
            continue;
        }
        int64_t number = load(&columns[i], base);
        buf_put(out, &number, sizeof(number));
    }
}

static void put_list_content(struct buf *out, const struct duck_column *columns, size_t columns_len,
                             const void *elements, uint32_t count, size_t element_bytes)
{
    buf_put(out, &count, sizeof(count));
    for (uint32_t i = 0; i < count; i++)
        put_plain_content(out, columns, columns_len,
                          (const char *)elements + (size_t)i * element_bytes);
}

static void put_edns_content(struct buf *out, const struct row_edns *e)
{
    buf_putc(out, e->present);
    if (!e->present)
        return;
    put_plain_content(out, duck_edns_columns, DUCK_EDNS_COLUMNS, e);
    put_list_content(out, duck_ede_columns, DUCK_EDE_COLUMNS, e->ede, e->ede_count,
                     sizeof(e->ede[0]));
}

static void put_answers_content(struct buf *out, const struct row *r)
{
    buf_put(out, &r->answers_len, sizeof(r->answers_len));
    for (uint32_t a = 0; a < r->answers_len; a++) {
        put_text_content(out, stored_name(r, r->answers[a].name));
        put_plain_content(out, duck_answer_columns + 1, DUCK_ANSWER_COLUMNS - 1, &r->answers[a]);
    }
}

void duck_put_content(struct buf *out, enum duck_table which, const struct row *row)
{
    for (size_t i = 0; i < tables[which].count; i++) {
        const struct duck_column *c = &tables[which].columns[i];
        if (c->member == MEMBER_PATH)
            put_list_content(out, duck_path_columns, DUCK_PATH_COLUMNS, row->hops, row->hops_len,
                             sizeof(row->hops[0]));
        else if (c->member == MEMBER_ANSWERS)
            put_answers_content(out, row);
        else if (c->member == MEMBER_EDNS)
            put_edns_content(out, &row->edns);
        else
            put_plain_content(out, c, 1, row);
    }
}

/* ---- appending ---- */

/* Rows of one table to be appended. ids: of a dictionary's entries [0]; of rows, the numbers of
 * their entries in each dictionary. */
struct batch {
    enum duck_table table;
    const struct row *const *rows;
    const int64_t *ids[DUCK_TABLES];
    size_t count;
};

static unsigned id_columns(enum duck_table which)
{
    return which == DUCK_ROWS ? DUCK_TABLES - 1 : 1;
}

static void put_ids(duckdb_vector v, const int64_t *ids, size_t count)
{
    memcpy(duck_lib.vector_get_data(v), ids, count * sizeof(*ids));
}

static int append_chunk(duckdb_appender appender, duckdb_data_chunk chunk, const struct batch *b,
                        size_t from, size_t count, struct arena *arena)
{
    bool entries = b->table != DUCK_ROWS;
    size_t columns = tables[b->table].count;
    duck_lib.data_chunk_reset(chunk);
    for (size_t i = 0; i < columns; i++) {
        duckdb_vector v = duck_lib.data_chunk_get_vector(chunk, entries + i);
        if (put_column(&tables[b->table].columns[i], v, b->rows + from, count, arena) < 0)
            return -ENOMEM;
    }
    for (size_t i = 0; i < id_columns(b->table); i++)
        put_ids(duck_lib.data_chunk_get_vector(chunk, entries ? 0 : columns + i), b->ids[i] + from,
                count);
    duck_lib.data_chunk_set_size(chunk, count);
    return duck_lib.append_data_chunk(appender, chunk) == DuckDBError ? -EIO : 0;
}

static int append_chunks(duckdb_appender appender, const struct batch *b)
{
    duckdb_logical_type types[DUCK_COLUMNS_MAX];
    struct arena arena;
    size_t columns = tables[b->table].count + id_columns(b->table);
    int r = 0;
    for (size_t i = 0; i < columns; i++)
        types[i] = duck_lib.appender_column_type(appender, i);
    duckdb_data_chunk chunk = duck_lib.create_data_chunk(types, columns);
    for (size_t i = 0; i < columns; i++)
        duck_lib.destroy_logical_type(&types[i]);
    if (!chunk)
        return -ENOMEM;
    arena_init(&arena, 0);
    size_t most = duck_lib.vector_size();
    for (size_t i = 0; !r && i < b->count; i += most) {
        r = append_chunk(appender, chunk, b, i, b->count - i < most ? b->count - i : most, &arena);
        arena_reset(&arena);
    }
    arena_done(&arena);
    duck_lib.destroy_data_chunk(&chunk);
    return r;
}

static int append_batch(struct duck_conn *c, const struct batch *b)
{
    duckdb_appender appender = NULL;
    int r = -EIO;
    if (duck_lib.appender_create(c->handle, NULL, tables[b->table].name, &appender) != DuckDBError)
        r = append_chunks(appender, b);
    if (!r && duck_lib.appender_flush(appender) == DuckDBError)
        r = -EIO;
    if (r == -EIO)
        r = duck_failed(c, appender ? duck_lib.appender_error(appender) : NULL);
    duck_lib.appender_destroy(&appender);
    return r;
}

int duck_append_entries(struct duck_conn *c, enum duck_table which, const struct row *const *rows,
                        const int64_t *ids, size_t count)
{
    struct batch b = {.table = which, .rows = rows, .ids = {ids}, .count = count};
    return append_batch(c, &b);
}

int duck_append_rows(struct duck_conn *c, const struct row *const *rows, size_t count)
{
    struct batch b = {.table = DUCK_ROWS, .rows = rows, .count = count};
    int64_t *ids = malloc((DUCK_TABLES - 1) * count * sizeof(*ids));
    int r = ids ? 0 : -ENOMEM;
    for (int t = DUCK_ROWS + 1; !r && t < DUCK_TABLES; t++) {
        int64_t *of_table = ids + (size_t)(t - 1) * count;
        b.ids[t - 1] = of_table;
        r = duck_dictionary_number(c->duck->dictionaries[t], c, rows, count, of_table);
    }
    if (!r)
        r = append_batch(c, &b);
    free(ids);
    return r;
}
