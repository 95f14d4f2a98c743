/* SPDX-License-Identifier: Apache-2.0 */
#include "tap/live_bpf.h"

#include "base/hash.h"
#include "owner.skel.h"
#include "packet.skel.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    DNS_PORT = 53,
};

struct live_bpf {
    struct owner_bpf *owner;
    struct packet_bpf *packet;
    struct bpf_link *owner_links[5];
    struct bpf_link *packet_links[2];
    int ring_fds[LIVE_RINGS_MAX];
    uint32_t ring_count;
    uint32_t cpu_count;
    struct ring_cpu *cpus;
    size_t cpus_bytes;
    char missing[LIVE_MISSING_MAX][256];
    size_t missing_count;
};

static __attribute__((format(printf, 2, 3))) void missing_add(struct live_bpf *b, const char *fmt,
                                                              ...)
{
    if (b->missing_count == LIVE_MISSING_MAX)
        return;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(b->missing[b->missing_count++], sizeof b->missing[0], fmt, ap);
    va_end(ap);
}

/* A socket keeps its owner from the moment that one of these saw it. */
static int owner_attach(struct live_bpf *b, int cgroup)
{
    struct bpf_program *programs[] = {
        b->owner->progs.owner_sock_create, b->owner->progs.owner_connect4,
        b->owner->progs.owner_connect6,    b->owner->progs.owner_sendmsg4,
        b->owner->progs.owner_sendmsg6,
    };
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        b->owner_links[i] = bpf_program__attach_cgroup(programs[i], cgroup);
        if (!b->owner_links[i])
            return -errno;
    }
    return 0;
}

/* Reading the iterator to its end runs the program over all open files. */
static int owner_walk(struct live_bpf *b)
{
    struct bpf_link *link = bpf_program__attach_iter(b->owner->progs.owner_existing, NULL);
    if (!link)
        return -errno;
    int err = 0;
    int fd = bpf_iter_create(bpf_link__fd(link));
    if (fd < 0) {
        err = -errno;
    } else {
        char none[64];
        ssize_t n;
        do
            n = read(fd, none, sizeof none);
        while (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)));
        if (n < 0)
            err = -errno;
        close(fd);
    }
    bpf_link__destroy(link);
    return err;
}

static void owner_drop(struct live_bpf *b)
{
    for (size_t i = 0; i < sizeof b->owner_links / sizeof *b->owner_links; i++) {
        bpf_link__destroy(b->owner_links[i]);
        b->owner_links[i] = NULL;
    }
    owner_bpf__destroy(b->owner);
    b->owner = NULL;
}

static void owner_open(struct live_bpf *b)
{
    char mount[256];
    if (tap_cgroup2_mount(mount, sizeof mount)) {
        missing_add(b, "process names: no cgroup v2 is mounted (mount -t cgroup2 none "
                       "/sys/fs/cgroup/unified, or boot with systemd.unified_cgroup_hierarchy=1)");
        return;
    }
    int cgroup = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int err = cgroup < 0 ? -errno : 0;
    if (!err) {
        b->owner = owner_bpf__open();
        err = b->owner ? owner_bpf__load(b->owner) : -errno;
    }
    if (!err)
        err = owner_attach(b, cgroup);
    if (cgroup >= 0)
        close(cgroup);
    if (err) {
        missing_add(
            b, "process names: the cgroup hooks at %s were refused (%s)%s", mount, strerror(-err),
            err == -EPERM ? ": CAP_NET_ADMIN is needed besides CAP_BPF and CAP_PERFMON" : "");
        owner_drop(b);
        return;
    }
    err = owner_walk(b);
    if (err)
        missing_add(b,
                    "process names of sockets older than the start: the walk over open files "
                    "failed (%s)",
                    strerror(-err));
}

/* PREEMPT_RT lets two programs of one CPU meet, who could then name a record alike. */
static bool kernel_is_realtime(void)
{
    char c = '0';
    int fd = open("/sys/kernel/realtime", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, &c, 1);
    close(fd);
    return n == 1 && c == '1';
}

static void packet_options(struct packet_bpf *p, const struct tap_live_options *o,
                           const struct live_bpf_sizes *sizes)
{
    const uint16_t dns = DNS_PORT;
    uint32_t count = o->port_count ? o->port_count : 1;
    const uint16_t *ports = o->port_count ? o->ports : &dns;
    for (uint32_t i = 0; i < count && i < TAP_PORTS_MAX; i++) {
        uint16_t port = htons(ports[i]);
        p->rodata->port_map[port >> 3] |= (uint8_t)(1u << (port & 7));
    }
    p->rodata->sample = o->sample > 1 ? o->sample : 1;
    p->rodata->sample_seed = (uint32_t)hash_seed();
    p->rodata->ring_mask = sizes->ring_count - 1;
    p->rodata->wake_bytes = sizes->ring_bytes / 4;
    p->rodata->repeats = !o->no_repeats && !kernel_is_realtime();
}

/* The programs with dynptrs need a kernel that has bpf_dynptr_from_skb for them (6.12): trying is
 * the only sure test. */
static int packet_load(struct live_bpf *b, const struct tap_live_options *o,
                       const struct live_bpf_sizes *sizes, bool dynptr)
{
    struct packet_bpf *p = packet_bpf__open();
    if (!p)
        return -errno;
    packet_options(p, o, sizes);
    bpf_program__set_autoload(p->progs.packet_queue, !dynptr);
    bpf_program__set_autoload(p->progs.packet_receive, !dynptr);
    bpf_program__set_autoload(p->progs.packet_queue_dynptr, dynptr);
    bpf_program__set_autoload(p->progs.packet_receive_dynptr, dynptr);
    bpf_map__set_max_entries(p->maps.rings, sizes->ring_count);
    bpf_map__set_max_entries(p->maps.cpus, sizes->cpu_count);
    bpf_map__set_max_entries(p->maps.handed, sizes->cpu_count);
    bpf_map__set_max_entries(p->maps.ring_template, sizes->ring_bytes);
    int err = b->owner ? bpf_map__reuse_fd(p->maps.owners, bpf_map__fd(b->owner->maps.owners)) : 0;
    if (!err)
        err = packet_bpf__load(p);
    if (err) {
        packet_bpf__destroy(p);
        return err;
    }
    b->packet = p;
    return 0;
}

/* The first ring is the map that describes the others to the verifier. */
static int packet_rings(struct live_bpf *b, const struct live_bpf_sizes *sizes)
{
    b->ring_fds[0] = bpf_map__fd(b->packet->maps.ring_template);
    b->ring_count = 1;
    for (uint32_t i = 1; i < sizes->ring_count; i++) {
        int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, sizes->ring_bytes, NULL);
        if (fd < 0)
            return -errno;
        b->ring_fds[i] = fd;
        b->ring_count = i + 1;
        if (bpf_map_update_elem(bpf_map__fd(b->packet->maps.rings), &i, &fd, BPF_ANY))
            return -errno;
    }
    return 0;
}

static int packet_cpus(struct live_bpf *b, const struct tap_live_options *o, uint32_t cpu_count)
{
    struct ring_cpu first = {0};
    if (o->port_count < 2)
        first.port = htons(o->port_count ? o->ports[0] : DNS_PORT);
    for (uint32_t i = 0; i < cpu_count; i++)
        if (bpf_map_update_elem(bpf_map__fd(b->packet->maps.cpus), &i, &first, BPF_ANY))
            return -errno;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t bytes = (cpu_count * sizeof(struct ring_cpu) + page - 1) / page * page;
    void *p = mmap(NULL, bytes, PROT_READ, MAP_SHARED, bpf_map__fd(b->packet->maps.cpus), 0);
    if (p == MAP_FAILED)
        return -errno;
    b->cpus = p;
    b->cpus_bytes = bytes;
    return 0;
}

static int packet_attach(struct live_bpf *b, bool dynptr)
{
    struct bpf_program *programs[] = {
        dynptr ? b->packet->progs.packet_queue_dynptr : b->packet->progs.packet_queue,
        dynptr ? b->packet->progs.packet_receive_dynptr : b->packet->progs.packet_receive,
    };
    for (size_t i = 0; i < 2; i++) {
        b->packet_links[i] = bpf_program__attach(programs[i]);
        if (!b->packet_links[i])
            return -errno;
    }
    return 0;
}

static int packet_open(struct live_bpf *b, const struct tap_live_options *o,
                       const struct live_bpf_sizes *sizes, char *err, size_t err_len)
{
    bool dynptr = !o->no_dynptr;
    int e = dynptr ? packet_load(b, o, sizes, true) : -ENOTSUP;
    if (e) {
        dynptr = false;
        e = packet_load(b, o, sizes, false);
        if (!e)
            missing_add(b, "bytes outside a packet's linear part, as in DNS over TCP: that needs "
                           "Linux 6.12 or newer; such packets are marked as cut");
    }
    if (e)
        return live_explain(e, "loading the packet programs", err, err_len);
    e = packet_rings(b, sizes);
    if (!e)
        e = packet_cpus(b, o, sizes->cpu_count);
    if (e)
        return live_explain(e, "setting up the ring buffers", err, err_len);
    e = packet_attach(b, dynptr);
    if (e)
        return live_explain(e, "attaching to the packet tracepoints", err, err_len);
    return 0;
}

int live_bpf_open(struct live_bpf **out, const struct tap_live_options *o,
                  const struct live_bpf_sizes *sizes, char *err, size_t err_len)
{
    struct live_bpf *b = calloc(1, sizeof *b);
    if (!b) {
        snprintf(err, err_len, "out of memory");
        return -ENOMEM;
    }
    live_libbpf_quiet();
    if (!o->no_owner)
        owner_open(b);
    b->cpu_count = sizes->cpu_count;
    int e = packet_open(b, o, sizes, err, err_len);
    if (e) {
        live_bpf_close(b);
        return e;
    }
    *out = b;
    return 0;
}

const char *live_bpf_missing(const struct live_bpf *b, size_t i)
{
    return i < b->missing_count ? b->missing[i] : NULL;
}

const int *live_bpf_rings(const struct live_bpf *b)
{
    return b->ring_fds;
}

const struct ring_cpu *live_bpf_cpus(const struct live_bpf *b)
{
    return b->cpus;
}

void live_bpf_detach(struct live_bpf *b)
{
    for (size_t i = 0; i < 2; i++) {
        bpf_link__destroy(b->packet_links[i]);
        b->packet_links[i] = NULL;
    }
    if (b->owner)
        owner_drop(b);
}

void live_bpf_close(struct live_bpf *b)
{
    if (!b)
        return;
    live_bpf_detach(b);
    for (uint32_t i = 1; i < b->ring_count; i++)
        close(b->ring_fds[i]);
    if (b->cpus)
        munmap(b->cpus, b->cpus_bytes);
    packet_bpf__destroy(b->packet);
    free(b);
}
