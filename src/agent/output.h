/* SPDX-License-Identifier: Apache-2.0 */
/* Where a command's records go: buffered writes to a file descriptor, errors remembered. */
#pragma once

#include "base/buf.h"

struct output {
    int fd;
    struct buf buf;
    int error; /* first errno of a write, 0: none; EPIPE when the reader has gone */
};

/* Writes what has gathered; when `all` is false only if it is much. Keeps nothing after an error.
 */
void output_flush(struct output *o, bool all);
void output_done(struct output *o);
