/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the API of an agent: over its unix socket, or by URL with a token. One request at a time;
 * not for several threads at once. */
#pragma once

#include "base/buf.h"

#define CLIENT_SOCKET "/run/nameflow/api.sock"

struct client;
struct json_t; /* of jansson.h */

struct client_options {
    const char *socket; /* NULL: CLIENT_SOCKET; not used with a URL */
    const char *url;    /* "http://127.0.0.1:8053"; NULL: the socket */
    const char *token;  /* NULL: none */
    /* Asked some times a second and after each signal: true ends a request with -ECANCELED. May be
     * NULL. */
    bool (*stopped)(void);
};

struct client_error {
    int status;           /* of HTTP; 0: there was no answer */
    size_t column, width; /* of a mistake in the filter, from 1; 0: it is not in the filter */
    char message[512];    /* one sentence */
};

struct client_param {
    const char *name, *value; /* value NULL: left out */
};

enum {
    CLIENT_PARAMS_MAX = 16,
};

struct client_request {
    const char *path; /* "/api/v1/top" */
    struct client_param params[CLIENT_PARAMS_MAX];
    int64_t timeout_ns; /* for the whole of it; 0: none */
};

/* Gets the body of a good answer, in pieces as they come. False: enough; the request then ends with
 * success. */
typedef bool client_sink(void *ctx, const char *data, size_t len);

/* Whether there is an agent at the socket of these options: 0, or negative errno; -EACCES: there
 * is, but it is not for this user. A URL is always taken for an agent. */
int client_probe(const struct client_options *o);

/* Texts of the options must outlive the client. 0, -EINVAL (no such URL), -ELIBACC (no libcurl) or
 * -ENOMEM. */
int client_new(struct client **out, const struct client_options *o, struct client_error *error);
void client_free(struct client *c);

/* 0, or negative errno with *error filled: -ENOENT and -ECONNREFUSED no agent is there, -EACCES the
 * socket or the token does not let in, -EINVAL the agent says that the request is not right,
 * -ETIMEDOUT, -ECANCELED, -EPROTO it was not nameflow that answered, -EIO the rest. */
int client_get(struct client *c, const struct client_request *request, client_sink *sink, void *ctx,
               struct client_error *error);
/* The whole answer as JSON; *out is the caller's to release. */
int client_get_json(struct client *c, const struct client_request *request, struct json_t **out,
                    struct client_error *error);

/* The same in steps, for programs that have something else to wait for: after client_begin, call
 * client_step until it does not return -EINPROGRESS. It waits at most timeout_ms, and less when
 * `fd` (-1: none) can be read. */
int client_begin(struct client *c, const struct client_request *request, client_sink *sink,
                 void *ctx, struct client_error *error);
int client_step(struct client *c, int fd, int timeout_ms, struct client_error *error);
/* Gives up a request that is under way. */
void client_cancel(struct client *c);

/* ---- bodies that come in lines ---- */

/* Returns true to go on. Without its newline; lives until it returns. */
typedef bool client_line(void *ctx, const char *line, size_t len);

/* Lines out of pieces: client_lines_push is a client_sink with this as its context. */
struct client_lines {
    client_line *line;
    void *ctx;
    struct buf rest; /* zeroed; client_lines_done ends it */
    bool too_long;   /* a line of more than CLIENT_LINE_MAX: nothing further was handed on */
};

enum {
    CLIENT_LINE_MAX = 16 << 20,
};

bool client_lines_push(void *lines, const char *data, size_t len);
void client_lines_done(struct client_lines *l);

/* Server-sent events (HTML, 9.2) out of lines: client_events_line is a client_line with this as its
 * context. Data of several lines is joined by newlines. */
struct client_events {
    bool (*event)(void *ctx, const char *name, const char *data, size_t len);
    void *ctx;
    char name[32];
    struct buf data; /* zeroed; client_events_done ends it */
};

bool client_events_line(void *events, const char *line, size_t len);
void client_events_done(struct client_events *e);
