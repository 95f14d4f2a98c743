/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP API (docs/api.md): questions to the store, transactions as they happen, and metrics.
 *
 * It has threads of its own: one for each listener, which never waits for anything but its
 * sockets; a few that run queries; one that watches for clients that left. What the pipeline calls
 * (http_live_push, http_metrics_push) takes no lock and waits for nobody. */
#pragma once

#include "record/record.h"
#include "store/store.h"

struct http;

enum {
    HTTP_STAGES_MAX = 16,
    HTTP_LOSSES_MAX = 16,
    HTTP_LIVE_READERS_MAX = 32,
};

struct http_loss {
    const char *reason; /* "queue_full": a word, the same for the process's life */
    uint64_t count;
    /* Left out on purpose, or no transaction is missing for it: what is no DNS, what sampling
     * leaves out, the name of a process that ended early. All else is lost. */
    bool by_design;
};

/* What a stage took, handed on and lost since the start. */
struct http_stage {
    const char *name; /* "ring", "pkt", "tcp", ... */
    uint64_t in, out;
    struct http_loss dropped[HTTP_LOSSES_MAX];
    size_t dropped_count;
};

/* What only the agent knows. */
struct http_agent_status {
    struct http_stage stages[HTTP_STAGES_MAX];
    size_t stage_count;
    struct buf *kernel; /* where the JSON object of the kernel's features goes; left empty: {} */
};

/* Texts are copied by http_new. */
struct http_options {
    const char *listen;      /* "127.0.0.1:8053", "[::1]:8053", "localhost:0"; NULL: no TCP */
    const char *socket_path; /* unix socket, made 0660; NULL: none */
    const char *token_file; /* made when missing, 0600; needed with `listen`. Views that the console
                               saves are kept beside it, in views.json */
    bool metrics_public;    /* /metrics without token */
    struct store *store;    /* NULL: what needs it answers 503. Outlives the server */
    /* Fills *out, which is zeroed but for `kernel`. From a thread of the server, one at a time.
     * NULL: there is nothing to tell. */
    void (*status)(void *ctx, struct http_agent_status *out);
    void *status_ctx;
    /* Puts what was lost within the range into the open object: "known_from", "lost", "away"
     * (docs/api.md). From threads of the server. NULL: that is not known. */
    void (*losses)(void *ctx, const struct store_range *range, struct buf *out);
    void *losses_ctx;
    int64_t deadline_ns; /* how long a query may take; 0: 30 s */
    const char *version; /* of nameflow */
    const char *node;    /* name of the host; NULL: gethostname */
};

/* Listens and serves from here on. 0 or negative errno with one sentence in err: -EINVAL an
 * address that is none, -EADDRINUSE, -EPERM a token file that others can read, ... */
int http_new(struct http **out, const struct http_options *o, char *err, size_t err_size);
/* http_options.metrics_public from now on. */
void http_set_metrics_public(struct http *h, bool is);
/* Ends what is running (queries are cancelled) and frees all. The pipeline must have stopped. */
void http_free(struct http *h);
/* "http://127.0.0.1:8053" with the port that was really taken; NULL without TCP. */
const char *http_url(const struct http *h);
/* The web console's address with the token as its fragment, which opens it: for the terminal of who
 * started the agent, not for a log. False without TCP, or in a build without the console. */
bool http_console_url(const struct http *h, struct buf *out);

/* Offers a record to those who read /api/v1/live. Without a reader it costs one load. What a reader
 * is too slow for is counted and told to it. Of one thread, the pipeline's. */
void http_live_push(struct http *h, struct record *r);
/* Counts a record for /metrics. Of one thread, the pipeline's. */
void http_metrics_push(struct http *h, struct record *r);
