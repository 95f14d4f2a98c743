/* SPDX-License-Identifier: Apache-2.0 */
/* Sees that a client has left while its connection is suspended, when nobody else looks at it. */
#pragma once

#include <stdbool.h>

struct watch;

struct watched {
    int fd;
    /* Called once, from the watching thread, when the other side closed its half. */
    void (*gone)(struct watched *w);
    /* private */
    bool listed;
    struct watched *prev, *next;
};

/* `tick` is called every 50 ms as long as it returns true; then not before watch_wake. */
struct watch *watch_new(bool (*tick)(void *ctx), void *ctx);
/* Nothing may be listed any more. */
void watch_free(struct watch *w);
void watch_add(struct watch *w, struct watched *it);
/* `gone` is not called, nor running, after this. Does nothing when it is not listed. */
void watch_remove(struct watch *w, struct watched *it);
void watch_wake(struct watch *w);
