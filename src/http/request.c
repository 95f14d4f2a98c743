/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "http/gzip.h"
#include "http/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    STREAM_BLOCK_BYTES = 65536,
};

/* ---- for the routes ---- */

struct store_control request_control(struct request *r)
{
    return (struct store_control){.cancel = &r->cancel, .deadline_ns = r->deadline_ns};
}

void request_open_range(struct request *r, struct buf *out)
{
    json_open(out, '{');
    json_key(out, "from");
    json_utc(out, r->params.range.from_ns);
    json_key(out, "until");
    json_utc(out, r->params.range.until_ns);
}

const char *request_header(struct request *r, const char *name)
{
    return mhd_lib.lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

bool request_needs_store(struct request *r)
{
    if (r->http->o.store)
        return true;
    http_fail(&r->problem, 503, "this agent keeps no transactions: its store is switched off");
    r->problem.passing = false;
    return false;
}

void request_hold(struct request *r)
{
    /* Wraps around to a subtraction when it shrank. */
    atomic_fetch_add(&r->http->held_bytes, r->body.cap - r->held);
    r->held = r->body.cap;
}

/* ---- answers ---- */

static void count_answer(struct request *r, int status)
{
    size_t route = r->route ? (size_t)(r->route - http_routes) : ROUTE_COUNT, i = 0;
    while (i < STATUS_COUNT - 1 && http_statuses[i] != status)
        i++;
    atomic_fetch_add_explicit(&r->http->answers[route][i], 1, memory_order_relaxed);
}

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
    mhd_lib.add_response_header(response, name, value);
}

static bool is_named(const struct request *r)
{
    return r->route && r->route->named;
}

static const char *cache_control(struct request *r)
{
    if (r->problem.status)
        return "no-store";
    if (r->asset)
        return r->asset->immutable ? "public, max-age=31536000, immutable" : "no-cache";
    return r->route && r->route->how == ROUTE_FIXED ? "no-cache" : "no-store";
}

static void add_headers(struct request *r, struct MHD_Response *response, int status)
{
    add_header(response, "Cache-Control", cache_control(r));
    add_header(response, "X-Content-Type-Options", "nosniff");
    add_header(response, "Referrer-Policy", "no-referrer");
    if (r->asset) {
        add_header(response, "Content-Security-Policy", ASSET_POLICY);
        add_header(response, "Cross-Origin-Opener-Policy", "same-origin");
    }
    if (r->type)
        add_header(response, "Content-Type", r->type);
    if (!r->problem.status)
        add_header(response, "Vary", "Accept-Encoding, Accept");
    if (r->packed && status != 304)
        add_header(response, "Content-Encoding", "gzip");
    if (*r->etag)
        add_header(response, "ETag", r->etag);
    if (status == 401)
        add_header(response, "WWW-Authenticate", "Bearer realm=\"nameflow\"");
    if (status == 405)
        add_header(response, "Allow", is_named(r) ? "PUT, DELETE" : "GET, HEAD");
    if (r->problem.passing)
        add_header(response, "Retry-After", "1");
    if (status == 413 || atomic_load(&r->http->stopping))
        add_header(response, "Connection", "close");
}

static enum MHD_Result send_response(struct request *r, struct MHD_Response *response, int status)
{
    if (!response)
        return MHD_NO;
    add_headers(r, response, status);
    count_answer(r, status);
    atomic_store(&r->phase, PHASE_ANSWERED);
    enum MHD_Result queued = mhd_lib.queue_response(r->connection, (unsigned)status, response);
    mhd_lib.destroy_response(response);
    return queued;
}

/* `data` stays where it is until the request is over. */
static enum MHD_Result send_data(struct request *r, int status, struct buf data)
{
    static char nothing[1];
    return send_response(r,
                         mhd_lib.create_response_from_buffer(
                             data.len, data.len ? data.data : nothing, MHD_RESPMEM_PERSISTENT),
                         status);
}

static enum MHD_Result send_problem(struct request *r)
{
    buf_clear(&r->body);
    http_problem_to_json(&r->problem, &r->body);
    r->type = "application/problem+json";
    r->packed = false;
    *r->etag = 0;
    return send_data(r, r->problem.status, r->body);
}

static bool is_known(struct request *r)
{
    const char *known = request_header(r, "If-None-Match");
    return known && *r->etag && (strcmp(known, "*") == 0 || strstr(known, r->etag));
}

static enum MHD_Result send_ready(struct request *r)
{
    if (r->problem.status)
        return send_problem(r);
    if (r->stream)
        return send_response(r,
                             mhd_lib.create_response_from_callback(
                                 MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, row_stream_read, r, NULL),
                             200);
    if (is_known(r))
        return send_data(r, 304, (struct buf){0});
    return send_data(r, 200, r->body);
}

static enum MHD_Result send_fixed(struct request *r)
{
    const struct fixed *f = r->http->fixed;
    while (strcmp(f->path, r->route->path) != 0)
        f++;
    r->type = f->type;
    r->packed = r->gzip && f->packed.len;
    memcpy(r->etag, f->etag, sizeof(r->etag));
    if (is_known(r))
        return send_data(r, 304, (struct buf){0});
    return send_data(r, 200, r->packed ? f->packed : f->plain);
}

static enum MHD_Result send_asset(struct request *r)
{
    const struct asset *a = r->asset;
    r->type = a->type;
    snprintf(r->etag, sizeof(r->etag), "%s", a->etag);
    if (is_known(r))
        return send_data(r, 304, (struct buf){0});
    if (a->packed && !r->gzip) {
        if (asset_unpack(a, &r->body))
            return send_data(r, 200, r->body);
        http_fail(&r->problem, 503, "out of memory");
        return send_problem(r);
    }
    r->packed = a->packed;
    return send_data(r, 200,
                     (struct buf){.data = (char *)(uintptr_t)(asset_bytes + a->at), .len = a->len});
}

static enum MHD_Result send_live(struct request *r)
{
    struct MHD_Response *response = live_response(r);
    if (!response)
        return send_problem(r);
    r->type = "text/event-stream";
    return send_response(r, response, 200);
}

/* ---- jobs ---- */

/* The same data under another coding is the same to those who ask by this tag: a weak one. */
static void tag_body(struct request *r)
{
    snprintf(r->etag, sizeof(r->etag), "W/\"%016llx\"",
             (unsigned long long)hash_bytes(r->body.data, r->body.len, 0));
}

static void pack_body(struct request *r)
{
    struct buf packed = {0};
    if (gzip_put(&packed, r->body.data, r->body.len)) {
        buf_done(&r->body);
        r->body = packed;
        r->packed = true;
    } else {
        buf_done(&packed);
    }
}

static void finish_body(struct request *r)
{
    if (r->problem.status || r->stream)
        return;
    if (r->body.failed) {
        http_fail(&r->problem, 503, "out of memory");
        return;
    }
    tag_body(r);
    if (r->gzip && r->body.len >= GZIP_WORTH_BYTES)
        pack_body(r);
}

void request_finish_job(struct request *r)
{
    finish_body(r);
    request_hold(r);
    watch_remove(r->http->watch, &r->watched);
    atomic_store(&r->phase, PHASE_READY);
    /* It may be gone as soon as this has been called. */
    mhd_lib.resume_connection(r->connection);
}

static void client_gone(struct watched *w)
{
    struct request *r = (struct request *)(void *)((char *)w - offsetof(struct request, watched));
    atomic_store(&r->cancel, true);
}

void request_start_job(struct request *r, bool sure)
{
    struct http *h = r->http;
    struct pool *pool = r->route->how == ROUTE_QUICK ? h->quick : h->queries;
    r->deadline_ns = clock_ns(CLOCK_MONOTONIC) + h->o.deadline_ns;
    r->watched.gone = client_gone;
    atomic_store(&r->phase, PHASE_JOB);
    /* First: a thread may be done with it at once. */
    mhd_lib.suspend_connection(r->connection);
    watch_add(h->watch, &r->watched);
    if (pool_push(pool, &r->job, sure))
        return;
    http_fail(&r->problem, 503, "too many queries at once; try again in a moment");
    request_finish_job(r);
}

static void run_route(struct pool_job *job)
{
    struct request *r = (struct request *)job;
    if (atomic_load(&r->cancel))
        http_fail(&r->problem, 503, "the query was cancelled");
    else if (clock_ns(CLOCK_MONOTONIC) > r->deadline_ns)
        http_fail_store(&r->problem, -ETIMEDOUT, NULL);
    else
        r->route->run(r);
    request_finish_job(r);
}

/* ---- the request ---- */

/* Bytes of the body, UINT64_MAX: not known beforehand. */
static uint64_t body_bytes(struct request *r)
{
    const char *length = request_header(r, "Content-Length");
    if (request_header(r, "Transfer-Encoding"))
        return UINT64_MAX;
    return length ? strtoull(length, NULL, 10) : 0;
}

static bool is_authorized(struct request *r)
{
    if (r->local || r->asset || (r->route && r->route->open))
        return true;
    if (atomic_load(&r->http->metrics_public) && r->route && r->route->run == get_metrics)
        return true;
    return token_matches(r->http->token, request_header(r, "Authorization"));
}

static bool is_known_method(struct request *r, const char *method)
{
    if (is_named(r)) {
        r->remove = strcmp(method, "DELETE") == 0;
        return r->remove || strcmp(method, "PUT") == 0;
    }
    r->head = strcmp(method, "HEAD") == 0;
    return r->head || strcmp(method, "GET") == 0;
}

/* Only a view to be saved comes with a body. */
static int check_body(struct request *r)
{
    uint64_t bytes = body_bytes(r);
    if (bytes && (!is_named(r) || r->remove))
        return http_fail(&r->problem, 413, "a question has no body: all is in the URL");
    if (bytes > VIEW_BODY_MAX)
        return http_fail(&r->problem, 413, "a view has at most %d bytes", VIEW_BODY_MAX);
    return 0;
}

/* Who, where and how; 0 or -EINVAL with the problem. */
static int check_head(struct request *r, const char *url, const char *method)
{
    if (atomic_load(&r->http->stopping))
        return http_fail(&r->problem, 503, "the agent is ending");
    if (!is_authorized(r))
        return http_fail(&r->problem, 401,
                         "show the token of the agent's token file: 'Authorization: Bearer TOKEN'");
    if (!r->route && !r->asset) {
        struct buf shown = {0};
        buf_put_visible(&shown, url, strlen(url), 100);
        http_fail(&r->problem, 404,
                  "there is nothing at '%s'; /api/v1/openapi.json says what there is",
                  buf_cstr(&shown));
        buf_done(&shown);
        return -EINVAL;
    }
    if (!is_known_method(r, method))
        return http_fail(&r->problem, 405, "there is only %s here",
                         is_named(r) ? "PUT and DELETE" : "GET and HEAD");
    return check_body(r);
}

struct taking {
    struct request *r;
    int64_t now_ns;
};

static enum MHD_Result take_param(void *ctx, enum MHD_ValueKind kind, const char *name,
                                  size_t name_len, const char *value, size_t len)
{
    struct taking *t = ctx;
    struct request *r = t->r;
    (void)kind;
    return http_params_take(&r->params, r->route->params, name, name_len, value ? value : "", len,
                            t->now_ns, &r->problem) < 0
               ? MHD_NO
               : MHD_YES;
}

static int check_limit(struct request *r)
{
    struct http_params *p = &r->params;
    bool stream = p->has_format && p->format != FORMAT_JSON;
    if (!(p->given & 1u << PARAM_LIMIT)) {
        p->limit = stream ? 0 : r->route->limit_default;
        return 0;
    }
    if (stream || p->limit <= r->route->limit_max)
        return 0;
    http_fail(&r->problem, 400, "%u is more than the limit may be, %u", p->limit,
              r->route->limit_max);
    r->problem.parameter = http_param_name(PARAM_LIMIT);
    return -EINVAL;
}

/* What the Accept field says when `format` does not. */
static void choose_format(struct request *r)
{
    const char *accept = request_header(r, "Accept");
    struct http_params *p = &r->params;
    if (!(r->route->params & 1u << PARAM_FORMAT) || p->has_format || !accept)
        return;
    p->format = strstr(accept, "text/csv")               ? FORMAT_CSV
                : strstr(accept, "application/x-ndjson") ? FORMAT_NDJSON
                                                         : FORMAT_JSON;
    p->has_format = true;
}

static int take_params(struct request *r)
{
    struct taking t = {r, clock_ns(CLOCK_REALTIME)};
    http_params_init(&r->params, t.now_ns);
    mhd_lib.get_connection_values_n(r->connection, MHD_GET_ARGUMENT_KIND, take_param, &t);
    if (r->problem.status)
        return -EINVAL;
    choose_format(r);
    if (check_limit(r) < 0)
        return -EINVAL;
    return http_params_finish(&r->params, r->route->params, &r->problem);
}

static enum MHD_Result dispatch(struct request *r)
{
    if (r->asset)
        return send_asset(r);
    if (take_params(r) < 0)
        return send_problem(r);
    if (r->route->how == ROUTE_FIXED)
        return send_fixed(r);
    if (r->route->how == ROUTE_LIVE)
        return send_live(r);
    if (r->route->how == ROUTE_QUERY &&
        atomic_load(&r->http->held_bytes) > (size_t)HTTP_HELD_BYTES) {
        http_fail(&r->problem, 503, "too many answers are being read slowly; try again later");
        return send_problem(r);
    }
    request_start_job(r, false);
    return MHD_YES;
}

static struct request *request_new(struct listener *l, struct MHD_Connection *connection)
{
    struct request *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    struct http *h = l->http;
    r->http = h;
    r->connection = connection;
    r->local = l->local;
    r->job.run = run_route;
    r->watched.fd =
        mhd_lib.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    r->conn =
        mhd_lib.get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    r->gzip = gzip_accepted(request_header(r, "Accept-Encoding"));
    pthread_mutex_lock(&h->lock);
    r->next = h->requests;
    if (h->requests)
        h->requests->prev = r;
    h->requests = r;
    pthread_mutex_unlock(&h->lock);
    return r;
}

static enum MHD_Result begin(struct listener *l, struct MHD_Connection *connection, const char *url,
                             const char *method, void **con_cls)
{
    struct request *r = *con_cls = request_new(l, connection);
    if (!r)
        return MHD_NO;
    const char *name = "";
    r->route = http_route_find(url, &r->seq, &name);
    if (!r->route)
        r->asset = asset_find(url);
    if (r->conn)
        conns_set_busy(l->http->conns, r->conn, true, r->route && r->route->how == ROUTE_LIVE);
    bool wrong = check_head(r, url, method) < 0;
    if (!wrong && snprintf(r->name, sizeof(r->name), "%s", name) >= (int)sizeof(r->name))
        wrong = http_fail(&r->problem, 400, "this name is too long") < 0;
    /* An answer now, before its body is read, also ends the connection, and perhaps before the
     * client has seen it: so that is only done when there is much of it. Otherwise this function is
     * called again. */
    return wrong && body_bytes(r) > HTTP_BODY_BYTES ? send_problem(r) : MHD_YES;
}

enum MHD_Result http_on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **con_cls)
{
    struct request *r = *con_cls;
    (void)version;
    if (!r)
        return begin(cls, connection, url, method, con_cls);
    if (*upload_size) {
        /* Of a request that is refused it is read away. */
        if (is_named(r) && !r->problem.status)
            buf_put(&r->sent, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    switch (atomic_load(&r->phase)) {
    case PHASE_NEW:
        return r->problem.status ? send_problem(r) : dispatch(r);
    case PHASE_READY:
        return send_ready(r);
    default:
        return MHD_YES;
    }
}

void http_on_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                       enum MHD_RequestTerminationCode how)
{
    struct request *r = *con_cls;
    (void)cls;
    (void)connection;
    (void)how;
    if (!r)
        return;
    struct http *h = r->http;
    pthread_mutex_lock(&h->lock);
    if (r->prev)
        r->prev->next = r->next;
    else
        h->requests = r->next;
    if (r->next)
        r->next->prev = r->prev;
    pthread_mutex_unlock(&h->lock);
    if (r->conn)
        conns_set_busy(h->conns, r->conn, false, false);
    atomic_fetch_sub(&h->held_bytes, r->held);
    row_stream_free(r->stream);
    http_params_done(&r->params);
    buf_done(&r->body);
    buf_done(&r->sent);
    free(r);
    *con_cls = NULL;
}
