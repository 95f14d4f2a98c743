/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/probe_report.h"

#include "base/json.h"

void probe_report_members(const struct tap_probe *p, struct buf *out)
{
    json_key(out, "status");
    json_cstring(out, p->status == 0 ? "ok" : p->status > 0 ? "limited" : "missing");
    json_key(out, "essential");
    json_bool(out, p->essential);
    json_key(out, "detail");
    json_cstring(out, p->detail);
    if (p->remedy[0]) {
        json_key(out, "remedy");
        json_cstring(out, p->remedy);
    }
}

void probe_report_all(struct buf *out)
{
    struct tap_probe probes[PROBES_MAX];
    size_t count = tap_probe_all(probes, PROBES_MAX);
    json_open(out, '{');
    for (size_t i = 0; i < count && i < PROBES_MAX; i++) {
        json_key(out, probes[i].name);
        json_open(out, '{');
        probe_report_members(&probes[i], out);
        json_close(out, '}');
    }
    json_close(out, '}');
}
