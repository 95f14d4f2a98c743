/* SPDX-License-Identifier: Apache-2.0 */
#include "store/duck.h"

#include <errno.h>

const struct duck_side *const duck_sides[DUCK_SIDES_MAX] = {NULL};

int duck_rows(void *b, const struct store_rows_query *q, struct store_control *control,
              store_row_sink *sink, void *ctx)
{
    (void)b, (void)q, (void)control, (void)sink, (void)ctx;
    return -ENOTSUP;
}

int duck_groups(void *b, const struct store_groups_query *q, struct store_control *control,
                store_part_sink *sink, void *ctx, const char **source, bool *approximate)
{
    (void)b, (void)q, (void)control, (void)sink, (void)ctx, (void)source, (void)approximate;
    return -ENOTSUP;
}
