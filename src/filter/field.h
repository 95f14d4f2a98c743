/* SPDX-License-Identifier: Apache-2.0 */
/* The record's fields by name: what the filter language, the columns and later the store share. */
#pragma once

#include "record/record.h"

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
    int64_t number;   /* TIME, DURATION, NUMBER, BOOL; for ENUM the code */
    const char *text; /* TEXT, ENUM: len bytes */
    size_t len;
    struct inet_addr inet;
};

struct field {
    const char *name;  /* "qname", "edns.udp_size", "answers.data" */
    const char *alias; /* "latency" for latency_us; NULL */
    enum field_type type;
    const char *help; /* one line */
    /* Calls `each` for every value (none: absent); stops when it returns true and then returns
     * true. Memory of the values lives until the record's arena is reset. */
    bool (*values)(struct record *r, bool (*each)(void *ctx, const struct field_value *v),
                   void *ctx);
    /* ENUM only: code of a mnemonic or -EINVAL; and the i-th mnemonic for suggestions. */
    int (*parse_enum)(const char *text, size_t len);
    const char *(*enum_at)(size_t i);
};

const struct field *field_find(const char *name, size_t len); /* also by alias; NULL */
const struct field *field_at(size_t i);                       /* NULL past the end */
/* The most similar field name, for "did you mean"; NULL when none is near. */
const char *field_nearest(const char *name, size_t len);
