/* SPDX-License-Identifier: Apache-2.0 */
/* A record as JSON, straight from its wire bytes. This runs for every transaction of `trace --json`
 * and `read --json`. */
#include "dns/name.h"
#include "dns/types.h"
#include "record/json_part.h"
#include "record/json_put.h"
#include "record/text.h"

enum {
    PLACES = 16,
    PROCESSES = 32,
};

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

static bool put_place(const struct record_hop *h, struct buf *b)
{
    static _Thread_local struct json_part parts[PLACES];
    struct {
        uint32_t netns;
        char interface[sizeof(h->interface)];
    } key = {.netns = h->netns};
    memcpy(key.interface, h->interface, sizeof(key.interface));
    _Static_assert(sizeof(key) == 20 && sizeof(key) <= JSON_PART_KEY_MAX, "no padding");
    struct json_part *part = &parts[(h->netns ^ h->ifindex) % PLACES];
    if (json_part_put(part, &key, sizeof(key), b))
        return true;
    size_t start = b->len;
    struct row_hop hop = record_hop_plain(h);
    if (!row_put_place(b, &hop.interface, hop.netns))
        return false;
    json_part_keep(part, &key, sizeof(key), b, start);
    return true;
}

static void put_hop(const struct record_hop *h, struct buf *b, bool first)
{
    buf_puts(b, first ? ",\"hops\":[{" : ",{");
    bool placed = put_place(h, b);
    int64_t latency_ns = record_hop_latency_ns(h);
    char *p = buf_room(b, GROUP_BYTES);
    if (!p)
        return;
    if (latency_ns >= 0) {
        if (placed)
            *p++ = ',';
        p = put_number(LITERAL(p, "\"latency_us\":"), (uint64_t)record_us(latency_ns));
    }
    *p++ = '}';
    b->len = (size_t)(p - b->data);
}

static void put_hops(const struct record *r, struct buf *b)
{
    if (!r->hop_count || (!r->hops[0].interface[0] && !r->hops[0].netns && r->hop_count == 1))
        return;
    buf_putc(b, ',');
    if (!put_place(&r->hops[0], b) && !b->failed)
        b->len--;
    for (unsigned i = 0; i < r->hop_count; i++)
        put_hop(&r->hops[i], b, i == 0);
    buf_putc(b, ']');
}

/* Whether all that put_who writes follows from its key. */
static bool follows_from_key(const struct record *r)
{
    const struct record_process *p = &r->process;
    return (p->facts || (!p->exe && !p->cgroup && !p->container_id && !p->unit)) && !r->pod &&
           !r->namespace && !r->workload && !r->node && !r->drop_reason && !r->drop_location;
}

static void put_who(const struct record *r, struct row *row, struct buf *b)
{
    static _Thread_local struct json_part parts[PROCESSES];
    struct {
        uint64_t facts;
        uint32_t pid, tid, uid, server_pid;
        char comm[sizeof(r->process.comm)], server_comm[sizeof(r->process.comm)];
    } key = {r->process.facts,
             r->process.pid,
             r->process.tid,
             r->process.uid,
             r->server_process.pid,
             {0},
             {0}};
    _Static_assert(sizeof(key) == 56 && sizeof(key) <= JSON_PART_KEY_MAX, "no padding");
    memcpy(key.comm, r->process.comm, sizeof(key.comm));
    memcpy(key.server_comm, r->server_process.comm, sizeof(key.server_comm));
    struct json_part *part = &parts[(key.tid ^ key.server_pid) % PROCESSES];
    bool keep = follows_from_key(r);
    if (keep && json_part_put(part, &key, sizeof(key), b))
        return;
    size_t start = b->len;
    row_plain_who(row, r);
    row_put_who(row, b);
    if (keep)
        json_part_keep(part, &key, sizeof(key), b, start);
}

void record_to_json(struct record *r, struct buf *out)
{
    struct row row;
    row_plain_lookup(&row, r);
    row_put_head(&row, out);
    put_question(r, &row, out);
    put_answers(r, out);
    row_put_counts(&row, out);
    put_edns(r, out);
    row_put_sizes(&row, out);
    put_hops(r, out);
    put_who(r, &row, out);
    TEXT(out, "malformed", record_malformed(r));
    row_put_marks(&row, out);
    char scratch[RECORD_ICMP_TEXT_MAX];
    TEXT(out, "icmp", record_icmp_name(r, scratch));
    buf_putc(out, '}');
}
