/* SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/clock.h"

struct engine {
    struct naive naive;
    const struct store_backend *ops;
    void *b;
};

static int setup(void **state)
{
    struct engine *e = calloc(1, sizeof(*e));
    char err[256];
    struct store_options o = {.kind = STORE_MEMORY};
    assert_non_null(e);
    naive_init(&e->naive, 20261124, false);
    assert_int_equal(store_memory_open(&e->b, &e->ops, &o, err, sizeof(err)), 0);
    const struct row *const *rows = (const struct row *const *)e->naive.rows;
    assert_int_equal(e->ops->append(e->b, rows, 100), 0);
    assert_int_equal(e->ops->append(e->b, rows + 100, e->naive.count - 100), 0);
    *state = e;
    return 0;
}

static int teardown(void **state)
{
    struct engine *e = *state;
    e->ops->close(e->b);
    naive_done(&e->naive);
    free(e);
    return 0;
}

static void pages_cover_everything_once_in_every_order(void **state)
{
    struct engine *e = *state;
    naive_check_pages(&e->naive, e->ops, e->b);
}

static void groups_are_what_adding_up_gives(void **state)
{
    struct engine *e = *state;
    naive_check_questions(&e->naive, e->ops, e->b, 150);
}

static void a_prefix_lists_fewer_and_counts_all(void **state)
{
    struct engine *e = *state;
    struct store_groups_query q = {
        .range = {NAIVE_FROM_NS, NAIVE_FROM_NS + 2 * NAIVE_SPAN_NS},
        .by = {field_find("qname", 5)},
        .metrics = 1u << METRIC_COUNT,
        .limit = 10,
        .prefix = "WWW",
    };
    struct store_groups *g;
    assert_int_equal(naive_ask(e->ops, e->b, &q, &g), 0);
    assert_true(g->count > 0);
    for (size_t i = 0; i < g->count; i++)
        assert_memory_equal(g->groups[i].key[0].text, "www", 3);
    assert_int_equal(g->overall.figures.transactions, e->naive.count);
    store_groups_free(g);
}

static bool take_seq(void *ctx, const struct row *r)
{
    *(uint64_t *)ctx = r->seq;
    return true;
}

static void a_row_by_its_number(void **state)
{
    struct engine *e = *state;
    uint64_t seq = 0;
    assert_int_equal(e->ops->row(e->b, 17, take_seq, &seq), 0);
    assert_int_equal(seq, 17);
    assert_int_equal(e->ops->row(e->b, NAIVE_ROWS + 1, take_seq, &seq), -ENOENT);
    assert_int_equal(e->ops->last_seq(e->b), NAIVE_ROWS);
}

static void the_oldest_go_first(void **state)
{
    struct engine *e = *state;
    struct store_options o = {.kind = STORE_MEMORY, .max_bytes = 64 * 1024, .max_age_ns = 1};
    const struct store_backend *ops;
    uint64_t seq, by_age, by_size;
    char err[256];
    void *b;
    assert_int_equal(store_memory_open(&b, &ops, &o, err, sizeof(err)), 0);
    for (size_t i = 0; i < e->naive.count; i++)
        assert_int_equal(ops->append(b, (const struct row *const *)&e->naive.rows[i], 1), 0);
    struct store_stats stats = {0};
    ops->stats(b, &stats);
    assert_true(stats.rows > 10 && stats.rows < e->naive.count / 2);
    assert_int_equal(stats.newest_ns, e->naive.rows[e->naive.count - 1]->time_ns);
    assert_int_equal(ops->row(b, 1, take_seq, &seq), -ENOENT);
    assert_int_equal(ops->retain(b, stats.newest_ns, false, &by_age, &by_size), 0);
    assert_int_equal(by_size, e->naive.count - stats.rows);
    assert_int_equal(by_age, stats.rows - 1);
    /* With more patience from now on, the last one stays. */
    ops->set_limits(b, &(struct store_limits){.max_age_ns = 3600 * NS_PER_SEC});
    assert_int_equal(ops->retain(b, stats.newest_ns + 60 * NS_PER_SEC, false, &by_age, &by_size),
                     0);
    assert_int_equal(by_age, 0);
    ops->set_limits(b, &(struct store_limits){.max_age_ns = NS_PER_SEC});
    assert_int_equal(ops->retain(b, stats.newest_ns + 60 * NS_PER_SEC, false, &by_age, &by_size),
                     0);
    assert_int_equal(by_age, 1);
    ops->close(b);
}

static void a_cancelled_query_ends(void **state)
{
    struct engine *e = *state;
    atomic_bool cancel = true;
    struct store_control control = {.cancel = &cancel};
    struct store_rows_query q = {.range = {0, INT64_MAX}};
    uint64_t seq;
    assert_int_equal(e->ops->rows(e->b, &q, &control, take_seq, &seq), -ECANCELED);
    cancel = false;
    control.deadline_ns = 1;
    assert_int_equal(e->ops->rows(e->b, &q, &control, take_seq, &seq), -ETIMEDOUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_cover_everything_once_in_every_order),
        cmocka_unit_test(groups_are_what_adding_up_gives),
        cmocka_unit_test(a_prefix_lists_fewer_and_counts_all),
        cmocka_unit_test(a_row_by_its_number),
        cmocka_unit_test(the_oldest_go_first),
        cmocka_unit_test(a_cancelled_query_ends),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
