/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel structures that the programs read, cut down to the fields in use. CO-RE
 * (preserve_access_index) finds the real offsets when a program is loaded, also where the kernel
 * nests a field in anonymous unions or structs; so the objects build without any kernel's BTF. */
#pragma once

#include <linux/types.h>

#ifndef NULL
#define NULL ((void *)0)
#endif
typedef _Bool bool;
#define true 1
#define false 0

#define KERNEL_STRUCT __attribute__((preserve_access_index))

struct ns_common {
    unsigned int inum;
} KERNEL_STRUCT;

struct net {
    struct ns_common ns;
} KERNEL_STRUCT;

typedef struct {
    struct net *net;
} KERNEL_STRUCT possible_net_t;

struct device {
    struct device *parent;
} KERNEL_STRUCT;

struct rtnl_link_ops {
    const char *kind;
} KERNEL_STRUCT;

struct net_device {
    char name[16];
    int ifindex;
    unsigned short type;
    possible_net_t nd_net;
    struct device dev;
    const struct rtnl_link_ops *rtnl_link_ops;
} KERNEL_STRUCT;

struct sock_common {
    unsigned short skc_family;
    volatile unsigned char skc_state;
} KERNEL_STRUCT;

struct sock {
    struct sock_common __sk_common;
} KERNEL_STRUCT;

struct socket {
    struct sock *sk;
} KERNEL_STRUCT;

struct sk_buff {
    struct net_device *dev;
    struct sock *sk;
    unsigned int len;
    unsigned int data_len;
    __be16 protocol;
    __u16 network_header;
    unsigned char *head;
    unsigned char *data;
} KERNEL_STRUCT;

struct kernfs_node {
    __u64 id;
} KERNEL_STRUCT;

struct cgroup {
    struct kernfs_node *kn;
} KERNEL_STRUCT;

struct css_set {
    struct cgroup *dfl_cgrp;
} KERNEL_STRUCT;

typedef struct {
    unsigned int val;
} KERNEL_STRUCT kuid_t;

struct cred {
    kuid_t uid;
} KERNEL_STRUCT;

struct task_struct {
    int pid;
    int tgid;
    struct task_struct *group_leader;
    __u64 start_boottime;
    const struct cred *cred;
    struct css_set *cgroups;
    char comm[16];
} KERNEL_STRUCT;

/* Stand-ins for "8 bytes at an address", "4" and "2": bpf_rdonly_cast wants a type of the kernel's
 * own. */
struct timespec64 {
    __s64 tv_sec;
    long tv_nsec;
} KERNEL_STRUCT;

struct in_addr {
    __be32 s_addr;
} KERNEL_STRUCT;

struct udphdr {
    __be16 source;
} KERNEL_STRUCT;

struct file;
struct seq_file;

struct bpf_iter_meta {
    struct seq_file *seq;
} KERNEL_STRUCT;

struct bpf_iter__task_file {
    struct bpf_iter_meta *meta;
    struct task_struct *task;
    __u32 fd;
    struct file *file;
} KERNEL_STRUCT;
