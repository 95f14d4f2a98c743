/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent tells the service manager that started it (sd_notify(3)): one datagram to the
 * socket that NOTIFY_SOCKET names. Where there is none, nothing is told. */
#pragma once

#include <stdint.h>

struct service {
    int fd;              /* -1: nobody to tell */
    int64_t watchdog_ns; /* how often it wants to hear of us; 0: never */
};

/* Reads the environment, and takes these variables out of it so that no child speaks for us. */
void service_init(struct service *s);
void service_done(struct service *s);

/* Lines of NAME=value, such as "READY=1\nSTATUS=..."; never waits. */
void service_tell(const struct service *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
