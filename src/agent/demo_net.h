/* SPDX-License-Identifier: Apache-2.0 */
/* The demo's world: two network namespaces joined by a veth pair, an unbound server in one, a
 * client that asks a realistic mix in the other.
 *
 * Nothing has a name or a file outside: the namespaces belong to processes that die with the
 * caller (PR_SET_PDEATHSIG, PID namespaces), and what the server needs on disk lies in a tmpfs of
 * its own mount namespace. So nothing is left behind, even after SIGKILL. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

struct demo_net {
    pid_t server, client; /* init processes of the two PID namespaces */
    int server_go, client_go;
};

/* Makes namespaces and server; the client waits. 0, or negative errno with a sentence in err. */
int demo_net_start(struct demo_net *net, char *err, size_t err_len);
/* Lets the client ask, until demo_net_stop. */
void demo_net_ask(struct demo_net *net);
/* Whether both sides still run; -ECHILD with a sentence in err when one has ended. */
int demo_net_check(const struct demo_net *net, char *err, size_t err_len);
void demo_net_stop(struct demo_net *net);
