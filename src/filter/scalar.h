/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, durations and times as people write them; shared by the filter language and the
 * options of the command line. */
#pragma once

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal or 0x hexadecimal; k, M, G stand for powers of 1000, Ki, Mi, Gi of 1024, with or without
 * a B after them. False when the text is none of that or too large. */
bool scalar_number(const char *text, size_t len, int64_t *out);
/* Nanoseconds: "1.5ms", "1h30m", units ns us ms s m h d. A number alone counts in `plain_ns`,
 * and is not taken when that is 0. */
bool scalar_duration(const char *text, size_t len, int64_t plain_ns, int64_t *out_ns);
/* Nanoseconds since the epoch: "now", "-5m", seconds since the epoch, or RFC 3339 of which the
 * end may be missing: "2026-11-24", "2026-11-24T05:00", "2026-11-24 05:00:01.5+01:00"; UTC without
 * an offset. A time of lower precision stands for the whole day, minute or second:
 * *first..*last. */
bool scalar_time(const char *text, size_t len, int64_t now_ns, int64_t *first, int64_t *last);

/* The shortest exact form that parses back: "100ms", "1500us", "17ns". */
void scalar_put_duration(struct buf *b, int64_t ns);
