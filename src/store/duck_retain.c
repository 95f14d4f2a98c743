/* SPDX-License-Identifier: Apache-2.0 */
/* What is old goes, whole hours at a time: a row group whose rows are all deleted costs nothing to
 * drop, and its blocks are used again. The file keeps its size, then; it does not become smaller.
 */
#include "store/duck.h"

#include "base/clock.h"
#include "store/duck_dictionary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
    PIECES = 24,    /* of what is kept are deleted one at a time */
    MARGIN = 16,    /* below the limit by this part: it is looked at once a minute only */
    DISK_LEFT = 20, /* this part of the disk is never taken */
    RESERVE_BYTES = 32 << 20,
};

#define PIECE_MAX_NS (3600 * NS_PER_SEC)
#define PIECE_MIN_NS NS_PER_SEC

/* ---- space ---- */

/* The reserve is a file that only takes space: when the disk is full it makes room for the deletion
 * of what is old. */

struct space {
    int64_t file;    /* of the file and its log */
    int64_t used;    /* of that */
    int64_t disk;    /* as much as this may be added before the disk's last part begins; below 0: so
                        much has been taken of it */
    int64_t reserve; /* bytes of the reserve, and what is left free besides */
};

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int measure(struct duck *d, struct space *out)
{
    int64_t free_bytes;
    struct statvfs fs;
    int r = duck_query_i64(&d->writer,
                           "SELECT (free_blocks * block_size)::BIGINT FROM pragma_database_size() "
                           "WHERE database_name = 'nameflow'",
                           0, &free_bytes);
    if (r)
        return r;
    if (statvfs(d->folder, &fs) < 0)
        return -errno;
    out->file = (int64_t)duck_disk_bytes(d);
    out->used = out->file - free_bytes;
    int64_t whole = (int64_t)(fs.f_blocks * fs.f_frsize);
    out->reserve = smaller(RESERVE_BYTES, smaller(whole, (int64_t)d->options.max_bytes) / MARGIN);
    out->disk = (int64_t)(fs.f_bavail * fs.f_frsize) - whole / DISK_LEFT;
    return 0;
}

/* How much may be used: what was set, or what the disk allows. */
static int64_t allowed(const struct duck *d, const struct space *s)
{
    int64_t most = (int64_t)(d->options.max_bytes - d->options.max_bytes / MARGIN);
    return smaller(most, s->file + s->disk - s->reserve);
}

static void take_reserve(struct duck *d, int64_t bytes)
{
    struct stat st;
    if (stat(d->reserve_path, &st) == 0 && st.st_size == bytes)
        return;
    int fd = open(d->reserve_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    if (posix_fallocate(fd, 0, bytes) != 0)
        unlink(d->reserve_path);
    close(fd);
}

/* ---- deleting ---- */

static int delete_before(struct duck *d, int64_t time_ns, uint64_t *count)
{
    char sql[96];
    duckdb_result result;
    snprintf(sql, sizeof(sql), "DELETE FROM " DUCK_ROWS_NAME " WHERE \"time\" < %lld",
             (long long)time_ns);
    int r = duck_query(&d->writer, sql, &result);
    if (r)
        return r;
    *count = duck_lib.rows_changed(&result);
    duck_lib.destroy_result(&result);
    return 0;
}

/* An hour, or less when not much time is kept. */
static int64_t piece_ns(int64_t kept_ns)
{
    int64_t piece = kept_ns / PIECES;
    return piece > PIECE_MAX_NS ? PIECE_MAX_NS : piece < PIECE_MIN_NS ? PIECE_MIN_NS : piece;
}

static int delete_by_age(struct duck *d, int64_t now_ns, uint64_t *count)
{
    int64_t piece = piece_ns(d->options.max_age_ns), oldest = atomic_load(&d->oldest_ns);
    int64_t limit = (now_ns - d->options.max_age_ns) / piece * piece;
    *count = 0;
    return oldest && oldest < limit ? delete_before(d, limit, count) : 0;
}

static int refresh_oldest(struct duck *d)
{
    int64_t oldest;
    int r = duck_query_i64(&d->writer, "SELECT min(\"time\") FROM " DUCK_ROWS_NAME, 0, &oldest);
    if (!r)
        atomic_store(&d->oldest_ns, oldest);
    return r;
}

/* Piece by piece, until by the mean size of a row enough has gone. */
static int delete_by_size(struct duck *d, int64_t bytes, uint64_t *count)
{
    uint64_t rows = atomic_load(&d->rows);
    int64_t used = bytes > 0 ? bytes : 0;
    *count = 0;
    if (!rows || bytes <= 0)
        return 0;
    struct space s;
    int r = measure(d, &s);
    uint64_t wanted = r || s.used <= 0
                          ? rows / PIECES
                          : (uint64_t)((double)rows * (double)used / (double)s.used) + 1;
    for (int i = 0; !r && *count < wanted && *count < rows && i < 10 * PIECES; i++) {
        int64_t oldest = atomic_load(&d->oldest_ns), newest = atomic_load(&d->newest_ns);
        int64_t piece = piece_ns(newest - oldest);
        uint64_t gone = 0;
        r = delete_before(d, (oldest / piece + 1) * piece, &gone);
        *count += gone;
        if (!r)
            r = refresh_oldest(d);
    }
    return r;
}

/* What no transaction has any more. */
static int dictionaries_retain(struct duck *d)
{
    int r = 0;
    for (int t = DUCK_ROWS + 1; !r && t < DUCK_TABLES; t++)
        r = duck_dictionary_retain(d->dictionaries[t], &d->writer);
    return r;
}

static int sides_retain(struct duck *d, int64_t now_ns)
{
    int r = 0;
    for (size_t i = 0; !r && i < DUCK_SIDES_MAX && duck_sides[i]; i++)
        if (duck_sides[i]->retain)
            r = duck_sides[i]->retain(d->side_states[i], &d->writer, now_ns,
                                      atomic_load(&d->oldest_ns));
    return r;
}

/* Frees the blocks of what was deleted. It may fail while a long question reads; then the next one
 * does it. */
static void free_blocks(struct duck *d)
{
    duck_query(&d->writer, "CHECKPOINT nameflow", NULL);
}

/* Only the writer's thread looks at them. */
void duck_set_limits(void *b, const struct store_limits *limits)
{
    struct store_options *o = &((struct duck *)b)->options;
    o->max_bytes = limits->max_bytes ? limits->max_bytes : o->max_bytes;
    o->max_age_ns = limits->max_age_ns ? limits->max_age_ns : o->max_age_ns;
    o->rollup_age_ns = limits->rollup_age_ns ? limits->rollup_age_ns : o->rollup_age_ns;
}

int duck_retain(void *b, int64_t now_ns, bool urgent, uint64_t *by_age, uint64_t *by_size)
{
    struct duck *d = b;
    struct space s = {0};
    *by_age = *by_size = 0;
    if (urgent)
        unlink(d->reserve_path);
    int r = duck_repair(d);
    if (!r)
        r = delete_by_age(d, now_ns, by_age);
    if (!r && *by_age)
        r = refresh_oldest(d);
    if (!r)
        r = measure(d, &s);
    if (!r) {
        int64_t over = s.used - allowed(d, &s);
        if (urgent && over < s.used / PIECES)
            over = s.used / PIECES;
        r = delete_by_size(d, over, by_size);
    }
    if (!r && (*by_age || *by_size))
        r = dictionaries_retain(d);
    if (!r)
        r = sides_retain(d, now_ns);
    if (*by_age || *by_size) {
        free_blocks(d);
        if (!r)
            r = duck_count(d);
    }
    if (!r && !urgent)
        r = measure(d, &s);
    if (!r && !urgent && s.disk > 2 * s.reserve)
        take_reserve(d, s.reserve);
    return r;
}
