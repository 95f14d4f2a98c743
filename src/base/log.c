/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>

enum log_level log_max_level = LOG_INFO;

enum {
    LOG_BURST = 10,
};

void log_write(struct log_site *site, enum log_level level, const char *msg, const char *fmt, ...)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    int64_t now = clock_ns(CLOCK_MONOTONIC);
    if (now - site->window_start_ns > 10 * NS_PER_SEC) {
        site->window_start_ns = now;
        site->in_window = 0;
    }
    if (site->in_window >= LOG_BURST) {
        site->suppressed++;
        return;
    }
    site->in_window++;

    char line[1024];
    int n = snprintf(line, sizeof(line), "nameflow: level=%s msg=\"%s\"", names[level], msg);
    if (fmt[0] && n > 0 && (size_t)n < sizeof(line) - 1) {
        line[n++] = ' ';
        va_list args;
        va_start(args, fmt);
        vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, args);
        va_end(args);
    }
    if (site->suppressed) {
        fprintf(stderr, "%s suppressed=%u\n", line, site->suppressed);
        site->suppressed = 0;
    } else {
        fprintf(stderr, "%s\n", line);
    }
}
