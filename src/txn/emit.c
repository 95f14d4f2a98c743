/* SPDX-License-Identifier: Apache-2.0 */
#include "txn/emit.h"

enum {
    ARENA_LIMIT_BYTES = 4 << 20, /* the index of two messages of 64 KiB takes under 300 KiB */
};

void emitter_init(struct emitter *m, struct txn_stats *stats, record_sink *sink, void *ctx)
{
    *m = (struct emitter){.sink = sink, .ctx = ctx, .stats = stats, .last_loss_ns = INT64_MIN};
    arena_init(&m->arena, ARENA_LIMIT_BYTES);
}

void emitter_done(struct emitter *m)
{
    arena_done(&m->arena);
}

void emitter_note_loss(struct emitter *m, int64_t time_ns)
{
    if (time_ns > m->last_loss_ns)
        m->last_loss_ns = time_ns;
}

bool emitter_lost_since(const struct emitter *m, int64_t time_ns)
{
    return m->last_loss_ns >= time_ns;
}

/* Whether a lies nearer to the client than b: queries pass it earlier, responses later. */
static bool nearer(const struct record_hop *a, const struct record_hop *b)
{
    if (a->query_ns && b->query_ns)
        return a->query_ns < b->query_ns;
    if (a->response_ns && b->response_ns)
        return a->response_ns > b->response_ns;
    return a->query_ns != 0 && b->query_ns == 0;
}

static void sort_hops(struct entry *e)
{
    for (int i = 1; i < e->hop_count; i++) {
        struct record_hop hop = e->hops[i];
        int k = i;
        for (; k > 0 && nearer(&hop, &e->hops[k - 1]); k--)
            e->hops[k] = e->hops[k - 1];
        e->hops[k] = hop;
    }
}

static int64_t latency_ns(const struct entry *e)
{
    if (e->state != ENTRY_ANSWERED)
        return -1;
    int64_t response_ns = 0;
    for (int i = 0; i < e->hop_count && !response_ns; i++)
        response_ns = e->hops[i].response_ns;
    return response_ns > e->time_ns ? response_ns - e->time_ns : 0;
}

static void set_process(struct record_process *p, const struct frame_owner *owner)
{
    p->pid = owner->pid;
    p->tid = owner->tid;
    p->uid = owner->uid;
    p->cgroup_id = owner->cgroup_id;
    p->start_boottime_ns = owner->start_boottime_ns;
    memcpy(p->comm, owner->comm, sizeof(p->comm));
}

void emitter_emit(struct emitter *m, struct entry *e, enum record_outcome outcome)
{
    sort_hops(e);
    struct record r = {
        .time_ns = e->time_ns,
        .latency_ns = latency_ns(e),
        .outcome = (uint8_t)outcome,
        .protocol = e->key.protocol,
        .transport = e->key.transport,
        .marks = e->marks,
        .has_query = e->query_bytes != 0,
        .has_response = e->response_bytes != 0,
        .client = e->key.client,
        .server = e->key.server,
        .client_port = e->key.client_port,
        .server_port = e->key.server_port,
        .id = e->key.id,
        .retransmits = e->retransmits,
        .query_bytes = e->query_bytes,
        .response_bytes = e->response_bytes,
        .hop_count = e->hop_count,
        .client_is_local = e->local_client,
        .hops = e->hops,
        .query_wire = e->query,
        .response_wire = e->response,
        .query_len = e->query_len,
        .response_len = e->response_len,
        .query_cut = e->query_cut,
        .response_cut = e->response_cut,
        .arena = &m->arena,
    };
    if (outcome == OUTCOME_ICMP_REFUSED) {
        r.icmp_type = e->icmp_type;
        r.icmp_code = e->icmp_code;
    }
    set_process(&r.process, &e->owner);
    set_process(&r.server_process, &e->server_owner);

    m->stats->transactions++;
    m->stats->by_outcome[outcome]++;
    if (e->key.transport == TRANSPORT_UDP && !e->counted && emitter_lost_since(m, e->time_ns))
        m->stats->at_risk++;
    m->sink(m->ctx, &r);
    arena_reset(&m->arena);
}
