/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who owns a socket, kept in the socket itself: the map is shared by owner.bpf.c, which writes
 * it, and packet.bpf.c, which copies it into the records. */
#pragma once

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define OWNER_FROM_HOOK     1 /* the process was seen calling */
#define OWNER_FROM_ITERATOR 2 /* the process was found holding the socket */

struct owner {
    __u32 pid;
    __u32 tid;
    __u32 uid;
    __u32 source;
    __u64 cgroup_id;
    __u64 start_boottime_ns;
    char comm[16];
};

/* BPF_F_CLONE: an accepted socket starts with its listener's owner. */
struct {
    __uint(type, BPF_MAP_TYPE_SK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
    __type(key, int);
    __type(value, struct owner);
} owners SEC(".maps");
