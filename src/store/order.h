/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the store: what may be asked, and the order of transactions in pages. */
#pragma once

#include "store/store.h"

/* 0, or -EINVAL with one sentence in err. */
int store_rows_check(const struct store_rows_query *q, char *err, size_t err_size);
int store_groups_check(const struct store_groups_query *q, char *err, size_t err_size);

/* The field that rows are ordered by: `time` unless another is asked for. */
const struct field *store_rows_order(const struct store_rows_query *q);
/* A transaction's place in the order. Texts stay the row's or the page's. */
struct order_key {
    bool null;
    int64_t number;
    const char *text; /* addresses: 16 bytes */
    size_t len;
    uint64_t seq;
};

struct order_key order_key_of_row(const struct store_rows_query *q, const struct row *r);
struct order_key order_key_of_page(const struct store_page *p);
/* Below 0 when a comes first. Absent values are last in both directions. */
int order_compare(const struct store_rows_query *q, const struct order_key *a,
                  const struct order_key *b);
/* Where the page that ends with the row ends; -E2BIG when its text is too long for a page. */
int store_page_of(const struct store_rows_query *q, const struct row *r, struct store_page *out);

/* Steps of a series: 1 without a step. */
size_t store_step_count(const struct store_groups_query *q);
int64_t store_first_step_ns(const struct store_groups_query *q);

/* 0, -ECANCELED or -ETIMEDOUT. */
int store_control_check(const struct store_control *c);
