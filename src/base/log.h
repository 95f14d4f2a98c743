/* SPDX-License-Identifier: Apache-2.0 */
/* The log: one line of key=value on standard error, for a program and for a person.
 *
 *   log_warning("disk full", log_text("folder", folder), log_u64("bytes", n));
 *   time=2026-11-24T05:21:10.123Z level=warning msg="disk full" folder=/var/lib/nameflow bytes=512
 *
 * Where standard error is the journal, which has the time and takes the level from a prefix
 * (sd-daemon(3)), a line is <4>msg="disk full" folder=... Messages are constant; what varies is in
 * fields. Each call site writes LOG_BURST lines in LOG_WINDOW_S at most; how many it kept back, its
 * next line tells (suppressed=N). Any thread may log. Only agent, cli and the top function of a
 * thread do. */
#pragma once

#include "base/buf.h"

enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_NOTICE,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG,
};

enum {
    LOG_BURST = 10,
    LOG_WINDOW_S = 10,
};

/* Names of the levels in their order, NULL at the end. */
extern const char *const log_level_names[];

struct log_field {
    const char *key;
    enum {
        LOG_FIELD_TEXT,
        LOG_FIELD_U64,
        LOG_FIELD_I64,
        LOG_FIELD_ERROR,
    } kind;
    union {
        const char *text; /* NULL: the field is left out */
        uint64_t u64;
        int64_t i64;
    };
};

static inline struct log_field log_text(const char *key, const char *text)
{
    return (struct log_field){.key = key, .kind = LOG_FIELD_TEXT, .text = text};
}

static inline struct log_field log_u64(const char *key, uint64_t v)
{
    return (struct log_field){.key = key, .kind = LOG_FIELD_U64, .u64 = v};
}

static inline struct log_field log_i64(const char *key, int64_t v)
{
    return (struct log_field){.key = key, .kind = LOG_FIELD_I64, .i64 = v};
}

/* error="No space left on device", of a negative errno */
static inline struct log_field log_errno(int error)
{
    return (struct log_field){.key = "error", .kind = LOG_FIELD_ERROR, .i64 = -(int64_t)error};
}

struct log_site {
    int64_t window_ns; /* when it began, CLOCK_MONOTONIC */
    uint32_t lines;
    uint64_t suppressed;
};

#define log_error(message, ...)   LOG_AT(LOG_LEVEL_ERROR, message, ##__VA_ARGS__)
#define log_warning(message, ...) LOG_AT(LOG_LEVEL_WARNING, message, ##__VA_ARGS__)
#define log_notice(message, ...)  LOG_AT(LOG_LEVEL_NOTICE, message, ##__VA_ARGS__)
#define log_info(message, ...)    LOG_AT(LOG_LEVEL_INFO, message, ##__VA_ARGS__)
#define log_debug(message, ...)   LOG_AT(LOG_LEVEL_DEBUG, message, ##__VA_ARGS__)

/* The first of the fields is there so that there may be none. */
#define LOG_AT(level, message, ...)                                                                \
    do {                                                                                           \
        static struct log_site log_site_;                                                          \
        if (log_wanted(level)) {                                                                   \
            const struct log_field log_fields_[] = {log_text(NULL, NULL), ##__VA_ARGS__};          \
            log_write(&log_site_, level, "" message, log_fields_ + 1,                              \
                      sizeof(log_fields_) / sizeof(log_fields_[0]) - 1);                           \
        }                                                                                          \
    } while (0)

/* Finds out whether standard error is the journal. Until then lines are not for it, and the level
 * is info. */
void log_init(enum log_level level);
bool log_to_journal(void);
void log_set_level(enum log_level level);
bool log_wanted(enum log_level level);

/* What is behind the macros. */
void log_write(struct log_site *site, enum log_level level, const char *message,
               const struct log_field *fields, size_t count);
/* Whether the site may write now; *suppressed is what the line then has to tell. */
bool log_site_allow(struct log_site *site, int64_t monotonic_ns, uint64_t *suppressed);

struct log_line {
    enum log_level level;
    bool journal;
    int64_t time_ns; /* since the epoch; not shown in the journal */
    const char *message;
    const struct log_field *fields;
    size_t count;
    uint64_t suppressed;
};

/* With a newline. Control bytes are escaped and bytes that are not UTF-8 replaced, so that a line
 * stays one. */
void log_format(const struct log_line *line, struct buf *out);
