/* SPDX-License-Identifier: Apache-2.0 */
#include "lab.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int here_fd = -1, far_fd = -1;
static pid_t far_pid;
static uint32_t netns[2]; /* whose frames count */

static uint32_t netns_of(int fd)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    return (uint32_t)st.st_ino;
}

static void loopback_up(void)
{
    struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &r), 0);
    close(fd);
}

void lab_enter(void)
{
    assert_int_equal(unshare(CLONE_NEWNET), 0);
    here_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    netns[0] = netns_of(here_fd);
    loopback_up();
}

void lab_run(const char *command)
{
    int status = system(command);
    if (status)
        fail_msg("%s: status %d", command, status);
}

void lab_far_open(bool bridge)
{
    int ready[2];
    char path[64], command[160];
    assert_int_equal(pipe(ready), 0);
    far_pid = fork();
    if (far_pid == 0) {
        /* A test that fails does not come to lab_far_close, and who waits for the end of our output
         * would wait for this process too. */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (unshare(CLONE_NEWNET) == 0 && write(ready[1], "", 1) == 1)
            for (;;)
                pause();
        _exit(1);
    }
    assert_int_equal(read(ready[0], path, 1), 1);
    close(ready[0]);
    close(ready[1]);
    snprintf(path, sizeof path, "/proc/%d/ns/net", far_pid);
    far_fd = open(path, O_RDONLY | O_CLOEXEC);
    netns[1] = netns_of(far_fd);
    snprintf(command, sizeof command, "ip link add near type veth peer name far netns %d", far_pid);
    lab_run(command);
    lab_run("ip link set near up");
    if (bridge)
        lab_run("ip link add bridge type bridge && ip link set near master bridge && "
                "ip link set bridge up");
    snprintf(command, sizeof command,
             "ip address add 10.9.0.1/24 dev %1$s && ip address add fd09::1/64 dev %1$s nodad",
             bridge ? "bridge" : "near");
    lab_run(command);
    lab_there();
    loopback_up();
    lab_run("ip address add 10.9.0.2/24 dev far && ip address add fd09::2/64 dev far nodad && "
            "ip link set far up");
    lab_here();
}

void lab_far_close(void)
{
    lab_run("ip link delete near; ! ip link show bridge >/dev/null 2>&1 || ip link delete bridge");
    close(far_fd);
    netns[1] = 0;
    kill(far_pid, SIGKILL);
    waitpid(far_pid, NULL, 0);
}

void lab_there(void)
{
    assert_int_equal(setns(far_fd, CLONE_NEWNET), 0);
}

void lab_here(void)
{
    assert_int_equal(setns(here_fd, CLONE_NEWNET), 0);
}

void lab_open(struct lab *l, struct tap_live_options o)
{
    char err[512] = "";
    memset(l, 0, offsetof(struct lab, seen));
    if (!o.port_count) {
        o.ports[0] = LAB_PORT;
        o.port_count = 1;
    }
    if (tap_live_open(&l->tap, &o, err, sizeof err))
        fail_msg("%s", err);
    tap_live_counters(l->tap, &l->before);
}

void lab_forget(struct lab *l)
{
    for (size_t i = 0; i < l->count; i++)
        free((void *)l->seen[i].frame.data);
    l->count = 0;
}

void lab_close(struct lab *l)
{
    lab_forget(l);
    tap_live_close(l->tap);
}

/* The latest packet of that name and CPU: user space is to need no more than the latest. */
static const struct frame *named_by(const struct lab *l, const struct frame *repeat)
{
    for (size_t i = l->count; i-- > 0;) {
        const struct frame *f = &l->seen[i].frame;
        if (f->cpu == repeat->cpu && f->packet == repeat->packet && !f->repeat)
            return f;
    }
    fail_msg("a repeat of a packet that never came");
    return NULL;
}

static void collect_one(struct lab *l, const struct frame *f)
{
    if (f->netns != netns[0] && f->netns != netns[1])
        return;
    assert_true(l->count < LAB_SEEN_MAX);
    if (f->time_ns <= l->safe_ns || (l->count && f->time_ns < l->seen[l->count - 1].frame.time_ns))
        l->disorder++;
    const struct frame *full = f->repeat ? named_by(l, f) : f;
    struct seen *s = &l->seen[l->count++];
    uint8_t *data = malloc(full->caplen + 1);
    memcpy(data, full->data, full->caplen);
    s->frame = *f;
    s->frame.data = data;
    s->frame.caplen = full->caplen;
    s->frame.len = full->len;
    snprintf(s->interface, sizeof s->interface, "%s", f->interface);
    s->frame.interface = s->interface;
    if (f->owner) {
        s->owner = *f->owner;
        s->frame.owner = &s->owner;
    }
}

static void collect(void *ctx, const struct frame *frames, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        collect_one(ctx, &frames[i]);
}

size_t lab_poll(struct lab *l)
{
    for (int idle = 0; idle < 3;) {
        size_t before = l->count;
        int64_t safe = l->safe_ns;
        int n = tap_live_poll(l->tap, 10, collect, l, &safe);
        assert_true(n >= 0);
        assert_true(safe >= l->safe_ns);
        for (size_t i = before; i < l->count; i++)
            if (l->seen[i].frame.time_ns > safe)
                l->disorder++;
        l->safe_ns = safe;
        idle = l->count == before ? idle + 1 : 0;
    }
    assert_int_equal(l->disorder, 0);
    return l->count;
}

static socklen_t address(struct sockaddr_storage *a, const char *text, uint16_t port)
{
    struct sockaddr_in *four = (struct sockaddr_in *)a;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)a;
    memset(a, 0, sizeof *a);
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        return sizeof *four;
    }
    assert_int_equal(inet_pton(AF_INET6, text, &six->sin6_addr), 1);
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    return sizeof *six;
}

int lab_socket(int type, const char *addr, uint16_t port)
{
    struct sockaddr_storage a;
    int one = 1;
    socklen_t len = address(&a, addr, port);
    int fd = socket(a.ss_family, type | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
    return fd;
}

void lab_connect(int fd, const char *addr, uint16_t port)
{
    struct sockaddr_storage a;
    socklen_t len = address(&a, addr, port);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, len), 0);
}

void lab_message(uint8_t *out, size_t len, uint16_t id, uint16_t flags)
{
    const uint8_t head[12] = {(uint8_t)(id >> 8), (uint8_t)id, (uint8_t)(flags >> 8),
                              (uint8_t)flags,     0,           1};
    for (size_t i = 0; i < len; i++)
        out[i] = i < sizeof head ? head[i] : (uint8_t)(i * 7 + id);
}

void lab_send(int fd, size_t len, uint16_t id, uint16_t flags)
{
    static uint8_t message[65536];
    lab_message(message, len, id, flags);
    assert_int_equal(send(fd, message, len, 0), len);
}

const uint8_t *lab_payload(const struct seen *s, size_t *len)
{
    const uint8_t *d = s->frame.data;
    size_t n = s->frame.caplen, at = 40;
    uint8_t proto;
    if (n < 20)
        return NULL;
    if (d[0] >> 4 == 4) {
        at = (d[0] & 15u) * 4;
        proto = d[9];
    } else {
        proto = d[6];
        if (proto == 60 && n > 48) {
            proto = d[40];
            at += (d[41] + 1u) * 8;
        }
    }
    if (proto == IPPROTO_TCP && n >= at + 20)
        at += (d[at + 12] >> 4) * 4u;
    else if (proto == IPPROTO_UDP && n >= at + 8)
        at += 8;
    else
        return NULL;
    *len = n > at ? n - at : 0;
    return d + at;
}

struct ring_counters lab_counted(const struct lab *l)
{
    struct ring_counters c;
    uint64_t *now = (uint64_t *)&c;
    const uint64_t *before = (const uint64_t *)&l->before;
    tap_live_counters(l->tap, &c);
    for (size_t i = 0; i < sizeof c / sizeof *now; i++)
        now[i] -= before[i];
    return c;
}

size_t lab_on_interface(const struct lab *l, const char *name, uint8_t direction)
{
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++)
        n += l->seen[i].frame.direction == direction && !strcmp(l->seen[i].interface, name);
    return n;
}

void lab_assert_holds(const struct seen *s, size_t len, uint16_t id, uint16_t flags)
{
    static uint8_t want[65536];
    size_t n;
    const uint8_t *got = lab_payload(s, &n);
    lab_message(want, len, id, flags);
    assert_non_null(got);
    assert_int_equal(n, len);
    assert_memory_equal(got, want, len);
    assert_int_equal(s->frame.caplen, s->frame.len);
}
