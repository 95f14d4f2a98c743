/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A path, or with an @ a name of the abstract namespace. */
static int connect_to(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(name);
    if ((name[0] != '/' && name[0] != '@') || len < 2 || len >= sizeof(address.sun_path))
        return -1;
    memcpy(address.sun_path, name, len);
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, size) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* WATCHDOG_PID, where it is given, says whom it is about. */
static int64_t watchdog_ns(void)
{
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    if (!usec || (pid && strtoll(pid, NULL, 10) != getpid()))
        return 0;
    long long us = strtoll(usec, NULL, 10);
    return us > 0 && us < INT64_MAX / NS_PER_US ? us * NS_PER_US : 0;
}

void service_init(struct service *s)
{
    const char *name = getenv("NOTIFY_SOCKET");
    s->fd = name ? connect_to(name) : -1;
    s->watchdog_ns = s->fd >= 0 ? watchdog_ns() : 0;
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

void service_done(struct service *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

void service_tell(const struct service *s, const char *fmt, ...)
{
    char text[512];
    va_list args;
    if (s->fd < 0)
        return;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (n > 0 && (size_t)n < sizeof(text))
        (void)!send(s->fd, text, (size_t)n, MSG_NOSIGNAL);
}
