/* SPDX-License-Identifier: Apache-2.0 */
/* From DNS messages seen at places to transactions: matches by addresses, ports, id and question
 * (RFC 5452 9.1), across the hops of one host.
 *
 * Time is that of the input. A transaction is handed on `linger` after its answer, so that later
 * hops and second answers still join it; a query without an answer after `timeout`. */
#pragma once

#include "record/record.h"

/* What a message is looked for by. Hashed as bytes: no padding. */
struct txn_key {
    struct inet_addr client, server;
    uint16_t client_port, server_port;
    uint16_t id;
    uint8_t transport, protocol;
};

struct txn_message {
    const struct frame *frame; /* time, place, owner; not its bytes */
    struct inet_addr src, dst;
    uint16_t sport, dport;
    uint8_t protocol;  /* enum record_protocol */
    uint8_t transport; /* enum record_transport */
    bool cut;
    bool reassembled;
    const uint8_t *wire;
    uint32_t len;
    uint32_t full_len; /* by the headers */
    /* Filled by txn_expect, if it was called. */
    bool expected;
    struct txn_key key;
    uint64_t hash; /* of the key; 0: not known */
};

struct txn_icmp {
    int64_t time_ns;
    uint8_t type, code;
    uint8_t protocol;          /* enum record_protocol */
    uint8_t transport;         /* enum record_transport */
    struct inet_addr src, dst; /* of the quoted packet: client and server */
    uint16_t sport, dport;
    const uint8_t *payload; /* what is quoted of the DNS message; may be too short for an id */
    uint32_t payload_len;
};

struct txn_limits {
    uint32_t transactions; /* open or lingering; 0: 32768 */
    uint32_t bytes;        /* of messages held; 0: 16 MiB */
    int64_t timeout_ns;    /* 0: 5 s */
    int64_t linger_ns;     /* -1: 0; 0: 100 ms */
};

struct txn_stats {
    uint64_t messages;     /* taken in */
    uint64_t queries;      /* first sights and retransmissions, hops not counted */
    uint64_t responses;    /* likewise */
    uint64_t hops;         /* further sights of one copy */
    uint64_t repeats;      /* frames that only named a packet taken in before */
    uint64_t transactions; /* handed on */
    uint64_t by_outcome[OUTCOME_COUNT];
    uint64_t retransmits;
    uint64_t duplicate_responses; /* different ones */
    uint64_t repeated_responses;  /* identical ones */
    uint64_t not_dns;             /* too short for a header */
    uint64_t evicted;         /* handed on early as `unseen`: the table or its bytes were full */
    uint64_t early;           /* complete ones handed on before their linger was over, for room */
    uint64_t counted_queries; /* UDP query copies that the kernel's exact counters hold too */
    uint64_t at_risk;         /* UDP transactions without such a copy, while the tap lost records */
    uint64_t open;            /* now */
    uint64_t held_bytes;      /* now */
};

struct txn;

struct txn *txn_new(const struct txn_limits *limits, record_sink *sink, void *ctx);
void txn_free(struct txn *t); /* hands on nothing */
void txn_push(struct txn *t, const struct txn_message *m);
/* This message will be pushed soon: fetches what it will be looked for by. */
void txn_expect(struct txn *t, struct txn_message *m);
/* A frame that names the packet of an earlier message (`repeat`): a further sight of that copy. One
 * whose transaction is not held any more is let go: its hop came too late. */
void txn_push_repeat(struct txn *t, const struct frame *frame);
void txn_push_icmp(struct txn *t, const struct txn_icmp *m);
/* The tap lost something up to this time: open queries may have been answered unseen. */
void txn_note_loss(struct txn *t, int64_t time_ns);
/* Hands on what is due. Nothing else does, but a full table and txn_flush. */
void txn_tick(struct txn *t, int64_t now_ns);
/* End of input: everything is handed on. Queries still within their time become `unseen`. */
void txn_flush(struct txn *t);
const struct txn_stats *txn_stats(const struct txn *t);
