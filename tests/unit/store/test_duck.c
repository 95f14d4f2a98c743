/* SPDX-License-Identifier: Apache-2.0 */
/* The DuckDB engine itself, without the front's queue. */
#include "random_rows.h"
#include "store/backend.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct engine {
    void *b;
    const struct store_backend *ops;
};

static char folder[64];

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/nameflow-test-store-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct engine open_with(struct store_options o)
{
    struct engine e = {0};
    char err[512] = "";
    o.folder = folder;
    if (store_duck_open(&e.b, &e.ops, &o, err, sizeof(err)) != 0)
        fail_msg("%s", err);
    return e;
}

static struct engine open_engine(void)
{
    return open_with((struct store_options){0});
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
    e.ops->close(e.b);

    e = open_engine(); /* from the file */
    assert_int_equal(e.ops->last_seq(e.b), ROWS);
    for (uint32_t i = 0; i < CHECKED; i++)
        expect_row(e, &rows[i * (ROWS / CHECKED) + 1]);
    struct store_stats s = {0};
    e.ops->stats(e.b, &s);
    assert_int_equal(s.rows, ROWS);
    assert_int_equal(s.oldest_ns, 1000);
    assert_int_equal(s.newest_ns, 1000 + ROWS - 1);
    e.ops->close(e.b);
    arena_done(&g.arena);
    free(batch);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_come_back_as_they_were, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
