/* SPDX-License-Identifier: Apache-2.0 */
#include "record/json_put.h"

#include "base/clock.h"
#include "dns/types.h"
#include "record/text.h"

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

void row_put_head(const struct row *r, struct buf *b)
{
    char scratch[DNS_MNEMONIC_MAX];
    char *p = buf_room(b, HEAD_BYTES);
    if (!p)
        return;
    p = LITERAL(p, "{\"time\":\"");
    p += clock_format_utc(r->time_ns, p);
    *p++ = '"';
    if (r->latency_us >= 0)
        p = put_number(KEY(p, "latency_us"), (uint64_t)r->latency_us);
    p = put_quoted(KEY(p, "outcome"), record_outcome_name(r->outcome));
    p = put_quoted(KEY(p, "protocol"), record_protocol_name(r->protocol));
    p = put_quoted(KEY(p, "transport"), record_transport_name(r->transport));
    p = put_inet(KEY(p, "client"), &r->client);
    p = put_number(KEY(p, "client_port"), r->client_port);
    p = put_inet(KEY(p, "server"), &r->server);
    p = put_number(KEY(p, "server_port"), r->server_port);
    p = put_number(KEY(p, "id"), r->id);
    if (r->opcode >= 0) {
        p = put_quoted(KEY(p, "opcode"), dns_opcode_name((uint8_t)r->opcode, scratch));
        p = put_flags(p, r->flags);
    }
    if (r->rcode >= 0)
        p = put_quoted(KEY(p, "rcode"), dns_rcode_name((uint16_t)r->rcode, scratch));
    b->len = (size_t)(p - b->data);
}

void row_put_codes(const struct row *r, struct buf *b)
{
    char scratch[DNS_MNEMONIC_MAX];
    char *p = buf_room(b, GROUP_BYTES);
    if (!p || r->qtype < 0)
        return;
    p = put_quoted(KEY(p, "qtype"), dns_type_name((uint16_t)r->qtype, scratch));
    p = put_quoted(KEY(p, "qclass"), dns_class_name((uint16_t)r->qclass, scratch));
    b->len = (size_t)(p - b->data);
}

void row_put_counts(const struct row *r, struct buf *b)
{
    char *p = r->answer_count >= 0 ? buf_room(b, GROUP_BYTES) : NULL;
    if (!p)
        return;
    p = put_number(KEY(p, "authority_count"), (uint64_t)r->authority_count);
    p = put_number(KEY(p, "additional_count"), (uint64_t)r->additional_count);
    p = put_number(KEY(p, "answer_count"), (uint64_t)r->answer_count);
    if (r->min_ttl >= 0)
        p = put_number(KEY(p, "min_ttl"), (uint64_t)r->min_ttl);
    b->len = (size_t)(p - b->data);
}

void row_put_edns_head(const struct row_edns *e, struct buf *b)
{
    char *p = buf_room(b, GROUP_BYTES);
    if (!p)
        return;
    p = LITERAL(p, ",\"edns\":{\"version\":");
    p = put_number(p, e->version);
    p = put_number(KEY(p, "udp_size"), e->udp_size);
    p = e->do_bit ? LITERAL(p, ",\"do\":true") : LITERAL(p, ",\"do\":false");
    b->len = (size_t)(p - b->data);
}

void row_put_edns_numbers(const struct row_edns *e, struct buf *b)
{
    char *p = buf_room(b, GROUP_BYTES);
    if (!p)
        return;
    if (e->keepalive_ms >= 0)
        p = put_number(KEY(p, "keepalive"), (uint64_t)e->keepalive_ms);
    if (e->padding_bytes >= 0)
        p = put_number(KEY(p, "padding"), (uint64_t)e->padding_bytes);
    b->len = (size_t)(p - b->data);
}

void row_put_ede(struct buf *b, const struct row_ede *ede, bool first)
{
    buf_puts(b, first ? ",\"ede\":[{\"code\":" : ",{\"code\":");
    buf_u64(b, ede->code);
    TEXT(b, "text", dns_ede_text(ede->code));
    ROW_TEXT(b, "extra", &ede->extra);
    buf_putc(b, '}');
}

void row_put_sizes(const struct row *r, struct buf *b)
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
}

bool row_put_place(struct buf *b, const struct row_text *interface, uint32_t netns)
{
    if (interface->text)
        put_string(b, "\"interface\":", 12, interface->text, interface->len);
    if (netns) {
        buf_puts(b, interface->text ? ",\"netns\":" : "\"netns\":");
        buf_u64(b, netns);
    }
    return interface->text || netns;
}

void row_put_hop(struct buf *b, const struct row_hop *h, bool first)
{
    buf_puts(b, first ? ",\"hops\":[{" : ",{");
    bool placed = row_put_place(b, &h->interface, h->netns);
    char *p = buf_room(b, GROUP_BYTES);
    if (!p)
        return;
    if (h->latency_us >= 0) {
        if (placed)
            *p++ = ',';
        p = put_number(LITERAL(p, "\"latency_us\":"), (uint64_t)h->latency_us);
    }
    *p++ = '}';
    b->len = (size_t)(p - b->data);
}

void row_put_who(const struct row *r, struct buf *b)
{
    if (r->pid) {
        char *p = buf_room(b, GROUP_BYTES);
        if (!p)
            return;
        p = put_number(KEY(p, "pid"), r->pid);
        if (r->tid)
            p = put_number(KEY(p, "tid"), r->tid);
        b->len = (size_t)(p - b->data);
        ROW_TEXT(b, "comm", &r->comm);
        ROW_TEXT(b, "exe", &r->exe);
        if (r->uid >= 0) {
            buf_puts(b, ",\"uid\":");
            buf_u64(b, (uint64_t)r->uid);
        }
    }
    if (r->server_pid) {
        buf_puts(b, ",\"server_pid\":");
        buf_u64(b, r->server_pid);
        ROW_TEXT(b, "server_comm", &r->server_comm);
    }
    ROW_TEXT(b, "cgroup", &r->cgroup);
    ROW_TEXT(b, "container_id", &r->container_id);
    ROW_TEXT(b, "unit", &r->unit);
    ROW_TEXT(b, "pod", &r->pod);
    ROW_TEXT(b, "namespace", &r->namespace);
    ROW_TEXT(b, "workload", &r->workload);
    ROW_TEXT(b, "node", &r->node);
    ROW_TEXT(b, "drop_reason", &r->drop_reason);
    ROW_TEXT(b, "drop_location", &r->drop_location);
}

void row_put_marks(const struct row *r, struct buf *b)
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
