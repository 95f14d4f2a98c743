/* SPDX-License-Identifier: Apache-2.0 */
/* GET /api/v1/transactions and /api/v1/transaction/SEQ.
 *
 * A stream is a sequence of pages: the next one is asked for when the client has taken the one
 * before. So no thread ever waits for a client, however slowly it reads. */
#include "http/gzip.h"
#include "http/server.h"

#include "base/json.h"
#include "record/row_csv.h"

#include <errno.h>
#include <stdlib.h>

struct row_stream {
    struct store_rows_query query;
    bool endless;  /* no limit was given */
    uint32_t left; /* else */
    bool last;     /* the page in r->body is the last one */
    size_t sent;   /* of r->body */
    struct gzip *gzip;
};

struct page {
    struct buf *out;
    struct buf scratch;
    enum http_format format;
    uint32_t count;
    bool full; /* of bytes: the row at the end was one too many */
};

static bool put_row(void *ctx, const struct row *row)
{
    struct page *p = ctx;
    if (p->format == FORMAT_CSV) {
        row_to_csv(row, &p->scratch, p->out);
    } else {
        if (p->format == FORMAT_JSON)
            json_comma(p->out);
        row_to_json(row, p->out);
        if (p->format == FORMAT_NDJSON)
            buf_putc(p->out, '\n');
    }
    p->count++;
    p->full = p->out->len > HTTP_PAGE_BYTES && p->count > 1;
    return !p->full && !p->out->failed;
}

/* Appends a page to `out`; fewer transactions than asked for when they are large. Returns how many,
 * or a negative errno with the problem. */
static int64_t run_page(struct request *r, struct store_rows_query *q, struct page *p,
                        struct store_page *next)
{
    char err[256] = "";
    struct store_control control = request_control(r);
    size_t start = p->out->len;
    uint32_t limit = q->limit;
    int error = store_rows(r->http->o.store, q, &control, put_row, p, next, err, sizeof(err));
    if (!error && p->full) {
        p->out->len = start;
        q->limit = p->count - 1;
        p->count = 0;
        error = store_rows(r->http->o.store, q, &control, put_row, p, next, err, sizeof(err));
    }
    q->limit = limit;
    if (!error && p->out->failed)
        error = -ENOMEM;
    return error ? http_fail_store(&r->problem, error, err) : (int64_t)p->count;
}

static struct store_rows_query query_of(const struct http_params *p)
{
    return (struct store_rows_query){
        .range = p->range,
        .filter = p->filter,
        .order = p->order,
        .ascending = p->ascending,
        .limit = p->limit,
        .after = p->after,
    };
}

static void get_page(struct request *r)
{
    struct store_rows_query q = query_of(&r->params);
    struct page p = {.out = &r->body, .format = FORMAT_JSON};
    struct store_page next = {0};
    r->type = "application/json";
    request_open_range(r, &r->body);
    json_key(&r->body, "transactions");
    json_open(&r->body, '[');
    if (run_page(r, &q, &p, &next) < 0)
        return;
    json_close(&r->body, ']');
    if (next.valid) {
        struct buf token = {0};
        store_page_to_text(&next, &token);
        json_key(&r->body, "next");
        json_string(&r->body, token.data, token.len);
        buf_done(&token);
    }
    json_close(&r->body, '}');
}

/* ---- streams ---- */

void row_stream_free(struct row_stream *s)
{
    if (!s)
        return;
    gzip_free(s->gzip);
    free(s);
}

static void fill_stream(struct request *r)
{
    struct row_stream *s = r->stream;
    struct buf plain = {0};
    struct page p = {.out = s->gzip ? &plain : &r->body, .format = r->params.format};
    struct store_page next = {0};
    if (p.format == FORMAT_CSV && !s->query.after.valid)
        row_csv_header(p.out);
    s->query.limit = s->endless || s->left > STORE_ROWS_MAX ? STORE_ROWS_MAX : s->left;
    int64_t count = run_page(r, &s->query, &p, &next);
    if (count >= 0) {
        s->left -= (uint32_t)count;
        s->last = !next.valid || (!s->endless && !s->left);
        s->query.after = next;
        if (s->gzip && !gzip_push(s->gzip, &r->body, plain.data, plain.len, s->last))
            http_fail_store(&r->problem, -ENOMEM, NULL);
    }
    buf_done(&plain);
    buf_done(&p.scratch);
}

static void run_stream(struct pool_job *job)
{
    struct request *r = (struct request *)job;
    fill_stream(r);
    request_finish_job(r);
}

static void get_stream(struct request *r)
{
    struct row_stream *s = r->stream = calloc(1, sizeof(*s));
    if (!s || (r->gzip && !(s->gzip = gzip_new()))) {
        http_fail_store(&r->problem, -ENOMEM, NULL);
        return;
    }
    r->type = r->params.format == FORMAT_CSV ? "text/csv; charset=utf-8; header=present"
                                             : "application/x-ndjson";
    r->packed = s->gzip;
    s->query = query_of(&r->params);
    s->left = r->params.limit;
    s->endless = !s->left;
    fill_stream(r);
}

ssize_t row_stream_read(void *cls, uint64_t pos, char *to, size_t max)
{
    struct request *r = cls;
    struct row_stream *s = r->stream;
    (void)pos;
    /* What is cut short must not look whole: the connection ends without the last chunk. */
    if (r->problem.status)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t left = r->body.len - s->sent;
    if (left) {
        size_t n = left < max ? left : max;
        memcpy(to, r->body.data + s->sent, n);
        s->sent += n;
        return (ssize_t)n;
    }
    if (s->last)
        return MHD_CONTENT_READER_END_OF_STREAM;
    buf_clear(&r->body);
    s->sent = 0;
    r->job.run = run_stream;
    request_start_job(r, true);
    return 0;
}

/* ---- the routes ---- */

void get_transactions(struct request *r)
{
    if (!request_needs_store(r))
        return;
    if (r->params.has_format && r->params.format != FORMAT_JSON)
        get_stream(r);
    else
        get_page(r);
}

void get_transaction(struct request *r)
{
    char err[256] = "";
    struct page p = {.out = &r->body, .format = FORMAT_JSON};
    if (!request_needs_store(r))
        return;
    r->type = "application/json";
    int error = store_row(r->http->o.store, r->seq, put_row, &p, err, sizeof(err));
    if (error == -ENOENT)
        http_fail(&r->problem, 404, "there is no transaction %llu, or not any more",
                  (unsigned long long)r->seq);
    else if (error)
        http_fail_store(&r->problem, error, err);
}
