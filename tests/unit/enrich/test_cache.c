/* SPDX-License-Identifier: Apache-2.0 */
/* The cache with real processes: one that lives, one that is gone, a pid used again. */
#include "enrich/enrich.h"

#include <errno.h>
#include <linux/sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static uint64_t start_of(pid_t pid)
{
    char path[64], text[1024];
    unsigned long long ticks = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    char *p = strrchr(text, ')');
    assert_non_null(p);
    assert_int_equal(sscanf(p + 2,
                            "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
                            "%*s %*s %llu",
                            &ticks),
                     1);
    /* The kernel's figure is finer than a tick. */
    return ticks * (1000000000ULL / (unsigned long)sysconf(_SC_CLK_TCK)) + 1234567;
}

/* A child that waits; its pid may be chosen (0: any). -1 when the kernel does not let us. */
static pid_t child_start(pid_t wanted)
{
    struct clone_args args = {.exit_signal = SIGCHLD};
    if (wanted) {
        args.set_tid = (uintptr_t)&wanted;
        args.set_tid_size = 1;
    }
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0)
        for (;;)
            pause();
    return pid;
}

static void child_end(pid_t pid)
{
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static struct record record_of(pid_t pid, uint64_t start)
{
    struct record r = {0};
    r.process.pid = (uint32_t)pid;
    r.process.start_boottime_ns = start;
    strcpy(r.process.comm, "test");
    return r;
}

static void living_process(void **state)
{
    struct enrich *e = *state;
    char exe[4096] = "";
    assert_true(readlink("/proc/self/exe", exe, sizeof exe - 1) > 0);
    pid_t pid = child_start(0);
    assert_true(pid > 0);
    struct record r = record_of(pid, start_of(pid));
    enrich_record(e, &r);
    child_end(pid);
    assert_string_equal(r.process.exe, exe);
    assert_non_null(r.process.cgroup);
    assert_int_equal(r.process.cgroup[0], '/');
    assert_int_equal(enrich_stats(e)->gone, 0);
    /* What was learnt while it lived is still there. */
    struct record later = record_of(pid, r.process.start_boottime_ns);
    enrich_record(e, &later);
    assert_string_equal(later.process.exe, exe);
    assert_int_equal(enrich_stats(e)->hits, 1);
}

static void gone_process(void **state)
{
    struct enrich *e = *state;
    pid_t pid = child_start(0);
    uint64_t start = start_of(pid);
    child_end(pid);
    for (int i = 0; i < 3; i++) {
        struct record r = record_of(pid, start);
        enrich_record(e, &r);
        assert_null(r.process.exe);
    }
    /* That there is nothing to learn is remembered. */
    assert_int_equal(enrich_stats(e)->gone, 1);
    assert_int_equal(enrich_stats(e)->hits, 2);
}

static void pid_used_again(void **state)
{
    struct enrich *e = *state;
    pid_t pid = child_start(0);
    uint64_t first = start_of(pid);
    child_end(pid);
    usleep(30000);
    if (child_start(pid) != pid)
        skip(); /* needs CAP_CHECKPOINT_RESTORE */
    struct record old = record_of(pid, first);
    enrich_record(e, &old);
    struct record new = record_of(pid, start_of(pid));
    enrich_record(e, &new);
    child_end(pid);
    assert_null(old.process.exe);
    assert_non_null(new.process.exe);
}

static void unknown_start(void **state)
{
    struct enrich *e = *state;
    struct record r = record_of(getpid(), 0);
    enrich_record(e, &r);
    assert_null(r.process.exe);
}

static void hint_before_the_end(void **state)
{
    struct enrich *e = *state;
    pid_t pid = child_start(0);
    struct frame_owner owner = {.pid = (uint32_t)pid, .start_boottime_ns = start_of(pid)};
    strcpy(owner.comm, "test");
    enrich_hint(e, &owner);
    child_end(pid);
    struct record r = record_of(pid, owner.start_boottime_ns);
    enrich_record(e, &r);
    assert_non_null(r.process.exe);
}

static void same_process_on_both_ends(void **state)
{
    struct enrich *e = *state;
    struct record r = record_of(getpid(), start_of(getpid()));
    r.server_process = r.process;
    strcpy(r.server_process.comm, "other");
    enrich_record(e, &r);
    assert_non_null(r.process.exe);
    assert_string_equal(r.process.exe, r.server_process.exe);
    assert_true(r.process.facts && r.process.facts == r.server_process.facts);
}

static void changed_name_is_read_again(void **state)
{
    struct enrich *e = *state;
    uint64_t start = start_of(getpid());
    struct record r = record_of(getpid(), start);
    enrich_record(e, &r);
    uint64_t before = r.process.facts;
    assert_true(before != 0);
    strcpy(r.process.comm, "after-exec");
    enrich_record(e, &r);
    assert_int_equal(enrich_stats(e)->hits, 0);
    uint64_t after = r.process.facts;
    assert_true(after != before);
    enrich_record(e, &r);
    assert_int_equal(enrich_stats(e)->hits, 1);
    assert_true(r.process.facts == after);
}

static void bounded(void **state)
{
    struct enrich *e = *state;
    for (uint32_t i = 0; i < 10000; i++) {
        struct frame_owner owner = {.pid = 1u << 30 | i, .start_boottime_ns = 1};
        enrich_hint(e, &owner);
        /* One that is asked for all the time stays. */
        struct record r = record_of(getpid(), start_of(getpid()));
        enrich_record(e, &r);
        assert_non_null(r.process.exe);
    }
    assert_int_equal(enrich_stats(e)->evicted, 10001 - 4096);
    assert_int_equal(enrich_stats(e)->gone, 10000);
}

static void cgroup_by_id(void **state)
{
    (void)state;
    const char *roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
    char dir[128];
    struct stat st;
    const char *root = NULL;
    for (int i = 0; !root && i < 2; i++) {
        snprintf(dir, sizeof dir, "%s/cgroup.controllers", roots[i]);
        if (access(dir, F_OK) == 0)
            root = roots[i];
    }
    if (!root)
        skip();
    snprintf(dir, sizeof dir, "%s/nameflow-test-%d.service", root, getpid());
    if (mkdir(dir, 0755))
        skip(); /* needs root */
    assert_int_equal(stat(dir, &st), 0);
    struct enrich *e = enrich_new(root);
    struct record r = record_of(1 << 30, 1);
    r.process.cgroup_id = st.st_ino;
    enrich_record(e, &r);
    rmdir(dir);
    assert_non_null(r.process.cgroup);
    assert_string_equal(r.process.cgroup, dir + strlen(root));
    assert_string_equal(r.process.unit, r.process.cgroup + 1);
    enrich_free(e);

    e = enrich_new(root);
    r.process.cgroup = "unchanged";
    enrich_record(e, &r);
    assert_null(r.process.cgroup);
    enrich_free(e);
}

static int setup(void **state)
{
    *state = enrich_new(NULL);
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    enrich_free(*state);
    return 0;
}

#define WITH_CACHE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CACHE(living_process),
        WITH_CACHE(gone_process),
        WITH_CACHE(pid_used_again),
        WITH_CACHE(unknown_start),
        WITH_CACHE(hint_before_the_end),
        WITH_CACHE(same_process_on_both_ends),
        WITH_CACHE(changed_name_is_read_again),
        WITH_CACHE(bounded),
        cmocka_unit_test(cgroup_by_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
