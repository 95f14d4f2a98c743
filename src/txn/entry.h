/* SPDX-License-Identifier: Apache-2.0 */
/* Private to txn: the table of transactions that are open, lingering or lately reported. */
#pragma once

#include "txn/txn.h"

enum entry_state {
    ENTRY_OPEN,        /* a query without an answer */
    ENTRY_ANSWERED,    /* lingers for later hops and second answers */
    ENTRY_REFUSED,     /* ended by ICMP; lingers */
    ENTRY_UNSOLICITED, /* a response without a query; lingers for its hops */
    ENTRY_REPORTED,    /* handed on; kept to know late and repeated answers */
    ENTRY_STATES,
};

enum {
    ENTRY_INLINE_BYTES = 304, /* a usual query and response need no memory of their own */
    ENTRY_INLINE_HOPS = 4,
    ENTRY_RECENT = 256,
};

/* Which directions of a place have seen the current copy: bits by enum frame_direction. */
struct entry_seen {
    uint8_t query, response;
};

struct entry {
    struct entry *chain;       /* the next older one with the same key; of spare ones the next */
    struct entry *prev, *next; /* in the list of its state, oldest first */
    uint64_t hash;
    uint32_t index;      /* in the table's blocks, from 1 */
    uint32_t generation; /* of this memory's use: counted when it is freed */
    struct txn_key key;
    int64_t time_ns; /* of the first query; of the response when unsolicited */
    int64_t deadline_ns;
    uint8_t state;
    uint8_t marks;
    uint8_t hop_count;
    uint8_t icmp_type, icmp_code;
    uint8_t first_direction; /* of the query at hop 0 */
    bool complete;           /* the answer has been seen at the place nearest the client */
    bool counted;            /* a query copy was seen where the kernel counts it */
    bool local_client;
    bool query_cut, response_cut;
    bool transfer;                        /* AXFR or IXFR: many responses belong to one query */
    uint8_t answer_direction, answer_hop; /* where the first response was first seen */
    uint16_t retransmits;
    uint32_t question_len; /* bytes of the question after the header; 0: none readable */
    uint32_t query_len, response_len;
    uint32_t query_bytes, response_bytes;
    uint8_t *query, *response;              /* NULL, or inside `inline_bytes`, or malloc'd */
    struct record_hop *hops;                /* inline_hops, or malloc'd with RECORD_HOPS_MAX */
    struct frame_owner owner, server_owner; /* pid 0: not known */
    struct entry_seen seen[RECORD_HOPS_MAX];
    struct record_hop inline_hops[ENTRY_INLINE_HOPS];
    uint8_t inline_bytes[ENTRY_INLINE_BYTES];
};

struct entry_list {
    struct entry *first, *last;
    uint32_t count;
};

/* Open addressing with linear probing. The tag, half of the hash, keeps other keys' entries, which
 * lie anywhere in megabytes, from being touched. */
struct entry_slot {
    uint32_t tag;
    uint32_t index; /* of the newest entry with its key; 0: free */
};

/* A key last looked for. Its ports and id stand here, so that another key's entry is not touched.
 */
struct entry_recent {
    uint64_t ports_and_id;
    struct entry *newest; /* with that key; NULL: none */
};

struct entry_table {
    struct entry_slot *slots;
    uint32_t mask;
    uint32_t slots_used;
    uint64_t seed;
    uint32_t limit; /* entries */
    uint32_t used;
    uint64_t bytes_limit; /* of messages that do not fit inline */
    uint64_t bytes;
    struct entry *spare; /* linked through `chain` */
    struct entry **blocks;
    uint32_t block_count, blocks_max;
    uint32_t block_shift; /* a block holds two to the power of it */
    struct entry_list lists[ENTRY_STATES];
    struct entry_recent recent[ENTRY_RECENT]; /* by id */
};

int entry_table_init(struct entry_table *t, uint32_t limit, uint64_t bytes_limit);
void entry_table_done(struct entry_table *t);

/* The newest entry with this key, NULL if there is none; older ones follow by `chain`. *hash is the
 * key's, or 0 to have it filled in, for entry_new. */
struct entry *entry_find(struct entry_table *t, const struct txn_key *key, uint64_t *hash);
/* This key will be looked for soon. Its hash, or 0 when it is not needed to find it. */
uint64_t entry_expect(struct entry_table *t, const struct txn_key *key);
/* Brings what entry_find and entry_free will touch nearer. */
void entry_prefetch(const struct entry_table *t, const struct entry *e);

bool entry_table_full(const struct entry_table *t);
/* NULL when full or without memory. The entry is in no list yet (state ENTRY_STATES). */
struct entry *entry_new(struct entry_table *t, uint64_t hash, const struct txn_key *key);
void entry_free(struct entry_table *t, struct entry *e);
/* Puts it at the end of the state's list. */
void entry_move(struct entry_table *t, struct entry *e, enum entry_state state);

/* Copies a message in; 0, or -ENOBUFS when the bytes' cap does not allow it: then nothing is kept
 * beyond the DNS header and the copy is marked as cut. */
int entry_set_query(struct entry_table *t, struct entry *e, const struct txn_message *m);
int entry_set_response(struct entry_table *t, struct entry *e, const struct txn_message *m);

/* The index of the place where the frame was seen, added when new; -1 when there is no room. */
int entry_hop(struct entry *e, const struct frame *frame);
