/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as CSV (RFC 4180): a column for each key of docs/fields.md, in its order. */
#pragma once

#include "record/row.h"

/* The header line. */
void row_csv_header(struct buf *out);
/* One line. Absent values are empty, empty texts are "". Lists, sets and `edns` are their JSON.
 * `scratch` is overwritten, and spares an allocation for each row. */
void row_to_csv(const struct row *r, struct buf *scratch, struct buf *out);
