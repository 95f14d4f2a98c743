/* SPDX-License-Identifier: Apache-2.0 */
#include "store/duck.h"

#include "base/clock.h"
#include "store/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The log is written into the file when a row group is full (duck.c). This is for batches that are
 * large by their bytes. */
#define CHECKPOINT_AT "96MB"

/* ---- the folder ---- */

static int lock_folder(struct duck *d, char *err, size_t err_size)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/lock", d->folder);
    d->lock_fd = open(
        path, d->options.read_only ? O_RDONLY | O_CLOEXEC : O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (d->lock_fd < 0) {
        int error = errno;
        snprintf(err, err_size, "%s: %s", path, strerror(error));
        return -error;
    }
    if (flock(d->lock_fd, (d->options.read_only ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0)
        return 0;
    snprintf(err, err_size, "%s: another process has this store open", d->folder);
    return -EBUSY;
}

int duck_folder_open(struct duck *d, char *err, size_t err_size)
{
    if (!d->options.read_only && mkdir(d->folder, 0700) < 0 && errno != EEXIST) {
        int error = errno;
        snprintf(err, err_size, "%s: %s", d->folder, strerror(error));
        return -error;
    }
    if (access(d->options.read_only ? d->path : d->folder, R_OK) < 0) {
        int error = errno;
        snprintf(err, err_size, error == ENOENT ? "%s: no store is here" : "%s: %s", d->folder,
                 strerror(error));
        return -error;
    }
    return lock_folder(d, err, err_size);
}

void duck_folder_close(struct duck *d)
{
    if (d->lock_fd >= 0)
        close(d->lock_fd);
    d->lock_fd = -1;
}

static uint64_t file_bytes(const char *path, const char *suffix)
{
    char name[PATH_MAX];
    struct stat st;
    snprintf(name, sizeof(name), "%s%s", path, suffix);
    return stat(name, &st) == 0 ? (uint64_t)st.st_size : 0;
}

uint64_t duck_disk_bytes(const struct duck *d)
{
    return file_bytes(d->path, "") + file_bytes(d->path, ".wal");
}

/* ---- opening ---- */

static bool set_all(duckdb_config config, const struct duck *d)
{
    char threads[16], memory[32], temporary[PATH_MAX];
    snprintf(threads, sizeof(threads), "%u", d->options.threads);
    snprintf(memory, sizeof(memory), "%lluB", (unsigned long long)d->options.memory_bytes);
    snprintf(temporary, sizeof(temporary), "%s/temporary", d->folder);
    const char *const settings[][2] = {
        {"threads", threads},
        {"external_threads", threads}, /* all of them are ours */
        {"memory_limit", memory},
        {"checkpoint_threshold", CHECKPOINT_AT},
        {"temp_directory", temporary},
        {"max_temp_directory_size", "512MB"},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        {"allow_community_extensions", "false"},
    };
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        if (duck_lib.set_config(config, settings[i][0], settings[i][1]) == DuckDBError)
            return false;
    return true;
}

/* The engine tells reasons only in words. -EBADMSG: the file is corrupt; only what is surely that,
 * for such a file is given up. */
static int reason_of(const char *text)
{
    static const struct {
        const char *words;
        int error;
    } reasons[] = {
        {"No space left on device", -ENOSPC},
        {"Could not set lock", -EBUSY},
        {"Conflicting lock", -EBUSY},
        {"Permission denied", -EACCES},
        {"Out of Memory", -ENOMEM},
        {"Cannot open file", -EIO},
        {"Could not read", -EIO},
        {"newer version", -EPROTO},
        {"version number", -EPROTO},
        {"not a valid DuckDB", -EBADMSG},
        {"orrupt", -EBADMSG},
        {"checksum", -EBADMSG},
        {"replaying WAL", -EBADMSG},
        {"erialize", -EBADMSG},
        {"Serialization Error", -EBADMSG},
        {"INTERNAL Error", -EBADMSG},
    };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (strstr(text, reasons[i].words))
            return reasons[i].error;
    return -EIO;
}

void duck_file_close(struct duck *d)
{
    if (d->writer.handle)
        duck_lib.disconnect(&d->writer.handle);
    if (d->database)
        duck_lib.close(&d->database);
}

/* The engine with nothing in it: what a file's row groups are like can only be told when it is
 * attached. */
static int open_empty(struct duck *d, char *err, size_t err_size)
{
    duckdb_config config = NULL;
    char *reason = NULL;
    int r = 0;
    if (duck_lib.create_config(&config) == DuckDBError || !set_all(config, d)) {
        snprintf(err, err_size, "DuckDB does not know the settings that the store needs");
        r = -ELIBACC;
    } else if (duck_lib.open_ext(":memory:", &d->database, config, &reason) == DuckDBError) {
        snprintf(err, err_size, "DuckDB does not start: %s", reason ? reason : "no reason given");
        duck_lib.free(reason);
        d->database = NULL;
        r = -EIO;
    } else if (duck_lib.connect(d->database, &d->writer.handle) == DuckDBError) {
        snprintf(err, err_size, "DuckDB takes no connection");
        r = -EIO;
    }
    duck_lib.destroy_config(&config);
    return r;
}

/* After this nothing outside of the folder can be reached by whatever is asked. Storage version:
 * 1.5 and 2.0 read it too. */
static int attach(struct duck *d, char *err, size_t err_size)
{
    struct buf sql = {0};
    buf_puts(&sql, "ATTACH ");
    sql_put_literal(&sql, d->path);
    buf_printf(&sql, " AS nameflow (ROW_GROUP_SIZE %d, STORAGE_VERSION 'v1.4.0'%s); ",
               DUCK_ROW_GROUP, d->options.read_only ? ", READ_ONLY" : "");
    buf_puts(&sql, DUCK_USE "; SET enable_external_access = false");
    duckdb_result result;
    int r = sql.failed ? -ENOMEM : 0;
    if (!r && duck_lib.query(d->writer.handle, buf_cstr(&sql), &result) == DuckDBError) {
        const char *reason = duck_lib.result_error(&result);
        r = reason ? reason_of(reason) : -EIO;
        snprintf(err, err_size, "%s: %s", d->path, reason ? reason : "cannot be opened");
    }
    if (!sql.failed)
        duck_lib.destroy_result(&result);
    buf_done(&sql);
    return r;
}

static int open_once(struct duck *d, char *err, size_t err_size)
{
    int r = open_empty(d, err, err_size);
    if (!r)
        r = attach(d, err, err_size);
    if (r)
        duck_file_close(d);
    return r;
}

static void notice(struct duck *d, const char *text)
{
    if (d->options.notice)
        d->options.notice(d->options.notice_ctx, text);
}

/* Renames to NAME.corrupt-TIME, and says so. */
static int set_aside(struct duck *d, const char *suffix, const char *why)
{
    char from[PATH_MAX], to[PATH_MAX], text[2 * PATH_MAX + 1024], when[32];
    time_t now = time(NULL);
    struct tm tm;
    strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
    snprintf(from, sizeof(from), "%s%s", d->path, suffix);
    for (unsigned n = 0; n < 100; n++) {
        int len = snprintf(to, sizeof(to), "%s.corrupt-%s", from, when);
        if (n && len > 0 && (size_t)len < sizeof(to))
            snprintf(to + len, sizeof(to) - (size_t)len, "-%u", n);
        if (access(to, F_OK) < 0)
            break;
    }
    if (rename(from, to) < 0)
        return -errno;
    snprintf(text, sizeof(text), "%s is corrupt; it is now %s, and a new one was started (%s)",
             from, to, why);
    notice(d, text);
    return 0;
}

/* A corrupt log loses what it holds, the newest transactions; only if that does not help the whole
 * file is set aside. */
int duck_file_open(struct duck *d, bool may_set_aside, char *err, size_t err_size)
{
    static const char *const parts[] = {".wal", ""};
    int r = open_once(d, err, err_size);
    for (size_t i = 0; r == -EBADMSG && may_set_aside && !d->options.read_only && i < 2; i++) {
        int moved = set_aside(d, parts[i], err);
        if (moved == 0)
            r = open_once(d, err, err_size);
        else if (moved != -ENOENT)
            return moved;
    }
    return r;
}

/* ---- the tables ---- */

enum {
    SCHEMA = 2, /* 1: the rows had everything */
};

static int create(struct duck_conn *c)
{
    struct buf sql = {0};
    buf_puts(&sql, "BEGIN; ");
    duck_put_schema(&sql);
    buf_printf(&sql, "; CREATE TABLE store (version BIGINT); INSERT INTO store VALUES (%d); COMMIT",
               SCHEMA);
    int r = sql.failed ? -ENOMEM : duck_query(c, buf_cstr(&sql), NULL);
    buf_done(&sql);
    return r;
}

static int check_version(struct duck *d, int64_t version, char *err, size_t err_size)
{
    if (version == SCHEMA)
        return 0;
    if (version > SCHEMA || version < 1) {
        snprintf(
            err, err_size,
            "%s: a newer nameflow wrote this store (version %lld, this one knows %d); use that "
            "one, or another folder",
            d->folder, (long long)version, SCHEMA);
        return -EPROTO;
    }
    snprintf(
        err, err_size,
        "%s: an older nameflow wrote this store (version %lld, this one knows %d); let that one "
        "`nameflow export` it and this one `nameflow import` that into another folder",
        d->folder, (long long)version, SCHEMA);
    return -EPROTO;
}

int duck_schema(struct duck *d, char *err, size_t err_size)
{
    struct duck_conn *c = &d->writer;
    int64_t tables, ours, version;
    int r = duck_query_i64(
        c, "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'nameflow'", 0, &tables);
    if (!r)
        r = duck_query_i64(c,
                           "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'nameflow' "
                           "AND table_name = 'store'",
                           0, &ours);
    if (!r && ours) {
        r = duck_query_i64(c, "SELECT max(version) FROM store", 0, &version);
        return r ? r : check_version(d, version, err, err_size);
    }
    if (!r && (tables || d->options.read_only)) {
        snprintf(err, err_size, "%s: this is not a store of nameflow", d->path);
        return -EPROTO;
    }
    if (!r)
        r = create(c);
    if (r)
        snprintf(err, err_size, "%s: %s", d->path, c->error);
    return r;
}
