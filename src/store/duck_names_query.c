/* SPDX-License-Identifier: Apache-2.0 */
/* The first names out of the slots' lists. What is listed is exact; a name that is not listed in a
 * part has at most the part's `rest_max` there. So there is a lower and an upper bound of each
 * name, and when no other name can come before them the first ones are proven. Those of them that
 * are not listed everywhere are counted in the transactions of the slots where they are not. */
#include "store/duck_names.h"

#include "store/frequent.h"
#include "store/groups.h"

#include <errno.h>
#include <stdlib.h>

enum {
    PRUNE_AT = 20000,  /* names kept before those that cannot come first are given up */
    COUNTED_MAX = 200, /* names counted in the transactions */
    RANGES_MAX = 12,   /* in which they are; more of them are looked at as one */
};

struct candidate {
    struct row_text key;
    struct frequent_sums sums;
    uint64_t upper;
};

/* A slot's parts together. */
struct slot_rest {
    int64_t slot;
    uint64_t rest_max;
};

struct asking {
    struct duck_asked *a;
    int64_t first, until; /* slots, [first, until) */
    int64_t gone_ns;
    struct buf open;   /* int64_t: those of them that are not known, in order */
    struct buf slots;  /* struct slot_rest, in order */
    struct buf ranges; /* struct store_range: whose transactions are looked at */
    struct distinct names;
    uint64_t rest_max;           /* a name that is listed nowhere has at most that */
    struct frequent_sums others; /* everything but the candidates */
    uint64_t seen;               /* names that came */
    struct buf candidates;       /* struct candidate */
    struct arena arena;          /* their names */
    uint32_t limit;
    bool counted; /* the others hold transactions of candidates, too */
    bool looked;  /* at transactions */
};

static struct candidate *candidates_of(struct asking *k, size_t *count)
{
    *count = k->candidates.len / sizeof(struct candidate);
    return (void *)k->candidates.data;
}

static const struct slot_rest *slots_of(const struct asking *k, size_t *count)
{
    *count = k->slots.len / sizeof(struct slot_rest);
    return (const void *)k->slots.data;
}

bool duck_names_serves(const struct store_groups_query *q)
{
    const uint32_t known = 1u << METRIC_COUNT | 1u << METRIC_SHARE | 1u << METRIC_AVERAGE |
                           1u << METRIC_MIN | 1u << METRIC_MAX | 1u << METRIC_ERROR_SHARE |
                           1u << METRIC_UNANSWERED_SHARE;
    return q->by[0] && !q->by[1] && strcmp(q->by[0]->name, "qname") == 0 && !q->filter &&
           !q->step_ns && !q->buckets && !(q->metrics & ~known) && !q->ascending &&
           (q->order == METRIC_COUNT || q->order == METRIC_SHARE) && q->least <= 1 &&
           (!q->prefix || !*q->prefix);
}

/* ---- what there is ---- */

static void put_slots(const struct asking *k, struct sql *s)
{
    sql_puts(s, "slot >= ");
    sql_number(s, k->first);
    sql_puts(s, " AND slot < ");
    sql_number(s, k->until);
}

static int take_open(void *ctx, duckdb_data_chunk chunk)
{
    struct asking *k = ctx;
    struct duck_columns c = duck_columns_of(chunk);
    for (size_t i = 0; i < c.count; i++)
        buf_put(&k->open, (int64_t *)duck_data(&c, 0) + i, sizeof(int64_t));
    return k->open.failed ? -ENOMEM : 0;
}

static int find_open(struct asking *k)
{
    struct sql s;
    sql_init(&s);
    sql_puts(&s, "SELECT slot FROM names_open WHERE ");
    put_slots(k, &s);
    sql_puts(&s, " ORDER BY slot");
    int r = duck_ask(k->a->conn, &s, false, take_open, k);
    sql_done(&s);
    return r;
}

static void add_range(struct asking *k, int64_t from_ns, int64_t until_ns)
{
    struct store_range r = {from_ns, until_ns};
    struct store_range *ranges = (void *)k->ranges.data;
    size_t count = k->ranges.len / sizeof(*ranges);
    if (count && ranges[count - 1].until_ns == from_ns)
        ranges[count - 1].until_ns = until_ns;
    else if (from_ns < until_ns)
        buf_put(&k->ranges, &r, sizeof(r));
}

/* Which slots are whole in the range, and where transactions must be looked at. -EAGAIN: there is
 * no point in it. */
static int plan(struct asking *k)
{
    const struct store_range *range = &k->a->q->range;
    int64_t first = 0, from = range->from_ns > 0 ? range->from_ns : 0;
    int r = duck_query_i64(k->a->conn, "SELECT max(first) FROM names_state", 0, &first);
    if (!r)
        r = duck_query_i64(k->a->conn, "SELECT max(gone) FROM names_state", 0, &k->gone_ns);
    k->first = from / NAMES_SLOT_NS + (from % NAMES_SLOT_NS != 0);
    if (k->first < first)
        k->first = first;
    k->until = range->until_ns > 0 ? range->until_ns / NAMES_SLOT_NS : 0;
    if (r || k->first >= k->until)
        return r ? r : -EAGAIN;
    r = find_open(k);
    const int64_t *open = (const void *)k->open.data;
    size_t count = k->open.len / sizeof(*open);
    if (r || (size_t)(k->until - k->first) <= count || count > RANGES_MAX)
        return r ? r : -EAGAIN;
    add_range(k, range->from_ns, k->first * NAMES_SLOT_NS);
    for (size_t i = 0; i < count; i++)
        add_range(k, open[i] * NAMES_SLOT_NS, (open[i] + 1) * NAMES_SLOT_NS);
    add_range(k, k->until * NAMES_SLOT_NS, range->until_ns);
    k->looked = k->ranges.len != 0;
    return k->ranges.failed ? -ENOMEM : 0;
}

static struct frequent_sums read_sums(const struct duck_columns *c, unsigned column, size_t i)
{
    struct store_part p = {0};
    duck_read_figures(c, column, i, &p);
    return (struct frequent_sums){
        p.transactions,   p.errors,        p.unanswered, p.with_latency, (uint64_t)p.latency_sum_us,
        p.latency_min_us, p.latency_max_us};
}

static const char part_figures[] = "transactions, errors, unanswered, with_latency, "
                                   "CAST(latency_sum AS DOUBLE), latency_min, latency_max";
static const char sums_of_figures[] =
    "CAST(sum(f0) AS BIGINT), CAST(sum(f1) AS BIGINT), CAST(sum(f2) AS BIGINT), CAST(sum(f3) AS "
    "BIGINT), sum(f4), min(f5), max(f6)";

static int take_rests(void *ctx, duckdb_data_chunk chunk)
{
    struct asking *k = ctx;
    struct duck_columns c = duck_columns_of(chunk);
    for (size_t i = 0; i < c.count; i++) {
        struct frequent_sums sums = read_sums(&c, 1, i);
        struct slot_rest rest = {((int64_t *)duck_data(&c, 0))[i],
                                 (uint64_t)((int64_t *)duck_data(&c, 8))[i]};
        struct row_text sketch = duck_text_at((duckdb_string_t *)duck_data(&c, 9) + i);
        size_t count;
        struct slot_rest *slots = (void *)slots_of(k, &count);
        frequent_sums_add(&k->others, &sums);
        k->rest_max += rest.rest_max;
        if (count && slots[count - 1].slot == rest.slot)
            slots[count - 1].rest_max += rest.rest_max;
        else
            buf_put(&k->slots, &rest, sizeof(rest));
        int r = distinct_merge_bytes(&k->names, sketch.text, sketch.len);
        if (r || k->slots.failed)
            return r ? r : -ENOMEM;
    }
    return 0;
}

static int find_rests(struct asking *k)
{
    struct sql s;
    sql_init(&s);
    sql_puts(&s, "SELECT slot, ");
    sql_puts(&s, part_figures);
    sql_puts(&s, ", rest_max, sketch FROM names WHERE kind = 0 AND ");
    put_slots(k, &s);
    sql_puts(&s, " AND slot NOT IN (SELECT slot FROM names_open) ORDER BY slot");
    int r = duck_ask(k->a->conn, &s, true, take_rests, k);
    sql_done(&s);
    return r;
}

/* ---- candidates ---- */

static int compare(const void *x, const void *y)
{
    const struct candidate *a = x, *b = y;
    if (a->sums.transactions != b->sums.transactions)
        return a->sums.transactions > b->sums.transactions ? -1 : 1;
    return groups_compare_names(&a->key, &b->key);
}

/* Gives up the candidates that cannot be among the first. */
static void prune(struct asking *k)
{
    size_t count, n = 0;
    struct candidate *c = candidates_of(k, &count);
    if (count <= k->limit)
        return;
    qsort(c, count, sizeof(*c), compare);
    uint64_t least = c[k->limit - 1].sums.transactions;
    for (size_t i = 0; i < count; i++) {
        if (i < k->limit || c[i].upper >= least)
            c[n++] = c[i];
        else
            frequent_sums_add(&k->others, &c[i].sums);
    }
    k->candidates.len = n * sizeof(*c);
}

static int add_candidate(struct asking *k, const struct duck_columns *c, size_t i)
{
    struct candidate n = {.sums = read_sums(c, 1, i)};
    uint64_t listed = (uint64_t)((int64_t *)duck_data(c, 8))[i];
    n.upper = n.sums.transactions + (k->rest_max > listed ? k->rest_max - listed : 0);
    if (!duck_is_null(c, 0, i)) {
        struct row_text t = duck_text_at((duckdb_string_t *)duck_data(c, 0) + i);
        char *copy = arena_alloc(&k->arena, t.len + 1);
        if (!copy)
            return -ENOMEM;
        memcpy(copy, t.text, t.len);
        n.key = (struct row_text){copy, t.len};
    }
    k->seen++;
    buf_put(&k->candidates, &n, sizeof(n));
    return k->candidates.failed || distinct_add_kept(&k->names, n.key.text, n.key.len) < 0 ? -ENOMEM
                                                                                           : 0;
}

static int take_names(void *ctx, duckdb_data_chunk chunk)
{
    struct asking *k = ctx;
    struct duck_columns c = duck_columns_of(chunk);
    int r = 0;
    for (size_t i = 0; !r && i < c.count; i++)
        r = add_candidate(k, &c, i);
    if (k->candidates.len > PRUNE_AT * sizeof(struct candidate))
        prune(k);
    return r;
}

static void put_names(const struct asking *k, struct sql *s)
{
    sql_puts(s, "SELECT \"qname\", ");
    sql_puts(s, part_figures);
    sql_puts(s, ", rest_max FROM names WHERE kind = 1 AND ");
    put_slots(k, s);
    sql_puts(s, " AND slot NOT IN (SELECT slot FROM names_open)");
}

static int find_candidates(struct asking *k)
{
    const struct store_range *ranges = (const void *)k->ranges.data;
    struct sql s;
    sql_init(&s);
    sql_puts(&s, "SELECT k, ");
    sql_puts(&s, sums_of_figures);
    sql_puts(&s, ", CAST(sum(f7) AS BIGINT) FROM (");
    put_names(k, &s);
    for (size_t i = 0; i < k->ranges.len / sizeof(*ranges); i++) {
        sql_puts(&s, " UNION ALL SELECT ");
        duck_put_key(&s, k->a->q->by[0]);
        sql_puts(&s, ", ");
        duck_put_figures(&s);
        sql_puts(&s, ", 0 FROM " DUCK_ROWS_NAME);
        duck_put_where(&s, &ranges[i], NULL);
        sql_puts(&s, " GROUP BY 1");
    }
    sql_puts(&s, ") AS parts(k, f0, f1, f2, f3, f4, f5, f6, f7) GROUP BY 1");
    int r = duck_ask(k->a->conn, &s, true, take_names, k);
    sql_done(&s);
    return r;
}

/* ---- those that are not listed everywhere ---- */

/* A candidate's number and slot make a bit: whether its transactions there are to be counted. */
struct counting {
    struct asking *k;
    struct store_groups chosen; /* their keys */
    struct candidate **of;      /* likewise */
    bool *wanted;
    size_t slot_count;
};

static bool *wanted_at(struct counting *w, int64_t number, int64_t slot)
{
    size_t count, low = 0;
    const struct slot_rest *slots = slots_of(w->k, &count);
    for (size_t high = count; low < high;) {
        size_t middle = (low + high) / 2;
        if (slots[middle].slot < slot)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == count || slots[low].slot != slot || number < 0 || (size_t)number >= w->chosen.count)
        return NULL;
    return &w->wanted[(size_t)number * count + low];
}

static void put_chosen(struct sql *s, const struct duck_lists *lists)
{
    sql_puts(s, "WITH chosen AS (SELECT unnest(");
    sql_value(s, "BIGINT[]", lists->numbers);
    sql_puts(s, ") AS n, unnest(");
    sql_value(s, "VARCHAR[]", lists->keys[0]);
    sql_puts(s, ") AS name) ");
}

static void take_away(struct frequent_sums *from, const struct frequent_sums *what)
{
    from->transactions -= what->transactions;
    from->errors -= what->errors;
    from->unanswered -= what->unanswered;
    from->with_latency -= what->with_latency;
    from->latency_sum_us -= what->latency_sum_us;
}

/* What is listed of a slot is exact when it is listed in all of its parts; else it is taken away,
 * and counted. */
static int take_listed(void *ctx, duckdb_data_chunk chunk)
{
    struct counting *w = ctx;
    struct duck_columns c = duck_columns_of(chunk);
    size_t count;
    const struct slot_rest *slots = slots_of(w->k, &count);
    for (size_t i = 0; i < c.count; i++) {
        int64_t number = ((int64_t *)duck_data(&c, 0))[i];
        bool *wanted = wanted_at(w, number, ((int64_t *)duck_data(&c, 1))[i]);
        if (!wanted)
            return -EIO;
        size_t slot = (size_t)(wanted - w->wanted) % count;
        struct frequent_sums sums = read_sums(&c, 2, i);
        *wanted = (uint64_t)((int64_t *)duck_data(&c, 9))[i] < slots[slot].rest_max;
        if (!*wanted)
            continue;
        take_away(&w->of[number]->sums, &sums);
        frequent_sums_add(&w->k->others, &sums);
    }
    return 0;
}

static int find_listed(struct counting *w, const struct duck_lists *lists)
{
    struct sql s;
    sql_init(&s);
    put_chosen(&s, lists);
    sql_puts(&s, "SELECT n, slot, ");
    sql_puts(&s, sums_of_figures);
    sql_puts(&s, ", CAST(sum(f7) AS BIGINT) FROM (SELECT \"qname\", slot, ");
    sql_puts(&s, part_figures);
    sql_puts(&s, ", rest_max FROM names WHERE kind = 1 AND ");
    put_slots(w->k, &s);
    sql_puts(&s, " AND slot NOT IN (SELECT slot FROM names_open)) AS parts(k, slot, f0, f1, f2, "
                 "f3, f4, f5, f6, f7) JOIN chosen ON k IS NOT DISTINCT FROM name GROUP BY 1, 2");
    int r = duck_ask(w->k->a->conn, &s, true, take_listed, w);
    sql_done(&s);
    return r;
}

static int take_counted(void *ctx, duckdb_data_chunk chunk)
{
    struct counting *w = ctx;
    struct duck_columns c = duck_columns_of(chunk);
    for (size_t i = 0; i < c.count; i++) {
        int64_t number = ((int64_t *)duck_data(&c, 0))[i];
        bool *wanted = wanted_at(w, number, ((int64_t *)duck_data(&c, 1))[i]);
        if (!wanted || !*wanted)
            continue;
        struct frequent_sums sums = read_sums(&c, 2, i);
        frequent_sums_add(&w->of[number]->sums, &sums);
        take_away(&w->k->others, &sums);
    }
    return 0;
}

/* The slots in which one of them is wanted, as ranges. */
static void find_ranges(struct counting *w)
{
    struct asking *k = w->k;
    size_t count;
    const struct slot_rest *slots = slots_of(k, &count);
    k->ranges.len = 0;
    for (size_t i = 0; i < count; i++) {
        bool any = false;
        for (size_t n = 0; !any && n < w->chosen.count; n++)
            any = w->wanted[n * count + i];
        if (any)
            add_range(k, slots[i].slot * NAMES_SLOT_NS, (slots[i].slot + 1) * NAMES_SLOT_NS);
    }
    struct store_range *ranges = (void *)k->ranges.data;
    size_t n = k->ranges.len / sizeof(*ranges);
    if (n <= RANGES_MAX)
        return;
    ranges[0].until_ns = ranges[n - 1].until_ns;
    k->ranges.len = sizeof(*ranges);
}

static int count_them(struct counting *w, const struct duck_lists *lists)
{
    const struct store_range *ranges = (const void *)w->k->ranges.data;
    struct sql s;
    if (!w->k->ranges.len)
        return 0;
    w->k->looked = true;
    sql_init(&s);
    put_chosen(&s, lists);
    for (size_t i = 0; i < w->k->ranges.len / sizeof(*ranges); i++) {
        sql_puts(&s, i ? " UNION ALL SELECT n, \"time\" // " : "SELECT n, \"time\" // ");
        sql_number(&s, NAMES_SLOT_NS);
        sql_puts(&s, " AS slot, ");
        duck_put_figures(&s);
        sql_puts(&s, " FROM " DUCK_ROWS_NAME " JOIN chosen ON ");
        duck_put_key(&s, w->k->a->q->by[0]);
        sql_puts(&s, " IS NOT DISTINCT FROM name");
        duck_put_where(&s, &ranges[i], NULL);
        sql_puts(&s, " GROUP BY 1, 2");
    }
    int r = duck_ask(w->k->a->conn, &s, true, take_counted, w);
    sql_done(&s);
    return r;
}

static int count_chosen(struct counting *w)
{
    struct duck_lists lists;
    size_t count;
    const struct slot_rest *slots = slots_of(w->k, &count);
    w->wanted = calloc(w->chosen.count * count + 1, sizeof(*w->wanted));
    if (!w->wanted)
        return -ENOMEM;
    for (size_t i = 0; i < w->chosen.count * count; i++)
        w->wanted[i] = slots[i % count].rest_max != 0;
    int r = duck_lists_init(&lists, w->k->a->q, &w->chosen);
    if (!r)
        r = find_listed(w, &lists);
    if (!r) {
        find_ranges(w);
        r = w->k->ranges.failed ? -ENOMEM : count_them(w, &lists);
    }
    duck_lists_done(&lists);
    return r;
}

/* Makes the sums of all candidates exact. */
static int count_candidates(struct asking *k)
{
    struct candidate *of[COUNTED_MAX];
    struct store_group keys[COUNTED_MAX] = {0};
    struct counting w = {.k = k, .chosen = {.groups = keys}, .of = of};
    size_t count;
    struct candidate *c = candidates_of(k, &count);
    for (size_t i = 0; i < count; i++) {
        if (c[i].upper == c[i].sums.transactions)
            continue;
        if (w.chosen.count == COUNTED_MAX)
            return -EAGAIN;
        keys[w.chosen.count].key[0] = c[i].key;
        of[w.chosen.count++] = &c[i];
    }
    if (!w.chosen.count)
        return 0;
    /* What they have among the others cannot be told from these any more. */
    if (k->a->q->metrics & (1u << METRIC_MIN | 1u << METRIC_MAX))
        return -EAGAIN;
    int r = count_chosen(&w);
    free(w.wanted);
    return r;
}

/* ---- the answer ---- */

static void put_part(struct store_part *p, const struct frequent_sums *s)
{
    p->transactions = s->transactions;
    p->errors = s->errors;
    p->unanswered = s->unanswered;
    p->with_latency = s->with_latency;
    p->latency_sum_us = (double)s->latency_sum_us;
    p->latency_min_us = s->latency_min_us;
    p->latency_max_us = s->latency_max_us;
}

static int tell(struct asking *k, store_part_sink *sink, void *ctx)
{
    size_t count, n;
    struct candidate *c = candidates_of(k, &count);
    int r = 0;
    for (n = 0; !r && n < count && n < k->limit; n++) {
        struct store_part p = {.key = {c[n].key}, .whole = true};
        put_part(&p, &c[n].sums);
        r = sink(ctx, &p);
    }
    for (size_t i = n; i < count; i++)
        frequent_sums_add(&k->others, &c[i].sums);
    uint64_t names = (uint64_t)distinct_count(&k->names);
    if (names < k->seen)
        names = k->seen;
    struct store_part rest = {.rest = true, .groups = names - n};
    put_part(&rest, &k->others);
    return r || !rest.groups ? r : sink(ctx, &rest);
}

/* Whether transactions that the lists tell of are there no more. */
static bool is_beyond(const struct asking *k)
{
    size_t count;
    const struct slot_rest *slots = slots_of(k, &count);
    return count && slots[0].slot * NAMES_SLOT_NS < k->gone_ns;
}

/* Exact sums, in order, and no name that was not looked at can be among the first. */
static int prove(struct asking *k)
{
    prune(k);
    int r = count_candidates(k);
    size_t count;
    struct candidate *c = candidates_of(k, &count);
    if (r)
        return r;
    if (count)
        qsort(c, count, sizeof(*c), compare);
    if (!k->rest_max)
        return 0;
    return count >= k->limit && c[k->limit - 1].sums.transactions > k->rest_max ? 0 : -EAGAIN;
}

static int ask(struct asking *k, bool *beyond)
{
    int r = plan(k);
    if (!r)
        r = find_rests(k);
    if (!r)
        r = find_candidates(k);
    if (r)
        return r;
    *beyond = is_beyond(k);
    if (!*beyond)
        return prove(k);
    size_t count;
    struct candidate *c = candidates_of(k, &count);
    if (count)
        qsort(c, count, sizeof(*c), compare);
    return 0;
}

int duck_ask_names(struct duck_asked *a, store_part_sink *sink, void *ctx, const char **source,
                   bool *approximate)
{
    struct asking k = {.a = a,
                       .names = {.bits = DISTINCT_BITS_KEPT},
                       .limit = a->q->limit ? a->q->limit : STORE_GROUPS_DEFAULT};
    bool beyond = false;
    if (!duck_names_there(a->conn->duck))
        return -EAGAIN;
    arena_init(&k.arena, 0);
    /* All that is asked is of the same state of the store. */
    int r = duck_query(a->conn, "BEGIN", NULL);
    if (!r) {
        r = ask(&k, &beyond);
        duck_lib.query(a->conn->handle, "ROLLBACK", NULL);
    }
    if (!r) {
        *source = k.looked ? "transactions+names" : "names";
        *approximate = beyond;
        r = tell(&k, sink, ctx);
    }
    buf_done(&k.open);
    buf_done(&k.slots);
    buf_done(&k.ranges);
    buf_done(&k.candidates);
    distinct_done(&k.names);
    arena_done(&k.arena);
    return r;
}
