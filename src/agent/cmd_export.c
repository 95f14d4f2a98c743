/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/args.h"
#include "agent/ask.h"
#include "agent/ask_args.h"
#include "agent/commands.h"
#include "agent/stop_signal.h"
#include "cli/human.h"
#include "record/row_csv.h"
#include "store/parquet.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
    FLUSH_BYTES = 256 * 1024,
};

enum format {
    FORMAT_JSONL,
    FORMAT_CSV,
    FORMAT_PARQUET,
};

static const char *const formats[] = {"jsonl", "csv", "parquet", NULL};

/* All that a store can hold: the filter language knows no later times. */
static const struct store_range all_times = {0, (1ll << 62) - 1};

struct exporting {
    struct ask_options ask_options;
    const char *since, *until;
    int format; /* enum format; -1: by the file's name */

    const char *path;   /* of the result; NULL: standard output */
    char *partial_path; /* while it is written; NULL: the file is no regular one */
    bool compress;
    int fd;
    gzFile gz; /* with `compress` */
    struct buf out, scratch;
    uint64_t rows;
    int error; /* errno of the first write that failed */
    bool stopped;

    /* parquet: the other end of the pipe is read by a thread */
    pthread_t thread;
    bool thread_runs;
    int pipe_read, result;
    char thread_error[512];
};

/* ---- writing ---- */

static void write_out(struct exporting *x)
{
    const char *p = x->out.data;
    size_t left = x->error ? 0 : x->out.len;
    if (x->out.failed)
        x->error = ENOMEM;
    while (left && !x->error) {
        unsigned piece = left < INT32_MAX ? (unsigned)left : INT32_MAX;
        ssize_t n = x->gz ? gzwrite(x->gz, p, piece) : write(x->fd, p, left);
        if (n > 0) {
            p += n;
            left -= (size_t)n;
        } else if (n < 0 && errno == EINTR && !x->gz) {
            continue;
        } else {
            x->error = errno ? errno : EIO;
        }
    }
    buf_clear(&x->out);
}

static bool on_row(void *ctx, const struct row *row)
{
    struct exporting *x = ctx;
    struct row copy = *row;
    copy.seq = 0; /* another store numbers them itself */
    if (x->format == FORMAT_CSV) {
        row_to_csv(&copy, &x->scratch, &x->out);
    } else {
        row_to_json(&copy, &x->out);
        buf_putc(&x->out, '\n');
    }
    x->rows++;
    if (x->out.len >= FLUSH_BYTES)
        write_out(x);
    x->stopped = stop_signal_seen();
    return !x->error && !x->stopped;
}

/* ---- the file ---- */

static bool ends_with(const char *text, size_t len, const char *ending)
{
    size_t n = strlen(ending);
    return len >= n && memcmp(text + len - n, ending, n) == 0;
}

/* Format and compression by the file's name. */
static int choose_format(struct exporting *x, const char *file)
{
    size_t len = strlen(file);
    bool gz = ends_with(file, len, ".gz");
    if (gz)
        len -= 3;
    if (x->format < 0)
        x->format = ends_with(file, len, ".csv") ? FORMAT_CSV
                    : ends_with(file, len, ".parquet") || ends_with(file, len, ".pq")
                        ? FORMAT_PARQUET
                        : FORMAT_JSONL;
    x->compress = gz && x->format != FORMAT_PARQUET;
    if (x->format == FORMAT_PARQUET && !x->path)
        return args_usage("export", "a parquet file cannot be written to standard output");
    return -1;
}

static int failed(const struct exporting *x, int error)
{
    fprintf(stderr, "nameflow export: writing %s: %s\n", x->path ? x->path : "standard output",
            strerror(error));
    return EXIT_FAILED;
}

/* A regular file gets its name when it is whole. */
static int open_file(struct exporting *x)
{
    struct stat st;
    x->fd = STDOUT_FILENO;
    if (x->path && (stat(x->path, &st) < 0 || S_ISREG(st.st_mode))) {
        if (asprintf(&x->partial_path, "%s.partial", x->path) < 0)
            return failed(x, ENOMEM);
        x->fd = open(x->partial_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    } else if (x->path) {
        x->fd = open(x->path, O_WRONLY | O_CLOEXEC);
    }
    if (x->fd < 0)
        return failed(x, errno);
    if (x->compress) {
        int copy = dup(x->fd);
        x->gz = copy < 0 ? NULL : gzdopen(copy, "wb6");
        if (!x->gz)
            return failed(x, copy < 0 ? errno : ENOMEM);
    }
    return -1;
}

/* ---- parquet ---- */

static void *write_parquet(void *ctx)
{
    struct exporting *x = ctx;
    x->result = parquet_write(x->pipe_read, x->partial_path ? x->partial_path : x->path,
                              x->thread_error, sizeof(x->thread_error));
    /* After an error nobody reads any more, and the other side must not wait. */
    close(x->pipe_read);
    return NULL;
}

static int open_parquet(struct exporting *x)
{
    int ends[2];
    int r = open_file(x);
    if (r >= 0)
        return r;
    close(x->fd);
    x->fd = -1;
    /* DuckDB makes the file anew. */
    umask(077);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return failed(x, errno);
    x->pipe_read = ends[0];
    x->fd = ends[1];
    int e = pthread_create(&x->thread, NULL, write_parquet, x);
    if (e) {
        close(ends[0]);
        return failed(x, e);
    }
    x->thread_runs = true;
    return -1;
}

/* ---- all of it ---- */

static int close_file(struct exporting *x)
{
    int error = x->error;
    if (x->gz && gzclose(x->gz) != Z_OK && !error)
        error = errno ? errno : EIO;
    x->gz = NULL;
    /* A file that has its name must have its contents, whatever happens to the machine. */
    if (!error && x->partial_path && x->fd >= 0 && !x->thread_runs && fsync(x->fd) < 0)
        error = errno;
    if (x->fd > STDERR_FILENO && close(x->fd) < 0 && !error)
        error = errno;
    x->fd = -1;
    if (x->thread_runs) {
        pthread_join(x->thread, NULL);
        x->thread_runs = false;
        if (x->result) {
            fprintf(stderr, "nameflow export: %s\n", x->thread_error);
            return EXIT_FAILED;
        }
    }
    return error ? failed(x, error) : EXIT_DONE;
}

static void tell(const struct exporting *x)
{
    struct buf b = {0};
    human_count(&b, x->rows);
    fprintf(stderr, "nameflow: %s transaction%s written to %s\n", buf_cstr(&b),
            x->rows == 1 ? "" : "s", x->path ? x->path : "standard output");
    buf_done(&b);
}

static int run(struct exporting *x, const struct ask_rows *rows)
{
    struct ask *ask;
    int r = ask_open(&ask, &x->ask_options, "export");
    if (r >= 0)
        return r;
    r = x->format == FORMAT_PARQUET ? open_parquet(x) : open_file(x);
    if (r < 0) {
        if (x->format == FORMAT_CSV)
            row_csv_header(&x->out);
        r = ask_rows(ask, rows, on_row, x);
        write_out(x);
    }
    ask_close(ask);
    int closed = close_file(x);
    r = r < 0 ? closed : r;
    if (!r && x->stopped) {
        fprintf(stderr, "nameflow export: interrupted\n");
        r = EXIT_FAILED;
    }
    if (!r && x->partial_path && rename(x->partial_path, x->path) < 0)
        r = failed(x, errno);
    if (r && x->partial_path)
        unlink(x->partial_path);
    if (!r)
        tell(x);
    return r;
}

static int parse(struct exporting *x, int argc, char **argv, int *first)
{
    const struct option_spec options[] = {
        {.name = "since",
         .type = OPTION_TEXT,
         .value_name = "TIME",
         .value = &x->since,
         .example = "1d",
         .help = "from this time on: 1h (so long ago), 2026-11-24T03:12 (UTC) (default all)"},
        {.name = "until",
         .type = OPTION_TEXT,
         .value_name = "TIME",
         .value = &x->until,
         .example = "now",
         .help = "up to this time (default all)"},
        {.name = "format",
         .letter = 'f',
         .type = OPTION_CHOICE,
         .value_name = "FORMAT",
         .value = &x->format,
         .choices = formats,
         .help = "jsonl (JSON lines as --json writes them), csv or parquet (default: what the "
                 "file's name says, else jsonl)"},
        ASK_STORE_OPTION(x->ask_options),
        ASK_AGENT_OPTIONS(x->ask_options),
    };
    static const char *const examples[] = {
        "nameflow export day.jsonl.gz --since 1d  the last day from the running agent",
        "nameflow export slow.parquet 'latency>1s' --store /var/lib/nameflow  from a folder",
        "nameflow export - rcode=SERVFAIL --format csv  to standard output",
        NULL,
    };
    const struct command_spec spec = {
        .name = "export",
        .arguments = "FILE [FILTER]",
        .summary = "Writes stored transactions to a file, the oldest first: from the running "
                   "agent, or from a store's folder. '-' is standard output; what ends in .gz is "
                   "compressed.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .examples = examples,
        .min_arguments = 1,
    };
    return args_parse(&spec, argc, argv, first);
}

int cmd_export(int argc, char **argv)
{
    struct exporting x = {.format = -1, .fd = -1};
    struct ask_rows rows = {.query = {.range = all_times, .ascending = true}};
    struct filter *filter = NULL;
    struct buf filter_text = {0};
    int first;
    int r = parse(&x, argc, argv, &first);
    if (r < 0) {
        x.path = strcmp(argv[first], "-") == 0 ? NULL : argv[first];
        r = choose_format(&x, argv[first]);
    }
    if (r < 0 && (x.since || x.until)) {
        struct store_range range;
        r = ask_range("export", x.since, x.until, 0, &range);
        if (x.since)
            rows.query.range.from_ns = range.from_ns;
        if (x.until)
            rows.query.range.until_ns = range.until_ns;
    }
    if (r < 0)
        r = args_filter(argc, argv, first + 1, &filter);
    if (r < 0) {
        args_join(argc, argv, first + 1, &filter_text);
        rows.query.filter = filter;
        rows.filter_text = buf_cstr(&filter_text);
        stop_signal_catch(HANGUP_STOPS);
        r = run(&x, &rows);
    }
    filter_free(filter);
    buf_done(&filter_text);
    buf_done(&x.out);
    buf_done(&x.scratch);
    free(x.partial_path);
    return r;
}
