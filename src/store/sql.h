/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the store: SQL for DuckDB. The text is made of constants of this program and of names
 * out of the table of fields; whatever a person wrote is a bound value. */
#pragma once

#include "filter/filter.h"

struct sql_value {
    enum sql_kind {
        SQL_NUMBER,
        SQL_TEXT, /* UTF-8 */
        SQL_BYTES,
        SQL_VALUE, /* data: a value of the engine's, such as a list */
    } kind;
    int64_t number;
    const void *data; /* the filter's, or of the arena */
    size_t len;
};

/* A statement being written. */
struct sql {
    struct buf text;
    struct sql_value *values; /* of $1, $2, ... */
    size_t count, cap;
    struct arena arena;
    bool flat;   /* sql_filter_flat */
    bool failed; /* out of memory */
};

void sql_init(struct sql *s);
void sql_done(struct sql *s);
void sql_puts(struct sql *s, const char *constant);
/* Writes the placeholder, with its type. Texts must be UTF-8 and live as long as the statement. */
void sql_number(struct sql *s, int64_t v);
void sql_text(struct sql *s, const char *text, size_t len);
void sql_bytes(struct sql *s, const void *data, size_t len);
/* `type`: a constant. */
void sql_value(struct sql *s, const char *type, void *value);

/* A text in quotes, for the statements that take no placeholder (ATTACH, COPY): paths of files. */
void sql_put_literal(struct buf *b, const char *text);

/* Which table has a field: duck.h. Of latencies of hops, names and TTLs of
 * answers it is the row: those need more than a dictionary. */
enum sql_place {
    SQL_IN_ROW,
    SQL_IN_ORIGIN,
    SQL_IN_EXTRA,
    SQL_IN_ANSWER_SET,
};
enum sql_place sql_place_of(const struct field *f);

/* An expression that is TRUE for the rows that filter_match_row matches; FALSE or NULL for others.
 * It needs no table but that of the rows beside it: dictionaries are asked within. */
void sql_filter(struct sql *s, const struct filter *f);
/* The same where each field is a column of one table. */
void sql_filter_flat(struct sql *s, const struct filter *f);
/* Whether all fields that the filter names are allowed. */
bool sql_filter_names_only(const struct filter *f,
                           bool (*allowed)(void *ctx, const struct field *field), void *ctx);
/* The value of a single field, in the table that has it; NULL: absent. Codes and sets of bits as in
 * struct row, latencies in us. */
void sql_column(struct sql *s, const struct field *f);

/* Functions that the statements use beside DuckDB's own (duck_functions.c):
 *   nf_glob(VARCHAR, BLOB)             whether the pattern matches, as glob.h
 *   nf_glob_name(VARCHAR, BLOB)        likewise, after taking a final dot off
 *   nf_inet_in(VARCHAR, BLOB, BLOB)    whether the text is an address between the two of 16 bytes
 *   nf_inet_key(VARCHAR)               the 16 bytes of an address
 *   nf_code_in(BIGINT, BLOB)           whether the bit of that number is set
 *   nf_bucket(BIGINT)                  store/buckets.h
 *   nf_domain(VARCHAR), nf_suffix(VARCHAR)  the parts of a name, NULL when there is none
 * Each is NULL when an argument is. */
