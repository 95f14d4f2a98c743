/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/row_read.h"

#include "base/clock.h"
#include "dns/types.h"
#include "filter/field.h"
#include "filter/nearest.h"
#include "filter/scalar.h"
#include "record/text.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>

struct reader {
    bool strict;
    struct arena *arena;
    char *err;
    size_t err_size;
};

enum kind {
    KIND_NUMBER,
    KIND_TEXT,
    KIND_INET,
    KIND_CODE,  /* a mnemonic, read by the field of the same name */
    KIND_OTHER, /* read by a function of its own */
};

/* Where a key goes. */
struct key {
    const char *name;
    size_t offset, size; /* NUMBER and CODE: of the integer */
    int64_t max;
    enum kind kind;
    int (*read)(struct reader *r, const struct key *k, json_t *v, void *to);
};

#define NUMBER(type, key_, member_, max_)                                                          \
    {                                                                                              \
        .name = (key_), .offset = offsetof(struct type, member_),                                  \
        .size = sizeof(((struct type *)0)->member_), .max = (max_), .kind = KIND_NUMBER            \
    }
#define CODE(member_)                                                                              \
    {                                                                                              \
        .name = #member_, .offset = offsetof(struct row, member_),                                 \
        .size = sizeof(((struct row *)0)->member_), .kind = KIND_CODE                              \
    }
#define TEXT(type, member_)                                                                        \
    {                                                                                              \
        .name = #member_, .offset = offsetof(struct type, member_), .kind = KIND_TEXT              \
    }
#define OTHER(key_, function_)                                                                     \
    {                                                                                              \
        .name = (key_), .kind = KIND_OTHER, .read = (function_)                                    \
    }

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

__attribute__((format(printf, 2, 3))) static int fail(struct reader *r, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(r->err, r->err_size, fmt, args);
    va_end(args);
    return -EBADMSG;
}

/* ---- values ---- */

static void store_number(void *to, size_t size, int64_t v)
{
    switch (size) {
    case 1:
        *(uint8_t *)to = (uint8_t)v;
        break;
    case 2:
        *(uint16_t *)to = (uint16_t)v;
        break;
    case 4:
        *(uint32_t *)to = (uint32_t)v;
        break;
    default:
        *(int64_t *)to = v;
    }
}

static int read_number(struct reader *r, const struct key *k, json_t *v, void *to)
{
    if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > k->max)
        return fail(r, "%s: must be a whole number from 0 to %lld", k->name, (long long)k->max);
    store_number(to, k->size, json_integer_value(v));
    return 0;
}

static int read_text(struct reader *r, const struct key *k, json_t *v, struct row_text *to)
{
    if (!json_is_string(v))
        return fail(r, "%s: must be a text", k->name);
    size_t len = json_string_length(v);
    to->text = arena_copy(r->arena, json_string_value(v), len + 1);
    to->len = (uint32_t)len;
    return to->text ? 0 : -ENOMEM;
}

static int read_inet(struct reader *r, const struct key *k, json_t *v, struct inet_addr *to)
{
    if (!json_is_string(v) || inet_addr_parse(json_string_value(v), json_string_length(v), to) < 0)
        return fail(r, "%s: must be an address, such as \"192.0.2.1\"", k->name);
    return 0;
}

static int read_code(struct reader *r, const struct key *k, json_t *v, void *to)
{
    const struct field *field = field_find(k->name, strlen(k->name));
    int code = -1;
    if (json_is_string(v))
        code = field->parse_enum(json_string_value(v), json_string_length(v));
    if (code < 0)
        return fail(r, "%s: must be one of its names, such as \"%s\"", k->name, field->enum_at(0));
    store_number(to, k->size, code);
    return 0;
}

static int read_object(struct reader *r, const char *where, const struct key *keys, size_t count,
                       json_t *object, void *to);

/* An array as `size` bytes for each of its objects; *out is in the arena. */
static int read_list(struct reader *r, const char *where, const struct key *keys, size_t count,
                     json_t *v, size_t size, const void *initial, void **out)
{
    if (!json_is_array(v))
        return fail(r, "%s: must be a list", where);
    size_t n = json_array_size(v);
    char *items = arena_alloc(r->arena, n * size + 1);
    *out = items;
    if (!items)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        memcpy(items + i * size, initial, size);
        int e = read_object(r, where, keys, count, json_array_get(v, i), items + i * size);
        if (e < 0)
            return e;
    }
    return 0;
}

/* ---- nested objects ---- */

static int read_type(struct reader *r, const struct key *k, json_t *v, void *to)
{
    (void)k;
    struct row_answer *a = to;
    int type = -1;
    if (json_is_string(v))
        type = dns_type_from_name(json_string_value(v), json_string_length(v));
    if (type < 0)
        return fail(r, "answers.type: must be a type, such as \"AAAA\"");
    a->type = (uint16_t)type;
    return 0;
}

static int read_answers(struct reader *r, const struct key *k, json_t *v, void *to)
{
    static const struct key keys[] = {
        TEXT(row_answer, name),
        OTHER("type", read_type),
        NUMBER(row_answer, "ttl", ttl, UINT32_MAX),
        TEXT(row_answer, data),
    };
    static const struct row_answer none;
    struct row *row = to;
    void *list = NULL;
    int e = read_list(r, k->name, keys, COUNT(keys), v, sizeof(none), &none, &list);
    row->answers = list;
    row->answers_len = (uint32_t)json_array_size(v);
    return e;
}

static int read_hops(struct reader *r, const struct key *k, json_t *v, void *to)
{
    static const struct key keys[] = {
        TEXT(row_hop, interface),
        NUMBER(row_hop, "netns", netns, UINT32_MAX),
        NUMBER(row_hop, "latency_us", latency_us, INT64_MAX / 1000),
    };
    static const struct row_hop none = {.latency_us = -1};
    struct row *row = to;
    void *list = NULL;
    int e = read_list(r, k->name, keys, COUNT(keys), v, sizeof(none), &none, &list);
    row->hops = list;
    row->hops_len = (uint32_t)json_array_size(v);
    return e;
}

/* IANA's text of an extended error follows from its code. */
static int skip(struct reader *r, const struct key *k, json_t *v, void *to)
{
    (void)r, (void)k, (void)v, (void)to;
    return 0;
}

static int read_ede(struct reader *r, const struct key *k, json_t *v, void *to)
{
    static const struct key keys[] = {
        NUMBER(row_ede, "code", code, UINT16_MAX),
        OTHER("text", skip),
        TEXT(row_ede, extra),
    };
    static const struct row_ede none;
    struct row_edns *edns = to;
    void *list = NULL;
    int e = read_list(r, k->name, keys, COUNT(keys), v, sizeof(none), &none, &list);
    edns->ede = list;
    edns->ede_count = (uint32_t)json_array_size(v);
    return e;
}

static int read_do(struct reader *r, const struct key *k, json_t *v, void *to)
{
    if (!json_is_boolean(v))
        return fail(r, "edns.%s: must be true or false", k->name);
    ((struct row_edns *)to)->do_bit = json_is_true(v);
    return 0;
}

static int read_edns(struct reader *r, const struct key *k, json_t *v, void *to)
{
    static const struct key keys[] = {
        NUMBER(row_edns, "version", version, UINT8_MAX),
        NUMBER(row_edns, "udp_size", udp_size, UINT16_MAX),
        OTHER("do", read_do),
        TEXT(row_edns, ecs),
        TEXT(row_edns, nsid),
        TEXT(row_edns, cookie),
        NUMBER(row_edns, "keepalive", keepalive_ms, UINT32_MAX),
        NUMBER(row_edns, "padding", padding_bytes, UINT16_MAX),
        OTHER("ede", read_ede),
    };
    struct row *row = to;
    row->edns.present = true;
    return read_object(r, k->name, keys, COUNT(keys), v, &row->edns);
}

/* ---- sets and times ---- */

static int read_flags(struct reader *r, const struct key *k, json_t *v, void *to)
{
    size_t i;
    json_t *item;
    if (!json_is_array(v))
        return fail(r, "%s: must be a list", k->name);
    json_array_foreach(v, i, item)
    {
        const char *text = json_string_value(item), *name = NULL;
        uint16_t bit = 0;
        for (size_t n = 0; text && (name = record_flag_at(n, &bit)); n++)
            if (strcmp(name, text) == 0)
                break;
        if (!text || !name)
            return fail(r, "flags: each must be one of aa, tc, rd, ra, z, ad, cd");
        ((struct row *)to)->flags |= bit;
    }
    return 0;
}

static int read_marks(struct reader *r, const struct key *k, json_t *v, void *to)
{
    size_t i;
    json_t *item;
    if (!json_is_array(v))
        return fail(r, "%s: must be a list", k->name);
    json_array_foreach(v, i, item)
    {
        const char *text = json_string_value(item);
        unsigned bit = text ? 1 : 0x100;
        for (; bit < 0x100; bit <<= 1) {
            const char *name = record_mark_name((uint8_t)bit);
            if (name && strcmp(name, text) == 0)
                break;
        }
        if (bit >= 0x100)
            return fail(r, "marks: each must be a mark, such as \"%s\"", record_mark_name(1));
        ((struct row *)to)->marks |= (uint8_t)bit;
    }
    return 0;
}

static int read_time(struct reader *r, const struct key *k, json_t *v, void *to)
{
    const char *text = json_string_value(v);
    int64_t first, last;
    /* Neither "now" nor "-5m": what is moved must mean the same everywhere. */
    if (!text || text[0] < '0' || text[0] > '9' || !strchr(text, '-') ||
        !scalar_time(text, json_string_length(v), 0, &first, &last))
        return fail(r, "%s: must be a time, such as \"2026-11-24T05:21:10.123456789Z\"", k->name);
    ((struct row *)to)->time_ns = first;
    return 0;
}

/* ---- the record ---- */

static const struct key row_keys[] = {
    OTHER("time", read_time),
    NUMBER(row, "latency_us", latency_us, INT64_MAX / 1000),
    CODE(outcome),
    CODE(protocol),
    CODE(transport),
    {.name = "client", .offset = offsetof(struct row, client), .kind = KIND_INET},
    NUMBER(row, "client_port", client_port, UINT16_MAX),
    {.name = "server", .offset = offsetof(struct row, server), .kind = KIND_INET},
    NUMBER(row, "server_port", server_port, UINT16_MAX),
    NUMBER(row, "id", id, UINT16_MAX),
    CODE(opcode),
    OTHER("flags", read_flags),
    CODE(rcode),
    TEXT(row, qname),
    TEXT(row, qname_wire),
    CODE(qtype),
    CODE(qclass),
    OTHER("answers", read_answers),
    NUMBER(row, "authority_count", authority_count, UINT16_MAX),
    NUMBER(row, "additional_count", additional_count, UINT16_MAX),
    NUMBER(row, "answer_count", answer_count, UINT16_MAX),
    NUMBER(row, "min_ttl", min_ttl, UINT32_MAX),
    OTHER("edns", read_edns),
    NUMBER(row, "query_bytes", query_bytes, UINT32_MAX),
    NUMBER(row, "response_bytes", response_bytes, UINT32_MAX),
    NUMBER(row, "retransmits", retransmits, UINT16_MAX),
    TEXT(row, interface),
    NUMBER(row, "netns", netns, UINT32_MAX),
    OTHER("hops", read_hops),
    NUMBER(row, "pid", pid, UINT32_MAX),
    NUMBER(row, "tid", tid, UINT32_MAX),
    TEXT(row, comm),
    TEXT(row, exe),
    NUMBER(row, "uid", uid, UINT32_MAX),
    NUMBER(row, "server_pid", server_pid, UINT32_MAX),
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
    OTHER("marks", read_marks),
    TEXT(row, icmp),
    NUMBER(row, "seq", seq, INT64_MAX),
};

static int read_key(struct reader *r, const struct key *k, json_t *v, void *object)
{
    char *to = (char *)object + k->offset;
    switch (k->kind) {
    case KIND_NUMBER:
        return read_number(r, k, v, to);
    case KIND_TEXT:
        return read_text(r, k, v, (void *)to);
    case KIND_INET:
        return read_inet(r, k, v, (void *)to);
    case KIND_CODE:
        return read_code(r, k, v, to);
    default:
        return k->read(r, k, v, object);
    }
}

static int fail_unknown(struct reader *r, const char *where, const struct key *keys, size_t count,
                        const char *name)
{
    struct nearest n = nearest_to(name, strlen(name));
    for (size_t i = 0; i < count; i++)
        nearest_offer(&n, keys[i].name);
    return fail(r, "there is no key %.60s%s%.60s%s%s%s", where, where[0] ? "." : "", name,
                n.best ? "; did you mean " : "", n.best ? n.best : "", n.best ? "?" : "");
}

/* Keys mostly come in the table's order, so the search goes on from where the last one was. */
static int read_object(struct reader *r, const char *where, const struct key *keys, size_t count,
                       json_t *object, void *to)
{
    const char *name;
    json_t *v;
    size_t at = 0;
    if (!json_is_object(object))
        return fail(r, "%s%smust be an object", where, where[0] ? ": " : "");
    json_object_foreach(object, name, v)
    {
        size_t tried = 0;
        for (; tried < count && strcmp(keys[at].name, name) != 0; tried++)
            at = at + 1 < count ? at + 1 : 0;
        int e = 0;
        if (tried < count)
            e = read_key(r, &keys[at], v, to);
        else if (r->strict)
            e = fail_unknown(r, where, keys, count, name);
        if (e < 0)
            return e;
    }
    return 0;
}

/* ---- what belongs together ---- */

/* A key that says nothing without another one, and would be lost without it. */
static const char *const needs[][2] = {
    {"flags", "opcode"},
    {"qname_wire", "qname"},
    {"qtype", "qname"},
    {"qtype", "qclass"},
    {"qclass", "qtype"},
    {"authority_count", "answer_count"},
    {"additional_count", "answer_count"},
    {"answer_count", "authority_count"},
    {"answer_count", "additional_count"},
    {"min_ttl", "answer_count"},
    {"tid", "pid"},
    {"comm", "pid"},
    {"exe", "pid"},
    {"uid", "pid"},
    {"server_comm", "server_pid"},
};

static int check_together(struct reader *r, json_t *object)
{
    static const char *const always[] = {"time", "outcome", "client", "server"};
    for (size_t i = 0; i < COUNT(always); i++)
        if (!json_object_get(object, always[i]))
            return fail(r, "the key %s is missing", always[i]);
    for (size_t i = 0; i < COUNT(needs); i++)
        if (json_object_get(object, needs[i][0]) && !json_object_get(object, needs[i][1]))
            return fail(r, "the key %s is missing, which belongs to %s", needs[i][1], needs[i][0]);
    return 0;
}

int row_from_json(struct row *out, const char *text, size_t len, bool strict, struct arena *arena,
                  char *err, size_t err_size)
{
    struct reader r = {.strict = strict, .arena = arena, .err = err, .err_size = err_size};
    json_error_t error;
    json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    *out = (struct row){
        .latency_us = -1,
        .opcode = -1,
        .rcode = -1,
        .qtype = -1,
        .qclass = -1,
        .authority_count = -1,
        .additional_count = -1,
        .answer_count = -1,
        .min_ttl = -1,
        .uid = -1,
        .edns = {.keepalive_ms = -1, .padding_bytes = -1},
    };
    if (!object)
        return fail(&r, "not JSON at column %d: %s", error.position, error.text);
    int e = read_object(&r, "", row_keys, COUNT(row_keys), object, out);
    if (!e)
        e = check_together(&r, object);
    json_decref(object);
    return e;
}
