/* SPDX-License-Identifier: Apache-2.0 */
#include "txn/latest.h"

#include <stdlib.h>

#define GENERATION_MASK 0x7fffffffU

void latest_done(struct latest *l)
{
    for (uint32_t i = 0; i < l->cpus; i++)
        free(l->by_cpu[i]);
    free(l->by_cpu);
    *l = (struct latest){0};
}

void latest_clear(struct latest *l)
{
    for (uint32_t i = 0; i < l->cpus; i++)
        if (l->by_cpu[i])
            memset(l->by_cpu[i], 0, FRAME_PACKETS * sizeof(**l->by_cpu));
}

static struct latest_packet *packets_of(struct latest *l, uint32_t cpu)
{
    if (cpu >= LATEST_CPUS_MAX)
        return NULL;
    if (cpu >= l->cpus) {
        struct latest_packet **more = realloc(l->by_cpu, (cpu + 1) * sizeof(*more));
        if (!more)
            return NULL;
        memset(more + l->cpus, 0, (cpu + 1 - l->cpus) * sizeof(*more));
        l->by_cpu = more;
        l->cpus = cpu + 1;
    }
    if (!l->by_cpu[cpu])
        l->by_cpu[cpu] = calloc(FRAME_PACKETS, sizeof(**l->by_cpu));
    return l->by_cpu[cpu];
}

void latest_put(struct latest *l, const struct frame *frame, struct entry *e, bool response)
{
    struct latest_packet *packets = frame->packet ? packets_of(l, frame->cpu) : NULL;
    if (packets)
        packets[frame->packet % FRAME_PACKETS] = (struct latest_packet){
            .entry = e,
            .packet = frame->packet,
            .generation = e->generation & GENERATION_MASK,
            .response = response,
        };
}

struct entry *latest_find(const struct latest *l, const struct frame *frame, bool *response)
{
    if (!frame->packet || frame->cpu >= l->cpus || !l->by_cpu[frame->cpu])
        return NULL;
    const struct latest_packet *p = &l->by_cpu[frame->cpu][frame->packet % FRAME_PACKETS];
    if (p->packet != frame->packet || p->generation != (p->entry->generation & GENERATION_MASK))
        return NULL;
    *response = p->response;
    return p->entry;
}
