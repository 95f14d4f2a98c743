/* SPDX-License-Identifier: Apache-2.0 */
/* What the packet programs cost per packet, next to empty programs on the same hooks in the same
 * run: bpf_cost [PACKETS]. Needs root. Sends UDP packets over the loopback of a network namespace
 * of its own; ports other than DNS's are used, so that the host's own DNS does not disturb. */
#include "base/clock.h"
#include "empty.skel.h"
#include "tap/live.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PORT_TAPPED = 45053,
    PORT_OTHER = 45054,
    PROGRAMS_MAX = 64,
    ROUNDS = 11,
    QUERY_BYTES = 52,
    RESPONSE_BYTES = 140,
};

struct program {
    __u32 id;
    char name[BPF_OBJ_NAME_LEN];
    __u64 time_ns, count;
};

/* Only those from `after` to `last`: another program on the host may load ours, too. */
static int programs_read(struct program *p, __u32 after, __u32 last)
{
    int n = 0;
    for (__u32 id = after; n < PROGRAMS_MAX && bpf_prog_get_next_id(id, &id) == 0 && id <= last;) {
        struct bpf_prog_info info = {0};
        __u32 len = sizeof info;
        int fd = bpf_prog_get_fd_by_id(id);
        if (fd < 0)
            continue;
        if (bpf_obj_get_info_by_fd(fd, &info, &len) == 0 && info.type == BPF_PROG_TYPE_TRACING) {
            p[n] = (struct program){.id = id, .time_ns = info.run_time_ns, .count = info.run_cnt};
            memcpy(p[n++].name, info.name, sizeof info.name);
        }
        close(fd);
    }
    return n;
}

static __u32 last_program(void)
{
    __u32 id = 0;
    while (bpf_prog_get_next_id(id, &id) == 0)
        ;
    return id;
}

static void ignore(void *ctx, const struct frame *frames, uint32_t count)
{
    (void)frames;
    *(uint64_t *)ctx += count;
}

/* Queries from a fresh socket to the port; nobody listens closely, the receiver only drains. */
static void send_packets(struct tap_live *tap, int packets, uint16_t port, size_t bytes)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    uint8_t message[RESPONSE_BYTES] = {0x12, 0x34, 0x01, 0x00, 0, 1}, drain[2048];
    uint64_t seen = 0;
    int64_t safe;
    int receiver = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    int sender = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(receiver, (struct sockaddr *)&to, sizeof to) ||
        connect(sender, (struct sockaddr *)&to, sizeof to)) {
        perror("bpf_cost: sockets");
        exit(1);
    }
    for (int i = 0; i < packets; i++) {
        message[0] = (uint8_t)(i >> 8);
        message[1] = (uint8_t)i;
        if (send(sender, message, bytes, 0) < 0)
            perror("bpf_cost: send");
        while (recv(receiver, drain, sizeof drain, 0) > 0)
            ;
        if (i % 1000 == 0)
            tap_live_poll(tap, 0, ignore, &seen, &safe);
    }
    tap_live_poll(tap, 0, ignore, &seen, &safe);
    close(sender);
    close(receiver);
}

/* ns per run since the last reading: of the packet programs at [0] queue and [1] receive, of the
 * empty ones at [2] and [3]. */
static void costs_read(struct program *before, __u32 after, __u32 last, double cost[4])
{
    struct program now[PROGRAMS_MAX];
    int n = programs_read(now, after, last);
    for (int i = 0; i < n; i++) {
        double count = (double)(now[i].count - before[i].count);
        bool empty = strncmp(now[i].name, "empty", 5) == 0;
        bool receive = strstr(now[i].name, "receive") != NULL;
        if (count > 0 && (empty || strncmp(now[i].name, "packet", 6) == 0))
            cost[(empty ? 2 : 0) + receive] = (double)(now[i].time_ns - before[i].time_ns) / count;
        before[i] = now[i];
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median over the rounds: other work on the machine disturbs single ones. */
static void measure(struct tap_live *tap, const char *what, int packets, uint16_t port,
                    size_t bytes, __u32 after, __u32 last)
{
    struct program before[PROGRAMS_MAX];
    double cost[4][ROUNDS], once[4] = {0};
    send_packets(tap, packets / ROUNDS, port, bytes);
    programs_read(before, after, last);
    for (int i = 0; i < ROUNDS; i++) {
        send_packets(tap, packets / ROUNDS, port, bytes);
        costs_read(before, after, last, once);
        for (int k = 0; k < 4; k++)
            cost[k][i] = once[k];
    }
    for (int k = 0; k < 4; k++) {
        qsort(cost[k], ROUNDS, sizeof cost[k][0], by_value);
        once[k] = cost[k][ROUNDS / 2];
    }
    printf("%-28s %8.0f %8.0f %8.0f %10.0f %8.0f %8.0f\n", what, once[0], once[2],
           once[0] - once[2], once[1], once[3], once[1] - once[3]);
}

static void loopback_up(void)
{
    struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (unshare(CLONE_NEWNET) || (close(fd), fd = socket(AF_INET, SOCK_DGRAM, 0)) < 0 ||
        ioctl(fd, SIOCSIFFLAGS, &r)) {
        perror("bpf_cost: network namespace");
        exit(errno == EPERM ? 77 : 1);
    }
    close(fd);
}

int main(int argc, char **argv)
{
    int packets = argc > 1 ? atoi(argv[1]) : 200000;
    char err[512];
    struct tap_live *tap;
    struct tap_live_options o = {.ports = {PORT_TAPPED}, .port_count = 1};
    loopback_up();
    int stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
    __u32 after = last_program();
    int e = stats < 0 ? -errno : tap_live_open(&tap, &o, err, sizeof err);
    if (e) {
        fprintf(stderr, "bpf_cost: %s\n", stats < 0 ? strerror(-e) : err);
        return e == -EPERM ? 77 : 1;
    }
    struct empty_bpf *empty = empty_bpf__open_and_load();
    if (!empty || empty_bpf__attach(empty)) {
        perror("bpf_cost: empty programs");
        return 1;
    }
    __u32 last = last_program();
    printf("ns per packet (%d packets)   queue    empty    extra    receive    empty    extra\n",
           packets);
    measure(tap, "other packet", packets, PORT_OTHER, QUERY_BYTES, after, last);
    measure(tap, "DNS query", packets, PORT_TAPPED, QUERY_BYTES, after, last);
    measure(tap, "DNS response", packets, PORT_TAPPED, RESPONSE_BYTES, after, last);
    empty_bpf__destroy(empty);
    tap_live_close(tap);
    close(stats);
    return 0;
}
