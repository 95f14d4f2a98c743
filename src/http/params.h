/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of a request, checked and resolved. One table names all of them; each route takes
 * some (route.h). */
#pragma once

#include "http/problem.h"
#include "store/store.h"

enum http_param {
    PARAM_FROM,
    PARAM_UNTIL,
    PARAM_FILTER,
    PARAM_LIMIT,
    PARAM_ORDER,
    PARAM_AFTER,
    PARAM_FORMAT,
    PARAM_BY,
    PARAM_METRICS,
    PARAM_LEAST,
    PARAM_STEP,
    PARAM_FIELD,
    PARAM_PREFIX,
    PARAM_ALL,
    PARAM_COUNT,
};

enum http_format {
    FORMAT_JSON,
    FORMAT_NDJSON,
    FORMAT_CSV,
};

enum {
    HTTP_PREFIX_MAX = 256,
    HTTP_STEP_POINTS = 120, /* what step=auto aims at */
};

struct http_params {
    uint32_t given; /* bits 1 << PARAM_... */
    struct store_range range;
    struct filter *filter; /* NULL: all. http_params_done frees it */
    uint32_t limit;
    char order_text[64]; /* resolved at the end: what it may be depends on the route */
    const struct field *order;
    enum store_metric order_metric;
    bool ascending;
    struct store_page after;
    bool has_format;
    enum http_format format;
    const struct field *by[STORE_KEYS_MAX];
    unsigned by_count;
    uint32_t metrics; /* bits 1 << METRIC_... */
    uint64_t least;
    int64_t step_ns;
    const struct field *field;
    char prefix[HTTP_PREFIX_MAX];
    bool all;
};

const char *http_param_name(enum http_param param);

/* Defaults: the last 15 minutes before now. */
void http_params_init(struct http_params *p, int64_t now_ns);
void http_params_done(struct http_params *p);
/* One parameter as it came, decoded; `allowed` are those of the route. 0, or -EINVAL with the
 * problem. */
int http_params_take(struct http_params *p, uint32_t allowed, const char *name, size_t name_len,
                     const char *value, size_t len, int64_t now_ns, struct http_problem *problem);
/* What can be said only when all are there: range, order, steps. `allowed` as above. */
int http_params_finish(struct http_params *p, uint32_t allowed, struct http_problem *problem);

/* A step that people read easily and that makes about HTTP_STEP_POINTS points. */
int64_t http_step_for(int64_t span_ns);
