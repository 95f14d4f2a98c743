/* SPDX-License-Identifier: Apache-2.0 */
/* The DuckDB engine itself, without the front's queue. */
#include "base/clock.h"
#include "folder.h"
#include "random_rows.h"
#include "store/duck.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define HOUR_NS (3600 * NS_PER_SEC)

struct engine {
    void *b;
    const struct store_backend *ops;
};

static int try_open(struct engine *e, struct store_options o, char err[512])
{
    err[0] = '\0';
    o.folder = folder;
    return store_duck_open(&e->b, &e->ops, &o, err, 512);
}

static struct engine open_with(struct store_options o)
{
    struct engine e = {0};
    char err[512];
    if (try_open(&e, o, err) != 0)
        fail_msg("%s", err);
    return e;
}

static struct engine open_engine(void)
{
    return open_with((struct store_options){.max_bytes = 1 << 30, .max_age_ns = INT64_MAX / 2});
}

static struct store_stats stats_of(struct engine e)
{
    struct store_stats s = {0};
    e.ops->stats(e.b, &s);
    return s;
}

/* `count` rows whose times are `step_ns` apart, in one commit. */
static void append_rows(struct engine e, struct random_rows *g, size_t count, int64_t first_ns,
                        int64_t step_ns)
{
    struct row *rows = calloc(count, sizeof(*rows));
    const struct row **batch = calloc(count, sizeof(*batch));
    uint64_t seq = e.ops->last_seq(e.b);
    for (size_t i = 0; i < count; i++) {
        rows[i] = random_row(g, first_ns + (int64_t)i * step_ns);
        rows[i].seq = ++seq;
        batch[i] = &rows[i];
    }
    assert_int_equal(e.ops->append(e.b, batch, count), 0);
    arena_reset(&g->arena);
    free(batch);
    free(rows);
}

static bool keep_shown(void *ctx, const struct row *row)
{
    put_row(ctx, row);
    return true;
}

static void expect_row(struct engine e, const struct row *want)
{
    struct buf got = {0}, text = {0};
    put_row(&text, want);
    assert_int_equal(e.ops->row(e.b, want->seq, keep_shown, &got), 0);
    assert_string_equal(buf_cstr(&got), buf_cstr(&text));
    buf_done(&got);
    buf_done(&text);
}

static void rows_come_back_as_they_were(void **state)
{
    (void)state;
    enum {
        ROWS = 5000,
        CHECKED = 300
    };
    struct random_rows g = {.state = 1};
    struct row *rows = calloc(ROWS, sizeof(*rows));
    const struct row **batch = calloc(ROWS, sizeof(*batch));
    struct engine e = open_engine();
    arena_init(&g.arena, 0);
    for (uint32_t i = 0; i < ROWS; i++) {
        rows[i] = random_row(&g, 1000 + i);
        rows[i].seq = i + 1;
        batch[i] = &rows[i];
    }
    assert_int_equal(e.ops->append(e.b, batch, ROWS), 0);
    for (uint32_t i = 0; i < CHECKED; i++)
        expect_row(e, &rows[i * (ROWS / CHECKED)]);
    assert_int_equal(e.ops->row(e.b, ROWS + 1, keep_shown, &(struct buf){0}), -ENOENT);
    e.ops->close(e.b);

    e = open_engine(); /* from the file */
    assert_int_equal(e.ops->last_seq(e.b), ROWS);
    for (uint32_t i = 0; i < CHECKED; i++)
        expect_row(e, &rows[i * (ROWS / CHECKED) + 1]);
    struct store_stats s = stats_of(e);
    assert_int_equal(s.rows, ROWS);
    assert_int_equal(s.oldest_ns, 1000);
    assert_int_equal(s.newest_ns, 1000 + ROWS - 1);
    e.ops->close(e.b);
    arena_done(&g.arena);
    free(batch);
    free(rows);
}

static void the_folder_is_for_its_owner_only(void **state)
{
    (void)state;
    struct stat st;
    strcat(folder, "/inside");
    struct engine e = open_engine();
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    e.ops->close(e.b);
    *strrchr(folder, '/') = '\0';
}

static void a_store_is_open_once(void **state)
{
    (void)state;
    char err[512];
    struct engine e = open_engine(), other;
    assert_int_equal(try_open(&other, (struct store_options){0}, err), -EBUSY);
    assert_non_null(strstr(err, "another process has this store open"));
    e.ops->close(e.b);
}

static void reading_only_needs_a_store_and_leaves_it_alone(void **state)
{
    (void)state;
    char err[512];
    struct engine e;
    struct random_rows g = {.state = 2};
    struct store_options reading = {.read_only = true};
    assert_int_equal(try_open(&e, reading, err), -ENOENT);
    arena_init(&g.arena, 0);
    e = open_engine();
    append_rows(e, &g, 10, 1, 1);
    e.ops->close(e.b);
    e = open_with(reading);
    struct engine second = open_with(reading);
    assert_int_equal(stats_of(second).rows, 10);
    second.ops->close(second.b);
    e.ops->close(e.b);
    arena_done(&g.arena);
}

static void a_newer_version_is_refused(void **state)
{
    (void)state;
    char err[512];
    struct engine e = open_engine();
    assert_int_equal(
        duck_query(&((struct duck *)e.b)->writer, "UPDATE store SET version = 99", NULL), 0);
    e.ops->close(e.b);
    assert_int_equal(try_open(&e, (struct store_options){0}, err), -EPROTO);
    assert_non_null(strstr(err, "a newer nameflow wrote this store (version 99"));
}

static void an_older_version_is_refused(void **state)
{
    (void)state;
    char err[512];
    struct engine e = open_engine();
    assert_int_equal(
        duck_query(&((struct duck *)e.b)->writer, "UPDATE store SET version = 1", NULL), 0);
    e.ops->close(e.b);
    assert_int_equal(try_open(&e, (struct store_options){0}, err), -EPROTO);
    assert_non_null(strstr(err, "an older nameflow wrote this store (version 1, "));
    assert_non_null(strstr(err, "nameflow export"));
}

static int64_t number(struct engine e, const char *sql)
{
    int64_t n = -1;
    assert_int_equal(duck_query_i64(&((struct duck *)e.b)->writer, sql, -1, &n), 0);
    return n;
}

static struct row_text text(const char *t)
{
    return (struct row_text){t, (uint32_t)strlen(t)};
}

/* A row of a process, seen at one place or two. */
static void append_seen(struct engine e, int64_t time_ns, uint32_t pid, int64_t second_us)
{
    struct row_hop hops[] = {{text("veth1"), 7, 250}, {text("eth0"), 1, second_us}};
    struct row_answer answers[] = {{text("name.example"), text("www.example"), 300, 5},
                                   {text("www.example"), text("192.0.2.1"), pid % 2 ? 60 : 300, 1},
                                   {{0}, text("192.0.2.2"), 300, 1}};
    struct row r = {.seq = e.ops->last_seq(e.b) + 1,
                    .answers = answers,
                    .answers_len = pid % 5 ? 3 : 0,
                    .min_ttl = pid % 2 ? 60 : 300,
                    .time_ns = time_ns,
                    .latency_us = 250,
                    .qname = text("name.example"),
                    .interface = text("veth1"),
                    .netns = 7,
                    .hops = hops,
                    .hops_len = second_us ? 2 : 1,
                    .pid = pid,
                    .uid = -1,
                    .comm = text("curl"),
                    .edns = {.keepalive_ms = -1, .padding_bytes = -1}};
    const struct row *batch[] = {&r};
    assert_int_equal(e.ops->append(e.b, batch, 1), 0);
    expect_row(e, &r);
}

static void what_rows_have_in_common_is_there_once(void **state)
{
    (void)state;
    struct engine e = open_engine();
    for (int i = 0; i < 50; i++)
        append_seen(e, 1000 + i, i % 2 ? 17 : 18, 240);
    append_seen(e, 2000, 17, 0);
    assert_int_equal(number(e, "SELECT count(*) FROM origins"), 3);
    assert_int_equal(number(e, "SELECT count(*) FROM extras"), 1);
    assert_int_equal(number(e, "SELECT count(*) FROM answer_sets"), 1);
    e.ops->close(e.b);
}

/* For people, with the fields as columns. */
static void the_view_puts_all_together(void **state)
{
    (void)state;
    struct engine e = open_engine();
    append_seen(e, 1000, 17, 240);
    append_seen(e, 1001, 18, INT64_C(1) << 40);
    append_seen(e, 1002, 19, 0);
    append_seen(e, 1003, 20, -1);
    static const char *const ones[] = {
        "pid = 17 AND comm = 'curl' AND hops[2].latency_us = 240 AND hops[1].latency_us = 250",
        "pid = 18 AND hops[2].latency_us = 1099511627776 AND hops[2].interface = 'eth0'",
        "pid = 17 AND answers[1].name = 'name.example' AND answers[1].ttl = 300",
        "pid = 17 AND answers[2].name = 'www.example' AND answers[2].ttl = 60",
        "pid = 18 AND answers[2].ttl = 300 AND answers[3].name IS NULL",
        "pid = 18 AND answers[3].data = '192.0.2.2' AND answers[3].type = 1",
        "pid = 20 AND answers IS NULL",
        "pid = 19 AND len(hops) = 1 AND hops[1].latency_us = 250 AND hops[1].netns = 7",
        "pid = 20 AND len(hops) = 2 AND hops[2].latency_us IS NULL AND edns IS NULL",
    };
    for (size_t i = 0; i < sizeof(ones) / sizeof(ones[0]); i++) {
        char sql[256];
        snprintf(sql, sizeof(sql), "SELECT count(*) FROM transactions WHERE %s", ones[i]);
        assert_int_equal(number(e, sql), 1);
    }
    e.ops->close(e.b);
}

/* What a rolled back batch would have written is written by the next one. */
static void a_failed_batch_leaves_nothing(void **state)
{
    (void)state;
    struct engine e = open_engine();
    struct duck_conn *writer = &((struct duck *)e.b)->writer;
    struct random_rows g = {.state = 6};
    arena_init(&g.arena, 0);
    append_seen(e, 1000, 17, 240);
    struct row r = random_row(&g, 1001);
    const struct row *batch[] = {&r};
    r.seq = 2;
    assert_int_equal(duck_query(writer, "ALTER TABLE transaction_rows RENAME TO away", NULL), 0);
    assert_true(e.ops->append(e.b, batch, 1) < 0);
    assert_int_equal(duck_query(writer, "ALTER TABLE away RENAME TO transaction_rows", NULL), 0);
    assert_int_equal(number(e, "SELECT count(*) FROM origins"), 1);
    assert_int_equal(e.ops->append(e.b, batch, 1), 0);
    expect_row(e, &r);
    append_seen(e, 1002, 17, 240);
    e.ops->close(e.b);
    arena_done(&g.arena);
}

static void what_is_no_store_is_refused(void **state)
{
    (void)state;
    char err[512];
    struct engine e = open_engine();
    assert_int_equal(
        duck_query(&((struct duck *)e.b)->writer,
                   "DROP TABLE store; DROP VIEW transactions; ALTER TABLE extras RENAME TO other",
                   NULL),
        0);
    e.ops->close(e.b);
    assert_int_equal(try_open(&e, (struct store_options){0}, err), -EPROTO);
    assert_non_null(strstr(err, "not a store of nameflow"));
}

static void overwrite(const char *name, off_t from, off_t len)
{
    char path[128], noise[4096];
    memset(noise, 0xa5, sizeof(noise));
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    for (off_t at = from; at < from + len; at += (off_t)sizeof(noise))
        assert_int_equal(pwrite(fd, noise, sizeof(noise), at), sizeof(noise));
    close(fd);
}

static size_t set_aside(void)
{
    char pattern[128];
    glob_t found = {0};
    snprintf(pattern, sizeof(pattern), "%s/*.corrupt-*", folder);
    glob(pattern, 0, NULL, &found);
    size_t n = found.gl_pathc;
    globfree(&found);
    return n;
}

static void a_corrupt_file_is_set_aside(void **state)
{
    static const struct {
        off_t from, len;
    } damages[] = {{0, 4096}, {4096, 8192}, {12288, 262144}};
    (void)state;
    struct random_rows g = {.state = 3};
    arena_init(&g.arena, 0);
    for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
        char said[4096] = "", err[512];
        struct engine e = open_engine();
        append_rows(e, &g, 20, 1, 1);
        e.ops->close(e.b);
        overwrite("transactions.duckdb", damages[i].from, damages[i].len);
        assert_int_equal(try_open(&e, (struct store_options){.read_only = true}, err), -EBADMSG);
        e = open_with((struct store_options){.notice = keep_notice, .notice_ctx = said});
        assert_int_equal(stats_of(e).rows, 0);
        assert_int_equal(set_aside(), i + 1);
        assert_non_null(strstr(said, "is corrupt; it is now "));
        e.ops->close(e.b);
    }
    arena_done(&g.arena);
}

static void old_rows_go_by_age(void **state)
{
    (void)state;
    uint64_t by_age, by_size;
    struct random_rows g = {.state = 4};
    struct engine e =
        open_with((struct store_options){.max_bytes = 1 << 30, .max_age_ns = 10 * HOUR_NS});
    int64_t now_ns = 1000 * HOUR_NS;
    arena_init(&g.arena, 0);
    append_rows(e, &g, 2000, now_ns - 20 * HOUR_NS, HOUR_NS / 100);
    assert_int_equal(e.ops->retain(e.b, now_ns, false, &by_age, &by_size), 0);
    assert_int_equal(by_size, 0);
    struct store_stats s = stats_of(e);
    assert_int_equal(s.rows + by_age, 2000);
    assert_true(s.oldest_ns <= now_ns - 10 * HOUR_NS);
    assert_true(s.oldest_ns > now_ns - 11 * HOUR_NS);
    /* Nothing more without more time. */
    assert_int_equal(e.ops->retain(e.b, now_ns, false, &by_age, &by_size), 0);
    assert_int_equal(by_age, 0);
    e.ops->close(e.b);
    arena_done(&g.arena);
}

/* What only they had goes as well; when it comes again it is written again. */
static void old_entries_go_with_their_rows(void **state)
{
    (void)state;
    uint64_t by_age, by_size;
    struct engine e =
        open_with((struct store_options){.max_bytes = 1 << 30, .max_age_ns = 10 * HOUR_NS});
    int64_t now_ns = 1000 * HOUR_NS;
    for (int i = 0; i < 40; i++)
        append_seen(e, now_ns - (40 - i) * HOUR_NS / 2, (uint32_t)i + 1, 240);
    assert_int_equal(e.ops->retain(e.b, now_ns, false, &by_age, &by_size), 0);
    assert_true(by_age > 10 && by_age < 40);
    assert_int_equal(number(e, "SELECT count(*) FROM origins"), 40 - by_age);
    assert_int_equal(number(e, "SELECT count(*) FROM transactions"), 40 - by_age);
    append_seen(e, now_ns, 1, 240);
    append_seen(e, now_ns + 1, 1, 240);
    append_seen(e, now_ns + 2, 40, 240);
    assert_int_equal(number(e, "SELECT count(*) FROM origins"), 41 - by_age);
    e.ops->close(e.b);
}

/* Several times as much as it may hold: the file stays within its limit, and what is left is the
 * newest. */
static void old_rows_go_by_size(void **state)
{
    (void)state;
    enum {
        LIMIT = 24 << 20,
        ROUNDS = 40,
        ROWS = 20000
    };
    uint64_t by_age, by_size, gone = 0;
    struct random_rows g = {.state = 5};
    struct engine e =
        open_with((struct store_options){.max_bytes = LIMIT, .max_age_ns = INT64_MAX / 2});
    arena_init(&g.arena, 0);
    for (int i = 0; i < ROUNDS; i++) {
        append_rows(e, &g, ROWS, (int64_t)i * HOUR_NS + 1, HOUR_NS / ROWS);
        assert_int_equal(e.ops->retain(e.b, i * HOUR_NS, false, &by_age, &by_size), 0);
        gone += by_size;
        assert_true(stats_of(e).disk_bytes < 2 * LIMIT);
    }
    struct store_stats s = stats_of(e);
    assert_true(gone > 0);
    assert_true(s.rows > ROWS);
    assert_int_equal(s.rows + gone, ROUNDS * ROWS);
    assert_true(s.oldest_ns > HOUR_NS);
    assert_int_equal(s.newest_ns, (ROUNDS - 1) * HOUR_NS + 1 + (ROWS - 1) * (HOUR_NS / ROWS));
    e.ops->close(e.b);
    arena_done(&g.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_come_back_as_they_were, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(the_folder_is_for_its_owner_only, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_store_is_open_once, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(reading_only_needs_a_store_and_leaves_it_alone, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_newer_version_is_refused, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(an_older_version_is_refused, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(what_rows_have_in_common_is_there_once, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(the_view_puts_all_together, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_failed_batch_leaves_nothing, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(old_entries_go_with_their_rows, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(what_is_no_store_is_refused, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_corrupt_file_is_set_aside, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(old_rows_go_by_age, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(old_rows_go_by_size, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
