/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Does nothing, at the places where the packet programs run: what the tracepoint and the kernel's
 * measuring cost by themselves. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/net_dev_queue")
int empty_queue(void *ctx)
{
    return 0;
}

SEC("tp_btf/netif_receive_skb")
int empty_receive(void *ctx)
{
    return 0;
}
