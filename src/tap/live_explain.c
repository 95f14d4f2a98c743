/* SPDX-License-Identifier: Apache-2.0 */
/* Turns refusals by the kernel into sentences that say what to do. */
#include "tap/live_bpf.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static _Thread_local char warning[256];
static tap_log_sink *log_sink;

static __attribute__((format(printf, 2, 0))) int keep_warning(enum libbpf_print_level level,
                                                              const char *fmt, va_list ap)
{
    char line[sizeof warning];
    if (level == LIBBPF_DEBUG || (level != LIBBPF_WARN && !log_sink))
        return 0;
    vsnprintf(line, sizeof line, fmt, ap);
    line[strcspn(line, "\n")] = '\0';
    if (level == LIBBPF_WARN && !warning[0])
        memcpy(warning, line, sizeof warning);
    if (log_sink && line[0])
        log_sink(level == LIBBPF_WARN, line);
    return 0;
}

void tap_log_to(tap_log_sink *sink)
{
    log_sink = sink;
    libbpf_set_print(keep_warning);
}

void live_libbpf_quiet(void)
{
    warning[0] = '\0';
    libbpf_set_print(keep_warning);
}

const char *live_libbpf_warning(void)
{
    return warning;
}

int live_kernel_version(void)
{
    struct utsname u;
    int major = 0, minor = 0;
    if (uname(&u) || sscanf(u.release, "%d.%d", &major, &minor) != 2)
        return 0;
    return major * 1000 + minor;
}

/* Numbers of capability(7); CAP_SYS_ADMIN includes both of CAP_BPF and CAP_PERFMON. */
static const struct {
    int bit;
    const char *name;
} capabilities[] = {{39, "CAP_BPF"}, {38, "CAP_PERFMON"}, {12, "CAP_NET_ADMIN"}};

void live_missing_capabilities(bool all, char *out, size_t out_len)
{
    const int admin = 21;
    unsigned long long have = 0;
    char line[128];
    FILE *f = fopen("/proc/self/status", "re");
    out[0] = '\0';
    if (!f)
        return;
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "CapEff: %llx", &have) == 1)
            break;
    fclose(f);
    for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++) {
        bool net = i == 2;
        if (net && !all)
            continue;
        if ((have >> capabilities[i].bit & 1) || (!net && (have >> admin & 1)))
            continue;
        size_t n = strlen(out);
        snprintf(out + n, out_len - n, "%s%s", n ? ", " : "", capabilities[i].name);
    }
}

int live_explain(int error, const char *what, char *err, size_t err_len)
{
    char missing[96];
    int version = live_kernel_version();
    live_missing_capabilities(false, missing, sizeof missing);
    if (missing[0]) {
        snprintf(err, err_len,
                 "%s: not permitted, %s missing: run as root, or give the program the capabilities "
                 "cap_bpf,cap_perfmon,cap_net_admin (setcap)",
                 what, missing);
        return -EPERM;
    }
    if (access("/sys/kernel/btf/vmlinux", R_OK)) {
        snprintf(err, err_len,
                 "%s: this kernel does not describe its types (/sys/kernel/btf/vmlinux is "
                 "missing): use a kernel built with CONFIG_DEBUG_INFO_BTF=y",
                 what);
        return -ENOENT;
    }
    if (version && version < 5015) {
        snprintf(err, err_len, "%s: Linux %d.%d is too old, 5.15 or newer is needed", what,
                 version / 1000, version % 1000);
        return -ENOTSUP;
    }
    if (error == -ENOMEM) {
        snprintf(err, err_len,
                 "%s: out of memory, or of the memory that may be locked (raise it with "
                 "`ulimit -l unlimited`)",
                 what);
        return -ENOMEM;
    }
    if (error == -EPERM) {
        snprintf(err, err_len,
                 "%s: the kernel refuses BPF although the privileges are there: is it locked down "
                 "(/sys/kernel/security/lockdown), or does a container's seccomp profile forbid "
                 "bpf(2)?",
                 what);
        return -EPERM;
    }
    snprintf(err, err_len, "%s: %s%s%s", what, strerror(-error), warning[0] ? ": " : "", warning);
    return -ENOTSUP;
}

int tap_cgroup2_mount(char *out, size_t out_len)
{
    FILE *f = fopen("/proc/self/mounts", "re");
    char line[1024], where[256], type[64];
    int err = -ENOENT;
    if (!f)
        return -errno;
    while (err && fgets(line, sizeof line, f)) {
        if (sscanf(line, "%*s %255s %63s", where, type) != 2 || strcmp(type, "cgroup2") != 0)
            continue;
        if ((size_t)snprintf(out, out_len, "%s", where) < out_len)
            err = 0;
    }
    fclose(f);
    return err;
}
