/* SPDX-License-Identifier: Apache-2.0 */
/* Private to duck_columns.c and duck_reader.c: which columns the tables of duck.h have. */
#pragma once

#include "store/duck.h"

enum duck_member {
    MEMBER_U8,
    MEMBER_U16,
    MEMBER_U32,
    MEMBER_U64,
    MEMBER_I32,
    MEMBER_I64,
    MEMBER_TEXT,
    MEMBER_ADDRESS,
    MEMBER_ANSWERS, /* but for their ttl */
    MEMBER_TTLS,
    MEMBER_EDNS,
    MEMBER_PATH, /* of hops, the interface and netns */
    MEMBER_LAG,
    MEMBER_HOP_LATENCIES,
};

/* Which value of a number says that there is none. */
enum duck_absent {
    ABSENT_NEVER,
    ABSENT_ZERO,
    ABSENT_MINUS,
};

/* A member of struct row, or of an element of its lists, and its column. `ttls`, `lag` and
 * `hop_latencies` are made of several. */
struct duck_column {
    const char *name, *type;
    uint16_t offset;
    uint8_t member, absent;
    uint8_t width; /* of the column, in bytes; numbers are stored without sign */
};

enum {
    DUCK_ANSWER_COLUMNS = 3,
    DUCK_PATH_COLUMNS = 2,
    DUCK_EDE_COLUMNS = 2,
    DUCK_EDNS_COLUMNS = 8, /* `ede` follows as a list */
};

extern const struct duck_column duck_answer_columns[DUCK_ANSWER_COLUMNS];
extern const struct duck_column duck_path_columns[DUCK_PATH_COLUMNS];
extern const struct duck_column duck_ede_columns[DUCK_EDE_COLUMNS];
extern const struct duck_column duck_edns_columns[DUCK_EDNS_COLUMNS];

/* Of the table `which`, but for the numbers by which it refers to dictionaries or is referred to.
 * Those come last in the rows, and first in a dictionary. */
const struct duck_column *duck_columns_in(enum duck_table which, size_t *count);

/* The name of the question as its answer repeats it. */
static inline struct row_text duck_name_asked(const struct row *r)
{
    return r->qname_wire.text ? r->qname_wire : r->qname;
}
