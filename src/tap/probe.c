/* SPDX-License-Identifier: Apache-2.0 */
/* What this kernel and these privileges allow: each probe tries the thing itself, and lets go of
 * it at once. */
#include "owner.skel.h"
#include "packet.skel.h"
#include "tap/live.h"
#include "tap/live_bpf.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static __attribute__((format(printf, 3, 4))) void say(struct tap_probe *p, int status,
                                                      const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    p->status = status;
    vsnprintf(p->detail, sizeof p->detail, fmt, ap);
    va_end(ap);
}

static void advise(struct tap_probe *p, const char *remedy)
{
    snprintf(p->remedy, sizeof p->remedy, "%s", remedy);
}

static void refused(struct tap_probe *p, int err, const char *remedy)
{
    char missing[96];
    live_missing_capabilities(true, missing, sizeof missing);
    say(p, err, "refused: %s", strerror(-err));
    if (err == -EPERM && missing[0])
        advise(p, "run as root, or with the capabilities named above");
    else
        advise(p, remedy);
}

static void probe_kernel(struct tap_probe *p)
{
    struct utsname u;
    int version = live_kernel_version();
    uname(&u);
    say(p, version >= 5015 ? 0 : -ENOTSUP, "Linux %.60s, %.30s", u.release, u.machine);
    if (p->status)
        advise(p, "use Linux 5.15 or newer");
}

static void probe_privileges(struct tap_probe *p)
{
    char missing[96];
    live_missing_capabilities(true, missing, sizeof missing);
    if (missing[0]) {
        say(p, -EPERM, "%s missing (uid %u)", missing, geteuid());
        advise(p, "run as root, or once: setcap cap_bpf,cap_perfmon,cap_net_admin+ep nameflow");
    } else {
        say(p, 0, "CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN%s", geteuid() ? "" : " (root)");
    }
}

static void probe_btf(struct tap_probe *p)
{
    struct stat st;
    struct btf *btf = btf__load_vmlinux_btf();
    if (!btf) {
        say(p, errno ? -errno : -ENOENT, "/sys/kernel/btf/vmlinux cannot be read");
        advise(p, "use a kernel built with CONFIG_DEBUG_INFO_BTF=y (all large distributions' are); "
                  "in a container, mount /sys");
        return;
    }
    say(p, 0, "%u types, %lld KiB", btf__type_cnt(btf),
        stat("/sys/kernel/btf/vmlinux", &st) ? 0LL : (long long)st.st_size / 1024);
    btf__free(btf);
}

static void probe_bpf(struct tap_probe *p)
{
    char setting = '?';
    int f = open("/proc/sys/kernel/unprivileged_bpf_disabled", O_RDONLY | O_CLOEXEC);
    if (f >= 0) {
        if (read(f, &setting, 1) != 1)
            setting = '?';
        close(f);
    }
    int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "nameflow", 4, 8, 1, NULL);
    if (fd < 0) {
        refused(p, -errno,
                "allow bpf(2): a container's seccomp profile or a locked-down kernel forbids it "
                "(docker: --privileged, or --cap-add BPF,PERFMON,NET_ADMIN)");
        return;
    }
    close(fd);
    say(p, 0, "works; unprivileged_bpf_disabled=%c%s", setting,
        setting == '0' ? "" : ", so privileges are needed");
}

static void probe_ring(struct tap_probe *p)
{
    int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "nameflow", 0, 0, 65536, NULL);
    if (fd < 0) {
        refused(p, -errno, "use Linux 5.15 or newer; raise the memory lock limit (ulimit -l)");
        return;
    }
    close(fd);
    say(p, 0, "works");
}

static int attach_tracepoint(const char *name)
{
    const struct bpf_insn nothing[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
        {.code = BPF_JMP | BPF_EXIT},
    };
    int id = libbpf_find_vmlinux_btf_id(name, BPF_TRACE_RAW_TP);
    if (id < 0)
        return id;
    LIBBPF_OPTS(bpf_prog_load_opts, o, .expected_attach_type = BPF_TRACE_RAW_TP,
                .attach_btf_id = (__u32)id);
    int fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "nameflow", "GPL", nothing, 2, &o);
    if (fd < 0)
        return -errno;
    int link = bpf_raw_tracepoint_open(NULL, fd);
    int err = link < 0 ? -errno : 0;
    if (link >= 0)
        close(link);
    close(fd);
    return err;
}

static void probe_tracepoint(struct tap_probe *p, const char *name)
{
    int err = attach_tracepoint(name);
    if (err == -ENOENT || err == -ESRCH)
        refused(p, err, "use a kernel with BTF that has this tracepoint (5.15 or newer)");
    else if (err)
        refused(p, err,
                "the kernel refuses tracing programs: see /sys/kernel/security/lockdown, and use "
                "a kernel with CONFIG_BPF_EVENTS=y");
    else
        say(p, 0, "loads and attaches");
}

static void probe_queue(struct tap_probe *p)
{
    probe_tracepoint(p, "net_dev_queue");
}

static void probe_receive(struct tap_probe *p)
{
    probe_tracepoint(p, "netif_receive_skb");
}

static void probe_cgroup_mount(struct tap_probe *p)
{
    char mount[100];
    int err = tap_cgroup2_mount(mount, sizeof mount);
    if (err) {
        say(p, err, "not mounted");
        advise(p, "mount -t cgroup2 none /sys/fs/cgroup/unified; without it transactions have no "
                  "process");
    } else {
        say(p, 0, "%s", mount);
    }
}

static struct owner_bpf *owner_load(bool hook, int *err)
{
    struct owner_bpf *o = owner_bpf__open();
    if (!o) {
        *err = -errno;
        return NULL;
    }
    bpf_program__set_autoload(o->progs.owner_sock_create, hook);
    bpf_program__set_autoload(o->progs.owner_connect4, hook);
    bpf_program__set_autoload(o->progs.owner_connect6, hook);
    bpf_program__set_autoload(o->progs.owner_sendmsg4, hook);
    bpf_program__set_autoload(o->progs.owner_sendmsg6, hook);
    bpf_program__set_autoload(o->progs.owner_existing, !hook);
    *err = owner_bpf__load(o);
    if (!*err)
        return o;
    owner_bpf__destroy(o);
    return NULL;
}

static void probe_cgroup_hook(struct tap_probe *p)
{
    char mount[256];
    int err = tap_cgroup2_mount(mount, sizeof mount);
    struct owner_bpf *o = err ? NULL : owner_load(true, &err);
    if (o) {
        int cgroup = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct bpf_link *link =
            cgroup < 0 ? NULL : bpf_program__attach_cgroup(o->progs.owner_connect4, cgroup);
        err = link ? 0 : -errno;
        bpf_link__destroy(link);
        if (cgroup >= 0)
            close(cgroup);
        owner_bpf__destroy(o);
    }
    if (err)
        refused(p, err,
                "needs cgroup v2 and CAP_NET_ADMIN; without it transactions have no "
                "process");
    else
        say(p, 0, "load and attach, with socket storage");
}

static void probe_iterator(struct tap_probe *p)
{
    int err;
    struct owner_bpf *o = owner_load(false, &err);
    if (o) {
        struct bpf_link *link = bpf_program__attach_iter(o->progs.owner_existing, NULL);
        err = link ? 0 : -errno;
        bpf_link__destroy(link);
        owner_bpf__destroy(o);
    }
    if (err)
        refused(p, err, "without it, sockets opened before the start have no process");
    else
        say(p, 0, "works");
}

static void probe_dynptr(struct tap_probe *p)
{
    struct packet_bpf *o = packet_bpf__open();
    int err = o ? 0 : -errno;
    if (o) {
        bpf_program__set_autoload(o->progs.packet_queue, false);
        bpf_program__set_autoload(o->progs.packet_receive, false);
        err = packet_bpf__load(o);
        packet_bpf__destroy(o);
    }
    if (err == -EPERM) {
        refused(p, err, "see the tracepoints above");
    } else if (err) {
        say(p, 1, "not available: what is outside a packet's linear part (DNS over TCP) is cut");
        advise(p, "use Linux 6.12 or newer for the whole of DNS over TCP");
    } else {
        say(p, 0, "whole packets, wherever their bytes lie");
    }
}

static void probe_drops(struct tap_probe *p)
{
    int err = attach_tracepoint("kfree_skb");
    struct btf *btf = btf__load_vmlinux_btf();
    if (err == -EPERM) {
        refused(p, err, "see the tracepoints above");
        btf__free(btf);
        return;
    }
    int reasons = btf ? btf__find_by_name_kind(btf, "skb_drop_reason", BTF_KIND_ENUM) : -1;
    if (!err && reasons > 0) {
        say(p, 0, "%u reasons", btf_vlen(btf__type_by_id(btf, (__u32)reasons)));
    } else {
        say(p, 1, "%s", err ? "the kfree_skb tracepoint is refused" : "this kernel has no reasons");
        advise(p, "use Linux 5.17 or newer; without it, packets that the kernel drops end as "
                  "timeouts");
    }
    btf__free(btf);
}

static void probe_tracefs(struct tap_probe *p)
{
    const char *places[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
    for (size_t i = 0; i < 2; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s/events", places[i]);
        if (access(path, R_OK) == 0) {
            say(p, 0, "%s", places[i]);
            return;
        }
    }
    say(p, 1, "not mounted or not readable; the live capture does not need it");
    advise(p, "mount -t tracefs none /sys/kernel/tracing");
}

static void probe_namespaces(struct tap_probe *p)
{
    if (access("/proc/self/ns/net", F_OK)) {
        say(p, 1, "the kernel has none");
        advise(p, "needed by `nameflow demo` only: use a kernel with CONFIG_NET_NS=y");
        return;
    }
    pid_t child = fork();
    if (child == 0)
        _exit(unshare(CLONE_NEWNET) ? 1 : 0);
    int status = 1;
    if (child > 0)
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            ;
    if (status) {
        say(p, 1, "new ones cannot be made");
        advise(p, "needed by `nameflow demo` only: run as root");
    } else {
        say(p, 0, "all are seen; new ones can be made");
    }
}

static void probe_memlock(struct tap_probe *p)
{
    struct rlimit limit;
    bool charged = live_kernel_version() < 5011;
    if (getrlimit(RLIMIT_MEMLOCK, &limit)) {
        say(p, 1, "%s", strerror(errno));
        return;
    }
    if (limit.rlim_cur == RLIM_INFINITY)
        say(p, 0, "unlimited");
    else
        say(p, 0, "%llu KiB%s", (unsigned long long)limit.rlim_cur / 1024,
            charged ? ", raised at the start" : "; BPF is charged to the memory cgroup instead");
}

static const struct {
    const char *name;
    bool essential;
    void (*probe)(struct tap_probe *p);
} probes[] = {
    {"kernel", true, probe_kernel},
    {"privileges", true, probe_privileges},
    {"kernel types (BTF)", true, probe_btf},
    {"bpf system call", true, probe_bpf},
    {"BPF ring buffer", true, probe_ring},
    {"packets leaving (net_dev_queue)", true, probe_queue},
    {"packets arriving (netif_receive_skb)", true, probe_receive},
    {"cgroup v2", false, probe_cgroup_mount},
    {"process of a socket (cgroup hooks)", false, probe_cgroup_hook},
    {"process of older sockets (iterator)", false, probe_iterator},
    {"bytes outside the linear part (dynptr)", false, probe_dynptr},
    {"drop reasons (kfree_skb)", false, probe_drops},
    {"tracefs", false, probe_tracefs},
    {"network namespaces", false, probe_namespaces},
    {"memory lock limit", false, probe_memlock},
};

size_t tap_probe_all(struct tap_probe *out, size_t max)
{
    size_t count = sizeof probes / sizeof *probes;
    for (size_t i = 0; i < count && i < max; i++) {
        live_libbpf_quiet();
        out[i] = (struct tap_probe){.name = probes[i].name, .essential = probes[i].essential};
        probes[i].probe(&out[i]);
    }
    return count;
}
