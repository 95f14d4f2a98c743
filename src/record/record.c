/* SPDX-License-Identifier: Apache-2.0 */
#include "record/record.h"

#include "dns/name.h"
#include "record/text.h"

const struct dns_message *record_query(struct record *r)
{
    if (!r->query_wire)
        return NULL;
    if (!r->query_parsed) {
        /* Without memory for the index the header and the question are still there. */
        (void)dns_message_parse(&r->query_message, r->query_wire, r->query_len, r->query_cut,
                                r->arena);
        r->query_parsed = true;
    }
    return &r->query_message;
}

const struct dns_message *record_response(struct record *r)
{
    if (!r->response_wire)
        return NULL;
    if (!r->response_parsed) {
        (void)dns_message_parse(&r->response_message, r->response_wire, r->response_len,
                                r->response_cut, r->arena);
        r->response_parsed = true;
    }
    return &r->response_message;
}

const struct dns_message *record_head(struct record *r)
{
    const struct dns_message *m = record_response(r);
    if (m && m->has_header)
        return m;
    m = record_query(r);
    return m && m->has_header ? m : NULL;
}

const struct dns_message *record_question(struct record *r)
{
    const struct dns_message *m = record_query(r);
    if (m && m->has_question)
        return m;
    m = record_response(r);
    return m && m->has_question ? m : NULL;
}

static bool lower_case(char *to, const char *from, size_t len)
{
    bool differs = false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)from[i];
        bool upper = (unsigned char)(c - 'A') < 26;
        differs |= upper;
        to[i] = (char)(c | (upper ? 0x20 : 0));
    }
    to[len] = '\0';
    return differs;
}

static void find_qname(struct record *r)
{
    uint8_t wire[DNS_NAME_WIRE_MAX];
    char seen[DNS_NAME_TEXT_MAX];

    r->qname_done = true;
    r->qname_len = -1;
    r->qname = r->qname_wire = NULL;
    const struct dns_message *m = record_question(r);
    if (!m)
        return;
    int wire_len = dns_name_read(m->wire, m->len, m->qname_pos, wire, NULL);
    if (wire_len < 0)
        return;
    size_t len = dns_name_to_text(wire, (size_t)wire_len, seen);
    char *lower = arena_alloc(r->arena, len + 1);
    if (!lower)
        return;
    if (lower_case(lower, seen, len))
        r->qname_wire = arena_copy(r->arena, seen, len + 1);
    r->qname = lower;
    r->qname_len = (int)len;
}

const char *record_qname(struct record *r, int *len)
{
    if (!r->qname_done)
        find_qname(r);
    *len = r->qname_len;
    return r->qname;
}

int32_t record_rcode(struct record *r)
{
    const struct dns_message *m = record_response(r);
    return m && m->has_header ? m->rcode : -1;
}

const char *record_outcome_name(enum record_outcome o)
{
    static const char *const names[OUTCOME_COUNT] = {"answered", "timeout",     "icmp_refused",
                                                     "dropped",  "unsolicited", "unseen"};
    return (unsigned)o < OUTCOME_COUNT ? names[o] : "";
}

const char *record_protocol_name(enum record_protocol p)
{
    static const char *const names[PROTOCOL_COUNT] = {"dns", "mdns", "llmnr"};
    return (unsigned)p < PROTOCOL_COUNT ? names[p] : "";
}

const char *record_transport_name(enum record_transport t)
{
    static const char *const names[TRANSPORT_COUNT] = {"udp", "tcp", "tls", "https", "quic"};
    return (unsigned)t < TRANSPORT_COUNT ? names[t] : "";
}

const char *record_mark_name(uint8_t bit)
{
    switch (bit) {
    case MARK_DUPLICATE_RESPONSE:
        return "duplicate_response";
    case MARK_LATE_RESPONSE:
        return "late_response";
    case MARK_CUT:
        return "cut";
    case MARK_REASSEMBLED:
        return "reassembled";
    default:
        return NULL;
    }
}
