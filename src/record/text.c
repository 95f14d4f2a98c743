/* SPDX-License-Identifier: Apache-2.0 */
#include "record/text.h"

#include "base/cursor.h"
#include "dns/name.h"

#include <stdio.h>

const struct dns_edns *record_edns(struct record *r)
{
    const struct dns_message *m = record_response(r);
    if (m && m->edns.present)
        return &m->edns;
    m = record_query(r);
    return m && m->edns.present ? &m->edns : NULL;
}

const uint8_t *record_ecs(struct record *r, uint16_t *len)
{
    const struct dns_message *of[] = {record_response(r), record_query(r)};
    for (int i = 0; i < 2; i++) {
        if (of[i] && of[i]->edns.ecs) {
            *len = of[i]->edns.ecs_len;
            return of[i]->edns.ecs;
        }
    }
    *len = 0;
    return NULL;
}

static size_t hex_text(const uint8_t *data, size_t len, char *out, size_t out_len)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0;
    for (size_t i = 0; i < len && n + 3 <= out_len; i++) {
        out[n++] = digits[data[i] >> 4];
        out[n++] = digits[data[i] & 15];
    }
    out[n] = '\0';
    return n;
}

size_t record_ecs_text(const uint8_t *ecs, uint16_t len, char out[RECORD_ECS_TEXT_MAX])
{
    struct cursor c = cursor_of(ecs, len);
    uint16_t family = cursor_u16(&c);
    unsigned source = cursor_u8(&c);
    unsigned scope = cursor_u8(&c);
    size_t width = family == 1 ? 4 : family == 2 ? 16 : 0;
    size_t given = c.failed ? 0 : cursor_left(&c);
    if (c.failed || !width || given > width || source > 8 * width || scope > 8 * width)
        return hex_text(ecs, len, out, RECORD_ECS_TEXT_MAX);

    uint8_t bytes[16] = {0};
    const uint8_t *address = cursor_bytes(&c, given);
    if (address)
        memcpy(bytes, address, given);
    struct inet_addr a = family == 1 ? inet_addr_v4(bytes) : inet_addr_v6(bytes);
    size_t n = inet_addr_format(&a, out);
    out[n++] = '/';
    n += buf_digits(out + n, source);
    out[n++] = '/';
    n += buf_digits(out + n, scope);
    out[n] = '\0';
    return n;
}

bool record_nsid_is_text(const struct dns_edns *e)
{
    for (size_t i = 0; i < e->nsid_len; i++)
        if (e->nsid[i] < 0x20 || e->nsid[i] > 0x7e)
            return false;
    return true;
}

void record_nsid_text(const struct dns_edns *e, struct buf *out)
{
    if (record_nsid_is_text(e))
        buf_put(out, e->nsid, e->nsid_len);
    else
        buf_hex(out, e->nsid, e->nsid_len);
}

int64_t record_keepalive_ms(const struct dns_edns *e)
{
    if (!e->keepalive || e->keepalive_len != 2)
        return -1;
    struct cursor c = cursor_of(e->keepalive, 2);
    return cursor_u16(&c) * 100;
}

struct record_texts {
    bool malformed_done;
    const char *malformed;
    uint32_t answers;
    struct {
        struct record_text name, data;
    } answer[];
};

static struct record_texts *texts_of(struct record *r)
{
    if (r->texts)
        return r->texts;
    const struct dns_message *m = record_response(r);
    uint32_t answers = m ? m->answers : 0;
    struct record_texts *t = arena_alloc(r->arena, sizeof(*t) + answers * sizeof(t->answer[0]));
    if (!t)
        return NULL;
    memset(t, 0, sizeof(*t) + answers * sizeof(t->answer[0]));
    t->answers = answers;
    r->texts = t;
    return t;
}

struct record_text record_answer_name(struct record *r, uint32_t i)
{
    struct record_texts *t = texts_of(r);
    if (!t || i >= t->answers)
        return (struct record_text){0};
    struct record_text *text = &t->answer[i].name;
    if (!text->text) {
        char name[DNS_NAME_TEXT_MAX];
        const struct dns_message *m = record_response(r);
        int len = dns_rr_name_to_text(m, &m->rr[i], name);
        if (len < 0)
            return (struct record_text){0};
        text->text = arena_copy(r->arena, name, (size_t)len + 1);
        text->len = (size_t)len;
    }
    return *text;
}

struct record_text record_answer_data(struct record *r, uint32_t i)
{
    struct record_texts *t = texts_of(r);
    if (!t || i >= t->answers)
        return (struct record_text){0};
    struct record_text *text = &t->answer[i].data;
    if (text->text)
        return *text;
    const struct dns_message *m = record_response(r);
    const struct dns_rr *rr = &m->rr[i];
    if (rr->type == DNS_TYPE_A && rr->rdata_len == 4 && rr->rdata_pos + 4 <= m->len) {
        char address[INET_TEXT_MAX];
        struct inet_addr a = inet_addr_v4(m->wire + rr->rdata_pos);
        text->len = inet_addr_format(&a, address);
        text->text = arena_copy(r->arena, address, text->len + 1);
        return *text;
    }
    struct buf data = {0};
    (void)dns_rdata_to_text(m, rr, &data);
    if (!data.failed) {
        text->text = arena_copy(r->arena, buf_cstr(&data), data.len + 1);
        text->len = data.len;
    }
    buf_done(&data);
    return *text;
}

const char *record_malformed(struct record *r)
{
    const struct dns_message *q = record_query(r), *a = record_response(r);
    const char *in_query = q ? q->malformed : NULL, *in_response = a ? a->malformed : NULL;
    struct record_texts *t;
    if ((!in_query && !in_response) || !(t = texts_of(r)))
        return NULL;
    if (t->malformed_done)
        return t->malformed;
    char text[512];
    int n = snprintf(text, sizeof(text), "%s%s%s%s%s", in_query ? "query: " : "",
                     in_query ? in_query : "", in_query && in_response ? "; " : "",
                     in_response ? "response: " : "", in_response ? in_response : "");
    size_t len = n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
    t->malformed = arena_copy(r->arena, text, len + 1);
    t->malformed_done = true;
    return t->malformed;
}

/* ICMP type 3 (RFC 792, RFC 1812 5.2.7.1) and ICMPv6 type 1 (RFC 4443 3.1) by code. */
static const char *const icmp_v4_codes[] = {
    "net_unreachable", "host_unreachable",    "protocol_unreachable", "port_unreachable",
    "fragmentation",   "source_route_failed", "net_unknown",          "host_unknown",
    "source_isolated", "net_prohibited",      "host_prohibited",      "net_tos",
    "host_tos",        "admin_prohibited",    "host_precedence",      "precedence_cutoff",
};
static const char *const icmp_v6_codes[] = {
    "net_unreachable",  "admin_prohibited",     "beyond_scope",   "host_unreachable",
    "port_unreachable", "source_policy_failed", "route_rejected",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *record_icmp_name(const struct record *r, char scratch[RECORD_ICMP_TEXT_MAX])
{
    bool v4 = inet_addr_is_v4(&r->client);
    if (!r->icmp_type && !r->icmp_code)
        return NULL;
    if (v4 && r->icmp_type == 3 && r->icmp_code < COUNT(icmp_v4_codes))
        return icmp_v4_codes[r->icmp_code];
    if (!v4 && r->icmp_type == 1 && r->icmp_code < COUNT(icmp_v6_codes))
        return icmp_v6_codes[r->icmp_code];
    if (r->icmp_type == (v4 ? 11 : 3))
        return "time_exceeded";
    snprintf(scratch, RECORD_ICMP_TEXT_MAX, "type%u_code%u", r->icmp_type, r->icmp_code);
    return scratch;
}

const char *record_icmp_at(size_t i)
{
    static const char *const others[] = {"beyond_scope", "source_policy_failed", "route_rejected",
                                         "time_exceeded"};
    if (i < COUNT(icmp_v4_codes))
        return icmp_v4_codes[i];
    i -= COUNT(icmp_v4_codes);
    return i < COUNT(others) ? others[i] : NULL;
}

const char *record_flag_at(size_t i, uint16_t *bit)
{
    static const struct {
        const char *name;
        uint16_t bit;
    } flags[] = {
        {"aa", DNS_FLAG_AA}, {"tc", DNS_FLAG_TC}, {"rd", DNS_FLAG_RD}, {"ra", DNS_FLAG_RA},
        {"z", DNS_FLAG_Z},   {"ad", DNS_FLAG_AD}, {"cd", DNS_FLAG_CD},
    };
    if (i >= COUNT(flags))
        return NULL;
    *bit = flags[i].bit;
    return flags[i].name;
}
