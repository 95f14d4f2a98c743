/* SPDX-License-Identifier: Apache-2.0 */
#include "enrich/enrich.h"

#include "base/hash.h"
#include "enrich/process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    ENTRIES = 4096,   /* processes remembered; beyond, the one used longest ago goes */
    BUCKETS = 8192,   /* power of two */
    NONE = -1,        /* no entry */
    REREADS_MAX = 16, /* of one process after changes of its name (execve) */
};

struct entry {
    uint32_t pid;
    uint32_t rereads;
    uint64_t start_boottime_ns;
    uint64_t cgroup_id;
    char comm[16];
    char *exe, *cgroup, *container_id, *unit;
    uint64_t facts; /* of struct record_process */
    int32_t bucket_next;
    int32_t older, newer;
};

struct enrich {
    struct cgroup_finder *cgroups; /* NULL: no cgroup v2 */
    struct enrich_stats stats;
    uint64_t seed;
    int32_t count;
    int32_t newest, oldest;
    int32_t buckets[BUCKETS];
    struct entry entries[ENTRIES];
    struct process_facts facts; /* scratch */
};

struct enrich *enrich_new(const char *cgroup_root)
{
    struct enrich *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    if (cgroup_root) {
        e->cgroups = cgroup_finder_new(cgroup_root);
        if (!e->cgroups) {
            free(e);
            return NULL;
        }
    }
    e->seed = hash_seed();
    e->newest = e->oldest = NONE;
    for (size_t i = 0; i < BUCKETS; i++)
        e->buckets[i] = NONE;
    return e;
}

static void entry_forget(struct entry *n)
{
    free(n->exe);
    free(n->cgroup);
    free(n->container_id);
    free(n->unit);
    n->exe = n->cgroup = n->container_id = n->unit = NULL;
}

void enrich_free(struct enrich *e)
{
    if (!e)
        return;
    for (int32_t i = 0; i < e->count; i++)
        entry_forget(&e->entries[i]);
    cgroup_finder_free(e->cgroups);
    free(e);
}

static size_t bucket_of(const struct enrich *e, uint32_t pid, uint64_t start)
{
    uint64_t key[2] = {pid, start};
    return hash_bytes(key, sizeof key, e->seed) & (BUCKETS - 1);
}

static void age_unlink(struct enrich *e, int32_t i)
{
    struct entry *n = &e->entries[i];
    if (n->newer == NONE)
        e->newest = n->older;
    else
        e->entries[n->newer].older = n->older;
    if (n->older == NONE)
        e->oldest = n->newer;
    else
        e->entries[n->older].newer = n->newer;
}

static void age_make_newest(struct enrich *e, int32_t i)
{
    struct entry *n = &e->entries[i];
    n->older = e->newest;
    n->newer = NONE;
    if (e->newest == NONE)
        e->oldest = i;
    else
        e->entries[e->newest].newer = i;
    e->newest = i;
}

static void bucket_remove(struct enrich *e, int32_t i)
{
    const struct entry *n = &e->entries[i];
    int32_t *link = &e->buckets[bucket_of(e, n->pid, n->start_boottime_ns)];
    while (*link != i)
        link = &e->entries[*link].bucket_next;
    *link = n->bucket_next;
}

static int32_t entry_find(const struct enrich *e, size_t bucket, uint32_t pid, uint64_t start)
{
    int32_t i = e->buckets[bucket];
    while (i != NONE && (e->entries[i].pid != pid || e->entries[i].start_boottime_ns != start))
        i = e->entries[i].bucket_next;
    return i;
}

/* A free entry, or that of the process not asked for the longest. */
static int32_t entry_take(struct enrich *e)
{
    if (e->count < ENTRIES)
        return e->count++;
    int32_t i = e->oldest;
    bucket_remove(e, i);
    age_unlink(e, i);
    entry_forget(&e->entries[i]);
    e->stats.evicted++;
    return i;
}

static char *keep(const char *text)
{
    return text && text[0] ? strdup(text) : NULL;
}

/* What is not known stays NULL and is remembered as well: asking again would not tell more. */
static void entry_read(struct enrich *e, struct entry *n, const struct frame_owner *owner)
{
    char container_id[80], unit[256];
    const char *cgroup = NULL;
    static _Atomic uint64_t readings;
    entry_forget(n);
    n->facts = ++readings;
    n->cgroup_id = owner->cgroup_id;
    memcpy(n->comm, owner->comm, sizeof n->comm);
    if (process_read(owner, &e->facts) == 0) {
        n->exe = keep(e->facts.exe);
        cgroup = e->facts.cgroup;
    } else {
        e->stats.gone++;
    }
    if (!cgroup || !cgroup[0])
        cgroup = cgroup_finder_path(e->cgroups, owner->cgroup_id);
    n->cgroup = keep(cgroup);
    if (!n->cgroup)
        return;
    enrich_container_id(n->cgroup, container_id);
    enrich_unit(n->cgroup, unit);
    n->container_id = keep(container_id);
    n->unit = keep(unit);
}

static const struct entry *lookup(struct enrich *e, const struct frame_owner *owner)
{
    size_t bucket = bucket_of(e, owner->pid, owner->start_boottime_ns);
    int32_t i = entry_find(e, bucket, owner->pid, owner->start_boottime_ns);
    e->stats.lookups++;
    if (i == NONE) {
        i = entry_take(e);
        struct entry *n = &e->entries[i];
        n->pid = owner->pid;
        n->start_boottime_ns = owner->start_boottime_ns;
        n->rereads = 0;
        n->bucket_next = e->buckets[bucket];
        e->buckets[bucket] = i;
        age_make_newest(e, i);
        entry_read(e, n, owner);
        return n;
    }
    struct entry *n = &e->entries[i];
    if (i != e->newest) {
        age_unlink(e, i);
        age_make_newest(e, i);
    }
    /* execve(2) and a move to another cgroup keep pid and start time. */
    if (n->rereads < REREADS_MAX &&
        (n->cgroup_id != owner->cgroup_id || memcmp(n->comm, owner->comm, sizeof n->comm) != 0)) {
        n->rereads++;
        entry_read(e, n, owner);
    } else {
        e->stats.hits++;
    }
    return n;
}

void enrich_hint(struct enrich *e, const struct frame_owner *owner)
{
    if (owner->pid)
        lookup(e, owner);
}

static void fill(struct enrich *e, struct record_process *p)
{
    if (!p->pid)
        return;
    struct frame_owner owner = {
        .pid = p->pid,
        .tid = p->tid,
        .uid = p->uid,
        .cgroup_id = p->cgroup_id,
        .start_boottime_ns = p->start_boottime_ns,
    };
    memcpy(owner.comm, p->comm, sizeof owner.comm);
    const struct entry *n = lookup(e, &owner);
    p->exe = n->exe;
    p->cgroup = n->cgroup;
    p->container_id = n->container_id;
    p->unit = n->unit;
    p->facts = n->facts;
}

void enrich_record(struct enrich *e, struct record *r)
{
    struct record_process *p = &r->process, *s = &r->server_process;
    fill(e, p);
    if (s->pid && s->pid == p->pid && s->start_boottime_ns == p->start_boottime_ns) {
        /* Not looked up again: a second reading would free the first one's texts. */
        s->exe = p->exe;
        s->cgroup = p->cgroup;
        s->container_id = p->container_id;
        s->unit = p->unit;
        s->facts = p->facts;
    } else {
        fill(e, s);
    }
}

const struct enrich_stats *enrich_stats(const struct enrich *e)
{
    return &e->stats;
}
