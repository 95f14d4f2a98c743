/* SPDX-License-Identifier: Apache-2.0 */
/* Serves a store with known rows, in memory unless told otherwise, for test_*.py:
 *     serve_rows FOLDER ROWS WORD...      or      serve_rows --routes
 * WORD: metrics_public, no_store, duckdb, hurried (queries have a second). Prints the URL once it
 * listens. Each line of standard input is a command: "push KIND COUNT" gives COUNT records of a
 * kind of sample.h to live readers and metrics, "end" ends, as does the end of input. A line comes
 * back when it is done. */
#include "../unit/record/sample.h"
#include "http/http.h"
#include "http/server.h"

#include "base/clock.h"
#include "base/json.h"

#include <errno.h>

#define FIRST_NS (1795489200 * NS_PER_SEC) /* 2026-11-24T03:00:00Z */

static struct row_text text(const char *s)
{
    return (struct row_text){s, (uint32_t)strlen(s)};
}

/* What server.py computes as well: see row() there. */
static int push_row(struct store *store, unsigned i)
{
    static const int32_t rcodes[10] = {0, 0, 0, 0, 0, 0, 0, 3, 2, -1};
    const uint8_t client[4] = {10, 0, 0, (uint8_t)(i % 5)};
    const uint8_t server[4] = {192, 0, 2, (uint8_t)(53 + i % 3)};
    char qname[64];
    struct row_answer answer = {
        .name = text(qname), .data = text("192.0.2.7"), .ttl = 60, .type = 1};
    struct row r = {
        .time_ns = FIRST_NS + i * NS_PER_SEC,
        .latency_us = rcodes[i % 10] < 0 ? -1 : (int64_t)(1 + i % 1000) * 100,
        .outcome = rcodes[i % 10] < 0 ? OUTCOME_TIMEOUT : OUTCOME_ANSWERED,
        .client_port = (uint16_t)(1024 + i % 60000),
        .server_port = 53,
        .id = (uint16_t)i,
        .client = inet_addr_v4(client),
        .server = inet_addr_v4(server),
        .flags = DNS_FLAG_RD,
        .rcode = rcodes[i % 10],
        .qtype = i % 2 ? 28 : 1,
        .qclass = 1,
        .min_ttl = -1,
        .query_bytes = 40,
        .edns = {.keepalive_ms = -1, .padding_bytes = -1},
        .uid = -1,
        .node = text("a \"quoted\", node"),
    };
    snprintf(qname, sizeof(qname), "host%u.example.com", i % 50);
    r.qname = text(qname);
    if (i % 10 < 7 && i % 2 == 0) {
        r.answers = &answer;
        r.answers_len = r.answer_count = 1;
        r.min_ttl = 60;
    }
    return store_push_row(store, &r);
}

static struct store *fill(unsigned rows, const char *folder, char *err, size_t err_size)
{
    struct store_options o = {.kind = folder ? STORE_DUCKDB : STORE_MEMORY,
                              .folder = folder,
                              .max_bytes = 1 << 30,
                              .max_age_ns = 90 * 365 * (86400 * NS_PER_SEC)};
    struct store *store;
    if (store_open(&store, &o, err, err_size))
        return NULL;
    int r = 0;
    for (unsigned i = 0; !r && i < rows; i++)
        r = push_row(store, i);
    if (!r)
        r = store_flush(store);
    if (!r)
        return store;
    snprintf(err, err_size, "cannot fill the store: %s", strerror(-r));
    store_close(store, 0);
    return NULL;
}

static void status(void *ctx, struct http_agent_status *out)
{
    (void)ctx;
    buf_puts(out->kernel, "{\"btf\":true}");
    out->stages[0] = (struct http_stage){.name = "ring",
                                         .in = 10,
                                         .out = 7,
                                         .dropped = {{"full", 3, false}, {"sampled_out", 5, true}},
                                         .dropped_count = 2};
    out->stage_count = 1;
}

static void losses(void *ctx, const struct store_range *range, struct buf *out)
{
    (void)ctx;
    json_key(out, "known_from");
    json_cstring(out, "2026-11-24T03:00:00Z");
    json_key(out, "lost");
    json_open(out, '[');
    if (range->from_ns <= FIRST_NS)
        buf_puts(out, "{\"stage\":\"ring\",\"reason\":\"full\",\"count\":3,\"first\":"
                      "\"2026-11-24T03:00:00Z\",\"last\":\"2026-11-24T03:01:00Z\"}");
    json_close(out, ']');
    json_key(out, "away");
    json_open(out, '[');
    json_close(out, ']');
}

static void push(struct http *h, unsigned kind, unsigned count)
{
    struct sample *s = sample_new((enum sample_kind)(kind % SAMPLE_COUNT));
    while (count--) {
        http_metrics_push(h, &s->record);
        http_live_push(h, &s->record);
    }
    sample_free(s);
}

static void obey(struct http *h)
{
    char line[128];
    unsigned kind, count;
    while (fgets(line, sizeof(line), stdin) && strcmp(line, "end\n") != 0) {
        if (sscanf(line, "push %u %u", &kind, &count) == 2)
            push(h, kind, count);
        fputs(line, stdout);
        fflush(stdout);
    }
}

static bool has(int argc, char **argv, const char *word)
{
    for (int i = 3; i < argc; i++)
        if (strcmp(argv[i], word) == 0)
            return true;
    return false;
}

static int serve(int argc, char **argv)
{
    char err[512], token[256], path[256], folder[256];
    struct http *h;
    snprintf(folder, sizeof(folder), "%s/store", argv[1]);
    struct store *store = has(argc, argv, "no_store")
                              ? NULL
                              : fill((unsigned)strtoul(argv[2], NULL, 10),
                                     has(argc, argv, "duckdb") ? folder : NULL, err, sizeof(err));
    snprintf(token, sizeof(token), "%s/token", argv[1]);
    snprintf(path, sizeof(path), "%s/api.sock", argv[1]);
    struct http_options o = {
        .listen = "127.0.0.1:0",
        .socket_path = path,
        .token_file = token,
        .metrics_public = has(argc, argv, "metrics_public"),
        .store = store,
        .deadline_ns = has(argc, argv, "hurried") ? NS_PER_SEC : 0,
        .status = status,
        .losses = has(argc, argv, "no_store") ? NULL : losses,
        .version = "0.0.test",
        .node = "here",
    };
    if ((!store && !has(argc, argv, "no_store")) || http_new(&h, &o, err, sizeof(err))) {
        fprintf(stderr, "%s\n", err);
        return 1;
    }
    printf("%s\n", http_url(h));
    fflush(stdout);
    obey(h);
    http_free(h);
    if (store)
        store_close(store, NS_PER_SEC);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--routes") == 0) {
        struct buf b = {0};
        http_routes_to_json(&b);
        puts(buf_cstr(&b));
        buf_done(&b);
        return 0;
    }
    if (argc >= 3)
        return serve(argc, argv);
    fputs("usage: serve_rows FOLDER ROWS WORD...\n", stderr);
    return 2;
}
