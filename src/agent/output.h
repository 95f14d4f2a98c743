/* SPDX-License-Identifier: Apache-2.0 */
/* Where a command's records go. Text gathers in a buffer and is written by a thread of its own, so
 * that a disk that stalls for some tenths of a second does not keep the command from its rings. */
#pragma once

#include "base/buf.h"

struct writer;

struct output {
    struct buf buf; /* to be appended to */
    struct writer *writer;
};

/* The thread starts with the first text. */
void output_init(struct output *o, int fd);
/* Hands what has gathered to the thread; when `all` is false only if it is much. Waits when too
 * much is under way: then the reader of the output is slower than the records come. */
void output_flush(struct output *o, bool all);
/* Waits until everything is written. Returns output_error. */
int output_finish(struct output *o);
/* The first errno of a write, 0: none; EPIPE when the reader has gone. What comes after an error is
 * thrown away. */
int output_error(const struct output *o);
void output_done(struct output *o);
