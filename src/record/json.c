/* SPDX-License-Identifier: Apache-2.0 */
/* A record as JSON, straight from its wire bytes. This runs for every transaction of `trace --json`
 * and `read --json`. */
#include "dns/name.h"
#include "dns/types.h"
#include "record/json_put.h"
#include "record/text.h"

static void put_question(struct record *r, const struct row *row, struct buf *b)
{
    int len;
    const char *qname = record_qname(r, &len);
    if (!qname)
        return;
    STRING(b, "qname", qname, (size_t)len);
    if (r->qname_wire)
        STRING(b, "qname_wire", r->qname_wire, (size_t)len);
    row_put_codes(row, b);
}

/* Whether the owner of rr is the name asked for, letter by letter, so that its text is known: true
 * for nearly every first record of an answer, which points at the question. */
static bool owner_is_question(struct record *r, const struct dns_message *m,
                              const struct dns_rr *rr)
{
    if (rr->name_pos + 1 >= m->len || m->wire[rr->name_pos] != (0xc0 | m->qname_pos >> 8) ||
        m->wire[rr->name_pos + 1] != (m->qname_pos & 0xff) || !m->has_question || !r->qname)
        return false;
    const struct dns_message *q = record_query(r);
    if (!q || !q->has_question)
        return true; /* the name came from this very message */
    size_t end = q->qname_pos, n;
    while (end < q->len && q->wire[end] && q->wire[end] < 64)
        end += 1u + q->wire[end];
    n = end - q->qname_pos + 1;
    return end < q->len && !q->wire[end] && m->qname_pos + n <= m->len &&
           memcmp(q->wire + q->qname_pos, m->wire + m->qname_pos, n) == 0;
}

/* Data is written in place and only moved when it turns out to need escapes, as TXT does. */
static void put_data(struct record *r, struct buf *b, const struct dns_message *m,
                     const struct dns_rr *rr)
{
    if (rr->type == DNS_TYPE_A && rr->rdata_len == 4 && rr->rdata_pos + 4 <= m->len) {
        char *p = buf_room(b, GROUP_BYTES);
        if (!p)
            return;
        struct inet_addr a = inet_addr_v4(m->wire + rr->rdata_pos);
        p = put_inet(p, &a);
        b->len = (size_t)(p - b->data);
        return;
    }
    size_t start = b->len;
    buf_putc(b, '"');
    (void)dns_rdata_to_text(m, rr, b);
    if (b->failed)
        return;
    size_t len = b->len - start - 1;
    if (json_plain_len(b->data + start + 1, len) == len) {
        buf_putc(b, '"');
        return;
    }
    const char *copy = arena_copy(r->arena, b->data + start + 1, len);
    b->len = start;
    if (!copy) {
        b->failed = true;
        return;
    }
    json_string(b, copy, len);
}

static void put_answer(struct record *r, struct buf *b, const struct dns_message *m,
                       const struct dns_rr *rr, bool first)
{
    char owner[DNS_NAME_TEXT_MAX], scratch[DNS_MNEMONIC_MAX];
    const char *name = r->qname_wire ? r->qname_wire : r->qname;
    int len = r->qname_len;
    if (!owner_is_question(r, m, rr)) {
        name = owner;
        len = dns_rr_name_to_text(m, rr, owner);
    }
    char *p = buf_room(b, GROUP_BYTES);
    if (!p)
        return;
    p = first ? LITERAL(p, ",\"answers\":[{") : LITERAL(p, ",{");
    b->len = (size_t)(p - b->data);
    if (len >= 0)
        put_string(b, "\"name\":", 7, name, (size_t)len);
    p = buf_room(b, GROUP_BYTES);
    if (!p)
        return;
    p = len >= 0 ? LITERAL(p, ",\"type\":") : LITERAL(p, "\"type\":");
    p = put_quoted(p, dns_type_name(rr->type, scratch));
    p = put_number(KEY(p, "ttl"), rr->ttl);
    p = KEY(p, "data");
    b->len = (size_t)(p - b->data);
    put_data(r, b, m, rr);
    buf_putc(b, '}');
}

static void put_answers(struct record *r, struct buf *b)
{
    const struct dns_message *m = record_response(r);
    for (uint32_t i = 0; m && i < m->answers; i++)
        put_answer(r, b, m, &m->rr[i], i == 0);
    if (m && m->answers)
        buf_putc(b, ']');
}

static void put_hex(struct buf *b, const char *key, const uint8_t *data, size_t len)
{
    buf_puts(b, key);
    buf_hex(b, data, len);
    buf_putc(b, '"');
}

static void put_edns(struct record *r, struct buf *b)
{
    const struct dns_edns *e = record_edns(r);
    if (!e)
        return;
    struct row_edns plain = record_edns_plain(e);
    row_put_edns_head(&plain, b);
    uint16_t ecs_len;
    const uint8_t *ecs = record_ecs(r, &ecs_len);
    if (ecs) {
        char text[RECORD_ECS_TEXT_MAX];
        size_t n = record_ecs_text(ecs, ecs_len, text);
        STRING(b, "ecs", text, n);
    }
    if (e->nsid && record_nsid_is_text(e))
        STRING(b, "nsid", (const char *)e->nsid, e->nsid_len);
    else if (e->nsid)
        put_hex(b, ",\"nsid\":\"", e->nsid, e->nsid_len);
    if (e->cookie)
        put_hex(b, ",\"cookie\":\"", e->cookie, e->cookie_len);
    row_put_edns_numbers(&plain, b);
    for (uint32_t i = 0; i < plain.ede_count; i++) {
        struct row_ede ede = record_ede_plain(&e->ede[i]);
        row_put_ede(b, &ede, i == 0);
    }
    if (plain.ede_count)
        buf_putc(b, ']');
    buf_putc(b, '}');
}

static void put_hops(const struct record *r, struct buf *b)
{
    if (!r->hop_count || (r->hop_count == 1 && !r->hops[0].interface[0] && !r->hops[0].netns))
        return;
    for (unsigned i = 0; i < r->hop_count; i++) {
        struct row_hop hop = record_hop_plain(&r->hops[i]);
        row_put_hop(b, &hop, i == 0);
    }
    buf_putc(b, ']');
}

void record_to_json(struct record *r, struct buf *out)
{
    struct row row;
    row_plain(&row, r);
    row_put_head(&row, out);
    put_question(r, &row, out);
    put_answers(r, out);
    row_put_counts(&row, out);
    put_edns(r, out);
    row_put_place(&row, out);
    put_hops(r, out);
    row_put_who(&row, out);
    TEXT(out, "malformed", record_malformed(r));
    row_put_marks(&row, out);
    char scratch[RECORD_ICMP_TEXT_MAX];
    TEXT(out, "icmp", record_icmp_name(r, scratch));
    buf_putc(out, '}');
}
