/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong with a request, as a problem document (RFC 9457). */
#pragma once

#include "base/buf.h"

struct http_problem {
    int status;            /* 0: none */
    bool passing;          /* it may be otherwise in a moment: 503 unless told otherwise */
    const char *parameter; /* that is wrong; NULL: none in particular. Not copied */
    size_t column, width;  /* of the mistake in it, from 1; 0: as a whole */
    char detail[512];      /* one sentence; UTF-8 whatever came in */
};

/* Fills the problem and returns -EINVAL. */
int http_fail(struct http_problem *p, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* For a negative errno of the store, with its sentence; returns it. */
int http_fail_store(struct http_problem *p, int error, const char *text);
void http_problem_to_json(const struct http_problem *p, struct buf *out);
/* "Not Found"; RFC 9110's words. */
const char *http_status_title(int status);
