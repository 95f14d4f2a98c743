/* SPDX-License-Identifier: Apache-2.0 */
/* The demo's client side: short-lived programs of several names that look things up through glibc,
 * as the programs of a real host do. */
#include "agent/demo_peers.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PAUSE_MS = 120,
    CHILDREN_MAX = 64,
};

enum way {
    BY_GETADDRINFO, /* A and AAAA at once, from one socket */
    BY_QUERY,       /* one type */
    BY_TCP,
    BY_EDNS,
};

struct scene {
    const char *program;
    const char *name;
    enum way way;
    int type;
    int weight; /* how often, in comparison with the others */
};

static const struct scene scenes[] = {
    {"nginx", "www.example", BY_GETADDRINFO, 0, 12},
    {"nginx", "api.example", BY_GETADDRINFO, 0, 8},
    {"python3", "db.example", BY_GETADDRINFO, 0, 8},
    {"curl", "cdn.example", BY_QUERY, ns_t_a, 6},
    {"firefox", "www.example", BY_QUERY, 65 /* HTTPS */, 4},
    {"postfix", "example", BY_QUERY, ns_t_mx, 3},
    {"sshd", "80.2.0.192.in-addr.arpa", BY_QUERY, ns_t_ptr, 3},
    {"java", "db.svc.cluster.local.example", BY_GETADDRINFO, 0, 4}, /* NXDOMAIN */
    {"cron", "typo-wwww.example", BY_QUERY, ns_t_a, 3},             /* NXDOMAIN */
    {"curl", "report.slow.example", BY_QUERY, ns_t_a, 4},
    {"backup", "nas.broken.example", BY_QUERY, ns_t_a, 2},         /* SERVFAIL */
    {"scanner", "host.internal.example", BY_QUERY, ns_t_a, 2},     /* REFUSED */
    {"agent", "collector.blackhole.example", BY_QUERY, ns_t_a, 1}, /* timeout */
    {"dig", "www.example", BY_TCP, ns_t_a, 2},
    {"dig", "big.example", BY_EDNS, ns_t_txt, 2}, /* truncated, then TCP */
};

static void replace_file(const char *path, const char *copy, const char *text)
{
    int fd = open(copy, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        _exit(1);
    close(fd);
    if (mount(copy, path, NULL, MS_BIND, NULL) < 0)
        _exit(1);
}

/* In this mount namespace only: glibc shall ask the demo's server, and nobody else. */
static void set_up_resolver(void)
{
    if (mount("tmpfs", "/mnt", "tmpfs", MS_NOSUID | MS_NODEV, "size=64k") < 0)
        _exit(1);
    replace_file("/etc/resolv.conf", "/mnt/resolv.conf",
                 "nameserver 192.0.2.53\noptions timeout:3 attempts:2\n");
    replace_file("/etc/nsswitch.conf", "/mnt/nsswitch.conf", "hosts: files dns\n");
}

static void pause_ms(long ms)
{
    struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&ts, NULL);
}

static void wait_for_server(void)
{
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(53)};
    inet_pton(AF_INET, "192.0.2.53", &server.sin_addr);
    for (int tries = 0; tries < 200; tries++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int r = connect(fd, (struct sockaddr *)&server, sizeof(server));
        close(fd);
        if (r == 0)
            return;
        pause_ms(50);
    }
    _exit(1);
}

static void look_up(const struct scene *scene)
{
    prctl(PR_SET_NAME, scene->program);
    if (scene->way == BY_GETADDRINFO) {
        struct addrinfo *list = NULL, hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
        char name[128];
        snprintf(name, sizeof(name), "%s.", scene->name);
        if (getaddrinfo(name, "80", &hints, &list) == 0)
            freeaddrinfo(list);
        return;
    }
    struct __res_state state = {0};
    if (res_ninit(&state) < 0)
        return;
    if (scene->way == BY_TCP)
        state.options |= RES_USEVC;
    if (scene->way == BY_EDNS)
        state.options |= RES_USE_EDNS0;
    unsigned char answer[8192];
    res_nquery(&state, scene->name, ns_c_in, scene->type, answer, sizeof(answer));
    res_nclose(&state);
}

static const struct scene *pick(void)
{
    int total = 0;
    for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
        total += scenes[i].weight;
    int at = (int)(random() % total);
    size_t i = 0;
    while ((at -= scenes[i].weight) >= 0)
        i++;
    return &scenes[i];
}

_Noreturn void demo_client(void)
{
    static const char *const commands[][12] = {
        {"ip", "link", "set", "lo", "up", NULL},
        {"ip", "addr", "add", "192.0.2.1/24", "dev", DEMO_CLIENT_DEVICE, NULL},
        {"ip", "addr", "add", "2001:db8::1/64", "dev", DEMO_CLIENT_DEVICE, "nodad", NULL},
        {"ip", "link", "set", DEMO_CLIENT_DEVICE, "up", NULL},
    };
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        demo_run(commands[i]);
    set_up_resolver();
    wait_for_server();
    srandom(1);
    int children = 0;
    for (;;) {
        pid_t pid = children < CHILDREN_MAX ? fork() : -1;
        if (pid == 0) {
            look_up(pick());
            _exit(0);
        }
        if (pid > 0) {
            children++;
            (void)random(); /* the child's draw: the next one shall differ */
        }
        while (waitpid(-1, NULL, WNOHANG) > 0)
            children--;
        pause_ms(PAUSE_MS / 2 + random() % PAUSE_MS);
    }
}
