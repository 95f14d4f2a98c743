/* SPDX-License-Identifier: Apache-2.0 */
/* Views of the console that people saved under a name, for all who may open it: one JSON file in
 * the agent's state folder, capped in number and sizes. What a view holds is the console's affair:
 * the query part of its address. */
#pragma once

#include "http/problem.h"

#include <pthread.h>

enum {
    VIEWS_MAX = 100,
    VIEW_NAME_MAX = 256,   /* bytes with the NUL */
    VIEW_QUERY_MAX = 8192, /* bytes */
    VIEW_BODY_MAX = 16384, /* of a request */
};

struct views {
    char *path; /* of the file; NULL: there is nowhere to keep views */
    pthread_mutex_t lock;
};

/* The file is `name` beside the file `beside`, which is copied; NULL: none. */
int views_init(struct views *v, const char *beside, const char *name);
void views_done(struct views *v);
/* All three: 0, or -EINVAL with the problem (404, 400, 503). A file that cannot be understood
 * counts as empty for reading and is never overwritten. */
/* {"views":[{"name":...,"query":...}]} in order of name. */
int views_list(struct views *v, struct buf *out, struct http_problem *p);
/* `body` is {"query":"?..."}. Replaces the view of that name. */
int views_put(struct views *v, const char *name, const struct buf *body, struct http_problem *p);
int views_remove(struct views *v, const char *name, struct http_problem *p);
