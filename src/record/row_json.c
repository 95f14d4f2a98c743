/* SPDX-License-Identifier: Apache-2.0 */
#include "record/json_put.h"

#include "dns/types.h"

static void put_answers(const struct row *r, struct buf *b)
{
    char scratch[DNS_MNEMONIC_MAX];
    for (uint32_t i = 0; i < r->answers_len; i++) {
        const struct row_answer *a = &r->answers[i];
        buf_puts(b, i ? ",{" : ",\"answers\":[{");
        if (a->name.text)
            put_string(b, "\"name\":", 7, a->name.text, a->name.len);
        char *p = buf_room(b, GROUP_BYTES);
        if (!p)
            return;
        p = a->name.text ? LITERAL(p, ",\"type\":") : LITERAL(p, "\"type\":");
        p = put_quoted(p, dns_type_name(a->type, scratch));
        p = put_number(KEY(p, "ttl"), a->ttl);
        b->len = (size_t)(p - b->data);
        ROW_TEXT(b, "data", &a->data);
        buf_putc(b, '}');
    }
    if (r->answers_len)
        buf_putc(b, ']');
}

static void put_edns(const struct row_edns *e, struct buf *b)
{
    if (!e->present)
        return;
    row_put_edns_head(e, b);
    ROW_TEXT(b, "ecs", &e->ecs);
    ROW_TEXT(b, "nsid", &e->nsid);
    ROW_TEXT(b, "cookie", &e->cookie);
    row_put_edns_numbers(e, b);
    for (uint32_t i = 0; i < e->ede_count; i++)
        row_put_ede(b, &e->ede[i], i == 0);
    if (e->ede_count)
        buf_putc(b, ']');
    buf_putc(b, '}');
}

/* A single hop of which nothing is known is a packet of a file. */
static bool shows_hops(const struct row *r)
{
    return r->hops_len > 1 || (r->hops_len == 1 && (r->hops[0].interface.text || r->hops[0].netns));
}

void row_to_json(const struct row *r, struct buf *out)
{
    row_put_head(r, out);
    if (r->qname.text) {
        STRING(out, "qname", r->qname.text, r->qname.len);
        ROW_TEXT(out, "qname_wire", &r->qname_wire);
        row_put_codes(r, out);
    }
    put_answers(r, out);
    row_put_counts(r, out);
    put_edns(&r->edns, out);
    row_put_sizes(r, out);
    if (r->interface.text || r->netns) {
        buf_putc(out, ',');
        row_put_place(out, &r->interface, r->netns);
    }
    if (shows_hops(r)) {
        for (uint32_t i = 0; i < r->hops_len; i++)
            row_put_hop(out, &r->hops[i], i == 0);
        buf_putc(out, ']');
    }
    row_put_who(r, out);
    ROW_TEXT(out, "malformed", &r->malformed);
    row_put_marks(r, out);
    ROW_TEXT(out, "icmp", &r->icmp);
    if (r->seq) {
        buf_puts(out, ",\"seq\":");
        buf_u64(out, r->seq);
    }
    buf_putc(out, '}');
}
