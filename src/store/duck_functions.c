/* SPDX-License-Identifier: Apache-2.0 */
/* The functions that sql.h names, so that a filter means to the engine what it means to the live
 * matcher: both run the same code. */
#include "store/duck.h"

#include "dns/parts.h"
#include "filter/glob.h"
#include "store/buckets.h"

#include <errno.h>
#include <stdio.h>

/* A call for a chunk of rows: vectors of up to three arguments. */
struct call {
    idx_t count;
    void *data[3];
    uint64_t *validity[3];
};

static struct call call_of(duckdb_data_chunk input, unsigned arguments)
{
    struct call c = {.count = duck_lib.data_chunk_get_size(input)};
    for (unsigned i = 0; i < arguments; i++) {
        duckdb_vector v = duck_lib.data_chunk_get_vector(input, i);
        c.data[i] = duck_lib.vector_get_data(v);
        c.validity[i] = duck_lib.vector_get_validity(v);
    }
    return c;
}

static struct row_text text_at(const struct call *c, unsigned argument, idx_t i)
{
    return duck_text_at((duckdb_string_t *)c->data[argument] + i);
}

/* Arguments that are constants come as equal strings in every row. */
static bool same_string(const struct call *c, unsigned argument, idx_t i, idx_t k)
{
    const duckdb_string_t *s = c->data[argument];
    return memcmp(&s[i], &s[k], sizeof(*s)) == 0;
}

static void glob_rows(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output,
                      bool names)
{
    struct call c = call_of(input, 2);
    bool *out = duck_lib.vector_get_data(output);
    struct arena arena;
    struct glob glob;
    idx_t compiled = c.count;
    arena_init(&arena, 0);
    for (idx_t i = 0; i < c.count; i++) {
        out[i] = false;
        if (!duck_valid(c.validity[0], i) || !duck_valid(c.validity[1], i))
            continue;
        if (compiled == c.count || !same_string(&c, 1, i, compiled)) {
            struct row_text pattern = text_at(&c, 1, i);
            arena_reset(&arena);
            if (glob_compile(&glob, pattern.text, pattern.len, &arena) < 0) {
                duck_lib.scalar_function_set_error(info, "pattern");
                break;
            }
            compiled = i;
        }
        struct row_text t = text_at(&c, 0, i);
        if (names && t.len > 1 && t.text[t.len - 1] == '.')
            t.len--;
        out[i] = glob_match(&glob, t.text, t.len, false);
    }
    arena_done(&arena);
}

static void nf_glob(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    glob_rows(info, input, output, false);
}

static void nf_glob_name(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    glob_rows(info, input, output, true);
}

static void nf_inet_in(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    struct call c = call_of(input, 3);
    bool *out = duck_lib.vector_get_data(output);
    (void)info;
    for (idx_t i = 0; i < c.count; i++) {
        struct inet_addr a;
        out[i] = false;
        if (!duck_valid(c.validity[0], i) || !duck_valid(c.validity[1], i) ||
            !duck_valid(c.validity[2], i))
            continue;
        struct row_text t = text_at(&c, 0, i), from = text_at(&c, 1, i), to = text_at(&c, 2, i);
        if (from.len == sizeof(a) && to.len == sizeof(a) && inet_addr_parse(t.text, t.len, &a) == 0)
            out[i] = memcmp(a.bytes, from.text, sizeof(a)) >= 0 &&
                     memcmp(a.bytes, to.text, sizeof(a)) <= 0;
    }
}

static void nf_inet_key(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    struct call c = call_of(input, 1);
    (void)info;
    for (idx_t i = 0; i < c.count; i++) {
        struct inet_addr a = {0};
        if (duck_valid(c.validity[0], i)) {
            struct row_text t = text_at(&c, 0, i);
            (void)inet_addr_parse(t.text, t.len, &a);
        }
        duck_lib.vector_assign_string_element_len(output, i, (const char *)a.bytes, sizeof(a));
    }
}

static void nf_code_in(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    struct call c = call_of(input, 2);
    const int64_t *codes = c.data[0];
    bool *out = duck_lib.vector_get_data(output);
    (void)info;
    for (idx_t i = 0; i < c.count; i++) {
        out[i] = false;
        if (!duck_valid(c.validity[0], i) || !duck_valid(c.validity[1], i))
            continue;
        struct row_text bits = text_at(&c, 1, i);
        uint64_t code = (uint64_t)codes[i];
        out[i] = code / 8 < bits.len && (uint8_t)bits.text[code / 8] >> code % 8 & 1;
    }
}

static void nf_bucket(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    struct call c = call_of(input, 1);
    const int64_t *latencies = c.data[0];
    uint16_t *out = duck_lib.vector_get_data(output);
    (void)info;
    for (idx_t i = 0; i < c.count; i++)
        out[i] = duck_valid(c.validity[0], i) ? store_bucket_of(latencies[i]) : 0;
}

static void part_rows(duckdb_data_chunk input, duckdb_vector output,
                      bool (*part)(const char *qname, size_t len, size_t *begin))
{
    struct call c = call_of(input, 1);
    duck_lib.vector_ensure_validity_writable(output);
    uint64_t *validity = duck_lib.vector_get_validity(output);
    for (idx_t i = 0; i < c.count; i++) {
        struct row_text t = {0};
        size_t begin;
        if (duck_valid(c.validity[0], i))
            t = text_at(&c, 0, i);
        if (t.text && part(t.text, t.len, &begin))
            duck_lib.vector_assign_string_element_len(output, i, t.text + begin, t.len - begin);
        else
            validity[i / 64] &= ~(UINT64_C(1) << i % 64);
    }
}

static void nf_domain(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    (void)info;
    part_rows(input, output, dns_name_domain);
}

static void nf_suffix(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    (void)info;
    part_rows(input, output, dns_name_parent);
}

static const struct function {
    const char *name;
    duckdb_scalar_function_t call;
    duckdb_type result;
    duckdb_type arguments[3];
    unsigned argument_count;
} functions[] = {
    {"nf_glob", nf_glob, DUCKDB_TYPE_BOOLEAN, {DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_BLOB}, 2},
    {"nf_glob_name", nf_glob_name, DUCKDB_TYPE_BOOLEAN, {DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_BLOB}, 2},
    {"nf_inet_in",
     nf_inet_in,
     DUCKDB_TYPE_BOOLEAN,
     {DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_BLOB, DUCKDB_TYPE_BLOB},
     3},
    {"nf_inet_key", nf_inet_key, DUCKDB_TYPE_BLOB, {DUCKDB_TYPE_VARCHAR}, 1},
    {"nf_code_in", nf_code_in, DUCKDB_TYPE_BOOLEAN, {DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_BLOB}, 2},
    {"nf_bucket", nf_bucket, DUCKDB_TYPE_USMALLINT, {DUCKDB_TYPE_BIGINT}, 1},
    {"nf_domain", nf_domain, DUCKDB_TYPE_VARCHAR, {DUCKDB_TYPE_VARCHAR}, 1},
    {"nf_suffix", nf_suffix, DUCKDB_TYPE_VARCHAR, {DUCKDB_TYPE_VARCHAR}, 1},
};

static int define(struct duck_conn *c, const struct function *f)
{
    duckdb_scalar_function made = duck_lib.create_scalar_function();
    duckdb_logical_type type = duck_lib.create_logical_type(f->result);
    duck_lib.scalar_function_set_name(made, f->name);
    duck_lib.scalar_function_set_return_type(made, type);
    duck_lib.destroy_logical_type(&type);
    for (unsigned i = 0; i < f->argument_count; i++) {
        type = duck_lib.create_logical_type(f->arguments[i]);
        duck_lib.scalar_function_add_parameter(made, type);
        duck_lib.destroy_logical_type(&type);
    }
    duck_lib.scalar_function_set_function(made, f->call);
    duckdb_state state = duck_lib.register_scalar_function(c->handle, made);
    duck_lib.destroy_scalar_function(&made);
    return state == DuckDBError ? -EIO : 0;
}

int duck_define_functions(struct duck_conn *c)
{
    int r = 0;
    for (size_t i = 0; !r && i < sizeof(functions) / sizeof(functions[0]); i++)
        r = define(c, &functions[i]);
    if (r)
        snprintf(c->error, sizeof(c->error), "the engine takes no functions");
    return r;
}
