/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks in nanoseconds, and times as text. Stages never read a clock: time comes from records. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define NS_PER_US  1000LL
#define NS_PER_MS  1000000LL
#define NS_PER_SEC 1000000000LL

static inline int64_t clock_ns(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
}

enum {
    CLOCK_TEXT_MAX = 40,
};

/* RFC 3339 in UTC with nanoseconds, "2026-11-24T05:21:10.123456789Z"; returns the length.
 * Years outside 0..9999 are clamped. */
size_t clock_format_utc(int64_t epoch_ns, char out[CLOCK_TEXT_MAX]);
