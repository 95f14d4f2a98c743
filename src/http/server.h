/* SPDX-License-Identifier: Apache-2.0 */
/* Private: the server and the requests it works on.
 *
 * A request is handled in two steps. The listener's thread finds its route, checks who asks and
 * what, and either answers at once or suspends the connection and queues a job; it never runs a
 * query. A thread of a pool runs the job, fills `body` or `problem`, and resumes the connection. */
#pragma once

#include "http/assets.h"
#include "http/conns.h"
#include "http/http.h"
#include "http/mhd_lib.h"
#include "http/params.h"
#include "http/pool.h"
#include "http/token.h"
#include "http/views.h"
#include "http/watch.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    HTTP_CONNECTIONS_MAX = 256,
    HTTP_CONNECTION_SLACK = 64, /* accepted beyond that, so that somebody can make room */
    HTTP_HEADER_BYTES = 32768,  /* the request's head and the buffer of the answer */
    HTTP_BODY_BYTES = 65536,    /* that are read, and thrown away, before it is refused */
    HTTP_IDLE_S = 60,           /* neither a byte came nor could one be sent */
    HTTP_QUERY_THREADS = 2,
    HTTP_QUERY_QUEUE = 32,
    HTTP_QUICK_QUEUE = 64,
    HTTP_DEADLINE_S = 30,
    HTTP_PAGE_BYTES = 8 << 20,  /* of an answer, or of a piece of a stream */
    HTTP_HELD_BYTES = 64 << 20, /* of all answers that are being sent: no query starts beyond */
};

struct request;
struct row_stream;
struct live;
struct metrics;

enum route_how {
    ROUTE_FIXED, /* the same answer for the server's life */
    ROUTE_QUICK, /* a job that does not run a query */
    ROUTE_QUERY,
    ROUTE_LIVE,
};

struct route {
    const char *path;
    bool numbered; /* a sequence number follows */
    bool named;    /* a name follows; asked with PUT and DELETE instead of GET */
    bool open;     /* needs no token */
    enum route_how how;
    uint32_t params; /* bits 1 << PARAM_... */
    uint32_t limit_default, limit_max;
    void (*run)(struct request *r); /* of jobs: fills status, type and body, or the problem */
};

enum {
    ROUTE_COUNT = 15,
};
extern const struct route http_routes[ROUTE_COUNT];
/* NULL: there is none. *seq: of a numbered one; *name: of a named one, part of the path. */
const struct route *http_route_find(const char *path, uint64_t *seq, const char **name);
/* The table as JSON, for the test that holds it against the OpenAPI document. */
void http_routes_to_json(struct buf *out);

/* Where connections come from. */
struct listener {
    struct http *http;
    struct MHD_Daemon *daemon; /* NULL: none */
    bool local;                /* the unix socket: its permissions are the access control */
};

/* An answer that never changes. */
struct fixed {
    const char *path, *type;
    struct buf plain, packed;
    char etag[32];
};

enum {
    FIXED_COUNT = 3,
};

enum {
    STATUS_COUNT = 11, /* that are counted one by one, see http_statuses */
};
extern const int http_statuses[STATUS_COUNT];

struct http {
    struct http_options o;
    char *url, *socket_path, *node, *version;
    char token[TOKEN_MAX];
    int64_t started_ns, started_monotonic_ns;
    struct listener tcp, local;
    struct conns *conns;
    struct pool *queries, *quick;
    struct watch *watch;
    struct live *live;
    struct metrics *metrics;
    atomic_bool stopping, metrics_public;
    atomic_size_t held_bytes;
    struct views views;
    pthread_mutex_t lock;     /* of `requests` */
    struct request *requests; /* all there are, to cancel them at the end */
    struct fixed fixed[FIXED_COUNT];
    atomic_uint_fast64_t answers[ROUTE_COUNT + 1][STATUS_COUNT];
};

enum request_phase {
    PHASE_NEW,
    PHASE_JOB,      /* in a pool's hands */
    PHASE_READY,    /* the answer is there */
    PHASE_ANSWERED, /* and on its way */
};

struct request {
    struct pool_job job; /* first: the pool hands it back */
    struct watched watched;
    struct http *http;
    struct MHD_Connection *connection;
    struct conn *conn;
    const struct route *route; /* NULL: there is none */
    const struct asset *asset; /* a file of the console, when there is no route */
    struct request *prev, *next;
    atomic_int phase;
    bool head, gzip, local, remove;
    uint64_t seq;
    char name[VIEW_NAME_MAX];
    struct buf sent; /* its body */
    struct http_params params;
    atomic_bool cancel;
    int64_t deadline_ns; /* CLOCK_MONOTONIC */

    struct http_problem problem; /* status 0: none */
    const char *type;
    struct buf body;
    size_t held; /* of it in http->held_bytes */
    bool packed; /* body is gzip already */
    char etag[32];
    struct row_stream *stream; /* more is to come */
};

/* ---- for the routes ---- */

/* What the store is given to watch a query by. */
struct store_control request_control(struct request *r);
/* `{"from":...,"until":...` and the opening bracket. */
void request_open_range(struct request *r, struct buf *out);
/* A field of the head; NULL when it is not there. */
const char *request_header(struct request *r, const char *name);
/* False, with the problem, when there is no store. */
bool request_needs_store(struct request *r);

/* ---- request.c ---- */

enum MHD_Result http_on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **con_cls);
void http_on_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                       enum MHD_RequestTerminationCode how);
/* A job's end, from its thread: the connection goes on. */
void request_finish_job(struct request *r);
/* Suspends the connection and queues the job. `sure`: there is always room for it. When there is
 * none the connection goes on with a problem. */
void request_start_job(struct request *r, bool sure);
/* Accounts for what the answer holds. */
void request_hold(struct request *r);

/* ---- rows.c ---- */

/* MHD_ContentReaderCallback of an answer that is a stream; cls is the request. */
ssize_t row_stream_read(void *cls, uint64_t pos, char *to, size_t max);
void row_stream_free(struct row_stream *s);

/* ---- routes ---- */

void get_status(struct request *r);
void get_losses(struct request *r);
void get_health(struct request *r);
void get_metrics(struct request *r);
void get_transactions(struct request *r);
void get_transaction(struct request *r);
void get_top(struct request *r);
void get_series(struct request *r);
void get_histogram(struct request *r);
void get_values(struct request *r);
void get_views(struct request *r);
void change_view(struct request *r); /* PUT, DELETE */
void http_fields_to_json(struct buf *out);

/* Fills the agent's part; `kernel` is the caller's. */
void http_agent_status(struct http *h, struct http_agent_status *out, struct buf *kernel);
