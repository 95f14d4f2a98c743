/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/field_values.h"

#include "base/json.h"
#include "dns/parts.h"
#include "record/text.h"

#include <string.h>

static bool number(field_each *each, void *ctx, int64_t n)
{
    struct field_value v = {.present = true, .number = n};
    return each(ctx, &v);
}

static bool text(field_each *each, void *ctx, const char *t, size_t len)
{
    struct field_value v = {.present = true, .text = t, .len = len};
    return each(ctx, &v);
}

/* Texts that need not be UTF-8 match as they are shown and stored: a byte that is not stands for
 * U+FFFD. */
static bool foreign(field_each *each, void *ctx, const char *t, size_t len)
{
    size_t clean = json_plain_len(t, len) == len ? len : utf8_clean_len(t, len);
    if (clean == len)
        return text(each, ctx, t, len);
    struct buf b = {0};
    char *p = buf_room(&b, clean);
    bool stop = false;
    if (p) {
        utf8_clean(p, t, len);
        stop = text(each, ctx, p, clean);
    }
    buf_done(&b);
    return stop;
}

/* Absent when NULL or empty. */
static bool cstring(field_each *each, void *ctx, const char *t)
{
    return t && t[0] && foreign(each, ctx, t, strlen(t));
}

/* A field of fixed size that is NUL-terminated unless full. */
static bool fixed(field_each *each, void *ctx, const char *t, size_t size)
{
    return t[0] && foreign(each, ctx, t, strnlen(t, size));
}

static bool mnemonic(field_each *each, void *ctx, int64_t code, const char *name)
{
    struct field_value v = {.present = true, .number = code, .text = name, .len = strlen(name)};
    return each(ctx, &v);
}

static bool address(field_each *each, void *ctx, const struct inet_addr *a)
{
    struct field_value v = {.present = true, .has_inet = true, .inet = *a};
    return each(ctx, &v);
}

bool field_time(struct record *r, field_each *each, void *ctx)
{
    return number(each, ctx, r->time_ns);
}

bool field_latency(struct record *r, field_each *each, void *ctx)
{
    return r->latency_ns >= 0 && number(each, ctx, record_us(r->latency_ns));
}

bool field_outcome(struct record *r, field_each *each, void *ctx)
{
    return mnemonic(each, ctx, r->outcome, record_outcome_name(r->outcome));
}

bool field_protocol(struct record *r, field_each *each, void *ctx)
{
    return mnemonic(each, ctx, r->protocol, record_protocol_name(r->protocol));
}

bool field_transport(struct record *r, field_each *each, void *ctx)
{
    return mnemonic(each, ctx, r->transport, record_transport_name(r->transport));
}

bool field_client(struct record *r, field_each *each, void *ctx)
{
    return address(each, ctx, &r->client);
}

bool field_client_port(struct record *r, field_each *each, void *ctx)
{
    return number(each, ctx, r->client_port);
}

bool field_server(struct record *r, field_each *each, void *ctx)
{
    return address(each, ctx, &r->server);
}

bool field_server_port(struct record *r, field_each *each, void *ctx)
{
    return number(each, ctx, r->server_port);
}

bool field_id(struct record *r, field_each *each, void *ctx)
{
    return number(each, ctx, r->id);
}

bool field_opcode(struct record *r, field_each *each, void *ctx)
{
    char scratch[DNS_MNEMONIC_MAX];
    const struct dns_message *m = record_head(r);
    return m && mnemonic(each, ctx, m->opcode, dns_opcode_name(m->opcode, scratch));
}

bool field_flags(struct record *r, field_each *each, void *ctx)
{
    const struct dns_message *m = record_head(r);
    const char *name;
    uint16_t bit;
    for (size_t i = 0; m && (name = record_flag_at(i, &bit)); i++)
        if (m->flags & bit && cstring(each, ctx, name))
            return true;
    return false;
}

bool field_rcode(struct record *r, field_each *each, void *ctx)
{
    char scratch[DNS_MNEMONIC_MAX];
    int32_t rcode = record_rcode(r);
    return rcode >= 0 && mnemonic(each, ctx, rcode, dns_rcode_name((uint16_t)rcode, scratch));
}

bool field_qname(struct record *r, field_each *each, void *ctx)
{
    int len;
    const char *name = record_qname(r, &len);
    return name && text(each, ctx, name, (size_t)len);
}

static bool part_of_qname(struct record *r, field_each *each, void *ctx,
                          bool (*part)(const char *qname, size_t len, size_t *begin))
{
    int len;
    size_t begin;
    const char *name = record_qname(r, &len);
    return name && part(name, (size_t)len, &begin) &&
           text(each, ctx, name + begin, (size_t)len - begin);
}

bool field_domain(struct record *r, field_each *each, void *ctx)
{
    return part_of_qname(r, each, ctx, dns_name_domain);
}

bool field_suffix(struct record *r, field_each *each, void *ctx)
{
    return part_of_qname(r, each, ctx, dns_name_parent);
}

bool field_qname_wire(struct record *r, field_each *each, void *ctx)
{
    int len;
    (void)record_qname(r, &len);
    return r->qname_wire && text(each, ctx, r->qname_wire, (size_t)len);
}

bool field_qtype(struct record *r, field_each *each, void *ctx)
{
    char scratch[DNS_MNEMONIC_MAX];
    const struct dns_message *m = record_question(r);
    return m && mnemonic(each, ctx, m->qtype, dns_type_name(m->qtype, scratch));
}

bool field_qclass(struct record *r, field_each *each, void *ctx)
{
    char scratch[DNS_MNEMONIC_MAX];
    const struct dns_message *m = record_question(r);
    return m && mnemonic(each, ctx, m->qclass, dns_class_name(m->qclass, scratch));
}

bool field_answers_name(struct record *r, field_each *each, void *ctx)
{
    const struct dns_message *m = record_response(r);
    for (uint32_t i = 0; m && i < m->answers; i++) {
        struct record_text t = record_answer_name(r, i);
        if (t.text && text(each, ctx, t.text, t.len))
            return true;
    }
    return false;
}

bool field_answers_type(struct record *r, field_each *each, void *ctx)
{
    char scratch[DNS_MNEMONIC_MAX];
    const struct dns_message *m = record_response(r);
    for (uint32_t i = 0; m && i < m->answers; i++)
        if (mnemonic(each, ctx, m->rr[i].type, dns_type_name(m->rr[i].type, scratch)))
            return true;
    return false;
}

bool field_answers_ttl(struct record *r, field_each *each, void *ctx)
{
    const struct dns_message *m = record_response(r);
    for (uint32_t i = 0; m && i < m->answers; i++)
        if (number(each, ctx, m->rr[i].ttl))
            return true;
    return false;
}

bool field_answers_data(struct record *r, field_each *each, void *ctx)
{
    const struct dns_message *m = record_response(r);
    for (uint32_t i = 0; m && i < m->answers; i++) {
        const struct dns_rr *rr = &m->rr[i];
        struct record_text t = record_answer_data(r, i);
        struct field_value v = {.present = true, .text = t.text, .len = t.len};
        if (!t.text || rr->rdata_pos + rr->rdata_len > m->len)
            continue;
        if (rr->type == DNS_TYPE_A && rr->rdata_len == 4) {
            v.has_inet = true;
            v.inet = inet_addr_v4(m->wire + rr->rdata_pos);
        } else if (rr->type == DNS_TYPE_AAAA && rr->rdata_len == 16) {
            v.has_inet = true;
            v.inet = inet_addr_v6(m->wire + rr->rdata_pos);
        }
        if (each(ctx, &v))
            return true;
    }
    return false;
}

bool field_authority_count(struct record *r, field_each *each, void *ctx)
{
    const struct dns_message *m = record_head(r);
    return m && number(each, ctx, m->ns_count);
}

bool field_additional_count(struct record *r, field_each *each, void *ctx)
{
    const struct dns_message *m = record_head(r);
    return m && number(each, ctx, m->ar_count);
}

bool field_answer_count(struct record *r, field_each *each, void *ctx)
{
    const struct dns_message *m = record_head(r);
    return m && number(each, ctx, m->an_count);
}

bool field_min_ttl(struct record *r, field_each *each, void *ctx)
{
    const struct dns_message *m = record_response(r);
    return m && m->has_min_ttl && number(each, ctx, m->min_ttl);
}

bool field_edns(struct record *r, field_each *each, void *ctx)
{
    return record_edns(r) && number(each, ctx, 1);
}

bool field_edns_version(struct record *r, field_each *each, void *ctx)
{
    const struct dns_edns *e = record_edns(r);
    return e && number(each, ctx, e->version);
}

bool field_edns_udp_size(struct record *r, field_each *each, void *ctx)
{
    const struct dns_edns *e = record_edns(r);
    return e && number(each, ctx, e->udp_size);
}

bool field_edns_do(struct record *r, field_each *each, void *ctx)
{
    const struct dns_edns *e = record_edns(r);
    return e && number(each, ctx, e->do_bit);
}

bool field_edns_ecs(struct record *r, field_each *each, void *ctx)
{
    char scratch[RECORD_ECS_TEXT_MAX];
    uint16_t len;
    const uint8_t *ecs = record_edns(r) ? record_ecs(r, &len) : NULL;
    return ecs && text(each, ctx, scratch, record_ecs_text(ecs, len, scratch));
}

bool field_edns_nsid(struct record *r, field_each *each, void *ctx)
{
    const struct dns_edns *e = record_edns(r);
    if (!e || !e->nsid)
        return false;
    struct buf b = {0};
    record_nsid_text(e, &b);
    bool stop = text(each, ctx, b.len ? b.data : "", b.len);
    buf_done(&b);
    return stop;
}

bool field_edns_cookie(struct record *r, field_each *each, void *ctx)
{
    const struct dns_edns *e = record_edns(r);
    if (!e || !e->cookie)
        return false;
    struct buf b = {0};
    buf_hex(&b, e->cookie, e->cookie_len);
    bool stop = text(each, ctx, b.len ? b.data : "", b.len);
    buf_done(&b);
    return stop;
}

bool field_edns_keepalive(struct record *r, field_each *each, void *ctx)
{
    const struct dns_edns *e = record_edns(r);
    int64_t ms = e ? record_keepalive_ms(e) : -1;
    return ms >= 0 && number(each, ctx, ms);
}

bool field_edns_padding(struct record *r, field_each *each, void *ctx)
{
    const struct dns_edns *e = record_edns(r);
    return e && e->padding && number(each, ctx, e->padding_len);
}

/* How many extended errors were kept, which may be fewer than were sent. */
static size_t kept_ede(const struct dns_edns *e)
{
    size_t kept = sizeof(e->ede) / sizeof(e->ede[0]);
    return e->ede_count < kept ? e->ede_count : kept;
}

bool field_edns_ede(struct record *r, field_each *each, void *ctx)
{
    char scratch[DNS_MNEMONIC_MAX];
    const struct dns_edns *e = record_edns(r);
    for (size_t i = 0; e && i < kept_ede(e); i++)
        if (mnemonic(each, ctx, e->ede[i].code, field_ede_name(e->ede[i].code, scratch)))
            return true;
    return false;
}

bool field_edns_ede_extra(struct record *r, field_each *each, void *ctx)
{
    const struct dns_edns *e = record_edns(r);
    for (size_t i = 0; e && i < kept_ede(e); i++)
        if (e->ede[i].text_len &&
            foreign(each, ctx, (const char *)e->ede[i].text, e->ede[i].text_len))
            return true;
    return false;
}

bool field_query_bytes(struct record *r, field_each *each, void *ctx)
{
    return r->query_bytes && number(each, ctx, r->query_bytes);
}

bool field_response_bytes(struct record *r, field_each *each, void *ctx)
{
    return r->response_bytes && number(each, ctx, r->response_bytes);
}

bool field_retransmits(struct record *r, field_each *each, void *ctx)
{
    return number(each, ctx, r->retransmits);
}

bool field_interface(struct record *r, field_each *each, void *ctx)
{
    return r->hop_count && fixed(each, ctx, r->hops[0].interface, sizeof(r->hops[0].interface));
}

bool field_netns(struct record *r, field_each *each, void *ctx)
{
    return r->hop_count && r->hops[0].netns && number(each, ctx, r->hops[0].netns);
}

bool field_hops(struct record *r, field_each *each, void *ctx)
{
    return r->hop_count && number(each, ctx, r->hop_count);
}

bool field_hops_interface(struct record *r, field_each *each, void *ctx)
{
    for (unsigned i = 0; i < r->hop_count; i++)
        if (fixed(each, ctx, r->hops[i].interface, sizeof(r->hops[i].interface)))
            return true;
    return false;
}

bool field_hops_netns(struct record *r, field_each *each, void *ctx)
{
    for (unsigned i = 0; i < r->hop_count; i++)
        if (r->hops[i].netns && number(each, ctx, r->hops[i].netns))
            return true;
    return false;
}

bool field_hops_latency(struct record *r, field_each *each, void *ctx)
{
    for (unsigned i = 0; i < r->hop_count; i++) {
        int64_t ns = record_hop_latency_ns(&r->hops[i]);
        if (ns >= 0 && number(each, ctx, record_us(ns)))
            return true;
    }
    return false;
}

bool field_pid(struct record *r, field_each *each, void *ctx)
{
    return r->process.pid && number(each, ctx, r->process.pid);
}

bool field_tid(struct record *r, field_each *each, void *ctx)
{
    return r->process.pid && r->process.tid && number(each, ctx, r->process.tid);
}

bool field_comm(struct record *r, field_each *each, void *ctx)
{
    return r->process.pid && fixed(each, ctx, r->process.comm, sizeof(r->process.comm));
}

bool field_exe(struct record *r, field_each *each, void *ctx)
{
    return r->process.pid && cstring(each, ctx, r->process.exe);
}

bool field_uid(struct record *r, field_each *each, void *ctx)
{
    return r->process.pid && number(each, ctx, r->process.uid);
}

bool field_server_pid(struct record *r, field_each *each, void *ctx)
{
    return r->server_process.pid && number(each, ctx, r->server_process.pid);
}

bool field_server_comm(struct record *r, field_each *each, void *ctx)
{
    const struct record_process *p = &r->server_process;
    return p->pid && fixed(each, ctx, p->comm, sizeof(p->comm));
}

bool field_cgroup(struct record *r, field_each *each, void *ctx)
{
    return cstring(each, ctx, r->process.cgroup);
}

bool field_container_id(struct record *r, field_each *each, void *ctx)
{
    return cstring(each, ctx, r->process.container_id);
}

bool field_unit(struct record *r, field_each *each, void *ctx)
{
    return cstring(each, ctx, r->process.unit);
}

bool field_pod(struct record *r, field_each *each, void *ctx)
{
    return cstring(each, ctx, r->pod);
}

bool field_namespace(struct record *r, field_each *each, void *ctx)
{
    return cstring(each, ctx, r->namespace);
}

bool field_workload(struct record *r, field_each *each, void *ctx)
{
    return cstring(each, ctx, r->workload);
}

bool field_node(struct record *r, field_each *each, void *ctx)
{
    return cstring(each, ctx, r->node);
}

bool field_drop_reason(struct record *r, field_each *each, void *ctx)
{
    return cstring(each, ctx, r->drop_reason);
}

bool field_drop_location(struct record *r, field_each *each, void *ctx)
{
    return cstring(each, ctx, r->drop_location);
}

bool field_malformed(struct record *r, field_each *each, void *ctx)
{
    return cstring(each, ctx, record_malformed(r));
}

bool field_marks(struct record *r, field_each *each, void *ctx)
{
    for (unsigned bit = 1; r->marks && bit < 0x100; bit <<= 1)
        if (r->marks & bit && cstring(each, ctx, record_mark_name((uint8_t)bit)))
            return true;
    return false;
}

bool field_icmp(struct record *r, field_each *each, void *ctx)
{
    char scratch[RECORD_ICMP_TEXT_MAX];
    return cstring(each, ctx, record_icmp_name(r, scratch));
}
