/* SPDX-License-Identifier: Apache-2.0 */
/* The record's fields by name: what the filter language, the columns and later the store share. */
#pragma once

#include "dns/types.h"
#include "record/row.h"

enum field_type {
    FIELD_TIME,     /* ns since the epoch */
    FIELD_DURATION, /* us */
    FIELD_NUMBER,
    FIELD_TEXT,
    FIELD_ENUM, /* text out of a closed or IANA-registered set, compared without case */
    FIELD_INET,
    FIELD_SET, /* several texts: flags, marks */
    FIELD_BOOL,
};

struct field_value {
    bool present;
    bool has_inet;    /* INET, and TEXT that is an address: `inet` holds it */
    int64_t number;   /* TIME, DURATION, NUMBER, BOOL; for ENUM the code */
    const char *text; /* TEXT, ENUM, SET: len bytes */
    size_t len;
    struct inet_addr inet;
};

/* Where a row has the values of a field. */
struct field_place {
    enum field_list {
        FIELD_IN_ROW,
        FIELD_IN_EDNS, /* struct row_edns, when there is EDNS */
        FIELD_IN_ANSWERS,
        FIELD_IN_EDE,
        FIELD_IN_HOPS,
    } list;
    enum field_kind {
        FIELD_U8,
        FIELD_U16,
        FIELD_U32,
        FIELD_I32,
        FIELD_I64,
        FIELD_FLAG, /* bool */
        FIELD_ROW_TEXT,
        FIELD_ADDRESS,
    } kind;
    enum field_absent {
        FIELD_NEVER_ABSENT,
        FIELD_ABSENT_ZERO,
        FIELD_ABSENT_NEGATIVE,
    } absent;      /* of numbers */
    size_t offset; /* in the row, or the element of the list */
};

typedef bool field_each(void *ctx, const struct field_value *v);

struct field {
    const char *name;  /* "qname", "edns.udp_size", "answers.data" */
    const char *alias; /* "latency" for latency_us; NULL */
    enum field_type type;
    const char *help; /* one line */
    /* Calls `each` for every value (none: absent); stops when it returns true and then returns
     * true. A value and its text are valid during the call only. */
    bool (*values)(struct record *r, field_each *each, void *ctx);
    struct field_place row;
    /* ENUM only: code of a mnemonic (any case, or a number where there are numbers) or -EINVAL. */
    int (*parse_enum)(const char *text, size_t len);
    /* ENUM and SET: the i-th mnemonic, for suggestions; NULL past the end. */
    const char *(*enum_at)(size_t i);
    /* ENUM only: the mnemonic of a code. */
    const char *(*enum_name)(int64_t code, char scratch[DNS_MNEMONIC_MAX]);
    bool fold;      /* TEXT that DNS compares without case; a final dot makes no difference */
    bool is_lower;  /* and is in lower case already */
    bool presence;  /* BOOL that is true or absent: false means null */
    bool addresses; /* TEXT that may be an address, to be compared as one */
    /* Not in the record but a part of the name asked for: where that begins; false: there is none.
     * NULL: a field of the record. */
    bool (*part)(const char *qname, size_t len, size_t *begin);
};

const struct field *field_find(const char *name, size_t len); /* also by alias; NULL */
/* NULL past the end; derived fields (f->part) are the last ones. */
const struct field *field_at(size_t i);
size_t field_index(const struct field *f); /* of field_at */
/* The most similar field name, for "did you mean"; NULL when none is near. */
const char *field_nearest(const char *name, size_t len);

/* Whether a transaction has one value of it at most: those can be ordered and grouped by. */
bool field_is_single(const struct field *f);
/* As f->values, of a row. */
bool field_row_values(const struct field *f, const struct row *r, field_each *each, void *ctx);
/* The value of a single field; false: absent. */
bool field_row_value(const struct field *f, const struct row *r, char scratch[DNS_MNEMONIC_MAX],
                     struct field_value *out);
/* Appends the value as JSON has it, without quotes and escapes. Of an ENUM only the number counts.
 */
void field_value_text(const struct field *f, const struct field_value *v, struct buf *out);
/* SET: the bit of the i-th mnemonic in the row. */
uint16_t field_set_bit(const struct field *f, size_t i);
