/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copies DNS packets into the rings, at the two places that every packet passes. Each program
 * exists twice: with dynptrs, which reach bytes outside an skb's linear part, and without. */
#include "vmlinux/kernel.h"

#include "compat.bpf.h"
#include "look.bpf.h"
#include "owner.bpf.h"
#include "packet.bpf.h"
#include "repeat.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 sample_seed; /* so that nobody can choose what is left out */
const volatile __u32 ring_mask;   /* rings - 1; each serves groups of 8 CPUs */
const volatile __u64 wake_bytes = 1 << 20;
const volatile bool repeats = true; /* later hops of a packet may be named instead of copied */

#define WAKE_INTERVAL_NS  1000000ULL
#define WAKE_LOOK_RECORDS 16 /* asking the ring costs 10 ns: not for each record */

struct ring {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096);
} ring_template SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, 1);
    __type(key, __u32);
    __array(values, struct ring);
} rings SEC(".maps") = {.values = {&ring_template}};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct ring_cpu);
} cpus SEC(".maps");

static __always_inline bool sock_is_full(struct sock *sk)
{
    __u8 state = sk->__sk_common.skc_state;
    return state != TCP_TIME_WAIT && state != TCP_NEW_SYN_RECV;
}

/* A VLAN, bond or bridge device hands the same packet, its socket still set, to the device below
 * it: same skb on the same CPU, other device, same addresses. */
static __always_inline bool origin_again(struct ring_cpu *c, struct sk_buff *skb,
                                         const struct look *l, __u32 ifindex)
{
    __u64 key = (__u64)l->sport << 48 | (__u64)l->dns_id << 32 | l->len;
    if (c->origin_skb == (__u64)skb && c->origin_ifindex != ifindex && c->origin_key == key)
        return true;
    c->origin_skb = (__u64)skb;
    c->origin_key = key;
    c->origin_ifindex = ifindex;
    return false;
}

/* Does the device bring packets from outside this host, rather than hand on what another device
 * has shown already (loopback, veth, bridge)? */
static __always_inline bool device_is_outer(struct net_device *dev)
{
    if (dev->dev.parent)
        return true;
    __u16 type = dev->type;
    if (type != ARPHRD_ETHER)
        return type != ARPHRD_LOOPBACK; /* tun, wireguard, ppp, gre, ... */
    const struct rtnl_link_ops *ops = dev->rtnl_link_ops;
    char kind[4] = {};
    if (!ops || bpf_probe_read_kernel(kind, sizeof kind, ops->kind))
        return false;
    __u32 k;
    __builtin_memcpy(&k, kind, 4);
#define KIND(a, b, c, d) bpf_htonl((__u32)(a) << 24 | (b) << 16 | (c) << 8 | (d))
    return k == KIND('t', 'u', 'n', 0) || k == KIND('v', 'x', 'l', 'a') ||
           k == KIND('g', 'e', 'n', 'e') || k == KIND('g', 'r', 'e', 't') ||
           k == KIND('i', 'p', '6', 'g');
}

static __always_inline void count_first(struct ring_counters *c, const struct look *l)
{
    if (l->kind == LOOK_TCP && l->payload)
        c->tcp_segments++;
    if (l->kind != LOOK_UDP || !l->has_dns)
        return;
    if (l->dns_bits[0] & 0x80)
        c->responses[l->dns_bits[1] & 15]++;
    else
        c->queries++;
}

static __always_inline __u64 mix(__u64 h)
{
    h ^= h >> 32;
    h *= 0x9e3779b97f4a7c15ULL;
    h ^= h >> 29;
    return h;
}

/* The same for a query and its response: both ends are hashed alike and added. */
static __always_inline bool sampled_out(const struct look *l)
{
    if (l->kind == LOOK_FRAGMENT ||
        (l->kind == LOOK_ICMP && l->ip_proto == PROTO_UDP && !l->has_dns))
        return false;
    __u64 s = (__u64)l->src[0] << 32 | l->src[1], d = (__u64)l->dst[0] << 32 | l->dst[1];
    s = mix(s ^ sample_seed) ^ ((__u64)l->src[2] << 32 | l->src[3]);
    d = mix(d ^ sample_seed) ^ ((__u64)l->dst[2] << 32 | l->dst[3]);
    __u64 h = mix(s ^ (__u64)l->sport << 16) + mix(d ^ (__u64)l->dport << 16);
    if (l->ip_proto == PROTO_UDP)
        h += (__u64)l->dns_id << 20;
    return (__u32)(mix(h) >> 8) % sample != 0;
}

static __always_inline void remember_fragment(const struct look *l, __u64 now)
{
    struct fragment_key k;
    fragment_key_of(&k, l);
    bpf_map_update_elem(&fragments, &k, &now, BPF_ANY);
}

struct taking {
    struct net_device *dev;
    struct owner *owner;
    __u64 now;
    __u32 caplen;
    __u32 cpu;
    __u32 serial;
    __u8 hook;
    __u8 flags;
};

static __always_inline void put_ifname(char to[16], const struct net_device *dev, const bool cast)
{
    if (cast) {
        __u64 name[2] = {load64(dev->name), load64(dev->name + 8)};
        __builtin_memcpy(to, name, sizeof name);
    } else {
        bpf_probe_read_kernel(to, 16, dev->name);
    }
}

static __always_inline void put_header(struct ring_packet *r, const struct look *l,
                                       const struct taking *t, const bool cast)
{
    r->version = RING_ABI_VERSION;
    r->hook = t->hook;
    r->flags = t->flags;
    r->reserved = 0;
    r->protocol = l->protocol;
    r->cpu = t->cpu;
    r->time_ns = t->now;
    r->len = l->len;
    r->ifindex = t->dev->ifindex;
    r->netns = t->dev->nd_net.net->ns.inum;
    r->serial = t->serial;
    put_ifname(r->ifname, t->dev, cast);
    const struct owner *o = t->owner;
    if (o) {
        r->flags |= RING_FLAG_OWNER;
        r->pid = o->pid;
        r->tid = o->tid;
        r->uid = o->uid;
        r->cgroup_id = o->cgroup_id;
        r->start_boottime_ns = o->start_boottime_ns;
        __builtin_memcpy(r->comm, o->comm, sizeof r->comm);
    } else {
        __builtin_memset(&r->pid, 0, 12);
        r->cgroup_id = 0;
        r->start_boottime_ns = 0;
        __builtin_memset(r->comm, 0, sizeof r->comm);
    }
}

/* Copies up to `room` bytes; what is outside the linear part needs a dynptr. */
static __always_inline void put_bytes(struct sk_buff *skb, struct ring_packet *r,
                                      struct ring_cpu *c, const struct look *l, __u32 caplen,
                                      const __u32 room, const bool dynptr)
{
    __u8 *to = (__u8 *)(r + 1);
    long err = 0;
    if (caplen > room)
        caplen = room;
    if (caplen <= l->linear) {
        err = bpf_probe_read_kernel(to, caplen, l->net);
    } else if (dynptr) {
        err = skb_read(skb, l->data_offset, to, caplen);
    } else {
        caplen = l->linear;
        if (caplen > room)
            caplen = room;
        err = bpf_probe_read_kernel(to, caplen, l->net);
    }
    r->caplen = err ? 0 : caplen;
    if (err || caplen < l->len) {
        r->flags |= RING_FLAG_CUT;
        c->counters.cut++;
    }
}

/* The reader polls by itself; it is woken only when a ring fills, and at most once a millisecond
 * from each CPU, since a wake-up costs as much as ten records. */
static __always_inline __u64 wake_flags(void *ring, struct ring_cpu *c, __u64 now)
{
    if (c->counters.records % WAKE_LOOK_RECORDS ||
        bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) < wake_bytes ||
        now - c->woken_ns < WAKE_INTERVAL_NS)
        return BPF_RB_NO_WAKEUP;
    c->woken_ns = now;
    return BPF_RB_FORCE_WAKEUP;
}

static __always_inline bool put(void *ring, struct sk_buff *skb, struct ring_cpu *c,
                                const struct look *l, const struct taking *t, const __u32 room,
                                const bool dynptr)
{
    struct ring_packet *r = bpf_ringbuf_reserve(ring, sizeof *r + room, 0);
    if (!r) {
        c->counters.lost++;
        return false;
    }
    put_header(r, l, t, dynptr);
    put_bytes(skb, r, c, l, t->caplen, room, dynptr);
    c->counters.records++;
    bpf_ringbuf_submit(r, wake_flags(ring, c, t->now));
    return true;
}

static __always_inline bool put_full(void *ring, struct sk_buff *skb, struct ring_cpu *c,
                                     const struct look *l, const struct taking *t,
                                     const bool dynptr)
{
    if (t->caplen <= 96)
        return put(ring, skb, c, l, t, 96, dynptr);
    if (t->caplen <= 128)
        return put(ring, skb, c, l, t, 128, dynptr);
    if (t->caplen <= 192)
        return put(ring, skb, c, l, t, 192, dynptr);
    if (t->caplen <= 256)
        return put(ring, skb, c, l, t, 256, dynptr);
    if (t->caplen <= 512)
        return put(ring, skb, c, l, t, 512, dynptr);
    if (t->caplen <= 1024)
        return put(ring, skb, c, l, t, 1024, dynptr);
    if (t->caplen <= 2048)
        return put(ring, skb, c, l, t, 2048, dynptr);
    if (t->caplen <= 4096)
        return put(ring, skb, c, l, t, 4096, dynptr);
    if (t->caplen <= 16384)
        return put(ring, skb, c, l, t, 16384, dynptr);
    return put(ring, skb, c, l, t, 65536, dynptr);
}

static __always_inline void put_repeat(void *ring, struct ring_cpu *c, const struct taking *t,
                                       const bool cast)
{
    struct ring_repeat *r = bpf_ringbuf_reserve(ring, sizeof *r, 0);
    if (!r) {
        c->counters.lost++;
        return;
    }
    r->version = RING_ABI_VERSION;
    r->hook = t->hook;
    r->flags = RING_FLAG_REPEAT;
    r->reserved = 0;
    r->reserved2 = 0;
    r->cpu = t->cpu;
    r->time_ns = t->now;
    r->serial = t->serial;
    r->ifindex = t->dev->ifindex;
    r->netns = t->dev->nd_net.net->ns.inum;
    r->reserved3 = 0;
    put_ifname(r->ifname, t->dev, cast);
    c->counters.records++;
    c->counters.repeats++;
    bpf_ringbuf_submit(r, wake_flags(ring, c, t->now));
}

static __always_inline void record(struct sk_buff *skb, struct ring_cpu *c, struct look *l,
                                   const struct print *p, struct taking *t, const bool dynptr)
{
    __u32 index = (t->cpu >> 3) & ring_mask;
    void *ring = bpf_map_lookup_elem(&rings, &index);
    if (!ring)
        return;
    c->started++;
    __asm__ volatile("" ::: "memory");
    t->now = bpf_ktime_get_ns();
    t->caplen = !dynptr && l->linear < l->len ? l->linear : l->len;
    if (l->first_of)
        remember_fragment(l, t->now);
    struct handed *h = repeats && l->printed ? handed_slot(c, t->cpu, skb) : NULL;
    __u64 place = handed_place(t->dev, t->hook);
    /* A packet's first sight is always taken in full: what is counted there is then in user space's
     * hands, whatever comes of the records of its later hops. */
    if (h && !(t->flags & RING_FLAG_FIRST) && handed_has(h, skb, p, place, t->now, c->serial)) {
        t->serial = h->serial;
        put_repeat(ring, c, t, dynptr);
    } else {
        if (h) {
            h->skb = 0;
            t->serial = c->serial + 1;
            t->serial += !t->serial;
        }
        if (put_full(ring, skb, c, l, t, dynptr) && h) {
            c->serial = t->serial;
            handed_put(h, skb, p, place, t->now, t->serial);
        }
    }
    __asm__ volatile("" ::: "memory");
    c->done++;
}

static __always_inline void take(struct sk_buff *skb, struct ring_cpu *c, struct look *l,
                                 const struct print *p, __u32 cpu, const __u8 hook,
                                 const bool dynptr)
{
    struct taking t = {.hook = hook, .cpu = cpu, .dev = skb->dev};
    bool first;
    c->counters.dns_seen++;
    c->counters.dns_bytes += l->len;
    if (l->kind == LOOK_FRAGMENT)
        c->counters.fragments++;
    if (hook == RING_HOOK_QUEUE) {
        struct sock *sk = skb->sk;
        first = sk && !origin_again(c, skb, l, t.dev->ifindex);
        if (first)
            t.flags |= RING_FLAG_ORIGIN;
        if (sk && sock_is_full(sk))
            t.owner = bpf_sk_storage_get(&owners, sk, NULL, 0);
    } else {
        first = device_is_outer(t.dev);
    }
    if (first) {
        t.flags |= RING_FLAG_FIRST;
        count_first(&c->counters, l);
    }
    if (sample > 1 && sampled_out(l)) {
        c->counters.sampled_out++;
        if (first && l->kind == LOOK_UDP && l->has_dns && !(l->dns_bits[0] & 0x80))
            c->counters.queries_sampled_out++;
        return;
    }
    record(skb, c, l, p, &t, dynptr);
}

static __always_inline struct place place_of(struct sk_buff *skb, const __u8 hook)
{
    /* The network header's offset is set for packets that leave; for those that arrive, the
     * kernel sets it just after this tracepoint, to skb->data. */
    const unsigned char *data = skb->data;
    struct place at = {
        .net = hook == RING_HOOK_QUEUE ? skb->head + skb->network_header : data,
        .protocol = skb->protocol,
    };
    at.data_offset = at.net - data;
    at.len = skb->len - at.data_offset;
    at.linear = at.len - skb->data_len;
    return at;
}

static __always_inline int see_ours(struct sk_buff *skb, struct ring_cpu *c, __u32 cpu, bool slow,
                                    const __u8 hook, const bool dynptr)
{
    struct place at = place_of(skb, hook);
    struct print p;
    struct look l;
    look_start(&l, &at);
    if (slow) {
        if (dynptr)
            look_slow_skb(skb, &l);
        else
            look_slow(&l);
        l.printed = 0; /* what the verifier cannot know of a global function */
        c->counters.unreadable += l.unreadable;
    } else if (at.protocol == bpf_htons(ETH_P_IP)) {
        look_fast4(&l, &p, dynptr);
    } else {
        look_fast6(&l, &p, dynptr);
    }
    if (l.kind != LOOK_OTHER)
        take(skb, c, &l, &p, cpu, hook, dynptr);
    return 0;
}

/* Not inlined: the way of the other packets is then short and needs little stack, so that it
 * touches no memory of its own. */
#define SEE_OURS(name, hook, dynptr)                                                               \
    static __noinline int name(struct sk_buff *skb, struct ring_cpu *c, __u32 cpu, bool slow)      \
    {                                                                                              \
        return see_ours(skb, c, cpu, slow, hook, dynptr);                                          \
    }
SEE_OURS(ours_queue, RING_HOOK_QUEUE, false)
SEE_OURS(ours_receive, RING_HOOK_RECEIVE, false)
SEE_OURS(ours_queue_dynptr, RING_HOOK_QUEUE, true)
SEE_OURS(ours_receive_dynptr, RING_HOOK_RECEIVE, true)

static __always_inline int see(struct sk_buff *skb, const __u8 hook, const bool dynptr,
                               int (*ours)(struct sk_buff *, struct ring_cpu *, __u32, bool))
{
    __u32 cpu = bpf_get_smp_processor_id();
    struct ring_cpu *c = bpf_map_lookup_elem(&cpus, &cpu);
    if (!c)
        return 0;
    c->counters.packets_seen++;
    struct place at = place_of(skb, hook);
    enum verdict verdict = judge(c, &at, dynptr);
    if (verdict == VERDICT_OTHER)
        return 0;
    return ours(skb, c, cpu, verdict == VERDICT_SLOW);
}

SEC("tp_btf/net_dev_queue")
int BPF_PROG(packet_queue, struct sk_buff *skb)
{
    return see(skb, RING_HOOK_QUEUE, false, ours_queue);
}

SEC("tp_btf/netif_receive_skb")
int BPF_PROG(packet_receive, struct sk_buff *skb)
{
    return see(skb, RING_HOOK_RECEIVE, false, ours_receive);
}

SEC("tp_btf/net_dev_queue")
int BPF_PROG(packet_queue_dynptr, struct sk_buff *skb)
{
    return see(skb, RING_HOOK_QUEUE, true, ours_queue_dynptr);
}

SEC("tp_btf/netif_receive_skb")
int BPF_PROG(packet_receive_dynptr, struct sk_buff *skb)
{
    return see(skb, RING_HOOK_RECEIVE, true, ours_receive_dynptr);
}
