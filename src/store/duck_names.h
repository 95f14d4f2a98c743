/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the DuckDB engine: the names that are asked for most, by slots of ten minutes.
 *
 * What a slot of `time` holds is added up in memory while its transactions come (frequent.h), and
 * written to the table `names` when it is closed: in the commit of other transactions. A slot that
 * is opened again, by late ones, is written in parts, which add up. Rows of the table:
 *
 *   kind 0   one a part: the sums of the names that are not listed, `rest_max`: none of them has
 *            more transactions in that part, and `sketch`, the distinct names of it
 *   kind 1   the sums of a name, NULL for the transactions without one; `rest_max` of its part
 *
 * A slot with transactions that are in no part has its number in the table `names_open`, from the
 * commit of the first of them to that of its part: after a crash it is added up again when that is
 * quickly done; otherwise, and whenever memory or the disk fails, it stays there, and questions
 * look at its transactions. So do they for slots before `first` of the table `names_state`.
 * Transactions before `gone` of that table have been deleted. */
#pragma once

#include "store/duck_groups.h"

#define NAMES_SLOT_NS (600 * INT64_C(1000000000))

extern const struct duck_side duck_names_side;

/* Tests make them smaller, before a store is opened. */
extern struct duck_names_limits {
    uint32_t names;       /* of a slot in memory */
    uint32_t listed;      /* of a part */
    int64_t rebuilt_rows; /* so many transactions are added up again, at most */
} duck_names_limits;

/* Whether the tables are there: not in an old store that is only read. */
bool duck_names_there(const struct duck *d);
/* Whether the question may be answered from the slots. */
bool duck_names_serves(const struct store_groups_query *q);
/* -EAGAIN when the slots do not tell for sure, and looking at the transactions is better; nothing
 * was handed on then. */
int duck_ask_names(struct duck_asked *a, store_part_sink *sink, void *ctx, const char **source,
                   bool *approximate);
