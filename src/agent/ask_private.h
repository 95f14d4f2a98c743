/* SPDX-License-Identifier: Apache-2.0 */
/* Private to ask.h: who answers. */
#pragma once

#include "agent/ask.h"

struct ask {
    const char *command;
    char token[ASK_TOKEN_MAX];
    struct client *client; /* one of the two */
    struct store *store;
};

/* Prints what an agent or the client says went wrong; with a filter the place in it. Returns the
 * exit code. */
int ask_api_failed(const struct ask *a, int error, const struct client_error *e,
                   const char *filter_text);
int ask_api_rows(struct ask *a, const struct ask_rows *q, store_row_sink *sink, void *ctx);
int ask_api_groups(struct ask *a, const struct ask_groups *q, struct answer **out);
int ask_api_heat(struct ask *a, const struct ask_groups *q, struct chart_heat **out);

int ask_store_open(struct ask *a, const char *folder);
int ask_store_rows(struct ask *a, const struct ask_rows *q, store_row_sink *sink, void *ctx);
int ask_store_groups(struct ask *a, const struct ask_groups *q, struct answer **out);
int ask_store_heat(struct ask *a, const struct ask_groups *q, struct chart_heat **out);

/* Rows of `steps` counts each, all zero, in one block with their struct. NULL without memory. */
struct chart_heat *ask_heat_new(size_t rows, size_t steps, struct chart_heat_row **row,
                                uint64_t **counts);
