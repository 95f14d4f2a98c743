/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what the system tells about one process or one cgroup. */
#pragma once

#include "base/frame.h"

#include <stddef.h>

enum {
    PROCESS_TEXT_MAX = 4096,
};

/* All texts NUL-terminated, "" when not known. */
struct process_facts {
    char exe[PROCESS_TEXT_MAX];
    char cgroup[PROCESS_TEXT_MAX];
};

/* 0; -ESRCH when the process has ended or its pid belongs to another by now (which is told by the
 * start time). */
int process_read(const struct frame_owner *owner, struct process_facts *facts);

/* Finds cgroups by id in a cgroup v2 mount. */
struct cgroup_finder;

struct cgroup_finder *cgroup_finder_new(const char *root);
void cgroup_finder_free(struct cgroup_finder *f);
/* The path from the mount on ("/" is the root); NULL when there is no such cgroup any more. Valid
 * until the next call. */
const char *cgroup_finder_path(struct cgroup_finder *f, uint64_t id);

/* The line of /proc/PID/cgroup that says most: cgroup v2's, unless it is the root and a v1
 * hierarchy names a container or unit. Exported for tests; `text` is changed. */
void process_cgroup_choose(char *text, char *out, size_t out_len);
