/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction with everything spelled out: the form that is stored, asked for and moved. Unlike
 * struct record it holds no wire bytes and nothing lazy; field names are those of docs/fields.md.
 * Texts are UTF-8: bytes that are not become U+FFFD (names of processes and interfaces may hold
 * anything; DNS texts are ASCII by their presentation format). */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "record/record.h"

/* The flags that docs/fields.md names. */
#define ROW_FLAGS                                                                                  \
    (DNS_FLAG_AA | DNS_FLAG_TC | DNS_FLAG_RD | DNS_FLAG_RA | DNS_FLAG_Z | DNS_FLAG_AD | DNS_FLAG_CD)

struct row_text {
    const char *text; /* NULL: absent; not terminated */
    uint32_t len;
};

struct row_answer {
    struct row_text name, data;
    uint32_t ttl;
    uint16_t type;
};

struct row_hop {
    struct row_text interface;
    uint32_t netns;
    int64_t latency_us; /* -1: absent */
};

struct row_ede {
    struct row_text extra;
    uint16_t code;
};

struct row_edns {
    bool present, do_bit;
    uint8_t version;
    uint16_t udp_size;
    int64_t keepalive_ms, padding_bytes; /* -1: absent */
    struct row_text ecs, nsid, cookie;
    const struct row_ede *ede;
    uint32_t ede_count;
};

struct row {
    uint64_t seq;    /* the number the store gave it, from 1 upwards in order of arrival; 0: none */
    int64_t time_ns; /* since the epoch */
    int64_t latency_us;                   /* -1: absent; so for the other signed ones */
    uint8_t outcome, protocol, transport; /* enum record_... */
    uint8_t marks;                        /* MARK_... */
    uint16_t client_port, server_port, id;
    struct inet_addr client, server;
    uint16_t flags; /* of ROW_FLAGS */
    uint16_t retransmits;
    int32_t opcode, rcode, qtype, qclass;
    int32_t authority_count, additional_count, answer_count;
    int64_t min_ttl;
    struct row_text qname, qname_wire;
    const struct row_answer *answers;
    uint32_t answers_len;
    struct row_edns edns;
    uint32_t query_bytes, response_bytes; /* 0: absent */
    struct row_text interface;
    uint32_t netns; /* 0: absent */
    const struct row_hop *hops;
    uint32_t hops_len;
    uint32_t pid, tid, server_pid; /* 0: absent */
    int64_t uid;
    struct row_text comm, exe, server_comm, cgroup, container_id, unit;
    struct row_text pod, namespace, workload, node;
    struct row_text drop_reason, drop_location, malformed, icmp;
};

/* What counts as an error: any outcome but answered, or an rcode other than NOERROR and NXDOMAIN.
 */
bool row_is_error(const struct row *r);
/* An answer that nobody asked for is no question without an answer. */
bool row_is_unanswered(const struct row *r);

/* Texts and lists point into the record, its arena or `arena`: the row lives as long as the
 * shortest of them. 0 or -ENOMEM. */
int row_from_record(struct row *out, struct record *r, struct arena *arena);

/* A copy that owns all it points to, in one block; free() ends it. NULL without memory. *bytes:
 * the size of the block. */
struct row *row_copy(const struct row *r, size_t *bytes);
/* The same behind `before` bytes of the caller's at the start of the block: a multiple of eight. */
void *row_copy_behind(const struct row *r, size_t before, size_t *bytes);

/* The very bytes that record_to_json writes for the record that the row was made from; with the key
 * "seq" at the end when it has one. No newline. */
void row_to_json(const struct row *r, struct buf *out);
