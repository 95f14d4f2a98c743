/* SPDX-License-Identifier: Apache-2.0 */
#include "record/row.h"

#include "record/json_put.h"
#include "record/text.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>

/* Where the texts of a row are, beside those of its lists. */
static const size_t text_offsets[] = {
    offsetof(struct row, qname),        offsetof(struct row, qname_wire),
    offsetof(struct row, edns.ecs),     offsetof(struct row, edns.nsid),
    offsetof(struct row, edns.cookie),  offsetof(struct row, interface),
    offsetof(struct row, comm),         offsetof(struct row, exe),
    offsetof(struct row, server_comm),  offsetof(struct row, cgroup),
    offsetof(struct row, container_id), offsetof(struct row, unit),
    offsetof(struct row, pod),          offsetof(struct row, namespace),
    offsetof(struct row, workload),     offsetof(struct row, node),
    offsetof(struct row, drop_reason),  offsetof(struct row, drop_location),
    offsetof(struct row, malformed),    offsetof(struct row, icmp),
};

enum {
    TEXT_COUNT = sizeof(text_offsets) / sizeof(text_offsets[0]),
};

static struct row_text *text_at(struct row *r, size_t i)
{
    return (struct row_text *)(void *)((char *)r + text_offsets[i]);
}

static struct row_text text_of(const char *text, size_t len)
{
    return len ? (struct row_text){text, (uint32_t)len} : (struct row_text){0};
}

static struct row_text cstring(const char *text)
{
    return text_of(text, text ? strlen(text) : 0);
}

struct row_edns record_edns_plain(const struct dns_edns *e)
{
    size_t kept = sizeof(e->ede) / sizeof(e->ede[0]);
    return (struct row_edns){
        .present = true,
        .do_bit = e->do_bit,
        .version = e->version,
        .udp_size = e->udp_size,
        .keepalive_ms = record_keepalive_ms(e),
        .padding_bytes = e->padding ? e->padding_len : -1,
        .ede_count = (uint32_t)(e->ede_count < kept ? e->ede_count : kept),
    };
}

struct row_ede record_ede_plain(const struct dns_ede *ede)
{
    return (struct row_ede){text_of((const char *)ede->text, ede->text_len), ede->code};
}

struct row_hop record_hop_plain(const struct record_hop *h)
{
    int64_t latency_ns = record_hop_latency_ns(h);
    return (struct row_hop){
        .interface = text_of(h->interface, strnlen(h->interface, sizeof(h->interface))),
        .netns = h->netns,
        .latency_us = latency_ns < 0 ? -1 : record_us(latency_ns),
    };
}

static void plain_headers(struct row *out, struct record *r)
{
    const struct dns_message *head = record_head(r), *question = record_question(r);
    const struct dns_message *response = record_response(r);
    out->opcode = out->qtype = out->qclass = -1;
    out->authority_count = out->additional_count = out->answer_count = -1;
    if (head) {
        out->opcode = head->opcode;
        out->flags = head->flags & ROW_FLAGS;
        out->authority_count = head->ns_count;
        out->additional_count = head->ar_count;
        out->answer_count = head->an_count;
    }
    out->rcode = record_rcode(r);
    if (question) {
        out->qtype = question->qtype;
        out->qclass = question->qclass;
    }
    out->min_ttl = response && response->has_min_ttl ? (int64_t)response->min_ttl : -1;
}

void row_plain_who(struct row *out, const struct record *r)
{
    const struct record_process *client = &r->process, *server = &r->server_process;
    if (client->pid) {
        out->pid = client->pid;
        out->tid = client->tid;
        out->uid = client->uid;
        out->comm = text_of(client->comm, strnlen(client->comm, sizeof(client->comm)));
        out->exe = cstring(client->exe);
    }
    if (server->pid) {
        out->server_pid = server->pid;
        out->server_comm = text_of(server->comm, strnlen(server->comm, sizeof(server->comm)));
    }
    out->cgroup = cstring(client->cgroup);
    out->container_id = cstring(client->container_id);
    out->unit = cstring(client->unit);
    out->pod = cstring(r->pod);
    out->namespace = cstring(r->namespace);
    out->workload = cstring(r->workload);
    out->node = cstring(r->node);
    out->drop_reason = cstring(r->drop_reason);
    out->drop_location = cstring(r->drop_location);
    if (r->hop_count) {
        struct row_hop h = record_hop_plain(&r->hops[0]);
        out->interface = h.interface;
        out->netns = h.netns;
    }
}

void row_plain_lookup(struct row *out, struct record *r)
{
    *out = (struct row){
        .time_ns = r->time_ns,
        .latency_us = r->latency_ns < 0 ? -1 : record_us(r->latency_ns),
        .outcome = r->outcome,
        .protocol = r->protocol,
        .transport = r->transport,
        .marks = r->marks,
        .client_port = r->client_port,
        .server_port = r->server_port,
        .id = r->id,
        .client = r->client,
        .server = r->server,
        .retransmits = r->retransmits,
        .query_bytes = r->query_bytes,
        .response_bytes = r->response_bytes,
        .edns = {.keepalive_ms = -1, .padding_bytes = -1},
        .uid = -1,
    };
    plain_headers(out, r);
}

void row_plain(struct row *out, struct record *r)
{
    row_plain_lookup(out, r);
    row_plain_who(out, r);
}

/* ---- a row with everything ---- */

/* Bytes that are not UTF-8 become U+FFFD one by one, as in JSON. */
static int clean(struct row_text *t, struct arena *arena)
{
    if (!t->text || json_plain_len(t->text, t->len) == t->len)
        return 0;
    size_t len = utf8_clean_len(t->text, t->len);
    if (len == t->len)
        return 0;
    char *out = arena_alloc(arena, len);
    if (!out)
        return -ENOMEM;
    utf8_clean(out, t->text, t->len);
    *t = (struct row_text){out, (uint32_t)len};
    return 0;
}

static int fill_answers(struct row *out, struct record *r, struct arena *arena)
{
    const struct dns_message *m = record_response(r);
    if (!m || !m->answers)
        return 0;
    struct row_answer *answers = arena_alloc(arena, m->answers * sizeof(*answers));
    if (!answers)
        return -ENOMEM;
    for (uint32_t i = 0; i < m->answers; i++) {
        struct record_text name = record_answer_name(r, i), data = record_answer_data(r, i);
        if (!data.text)
            return -ENOMEM;
        answers[i] = (struct row_answer){
            .name = {name.text, (uint32_t)name.len},
            .data = {data.text, (uint32_t)data.len},
            .ttl = m->rr[i].ttl,
            .type = m->rr[i].type,
        };
        if (clean(&answers[i].data, arena) < 0)
            return -ENOMEM;
    }
    out->answers = answers;
    out->answers_len = m->answers;
    return 0;
}

static int keep_text(struct row_text *out, struct arena *arena, const char *text, size_t len)
{
    *out = (struct row_text){arena_copy(arena, text, len), (uint32_t)len};
    return out->text ? 0 : -ENOMEM;
}

static int fill_edns_texts(struct row_edns *out, struct record *r, const struct dns_edns *e,
                           struct arena *arena)
{
    char text[RECORD_ECS_TEXT_MAX];
    uint16_t ecs_len;
    const uint8_t *ecs = record_ecs(r, &ecs_len);
    if (ecs && keep_text(&out->ecs, arena, text, record_ecs_text(ecs, ecs_len, text)) < 0)
        return -ENOMEM;
    struct buf b = {0};
    int failed = 0;
    if (e->nsid) {
        record_nsid_text(e, &b);
        failed |= keep_text(&out->nsid, arena, b.data, b.len);
    }
    failed |= b.failed ? -ENOMEM : 0;
    buf_clear(&b);
    if (e->cookie) {
        buf_hex(&b, e->cookie, e->cookie_len);
        failed |= keep_text(&out->cookie, arena, b.data, b.len);
    }
    failed |= b.failed ? -ENOMEM : 0;
    buf_done(&b);
    return failed ? -ENOMEM : 0;
}

static int fill_edns(struct row *out, struct record *r, struct arena *arena)
{
    const struct dns_edns *e = record_edns(r);
    if (!e)
        return 0;
    out->edns = record_edns_plain(e);
    if (fill_edns_texts(&out->edns, r, e, arena) < 0)
        return -ENOMEM;
    if (!out->edns.ede_count)
        return 0;
    struct row_ede *ede = arena_alloc(arena, out->edns.ede_count * sizeof(*ede));
    if (!ede)
        return -ENOMEM;
    for (uint32_t i = 0; i < out->edns.ede_count; i++) {
        ede[i] = record_ede_plain(&e->ede[i]);
        if (clean(&ede[i].extra, arena) < 0)
            return -ENOMEM;
    }
    out->edns.ede = ede;
    return 0;
}

static int fill_hops(struct row *out, const struct record *r, struct arena *arena)
{
    if (!r->hop_count)
        return 0;
    struct row_hop *hops = arena_alloc(arena, r->hop_count * sizeof(*hops));
    if (!hops)
        return -ENOMEM;
    for (unsigned i = 0; i < r->hop_count; i++) {
        hops[i] = record_hop_plain(&r->hops[i]);
        if (clean(&hops[i].interface, arena) < 0)
            return -ENOMEM;
    }
    out->hops = hops;
    out->hops_len = r->hop_count;
    return 0;
}

int row_from_record(struct row *out, struct record *r, struct arena *arena)
{
    char scratch[RECORD_ICMP_TEXT_MAX];
    int len;
    row_plain(out, r);
    const char *qname = record_qname(r, &len);
    if (qname) {
        out->qname = (struct row_text){qname, (uint32_t)len};
        if (r->qname_wire)
            out->qname_wire = (struct row_text){r->qname_wire, (uint32_t)len};
    }
    if (fill_answers(out, r, arena) < 0 || fill_edns(out, r, arena) < 0 ||
        fill_hops(out, r, arena) < 0)
        return -ENOMEM;
    out->malformed = cstring(record_malformed(r));
    const char *icmp = record_icmp_name(r, scratch);
    if (icmp && keep_text(&out->icmp, arena, icmp, strlen(icmp)) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < TEXT_COUNT; i++)
        if (clean(text_at(out, i), arena) < 0)
            return -ENOMEM;
    return 0;
}

bool row_is_error(const struct row *r)
{
    return r->outcome != OUTCOME_ANSWERED ||
           (r->rcode >= 0 && r->rcode != DNS_RCODE_NOERROR && r->rcode != DNS_RCODE_NXDOMAIN);
}

bool row_is_unanswered(const struct row *r)
{
    return r->outcome != OUTCOME_ANSWERED && r->outcome != OUTCOME_UNSOLICITED;
}

/* ---- copies ---- */

static size_t lists_bytes(const struct row *r)
{
    return r->answers_len * sizeof(r->answers[0]) + r->edns.ede_count * sizeof(r->edns.ede[0]) +
           r->hops_len * sizeof(r->hops[0]);
}

static size_t texts_bytes(const struct row *r)
{
    size_t n = 0;
    for (size_t i = 0; i < TEXT_COUNT; i++)
        n += text_at((struct row *)r, i)->len;
    for (uint32_t i = 0; i < r->answers_len; i++)
        n += r->answers[i].name.len + r->answers[i].data.len;
    for (uint32_t i = 0; i < r->edns.ede_count; i++)
        n += r->edns.ede[i].extra.len;
    for (uint32_t i = 0; i < r->hops_len; i++)
        n += r->hops[i].interface.len;
    return n;
}

static void move_text(struct row_text *t, char **to)
{
    if (!t->text)
        return;
    if (t->len)
        memcpy(*to, t->text, t->len);
    t->text = *to;
    *to += t->len;
}

/* Takes place for a list from *to and copies it there. */
static void *move_list(const void *list, size_t bytes, char **to)
{
    void *place = *to;
    if (!bytes)
        return NULL;
    memcpy(place, list, bytes);
    *to += bytes;
    return place;
}

void *row_copy_behind(const struct row *r, size_t before, size_t *bytes)
{
    /* An empty text at the end of the block still points into it. */
    size_t size = before + sizeof(*r) + lists_bytes(r) + texts_bytes(r) + 1;
    char *block = malloc(size);
    if (!block)
        return NULL;
    struct row *copy = (struct row *)(void *)(block + before);
    *copy = *r;
    char *to = (char *)(copy + 1);
    struct row_answer *answers = move_list(r->answers, r->answers_len * sizeof(r->answers[0]), &to);
    struct row_ede *ede = move_list(r->edns.ede, r->edns.ede_count * sizeof(r->edns.ede[0]), &to);
    struct row_hop *hops = move_list(r->hops, r->hops_len * sizeof(r->hops[0]), &to);
    for (size_t i = 0; i < TEXT_COUNT; i++)
        move_text(text_at(copy, i), &to);
    for (uint32_t i = 0; i < r->answers_len; i++) {
        move_text(&answers[i].name, &to);
        move_text(&answers[i].data, &to);
    }
    for (uint32_t i = 0; i < r->edns.ede_count; i++)
        move_text(&ede[i].extra, &to);
    for (uint32_t i = 0; i < r->hops_len; i++)
        move_text(&hops[i].interface, &to);
    copy->answers = answers;
    copy->edns.ede = ede;
    copy->hops = hops;
    if (bytes)
        *bytes = size;
    return block;
}

struct row *row_copy(const struct row *r, size_t *bytes)
{
    return row_copy_behind(r, 0, bytes);
}

_Static_assert(sizeof(struct row) % alignof(struct row_answer) == 0 &&
                   sizeof(struct row_answer) % alignof(struct row_ede) == 0 &&
                   sizeof(struct row_ede) % alignof(struct row_hop) == 0,
               "lists follow the row, and one another, in one block");
