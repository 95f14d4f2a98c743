/* SPDX-License-Identifier: Apache-2.0 */
/* What doctor finds out, as JSON. */
#pragma once

#include "base/buf.h"
#include "tap/live.h"

enum {
    PROBES_MAX = 32,
};

/* The members of a probe's object but for its name: "status", "essential", "detail", "remedy". */
void probe_report_members(const struct tap_probe *p, struct buf *out);
/* Tries everything, and writes one object with a member for each, by its name. */
void probe_report_all(struct buf *out);
