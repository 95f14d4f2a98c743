/* SPDX-License-Identifier: Apache-2.0 */
/* One logger, key=value lines on standard error. Only agent, cli and thread tops log; library
 * modules return errors and count. */
#pragma once

#include <stdint.h>

enum log_level {
    LOG_ERROR,
    LOG_WARN,
    LOG_INFO,
    LOG_DEBUG,
};

extern enum log_level log_max_level; /* LOG_INFO unless changed */

struct log_site {
    int64_t window_start_ns;
    uint32_t in_window;
    uint32_t suppressed;
};

/* `msg` is a constant; `fmt` gives further key=value pairs and may be "". At most 10 lines per
 * call site in 10 seconds; the next line then says how many were left out. */
void log_write(struct log_site *site, enum log_level level, const char *msg, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#define log_at(level, msg, ...)                                                                    \
    do {                                                                                           \
        static struct log_site log_site_;                                                          \
        if ((level) <= log_max_level)                                                              \
            log_write(&log_site_, (level), (msg), "" __VA_ARGS__);                                 \
    } while (0)

#define log_error(msg, ...) log_at(LOG_ERROR, msg, __VA_ARGS__)
#define log_warn(msg, ...)  log_at(LOG_WARN, msg, __VA_ARGS__)
#define log_info(msg, ...)  log_at(LOG_INFO, msg, __VA_ARGS__)
#define log_debug(msg, ...) log_at(LOG_DEBUG, msg, __VA_ARGS__)
