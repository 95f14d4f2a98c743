/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include "base/json.h"

#define BIT(p)  (1u << PARAM_##p)
#define RANGE   (BIT(FROM) | BIT(UNTIL) | BIT(FILTER))
#define GROUPED (RANGE | BIT(BY) | BIT(METRICS) | BIT(ORDER) | BIT(LIMIT) | BIT(LEAST))

const struct route http_routes[ROUTE_COUNT] = {
    {.path = "/api/v1/transactions",
     .how = ROUTE_QUERY,
     .run = get_transactions,
     .params = RANGE | BIT(LIMIT) | BIT(ORDER) | BIT(AFTER) | BIT(FORMAT),
     .limit_default = 100,
     .limit_max = STORE_ROWS_MAX},
    {.path = "/api/v1/transaction/", .numbered = true, .how = ROUTE_QUERY, .run = get_transaction},
    {.path = "/api/v1/top",
     .how = ROUTE_QUERY,
     .run = get_top,
     .params = GROUPED,
     .limit_default = 10,
     .limit_max = STORE_GROUPS_MAX},
    {.path = "/api/v1/series",
     .how = ROUTE_QUERY,
     .run = get_series,
     .params = GROUPED | BIT(STEP),
     .limit_default = 10,
     .limit_max = STORE_GROUPS_MAX},
    {.path = "/api/v1/histogram",
     .how = ROUTE_QUERY,
     .run = get_histogram,
     .params = RANGE | BIT(STEP)},
    {.path = "/api/v1/values",
     .how = ROUTE_QUERY,
     .run = get_values,
     .params = RANGE | BIT(FIELD) | BIT(PREFIX) | BIT(LIMIT) | BIT(ALL),
     .limit_default = 20,
     .limit_max = STORE_GROUPS_MAX},
    {.path = "/api/v1/live", .how = ROUTE_LIVE, .params = BIT(FILTER)},
    {.path = "/api/v1/status", .how = ROUTE_QUICK, .run = get_status},
    {.path = "/api/v1/losses",
     .how = ROUTE_QUICK,
     .run = get_losses,
     .params = BIT(FROM) | BIT(UNTIL)},
    {.path = "/api/v1/fields", .how = ROUTE_FIXED},
    {.path = "/api/v1/views", .how = ROUTE_QUICK, .run = get_views},
    {.path = "/api/v1/views/", .named = true, .how = ROUTE_QUICK, .run = change_view},
    {.path = "/api/v1/openapi.json", .how = ROUTE_FIXED},
    {.path = "/metrics", .how = ROUTE_QUICK, .run = get_metrics},
    {.path = "/healthz", .how = ROUTE_FIXED, .open = true},
};

const int http_statuses[STATUS_COUNT] = {200, 304, 400, 401, 404, 405, 413, 500, 503, 504, 0};

static bool read_number(const char *text, uint64_t *out)
{
    uint64_t n = 0;
    size_t i = 0;
    for (; text[i] >= '0' && text[i] <= '9' && i < 19; i++)
        n = n * 10 + (uint64_t)(text[i] - '0');
    *out = n;
    return i && !text[i];
}

static bool is_route(const struct route *route, const char *path, uint64_t *seq, const char **name)
{
    size_t len = strlen(route->path);
    if (!route->numbered && !route->named)
        return strcmp(route->path, path) == 0;
    if (strncmp(route->path, path, len) != 0 || !path[len])
        return false;
    if (route->named)
        *name = path + len;
    return route->named || read_number(path + len, seq);
}

const struct route *http_route_find(const char *path, uint64_t *seq, const char **name)
{
    for (size_t i = 0; i < ROUTE_COUNT; i++)
        if (is_route(&http_routes[i], path, seq, name))
            return &http_routes[i];
    return NULL;
}

void http_routes_to_json(struct buf *out)
{
    json_open(out, '[');
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        const struct route *route = &http_routes[i];
        struct buf path = {0};
        buf_printf(&path, "%s%s", route->path,
                   route->numbered ? "{seq}"
                   : route->named  ? "{name}"
                                   : "");
        json_open(out, '{');
        json_key(out, "path");
        json_cstring(out, buf_cstr(&path));
        json_key(out, "methods");
        json_open(out, '[');
        json_cstring(out, route->named ? "put" : "get");
        if (route->named)
            json_cstring(out, "delete");
        json_close(out, ']');
        json_key(out, "open");
        json_bool(out, route->open);
        json_key(out, "limit_default");
        json_u64(out, route->limit_default);
        json_key(out, "limit_max");
        json_u64(out, route->limit_max);
        json_key(out, "parameters");
        json_open(out, '[');
        for (int p = 0; p < PARAM_COUNT; p++)
            if (route->params & 1u << p)
                json_cstring(out, http_param_name((enum http_param)p));
        json_close(out, ']');
        json_close(out, '}');
        buf_done(&path);
    }
    json_close(out, ']');
}
