/* SPDX-License-Identifier: Apache-2.0 */
#include "http/views.h"

#include "base/file.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int views_init(struct views *v, const char *beside, const char *name)
{
    const char *slash = beside ? strrchr(beside, '/') : NULL;
    struct buf path = {0};
    *v = (struct views){.lock = PTHREAD_MUTEX_INITIALIZER};
    if (!beside)
        return 0;
    if (slash)
        buf_put(&path, beside, (size_t)(slash - beside + 1));
    buf_puts(&path, name);
    buf_putc(&path, '\0');
    if (path.failed) {
        buf_done(&path);
        return -ENOMEM;
    }
    v->path = path.data;
    return 0;
}

void views_done(struct views *v)
{
    free(v->path);
    pthread_mutex_destroy(&v->lock);
}

/* ---- the file ---- */

/* Name to query. NULL with the problem. */
static json_t *load(struct views *v, struct http_problem *p)
{
    json_error_t error;
    json_t *file = json_load_file(v->path, JSON_REJECT_DUPLICATES, &error), *views;
    if (!file) {
        if (json_error_code(&error) == json_error_cannot_open_file && access(v->path, F_OK) != 0)
            return json_object();
        http_fail(p, 503, "the agent's file of views cannot be read: %s", error.text);
        return NULL;
    }
    views = json_incref(json_object_get(file, "views"));
    json_decref(file);
    if (json_is_object(views))
        return views;
    json_decref(views);
    http_fail(p, 503, "the agent's file of views is none");
    return NULL;
}

static int save(struct views *v, json_t *views, struct http_problem *p)
{
    json_t *file = json_pack("{s:O}", "views", views);
    char *text = file ? json_dumps(file, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;
    int r = text ? file_replace(v->path, text, strlen(text)) : -ENOMEM;
    free(text);
    json_decref(file);
    return r < 0 ? http_fail(p, 503, "the views cannot be written: %s", strerror(-r)) : 0;
}

/* Locked from here to the caller's unlock, unless NULL is returned. */
static json_t *begin(struct views *v, struct http_problem *p)
{
    if (!v->path) {
        http_fail(p, 503, "this agent has no folder to keep views in");
        return NULL;
    }
    pthread_mutex_lock(&v->lock);
    json_t *views = load(v, p);
    if (!views)
        pthread_mutex_unlock(&v->lock);
    return views;
}

static void end(struct views *v, json_t *views)
{
    json_decref(views);
    pthread_mutex_unlock(&v->lock);
}

/* ---- requests ---- */

static json_t *listed(json_t *views)
{
    json_t *list = json_array();
    for (void *i = json_object_iter(views); i; i = json_object_iter_next(views, i))
        json_array_append_new(list, json_pack("{s:s, s:O}", "name", json_object_iter_key(i),
                                              "query", json_object_iter_value(i)));
    return json_pack("{s:o}", "views", list);
}

int views_list(struct views *v, struct buf *out, struct http_problem *p)
{
    json_t *views = begin(v, p);
    if (!views)
        return -EINVAL;
    json_t *answer = listed(views);
    char *text = answer ? json_dumps(answer, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    end(v, views);
    if (text)
        buf_puts(out, text);
    free(text);
    json_decref(answer);
    return text ? 0 : http_fail(p, 503, "out of memory");
}

/* The query of {"query":"..."}; the caller's. NULL with the problem. */
static json_t *query_of(const struct buf *body, struct http_problem *p)
{
    json_error_t error;
    json_t *root = body->len ? json_loadb(body->data, body->len, 0, &error) : NULL;
    json_t *query = json_object_get(root, "query");
    const char *text = json_string_value(query);
    if (!text || json_string_length(query) > VIEW_QUERY_MAX || (*text && *text != '?'))
        http_fail(p, 400, "a view is {\"query\":\"?...\"} with at most %d bytes", VIEW_QUERY_MAX);
    else
        json_incref(query);
    bool right = text && !p->status;
    json_decref(root);
    return right ? query : NULL;
}

int views_put(struct views *v, const char *name, const struct buf *body, struct http_problem *p)
{
    json_t *query = query_of(body, p), *views = query ? begin(v, p) : NULL;
    int r = -EINVAL;
    if (views && !json_object_get(views, name) && json_object_size(views) >= VIEWS_MAX)
        r = http_fail(p, 400, "there are %d views already, and no more are kept", VIEWS_MAX);
    else if (views && json_object_set(views, name, query))
        r = http_fail(p, 400, "the name of a view must be UTF-8");
    else if (views)
        r = save(v, views, p);
    if (views)
        end(v, views);
    json_decref(query);
    return r;
}

int views_remove(struct views *v, const char *name, struct http_problem *p)
{
    json_t *views = begin(v, p);
    if (!views)
        return -EINVAL;
    int r = json_object_del(views, name) ? http_fail(p, 404, "there is no view of this name")
                                         : save(v, views, p);
    end(v, views);
    return r;
}
