/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments of the commands that ask: ranges of time, fields and metrics. All print what is wrong
 * and return the exit code, or -1 to go on. */
#pragma once

#include "agent/ask.h"

/* --since and --until; NULL: the default. `since_default_ns` is how long ago the range begins. */
int ask_range(const char *command, const char *since, const char *until, int64_t since_default_ns,
              struct store_range *out);
/* --by: at most STORE_KEYS_MAX fields. */
int ask_by(const char *command, const struct option_texts *names, const struct field **by);
int ask_metrics(const char *command, const struct option_texts *names, struct ask_groups *q);
/* [-]METRIC */
int ask_group_order(const char *command, const char *text, struct store_groups_query *q);
/* [-]FIELD */
int ask_row_order(const char *command, const char *text, struct store_rows_query *q);
