/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/ledger.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    KINDS_MAX = 64, /* stages times their reasons: about 30 */
    WORD_MAX = 32,
    MINUTE_S = 60,
    LINES_MAX = 4 * LEDGER_ENTRIES_MAX, /* of the file, before it is written anew */
};

/* A stage and a reason. */
struct kind {
    char stage[WORD_MAX], reason[WORD_MAX];
    uint64_t taken; /* the agent's count when it was last looked at */
};

struct lost {
    int64_t minute_s;
    uint64_t count;
    unsigned kind;
};

struct away {
    int64_t from_s, until_s;
};

struct ledger {
    pthread_mutex_t lock;
    char path[PATH_MAX];
    int fd;
    size_t lines; /* of the file, at least */
    bool torn;    /* the file may end in part of what should have been written */
    int64_t known_from_s, written_s;
    struct kind kinds[KINDS_MAX];
    unsigned kind_count;
    struct lost *lost; /* of LEDGER_ENTRIES_MAX, by time */
    size_t lost_count;
    struct away *away;
    size_t away_count;
    struct buf pending;
};

/* ---- entries ---- */

/* KINDS_MAX when there is no room for another. */
static unsigned kind_of(struct ledger *l, const char *stage, const char *reason)
{
    for (unsigned i = 0; i < l->kind_count; i++)
        if (strcmp(l->kinds[i].stage, stage) == 0 && strcmp(l->kinds[i].reason, reason) == 0)
            return i;
    if (l->kind_count == KINDS_MAX)
        return KINDS_MAX;
    struct kind *k = &l->kinds[l->kind_count];
    snprintf(k->stage, sizeof(k->stage), "%s", stage);
    snprintf(k->reason, sizeof(k->reason), "%s", reason);
    return l->kind_count++;
}

static void give_up_half(struct ledger *l)
{
    size_t half = LEDGER_ENTRIES_MAX / 2;
    l->known_from_s = l->lost[half - 1].minute_s + MINUTE_S;
    memmove(l->lost, l->lost + half, (l->lost_count - half) * sizeof(*l->lost));
    l->lost_count -= half;
}

static void add_lost(struct ledger *l, int64_t minute_s, unsigned kind, uint64_t count)
{
    for (size_t i = l->lost_count; i-- > 0 && l->lost[i].minute_s >= minute_s;)
        if (l->lost[i].minute_s == minute_s && l->lost[i].kind == kind) {
            l->lost[i].count += count;
            return;
        }
    if (l->lost_count == LEDGER_ENTRIES_MAX)
        give_up_half(l);
    l->lost[l->lost_count++] = (struct lost){minute_s, count, kind};
}

static void add_away(struct ledger *l, int64_t from_s, int64_t until_s)
{
    if (l->away_count == LEDGER_ENTRIES_MAX)
        memmove(l->away, l->away + 1, --l->away_count * sizeof(*l->away));
    l->away[l->away_count++] = (struct away){from_s, until_s};
}

/* ---- the file ---- */

static void take_line(struct ledger *l, const char *line)
{
    char stage[WORD_MAX], reason[WORD_MAX];
    int64_t from, until;
    uint64_t count;
    if (sscanf(line, "lost %" SCNd64 " %31s %31s %" SCNu64, &from, stage, reason, &count) == 4) {
        unsigned kind = kind_of(l, stage, reason);
        if (kind < KINDS_MAX)
            add_lost(l, from, kind, count);
    } else if (sscanf(line, "away %" SCNd64 " %" SCNd64, &from, &until) == 2) {
        add_away(l, from, until);
    }
    /* Else a line that a crash cut short. */
}

/* False when it is no ledger. */
static bool read_lines(struct ledger *l, FILE *f)
{
    char line[128];
    if (!fgets(line, sizeof(line), f) || sscanf(line, "ledger 1 %" SCNd64, &l->known_from_s) != 1)
        return false;
    while (fgets(line, sizeof(line), f))
        take_line(l, line);
    return true;
}

static void put_lost(struct ledger *l, struct buf *out, int64_t minute_s, unsigned kind,
                     uint64_t count)
{
    buf_printf(out, "lost %" PRId64 " %s %s %" PRIu64 "\n", minute_s, l->kinds[kind].stage,
               l->kinds[kind].reason, count);
}

/* Without what was given up and with one line for each minute and reason. */
static int replace_file(struct ledger *l)
{
    struct buf text = {0};
    buf_printf(&text, "ledger 1 %" PRId64 "\n", l->known_from_s);
    for (size_t i = 0; i < l->away_count; i++)
        if (l->away[i].until_s > l->known_from_s)
            buf_printf(&text, "away %" PRId64 " %" PRId64 "\n", l->away[i].from_s,
                       l->away[i].until_s);
    for (size_t i = 0; i < l->lost_count; i++)
        put_lost(l, &text, l->lost[i].minute_s, l->lost[i].kind, l->lost[i].count);
    int r = text.failed ? -ENOMEM : file_replace(l->path, text.data, text.len);
    buf_done(&text);
    return r;
}

/* What waits to be written is among the entries. */
static int write_anew(struct ledger *l)
{
    int r = replace_file(l);
    int fd = r < 0 ? r : open(l->path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return r < 0 ? r : -errno;
    if (l->fd >= 0)
        close(l->fd);
    l->fd = fd;
    l->lines = l->lost_count + l->away_count;
    l->torn = false;
    buf_clear(&l->pending);
    return 0;
}

/* *watched_s: when the last agent did; 0 without a file. */
static int load(struct ledger *l, int64_t *watched_s)
{
    struct stat st;
    FILE *f = fopen(l->path, "re");
    if (!f)
        return errno == ENOENT ? 0 : -errno;
    bool right = read_lines(l, f);
    if (fstat(fileno(f), &st) == 0)
        *watched_s = st.st_mtim.tv_sec;
    fclose(f);
    return right ? 0 : -EBADMSG;
}

static int start(struct ledger *l, int64_t now_s)
{
    int64_t watched_s = 0;
    int r = load(l, &watched_s);
    if (r < 0)
        return r;
    if (!watched_s)
        l->known_from_s = now_s;
    else if (now_s - watched_s > LEDGER_AWAY_S)
        add_away(l, watched_s, now_s);
    return write_anew(l);
}

static void ledger_free(struct ledger *l)
{
    if (l->fd >= 0)
        close(l->fd);
    free(l->lost);
    free(l->away);
    buf_done(&l->pending);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

int ledger_open(struct ledger **out, const char *path, int64_t now_ns, char *err, size_t err_size)
{
    struct ledger *l = calloc(1, sizeof(*l));
    int r = -ENOMEM;
    if (l) {
        l->fd = -1;
        pthread_mutex_init(&l->lock, NULL);
        l->lost = calloc(LEDGER_ENTRIES_MAX, sizeof(*l->lost));
        l->away = calloc(LEDGER_ENTRIES_MAX, sizeof(*l->away));
        if (snprintf(l->path, sizeof(l->path), "%s", path) >= (int)sizeof(l->path))
            r = -ENAMETOOLONG;
        else if (l->lost && l->away)
            r = start(l, now_ns / NS_PER_SEC);
        l->written_s = now_ns / NS_PER_SEC;
    }
    *out = r < 0 ? NULL : l;
    if (r == -EBADMSG)
        snprintf(err, err_size, "%s is not a loss ledger: move it away, and a new one is started",
                 path);
    else if (r < 0)
        snprintf(err, err_size, "the loss ledger %s: %s", path, strerror(-r));
    if (r < 0 && l)
        ledger_free(l);
    return r;
}

/* The time of change is set though there be nothing to write. When a write fails, perhaps half way,
 * the file is written anew the next time: lines that were written twice would count twice. */
static int write_out(struct ledger *l)
{
    if (l->lines > LINES_MAX || l->torn)
        return write_anew(l);
    int r = l->pending.len ? file_write_whole(l->fd, l->pending.data, l->pending.len) : 0;
    l->torn = r < 0 || l->pending.failed;
    buf_clear(&l->pending);
    return futimens(l->fd, NULL) < 0 && !r ? -errno : r;
}

int ledger_take(struct ledger *l, const struct http_agent_status *s, int64_t now_ns)
{
    int64_t now_s = now_ns / NS_PER_SEC, minute_s = now_s - now_s % MINUTE_S;
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < s->stage_count; i++)
        for (size_t k = 0; k < s->stages[i].dropped_count; k++) {
            const struct http_loss *loss = &s->stages[i].dropped[k];
            unsigned kind =
                loss->by_design ? KINDS_MAX : kind_of(l, s->stages[i].name, loss->reason);
            if (kind == KINDS_MAX || loss->count <= l->kinds[kind].taken)
                continue;
            uint64_t more = loss->count - l->kinds[kind].taken;
            l->kinds[kind].taken = loss->count;
            add_lost(l, minute_s, kind, more);
            put_lost(l, &l->pending, minute_s, kind, more);
            l->lines++;
        }
    pthread_mutex_unlock(&l->lock);
    if (now_s - l->written_s < LEDGER_WRITE_S && now_s >= l->written_s)
        return 0;
    l->written_s = now_s;
    return write_out(l);
}

void ledger_close(struct ledger *l)
{
    if (!l)
        return;
    write_out(l);
    ledger_free(l);
}

/* ---- questions ---- */

struct total {
    uint64_t count;
    int64_t first_s, last_s;
};

static void put_time(struct buf *out, const char *key, int64_t s)
{
    json_key(out, key);
    json_utc(out, s * NS_PER_SEC);
}

static void sum_up(const struct ledger *l, int64_t from_s, int64_t until_s, struct total *totals)
{
    for (size_t i = 0; i < l->lost_count; i++) {
        const struct lost *e = &l->lost[i];
        struct total *t = &totals[e->kind];
        if (e->minute_s + MINUTE_S <= from_s || e->minute_s >= until_s)
            continue;
        if (!t->count)
            t->first_s = e->minute_s;
        t->last_s = e->minute_s + MINUTE_S;
        t->count += e->count;
    }
}

static void put_totals(const struct ledger *l, const struct total *totals, struct buf *out)
{
    json_key(out, "lost");
    json_open(out, '[');
    for (unsigned i = 0; i < l->kind_count; i++) {
        if (!totals[i].count)
            continue;
        json_open(out, '{');
        json_key(out, "stage");
        json_cstring(out, l->kinds[i].stage);
        json_key(out, "reason");
        json_cstring(out, l->kinds[i].reason);
        json_key(out, "count");
        json_u64(out, totals[i].count);
        put_time(out, "first", totals[i].first_s);
        put_time(out, "last", totals[i].last_s);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void put_away(const struct ledger *l, int64_t from_s, int64_t until_s, struct buf *out)
{
    json_key(out, "away");
    json_open(out, '[');
    for (size_t i = 0; i < l->away_count; i++) {
        const struct away *a = &l->away[i];
        if (a->until_s <= from_s || a->from_s >= until_s)
            continue;
        json_open(out, '{');
        put_time(out, "from", a->from_s);
        put_time(out, "until", a->until_s);
        json_close(out, '}');
    }
    json_close(out, ']');
}

void ledger_to_json(void *ctx, const struct store_range *range, struct buf *out)
{
    struct ledger *l = ctx;
    struct total totals[KINDS_MAX] = {0};
    int64_t from_s = range->from_ns / NS_PER_SEC;
    int64_t until_s = (range->until_ns - 1) / NS_PER_SEC + 1;
    pthread_mutex_lock(&l->lock);
    sum_up(l, from_s, until_s, totals);
    put_time(out, "known_from", l->known_from_s);
    put_totals(l, totals, out);
    put_away(l, from_s, until_s, out);
    pthread_mutex_unlock(&l->lock);
}
