/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

#include "base/clock.h"
#include "base/hash.h"
#include "http/assets.h"
#include "http/gzip.h"
#include "http/listen.h"
#include "http/live.h"
#include "http/metrics.h"
#include "http/openapi.h"
#include "http/server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct listener *l = cls;
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        *context = conns_add(
            l->http->conns,
            mhd_lib.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
    else if (*context)
        conns_remove(l->http->conns, *context);
}

static bool on_tick(void *ctx)
{
    struct http *h = ctx;
    return live_tick(h->live);
}

/* Serves a listening socket, which is the daemon's from here on. */
static int serve(struct listener *l, int fd)
{
    l->daemon = mhd_lib.start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, http_on_request, l,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED, http_on_completed, l,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, l, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)(HTTP_CONNECTIONS_MAX + HTTP_CONNECTION_SLACK),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEADER_BYTES,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_END);
    if (l->daemon)
        return 0;
    close(fd);
    return -EIO;
}

static int serve_tcp(struct http *h, char *err, size_t err_size)
{
    if (!h->o.token_file) {
        snprintf(err, err_size, "there is no token file for those who come over TCP");
        return -EINVAL;
    }
    int r = token_load(h->o.token_file, h->token, err, err_size);
    if (r < 0)
        return r;
    int fd = listen_tcp(h->o.listen, &h->url, err, err_size);
    return fd < 0 ? fd : serve(&h->tcp, fd);
}

static int serve_local(struct http *h, char *err, size_t err_size)
{
    int fd = listen_unix(h->o.socket_path, err, err_size);
    if (fd < 0)
        return fd;
    h->socket_path = strdup(h->o.socket_path);
    return h->socket_path ? serve(&h->local, fd) : (close(fd), -ENOMEM);
}

/* ---- answers that never change ---- */

static bool add_fixed(struct fixed *f, const char *path)
{
    f->path = path;
    f->type = "application/json";
    if (f->plain.len >= GZIP_WORTH_BYTES && !gzip_put(&f->packed, f->plain.data, f->plain.len))
        return false;
    snprintf(f->etag, sizeof(f->etag), "W/\"%016llx\"",
             (unsigned long long)hash_bytes(f->plain.data, f->plain.len, 0));
    return !f->plain.failed;
}

static bool add_all_fixed(struct http *h)
{
    buf_puts(&h->fixed[0].plain, "{\"status\":\"ok\"}");
    http_fields_to_json(&h->fixed[1].plain);
    buf_put(&h->fixed[2].plain, http_openapi, http_openapi_len);
    return add_fixed(&h->fixed[0], "/healthz") && add_fixed(&h->fixed[1], "/api/v1/fields") &&
           add_fixed(&h->fixed[2], "/api/v1/openapi.json");
}

/* ---- life ---- */

static bool copy_texts(struct http *h)
{
    char node[256] = "";
    if (gethostname(node, sizeof(node) - 1))
        snprintf(node, sizeof(node), "localhost");
    h->version = strdup(h->o.version ? h->o.version : "");
    h->node = strdup(h->o.node ? h->o.node : node);
    return h->version && h->node;
}

static bool make_parts(struct http *h)
{
    h->conns = conns_new(HTTP_CONNECTIONS_MAX);
    h->live = live_new();
    h->metrics = metrics_new();
    if (!h->conns || !h->live || !h->metrics || !copy_texts(h) || !add_all_fixed(h))
        return false;
    h->watch = watch_new(on_tick, h);
    h->queries = pool_new("http-query", HTTP_QUERY_THREADS, HTTP_QUERY_QUEUE);
    /* So that status and metrics are not late because of queries. */
    h->quick = pool_new("http-status", 1, HTTP_QUICK_QUEUE);
    return h->watch && h->queries && h->quick;
}

static int start(struct http *h, char *err, size_t err_size)
{
    if (!make_parts(h) || views_init(&h->views, h->o.token_file, "views.json") < 0)
        return -ENOMEM;
    int r = mhd_lib_load(err, err_size);
    if (!r && h->o.listen)
        r = serve_tcp(h, err, err_size);
    if (!r && h->o.socket_path)
        r = serve_local(h, err, err_size);
    return r;
}

int http_new(struct http **out, const struct http_options *o, char *err, size_t err_size)
{
    struct http *h = calloc(1, sizeof(*h));
    sigset_t all, before;
    if (err_size)
        *err = 0;
    if (!h)
        return -ENOMEM;
    h->o = *o;
    atomic_store(&h->metrics_public, o->metrics_public);
    h->o.deadline_ns = o->deadline_ns ? o->deadline_ns : HTTP_DEADLINE_S * NS_PER_SEC;
    h->tcp = (struct listener){.http = h};
    h->local = (struct listener){.http = h, .local = true};
    h->started_ns = clock_ns(CLOCK_REALTIME);
    h->started_monotonic_ns = clock_ns(CLOCK_MONOTONIC);
    pthread_mutex_init(&h->lock, NULL);
    /* Signals are for the agent's main thread. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = start(h, err, err_size);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    h->o.listen = h->o.socket_path = h->o.token_file = NULL; /* the caller's */
    h->o.version = h->o.node = NULL;
    if (!r) {
        *out = h;
        return 0;
    }
    if (err_size && !*err)
        snprintf(err, err_size, "cannot start the API: %s", strerror(-r));
    http_free(h);
    return r;
}

static void cancel_all(struct http *h)
{
    atomic_store(&h->stopping, true);
    pthread_mutex_lock(&h->lock);
    for (struct request *r = h->requests; r; r = r->next)
        atomic_store(&r->cancel, true);
    pthread_mutex_unlock(&h->lock);
}

/* No connection may be suspended when its daemon is stopped: so first whatever could resume it is
 * told to, and can do so no more afterwards. */
static void stop_listeners(struct http *h)
{
    struct listener *listeners[] = {&h->tcp, &h->local};
    int fds[] = {-1, -1};
    for (size_t i = 0; i < 2; i++)
        if (listeners[i]->daemon)
            fds[i] = mhd_lib.quiesce_daemon(listeners[i]->daemon);
    cancel_all(h);
    if (h->live)
        live_stop(h->live);
    if (h->queries)
        pool_stop(h->queries);
    if (h->quick)
        pool_stop(h->quick);
    for (size_t i = 0; i < 2; i++) {
        if (listeners[i]->daemon)
            mhd_lib.stop_daemon(listeners[i]->daemon);
        if (fds[i] >= 0)
            close(fds[i]);
    }
}

void http_free(struct http *h)
{
    if (!h)
        return;
    stop_listeners(h);
    pool_free(h->queries);
    pool_free(h->quick);
    watch_free(h->watch);
    live_free(h->live);
    metrics_free(h->metrics);
    conns_free(h->conns);
    if (h->socket_path)
        unlink(h->socket_path);
    for (size_t i = 0; i < FIXED_COUNT; i++) {
        buf_done(&h->fixed[i].plain);
        buf_done(&h->fixed[i].packed);
    }
    views_done(&h->views);
    pthread_mutex_destroy(&h->lock);
    explicit_bzero(h->token, sizeof(h->token));
    free(h->url);
    free(h->socket_path);
    free(h->version);
    free(h->node);
    free(h);
}

void http_set_metrics_public(struct http *h, bool is)
{
    atomic_store(&h->metrics_public, is);
}

const char *http_url(const struct http *h)
{
    return h->url;
}

bool http_console_url(const struct http *h, struct buf *out)
{
    if (!h->url || !asset_find("/"))
        return false;
    buf_printf(out, "%s/#token=%s", h->url, h->token);
    return true;
}

void http_live_push(struct http *h, struct record *r)
{
    live_push(h->live, r);
}

void http_metrics_push(struct http *h, struct record *r)
{
    metrics_push(h->metrics, r);
}
