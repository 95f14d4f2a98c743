/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions as a busy node has them over a day: a few hundred processes in containers, a stub
 * and upstream servers, names of which few are asked for often and many once. Seeded: the same
 * options give the same rows. */
#pragma once

#include "record/row.h"

struct gen_rows_options {
    uint64_t rows;
    uint32_t names; /* 0: 558,758 */
    uint64_t seed;
    int64_t from_ns, until_ns; /* the rows' times, rising; by day more than by night */
};

struct gen_rows;

/* NULL without memory. */
struct gen_rows *gen_rows_new(const struct gen_rows_options *o);
void gen_rows_free(struct gen_rows *g);
/* The next one; its texts live until the next call. False at the end. */
bool gen_rows_next(struct gen_rows *g, struct row *out);
