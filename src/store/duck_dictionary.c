/* SPDX-License-Identifier: Apache-2.0 */
#include "store/duck_dictionary.h"

#include "base/hash.h"
#include "store/duck_columns.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    FIRST_SLOTS = 1024,
    SLOTS_MAX = 1 << 20, /* 16 MiB */
};

/* Contents are told apart by 96 bits of a keyed hash: that two of a million agree in them is less
 * likely than that the memory fails. */
struct slot {
    uint64_t hash;
    uint32_t check;
    uint32_t number; /* after `first`, from 1 on; 0: the slot is free */
};

struct duck_dictionary {
    enum duck_table which;
    struct slot *slots;
    size_t slot_count, count;
    int64_t first, next; /* numbers of the table: [first, next) */
    int64_t kept;        /* entries before were deleted */
    uint64_t bytes, max_bytes;
    struct buf content;
};

struct duck_dictionary *duck_dictionary_new(enum duck_table which, uint64_t max_bytes)
{
    struct duck_dictionary *d = calloc(1, sizeof(*d));
    if (!d)
        return NULL;
    d->which = which;
    d->max_bytes = max_bytes;
    return d;
}

void duck_dictionary_free(struct duck_dictionary *d)
{
    if (!d)
        return;
    buf_done(&d->content);
    free(d->slots);
    free(d);
}

void duck_dictionary_forget(struct duck_dictionary *d)
{
    free(d->slots);
    d->slots = NULL;
    d->slot_count = d->count = 0;
    d->bytes = 0;
    d->first = d->next;
}

int duck_dictionary_open(struct duck_dictionary *d, struct duck_conn *writer)
{
    char sql[96];
    int64_t last;
    snprintf(sql, sizeof(sql), "SELECT max(\"%s\") FROM %s", duck_table_id(d->which),
             duck_table_name(d->which));
    int r = duck_query_i64(writer, sql, 0, &last);
    if (!r)
        d->next = last + 1;
    d->kept = 0;
    duck_dictionary_forget(d);
    return r;
}

/* ---- what is known ---- */

static bool grow(struct duck_dictionary *d)
{
    size_t slot_count = d->slot_count ? 2 * d->slot_count : FIRST_SLOTS;
    struct slot *slots = calloc(slot_count, sizeof(*slots));
    if (!slots)
        return false;
    for (size_t i = 0; i < d->slot_count; i++) {
        if (!d->slots[i].number)
            continue;
        size_t at = d->slots[i].hash & (slot_count - 1);
        while (slots[at].number)
            at = (at + 1) & (slot_count - 1);
        slots[at] = d->slots[i];
    }
    free(d->slots);
    d->slots = slots;
    d->slot_count = slot_count;
    return true;
}

/* A place for one more. */
static bool make_room(struct duck_dictionary *d)
{
    if (d->count < d->slot_count / 4 * 3 && d->bytes <= d->max_bytes)
        return true;
    if (d->slot_count == SLOTS_MAX || d->bytes > d->max_bytes)
        duck_dictionary_forget(d);
    return grow(d);
}

static struct slot *find(struct duck_dictionary *d, uint64_t hash, uint32_t check)
{
    size_t at = hash & (d->slot_count - 1);
    while (d->slots[at].number && (d->slots[at].hash != hash || d->slots[at].check != check))
        at = (at + 1) & (d->slot_count - 1);
    return &d->slots[at];
}

/* The number of the row's entry; *is_new: it has to be written. 0: no memory. */
static int64_t number_of(struct duck_dictionary *d, const struct row *row, bool *is_new)
{
    buf_clear(&d->content);
    duck_put_content(&d->content, d->which, row);
    if (d->content.failed || !make_room(d))
        return 0;
    uint64_t hashes[2];
    hash_bytes_wide(d->content.data, d->content.len, hash_seed(), hashes);
    struct slot *s = find(d, hashes[0], (uint32_t)hashes[1]);
    *is_new = !s->number || d->first + s->number - 1 < d->kept;
    if (*is_new) {
        d->count += !s->number;
        d->bytes += d->content.len;
        *s = (struct slot){hashes[0], (uint32_t)hashes[1], (uint32_t)(d->next - d->first) + 1};
        d->next++;
    }
    return d->first + s->number - 1;
}

int duck_dictionary_number(struct duck_dictionary *d, struct duck_conn *writer,
                           const struct row *const *rows, size_t count, int64_t *ids)
{
    const struct row **entries = malloc(count * sizeof(*entries));
    int64_t *entry_ids = malloc(count * sizeof(*entry_ids));
    size_t entry_count = 0;
    int r = entries && entry_ids ? 0 : -ENOMEM;
    for (size_t i = 0; !r && i < count; i++) {
        bool is_new = false;
        ids[i] = number_of(d, rows[i], &is_new);
        if (!ids[i])
            r = -ENOMEM;
        if (!is_new)
            continue;
        entry_ids[entry_count] = ids[i];
        entries[entry_count++] = rows[i];
    }
    if (!r && entry_count)
        r = duck_append_entries(writer, d->which, entries, entry_ids, entry_count);
    free(entries);
    free(entry_ids);
    return r;
}

int duck_dictionary_retain(struct duck_dictionary *d, struct duck_conn *writer)
{
    char sql[128];
    int64_t first;
    snprintf(sql, sizeof(sql), "SELECT min(\"%s\") FROM " DUCK_ROWS_NAME, duck_table_id(d->which));
    int r = duck_query_i64(writer, sql, d->next, &first);
    if (r || first <= d->kept)
        return r;
    d->kept = first; /* before they go, whatever becomes of it */
    snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE \"%s\" < %lld", duck_table_name(d->which),
             duck_table_id(d->which), (long long)first);
    return duck_query(writer, sql, NULL);
}
