/* SPDX-License-Identifier: Apache-2.0 */
/* Reassembly of IP fragments (RFC 791 3.2, RFC 8200 4.5).
 *
 * Overlapping fragments discard the whole datagram, in IPv6 by RFC 5722 and in IPv4 because Linux
 * does so too (7969e5c40dfd "ip: discard IPv4 datagrams with overlapping segments"): the host
 * would not see such a datagram, and an attacker must not choose what we see of it. An exact
 * repetition is not an overlap; the first copy counts. */
#include "base/hash.h"
#include "pkt/internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    DATAGRAMS_DEFAULT = 1024,
    BYTES_DEFAULT = 4 << 20,
    /* 64 KiB in pieces of an MTU of 576 are 119; bounds the walk for a place in the list. */
    PIECES_MAX = 128,
};

#define AGE_DEFAULT_NS 2000000000LL

struct key {
    struct inet_addr src;
    struct inet_addr dst;
    uint32_t id;
    uint32_t netns;
    uint32_t ifindex;
    uint8_t protocol; /* 0 in IPv6, where only that of the first fragment counts */
    uint8_t direction;
    uint8_t v6;
    uint8_t zero;
};

_Static_assert(sizeof(struct key) == 48, "hashed and compared as bytes");

struct piece {
    struct piece *next;
    uint32_t offset;
    uint32_t len;
    uint32_t caplen; /* less than len when the capture was cut */
    uint8_t data[];
};

struct ipfrag_datagram {
    struct key key;
    struct ipfrag_datagram *bucket_next;
    struct ipfrag_datagram *older;
    struct ipfrag_datagram *newer;
    int64_t first_ns;
    int64_t last_ns;
    struct piece *head; /* by offset */
    struct piece *tail;
    uint32_t pieces;
    uint32_t bytes;    /* charged */
    uint32_t wire_len; /* sum of the frames' lengths */
    uint32_t have;     /* sum of the pieces' lengths */
    uint32_t total;    /* 0: the last fragment is missing */
    bool rejected;     /* remembered so that what follows of it is left out too */
    /* Of the first fragment. */
    uint8_t protocol;
    uint8_t ttl;
    uint16_t vlan;
    bool local_origin;
    bool has_owner;
    char interface[16];
    struct frame_owner owner;
};

void ipfrag_init(struct ipfrag *q, const struct pkt_limits *limits, ipfrag_give_up *give_up,
                 void *ctx)
{
    *q = (struct ipfrag){
        .datagrams_max = limits->datagrams ? limits->datagrams : DATAGRAMS_DEFAULT,
        .bytes_max = limits->bytes ? limits->bytes : BYTES_DEFAULT,
        .age_ns = limits->age_ns ? limits->age_ns : AGE_DEFAULT_NS,
        .give_up = give_up,
        .ctx = ctx,
        .seed = hash_seed(),
    };
}

static void free_pieces(struct ipfrag_datagram *d)
{
    while (d->head) {
        struct piece *p = d->head;
        d->head = p->next;
        free(p);
    }
    d->tail = NULL;
    d->pieces = 0;
}

void ipfrag_free(struct ipfrag_datagram *d)
{
    free_pieces(d);
    free(d);
}

void ipfrag_done(struct ipfrag *q)
{
    while (q->oldest) {
        struct ipfrag_datagram *d = q->oldest;
        q->oldest = d->newer;
        ipfrag_free(d);
    }
    free(q->buckets);
    q->buckets = NULL;
}

static struct ipfrag_datagram **bucket_of(struct ipfrag *q, const struct key *k)
{
    return &q->buckets[hash_bytes(k, sizeof(*k), q->seed) & q->bucket_mask];
}

static void take_out(struct ipfrag *q, struct ipfrag_datagram *d)
{
    struct ipfrag_datagram **at = bucket_of(q, &d->key);
    while (*at != d)
        at = &(*at)->bucket_next;
    *at = d->bucket_next;
    if (d->older)
        d->older->newer = d->newer;
    else
        q->oldest = d->newer;
    if (d->newer)
        d->newer->older = d->older;
    else
        q->newest = d->older;
    q->datagrams--;
    q->bytes -= d->bytes;
}

static void give_up(struct ipfrag *q, struct ipfrag_datagram *d)
{
    take_out(q, d);
    if (!d->rejected)
        q->give_up(q->ctx, d);
    ipfrag_free(d);
}

void ipfrag_expire(struct ipfrag *q, int64_t now_ns)
{
    while (q->oldest && now_ns - q->oldest->first_ns > q->age_ns)
        give_up(q, q->oldest);
}

void ipfrag_flush(struct ipfrag *q)
{
    while (q->oldest)
        give_up(q, q->oldest);
}

static bool make_buckets(struct ipfrag *q)
{
    uint32_t n = 16;
    while (n < q->datagrams_max && n < 1U << 20)
        n *= 2;
    q->buckets = calloc(n, sizeof(struct ipfrag_datagram *));
    q->bucket_mask = n - 1;
    return q->buckets != NULL;
}

static struct ipfrag_datagram *find(struct ipfrag *q, const struct key *k)
{
    struct ipfrag_datagram *d = *bucket_of(q, k);
    while (d && memcmp(&d->key, k, sizeof(*k)) != 0)
        d = d->bucket_next;
    return d;
}

static struct ipfrag_datagram *add(struct ipfrag *q, const struct key *k, int64_t now_ns)
{
    struct ipfrag_datagram *d = calloc(1, sizeof(*d));
    if (!d)
        return NULL;
    d->key = *k;
    d->first_ns = now_ns;
    d->bytes = sizeof(*d);
    struct ipfrag_datagram **at = bucket_of(q, k);
    d->bucket_next = *at;
    *at = d;
    d->older = q->newest;
    if (q->newest)
        q->newest->newer = d;
    else
        q->oldest = d;
    q->newest = d;
    q->datagrams++;
    q->bytes += d->bytes;
    return d;
}

static void reject(struct ipfrag *q, struct ipfrag_datagram *d)
{
    free_pieces(d);
    d->rejected = true;
    q->bytes -= d->bytes - (uint32_t)sizeof(*d);
    d->bytes = sizeof(*d);
}

/* Gives up the oldest others until `bytes` more fit; d itself (may be NULL) is not among them. */
static bool make_room(struct ipfrag *q, const struct ipfrag_datagram *d, uint32_t bytes)
{
    if (bytes > q->bytes_max)
        return false;
    while ((!d && q->datagrams >= q->datagrams_max) || q->bytes > q->bytes_max - bytes) {
        struct ipfrag_datagram *victim = q->oldest;
        if (victim == d)
            victim = victim->newer;
        if (!victim)
            return false;
        give_up(q, victim);
    }
    return true;
}

static void keep_first(struct ipfrag_datagram *d, const struct frame *f, const struct pkt_ip *ip,
                       uint16_t vlan)
{
    d->protocol = ip->protocol;
    d->ttl = ip->ttl;
    d->vlan = vlan;
    d->local_origin = f->local_origin;
    d->has_owner = f->owner != NULL;
    if (f->owner)
        d->owner = *f->owner;
    if (f->interface)
        strncpy(d->interface, f->interface, sizeof(d->interface) - 1);
}

/* The piece that the new one comes after, NULL for the head. In order is the usual case. */
static struct piece *place_of(const struct ipfrag_datagram *d, uint32_t offset)
{
    if (d->tail && d->tail->offset <= offset)
        return d->tail;
    struct piece *before = NULL;
    for (struct piece *p = d->head; p && p->offset <= offset; p = p->next)
        before = p;
    return before;
}

/* 1: put in, 0: an exact repetition, negative: the datagram cannot be joined. */
static int insert(struct ipfrag *q, struct ipfrag_datagram *d, const struct pkt_ip *ip)
{
    uint32_t start = ip->frag_offset;
    uint32_t end = start + ip->len;
    struct piece *before = place_of(d, start);
    struct piece *after = before ? before->next : d->head;
    if (before && before->offset == start && before->len == ip->len)
        return 0;
    if ((before && before->offset + before->len > start) || (after && end > after->offset))
        return -1;
    if (!ip->frag_more) {
        if (d->total || (d->tail && d->tail->offset + d->tail->len > end))
            return -1;
        d->total = end;
    } else if (d->total && end > d->total) {
        return -1;
    }
    if (d->pieces == PIECES_MAX)
        return -1;
    struct piece *p = malloc(sizeof(*p) + ip->caplen);
    if (!p)
        return -1;
    *p = (struct piece){.next = after, .offset = start, .len = ip->len, .caplen = ip->caplen};
    memcpy(p->data, ip->payload, ip->caplen);
    if (before)
        before->next = p;
    else
        d->head = p;
    if (!after)
        d->tail = p;
    uint32_t charge = (uint32_t)sizeof(*p) + ip->caplen;
    d->pieces++;
    d->have += ip->len;
    d->bytes += charge;
    q->bytes += charge;
    return 1;
}

enum ipfrag_result ipfrag_push(struct ipfrag *q, const struct frame *f, const struct pkt_ip *ip,
                               uint16_t vlan, struct ipfrag_datagram **done)
{
    struct key k = {
        .id = ip->frag_id,
        .netns = f->netns,
        .ifindex = f->ifindex,
        .protocol = ip->v6 ? 0 : ip->protocol,
        .direction = f->direction,
        .v6 = ip->v6,
    };
    pkt_addr_set(&k.src, ip->src, ip->v6);
    pkt_addr_set(&k.dst, ip->dst, ip->v6);
    if (ip->len == 0 || (ip->frag_more && ip->len % 8 != 0) ||
        ip->frag_offset + ip->len > IPFRAG_MAX_BYTES)
        return IPFRAG_REJECTED;
    if (!q->buckets && !make_buckets(q))
        return IPFRAG_REJECTED;
    ipfrag_expire(q, f->time_ns);

    struct ipfrag_datagram *d = find(q, &k);
    if (d && d->rejected)
        return IPFRAG_REJECTED;
    uint32_t bytes = (d ? 0 : (uint32_t)sizeof(*d)) + (uint32_t)sizeof(struct piece) + ip->caplen;
    if (!make_room(q, d, bytes)) {
        if (d)
            give_up(q, d);
        return IPFRAG_REJECTED;
    }
    if (!d && !(d = add(q, &k, f->time_ns)))
        return IPFRAG_REJECTED;
    int put = insert(q, d, ip);
    if (put < 0) {
        reject(q, d);
        return IPFRAG_REJECTED;
    }
    if (put == 0)
        return IPFRAG_HELD;
    if (ip->frag_offset == 0)
        keep_first(d, f, ip, vlan);
    d->last_ns = f->time_ns;
    d->wire_len += f->len;
    if (d->have != d->total)
        return IPFRAG_HELD;
    take_out(q, d);
    *done = d;
    return IPFRAG_WHOLE;
}

bool ipfrag_view(const struct ipfrag_datagram *d, uint8_t *buffer, struct ipfrag_view *v)
{
    if (!d->head || d->head->offset != 0)
        return false;
    uint32_t filled = 0;
    for (const struct piece *p = d->head; p && p->offset == filled; p = p->next) {
        memcpy(buffer + filled, p->data, p->caplen);
        filled += p->caplen; /* less than p->len when cut: then the next one is not contiguous */
    }
    v->vlan = d->vlan;
    v->frame = (struct frame){
        .time_ns = d->last_ns,
        .len = d->wire_len,
        .link = FRAME_LINK_IP,
        .direction = d->key.direction,
        .local_origin = d->local_origin,
        .ifindex = d->key.ifindex,
        .netns = d->key.netns,
        .interface = d->interface,
        .owner = d->has_owner ? &d->owner : NULL,
    };
    v->ip = (struct pkt_ip){
        .src = d->key.src.bytes + (d->key.v6 ? 0 : 12),
        .dst = d->key.dst.bytes + (d->key.v6 ? 0 : 12),
        .payload = buffer,
        .caplen = filled,
        /* Without the last fragment there is at least one byte more than was seen. */
        .len = d->total ? d->total : d->tail->offset + d->tail->len + 1,
        .v6 = d->key.v6,
        .sized = true,
        .protocol = d->protocol,
        .ttl = d->ttl,
    };
    return true;
}
