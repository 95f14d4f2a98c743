/* SPDX-License-Identifier: Apache-2.0 */
/* Frames through the packet stage. The first byte chooses the link type and, by its high bit,
 * between one frame and several: then two bytes of length go before each, and a byte of time and
 * place, so that fragments meet each other. Whatever comes out must lie within its bounds. */
#include "pkt/pkt.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint8_t sum;

static void read_all(const uint8_t *data, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        sum ^= data[i];
}

static void take(void *ctx, const struct pkt *p)
{
    (void)ctx;
    if (p->payload_len > p->payload_full)
        abort();
    read_all(p->payload, p->payload_len);
    switch (p->protocol) {
    case 1:
    case 58:
        if (p->icmp.quoted_payload_len > p->payload_len)
            abort();
        read_all(p->icmp.quoted_payload, p->icmp.quoted_payload_len);
        if (p->icmp.quoted_protocol != 17 && p->icmp.quoted_protocol != 6)
            abort();
        break;
    case 6:
    case 17:
        break;
    default:
        abort();
    }
    read_all(p->src.bytes, 16);
    read_all(p->dst.bytes, 16);
    if (p->frame->interface && strlen(p->frame->interface) > 15)
        abort();
    if (p->frame->owner && p->frame->owner->pid != 7)
        abort();
}

static void push(struct pkt_stage *s, struct frame *f, const uint8_t *data, uint32_t caplen,
                 uint32_t more)
{
    uint8_t *copy = malloc(caplen ? caplen : 1);
    if (!copy)
        return;
    memcpy(copy, data, caplen);
    f->data = copy;
    f->caplen = caplen;
    f->len = caplen + more;
    pkt_push(s, f);
    free(copy);
}

static void push_several(struct pkt_stage *s, struct frame *f, const uint8_t *data, size_t size)
{
    static const struct frame_owner owner = {.pid = 7};
    while (size > 3) {
        uint32_t len = (uint32_t)(data[0] << 8 | data[1]);
        uint8_t how = data[2];
        data += 3;
        size -= 3;
        if (len > size)
            len = (uint32_t)size;
        f->time_ns += (int64_t)(how & 15) * 100000000;
        f->ifindex = how >> 4 & 1;
        f->owner = how & 32 ? &owner : NULL;
        if (how & 64)
            pkt_tick(s, f->time_ns);
        push(s, f, data, len, how & 128 ? 100 : 0);
        data += len;
        size -= len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 1 << 17)
        return 0;
    static const struct pkt_limits limits = {.datagrams = 8, .bytes = 16384};
    struct pkt_stage *s = pkt_stage_new(&limits, take, NULL);
    if (!s)
        return 0;
    struct frame f = {.link = data[0] & 7, .interface = "fuzz0"};
    if (data[0] & 128)
        push_several(s, &f, data + 1, size - 1);
    else
        push(s, &f, data + 1, (uint32_t)size - 1, data[0] & 64 ? 3000 : 0);
    pkt_flush(s);

    const struct pkt_stats *stats = pkt_stage_stats(s);
    uint64_t out = stats->packets + stats->fragments;
    for (int i = 0; i < PKT_DROP_COUNT; i++)
        out += stats->dropped[i];
    if (out < stats->frames)
        abort();
    pkt_stage_free(s);
    return 0;
}
