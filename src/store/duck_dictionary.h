/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the DuckDB engine: what many transactions have in common is written once, and they
 * refer to it by its number.
 *
 * The numbers only go up. Which entries there are is remembered in a table of bounded size: when it
 * is full, and after each opening, it begins anew, and what comes again is written again. So two
 * entries may say the same, and whoever groups by what they say does not group by their numbers. It
 * also means that old entries fall out of use, and go with the last transaction that has them. */
#pragma once

#include "store/duck.h"

struct duck_dictionary;

/* max_bytes: of entries, uncompressed, before the table begins anew. NULL without memory. */
struct duck_dictionary *duck_dictionary_new(enum duck_table which, uint64_t max_bytes);
void duck_dictionary_free(struct duck_dictionary *d); /* NULL is fine */

/* Writer's thread. When the engine was opened: finds where the numbers go on. 0 or negative errno.
 */
int duck_dictionary_open(struct duck_dictionary *d, struct duck_conn *writer);
/* Fills in the rows' numbers and appends the entries that are new, in the connection's transaction.
 */
int duck_dictionary_number(struct duck_dictionary *d, struct duck_conn *writer,
                           const struct row *const *rows, size_t count, int64_t *ids);
/* That transaction was rolled back. */
void duck_dictionary_forget(struct duck_dictionary *d);
/* Deletes the entries before the first one that a transaction has. In no transaction. */
int duck_dictionary_retain(struct duck_dictionary *d, struct duck_conn *writer);
