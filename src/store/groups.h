/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the store: parts of groups added up to an answer. */
#pragma once

#include "store/backend.h"

struct groups;

/* NULL when memory runs out. The query must outlive it. */
struct groups *groups_new(const struct store_groups_query *q);
void groups_free(struct groups *g);
/* A store_part_sink; ctx is the struct groups. -E2BIG when there are more groups than memory is
 * given for. */
int groups_add(void *ctx, const struct store_part *part);
/* Names in the order in which equal groups are listed: by their bytes, an absent one last. */
int groups_compare_names(const struct row_text *a, const struct row_text *b);
/* Takes what was added; the answer is the caller's (store_groups_free). 0 or -ENOMEM. */
int groups_finish(struct groups *g, const char *source, bool approximate,
                  struct store_groups **out);
