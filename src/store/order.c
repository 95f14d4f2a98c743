/* SPDX-License-Identifier: Apache-2.0 */
#include "store/order.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

static const char *const metric_names[METRIC_COUNT_OF_METRICS] = {
    [METRIC_COUNT] = "count",
    [METRIC_SHARE] = "share",
    [METRIC_AVERAGE] = "average",
    [METRIC_P50] = "p50",
    [METRIC_P90] = "p90",
    [METRIC_P99] = "p99",
    [METRIC_MAX] = "max",
    [METRIC_MIN] = "min",
    [METRIC_ERROR_SHARE] = "error_share",
    [METRIC_UNANSWERED_SHARE] = "unanswered_share",
    [METRIC_NAMES] = "names",
};

const char *store_metric_name(enum store_metric m)
{
    return (unsigned)m < METRIC_COUNT_OF_METRICS ? metric_names[m] : "";
}

int store_metric_find(const char *name, size_t len)
{
    for (int i = 0; i < METRIC_COUNT_OF_METRICS; i++)
        if (strlen(metric_names[i]) == len && memcmp(metric_names[i], name, len) == 0)
            return i;
    return -EINVAL;
}

static int refuse(char *err, size_t err_size, const char *what, const char *field)
{
    snprintf(err, err_size, "%s%s", field, what);
    return -EINVAL;
}

static int check_range(const struct store_range *r, char *err, size_t err_size)
{
    if (r->from_ns < r->until_ns)
        return 0;
    return refuse(err, err_size, "the range ends before it begins", "");
}

const struct field *store_rows_order(const struct store_rows_query *q)
{
    return q->order ? q->order : field_at(0);
}

int store_rows_check(const struct store_rows_query *q, char *err, size_t err_size)
{
    if (check_range(&q->range, err, err_size) < 0)
        return -EINVAL;
    if (q->order && !field_is_single(q->order))
        return refuse(err, err_size, " has several values in a transaction: not to be ordered by",
                      q->order->name);
    if (q->limit > STORE_ROWS_MAX)
        return refuse(err, err_size, "a page has at most 10000 transactions", "");
    if (q->after.valid && q->after.text_len > sizeof(q->after.text))
        return refuse(err, err_size, "not a page of this store", "");
    return 0;
}

static int check_keys(const struct store_groups_query *q, char *err, size_t err_size)
{
    for (int i = 0; i < STORE_KEYS_MAX; i++) {
        const struct field *f = q->by[i];
        if (f && !field_is_single(f))
            return refuse(err, err_size,
                          " has several values in a transaction: not to be grouped by", f->name);
    }
    if (!q->by[0] && q->by[1])
        return refuse(err, err_size, "a second field to group by without a first", "");
    return 0;
}

int store_groups_check(const struct store_groups_query *q, char *err, size_t err_size)
{
    if (check_range(&q->range, err, err_size) < 0 || check_keys(q, err, err_size) < 0)
        return -EINVAL;
    if (q->limit > STORE_GROUPS_MAX)
        return refuse(err, err_size, "at most 1000 groups can be listed", "");
    if (q->step_ns < 0 || (unsigned)q->order >= METRIC_COUNT_OF_METRICS ||
        q->metrics >> METRIC_COUNT_OF_METRICS)
        return refuse(err, err_size, "not a step, an order or a metric", "");
    if (q->step_ns && (q->range.until_ns - q->range.from_ns) / q->step_ns >= STORE_STEPS_MAX)
        return refuse(err, err_size, "at most 2000 steps: a longer step or a shorter range", "");
    return 0;
}

int64_t store_first_step_ns(const struct store_groups_query *q)
{
    int64_t into = q->step_ns ? q->range.from_ns % q->step_ns : 0;
    return q->range.from_ns - (into < 0 ? into + q->step_ns : into);
}

size_t store_step_count(const struct store_groups_query *q)
{
    if (!q->step_ns)
        return 1;
    return (size_t)((q->range.until_ns - 1 - store_first_step_ns(q)) / q->step_ns) + 1;
}

struct order_key order_key_of_row(const struct store_rows_query *q, const struct row *r)
{
    const struct field *f = store_rows_order(q);
    char scratch[DNS_MNEMONIC_MAX];
    struct field_value v;
    struct order_key k = {.seq = r->seq};
    if (!field_row_value(f, r, scratch, &v)) {
        k.null = true;
    } else if (f->type == FIELD_INET) {
        k.text = (const char *)r + f->row.offset;
        k.len = sizeof(v.inet.bytes);
    } else if (f->type == FIELD_TEXT) {
        k.text = v.text;
        k.len = v.len;
    } else {
        k.number = v.number;
    }
    return k;
}

struct order_key order_key_of_page(const struct store_page *p)
{
    return (struct order_key){p->null, p->number, p->text, p->text_len, p->seq};
}

int order_compare(const struct store_rows_query *q, const struct order_key *a,
                  const struct order_key *b)
{
    if (a->null != b->null)
        return a->null ? 1 : -1;
    size_t common = a->len < b->len ? a->len : b->len;
    int r = (a->number > b->number) - (a->number < b->number);
    if (!r && common)
        r = memcmp(a->text, b->text, common);
    if (!r)
        r = (a->len > b->len) - (a->len < b->len);
    if (!r)
        r = (a->seq > b->seq) - (a->seq < b->seq);
    return q->ascending ? r : -r;
}

int store_page_of(const struct store_rows_query *q, const struct row *r, struct store_page *out)
{
    struct order_key k = order_key_of_row(q, r);
    if (k.len > sizeof(out->text))
        return -E2BIG;
    *out = (struct store_page){
        .valid = true,
        .null = k.null,
        .number = k.number,
        .text_len = (uint16_t)k.len,
        .seq = k.seq,
    };
    if (k.len)
        memcpy(out->text, k.text, k.len);
    return 0;
}

/* ---- pages as text: a flag, the number, the seq and the text, in hexadecimal ---- */

void store_page_to_text(const struct store_page *p, struct buf *out)
{
    if (!p->valid)
        return;
    buf_printf(out, "%c%016llx%016llx", p->null ? 'n' : 'v', (unsigned long long)p->number,
               (unsigned long long)p->seq);
    buf_hex(out, p->text, p->text_len);
}

static bool read_hex(const char *text, size_t digits, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < digits; i++) {
        unsigned c = (unsigned char)text[i];
        unsigned digit = c - '0' < 10 ? c - '0' : c - 'a' < 6 ? c - 'a' + 10 : 16;
        if (digit > 15)
            return false;
        *out = *out << 4 | digit;
    }
    return true;
}

bool store_page_from_text(struct store_page *p, const char *text, size_t len)
{
    enum {
        FIXED = 33,
    };
    uint64_t number, byte;
    *p = (struct store_page){.valid = true};
    if (len < FIXED || (len - FIXED) % 2 || (len - FIXED) / 2 > sizeof(p->text) ||
        (text[0] != 'n' && text[0] != 'v') || !read_hex(text + 1, 16, &number) ||
        !read_hex(text + 17, 16, &p->seq))
        return false;
    p->null = text[0] == 'n';
    p->number = (int64_t)number;
    for (size_t i = FIXED; i < len; i += 2) {
        if (!read_hex(text + i, 2, &byte))
            return false;
        p->text[p->text_len++] = (char)byte;
    }
    return true;
}

int store_control_check(const struct store_control *c)
{
    if (!c)
        return 0;
    if (c->cancel && atomic_load_explicit(c->cancel, memory_order_relaxed))
        return -ECANCELED;
    if (c->deadline_ns && clock_ns(CLOCK_MONOTONIC) >= c->deadline_ns)
        return -ETIMEDOUT;
    return 0;
}
