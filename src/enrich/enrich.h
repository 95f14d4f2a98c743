/* SPDX-License-Identifier: Apache-2.0 */
/* Completes who asked: executable, cgroup path, container id and systemd unit of the process that
 * the kernel named. Cached by pid and start time, so that a pid used again never gets another
 * process's name; bounded. */
#pragma once

#include "record/record.h"

struct enrich_stats {
    uint64_t lookups;
    uint64_t hits;
    uint64_t gone; /* the process had ended: pid, comm, uid and cgroup are all there is */
    uint64_t evicted;
};

struct enrich;

/* `cgroup_root` is the cgroup v2 mount ("/sys/fs/cgroup", ".../unified"), NULL when there is none.
 * NULL when memory runs out. */
struct enrich *enrich_new(const char *cgroup_root);
void enrich_free(struct enrich *e);
/* Tells of a process as soon as a tap sees it, while it is likely still alive. */
void enrich_hint(struct enrich *e, const struct frame_owner *owner);
/* Fills exe, cgroup, container_id and unit of both processes of r. */
void enrich_record(struct enrich *e, struct record *r);
const struct enrich_stats *enrich_stats(const struct enrich *e);

/* Parsers of a cgroup v2 path; exported for tests. out is "" when there is none.
 * Container ids: docker-<64 hex>.scope, /docker/<id>, cri-containerd-<id>.scope,
 * crio-<id>.scope, libpod-<id>.scope, kubepods paths, and so on. */
void enrich_container_id(const char *path, char out[80]);
/* The innermost systemd unit: *.service, *.scope, *.slice only if nothing else, unescaped. */
void enrich_unit(const char *path, char out[256]);
