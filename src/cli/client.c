/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"

#include "base/clock.h"
#include "cli/curl_lib.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    STEP_MS = 200,
    CONNECT_MS = 5000,
    PROBLEM_MAX = 64 * 1024, /* bytes of an answer that is an error */
    ANSWER_MAX = 256 << 20,  /* of one that is read whole */
};

struct client {
    struct client_options options;
    CURL *easy;
    CURLM *multi;
    struct curl_slist *headers;
    bool running, enough;
    client_sink *sink;
    void *ctx;
    struct buf problem; /* the body of an answer that is an error */
    char curl_error[CURL_ERROR_SIZE];
};

__attribute__((format(printf, 3, 4))) static int fail(struct client_error *e, int code,
                                                      const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(e->message, sizeof(e->message), fmt, args);
    va_end(args);
    return code;
}

static const char *socket_of(const struct client_options *o)
{
    return o->socket ? o->socket : CLIENT_SOCKET;
}

int client_probe(const struct client_options *o)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = socket_of(o);
    if (o->url)
        return 0;
    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int r = connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
    close(fd);
    return r;
}

/* ---- making one ---- */

static bool set_headers(struct client *c)
{
    struct buf b = {0};
    c->headers = curl_lib.slist_append(NULL, "Accept: */*");
    if (c->options.token) {
        buf_printf(&b, "Authorization: Bearer %s", c->options.token);
        struct curl_slist *more = curl_lib.slist_append(c->headers, buf_cstr(&b));
        buf_done(&b);
        if (!more)
            return false;
        c->headers = more;
    }
    return c->headers != NULL;
}

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
    struct client *c = ctx;
    long status = 0;
    size_t len = size * count;
    curl_lib.easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status / 100 != 2) {
        if (c->problem.len + len <= PROBLEM_MAX)
            buf_put(&c->problem, data, len);
        return len;
    }
    if (c->sink(c->ctx, data, len))
        return len;
    c->enough = true;
    return CURL_WRITEFUNC_ERROR;
}

int client_new(struct client **out, const struct client_options *o, struct client_error *error)
{
    struct client *c = calloc(1, sizeof(*c));
    *out = NULL;
    *error = (struct client_error){0};
    if (o->url && strncmp(o->url, "http://", 7) != 0 && strncmp(o->url, "https://", 8) != 0) {
        free(c);
        return fail(error, -EINVAL,
                    "the URL must begin with http:// or https://, as http://127.0.0.1:8053 does");
    }
    int r = curl_lib_load(error->message, sizeof(error->message));
    if (r < 0) {
        free(c);
        return r;
    }
    if (c) {
        c->options = *o;
        c->easy = curl_lib.easy_init();
        c->multi = curl_lib.multi_init();
    }
    if (!c || !c->easy || !c->multi || !set_headers(c)) {
        client_free(c);
        return fail(error, -ENOMEM, "out of memory");
    }
    if (!o->url)
        curl_lib.easy_setopt(c->easy, CURLOPT_UNIX_SOCKET_PATH, socket_of(o));
    /* A proxy from the environment is for the world outside; compressed where it saves the net. */
    curl_lib.easy_setopt(c->easy, CURLOPT_NOPROXY, "*");
    if (o->url)
        curl_lib.easy_setopt(c->easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_lib.easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
    curl_lib.easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
    curl_lib.easy_setopt(c->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_lib.easy_setopt(c->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_lib.easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->curl_error);
    curl_lib.easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_lib.easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
    *out = c;
    return 0;
}

void client_free(struct client *c)
{
    if (!c)
        return;
    client_cancel(c);
    if (c->easy)
        curl_lib.easy_cleanup(c->easy);
    if (c->multi)
        curl_lib.multi_cleanup(c->multi);
    curl_lib.slist_free_all(c->headers);
    buf_done(&c->problem);
    free(c);
}

/* ---- errors ---- */

static int no_agent(const struct client *c, int reason, struct client_error *e)
{
    const char *path = socket_of(&c->options);
    if (c->options.url)
        return fail(e, reason, "no agent answers at %s: %s", c->options.url, c->curl_error);
    if (reason == -EACCES || reason == -EPERM)
        return fail(e, -EACCES,
                    "this user may not use the agent's socket %s; try with sudo, or with --url and "
                    "--token-file",
                    path);
    if (reason == -ENAMETOOLONG)
        return fail(e, -EINVAL, "the path of the socket is too long: %s", path);
    return fail(e, reason, "no agent is running (%s: %s); start one with 'sudo nameflow serve'",
                path, strerror(-reason));
}

static int from_curl(const struct client *c, CURLcode code, struct client_error *e)
{
    switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST: {
        int reason = client_probe(&c->options);
        return no_agent(c, reason ? reason : -ECONNREFUSED, e);
    }
    case CURLE_OPERATION_TIMEDOUT:
        return fail(e, -ETIMEDOUT, "the agent did not answer in time");
    case CURLE_OUT_OF_MEMORY:
        return fail(e, -ENOMEM, "out of memory");
    case CURLE_URL_MALFORMAT:
        return fail(e, -EINVAL, "'%s' is not a URL such as http://127.0.0.1:8053",
                    c->options.url ? c->options.url : "");
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
        return fail(e, -EIO, "the agent ended before its answer did");
    default:
        return fail(e, -EIO, "asking the agent: %s",
                    c->curl_error[0] ? c->curl_error : curl_lib.easy_strerror(code));
    }
}

static int from_status(struct client *c, long status, struct client_error *e)
{
    json_t *problem = json_loadb(c->problem.len ? c->problem.data : "", c->problem.len, 0, NULL);
    const char *detail = json_string_value(json_object_get(problem, "detail"));
    const char *title = json_string_value(json_object_get(problem, "title"));
    const char *parameter = json_string_value(json_object_get(problem, "parameter"));
    int r = status == 400                    ? -EINVAL
            : status == 401 || status == 403 ? -EACCES
            : status == 404                  ? -ENOENT
            : status == 408 || status == 504 ? -ETIMEDOUT
            : !problem || status / 100 == 3  ? -EPROTO
                                             : -EIO;
    e->status = (int)status;
    e->column = (size_t)json_integer_value(json_object_get(problem, "column"));
    e->width = (size_t)json_integer_value(json_object_get(problem, "width"));
    if (status == 401)
        fail(e, r,
             "the agent wants its token (%s); give it with --token-file: the agent keeps it in the "
             "file 'token' of its state folder, /var/lib/nameflow",
             c->options.token ? "this one is not right" : "none was given");
    else if (detail || title)
        fail(e, r, "%s%s%s", parameter && !e->column ? parameter : "",
             parameter && !e->column ? ": " : "", detail ? detail : title);
    else
        fail(e, r, "%s does not answer as nameflow does (HTTP status %ld)",
             c->options.url ? c->options.url : socket_of(&c->options), status);
    json_decref(problem);
    return r;
}

/* ---- requests ---- */

static bool put_escaped(struct client *c, struct buf *b, const char *text)
{
    char *escaped = curl_lib.easy_escape(c->easy, text, 0);
    if (escaped)
        buf_puts(b, escaped);
    curl_lib.free(escaped);
    return escaped != NULL;
}

static bool set_url(struct client *c, const struct client_request *request)
{
    struct buf b = {0};
    bool ok = true;
    char mark = '?';
    buf_puts(&b, c->options.url ? c->options.url : "http://nameflow");
    while (b.len && b.data[b.len - 1] == '/')
        b.len--;
    buf_puts(&b, request->path);
    for (int i = 0; i < CLIENT_PARAMS_MAX; i++) {
        const struct client_param *p = &request->params[i];
        if (!p->name || !p->value)
            continue;
        buf_putc(&b, mark);
        buf_puts(&b, p->name);
        buf_putc(&b, '=');
        ok = ok && put_escaped(c, &b, p->value);
        mark = '&';
    }
    ok = ok && !b.failed && curl_lib.easy_setopt(c->easy, CURLOPT_URL, buf_cstr(&b)) == CURLE_OK;
    buf_done(&b);
    return ok;
}

void client_cancel(struct client *c)
{
    if (c->running)
        curl_lib.multi_remove_handle(c->multi, c->easy);
    c->running = false;
}

int client_begin(struct client *c, const struct client_request *request, client_sink *sink,
                 void *ctx, struct client_error *error)
{
    *error = (struct client_error){0};
    client_cancel(c);
    c->sink = sink;
    c->ctx = ctx;
    c->enough = false;
    c->curl_error[0] = '\0';
    buf_clear(&c->problem);
    curl_lib.easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, (long)(request->timeout_ns / NS_PER_MS));
    if (!set_url(c, request) || curl_lib.multi_add_handle(c->multi, c->easy) != CURLM_OK)
        return fail(error, -ENOMEM, "out of memory");
    c->running = true;
    return 0;
}

static int finish(struct client *c, CURLcode code, struct client_error *error)
{
    long status = 0;
    curl_lib.easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    client_cancel(c);
    if (c->enough)
        return 0;
    if (code != CURLE_OK)
        return from_curl(c, code, error);
    return status / 100 == 2 ? 0 : from_status(c, status, error);
}

int client_step(struct client *c, int fd, int timeout_ms, struct client_error *error)
{
    int running = 0, left;
    struct curl_waitfd also = {.fd = fd, .events = CURL_WAIT_POLLIN};
    if (c->options.stopped && c->options.stopped()) {
        client_cancel(c);
        return fail(error, -ECANCELED, "interrupted");
    }
    if (curl_lib.multi_perform(c->multi, &running) != CURLM_OK)
        return fail(error, -EIO, "asking the agent failed");
    const CURLMsg *message = curl_lib.multi_info_read(c->multi, &left);
    if (message && message->msg == CURLMSG_DONE)
        return finish(c, message->data.result, error);
    curl_lib.multi_poll(c->multi, fd >= 0 ? &also : NULL, fd >= 0, timeout_ms, NULL);
    return -EINPROGRESS;
}

int client_get(struct client *c, const struct client_request *request, client_sink *sink, void *ctx,
               struct client_error *error)
{
    int r = client_begin(c, request, sink, ctx, error);
    if (r < 0)
        return r;
    do {
        r = client_step(c, -1, STEP_MS, error);
    } while (r == -EINPROGRESS);
    return r;
}

static bool gather(void *ctx, const char *data, size_t len)
{
    struct buf *b = ctx;
    if (b->len + len > ANSWER_MAX)
        b->failed = true;
    buf_put(b, data, len);
    return !b->failed;
}

int client_get_json(struct client *c, const struct client_request *request, json_t **out,
                    struct client_error *error)
{
    struct buf b = {0};
    json_error_t why;
    *out = NULL;
    int r = client_get(c, request, gather, &b, error);
    if (!r && b.failed)
        r = fail(error, -ENOMEM, "the answer is too large");
    if (!r && !(*out = json_loadb(b.len ? b.data : "", b.len, JSON_ALLOW_NUL, &why)))
        r = fail(error, -EPROTO, "%s does not answer as nameflow does: %s",
                 c->options.url ? c->options.url : socket_of(&c->options), why.text);
    buf_done(&b);
    return r;
}

/* ---- lines and events ---- */

bool client_lines_push(void *lines, const char *data, size_t len)
{
    struct client_lines *l = lines;
    while (len) {
        const char *end = memchr(data, '\n', len);
        size_t n = end ? (size_t)(end - data) : len;
        if (l->rest.len + n > CLIENT_LINE_MAX) {
            l->too_long = true;
            return false;
        }
        if (!end) {
            buf_put(&l->rest, data, n);
            return !l->rest.failed;
        }
        const char *line = data;
        size_t line_len = n;
        if (l->rest.len) {
            buf_put(&l->rest, data, n);
            if (l->rest.failed)
                return false;
            line = l->rest.data;
            line_len = l->rest.len;
        }
        if (line_len && line[line_len - 1] == '\r')
            line_len--;
        if (!l->line(l->ctx, line, line_len))
            return false;
        buf_clear(&l->rest);
        data += n + 1;
        len -= n + 1;
    }
    return true;
}

void client_lines_done(struct client_lines *l)
{
    buf_done(&l->rest);
}

static bool takes(const char *line, size_t len, const char *field, const char **value, size_t *n)
{
    size_t field_len = strlen(field);
    if (len < field_len || memcmp(line, field, field_len) != 0)
        return false;
    size_t skip = field_len + (len > field_len && line[field_len] == ' ');
    *value = line + skip;
    *n = len - skip;
    return true;
}

bool client_events_line(void *events, const char *line, size_t len)
{
    struct client_events *e = events;
    const char *value;
    size_t n;
    bool more = true;
    if (!len) {
        if (e->data.len)
            more = e->event(e->ctx, e->name[0] ? e->name : "message", e->data.data, e->data.len);
        buf_clear(&e->data);
        e->name[0] = '\0';
    } else if (takes(line, len, "event:", &value, &n)) {
        snprintf(e->name, sizeof(e->name), "%.*s", (int)n, value);
    } else if (takes(line, len, "data:", &value, &n)) {
        if (e->data.len)
            buf_putc(&e->data, '\n');
        buf_put(&e->data, value, n);
        more = !e->data.failed && e->data.len <= CLIENT_LINE_MAX;
    }
    return more;
}

void client_events_done(struct client_events *e)
{
    buf_done(&e->data);
}
