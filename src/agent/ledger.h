/* SPDX-License-Identifier: Apache-2.0 */
/* The loss ledger: what was lost when, by the minute, stage and reason, and the times in which no
 * agent watched. Kept in a file beside the store, so that an answer about last night can say
 * whether it is complete. Any thread may ask; one thread takes in and writes.
 *
 * The file is text, a line each: "ledger 1 FROM" (what happened before FROM is not known), "lost
 * MINUTE STAGE REASON COUNT" and "away FROM UNTIL", times in seconds since the epoch. Lines with
 * the same minute, stage and reason add up. Its time of change is when an agent last watched. */
#pragma once

#include "base/buf.h"
#include "http/http.h"

enum {
    LEDGER_ENTRIES_MAX = 32768, /* of which the older half is given up when there are more */
    LEDGER_WRITE_S = 10,
    LEDGER_AWAY_S = 15, /* a shorter time without an agent is none: it is as exact as the writes */
};

struct ledger;

/* 0 or negative errno with a sentence in err. A file that is no ledger is an error, not replaced.
 */
int ledger_open(struct ledger **out, const char *path, int64_t now_ns, char *err, size_t err_size);
/* Writes what is left. */
void ledger_close(struct ledger *l);
/* Takes the counts since the agent's start; the difference to those taken before is what was lost
 * now. Writes from time to time: 0, or negative errno when that failed (it is tried again). */
int ledger_take(struct ledger *l, const struct http_agent_status *s, int64_t now_ns);
/* http_options.losses; ctx is the ledger. Puts the members "known_from", "lost" (one object for
 * each stage and reason) and "away" into the open object. */
void ledger_to_json(void *ctx, const struct store_range *range, struct buf *out);
