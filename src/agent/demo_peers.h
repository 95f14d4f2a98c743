/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the demo: the two sides. Each runs as the init process of its own namespaces. */
#pragma once

#define DEMO_CLIENT_DEVICE "demo-client"
#define DEMO_SERVER_DEVICE "demo-server"

/* Runs a program with its output thrown away. 0, -ENOENT when there is no such program, -EIO when
 * it failed. */
int demo_run(const char *const argv[]);

_Noreturn void demo_server(void);
_Noreturn void demo_client(void);
