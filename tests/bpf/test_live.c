/* SPDX-License-Identifier: Apache-2.0 */
/* The live tap on a real kernel: needs root (exit code 77 otherwise). */
#include "lab.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct lab lab;

static void open_default(void)
{
    lab_open(&lab, (struct tap_live_options){0});
}

static void assert_own(const struct seen *s)
{
    char comm[32] = "";
    FILE *f = fopen("/proc/self/comm", "re");
    assert_non_null(fgets(comm, sizeof comm, f));
    fclose(f);
    comm[strcspn(comm, "\n")] = '\0';
    assert_non_null(s->frame.owner);
    assert_int_equal(s->owner.pid, getpid());
    assert_int_equal(s->owner.uid, geteuid());
    assert_string_equal(s->owner.comm, comm);
    assert_true(s->owner.cgroup_id != 0);
    assert_true(s->owner.start_boottime_ns != 0);
}

static void datagrams(const char *addr)
{
    open_default();
    int server = lab_socket(SOCK_DGRAM, addr, LAB_PORT);
    int client = lab_socket(SOCK_DGRAM, addr, 0);
    lab_connect(client, addr, LAB_PORT);
    lab_send(client, 50, 0x1111, QUERY);
    assert_int_equal(lab_poll(&lab), 2);
    const struct seen *out = &lab.seen[0], *in = &lab.seen[1];
    assert_int_equal(out->frame.direction, FRAME_OUT);
    assert_true(out->frame.local_origin);
    assert_string_equal(out->interface, "lo");
    assert_int_equal(out->frame.ifindex, 1);
    assert_own(out);
    lab_assert_holds(out, 50, 0x1111, QUERY);
    assert_int_equal(in->frame.direction, FRAME_IN);
    assert_false(in->frame.local_origin);
    assert_null(in->frame.owner);
    lab_assert_holds(in, 50, 0x1111, QUERY);
    assert_int_equal(lab_counted(&lab).queries, 1);
    close(client);
    close(server);
    lab_close(&lab);
}

static void udp_ip4(void **state)
{
    (void)state;
    datagrams("127.0.0.1");
}

static void udp_ip6(void **state)
{
    (void)state;
    datagrams("::1");
}

static void responses_by_rcode(void **state)
{
    (void)state;
    open_default();
    int server = lab_socket(SOCK_DGRAM, "127.0.0.1", LAB_PORT);
    int client = lab_socket(SOCK_DGRAM, "127.0.0.1", 0);
    struct sockaddr_in a;
    socklen_t len = sizeof a;
    getsockname(client, (struct sockaddr *)&a, &len);
    lab_connect(server, "127.0.0.1", ntohs(a.sin_port));
    for (uint16_t rcode = 0; rcode < 16; rcode++)
        for (uint16_t i = 0; i <= rcode; i++)
            lab_send(server, 40, i, RESPONSE | rcode);
    lab_send(server, 11, 0, RESPONSE); /* no whole DNS header, but its flags */
    lab_send(server, 3, 0, RESPONSE);
    struct ring_counters c = lab_counted(&lab);
    for (uint64_t rcode = 0; rcode < 16; rcode++)
        assert_int_equal(c.responses[rcode], rcode + 1 + (rcode == 0));
    assert_int_equal(c.queries, 0);
    assert_int_equal(lab_poll(&lab), 2 * (136 + 2));
    close(client);
    close(server);
    lab_close(&lab);
}

static void other_ports_are_left_out(void **state)
{
    (void)state;
    open_default();
    int server = lab_socket(SOCK_DGRAM, "127.0.0.1", LAB_OTHER_PORT);
    int client = lab_socket(SOCK_DGRAM, "127.0.0.1", 0);
    lab_connect(client, "127.0.0.1", LAB_OTHER_PORT);
    lab_send(client, 50, 1, QUERY);
    assert_int_equal(lab_poll(&lab), 0);
    assert_int_equal(lab_counted(&lab).dns_seen, 0);
    assert_true(lab_counted(&lab).packets_seen >= 2);
    lab_close(&lab);
    struct tap_live_options o = {.ports = {53, LAB_OTHER_PORT, 5353}, .port_count = 3};
    lab_open(&lab, o);
    lab_send(client, 50, 2, QUERY);
    assert_int_equal(lab_poll(&lab), 2);
    close(client);
    close(server);
    lab_close(&lab);
}

static void every_size(void **state)
{
    (void)state;
    /* Around the size classes, and the largest that loopback carries whole. */
    static const size_t sizes[] = {12,   99,   100,  101,  228,   229,   485,   997,
                                   2021, 4069, 4070, 8000, 16357, 20480, 40000, 65000};
    const size_t count = sizeof sizes / sizeof *sizes;
    open_default();
    int server = lab_socket(SOCK_DGRAM, "127.0.0.1", LAB_PORT);
    int client = lab_socket(SOCK_DGRAM, "127.0.0.1", 0);
    lab_connect(client, "127.0.0.1", LAB_PORT);
    for (size_t i = 0; i < count; i++)
        lab_send(client, sizes[i], (uint16_t)i, QUERY);
    assert_int_equal(lab_poll(&lab), 2 * count);
    for (size_t i = 0; i < 2 * count; i++)
        lab_assert_holds(&lab.seen[i], sizes[i / 2], (uint16_t)(i / 2), QUERY);
    assert_int_equal(lab_counted(&lab).cut, 0);
    assert_int_equal(lab_counted(&lab).queries, count);
    close(client);
    close(server);
    lab_close(&lab);
}

static void ip4_options_and_ip6_extensions(void **state)
{
    (void)state;
    open_default();
    const uint8_t nops[8] = {1, 1, 1, 1, 1, 1, 1, 0};
    const uint8_t padding[8] = {0, 0, 1, 4, 0, 0, 0, 0}; /* PadN, RFC 8200 4.2 */
    int server4 = lab_socket(SOCK_DGRAM, "127.0.0.1", LAB_PORT);
    int client4 = lab_socket(SOCK_DGRAM, "127.0.0.1", 0);
    assert_int_equal(setsockopt(client4, IPPROTO_IP, IP_OPTIONS, nops, sizeof nops), 0);
    lab_connect(client4, "127.0.0.1", LAB_PORT);
    lab_send(client4, 60, 1, QUERY);
    int server6 = lab_socket(SOCK_DGRAM, "::1", LAB_PORT);
    int client6 = lab_socket(SOCK_DGRAM, "::1", 0);
    assert_int_equal(setsockopt(client6, IPPROTO_IPV6, IPV6_DSTOPTS, padding, sizeof padding), 0);
    lab_connect(client6, "::1", LAB_PORT);
    lab_send(client6, 60, 2, QUERY);
    assert_int_equal(lab_poll(&lab), 4);
    assert_int_equal(lab.seen[0].frame.data[0], 0x47);
    lab_assert_holds(&lab.seen[0], 60, 1, QUERY);
    assert_int_equal(lab.seen[2].frame.data[6], 60);
    lab_assert_holds(&lab.seen[2], 60, 2, QUERY);
    assert_int_equal(lab_counted(&lab).queries, 2);
    close(server4);
    close(client4);
    close(server6);
    close(client6);
    lab_close(&lab);
}

/* Each stream's bytes, put together from the frames of one direction. */
static size_t stream_bytes(uint16_t source_port, uint8_t direction, uint8_t *out, size_t room)
{
    size_t total = 0;
    uint32_t next = 0;
    bool started = false;
    for (size_t i = 0; i < lab.count; i++) {
        const struct seen *s = &lab.seen[i];
        const uint8_t *tcp = s->frame.data + (s->frame.data[0] >> 4 == 4 ? 20 : 40);
        size_t n;
        const uint8_t *p = lab_payload(s, &n);
        if (!p || s->frame.direction != direction || (tcp[0] << 8 | tcp[1]) != source_port)
            continue;
        uint32_t seq;
        memcpy(&seq, tcp + 4, 4);
        seq = ntohl(seq) + (tcp[13] & 2 ? 1 : 0);
        if (!started)
            next = seq;
        started = true;
        if (seq != next || total + n > room)
            continue;
        memcpy(out + total, p, n);
        total += n;
        next += (uint32_t)n;
    }
    return total;
}

static void exchange(const char *addr, size_t query_len, size_t response_len)
{
    static uint8_t buffer[65536];
    int listener = lab_socket(SOCK_STREAM, addr, LAB_PORT);
    assert_int_equal(listen(listener, 1), 0);
    int client = lab_socket(SOCK_STREAM, addr, 0);
    lab_connect(client, addr, LAB_PORT);
    int server = accept(listener, NULL, NULL);
    lab_send(client, query_len, 7, QUERY);
    assert_int_equal(recv(server, buffer, query_len, MSG_WAITALL), query_len);
    lab_send(server, response_len, 7, RESPONSE);
    assert_int_equal(recv(client, buffer, response_len, MSG_WAITALL), response_len);
    close(client);
    close(server);
    close(listener);
}

static void streams(const char *addr)
{
    static uint8_t got[65536], want[65536];
    const size_t response_len = 30000;
    open_default();
    exchange(addr, 300, response_len);
    assert_true(lab_poll(&lab) > 8);
    const uint8_t directions[] = {FRAME_OUT, FRAME_IN};
    for (int d = 0; d < 2; d++) {
        lab_message(want, response_len, 7, RESPONSE);
        assert_int_equal(stream_bytes(LAB_PORT, directions[d], got, sizeof got), response_len);
        assert_memory_equal(got, want, response_len);
    }
    for (size_t i = 0; i < lab.count; i++) {
        const struct seen *s = &lab.seen[i];
        size_t n;
        const uint8_t *p = lab_payload(s, &n);
        uint8_t flags = s->frame.data[(s->frame.data[0] >> 4 == 4 ? 20 : 40) + 13];
        assert_int_equal(s->frame.caplen, s->frame.len);
        assert_true(p && (n || (flags & 7))); /* no pure acknowledgement */
        /* Both ends are ours; the accepted socket inherits from its listener. */
        if (s->frame.direction == FRAME_OUT && n)
            assert_own(s);
    }
    assert_int_equal(lab_counted(&lab).cut, 0);
    assert_true(lab_counted(&lab).tcp_segments >= 2);
    lab_close(&lab);
}

static void tcp_ip4(void **state)
{
    (void)state;
    streams("127.0.0.1");
}

static void tcp_ip6(void **state)
{
    (void)state;
    streams("::1");
}

/* What older kernels do: the bytes outside the linear part are missing, and it shows. */
static void without_dynptr(void **state)
{
    (void)state;
    lab_open(&lab, (struct tap_live_options){.no_dynptr = true});
    assert_non_null(strstr(tap_live_missing(lab.tap, 0), "6.12"));
    exchange("127.0.0.1", 300, 3000);
    assert_true(lab_poll(&lab) > 4);
    size_t cut = 0;
    for (size_t i = 0; i < lab.count; i++)
        cut += lab.seen[i].frame.caplen < lab.seen[i].frame.len;
    assert_true(cut > 0);
    assert_int_equal(lab_counted(&lab).cut, cut);
    lab_close(&lab);
    lab_open(&lab, (struct tap_live_options){.no_dynptr = true});
    int server = lab_socket(SOCK_DGRAM, "::1", LAB_PORT);
    int client = lab_socket(SOCK_DGRAM, "::1", 0);
    lab_connect(client, "::1", LAB_PORT);
    lab_send(client, 1200, 3, QUERY);
    assert_int_equal(lab_poll(&lab), 2);
    lab_assert_holds(&lab.seen[0], 1200, 3, QUERY);
    assert_own(&lab.seen[0]);
    close(client);
    close(server);
    lab_close(&lab);
}

/* 4000 bytes over an MTU of 1500: three fragments, of which only the first has ports. */
static void fragments_of(const char *near, const char *far)
{
    lab_far_open(false);
    open_default();
    lab_there();
    int server = lab_socket(SOCK_DGRAM, far, LAB_PORT);
    int other = lab_socket(SOCK_DGRAM, far, LAB_OTHER_PORT);
    lab_here();
    int client = lab_socket(SOCK_DGRAM, near, 0);
    lab_connect(client, far, LAB_PORT);
    lab_send(client, 4000, 5, QUERY);
    int noise = lab_socket(SOCK_DGRAM, near, 0);
    lab_connect(noise, far, LAB_OTHER_PORT);
    lab_send(noise, 4000, 6, QUERY);
    lab_poll(&lab);
    assert_int_equal(lab_on_interface(&lab, "near", FRAME_OUT), 3);
    assert_int_equal(lab_on_interface(&lab, "far", FRAME_IN), 3);
    assert_int_equal(lab.count, 6);
    assert_int_equal(lab_counted(&lab).fragments, 4);
    assert_int_equal(lab_counted(&lab).queries, 1);
    close(client);
    close(noise);
    close(server);
    close(other);
    lab_close(&lab);
    lab_far_close();
}

static void fragments_ip4(void **state)
{
    (void)state;
    fragments_of("10.9.0.1", "10.9.0.2");
}

static void fragments_ip6(void **state)
{
    (void)state;
    fragments_of("fd09::1", "fd09::2");
}

static void icmp_errors(const char *addr, size_t quote_at, uint8_t proto)
{
    open_default();
    int client = lab_socket(SOCK_DGRAM, addr, 0);
    lab_connect(client, addr, LAB_PORT); /* where nobody listens */
    lab_send(client, 50, 0x77, QUERY);
    int other = lab_socket(SOCK_DGRAM, addr, 0);
    lab_connect(other, addr, LAB_OTHER_PORT);
    lab_send(other, 50, 0x78, QUERY);
    assert_int_equal(lab_poll(&lab), 4);
    const struct seen *error = &lab.seen[2];
    size_t quoted_proto = quote_at == 28 ? quote_at + 9 : quote_at + 6;
    assert_int_equal(error->frame.data[quote_at == 28 ? 9 : 6], proto);
    assert_int_equal(error->frame.data[quoted_proto], IPPROTO_UDP);
    assert_int_equal(error->frame.caplen, error->frame.len);
    assert_int_equal(lab_counted(&lab).dns_seen, 4);
    close(client);
    close(other);
    lab_close(&lab);
}

static void icmp_ip4(void **state)
{
    (void)state;
    icmp_errors("127.0.0.1", 28, IPPROTO_ICMP);
}

static void icmp_ip6(void **state)
{
    (void)state;
    icmp_errors("::1", 48, IPPROTO_ICMPV6);
}

static void socket_older_than_the_tap(void **state)
{
    (void)state;
    int server = lab_socket(SOCK_DGRAM, "127.0.0.1", LAB_PORT);
    int client = lab_socket(SOCK_DGRAM, "127.0.0.1", 0);
    lab_connect(client, "127.0.0.1", LAB_PORT);
    open_default();
    lab_send(client, 50, 1, QUERY);
    assert_int_equal(lab_poll(&lab), 2);
    assert_own(&lab.seen[0]);
    close(client);
    close(server);
    lab_close(&lab);
}

static void process_that_is_gone(void **state)
{
    (void)state;
    open_default();
    int server = lab_socket(SOCK_DGRAM, "127.0.0.1", LAB_PORT);
    pid_t pid = fork();
    if (pid == 0) {
        int client = lab_socket(SOCK_DGRAM, "127.0.0.1", 0);
        lab_connect(client, "127.0.0.1", LAB_PORT);
        lab_send(client, 50, 1, QUERY);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(lab_poll(&lab), 2);
    assert_int_equal(lab.seen[0].owner.pid, pid);
    assert_true(lab.seen[0].owner.start_boottime_ns != 0);
    lab_forget(&lab);
    /* Nobody asked for processes. */
    lab_close(&lab);
    lab_open(&lab, (struct tap_live_options){.no_owner = true});
    int client = lab_socket(SOCK_DGRAM, "127.0.0.1", 0);
    lab_connect(client, "127.0.0.1", LAB_PORT);
    lab_send(client, 50, 1, QUERY);
    assert_int_equal(lab_poll(&lab), 2);
    assert_null(lab.seen[0].frame.owner);
    close(client);
    close(server);
    lab_close(&lab);
}

/* A socket shared by parent and child belongs to the one who sends. */
static void shared_socket(void **state)
{
    (void)state;
    open_default();
    int server = lab_socket(SOCK_DGRAM, "127.0.0.1", LAB_PORT);
    int client = lab_socket(SOCK_DGRAM, "127.0.0.1", 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(LAB_PORT)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    pid_t pid = fork();
    uint8_t message[50];
    lab_message(message, sizeof message, 1, QUERY);
    if (pid)
        assert_int_equal(waitpid(pid, NULL, 0), pid);
    sendto(client, message, sizeof message, 0, (struct sockaddr *)&to, sizeof to);
    if (pid == 0)
        _exit(0);
    assert_int_equal(lab_poll(&lab), 4);
    assert_int_equal(lab.seen[0].owner.pid, pid);
    assert_int_equal(lab.seen[2].owner.pid, getpid());
    close(client);
    close(server);
    lab_close(&lab);
}

static void sampling_keeps_both_halves(void **state)
{
    (void)state;
    enum {
        ASKED = 800
    };
    uint8_t halves[ASKED] = {0};
    lab_open(&lab, (struct tap_live_options){.sample = 4});
    int server = lab_socket(SOCK_DGRAM, "127.0.0.1", LAB_PORT);
    int client = lab_socket(SOCK_DGRAM, "127.0.0.1", 0);
    struct sockaddr_in a;
    socklen_t len = sizeof a;
    lab_connect(client, "127.0.0.1", LAB_PORT);
    getsockname(client, (struct sockaddr *)&a, &len);
    lab_connect(server, "127.0.0.1", ntohs(a.sin_port));
    for (uint16_t i = 0; i < ASKED; i++) {
        lab_send(client, 50, i, QUERY);
        lab_send(server, 50, i, RESPONSE);
        uint8_t drop[64];
        assert_true(recv(server, drop, sizeof drop, 0) > 0 && recv(client, drop, 64, 0) > 0);
    }
    lab_poll(&lab);
    for (size_t i = 0; i < lab.count; i++) {
        size_t n;
        const uint8_t *p = lab_payload(&lab.seen[i], &n);
        halves[p[0] << 8 | p[1]]++;
    }
    int taken = 0;
    for (int i = 0; i < ASKED; i++) {
        assert_true(halves[i] == 0 || halves[i] == 4);
        taken += halves[i] / 4;
    }
    assert_true(taken > ASKED / 8 && taken < ASKED / 2);
    struct ring_counters c = lab_counted(&lab);
    assert_int_equal(c.queries, ASKED);
    assert_int_equal(c.responses[0], ASKED);
    assert_int_equal(c.queries_sampled_out, ASKED - taken);
    assert_int_equal(c.records + c.sampled_out, c.dns_seen);
    close(client);
    close(server);
    lab_close(&lab);
}

static void tiny_ring_loses_exactly(void **state)
{
    (void)state;
    enum {
        SENT = 3000
    };
    lab_open(&lab, (struct tap_live_options){.ring_bytes = 4096});
    int server = lab_socket(SOCK_DGRAM, "127.0.0.1", LAB_PORT);
    int client = lab_socket(SOCK_DGRAM, "127.0.0.1", 0);
    lab_connect(client, "127.0.0.1", LAB_PORT);
    for (int i = 0; i < SENT; i++)
        lab_send(client, i % 10 ? 50 : 900, (uint16_t)i, QUERY);
    lab_poll(&lab);
    struct ring_counters c = lab_counted(&lab);
    assert_int_equal(c.queries, SENT);
    assert_int_equal(c.dns_seen, 2 * SENT);
    assert_int_equal(c.records + c.lost, 2 * SENT);
    assert_int_equal(c.records, lab.count);
    assert_true(c.lost > SENT);
    int64_t loss = tap_live_take_loss(lab.tap);
    assert_true(loss >= lab.seen[lab.count - 1].frame.time_ns);
    assert_int_equal(tap_live_take_loss(lab.tap), 0);
    close(client);
    close(server);
    lab_close(&lab);
}

/* More than the ring holds, read meanwhile: it wraps many times. */
static void ring_goes_round(void **state)
{
    (void)state;
    lab_open(&lab, (struct tap_live_options){.ring_bytes = 131072});
    int server = lab_socket(SOCK_DGRAM, "127.0.0.1", LAB_PORT);
    int client = lab_socket(SOCK_DGRAM, "127.0.0.1", 0);
    lab_connect(client, "127.0.0.1", LAB_PORT);
    for (uint16_t i = 0; i < 2000; i++) {
        size_t len = 20 + (i * 37u) % 3000;
        lab_send(client, len, i, QUERY);
        if (i % 8 == 7) {
            lab_poll(&lab);
            for (size_t k = 0; k < lab.count; k++) {
                uint16_t id = (uint16_t)(i - 7 + k / 2);
                lab_assert_holds(&lab.seen[k], 20 + (id * 37u) % 3000, id, QUERY);
            }
            assert_int_equal(lab.count, 16);
            lab_forget(&lab);
        }
        uint8_t drop[4096];
        assert_true(recv(server, drop, sizeof drop, 0) > 0);
    }
    assert_int_equal(lab_counted(&lab).lost, 0);
    close(client);
    close(server);
    lab_close(&lab);
}

static void detached_still_drains(void **state)
{
    (void)state;
    open_default();
    int server = lab_socket(SOCK_DGRAM, "127.0.0.1", LAB_PORT);
    int client = lab_socket(SOCK_DGRAM, "127.0.0.1", 0);
    lab_connect(client, "127.0.0.1", LAB_PORT);
    lab_send(client, 50, 1, QUERY);
    tap_live_detach(lab.tap);
    lab_send(client, 50, 2, QUERY);
    assert_int_equal(lab_poll(&lab), 2);
    assert_int_equal(lab_counted(&lab).queries, 1);
    close(client);
    close(server);
    lab_close(&lab);
}

/* BPF programs with ids above `after`; the highest id when `after` is 0. */
static int programs_named(const char *name, uint32_t after, uint32_t *last)
{
    int n = 0;
    for (uint32_t id = after; bpf_prog_get_next_id(id, &id) == 0; *last = id) {
        struct bpf_prog_info info = {0};
        uint32_t len = sizeof info;
        int fd = bpf_prog_get_fd_by_id(id);
        if (fd < 0)
            continue;
        if (bpf_obj_get_info_by_fd(fd, &info, &len) == 0 && strstr(info.name, name))
            n++;
        close(fd);
    }
    return n;
}

static int hooks_attached(void)
{
    char mount[256];
    uint32_t ids[64], count = 64;
    assert_int_equal(tap_cgroup2_mount(mount, sizeof mount), 0);
    int fd = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(bpf_prog_query(fd, BPF_CGROUP_INET4_CONNECT, 0, NULL, ids, &count), 0);
    close(fd);
    return (int)count;
}

/* Everything hangs on file descriptors: the kernel lets go of it with the process. */
static void killed_leaves_nothing(void **state)
{
    (void)state;
    uint32_t before = 0, last;
    programs_named("", 0, &before);
    int hooks = hooks_attached();
    int ready[2];
    char c;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        open_default();
        if (write(ready[1], "", 1) == 1)
            for (;;)
                pause();
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    assert_true(programs_named("packet_", before, &last) >= 2);
    assert_true(hooks_attached() > hooks);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    /* The kernel frees them a grace period later. */
    for (int i = 0; i < 100 && programs_named("packet_", before, &last); i++)
        usleep(20000);
    assert_int_equal(programs_named("packet_", before, &last), 0);
    assert_int_equal(programs_named("owner_", before, &last), 0);
    assert_int_equal(hooks_attached(), hooks);
    close(ready[0]);
    close(ready[1]);
}

static int enter(void **state)
{
    (void)state;
    lab_enter();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(udp_ip4),
        cmocka_unit_test(udp_ip6),
        cmocka_unit_test(responses_by_rcode),
        cmocka_unit_test(other_ports_are_left_out),
        cmocka_unit_test(every_size),
        cmocka_unit_test(ip4_options_and_ip6_extensions),
        cmocka_unit_test(tcp_ip4),
        cmocka_unit_test(tcp_ip6),
        cmocka_unit_test(without_dynptr),
        cmocka_unit_test(fragments_ip4),
        cmocka_unit_test(fragments_ip6),
        cmocka_unit_test(icmp_ip4),
        cmocka_unit_test(icmp_ip6),
        cmocka_unit_test(socket_older_than_the_tap),
        cmocka_unit_test(process_that_is_gone),
        cmocka_unit_test(shared_socket),
        cmocka_unit_test(sampling_keeps_both_halves),
        cmocka_unit_test(tiny_ring_loses_exactly),
        cmocka_unit_test(ring_goes_round),
        cmocka_unit_test(detached_still_drains),
        cmocka_unit_test(killed_leaves_nothing),
    };
    if (geteuid()) {
        fputs("test_live: needs root\n", stderr);
        return 77;
    }
    return cmocka_run_group_tests(tests, enter, NULL);
}
