/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the store: the names that are asked for most within some time, out of a stream and in
 * bounded memory. Names that are few are given up when there are too many, as in lossy counting
 * (Manku and Motwani 2002); only names of which nothing was given up are listed, so that what is
 * listed is exact, and how many transactions a name can have that is not listed is known. */
#pragma once

#include "record/row.h"
#include "store/distinct.h"

struct frequent_sums {
    uint64_t transactions, errors, unanswered, with_latency, latency_sum_us;
    int64_t latency_min_us, latency_max_us; /* when with_latency */
};

void frequent_sums_add(struct frequent_sums *to, const struct frequent_sums *from);

struct frequent_name {
    uint64_t hash;
    struct frequent_sums sums;
    uint64_t missed; /* it may have had so many before, at most */
    uint32_t len;
    bool absent; /* the transactions without a name */
    char text[];
};

/* Zeroed but for `limit`: empty. */
struct frequent {
    uint32_t limit; /* names in memory; some hundred at least make sense */
    struct frequent_name **slots;
    size_t slot_count, count;
    uint64_t transactions;
    uint64_t dropped;          /* the most that a name that was given up can have had */
    struct frequent_sums rest; /* of names that were given up */
    struct distinct names;
};

/* Needs outcome, rcode, latency and name. 0 or -ENOMEM. */
int frequent_add(struct frequent *h, const struct row *row);
void frequent_done(struct frequent *h); /* empties it */

/* What is listed, and the others as one. */
struct frequent_list {
    struct frequent_name **names; /* of the struct frequent */
    size_t count;
    struct frequent_sums rest;
    uint64_t rest_max; /* no name that is not listed has more */
};

/* At most `most` names, those with the most transactions. Nothing may be added afterwards. */
void frequent_list(struct frequent *h, size_t most, struct frequent_list *out);
