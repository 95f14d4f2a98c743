/* SPDX-License-Identifier: Apache-2.0 */
/* DNS messages (RFC 1035 4.1, EDNS(0) RFC 6891): an index over the wire bytes, no copies.
 *
 * Parsing never fails as a whole: what was readable is kept and `malformed` says why the rest was
 * not. A message that the capture cut short is `cut`, which is not malformed. Nor is what is only
 * unusual: no question or several, records in a query, empty data of an UPDATE's deletions, bytes
 * after the last record (DSO keeps its TLVs there, some middleboxes pad). */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Header flag bits (RFC 1035 4.1.1, RFC 4035 3.1.6). */
#define DNS_FLAG_QR 0x8000
#define DNS_FLAG_AA 0x0400
#define DNS_FLAG_TC 0x0200
#define DNS_FLAG_RD 0x0100
#define DNS_FLAG_RA 0x0080
#define DNS_FLAG_Z  0x0040
#define DNS_FLAG_AD 0x0020
#define DNS_FLAG_CD 0x0010

enum {
    DNS_HEADER_BYTES = 12,
    DNS_TYPE_A = 1,
    DNS_TYPE_NS = 2,
    DNS_TYPE_CNAME = 5,
    DNS_TYPE_SOA = 6,
    DNS_TYPE_PTR = 12,
    DNS_TYPE_MX = 15,
    DNS_TYPE_TXT = 16,
    DNS_TYPE_AAAA = 28,
    DNS_TYPE_OPT = 41,
    DNS_OPCODE_QUERY = 0,
    DNS_OPCODE_UPDATE = 5,
    DNS_OPCODE_DSO = 6, /* RFC 8490 */
    DNS_RCODE_NOERROR = 0,
    DNS_RCODE_SERVFAIL = 2,
    DNS_RCODE_NXDOMAIN = 3,
};

struct dns_rr {
    uint32_t name_pos; /* from the start of the message */
    uint32_t rdata_pos;
    uint32_t ttl;
    uint16_t type;
    uint16_t class_;
    uint16_t rdata_len;
};

/* EDNS options kept by name; the others are counted. Pointers go into the message. */
struct dns_edns {
    bool present;
    uint8_t version;
    uint8_t extended_rcode; /* the upper eight bits */
    bool do_bit;
    uint16_t udp_size;
    /* Option data as it stands, NULL when absent. ECS RFC 7871, NSID RFC 5001, COOKIE RFC 7873,
     * edns-tcp-keepalive RFC 7828, Padding RFC 7830. The first of each kind counts. Lengths are as
     * sent, also when they are not what the RFC asks for (the message is malformed then). */
    const uint8_t *ecs, *nsid, *cookie, *keepalive, *padding;
    uint16_t ecs_len, nsid_len, cookie_len, keepalive_len, padding_len;
    /* Extended DNS Errors, RFC 8914: may occur several times; past four they are other options. */
    uint16_t ede_count; /* of ede[] */
    struct dns_ede {
        uint16_t code;
        uint16_t text_len;
        const uint8_t *text; /* UTF-8 as sent */
    } ede[4];
    uint16_t other_options;
};

struct dns_message {
    const uint8_t *wire;
    uint32_t len; /* captured */
    bool cut;     /* the capture holds only a part */
    bool has_header;
    uint16_t id;
    uint16_t flags; /* the 16 bits as sent */
    uint8_t opcode;
    uint16_t rcode;                                  /* with the EDNS bits */
    uint16_t qd_count, an_count, ns_count, ar_count; /* as the header says */
    /* The first question. */
    bool has_question;
    uint32_t qname_pos;
    uint16_t qtype;
    uint16_t qclass;
    /* Records in order: answers, authority, additional (with OPT). Fewer than the header says when
     * cut or malformed. */
    const struct dns_rr *rr;
    uint32_t answers, authorities, additionals;
    bool has_min_ttl;
    uint32_t min_ttl; /* of the answer section */
    struct dns_edns edns;
    const char *malformed; /* constant text, NULL when sound */
};

/* `wire` must outlive *m; the record index is put into the arena. Returns 0 or -ENOMEM. */
int dns_message_parse(struct dns_message *m, const uint8_t *wire, size_t len, bool cut,
                      struct arena *arena);

/* Presentation data of a record (RFC 1035 and the type's own RFC; RFC 3597 5 for types without
 * one and for data that does not parse as its type, in which case -EBADMSG is returned). */
int dns_rdata_to_text(const struct dns_message *m, const struct dns_rr *rr, struct buf *out);

/* The data of a client subnet option (RFC 7871), "192.0.2.0/24/0": address, source prefix, scope
 * prefix. 0, or -EBADMSG with nothing written. */
int dns_ecs_to_text(const uint8_t *data, size_t len, struct buf *out);

/* The owner name as text, NUL-terminated; its length or -EBADMSG. */
int dns_rr_name_to_text(const struct dns_message *m, const struct dns_rr *rr, char out[1025]);
