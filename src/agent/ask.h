/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about stored transactions, answered by a running agent through its API or straight from
 * a store's folder: the commands that ask do not see which. */
#pragma once

#include "cli/answer.h"
#include "cli/chart.h"
#include "cli/client.h"
#include "cli/options.h"
#include "store/store.h"

struct ask_options {
    const char *socket, *url, *token, *token_file; /* of an agent; NULL: not given */
    const char *store;                             /* a folder; NULL: ask an agent */
};

/* Options that the commands that ask have. */
#define ASK_AGENT_OPTIONS(o)                                                                       \
    {.name = "socket",                                                                             \
     .type = OPTION_TEXT,                                                                          \
     .value_name = "PATH",                                                                         \
     .value = &(o).socket,                                                                         \
     .example = CLIENT_SOCKET,                                                                     \
     .help = "the agent's unix socket (default " CLIENT_SOCKET ")"},                               \
        {.name = "url",                                                                            \
         .type = OPTION_TEXT,                                                                      \
         .value_name = "URL",                                                                      \
         .value = &(o).url,                                                                        \
         .example = "http://127.0.0.1:8053",                                                       \
         .help = "an agent by its URL instead, with its token"},                                   \
        {.name = "token",                                                                          \
         .type = OPTION_TEXT,                                                                      \
         .value_name = "TOKEN",                                                                    \
         .value = &(o).token,                                                                      \
         .help = "that agent's token; others can see it in the list of processes"},                \
    {                                                                                              \
        .name = "token-file", .type = OPTION_TEXT, .value_name = "FILE", .value = &(o).token_file, \
        .example = "/var/lib/nameflow/token", .help = "a file that holds the token"                \
    }
#define ASK_STORE_OPTION(o)                                                                        \
    {                                                                                              \
        .name = "store", .type = OPTION_TEXT, .value_name = "FOLDER", .value = &(o).store,         \
        .example = "/var/lib/nameflow",                                                            \
        .help = "a store's folder instead of an agent; no agent may have it open"                  \
    }

struct ask;

enum {
    ASK_TOKEN_MAX = 512,
};

/* Checks the options and reads the token into `token`; fills *client. -1 to go on, else the exit
 * code with the error printed. */
int ask_client_options(const struct ask_options *o, const char *command, char token[ASK_TOKEN_MAX],
                       struct client_options *client);

/* -1 to go on, else the exit code with the error printed; so for the following. */
int ask_open(struct ask **out, const struct ask_options *o, const char *command);
void ask_close(struct ask *a);

struct ask_rows {
    struct store_rows_query query;
    const char *filter_text; /* the text that query.filter was made from; NULL: none */
};

int ask_rows(struct ask *a, const struct ask_rows *q, store_row_sink *sink, void *ctx);

struct ask_groups {
    struct store_groups_query query;
    const char *filter_text;
    enum store_metric metrics[METRIC_COUNT_OF_METRICS]; /* in the order to be shown */
    size_t metric_count;
};

/* *out is the caller's. */
int ask_groups(struct ask *a, const struct ask_groups *q, struct answer **out);

/* The latency's buckets over time; of the query only range, filter and step count. *out is freed
 * with free(). */
int ask_heat(struct ask *a, const struct ask_groups *q, struct chart_heat **out);
