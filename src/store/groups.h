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
/* Takes what was added; the answer is the caller's (store_groups_free). 0 or -ENOMEM. */
int groups_finish(struct groups *g, const char *source, bool approximate,
                  struct store_groups **out);
