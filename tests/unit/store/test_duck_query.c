/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to the DuckDB engine: as the plain computation answers them. */
#include "naive.h"

#include <ftw.h>
#include <unistd.h>

enum {
    FILTERS = 1500,
    CHUNK = 20, /* rows of one append */
};

struct engine {
    struct naive naive;
    const struct store_backend *ops;
    void *b;
    char folder[64];
};

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static void open_engine(struct engine *e)
{
    char err[512] = "";
    struct store_options o = {.kind = STORE_DUCKDB, .folder = e->folder};
    if (store_duck_open(&e->b, &e->ops, &o, err, sizeof(err)) != 0)
        fail_msg("%s", err);
}

static int setup(void **state)
{
    struct engine *e = calloc(1, sizeof(*e));
    assert_non_null(e);
    naive_init(&e->naive, 8251, true);
    strcpy(e->folder, "/tmp/nameflow-test-query-XXXXXX");
    assert_non_null(mkdtemp(e->folder));
    open_engine(e);
    /* Some rows come late, and the engine is opened anew in between: what was summed up must
     * still be. */
    for (size_t i = 0; i < e->naive.count / CHUNK; i++) {
        const struct row **rows = (const struct row **)e->naive.rows + i * CHUNK;
        assert_int_equal(e->ops->append(e->b, rows, CHUNK), 0);
        if (i == e->naive.count / CHUNK / 2) {
            e->ops->close(e->b);
            open_engine(e);
        }
    }
    *state = e;
    return 0;
}

static int teardown(void **state)
{
    struct engine *e = *state;
    e->ops->close(e->b);
    nftw(e->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    naive_done(&e->naive);
    free(e);
    return 0;
}

/* Counts by SQL and row by row. */
static void filters_mean_the_same(void **state)
{
    struct engine *e = *state;
    struct naive *n = &e->naive;
    struct buf text = {0};
    for (int i = 0; i < FILTERS; i++) {
        struct store_groups *g;
        struct store_groups_query q = {.range = {NAIVE_FROM_NS, NAIVE_FROM_NS + 2 * NAIVE_SPAN_NS}};
        struct filter *f = naive_filter(n, &text);
        uint64_t expected = 0;
        q.filter = f;
        for (size_t k = 0; k < n->count; k++)
            expected += filter_match_row(f, n->rows[k]);
        if (naive_ask(e->ops, e->b, &q, &g) != 0)
            fail_msg("%s", buf_cstr(&text));
        if (g->overall.figures.transactions != expected)
            fail_msg("%s: %llu rows, not %llu", buf_cstr(&text),
                     (unsigned long long)g->overall.figures.transactions,
                     (unsigned long long)expected);
        store_groups_free(g);
        filter_free(f);
    }
    buf_done(&text);
}

static void pages_cover_everything_once_in_every_order(void **state)
{
    struct engine *e = *state;
    naive_check_pages(&e->naive, e->ops, e->b);
}

static void groups_are_what_adding_up_gives(void **state)
{
    struct engine *e = *state;
    naive_check_questions(&e->naive, e->ops, e->b, 100);
}

static const struct field *field_of(const char *name)
{
    return field_find(name, strlen(name));
}

/* Questions that sums of minutes can answer, with ranges that begin and end within a minute. */
static void sums_of_minutes_agree(void **state)
{
    struct engine *e = *state;
    struct naive *n = &e->naive;
    static const char *const keys[] = {"server", "qtype", "comm", "transport", "outcome", "rcode"};
    static const char *const filters[] = {"", "rcode=NOERROR,null", "outcome=answered",
                                          "not rcode~*fail"};
    unsigned from_rollup = 0;
    for (int i = 0; i < 48; i++) {
        struct filter_error error;
        struct filter *f;
        struct store_groups_query q;
        const char *filter = filters[i % 4];
        naive_random_groups(n, &q);
        q.metrics &= ~(1u << METRIC_NAMES);
        q.order = q.order == METRIC_NAMES ? METRIC_P99 : q.order;
        q.step_ns = i % 3 ? 0 : 300 * INT64_C(1000000000);
        q.by[0] = field_of(keys[i % 6]);
        q.by[1] = i % 5 ? NULL : field_of("outcome");
        if (q.by[1] == q.by[0])
            q.by[1] = NULL;
        assert_int_equal(filter_parse(filter, strlen(filter), 0, &f, &error), 0);
        q.filter = f;
        naive_check_groups(n, e->ops, e->b, &q, filter);
        struct store_groups *g;
        assert_int_equal(naive_ask(e->ops, e->b, &q, &g), 0);
        from_rollup += strstr(g->source, "rollup") != NULL;
        store_groups_free(g);
        filter_free(f);
    }
    assert_true(from_rollup > 40);
}

/* Latencies of one name among many, in order. */
static size_t latencies_of(const struct row *rows, size_t count, const struct row_text *name,
                           int64_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (rows[i].qname.text == name->text)
            out[n++] = rows[i].latency_us;
    qsort(out, n, sizeof(*out), naive_compare);
    return n;
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* So many names that those with the highest percentiles are looked for among the slowest
 * transactions, and so many groups that not all are kept. */
static void the_slowest_of_many_names(void **state)
{
    enum {
        ROWS = 60000,
        NAMES = 3000,
        BATCH = 5000,
    };
    struct engine e = {0};
    static char names[NAMES][16];
    struct row *rows = calloc(ROWS, sizeof(*rows));
    const struct row **batch = calloc(BATCH, sizeof(*batch));
    int64_t *latencies = calloc(ROWS, sizeof(*latencies));
    double *p99 = calloc(NAMES, sizeof(*p99));
    uint64_t random = 99;
    (void)state;
    strcpy(e.folder, "/tmp/nameflow-test-query-XXXXXX");
    assert_non_null(mkdtemp(e.folder));
    open_engine(&e);
    for (int i = 0; i < NAMES; i++)
        snprintf(names[i], sizeof(names[i]), "n%d.test", i);
    for (size_t i = 0; i < ROWS; i++) {
        uint32_t name = random_below(&random, NAMES);
        name = random_below(&random, name + 1);
        struct row *r = &rows[i];
        *r = (struct row){.seq = i + 1,
                          .time_ns = NAIVE_FROM_NS + (int64_t)i * 10000000,
                          .latency_us = 50 + (int64_t)(random_next(&random) >> 20) %
                                                 (random_below(&random, 50) ? 5000 : 900000),
                          .qname = {names[name], (uint32_t)strlen(names[name])}};
        batch[i % BATCH] = r;
        if (i % BATCH == BATCH - 1)
            assert_int_equal(e.ops->append(e.b, batch, BATCH), 0);
    }
    for (size_t i = 0; i < NAMES; i++) {
        struct row_text name = {names[i], 0};
        size_t n = latencies_of(rows, ROWS, &name, latencies);
        p99[i] = n ? (double)latencies[(size_t)ceil(0.99 * (double)n - 1e-9) - 1] : 0;
    }
    qsort(p99, NAMES, sizeof(*p99), descending);
    struct store_groups_query q = {
        .range = {rows[0].time_ns, rows[ROWS - 1].time_ns + 1},
        .by = {field_of("qname")},
        .order = METRIC_P99,
        .metrics = 1u << METRIC_P99 | 1u << METRIC_COUNT,
        .limit = 10,
    };
    struct store_groups *g;
    assert_int_equal(naive_ask(e.ops, e.b, &q, &g), 0);
    assert_int_equal(g->count, 10);
    assert_int_equal(g->overall.figures.transactions, ROWS);
    for (size_t i = 0; i < g->count; i++)
        naive_near(g->groups[i].figures.values[METRIC_P99], p99[i], 0.01, "P99");
    naive_near((double)g->matched, NAMES, 0.1, "names");
    store_groups_free(g);
    e.ops->close(e.b);
    nftw(e.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(p99);
    free(latencies);
    free(batch);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_mean_the_same),
        cmocka_unit_test(pages_cover_everything_once_in_every_order),
        cmocka_unit_test(sums_of_minutes_agree),
        cmocka_unit_test(the_slowest_of_many_names),
        cmocka_unit_test(groups_are_what_adding_up_gives),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
