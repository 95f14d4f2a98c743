/* SPDX-License-Identifier: Apache-2.0 */
/* The first names out of the slots' lists are those that the transactions give: whatever comes
 * late, is killed, opened again, deleted, and however few names there is room for. The engine in
 * memory, which looks at every transaction, tells what is right. */
#include "../filter/random_filter.h"
#include "folder.h"
#include "store/duck_names.h"
#include "store/frequent.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    BATCH = 150,
    BATCHES = 6, /* of a segment */
    SEGMENTS = 3,
    ROWS_MAX = BATCH * (BATCHES + 2) * SEGMENTS,
    NAMES = 400,
    QUESTIONS = 12,
};

#define FROM_NS INT64_C(1795492800000000000)
#define STEP_NS (NAMES_SLOT_NS / (2 * BATCH))

struct round {
    uint64_t random;
    char names[NAMES][16];
    struct row rows[ROWS_MAX];
    size_t count;
    void *duck, *memory;
    const struct store_backend *duck_ops, *memory_ops;
    int64_t asked_from_ns; /* what is before may be deleted */
    unsigned from_names, answers;
};

static void make_row(struct round *r, struct row *out)
{
    uint32_t name = random_below(&r->random, NAMES);
    name = random_below(&r->random, random_below(&r->random, name + 1) + 1);
    int64_t late = random_below(&r->random, 25) ? 0 : random_below(&r->random, 2400);
    *out = (struct row){
        .seq = r->count + 1,
        .time_ns = FROM_NS + (int64_t)r->count * STEP_NS - late * 1000000000,
        .outcome = (uint8_t)random_below(&r->random, 5),
        .rcode = (int32_t)random_below(&r->random, 5) - 1,
        .latency_us = (int64_t)random_below(&r->random, 100000) - 20000,
        .qtype = 1,
        .qclass = 1,
        .opcode = 0,
        .authority_count = -1,
        .additional_count = -1,
        .answer_count = -1,
        .min_ttl = -1,
        .uid = -1,
    };
    if (out->latency_us < 0)
        out->latency_us = -1;
    if (name % 50 != 7)
        out->qname = (struct row_text){r->names[name], (uint32_t)strlen(r->names[name])};
    r->count++;
}

static void append(const struct store_backend *ops, void *b, const struct row *rows, size_t count)
{
    const struct row *batch[BATCH];
    for (size_t i = 0; i < count; i++)
        batch[i] = &rows[i];
    assert_int_equal(ops->append(b, batch, count), 0);
}

static void open_duck(struct round *r)
{
    char err[512] = "";
    struct store_options o = {
        .kind = STORE_DUCKDB, .folder = folder, .max_age_ns = INT64_MAX / 2, .max_bytes = 1 << 30};
    if (store_duck_open(&r->duck, &r->duck_ops, &o, err, sizeof(err)) != 0)
        fail_msg("%s", err);
}

/* In a process of its own, which is gone without closing the store when it is killed. */
static void append_apart(struct round *r, const struct row *rows, bool killed)
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        open_duck(r);
        for (size_t i = 0; i < BATCHES; i++)
            append(r->duck_ops, r->duck, rows + i * BATCH, BATCH);
        if (!killed)
            r->duck_ops->close(r->duck);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static struct store_groups *ask(const struct store_backend *ops, void *b,
                                const struct store_groups_query *q)
{
    struct store_groups *out = NULL;
    const char *source = NULL;
    bool approximate = true;
    struct groups *g = groups_new(q);
    assert_non_null(g);
    assert_int_equal(ops->groups(b, q, NULL, groups_add, g, &source, &approximate), 0);
    assert_int_equal(groups_finish(g, source, approximate, &out), 0);
    groups_free(g);
    return out;
}

static void expect_figures(const struct store_figures *a, const struct store_figures *b)
{
    assert_int_equal(a->transactions, b->transactions);
    for (int m = 0; m < METRIC_COUNT_OF_METRICS; m++) {
        double x = a->values[m], y = b->values[m];
        if (isnan(x) != isnan(y) || (!isnan(x) && fabs(x - y) > 1e-9 * fabs(y)))
            fail_msg("%s: %g, not %g", store_metric_name((enum store_metric)m), x, y);
    }
}

static void expect_same(const struct store_groups *a, const struct store_groups *b)
{
    assert_false(a->approximate);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct row_text *x = &a->groups[i].key[0], *y = &b->groups[i].key[0];
        assert_int_equal(!x->text, !y->text);
        assert_int_equal(x->len, y->len);
        assert_true(!x->len || memcmp(x->text, y->text, x->len) == 0);
        expect_figures(&a->groups[i].figures, &b->groups[i].figures);
    }
    expect_figures(&a->overall.figures, &b->overall.figures);
    expect_figures(&a->others.figures, &b->others.figures);
    assert_true(fabs((double)a->matched - (double)b->matched) <= 0.06 * (double)b->matched);
}

static int64_t random_time(struct round *r)
{
    int64_t end = FROM_NS + ((int64_t)r->count + BATCH) * STEP_NS, from = r->asked_from_ns;
    int64_t t = from + (int64_t)(random_next(&r->random) % (uint64_t)(end - from));
    return random_below(&r->random, 3) ? t : t / NAMES_SLOT_NS * NAMES_SLOT_NS + NAMES_SLOT_NS;
}

static void ask_random(struct round *r)
{
    static const uint32_t limits[] = {1, 3, 10, 60, 1000};
    static const uint32_t metrics[] = {
        METRIC_COUNT, METRIC_SHARE,       METRIC_AVERAGE,         METRIC_MIN,
        METRIC_MAX,   METRIC_ERROR_SHARE, METRIC_UNANSWERED_SHARE};
    int64_t a = random_time(r), b = random_time(r);
    struct store_groups_query q = {
        .range = {a < b ? a : b, (a < b ? b : a) + 1},
        .by = {field_find("qname", 5)},
        .order = random_below(&r->random, 4) ? METRIC_COUNT : METRIC_SHARE,
        .limit = limits[random_below(&r->random, 5)],
    };
    for (int i = 0; i < 2; i++)
        q.metrics |= 1u << metrics[random_below(&r->random, 7)];
    if (random_below(&r->random, 3) == 0)
        q.range = (struct store_range){r->asked_from_ns, FROM_NS + 100 * NAMES_SLOT_NS};
    struct store_groups *x = ask(r->duck_ops, r->duck, &q);
    struct store_groups *y = ask(r->memory_ops, r->memory, &q);
    expect_same(x, y);
    r->answers++;
    r->from_names += strstr(x->source, "names") != NULL;
    store_groups_free(x);
    store_groups_free(y);
}

static void make_rows(struct round *r, size_t count)
{
    for (size_t i = 0; i < count; i++)
        make_row(r, &r->rows[r->count]);
}

/* A segment: some rows by another process, some by this one, and questions. */
static void segment(struct round *r, bool killed)
{
    size_t before = r->count;
    make_rows(r, BATCH * BATCHES);
    append_apart(r, &r->rows[before], killed);
    for (size_t i = before; i < r->count; i += BATCH)
        append(r->memory_ops, r->memory, &r->rows[i], BATCH);
    open_duck(r);
    for (int i = 0; i < 2; i++) {
        size_t at = r->count;
        make_rows(r, BATCH);
        append(r->duck_ops, r->duck, &r->rows[at], BATCH);
        append(r->memory_ops, r->memory, &r->rows[at], BATCH);
        for (int k = 0; k < QUESTIONS; k++)
            ask_random(r);
    }
}

static struct round *new_round(uint64_t seed)
{
    char err[512] = "";
    struct round *r = calloc(1, sizeof(*r));
    struct store_options o = {.kind = STORE_MEMORY, .max_bytes = 256 << 20};
    assert_non_null(r);
    r->random = seed;
    r->asked_from_ns = FROM_NS - 2400 * INT64_C(1000000000);
    for (int i = 0; i < NAMES; i++)
        snprintf(r->names[i], sizeof(r->names[i]), "n%d.test", i);
    assert_int_equal(store_memory_open(&r->memory, &r->memory_ops, &o, err, sizeof(err)), 0);
    return r;
}

static void end_round(struct round *r)
{
    r->memory_ops->close(r->memory);
    free(r);
}

static void rounds_with(struct duck_names_limits limits, uint64_t seed, unsigned least_from_names)
{
    struct duck_names_limits before = duck_names_limits;
    struct round *r = new_round(seed);
    duck_names_limits = limits;
    for (int i = 0; i < SEGMENTS; i++) {
        segment(r, i != 1);
        r->duck_ops->close(r->duck);
    }
    if (r->from_names < least_from_names)
        fail_msg("%u of %u from the slots", r->from_names, r->answers);
    duck_names_limits = before;
    end_round(r);
}

static void all_names_are_listed(void **state)
{
    (void)state;
    rounds_with((struct duck_names_limits){32768, 1000, 100000}, 11, 30);
}

static void few_names_are_listed(void **state)
{
    (void)state;
    rounds_with((struct duck_names_limits){32768, 20, 100000}, 12, 12);
}

static void names_are_given_up(void **state)
{
    (void)state;
    rounds_with((struct duck_names_limits){60, 12, 100000}, 13, 8);
}

static void nothing_is_added_up_again(void **state)
{
    (void)state;
    rounds_with((struct duck_names_limits){200, 60, 0}, 14, 12);
}

/* What was deleted is still told of, as lower bounds; what is left is exact. */
static void transactions_are_deleted(void **state)
{
    (void)state;
    struct round *r = new_round(15);
    uint64_t by_age, by_size;
    segment(r, true);
    r->duck_ops->close(r->duck);
    char err[512];
    struct store_options o = {.kind = STORE_DUCKDB,
                              .folder = folder,
                              .max_bytes = 1 << 30,
                              .max_age_ns = 2 * NAMES_SLOT_NS,
                              .rollup_age_ns = INT64_MAX / 2};
    assert_int_equal(store_duck_open(&r->duck, &r->duck_ops, &o, err, sizeof(err)), 0);
    int64_t newest = r->rows[r->count - 1].time_ns;
    assert_int_equal(r->duck_ops->retain(r->duck, newest, false, &by_age, &by_size), 0);
    assert_true(by_age > 100 && !by_size);
    struct store_groups_query q = {.range = {FROM_NS - 24 * NAMES_SLOT_NS, newest + 1},
                                   .by = {field_find("qname", 5)},
                                   .metrics = 1u << METRIC_COUNT,
                                   .limit = 10};
    for (int opened = 0; opened < 2; opened++) {
        struct store_groups *g = ask(r->duck_ops, r->duck, &q);
        struct store_groups *all = ask(r->memory_ops, r->memory, &q);
        assert_true(g->approximate);
        assert_true(g->overall.figures.transactions > r->count - by_age);
        for (size_t i = 0; i < g->count; i++)
            assert_true(g->groups[i].figures.transactions <= all->groups[i].figures.transactions);
        store_groups_free(g);
        store_groups_free(all);
        r->duck_ops->close(r->duck);
        open_duck(r);
    }
    r->asked_from_ns = newest - 2 * NAMES_SLOT_NS;
    r->from_names = 0;
    for (int i = 0; i < QUESTIONS; i++)
        ask_random(r);
    assert_true(r->from_names > 5);
    r->duck_ops->close(r->duck);
    end_round(r);
}

/* The part of a slot alone: listed sums are exact, and the others have no more than is said. */
static void what_is_listed_is_exact(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 40; seed++) {
        struct round *r = new_round(seed);
        struct frequent f = {.limit = 20 + (uint32_t)seed * 4};
        struct frequent_list list;
        uint64_t counts[NAMES] = {0}, sum = 0;
        make_rows(r, ROWS_MAX);
        for (size_t i = 0; i < r->count; i++) {
            struct row *row = &r->rows[i];
            assert_int_equal(frequent_add(&f, row), 0);
            if (row->qname.text)
                counts[atoi(row->qname.text + 1)]++;
        }
        frequent_list(&f, 30, &list);
        assert_true(list.count <= 30);
        for (size_t i = 0; i < list.count; i++) {
            const struct frequent_name *n = list.names[i];
            sum += n->sums.transactions;
            if (n->absent)
                continue;
            uint64_t *count = &counts[atoi(n->text + 1)];
            assert_int_equal(n->sums.transactions, *count);
            *count = 0;
        }
        for (int i = 0; i < NAMES; i++)
            assert_true(counts[i] <= list.rest_max);
        assert_int_equal(sum + list.rest.transactions, r->count);
        frequent_done(&f);
        end_round(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_listed_is_exact),
        cmocka_unit_test_setup_teardown(all_names_are_listed, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(few_names_are_listed, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(names_are_given_up, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(nothing_is_added_up_again, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(transactions_are_deleted, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
