/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Differences between kernels, each with the change that made it. The oldest supported is 5.15. */
#pragma once

#include "vmlinux/kernel.h"

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* "bpf: Add skb dynptrs" (6.4) made it, "bpf: Allow bpf_dynptr_from_skb() for tp_btf" (6.12) lets
 * these programs call it. User space decides which programs to load, by trying. */
extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags,
                               struct bpf_dynptr *ptr) __weak __ksym;

/* "bpf: Add a kfunc for generic type cast" (6.2). Turns an address into a pointer that a plain load
 * may read (a bad address reads as 0), ten times as fast as a call of bpf_probe_read_kernel. */
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __weak __ksym;

#define KERNEL_CAST(type, at)                                                                      \
    ((struct type *)bpf_rdonly_cast(at, bpf_core_type_id_kernel(struct type)))

static __always_inline __u16 load16(const void *at)
{
    return KERNEL_CAST(udphdr, at)->source;
}

static __always_inline __u32 load32(const void *at)
{
    return KERNEL_CAST(in_addr, at)->s_addr;
}

static __always_inline __u64 load64(const void *at)
{
    return KERNEL_CAST(timespec64, at)->tv_sec;
}

/* Kernel pointers as arguments of global functions: "bpf: add arg:trusted global func arg tag"
 * (6.9). Only the programs with dynptrs have such functions. */
#define ARG_TRUSTED __attribute__((btf_decl_tag("arg:trusted")))

/* Bytes from skb->data + offset on, in the linear part or not. Not inlined: the verifier wants a
 * dynptr's stack slot to itself, and the compiler would share it between scopes. */
static __noinline long skb_read(struct sk_buff *skb, __u32 offset, void *to, __u32 bytes)
{
    struct bpf_dynptr p;
    if (bpf_dynptr_from_skb((struct __sk_buff *)skb, 0, &p))
        return -1;
    return bpf_dynptr_read(to, bytes, &p, offset, 0);
}
