/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Has this CPU handed over this packet in full a moment ago, at another place? One that goes over
 * loopback, a veth pair, a bridge or a router stays one sk_buff, mostly on one CPU, so that its
 * later hops need no second copy. What is not found here (another CPU, a clone, a rewritten packet)
 * is taken in full, which is never wrong. */
#pragma once

#include "packet.bpf.h"

#define HANDED_SLOTS 64
/* A packet's hops lie microseconds apart. The shorter, the less can an sk_buff have been freed and
 * used again for the same bytes; and that packet's first place, where it is always taken in full,
 * would have had to pass another CPU. */
#define HANDED_AGE_NS 1000000ULL

/* A full record. `skb` is written last, so that where PREEMPT_RT lets two programs meet, what they
 * mixed fits neither's packet. */
struct handed {
    __u64 skb; /* 0: none */
    __u64 place;
    __u64 time_ns;
    __u32 serial;
    __u32 pad;
    struct print print;
};

struct handed_cpu {
    struct handed slots[HANDED_SLOTS];
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct handed_cpu);
} handed SEC(".maps");

static __always_inline struct handed *handed_slot(struct ring_cpu *c, __u32 cpu,
                                                  const struct sk_buff *skb)
{
    struct handed_cpu *h = bpf_map_lookup_elem(&handed, &cpu);
    if (!h)
        return NULL;
    volatile __u64 *number = &c->number;
    *number = (__u64)skb;
    return &h->slots[(*number >> 8) % HANDED_SLOTS]; /* sk_buffs lie 256 bytes apart */
}

static __always_inline __u64 handed_place(const struct net_device *dev, const __u8 hook)
{
    return (__u64)dev + hook; /* no other device lies so near */
}

/* A packet at the place of the full record is another one, in the same memory. */
static __always_inline bool handed_has(const struct handed *h, const struct sk_buff *skb,
                                       const struct print *p, __u64 place, __u64 now, __u32 serial)
{
    if (h->skb != (__u64)skb || h->place == place || now - h->time_ns > HANDED_AGE_NS ||
        serial - h->serial >= RING_REPEAT_WINDOW)
        return false;
    __u64 differ = h->print.tail ^ p->tail;
#pragma unroll
    for (int i = 0; i < 7; i++)
        differ |= h->print.head[i] ^ p->head[i];
    return !differ;
}

static __always_inline void handed_put(struct handed *h, const struct sk_buff *skb,
                                       const struct print *p, __u64 place, __u64 now, __u32 serial)
{
    h->place = place;
    h->time_ns = now;
    h->print = *p;
    h->serial = serial;
    __asm__ volatile("" ::: "memory");
    h->skb = (__u64)skb;
}
