/* SPDX-License-Identifier: Apache-2.0 */
#include "store/duck_groups.h"

#include <errno.h>
#include <stdlib.h>

/* The code of a mnemonic that enum_name gave. */
static int64_t code_of(const struct field *f, const struct row_text *t)
{
    char scratch[DNS_MNEMONIC_MAX];
    int code = f->parse_enum(t->text, t->len);
    if (code >= 0)
        return code;
    for (code = 0; code < 65536; code++) {
        const char *name = f->enum_name(code, scratch);
        if (strlen(name) == t->len && memcmp(name, t->text, t->len) == 0)
            return code;
    }
    return -1;
}

static int64_t number_of(const struct field *f, const struct row_text *t)
{
    int64_t n = 0;
    if (f->type == FIELD_ENUM)
        return code_of(f, t);
    if (f->type == FIELD_BOOL)
        return t->text[0] == 't';
    for (uint32_t i = 0; i < t->len; i++)
        n = n * 10 + (t->text[i] - '0');
    return n;
}

static duckdb_value value_of(const struct field *f, const struct row_text *t)
{
    if (!t->text)
        return duck_lib.create_null_value();
    if (f->type == FIELD_TEXT || f->type == FIELD_INET)
        return duck_lib.create_varchar_length(t->text, t->len);
    return duck_lib.create_int64(number_of(f, t));
}

/* Takes the values. */
static duckdb_value list_of(bool text, duckdb_value *values, size_t count)
{
    duckdb_logical_type type =
        duck_lib.create_logical_type(text ? DUCKDB_TYPE_VARCHAR : DUCKDB_TYPE_BIGINT);
    duckdb_value list = duck_lib.create_list_value(type, values, count);
    duck_lib.destroy_logical_type(&type);
    for (size_t i = 0; i < count; i++)
        duck_lib.destroy_value(&values[i]);
    return list;
}

int duck_lists_init(struct duck_lists *l, const struct store_groups_query *q,
                    const struct store_groups *groups)
{
    *l = (struct duck_lists){0};
    duckdb_value *values = calloc(groups->count + 1, sizeof(duckdb_value));
    if (!values)
        return -ENOMEM;
    for (size_t i = 0; i < groups->count; i++)
        values[i] = duck_lib.create_int64((int64_t)i);
    l->numbers = list_of(false, values, groups->count);
    for (int k = 0; k < STORE_KEYS_MAX; k++) {
        const struct field *f = q->by[k];
        if (!f)
            continue;
        l->is_text[k] = f->type == FIELD_TEXT || f->type == FIELD_INET;
        for (size_t i = 0; i < groups->count; i++)
            values[i] = value_of(f, &groups->groups[i].key[k]);
        l->keys[k] = list_of(l->is_text[k], values, groups->count);
    }
    free(values);
    return 0;
}

void duck_lists_done(struct duck_lists *l)
{
    if (l->numbers)
        duck_lib.destroy_value(&l->numbers);
    for (int k = 0; k < STORE_KEYS_MAX; k++)
        if (l->keys[k])
            duck_lib.destroy_value(&l->keys[k]);
}
