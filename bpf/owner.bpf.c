/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Notes the process at each socket it makes, connects or sends from: the cgroup hooks run in the
 * caller's context. Sockets older than the programs are found by walking all open files once. */
#include "vmlinux/kernel.h"

#include "owner.bpf.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#define AF_INET  2
#define AF_INET6 10

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline void owner_note(struct owner *o)
{
    if (!o)
        return;
    __u64 id = bpf_get_current_pid_tgid();
    o->pid = id >> 32;
    o->tid = (__u32)id;
    o->uid = (__u32)bpf_get_current_uid_gid();
    o->source = OWNER_FROM_HOOK;
    o->cgroup_id = bpf_get_current_cgroup_id();
    struct task_struct *task = (struct task_struct *)bpf_get_current_task();
    /* The process's name and start, not the calling thread's: resolver threads have names of their
     * own ("isc-net-0000" is dig). */
    struct task_struct *leader = BPF_CORE_READ(task, group_leader);
    o->start_boottime_ns = BPF_CORE_READ(leader, start_boottime);
    BPF_CORE_READ_STR_INTO(&o->comm, leader, comm);
}

SEC("cgroup/sock_create")
int owner_sock_create(struct bpf_sock *sk)
{
    if (sk->family == AF_INET || sk->family == AF_INET6)
        owner_note(bpf_sk_storage_get(&owners, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE));
    return 1;
}

static __always_inline int owner_of_addr(struct bpf_sock_addr *ctx)
{
    if (ctx->sk)
        owner_note(bpf_sk_storage_get(&owners, ctx->sk, NULL, BPF_SK_STORAGE_GET_F_CREATE));
    return 1;
}

SEC("cgroup/connect4")
int owner_connect4(struct bpf_sock_addr *ctx)
{
    return owner_of_addr(ctx);
}

SEC("cgroup/connect6")
int owner_connect6(struct bpf_sock_addr *ctx)
{
    return owner_of_addr(ctx);
}

SEC("cgroup/sendmsg4")
int owner_sendmsg4(struct bpf_sock_addr *ctx)
{
    return owner_of_addr(ctx);
}

SEC("cgroup/sendmsg6")
int owner_sendmsg6(struct bpf_sock_addr *ctx)
{
    return owner_of_addr(ctx);
}

/* A socket held by several processes goes to the one met last: children come after the parent
 * that opened it (socket activation, pre-forking servers). What a hook saw is never overwritten. */
SEC("iter/task_file")
int owner_existing(struct bpf_iter__task_file *ctx)
{
    struct task_struct *task = ctx->task;
    struct file *file = ctx->file;
    if (!task || !file)
        return 0;
    struct socket *socket = bpf_sock_from_file(file);
    if (!socket)
        return 0;
    struct sock *sk = socket->sk;
    if (!sk)
        return 0;
    __u16 family = sk->__sk_common.skc_family;
    if (family != AF_INET && family != AF_INET6)
        return 0;
    struct owner *o = bpf_sk_storage_get(&owners, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
    if (!o || o->source == OWNER_FROM_HOOK)
        return 0;
    o->pid = task->tgid;
    o->tid = task->pid;
    o->uid = task->cred->uid.val;
    o->source = OWNER_FROM_ITERATOR;
    o->cgroup_id = task->cgroups->dfl_cgrp->kn->id;
    o->start_boottime_ns = task->group_leader->start_boottime;
    bpf_probe_read_kernel_str(o->comm, sizeof o->comm, task->group_leader->comm);
    return 0;
}
