/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include "base/json.h"

void get_views(struct request *r)
{
    r->type = "application/json";
    views_list(&r->http->views, &r->body, &r->problem);
}

void change_view(struct request *r)
{
    struct views *v = &r->http->views;
    int result = r->remove ? views_remove(v, r->name, &r->problem)
                           : views_put(v, r->name, &r->sent, &r->problem);
    if (result < 0)
        return;
    r->type = "application/json";
    json_open(&r->body, '{');
    json_key(&r->body, "name");
    json_cstring(&r->body, r->name);
    json_close(&r->body, '}');
}
