/* SPDX-License-Identifier: Apache-2.0 */
/* The record of one transaction: what all stages after correlation share. Field names are those
 * of docs/fields.md; absent values are marked as each comment says. */
#pragma once

#include "base/arena.h"
#include "base/frame.h"
#include "base/inet.h"
#include "dns/message.h"

enum record_outcome {
    OUTCOME_ANSWERED,
    OUTCOME_TIMEOUT,
    OUTCOME_ICMP_REFUSED,
    OUTCOME_DROPPED,
    OUTCOME_UNSOLICITED,
    OUTCOME_UNSEEN,
    OUTCOME_COUNT,
};

enum record_protocol {
    PROTOCOL_DNS,
    PROTOCOL_MDNS,
    PROTOCOL_LLMNR,
    PROTOCOL_COUNT,
};

enum record_transport {
    TRANSPORT_UDP,
    TRANSPORT_TCP,
    TRANSPORT_TLS,
    TRANSPORT_HTTPS,
    TRANSPORT_QUIC,
    TRANSPORT_COUNT,
};

/* Marks: what else is worth knowing about a transaction; a set of bits. */
#define MARK_DUPLICATE_RESPONSE 0x01 /* a second, different response: possible spoofing */
#define MARK_LATE_RESPONSE      0x02 /* came after its query had been reported without an answer */
#define MARK_CUT                0x04 /* the capture holds only a part of a message */
#define MARK_REASSEMBLED        0x08 /* a message came in IP fragments */

enum {
    RECORD_HOPS_MAX = 16,
};

/* A place that saw the transaction. Latency is -1 when only one direction was seen there. */
struct record_hop {
    uint32_t ifindex;
    uint32_t netns;
    int64_t query_ns;    /* 0: not seen */
    int64_t response_ns; /* 0: not seen */
    char interface[16];
};

/* A process; pid 0: not known. Texts are owned by enrichment and live until the sink returns. */
struct record_process {
    uint32_t pid;
    uint32_t tid;
    uint32_t uid;
    uint64_t cgroup_id;
    uint64_t start_boottime_ns;
    char comm[16];
    const char *exe; /* NULL: not known; so for the following */
    const char *cgroup;
    const char *container_id;
    const char *unit;
    uint64_t facts; /* names what these texts say: the same number, the same texts; 0: nothing */
};

struct record_texts;

struct record {
    int64_t time_ns;
    int64_t latency_ns; /* -1: none */
    uint8_t outcome, protocol, transport;
    uint8_t marks;
    bool has_query, has_response;
    struct inet_addr client, server;
    uint16_t client_port, server_port;
    uint16_t id;
    uint16_t retransmits;
    uint32_t query_bytes, response_bytes; /* by the headers; 0: not seen */
    uint8_t hop_count;
    bool client_is_local;          /* the query left a socket of this host */
    const struct record_hop *hops; /* in path order, the one nearest the client first */
    struct record_process process;
    struct record_process server_process;
    const char *pod, *namespace, *workload, *node;
    const char *drop_reason, *drop_location;
    /* The ICMP message that ended it; type 0 and code 0: none. */
    uint8_t icmp_type, icmp_code;

    /* Wire bytes (NULL: not seen) and their index, parsed when first asked for. */
    const uint8_t *query_wire, *response_wire;
    uint32_t query_len, response_len;
    bool query_cut, response_cut;
    bool query_parsed, response_parsed;
    struct dns_message query_message, response_message;
    struct arena *arena; /* for the index and texts; reset by the stage that emits */
    /* Filled by record_qname: text in lower case, and as seen on the wire. */
    bool qname_done;
    int qname_len;                  /* -1: there is none */
    const char *qname, *qname_wire; /* qname_wire NULL when it does not differ */
    /* Filled by record/text.h; zero at first. */
    struct record_texts *texts;
};

/* The parsed message, NULL when it was not seen. */
const struct dns_message *record_query(struct record *r);
const struct dns_message *record_response(struct record *r);
/* The message that header fields come from: the response, or the query when there is none. */
const struct dns_message *record_head(struct record *r);
/* The query's question if there is one, else the response's: NULL and -1 length when neither. */
const char *record_qname(struct record *r, int *len);
int32_t record_rcode(struct record *r); /* with the EDNS bits; -1: no response */

const char *record_outcome_name(enum record_outcome o);
const char *record_protocol_name(enum record_protocol p);
const char *record_transport_name(enum record_transport t);
const char *
record_mark_name(uint8_t bit); /* "duplicate_response", ...; NULL for a bit not in use */

typedef void record_sink(void *ctx, struct record *r);

/* One compact JSON object, keys in the order of docs/fields.md, absent ones left out, no newline.
 */
void record_to_json(struct record *r, struct buf *out);
