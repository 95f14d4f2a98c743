/* SPDX-License-Identifier: Apache-2.0 */
/* A record as JSON. This runs for every transaction of `trace --json` and `read --json`, so keys
 * are written as constants with their punctuation, and room is asked for once per group of values
 * whose size is bounded. */
#include "base/json.h"
#include "base/clock.h"
#include "dns/name.h"
#include "dns/types.h"
#include "record/text.h"

enum {
    /* The values from time to rcode: none longer than 64 bytes with its key. */
    HEAD_BYTES = 1024,
    GROUP_BYTES = 256,
};

#define LITERAL(p, text) ((char *)memcpy((p), (text), sizeof(text) - 1) + sizeof(text) - 1)
#define KEY(p, name)     LITERAL(p, ",\"" name "\":")

static inline char *put_text(char *p, const char *text)
{
    size_t n = strlen(text);
    memcpy(p, text, n);
    return p + n;
}

static inline char *put_quoted(char *p, const char *text)
{
    *p++ = '"';
    p = put_text(p, text);
    *p++ = '"';
    return p;
}

static inline char *put_number(char *p, uint64_t v)
{
    return p + buf_digits(p, v);
}

static inline char *put_inet(char *p, const struct inet_addr *a)
{
    *p++ = '"';
    p += inet_addr_format(a, p);
    *p++ = '"';
    return p;
}

/* For texts of any length and content. `key` comes with its punctuation: ,"comm": */
static void put_string(struct buf *b, const char *key, size_t key_len, const char *text, size_t len)
{
    size_t plain = json_plain_len(text, len);
    char *p = buf_room(b, key_len + len + 2);
    if (!p)
        return;
    memcpy(p, key, key_len);
    b->len += key_len;
    if (plain < len) {
        json_string(b, text, len);
        return;
    }
    p += key_len;
    *p = '"';
    memcpy(p + 1, text, len);
    p[len + 1] = '"';
    b->len += len + 2;
}

#define STRING(b, name, text, len) put_string(b, ",\"" name "\":", sizeof(name) + 3, text, len)
#define TEXT(b, name, text)                                                                        \
    do {                                                                                           \
        const char *text_ = (text);                                                                \
        if (text_ && text_[0])                                                                     \
            STRING(b, name, text_, strlen(text_));                                                 \
    } while (0)

static char *put_flags(char *p, uint16_t flags)
{
    const char *name;
    uint16_t bit;
    bool first = true;
    for (size_t i = 0; (name = record_flag_at(i, &bit)); i++) {
        if (!(flags & bit))
            continue;
        p = first ? LITERAL(p, ",\"flags\":[\"") : LITERAL(p, ",\"");
        p = put_text(p, name);
        *p++ = '"';
        first = false;
    }
    if (!first)
        *p++ = ']';
    return p;
}

static void put_head(struct record *r, struct buf *b)
{
    char scratch[DNS_MNEMONIC_MAX];
    char *p = buf_room(b, HEAD_BYTES);
    if (!p)
        return;
    p = LITERAL(p, "{\"time\":\"");
    p += clock_format_utc(r->time_ns, p);
    *p++ = '"';
    if (r->latency_ns >= 0)
        p = put_number(KEY(p, "latency_us"), (uint64_t)record_us(r->latency_ns));
    p = put_quoted(KEY(p, "outcome"), record_outcome_name(r->outcome));
    p = put_quoted(KEY(p, "protocol"), record_protocol_name(r->protocol));
    p = put_quoted(KEY(p, "transport"), record_transport_name(r->transport));
    p = put_inet(KEY(p, "client"), &r->client);
    p = put_number(KEY(p, "client_port"), r->client_port);
    p = put_inet(KEY(p, "server"), &r->server);
    p = put_number(KEY(p, "server_port"), r->server_port);
    p = put_number(KEY(p, "id"), r->id);
    const struct dns_message *m = record_head(r);
    if (m) {
        p = put_quoted(KEY(p, "opcode"), dns_opcode_name(m->opcode, scratch));
        p = put_flags(p, m->flags);
    }
    int32_t rcode = record_rcode(r);
    if (rcode >= 0)
        p = put_quoted(KEY(p, "rcode"), dns_rcode_name((uint16_t)rcode, scratch));
    b->len = (size_t)(p - b->data);
}

static void put_question(struct record *r, struct buf *b)
{
    char scratch[DNS_MNEMONIC_MAX];
    int len;
    const char *qname = record_qname(r, &len);
    if (!qname)
        return;
    STRING(b, "qname", qname, (size_t)len);
    if (r->qname_wire)
        STRING(b, "qname_wire", r->qname_wire, (size_t)len);
    const struct dns_message *m = record_question(r);
    char *p = buf_room(b, GROUP_BYTES);
    if (!p || !m)
        return;
    p = put_quoted(KEY(p, "qtype"), dns_type_name(m->qtype, scratch));
    p = put_quoted(KEY(p, "qclass"), dns_class_name(m->qclass, scratch));
    b->len = (size_t)(p - b->data);
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
    const struct dns_message *head = record_head(r);
    char *p = head ? buf_room(b, GROUP_BYTES) : NULL;
    if (!p)
        return;
    p = put_number(KEY(p, "authority_count"), head->ns_count);
    p = put_number(KEY(p, "additional_count"), head->ar_count);
    p = put_number(KEY(p, "answer_count"), head->an_count);
    if (m && m->has_min_ttl)
        p = put_number(KEY(p, "min_ttl"), m->min_ttl);
    b->len = (size_t)(p - b->data);
}

static void put_hex(struct buf *b, const char *key, const uint8_t *data, size_t len)
{
    buf_puts(b, key);
    buf_hex(b, data, len);
    buf_putc(b, '"');
}

static void put_ede(struct buf *b, const struct dns_ede *ede, bool first)
{
    buf_puts(b, first ? ",\"ede\":[{\"code\":" : ",{\"code\":");
    buf_u64(b, ede->code);
    TEXT(b, "text", dns_ede_text(ede->code));
    if (ede->text_len)
        STRING(b, "extra", (const char *)ede->text, ede->text_len);
    buf_putc(b, '}');
}

static void put_edns(struct record *r, struct buf *b)
{
    const struct dns_edns *e = record_edns(r);
    char *p = e ? buf_room(b, GROUP_BYTES) : NULL;
    if (!p)
        return;
    p = LITERAL(p, ",\"edns\":{\"version\":");
    p = put_number(p, e->version);
    p = put_number(KEY(p, "udp_size"), e->udp_size);
    p = e->do_bit ? LITERAL(p, ",\"do\":true") : LITERAL(p, ",\"do\":false");
    b->len = (size_t)(p - b->data);

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
    int64_t keepalive_ms = record_keepalive_ms(e);
    if (keepalive_ms >= 0) {
        buf_puts(b, ",\"keepalive\":");
        buf_u64(b, (uint64_t)keepalive_ms);
    }
    if (e->padding) {
        buf_puts(b, ",\"padding\":");
        buf_u64(b, e->padding_len);
    }
    size_t kept = sizeof(e->ede) / sizeof(e->ede[0]);
    size_t count = e->ede_count < kept ? e->ede_count : kept;
    for (size_t i = 0; i < count; i++)
        put_ede(b, &e->ede[i], i == 0);
    if (count)
        buf_putc(b, ']');
    buf_putc(b, '}');
}

static void put_hops(const struct record *r, struct buf *b)
{
    if (!r->hop_count || (r->hop_count == 1 && !r->hops[0].interface[0] && !r->hops[0].netns))
        return;
    for (unsigned i = 0; i < r->hop_count; i++) {
        const struct record_hop *h = &r->hops[i];
        buf_puts(b, i ? ",{" : ",\"hops\":[{");
        const char *comma = "";
        if (h->interface[0]) {
            put_string(b, "\"interface\":", 12, h->interface,
                       strnlen(h->interface, sizeof(h->interface)));
            comma = ",";
        }
        char *p = buf_room(b, GROUP_BYTES);
        if (!p)
            return;
        if (h->netns) {
            p = put_text(p, comma);
            p = put_number(LITERAL(p, "\"netns\":"), h->netns);
            comma = ",";
        }
        int64_t latency_ns = record_hop_latency_ns(h);
        if (latency_ns >= 0) {
            p = put_text(p, comma);
            p = put_number(LITERAL(p, "\"latency_us\":"), (uint64_t)record_us(latency_ns));
        }
        *p++ = '}';
        b->len = (size_t)(p - b->data);
    }
    buf_putc(b, ']');
}

static void put_place(const struct record *r, struct buf *b)
{
    char *p = buf_room(b, GROUP_BYTES);
    if (!p)
        return;
    if (r->query_bytes)
        p = put_number(KEY(p, "query_bytes"), r->query_bytes);
    if (r->response_bytes)
        p = put_number(KEY(p, "response_bytes"), r->response_bytes);
    p = put_number(KEY(p, "retransmits"), r->retransmits);
    b->len = (size_t)(p - b->data);
    if (!r->hop_count)
        return;
    const struct record_hop *h = &r->hops[0];
    if (h->interface[0])
        STRING(b, "interface", h->interface, strnlen(h->interface, sizeof(h->interface)));
    if (h->netns) {
        buf_puts(b, ",\"netns\":");
        buf_u64(b, h->netns);
    }
    put_hops(r, b);
}

static void put_who(const struct record *r, struct buf *b)
{
    const struct record_process *client = &r->process, *server = &r->server_process;
    if (client->pid) {
        char *p = buf_room(b, GROUP_BYTES);
        if (!p)
            return;
        p = put_number(KEY(p, "pid"), client->pid);
        if (client->tid)
            p = put_number(KEY(p, "tid"), client->tid);
        b->len = (size_t)(p - b->data);
        if (client->comm[0])
            STRING(b, "comm", client->comm, strnlen(client->comm, sizeof(client->comm)));
        TEXT(b, "exe", client->exe);
        buf_puts(b, ",\"uid\":");
        buf_u64(b, client->uid);
    }
    if (server->pid) {
        buf_puts(b, ",\"server_pid\":");
        buf_u64(b, server->pid);
        if (server->comm[0])
            STRING(b, "server_comm", server->comm, strnlen(server->comm, sizeof(server->comm)));
    }
    TEXT(b, "cgroup", client->cgroup);
    TEXT(b, "container_id", client->container_id);
    TEXT(b, "unit", client->unit);
    TEXT(b, "pod", r->pod);
    TEXT(b, "namespace", r->namespace);
    TEXT(b, "workload", r->workload);
    TEXT(b, "node", r->node);
    TEXT(b, "drop_reason", r->drop_reason);
    TEXT(b, "drop_location", r->drop_location);
}

static void put_marks(const struct record *r, struct buf *b)
{
    bool first = true;
    for (unsigned bit = 1; r->marks && bit < 0x100; bit <<= 1) {
        const char *name = r->marks & bit ? record_mark_name((uint8_t)bit) : NULL;
        if (!name)
            continue;
        buf_puts(b, first ? ",\"marks\":[\"" : ",\"");
        buf_puts(b, name);
        buf_putc(b, '"');
        first = false;
    }
    if (!first)
        buf_putc(b, ']');
}

void record_to_json(struct record *r, struct buf *out)
{
    char scratch[RECORD_ICMP_TEXT_MAX];
    put_head(r, out);
    put_question(r, out);
    put_answers(r, out);
    put_edns(r, out);
    put_place(r, out);
    put_who(r, out);
    TEXT(out, "malformed", record_malformed(r));
    put_marks(r, out);
    TEXT(out, "icmp", record_icmp_name(r, scratch));
    buf_putc(out, '}');
}
