/* SPDX-License-Identifier: Apache-2.0 */
/* Who is connected. When there are too many, the one that has been idle longest makes room: so
 * those who connect and say nothing cannot keep others out. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct conns;

struct conn;

struct conns_stats {
    unsigned open, busy;
    uint64_t accepted, evicted, refused;
};

struct conns *conns_new(unsigned max);
void conns_free(struct conns *c);
/* A connection that was accepted; the socket stays its owner's. NULL without memory. When there is
 * no room for it, not even that of another, its socket is shut down. */
struct conn *conns_add(struct conns *c, int fd);
/* To be called before the socket is closed. */
void conns_remove(struct conns *c, struct conn *conn);
/* A request came in, or its answer is through. `lasting`: may take as long as it likes. */
void conns_set_busy(struct conns *c, struct conn *conn, bool busy, bool lasting);
struct conns_stats conns_stats(struct conns *c);
