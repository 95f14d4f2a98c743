/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/message.h"

#include "dns/name.h"
#include "dns/rdata.h"

#include <errno.h>

enum section {
    QUESTION,
    ANSWER,
    AUTHORITY,
    ADDITIONAL,
};

enum {
    QUESTION_MIN_BYTES = 5,
    RR_MIN_BYTES = 11,   /* root owner, fixed fields, no data */
    RR_FIXED_BYTES = 10, /* type, class, ttl, length of the data */
    CLASS_CH = 3,
};

enum fault {
    NAME_END,
    NAME_POINTER,
    NAME_LENGTH,
    NAME_LABEL,
    RECORD_END,
};

#define FAULTS(section)                                                                            \
    {                                                                                              \
        section ": name runs past the end", section ": bad pointer in name",                       \
            section ": name over 255 octets", section ": unknown label type in name",              \
            section ": record runs past the end",                                                  \
    }

static const char *const faults[][5] = {
    [QUESTION] = FAULTS("question"),
    [ANSWER] = FAULTS("answer"),
    [AUTHORITY] = FAULTS("authority"),
    [ADDITIONAL] = FAULTS("additional"),
};

struct parser {
    struct dns_message *m;
    const uint8_t *wire;
    size_t len;
    size_t pos;
    struct dns_rr *rr; /* the next free one */
};

static inline uint16_t load16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t load32(const uint8_t *p)
{
    return (uint32_t)load16(p) << 16 | load16(p + 2);
}

/* The first thing that is wrong is the one reported. */
static inline void malformed(struct dns_message *m, const char *why)
{
    if (!m->malformed)
        m->malformed = why;
}

static bool fail(struct parser *p, enum section section, enum fault fault)
{
    bool at_end = fault == NAME_END || fault == RECORD_END;
    if (!at_end || !p->m->cut)
        malformed(p->m, faults[section][fault]);
    return false;
}

static enum fault name_fault(int error)
{
    switch (error) {
    case -EAGAIN:
        return NAME_END;
    case -ELOOP:
        return NAME_POINTER;
    case -ENAMETOOLONG:
        return NAME_LENGTH;
    default:
        return NAME_LABEL;
    }
}

/* Steps over the name at p->pos after checking it whole. Nearly all owners are a pointer to the
 * question's name, which has been checked already. */
static inline bool parse_name(struct parser *p, enum section section)
{
    const uint8_t *w = p->wire + p->pos;
    if (p->len - p->pos >= 2 && w[0] == 0xc0 && w[1] == DNS_HEADER_BYTES && p->m->has_question) {
        p->pos += 2;
        return true;
    }
    int error = dns_name_check(p->wire, p->len, p->pos, &p->pos);
    return error == 0 || fail(p, section, name_fault(error));
}

static bool parse_questions(struct parser *p)
{
    struct dns_message *m = p->m;
    for (unsigned i = 0; i < m->qd_count; i++) {
        size_t start = p->pos;
        if (!parse_name(p, QUESTION))
            return false;
        if (p->len - p->pos < 4)
            return fail(p, QUESTION, RECORD_END);
        if (i == 0) {
            m->has_question = true;
            m->qname_pos = (uint32_t)start;
            m->qtype = load16(p->wire + p->pos);
            m->qclass = load16(p->wire + p->pos + 2);
        }
        p->pos += 4;
    }
    return true;
}

static void parse_opt(struct parser *p, const struct dns_rr *rr, enum section section)
{
    struct dns_message *m = p->m;
    struct dns_edns *e = &m->edns;
    if (section != ADDITIONAL) {
        malformed(m, "opt: outside the additional section");
        return;
    }
    if (e->present) {
        malformed(m, "opt: more than one");
        return;
    }
    if (p->wire[rr->name_pos] != 0)
        malformed(m, "opt: owner is not the root");
    e->present = true;
    e->udp_size = rr->class_;
    e->extended_rcode = (uint8_t)(rr->ttl >> 24);
    e->version = (uint8_t)(rr->ttl >> 16);
    e->do_bit = rr->ttl >> 15 & 1;
    m->rcode |= (uint16_t)(e->extended_rcode << 4);
    const char *why = dns_edns_parse(e, p->wire + rr->rdata_pos, rr->rdata_len);
    if (why)
        malformed(m, why);
}

/* The types that make up nearly all traffic are checked here, the others by their shape. */
static inline void check_rdata(struct parser *p, const struct dns_rr *rr, enum section section)
{
    const char *why = NULL;
    size_t end = rr->rdata_pos + rr->rdata_len, next;
    switch (rr->type) {
    case DNS_TYPE_A:
        if (rr->rdata_len == 4 && rr->class_ != CLASS_CH)
            return;
        break;
    case DNS_TYPE_AAAA:
        if (rr->rdata_len == 16)
            return;
        break;
    case DNS_TYPE_NS:
    case DNS_TYPE_CNAME:
    case DNS_TYPE_PTR:
        if (dns_name_check(p->wire, end, rr->rdata_pos, &next) == 0 && next == end)
            return;
        break;
    case DNS_TYPE_OPT:
        parse_opt(p, rr, section);
        return;
    default:
        break;
    }
    why = dns_rdata_check(p->wire, rr->rdata_pos, rr->rdata_len, rr->type, rr->class_);
    if (why)
        malformed(p->m, why);
}

static inline bool parse_rr(struct parser *p, enum section section)
{
    size_t start = p->pos;
    if (!parse_name(p, section))
        return false;
    if (p->len - p->pos < RR_FIXED_BYTES)
        return fail(p, section, RECORD_END);
    const uint8_t *fixed = p->wire + p->pos;
    size_t data = p->pos + RR_FIXED_BYTES, len = load16(fixed + 8);
    if (p->len - data < len)
        return fail(p, section, RECORD_END);
    /* Only now is it sure that the index has a place for it. */
    struct dns_rr *rr = p->rr++;
    uint16_t type = load16(fixed);
    uint32_t ttl = load32(fixed + 4);
    rr->name_pos = (uint32_t)start;
    rr->rdata_pos = (uint32_t)data;
    /* RFC 2181 8: a TTL with the top bit set is zero. In OPT these bits are something else. */
    rr->ttl = ttl >> 31 && type != DNS_TYPE_OPT ? 0 : ttl;
    rr->type = type;
    rr->class_ = load16(fixed + 2);
    rr->rdata_len = (uint16_t)len;
    p->pos = data + len;
    check_rdata(p, rr, section);
    return true;
}

/* Returns the number of records read; fewer than `count` ends the message. */
static uint32_t parse_section(struct parser *p, enum section section, uint32_t count)
{
    uint32_t done = 0;
    while (done < count && parse_rr(p, section))
        done++;
    return done;
}

static void parse_records(struct parser *p)
{
    struct dns_message *m = p->m;
    m->answers = parse_section(p, ANSWER, m->an_count);
    for (uint32_t i = 0; i < m->answers; i++)
        if (!m->has_min_ttl || m->rr[i].ttl < m->min_ttl) {
            m->has_min_ttl = true;
            m->min_ttl = m->rr[i].ttl;
        }
    if (m->answers < m->an_count)
        return;
    m->authorities = parse_section(p, AUTHORITY, m->ns_count);
    if (m->authorities < m->ns_count)
        return;
    m->additionals = parse_section(p, ADDITIONAL, m->ar_count);
}

static void parse_header(struct dns_message *m)
{
    const uint8_t *w = m->wire;
    m->has_header = true;
    m->id = load16(w);
    m->flags = load16(w + 2);
    m->opcode = m->flags >> 11 & 15;
    m->rcode = m->flags & 15;
    m->qd_count = load16(w + 4);
    m->an_count = load16(w + 6);
    m->ns_count = load16(w + 8);
    m->ar_count = load16(w + 10);
}

int dns_message_parse(struct dns_message *m, const uint8_t *wire, size_t len, bool cut,
                      struct arena *arena)
{
    /* Longer is impossible on every transport; positions are 32 bits. */
    if (len > UINT16_MAX)
        len = UINT16_MAX;
    *m = (struct dns_message){.wire = wire, .len = (uint32_t)len, .cut = cut};
    if (len < DNS_HEADER_BYTES) {
        if (!cut)
            m->malformed = "header: shorter than 12 bytes";
        return 0;
    }
    parse_header(m);
    struct parser p = {.m = m, .wire = wire, .len = len, .pos = DNS_HEADER_BYTES};
    if (m->qd_count > (len - p.pos) / QUESTION_MIN_BYTES && !cut)
        m->malformed = "header: more questions than fit";
    if (!parse_questions(&p))
        return 0;
    uint32_t records = (uint32_t)m->an_count + m->ns_count + m->ar_count;
    size_t room = (len - p.pos) / RR_MIN_BYTES;
    if (records == 0)
        return 0;
    if (records > room && !cut)
        malformed(m, "header: more records than fit");
    if (room == 0)
        return 0;
    /* The index holds what can be there, whatever the header says. */
    p.rr = arena_alloc(arena, (records < room ? records : room) * sizeof(*p.rr));
    if (!p.rr)
        return -ENOMEM;
    m->rr = p.rr;
    parse_records(&p);
    return 0;
}

int dns_rr_name_to_text(const struct dns_message *m, const struct dns_rr *rr, char out[1025])
{
    uint8_t wire[DNS_NAME_WIRE_MAX];
    int n = dns_name_read(m->wire, m->len, rr->name_pos, wire, NULL);
    return n < 0 ? n : (int)dns_name_to_text(wire, (size_t)n, out);
}
