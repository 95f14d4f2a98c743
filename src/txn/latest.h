/* SPDX-License-Identifier: Apache-2.0 */
/* Private to txn: what the latest packets of each CPU were, for frames that only name one. */
#pragma once

#include "txn/entry.h"

enum {
    LATEST_CPUS_MAX = 4096, /* packets of others are not remembered */
};

/* What a packet was taken for. */
struct latest_packet {
    struct entry *entry;      /* may have been freed, and used again, since */
    uint32_t packet;          /* of struct frame; 0: none */
    uint32_t generation : 31; /* of the entry at that time */
    uint32_t response : 1;
};

struct latest {
    struct latest_packet **by_cpu; /* FRAME_PACKETS each, NULL until the first packet */
    uint32_t cpus;
};

void latest_done(struct latest *l);
void latest_clear(struct latest *l);
/* Remembers that the frame carried a message of this entry; nothing when it has no name. Without
 * memory it is forgotten: then its repeats are not known. */
void latest_put(struct latest *l, const struct frame *frame, struct entry *e, bool response);
/* The entry that a repeat's packet belongs to, while it lives; NULL: not known. */
struct entry *latest_find(const struct latest *l, const struct frame *frame, bool *response);
