/* SPDX-License-Identifier: Apache-2.0 */
#include "http/peer.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_storage room;
};

struct question {
    struct nlmsghdr head;
    struct inet_diag_req_v2 body;
};

/* 0 when it is no internet address. */
static in_port_t split(const union address *a, __be32 out[4], struct inet_addr *addr)
{
    memset(out, 0, 4 * sizeof(*out));
    if (a->any.sa_family == AF_INET) {
        memcpy(out, &a->v4.sin_addr, 4);
        *addr = inet_addr_v4((const uint8_t *)&a->v4.sin_addr);
        return a->v4.sin_port;
    }
    if (a->any.sa_family != AF_INET6)
        return 0;
    memcpy(out, &a->v6.sin6_addr, 16);
    *addr = inet_addr_v6((const uint8_t *)&a->v6.sin6_addr);
    return a->v6.sin6_port;
}

/* The answer to one question for one socket is one message. */
static int64_t read_uid(int netlink)
{
    char room[512] __attribute__((aligned(NLMSG_ALIGNTO)));
    ssize_t n = recv(netlink, room, sizeof(room), 0);
    const struct nlmsghdr *head = (const void *)room;
    if (n < (ssize_t)NLMSG_LENGTH(sizeof(struct inet_diag_msg)) ||
        head->nlmsg_type != SOCK_DIAG_BY_FAMILY)
        return -1;
    return ((const struct inet_diag_msg *)NLMSG_DATA(head))->idiag_uid;
}

/* Of the process whose socket has the peer's address as its own. */
static int64_t ask_uid(const struct question *q)
{
    struct timeval patience = {.tv_usec = 100000};
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    int64_t uid = -1;
    if (netlink < 0)
        return -1;
    setsockopt(netlink, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (send(netlink, q, sizeof(*q), 0) == (ssize_t)sizeof(*q))
        uid = read_uid(netlink);
    close(netlink);
    return uid;
}

static void find_internet(struct peer *p, const union address *peer, int fd)
{
    union address own;
    socklen_t len = sizeof(own);
    struct inet_addr addr, own_addr;
    struct question q = {
        .head = {.nlmsg_len = sizeof(q),
                 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                 .nlmsg_flags = NLM_F_REQUEST},
        .body = {.sdiag_family = (uint8_t)peer->any.sa_family,
                 .sdiag_protocol = IPPROTO_TCP,
                 .idiag_states = ~0u,
                 .id = {.idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}},
    };
    q.body.id.idiag_sport = split(peer, q.body.id.idiag_src, &addr);
    if (!q.body.id.idiag_sport || getsockname(fd, &own.any, &len) < 0)
        return;
    q.body.id.idiag_dport = split(&own, q.body.id.idiag_dst, &own_addr);
    inet_addr_format(&addr, p->address);
    p->uid = ask_uid(&q);
}

static void find_user(struct peer *p)
{
    struct passwd entry, *found = NULL;
    char room[4096];
    if (p->uid >= 0 && getpwuid_r((uid_t)p->uid, &entry, room, sizeof(room), &found) == 0 && found)
        snprintf(p->user, sizeof(p->user), "%s", found->pw_name);
}

void peer_of(struct peer *p, int fd)
{
    union address peer;
    struct ucred owner;
    socklen_t len = sizeof(peer), owner_len = sizeof(owner);
    *p = (struct peer){.uid = -1};
    if (getpeername(fd, &peer.any, &len) < 0)
        return;
    if (peer.any.sa_family != AF_UNIX)
        find_internet(p, &peer, fd);
    else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &owner, &owner_len) == 0)
        p->uid = owner.uid;
    find_user(p);
}
