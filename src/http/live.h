/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions as they happen, to those who read /api/v1/live (server-sent events).
 *
 * Each reader has a ring of bytes with one writer, the pipeline, and one reader, the listener's
 * thread; neither waits for the other. What finds no room is counted, and the reader is told. */
#pragma once

#include "http/server.h"

struct live_stats {
    unsigned readers;
    uint64_t sent, missed; /* events, over all readers */
};

struct live *live_new(void);
/* After live_stop, when no request is left. */
void live_free(struct live *l);
/* The stream that answers a request; NULL with the problem. */
struct MHD_Response *live_response(struct request *r);
void live_push(struct live *l, struct record *record);
/* Lets connections go on that have something to send; whether there are any to look at again. */
bool live_tick(struct live *l);
/* Ends all streams, present and future ones. */
void live_stop(struct live *l);
struct live_stats live_stats(struct live *l);
