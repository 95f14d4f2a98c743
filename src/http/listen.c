/* SPDX-License-Identifier: Apache-2.0 */
#include "http/listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    BACKLOG = 256,
    HOST_MAX = 256,
    PORT_MAX = 8,
};

/* Host and port of "host:port" or "[host]:port". */
static bool split(const char *address, char host[HOST_MAX], char port[PORT_MAX])
{
    const char *colon = strrchr(address, ':'), *start = address;
    if (!colon || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return false;
    size_t len = (size_t)(colon - address);
    if (len >= 2 && *address == '[' && colon[-1] == ']') {
        start++;
        len -= 2;
    } else if (memchr(address, ':', len)) {
        return false; /* IPv6 without brackets: which colon it is cannot be told */
    }
    if (!len || len >= HOST_MAX || strlen(colon + 1) >= PORT_MAX || atol(colon + 1) > 65535)
        return false;
    memcpy(host, start, len);
    host[len] = 0;
    snprintf(port, PORT_MAX, "%s", colon + 1);
    return true;
}

static int open_at(const struct addrinfo *a)
{
    int one = 1;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, a->ai_addr, a->ai_addrlen) || listen(fd, BACKLOG)) {
        int error = -errno;
        close(fd);
        return error;
    }
    return fd;
}

static char *url_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    char host[HOST_MAX], port[PORT_MAX], *url;
    if (getsockname(fd, (struct sockaddr *)&address, &len) ||
        getnameinfo((struct sockaddr *)&address, len, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV))
        return NULL;
    bool v6 = address.ss_family == AF_INET6;
    return asprintf(&url, "http://%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "", port) < 0 ? NULL
                                                                                            : url;
}

int listen_tcp(const char *address, char **url, char *err, size_t err_size)
{
    char host[HOST_MAX], port[PORT_MAX];
    struct addrinfo *found = NULL, hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    if (!split(address, host, port)) {
        snprintf(err, err_size, "'%s' is no address to listen at: 127.0.0.1:8053 or [::1]:8053 is",
                 address);
        return -EINVAL;
    }
    /* This program watches DNS: it asks for no name but this one, which the hosts file has. */
    if (strcmp(host, "localhost") != 0)
        hints.ai_flags |= AI_NUMERICHOST;
    int r = getaddrinfo(host, port, &hints, &found);
    if (r) {
        snprintf(err, err_size, "'%s' is no address to listen at: %s", address, gai_strerror(r));
        return -EINVAL;
    }
    int fd = open_at(found);
    freeaddrinfo(found);
    if (fd < 0) {
        snprintf(err, err_size, "cannot listen at %s: %s", address, strerror(-fd));
        return fd;
    }
    *url = url_of(fd);
    if (*url)
        return fd;
    close(fd);
    snprintf(err, err_size, "out of memory");
    return -ENOMEM;
}

/* Whether somebody listens there. */
static bool is_alive(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return true;
    bool refused =
        connect(fd, (const struct sockaddr *)address, sizeof(*address)) && errno == ECONNREFUSED;
    close(fd);
    return !refused;
}

/* A socket that a process left behind is in the way; anything else stays. */
static void remove_stale(const struct sockaddr_un *address)
{
    struct stat st;
    if (lstat(address->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) && !is_alive(address))
        unlink(address->sun_path);
}

static int bind_unix(int fd, const struct sockaddr_un *address)
{
    /* Nobody can connect before listen(), so there is no moment with other permissions. */
    if (bind(fd, (const struct sockaddr *)address, sizeof(*address)))
        return -errno;
    if (chmod(address->sun_path, 0660) || listen(fd, BACKLOG)) {
        int error = -errno;
        unlink(address->sun_path);
        return error;
    }
    return 0;
}

int listen_unix(const char *path, char *err, size_t err_size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        snprintf(err, err_size, "the path of the socket is too long: %s", path);
        return -ENAMETOOLONG;
    }
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int r = fd < 0 ? -errno : 0;
    if (!r) {
        remove_stale(&address);
        r = bind_unix(fd, &address);
    }
    if (!r)
        return fd;
    if (fd >= 0)
        close(fd);
    snprintf(err, err_size, "cannot listen at %s: %s", path,
             r == -EADDRINUSE ? "another process does, or a file is in the way" : strerror(-r));
    return r;
}
