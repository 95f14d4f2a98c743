/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/ledger.h"

#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MINUTE (60 * NS_PER_SEC)
#define T0     (1795492800 * NS_PER_SEC) /* 2026-11-24T04:00:00Z */

struct place {
    char folder[64], path[80], err[256];
    struct ledger *ledger;
};

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    snprintf(p->folder, sizeof(p->folder), "%s", "/tmp/nameflow-ledger-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof(p->path), "%s/ledger", p->folder);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    ledger_close(p->ledger);
    unlink(p->path);
    rmdir(p->folder);
    free(p);
    return 0;
}

static void begin(struct place *p, int64_t now_ns)
{
    if (ledger_open(&p->ledger, p->path, now_ns, p->err, sizeof(p->err)))
        fail_msg("%s", p->err);
}

static void end(struct place *p)
{
    ledger_close(p->ledger);
    p->ledger = NULL;
}

/* What the stages would tell: so much lost in two of them, and something left out by design. */
static void take(struct place *p, uint64_t ring, uint64_t store, int64_t now_ns)
{
    struct http_agent_status s = {
        .stages = {{.name = "ring",
                    .dropped = {{"ring_full", ring, false}, {"sampled_out", 1000, true}},
                    .dropped_count = 2},
                   {.name = "store",
                    .dropped = {{"queue_full", store, false}},
                    .dropped_count = 1}},
        .stage_count = 2,
    };
    assert_int_equal(ledger_take(p->ledger, &s, now_ns), 0);
}

static void assert_told(struct place *p, int64_t from_ns, int64_t until_ns, const char *expected)
{
    struct store_range range = {from_ns, until_ns};
    struct buf out = {0};
    ledger_to_json(p->ledger, &range, &out);
    assert_string_equal(buf_cstr(&out), expected);
    buf_done(&out);
}

#define KNOWN "\"known_from\":\"2026-11-24T04:00:00.000000000Z\","
#define RING(n, first, last)                                                                       \
    "{\"stage\":\"ring\",\"reason\":\"ring_full\",\"count\":" n ",\"first\":\"2026-11-24T" first   \
    ".000000000Z\",\"last\":\"2026-11-24T" last ".000000000Z\"}"
#define STORE(n, first, last)                                                                      \
    "{\"stage\":\"store\",\"reason\":\"queue_full\",\"count\":" n ",\"first\":\"2026-11-24T" first \
    ".000000000Z\",\"last\":\"2026-11-24T" last ".000000000Z\"}"

static void counts_by_the_minute(void **state)
{
    struct place *p = *state;
    begin(p, T0);
    assert_told(p, T0, T0 + MINUTE, KNOWN "\"lost\":[],\"away\":[]");
    take(p, 5, 0, T0 + NS_PER_SEC);
    take(p, 5, 0, T0 + 2 * NS_PER_SEC);
    take(p, 7, 3, T0 + 3 * MINUTE);
    assert_told(p, T0, T0 + MINUTE,
                KNOWN "\"lost\":[" RING("5", "04:00:00", "04:01:00") "],\"away\":[]");
    assert_told(p, T0 + MINUTE, T0 + 3 * MINUTE, KNOWN "\"lost\":[],\"away\":[]");
    assert_told(p, T0, T0 + 4 * MINUTE,
                KNOWN "\"lost\":[" RING("7", "04:00:00", "04:04:00") "," STORE(
                    "3", "04:03:00", "04:04:00") "],\"away\":[]");
}

/* The counts of a new agent begin at 0 again; those of the one before are in the file. */
static void outlives_the_agent(void **state)
{
    struct place *p = *state;
    struct stat st;
    begin(p, T0);
    take(p, 5, 0, T0 + NS_PER_SEC);
    end(p);
    assert_int_equal(stat(p->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    /* It watched until T0 + 30 s, and the next one begins two minutes later. */
    struct timespec times[2] = {{T0 / NS_PER_SEC + 30, 0}, {T0 / NS_PER_SEC + 30, 0}};
    assert_int_equal(utimensat(AT_FDCWD, p->path, times, 0), 0);
    begin(p, T0 + 150 * NS_PER_SEC);
    take(p, 2, 0, T0 + 150 * NS_PER_SEC);
    static const char expected[] = KNOWN "\"lost\":[" RING(
        "7", "04:00:00",
        "04:03:00") "],\"away\":[{\"from\":\"2026-11-24T04:"
                    "00:30.000000000Z\",\"until\":\"2026-11-24T04:02:30.000000000Z\"}]";
    assert_told(p, T0, T0 + 10 * MINUTE, expected);
    end(p);
    /* A crash cut the last line short. */
    FILE *f = fopen(p->path, "a");
    fputs("lost 17954", f);
    fclose(f);
    begin(p, T0 + 150 * NS_PER_SEC);
    assert_told(p, T0, T0 + 10 * MINUTE, expected);
}

/* A disk that is full after half of a line: RLIMIT_FSIZE makes write(2) short, and then fail. */
static void what_could_not_be_written_counts_once(void **state)
{
    struct place *p = *state;
    struct stat st;
    struct rlimit before, small;
    begin(p, T0);
    take(p, 5, 0, T0 + NS_PER_SEC);
    assert_int_equal(stat(p->path, &st), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){(rlim_t)st.st_size + 31, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    struct http_agent_status s = {
        .stages = {{.name = "ring", .dropped = {{"ring_full", 7, false}}, .dropped_count = 1}},
        .stage_count = 1};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int r = ledger_take(p->ledger, &s, T0 + 2 * LEDGER_WRITE_S * NS_PER_SEC);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_true(r < 0);
    take(p, 7, 0, T0 + 4 * LEDGER_WRITE_S * NS_PER_SEC);
    end(p);
    begin(p, T0 + MINUTE);
    assert_told(p, T0, T0 + MINUTE,
                KNOWN "\"lost\":[" RING("7", "04:00:00", "04:01:00") "],\"away\":[]");
}

static void many_entries_are_bounded(void **state)
{
    struct place *p = *state;
    begin(p, T0);
    for (int i = 0; i <= LEDGER_ENTRIES_MAX; i++)
        take(p, (uint64_t)i + 1, 0, T0 + i * MINUTE);
    struct store_range range = {T0, T0 + (LEDGER_ENTRIES_MAX + 1) * MINUTE};
    struct buf out = {0};
    char count[32];
    ledger_to_json(p->ledger, &range, &out);
    snprintf(count, sizeof(count), "\"count\":%d,", LEDGER_ENTRIES_MAX / 2 + 1);
    assert_non_null(strstr(buf_cstr(&out), count));
    assert_null(strstr(buf_cstr(&out), KNOWN));
    buf_done(&out);
}

static void not_a_ledger(void **state)
{
    struct place *p = *state;
    static const char text[] = "important\n";
    assert_int_equal(file_replace(p->path, text, sizeof(text) - 1), 0);
    assert_int_equal(ledger_open(&p->ledger, p->path, T0, p->err, sizeof(p->err)), -EBADMSG);
    assert_null(p->ledger);
    assert_non_null(strstr(p->err, "is not a loss ledger"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counts_by_the_minute, set_up, tear_down),
        cmocka_unit_test_setup_teardown(outlives_the_agent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_could_not_be_written_counts_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_entries_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(not_a_ledger, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
