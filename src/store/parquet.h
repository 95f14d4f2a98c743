/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions as a Parquet file, for other tools. */
#pragma once

#include <stddef.h>

/* Reads lines of row_to_json from fd up to its end, and writes them to the file `path`, a column
 * for each key of docs/fields.md: lists and `edns` nested, `time` a timestamp of nanoseconds in
 * UTC. It is a DuckDB of its own that does it, in memory: the store's may not touch other files.
 * Memory is bounded, whatever the number of rows. 0, or negative errno with one sentence in err:
 * -ELIBACC the engine's library is missing, -EIO the rest. The fd stays the caller's. */
int parquet_write(int fd, const char *path, char *err, size_t err_size);
