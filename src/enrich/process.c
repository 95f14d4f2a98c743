/* SPDX-License-Identifier: Apache-2.0 */
#include "enrich/process.h"

#include "base/clock.h"
#include "enrich/enrich.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ssize_t read_at(int dir, const char *name, char *out, size_t room)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    size_t n = 0;
    ssize_t got = 0;
    while (n + 1 < room && (got = read(fd, out + n, room - 1 - n)) > 0)
        n += (size_t)got;
    int err = -errno;
    close(fd);
    if (got < 0)
        return err;
    out[n] = '\0';
    return (ssize_t)n;
}

/* Field 22 of proc_pid_stat(5), in clock ticks since boot. The second field, a name in
 * parentheses, may hold anything, also parentheses: so counting starts behind the last one. */
static bool stat_start_ticks(const char *stat, unsigned long long *ticks)
{
    const char *p = strrchr(stat, ')');
    if (!p)
        return false;
    for (int field = 2; field < 22; field++) {
        p = strchr(p + 1, ' ');
        if (!p)
            return false;
    }
    char *end;
    *ticks = strtoull(p + 1, &end, 10);
    return end != p + 1;
}

static void strip_suffix(char *text, const char *suffix)
{
    size_t n = strlen(text), s = strlen(suffix);
    if (n > s && strcmp(text + n - s, suffix) == 0)
        text[n - s] = '\0';
}

void process_cgroup_choose(char *text, char *out, size_t out_len)
{
    char id[80], unit[256];
    bool have = false;
    out[0] = '\0';
    for (char *save, *line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path)
            continue;
        path++;
        strip_suffix(path, " (deleted)");
        if (strncmp(line, "0::", 3) == 0) {
            if (strcmp(path, "/") != 0 || !have)
                snprintf(out, out_len, "%s", path);
            continue;
        }
        if (have)
            continue;
        enrich_container_id(path, id);
        enrich_unit(path, unit);
        if (id[0] || unit[0]) {
            have = true;
            snprintf(out, out_len, "%s", path);
        }
    }
}

int process_read(const struct frame_owner *owner, struct process_facts *facts)
{
    char path[32], text[2 * PROCESS_TEXT_MAX];
    unsigned long long ticks;
    facts->exe[0] = facts->cgroup[0] = '\0';
    snprintf(path, sizeof path, "/proc/%u", owner->pid);
    /* The directory stays that of this process: once it has ended, reads through it fail, even if
     * the pid is in use again. */
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return -ESRCH;
    uint64_t tick_ns = (uint64_t)(NS_PER_SEC / sysconf(_SC_CLK_TCK));
    if (read_at(dir, "stat", text, sizeof text) <= 0 || !stat_start_ticks(text, &ticks) ||
        ticks != owner->start_boottime_ns / tick_ns) {
        close(dir);
        return -ESRCH;
    }
    ssize_t n = readlinkat(dir, "exe", facts->exe, sizeof facts->exe - 1);
    facts->exe[n > 0 ? n : 0] = '\0';
    strip_suffix(facts->exe, " (deleted)");
    if (read_at(dir, "cgroup", text, sizeof text) > 0)
        process_cgroup_choose(text, facts->cgroup, sizeof facts->cgroup);
    close(dir);
    return 0;
}
