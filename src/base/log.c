/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/clock.h"
#include "base/json.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MS_TEXT_LEN = 23, /* of "2026-11-24T05:21:10.123" */
};

const char *const log_level_names[] = {"error", "warning", "notice", "info", "debug", NULL};

/* The priorities of syslog(3) that the journal knows, by level. */
static const char priorities[] = {'3', '4', '5', '6', '7'};

static atomic_int wanted = LOG_LEVEL_INFO;
static bool journal;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of sites, and for whole lines */

/* JOURNAL_STREAM is "device:inode" of the stream that systemd made standard error, and is inherited
 * by children whose standard error is something else. */
static bool is_journal(int fd)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat st;
    return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(fd, &st) == 0 &&
           st.st_dev == device && st.st_ino == inode;
}

void log_init(enum log_level level)
{
    journal = is_journal(STDERR_FILENO);
    log_set_level(level);
}

bool log_to_journal(void)
{
    return journal;
}

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&wanted, level, memory_order_relaxed);
}

bool log_wanted(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&wanted, memory_order_relaxed);
}

bool log_site_allow(struct log_site *site, int64_t monotonic_ns, uint64_t *suppressed)
{
    if (!site->lines || monotonic_ns - site->window_ns >= LOG_WINDOW_S * NS_PER_SEC) {
        site->window_ns = monotonic_ns;
        site->lines = 0;
    }
    if (site->lines >= LOG_BURST) {
        site->suppressed++;
        return false;
    }
    site->lines++;
    *suppressed = site->suppressed;
    site->suppressed = 0;
    return true;
}

/* ---- lines ---- */

static bool is_bare(const char *text)
{
    if (!*text)
        return false;
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || (unsigned char)*text > '~' || strchr("\"'=\\", *text))
            return false;
    return true;
}

static void put_text(struct buf *out, const char *text)
{
    if (is_bare(text)) {
        buf_puts(out, text);
        return;
    }
    /* By itself, because json_string separates values by commas. */
    struct buf quoted = {0};
    json_cstring(&quoted, text);
    buf_put(out, quoted.data, quoted.len);
    buf_done(&quoted);
}

static void put_field(struct buf *out, const struct log_field *f)
{
    char error[128];
    if (f->kind == LOG_FIELD_TEXT && !f->text)
        return;
    buf_printf(out, " %s=", f->key);
    switch (f->kind) {
    case LOG_FIELD_TEXT:
        put_text(out, f->text);
        break;
    case LOG_FIELD_U64:
        buf_u64(out, f->u64);
        break;
    case LOG_FIELD_I64:
        buf_i64(out, f->i64);
        break;
    case LOG_FIELD_ERROR:
        put_text(out, strerror_r((int)f->i64, error, sizeof(error)));
        break;
    }
}

void log_format(const struct log_line *line, struct buf *out)
{
    char time[CLOCK_TEXT_MAX];
    if (line->journal) {
        buf_printf(out, "<%c>", priorities[line->level]);
    } else {
        clock_format_utc(line->time_ns, time);
        buf_printf(out, "time=%.*sZ level=%s ", MS_TEXT_LEN, time, log_level_names[line->level]);
    }
    buf_puts(out, "msg=");
    put_text(out, line->message);
    for (size_t i = 0; i < line->count; i++)
        put_field(out, &line->fields[i]);
    if (line->suppressed)
        buf_printf(out, " suppressed=%llu", (unsigned long long)line->suppressed);
    buf_putc(out, '\n');
}

void log_write(struct log_site *site, enum log_level level, const char *message,
               const struct log_field *fields, size_t count)
{
    struct log_line line = {
        .level = level,
        .journal = journal,
        .time_ns = clock_ns(CLOCK_REALTIME),
        .message = message,
        .fields = fields,
        .count = count,
    };
    pthread_mutex_lock(&lock);
    bool allowed = log_site_allow(site, clock_ns(CLOCK_MONOTONIC), &line.suppressed);
    if (allowed) {
        struct buf out = {0};
        log_format(&line, &out);
        /* There is nobody to tell when this fails. */
        ssize_t n = write(STDERR_FILENO, out.data, out.failed ? 0 : out.len);
        (void)n;
        buf_done(&out);
    }
    pthread_mutex_unlock(&lock);
}
