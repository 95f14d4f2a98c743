/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a record's fields as text, where more than a look into the struct is needed: what
 * JSON, filter and terminal share. */
#pragma once

#include "record/record.h"

enum {
    RECORD_ECS_TEXT_MAX = 64,
    RECORD_ICMP_TEXT_MAX = 32,
};

/* The message whose question counts: the query, or the response when the query has none or was not
 * seen; NULL when neither has one. */
const struct dns_message *record_question(struct record *r);
/* The EDNS of the response, or of the query when the response has none; NULL when neither has. */
const struct dns_edns *record_edns(struct record *r);
/* The client subnet option of that EDNS, or of the query when the response does not echo it: that
 * a client's network was told to a server matters whether or not the server took notice. NULL when
 * there is none. */
const uint8_t *record_ecs(struct record *r, uint16_t *len);
/* "192.0.2.0/24/0": address, source and scope prefix length (RFC 7871 6); hexadecimal when it is
 * not of that form. NUL-terminated; returns the length. */
size_t record_ecs_text(const uint8_t *ecs, uint16_t len, char out[RECORD_ECS_TEXT_MAX]);
/* The name server identifier as it stands when it is printable ASCII, else hexadecimal. */
bool record_nsid_is_text(const struct dns_edns *e);
void record_nsid_text(const struct dns_edns *e, struct buf *out);
/* The timeout of edns-tcp-keepalive in ms, -1 when absent or without one (as in queries). */
int64_t record_keepalive_ms(const struct dns_edns *e);
/* "query: ...", "response: ...", or both; NULL when all that was seen is sound. Kept, like the
 * texts of answers, in r->arena, so that asking again costs nothing. */
const char *record_malformed(struct record *r);

struct record_text {
    const char *text; /* NULL: not made yet */
    size_t len;
};
/* Owner name and presentation data of the i-th answer of the response; text is NULL when there is
 * none, the name cannot be read, or memory has run out. */
struct record_text record_answer_name(struct record *r, uint32_t i);
struct record_text record_answer_data(struct record *r, uint32_t i);
/* What the ICMP message that ended the transaction said, "port_unreachable"; NULL: none. */
const char *record_icmp_name(const struct record *r, char scratch[RECORD_ICMP_TEXT_MAX]);
/* The i-th name that record_icmp_name may give, NULL past the end. */
const char *record_icmp_at(size_t i);

/* The header flags in the order of the header, aa first; NULL past the end. */
const char *record_flag_at(size_t i, uint16_t *bit);

/* Microseconds, rounded to the nearest. */
static inline int64_t record_us(int64_t ns)
{
    return (ns + 500) / 1000;
}

/* The latency at one hop in ns, -1 when only one direction was seen there. */
static inline int64_t record_hop_latency_ns(const struct record_hop *h)
{
    if (!h->query_ns || !h->response_ns || h->response_ns < h->query_ns)
        return -1;
    return h->response_ns - h->query_ns;
}
