/* SPDX-License-Identifier: Apache-2.0 */
/* The store as the agent has it, on disk: what a crash and a full disk leave behind. */
#include "base/clock.h"
#include "folder.h"
#include "random_rows.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    CRASHES = 50,
    BATCH_MAX = 3000,
};

static char said[4096];

static struct store *open_store(struct store_options o)
{
    struct store *s;
    char err[512] = "";
    o.folder = folder;
    o.notice = keep_notice;
    o.notice_ctx = said;
    if (store_open(&s, &o, err, sizeof(err)) != 0)
        fail_msg("%s", err);
    return s;
}

/* ---- what is in it ---- */

/* Each row's time is its place in the order of writing, so a row twice or none shows. */
struct seen {
    uint8_t *times;
    size_t count, len;
    int64_t last;
};

static bool see(void *ctx, const struct row *row)
{
    struct seen *s = ctx;
    assert_in_range(row->time_ns, 1, s->len - 1);
    s->times[row->time_ns]++;
    s->count++;
    if (row->time_ns > s->last)
        s->last = row->time_ns;
    return true;
}

static struct seen look(struct store *s, size_t most)
{
    struct seen seen = {.times = calloc(most + 1, 1), .len = most + 1};
    struct store_rows_query q = {.range = {0, INT64_MAX}};
    struct store_page next;
    char err[256];
    if (store_rows(s, &q, NULL, see, &seen, &next, err, sizeof(err)) != 0)
        fail_msg("%s", err);
    for (size_t i = 0; i < seen.len; i++)
        assert_true(seen.times[i] <= 1);
    return seen;
}

/* ---- kill -9 ---- */

/* The child: writes, and says after each flush how far it came. */
static int write_until_killed(const char *where, int64_t from)
{
    struct store *s;
    char err[512];
    struct random_rows g = {.state = (uint64_t)from};
    struct store_options o = {.folder = where, .max_age_ns = INT64_MAX / 2};
    arena_init(&g.arena, 0);
    if (store_open(&s, &o, err, sizeof(err)) != 0)
        return 3;
    for (int64_t time = from;;) {
        uint32_t batch = 1 + random_below(&g, BATCH_MAX);
        for (uint32_t i = 0; i < batch; i++) {
            struct row r = random_row(&g, time++);
            if (store_push_row(s, &r) != 0)
                return 4;
            arena_reset(&g.arena);
        }
        if (store_flush(s) != 0)
            return 5;
        int64_t done = time - 1;
        if (write(STDOUT_FILENO, &done, sizeof(done)) != sizeof(done))
            return 0;
    }
}

/* Runs it, kills it some time after `acks` messages, returns what the last of them said. */
static int64_t run_and_kill(int64_t from, uint32_t acks, unsigned delay_us)
{
    int out[2];
    char number[32];
    int64_t done = from - 1, told;
    assert_int_equal(pipe(out), 0);
    snprintf(number, sizeof(number), "%lld", (long long)from);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        execl("/proc/self/exe", "test_store", "--write", folder, number, (char *)NULL);
        _exit(9);
    }
    close(out[1]);
    for (uint32_t i = 0; i < acks && read(out[0], &told, sizeof(told)) == sizeof(told); i++)
        done = told;
    usleep(delay_us);
    kill(pid, SIGKILL);
    while (read(out[0], &told, sizeof(told)) == sizeof(told))
        done = told;
    close(out[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    return done;
}

static void kill_9_loses_what_was_not_flushed_at_most(void **state)
{
    (void)state;
    struct random_rows g = {.state = 77};
    int64_t from = 1, slowest_ns = 0;
    for (int i = 0; i < CRASHES; i++) {
        int64_t done = run_and_kill(from, random_below(&g, 4), random_below(&g, 30000));
        int64_t start_ns = clock_ns(CLOCK_MONOTONIC);
        struct store *s = open_store((struct store_options){.max_age_ns = INT64_MAX / 2});
        int64_t took_ns = clock_ns(CLOCK_MONOTONIC) - start_ns;
        if (took_ns > slowest_ns)
            slowest_ns = took_ns;
        struct seen seen = look(s, (size_t)done + BATCH_MAX);
        assert_string_equal(said, "");
        assert_true(seen.last >= done);
        /* No gaps either: what is there is a beginning of what was written. */
        assert_int_equal(seen.count, seen.last);
        free(seen.times);
        store_close(s, NS_PER_SEC);
        from = seen.last + 1;
    }
    print_message("%lld rows; opening took %lld ms at most\n", (long long)from - 1,
                  (long long)(slowest_ns / NS_PER_MS));
}

/* ---- a full disk ---- */

static bool small_disk(size_t bytes)
{
    char options[64];
    snprintf(options, sizeof(options), "size=%zu", bytes);
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("nameflow-test", folder, "tmpfs", 0, options) == 0;
}

/* Takes all but so many bytes of the disk away. */
static void fill_disk(const char *path, off_t leave)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    off_t len = 0;
    assert_true(fd >= 0);
    while (posix_fallocate(fd, len, 1 << 20) == 0)
        len += 1 << 20;
    assert_int_equal(ftruncate(fd, len > leave ? len - leave : 0), 0);
    close(fd);
}

static int64_t push_rows(struct store *s, struct random_rows *g, int64_t time, int count)
{
    for (int i = 0; i < count; i++) {
        struct row r = random_row(g, time);
        time += store_push_row(s, &r) == 0;
        arena_reset(&g->arena);
    }
    return time;
}

static void a_full_disk_costs_the_oldest(void **state)
{
    (void)state;
    enum {
        DISK = 96 << 20,
        ROWS = 20000,
        ROUNDS = 60
    };
    if (geteuid() != 0 || !small_disk(DISK)) {
        print_message("needs root\n");
        skip();
    }
    char path[128];
    struct random_rows g = {.state = 8};
    arena_init(&g.arena, 0);
    struct store_options o = {.max_age_ns = INT64_MAX / 2, .max_bytes = 1ULL << 30};
    struct store *s = open_store(o);
    int64_t time = push_rows(s, &g, 1, ROWS);
    assert_int_equal(store_flush(s), 0);
    /* Someone else takes the disk. */
    snprintf(path, sizeof(path), "%s/filler", folder);
    fill_disk(path, 4 << 20);
    for (int i = 0; i < ROUNDS && !strstr(said, "the disk is full"); i++) {
        time = push_rows(s, &g, time, ROWS);
        store_flush(s);
    }
    assert_non_null(strstr(said, "the disk is full"));
    print_message("said: %s\n", said);
    unlink(path);
    while (store_flush(s) != 0)
        ;
    time = push_rows(s, &g, time, ROWS);
    assert_int_equal(store_flush(s), 0);
    struct store_stats st = store_stats(s);
    print_message("written %llu expired %llu lost %llu reopened %llu rows %llu\n",
                  (unsigned long long)st.written, (unsigned long long)st.expired_size,
                  (unsigned long long)(st.dropped_queue + st.dropped_failed),
                  (unsigned long long)st.reopened, (unsigned long long)st.rows);
    assert_non_null(strstr(said, "the disk has room again"));
    assert_true(st.reopened > 0);
    struct seen seen = look(s, (size_t)time);
    assert_int_equal(seen.count, st.rows);
    assert_int_equal(seen.last, time - 1);
    assert_int_equal(st.written, st.rows + st.expired_size);
    free(seen.times);
    store_close(s, NS_PER_SEC);
    assert_int_equal(umount2(folder, MNT_DETACH), 0);
    arena_done(&g.arena);
}

static int start(void **state)
{
    said[0] = '\0';
    return make_folder(state);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--write") == 0)
        return write_until_killed(argv[2], atoll(argv[3]));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kill_9_loses_what_was_not_flushed_at_most, start,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_full_disk_costs_the_oldest, start, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
