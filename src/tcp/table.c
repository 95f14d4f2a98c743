/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "tcp/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLAB_CONNS = 32,
};

/* Connections are allocated a few at a time as traffic needs them, and used again. */
struct tcp_slab {
    struct tcp_slab *next;
    struct tcp_conn conns[SLAB_CONNS];
};

int tcp_table_init(struct tcp *t)
{
    uint32_t n = 64;
    while (n < t->limits.connections && n < 1U << 24)
        n *= 2;
    t->buckets = calloc(n, sizeof(struct tcp_conn *));
    t->bucket_mask = n - 1;
    t->seed = hash_seed();
    return t->buckets ? 0 : -ENOMEM;
}

void tcp_table_done(struct tcp *t)
{
    while (t->slabs) {
        struct tcp_slab *s = t->slabs;
        t->slabs = s->next;
        free(s);
    }
    free(t->buckets);
}

static struct tcp_conn **bucket_of(struct tcp *t, const struct tcp_key *key)
{
    return &t->buckets[hash_bytes(key, sizeof(*key), t->seed) & t->bucket_mask];
}

struct tcp_conn *tcp_table_find(struct tcp *t, const struct tcp_key *key)
{
    struct tcp_conn *c = *bucket_of(t, key);
    while (c && memcmp(&c->key, key, sizeof(*key)) != 0)
        c = c->bucket_next;
    return c;
}

static void append(struct tcp_list *l, struct tcp_conn *c)
{
    c->older = l->newest;
    c->newer = NULL;
    if (l->newest)
        l->newest->newer = c;
    else
        l->oldest = c;
    l->newest = c;
    l->count++;
}

static void unlink_from(struct tcp_list *l, struct tcp_conn *c)
{
    if (c->older)
        c->older->newer = c->newer;
    else
        l->oldest = c->newer;
    if (c->newer)
        c->newer->older = c->older;
    else
        l->newest = c->older;
    l->count--;
}

static bool fill_pool(struct tcp *t)
{
    struct tcp_slab *s = malloc(sizeof(*s));
    if (!s)
        return false;
    s->next = t->slabs;
    t->slabs = s;
    for (int i = 0; i < SLAB_CONNS; i++) {
        s->conns[i].bucket_next = t->pool;
        t->pool = &s->conns[i];
    }
    return true;
}

struct tcp_conn *tcp_table_add(struct tcp *t, const struct tcp_key *key)
{
    if (tcp_table_count(t) >= t->limits.connections || (!t->pool && !fill_pool(t)))
        return NULL;
    struct tcp_conn *c = t->pool;
    t->pool = c->bucket_next;
    memset(c, 0, sizeof(*c));
    c->key = *key;
    struct tcp_conn **at = bucket_of(t, key);
    c->bucket_next = *at;
    *at = c;
    append(&t->lists[TCP_NEW], c);
    return c;
}

/* Closed ones first; then those that never carried anything if they take more than their share, so
 * that neither a SYN flood nor a crowd of open connections keeps the other out. */
struct tcp_conn *tcp_table_victim(struct tcp *t)
{
    const struct tcp_list *fresh = &t->lists[TCP_NEW];
    if (t->lists[TCP_CLOSED].oldest)
        return t->lists[TCP_CLOSED].oldest;
    if (fresh->count > t->limits.connections / 8 || !t->lists[TCP_OPEN].oldest)
        return fresh->oldest;
    return t->lists[TCP_OPEN].oldest;
}

void tcp_table_remove(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_conn **at = bucket_of(t, &c->key);
    while (*at != c)
        at = &(*at)->bucket_next;
    *at = c->bucket_next;
    tcp_table_wait(t, c, false);
    unlink_from(&t->lists[c->state], c);
    c->bucket_next = t->pool;
    t->pool = c;
}

void tcp_table_touch(struct tcp *t, struct tcp_conn *c, enum tcp_state state)
{
    if (c->state == state && !c->newer)
        return;
    unlink_from(&t->lists[c->state], c);
    c->state = state;
    append(&t->lists[state], c);
}

void tcp_table_wait(struct tcp *t, struct tcp_conn *c, bool waiting)
{
    if (c->waiting == waiting)
        return;
    c->waiting = waiting;
    if (waiting) {
        c->wait_prev = t->waiting_last;
        c->wait_next = NULL;
        if (t->waiting_last)
            t->waiting_last->wait_next = c;
        else
            t->waiting = c;
        t->waiting_last = c;
        return;
    }
    if (c->wait_prev)
        c->wait_prev->wait_next = c->wait_next;
    else
        t->waiting = c->wait_next;
    if (c->wait_next)
        c->wait_next->wait_prev = c->wait_prev;
    else
        t->waiting_last = c->wait_prev;
}
