/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions from JSON: what `--json`, `export` and the API write. */
#pragma once

#include "record/row.h"

/* One object of row_to_json (record/row.h) back to a row: the two are inverse to one another. Texts
 * and lists are copied into the arena. 0, -ENOMEM, or -EBADMSG with one sentence in err that names
 * the key. With `strict` a key that is none is a mistake too; else it is passed over, as what a
 * newer agent sends must be. */
int row_from_json(struct row *out, const char *text, size_t len, bool strict, struct arena *arena,
                  char *err, size_t err_size);
