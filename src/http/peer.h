/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end of a connection. */
#pragma once

#include "base/inet.h"

enum {
    PEER_USER_MAX = 64,
};

struct peer {
    char address[INET_TEXT_MAX]; /* empty: a unix socket */
    int64_t uid;                 /* of the process on this host; -1: another host, or not known */
    char user[PEER_USER_MAX];    /* its name; empty without one */
};

/* Of an accepted unix or TCP socket. The owner of a TCP connection of the same network namespace
 * comes from sock_diag(7), one question to the kernel. */
void peer_of(struct peer *p, int fd);
