/* SPDX-License-Identifier: Apache-2.0 */
/* GET /api/v1/status and losses, and what /api/v1/fields says. */
#include "http/live.h"
#include "http/peer.h"
#include "http/server.h"

#include "base/clock.h"
#include "base/json.h"

void http_agent_status(struct http *h, struct http_agent_status *out, struct buf *kernel)
{
    *out = (struct http_agent_status){.kernel = kernel};
    if (h->o.status)
        h->o.status(h->o.status_ctx, out);
}

static void put_time(struct buf *out, const char *key, int64_t ns)
{
    json_key(out, key);
    if (ns)
        json_utc(out, ns);
    else
        buf_puts(out, "null");
}

static void put_count(struct buf *out, const char *key, uint64_t n)
{
    json_key(out, key);
    json_u64(out, n);
}

static uint64_t lost_of(const struct http_stage *s)
{
    uint64_t lost = 0;
    for (size_t i = 0; i < s->dropped_count; i++)
        lost += s->dropped[i].by_design ? 0 : s->dropped[i].count;
    return lost;
}

static void put_stages(struct buf *out, const struct http_agent_status *s)
{
    json_key(out, "stages");
    json_open(out, '[');
    for (size_t i = 0; i < s->stage_count; i++) {
        const struct http_stage *stage = &s->stages[i];
        json_open(out, '{');
        json_key(out, "stage");
        json_cstring(out, stage->name);
        put_count(out, "in", stage->in);
        put_count(out, "out", stage->out);
        json_key(out, "dropped");
        json_open(out, '{');
        for (size_t k = 0; k < stage->dropped_count; k++)
            put_count(out, stage->dropped[k].reason, stage->dropped[k].count);
        json_close(out, '}');
        put_count(out, "lost", lost_of(stage));
        json_close(out, '}');
    }
    json_close(out, ']');
}

/* An empty one is none. */
static void put_text(struct buf *out, const char *text)
{
    if (*text)
        json_cstring(out, text);
    else
        buf_puts(out, "null");
}

/* Who asks: a console can then show what this person's own programs look up. */
static void put_peer(struct request *r, struct buf *out)
{
    struct peer p;
    peer_of(&p, r->watched.fd);
    json_key(out, "you");
    json_open(out, '{');
    json_key(out, "address");
    put_text(out, p.address);
    json_key(out, "uid");
    if (p.uid >= 0)
        json_i64(out, p.uid);
    else
        buf_puts(out, "null");
    json_key(out, "user");
    put_text(out, p.user);
    json_close(out, '}');
}

static void put_store(struct buf *out, struct store *store)
{
    json_key(out, "store");
    if (!store) {
        buf_puts(out, "null");
        return;
    }
    struct store_stats s = store_stats(store);
    const struct {
        const char *key;
        uint64_t n;
    } counts[] = {
        {"pushed", s.pushed},
        {"written", s.written},
        {"dropped_queue", s.dropped_queue},
        {"dropped_failed", s.dropped_failed},
        {"dropped_memory", s.dropped_memory},
        {"expired_age", s.expired_age},
        {"expired_size", s.expired_size},
        {"queued", s.queued},
        {"queued_bytes", s.queued_bytes},
        {"commits", s.commits},
        {"commit_us_total", s.commit_ns_total / NS_PER_US},
        {"commit_us_max", s.commit_ns_max / NS_PER_US},
        {"queries", s.queries},
        {"queries_failed", s.queries_failed},
        {"query_us_total", s.query_ns_total / NS_PER_US},
        {"rows", s.rows},
        {"disk_bytes", s.disk_bytes},
        {"reopened", s.reopened},
    };
    json_open(out, '{');
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        put_count(out, counts[i].key, counts[i].n);
    put_time(out, "oldest", s.oldest_ns);
    put_time(out, "newest", s.newest_ns);
    put_time(out, "rollup_oldest", s.rollup_oldest_ns);
    json_key(out, "failing");
    json_bool(out, s.failing);
    json_close(out, '}');
}

void get_status(struct request *r)
{
    struct http *h = r->http;
    struct buf *out = &r->body, kernel = {0};
    struct http_agent_status status;
    http_agent_status(h, &status, &kernel);
    r->type = "application/json";
    json_open(out, '{');
    json_key(out, "version");
    json_cstring(out, h->version);
    json_key(out, "node");
    json_cstring(out, h->node);
    put_time(out, "now", clock_ns(CLOCK_REALTIME));
    put_time(out, "started", h->started_ns);
    put_count(out, "uptime_seconds",
              (uint64_t)((clock_ns(CLOCK_MONOTONIC) - h->started_monotonic_ns) / NS_PER_SEC));
    json_key(out, "engine");
    if (h->o.store)
        json_cstring(out, store_engine(h->o.store));
    else
        buf_puts(out, "null");
    json_key(out, "kernel");
    buf_puts(out, kernel.len ? buf_cstr(&kernel) : "{}");
    put_stages(out, &status);
    put_store(out, h->o.store);
    put_count(out, "live_readers", live_stats(h->live).readers);
    put_peer(r, out);
    json_close(out, '}');
    buf_done(&kernel);
}

void get_losses(struct request *r)
{
    struct http *h = r->http;
    if (!h->o.losses) {
        http_fail(&r->problem, 503, "this agent keeps no loss ledger");
        return;
    }
    r->type = "application/json";
    request_open_range(r, &r->body);
    h->o.losses(h->o.losses_ctx, &r->params.range, &r->body);
    json_close(&r->body, '}');
}

static const char *type_name(enum field_type type)
{
    switch (type) {
    case FIELD_TIME:
        return "time";
    case FIELD_DURATION:
        return "duration";
    case FIELD_NUMBER:
        return "number";
    case FIELD_TEXT:
        return "text";
    case FIELD_ENUM:
        return "enum";
    case FIELD_INET:
        return "address";
    case FIELD_SET:
        return "set";
    case FIELD_BOOL:
        return "bool";
    }
    return "text";
}

static void put_field(const struct field *f, struct buf *out)
{
    json_open(out, '{');
    json_key(out, "name");
    json_cstring(out, f->name);
    json_key(out, "alias");
    if (f->alias)
        json_cstring(out, f->alias);
    else
        buf_puts(out, "null");
    json_key(out, "type");
    json_cstring(out, type_name(f->type));
    json_key(out, "help");
    json_cstring(out, f->help);
    json_key(out, "groupable");
    json_bool(out, field_is_single(f));
    json_key(out, "orderable");
    json_bool(out, field_is_single(f));
    json_key(out, "derived");
    json_bool(out, f->part != NULL);
    json_key(out, "values");
    json_open(out, '[');
    const char *name;
    for (size_t i = 0; f->enum_at && (name = f->enum_at(i)); i++)
        json_cstring(out, name);
    json_close(out, ']');
    json_close(out, '}');
}

void http_fields_to_json(struct buf *out)
{
    const struct field *f;
    json_open(out, '{');
    json_key(out, "fields");
    json_open(out, '[');
    for (size_t i = 0; (f = field_at(i)); i++)
        put_field(f, out);
    json_close(out, ']');
    json_close(out, '}');
}
