/* SPDX-License-Identifier: Apache-2.0 */
/* Private: what the filter language parses to. Everything is resolved at parse time, so that
 * matching allocates nothing and looks nothing up. All memory is in the filter's arena. */
#pragma once

#include "filter/filter.h"
#include "filter/glob.h"

enum {
    FILTER_TEXT_MAX = 64 * 1024,
    FILTER_DEPTH_MAX = 100,
    FILTER_TERMS_MAX = 1000,
    /* Numbers, times and durations stay within this, so that the ends of intervals do too. */
    FILTER_NUMBER_BITS = 62,
};

enum filter_op {
    OP_EQ,
    OP_NE,
    OP_GT,
    OP_GE,
    OP_LT,
    OP_LE,
    OP_GLOB,
    OP_NOT_GLOB,
    OP_SUBSTRING, /* a bare word */
};

enum value_kind {
    VALUE_NULL,
    VALUE_INTERVAL,
    VALUE_TEXT,
    VALUE_GLOB,
    VALUE_PREFIX,
    VALUE_INET_RANGE,
};

struct filter_value {
    enum value_kind kind;
    int64_t low, high; /* INTERVAL: TIME and DURATION in ns, ENUM codes, NUMBER, BOOL */
    const char *text;  /* TEXT, GLOB: as given; in lower case where case does not count */
    size_t len;
    struct glob glob;
    struct inet_prefix prefix;
    bool v6_only;              /* PREFIX: ::/0 and its like do not mean IPv4 */
    struct inet_addr from, to; /* INET_RANGE */
};

struct filter_term {
    const struct field *field;
    enum filter_op op;
    bool negated; /* OP_NE, OP_NOT_GLOB */
    bool has_null;
    size_t count;
    struct filter_value *values;
};

enum node_kind {
    NODE_ALL, /* the empty filter */
    NODE_AND,
    NODE_OR,
    NODE_NOT,
    NODE_TERM,
};

struct filter_node {
    enum node_kind kind;
    struct filter_node *child; /* first of AND, OR, NOT */
    struct filter_node *next;
    struct filter_term term;
};

struct filter {
    struct arena arena;
    struct filter_node *root;
};

/* A piece of the filter's text. */
struct filter_word {
    const char *text;
    size_t len;
    size_t column; /* from 1 */
    size_t width;  /* in the source; more than len for a quoted word */
    bool quoted;
};

/* Parses one value of a term; 0, or negative errno with *error filled. */
int filter_value_parse(const struct field *field, enum filter_op op, const struct filter_word *w,
                       int64_t now_ns, struct arena *arena, struct filter_value *out,
                       struct filter_error *error);
/* Fills *error and returns -EINVAL. */
int filter_fail(struct filter_error *error, size_t column, size_t width, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
