/* SPDX-License-Identifier: Apache-2.0 */
#include "http/problem.h"

#include "base/json.h"

#include <errno.h>
#include <stdio.h>

int http_fail(struct http_problem *p, int status, const char *fmt, ...)
{
    va_list args;
    *p = (struct http_problem){.status = status, .passing = status == 503};
    va_start(args, fmt);
    vsnprintf(p->detail, sizeof(p->detail), fmt, args);
    va_end(args);
    return -EINVAL;
}

int http_fail_store(struct http_problem *p, int error, const char *text)
{
    int status = error == -ETIMEDOUT                       ? 504
                 : error == -EINVAL || error == -E2BIG     ? 400
                 : error == -ENOENT                        ? 404
                 : error == -ECANCELED || error == -ENOMEM ? 503
                                                           : 500;
    const char *plain = error == -ETIMEDOUT   ? "the query took longer than it may"
                        : error == -ECANCELED ? "the query was cancelled"
                        : error == -ENOMEM    ? "out of memory"
                                              : "the store could not answer";
    http_fail(p, status, "%s", text && *text ? text : plain);
    return error;
}

const char *http_status_title(int status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 413:
        return "Content Too Large";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    default:
        return "Error";
    }
}

void http_problem_to_json(const struct http_problem *p, struct buf *out)
{
    json_open(out, '{');
    json_key(out, "type");
    json_cstring(out, "about:blank");
    json_key(out, "title");
    json_cstring(out, http_status_title(p->status));
    json_key(out, "status");
    json_i64(out, p->status);
    json_key(out, "detail");
    json_cstring(out, p->detail);
    if (p->parameter) {
        json_key(out, "parameter");
        json_cstring(out, p->parameter);
    }
    if (p->column) {
        json_key(out, "column");
        json_u64(out, p->column);
        json_key(out, "width");
        json_u64(out, p->width);
    }
    json_close(out, '}');
}
