/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/args.h"
#include "agent/ask.h"
#include "agent/commands.h"
#include "agent/pipeline.h"
#include "agent/stop_signal.h"
#include "cli/client.h"
#include "cli/human.h"
#include "cli/row_read.h"
#include "tap/pcap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum {
    BATCH_PACKETS = 256,
    PIECE_BYTES = 256 * 1024,
    MISTAKES_SHOWN = 10,
    PROGRESS_MS = 200,
};

#define CENTURY_NS (100 * 366 * (86400 * NS_PER_SEC))
#define CLOSE_NS   (60 * NS_PER_SEC)

struct import {
    const char *folder;
    struct option_numbers ports;
    int64_t timeout_ns;

    struct store *store;
    struct arena arena;
    uint64_t rows, mistakes;
    int error; /* negative errno of the store */

    const char *path; /* that is being read */
    uint64_t line;
    struct pipeline *pipeline; /* with a capture */
    int64_t ticked_ns, shown_ns;
    bool progress;
};

/* ---- rows ---- */

static void show_progress(struct import *m)
{
    int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
    if (!m->progress || now_ns - m->shown_ns < PROGRESS_MS * NS_PER_MS)
        return;
    struct buf b = {0};
    m->shown_ns = now_ns;
    human_count(&b, m->rows);
    fprintf(stderr, "\r\033[K%.60s: %s transactions", m->path, buf_cstr(&b));
    buf_done(&b);
}

static void clear_progress(struct import *m)
{
    if (m->shown_ns)
        fputs("\r\033[K", stderr);
    m->shown_ns = 0;
}

static bool push(struct import *m, const struct row *row)
{
    struct row copy = *row;
    copy.seq = 0; /* the store gives it one */
    m->error = store_push_row(m->store, &copy);
    m->rows += m->error == 0;
    show_progress(m);
    return !m->error && !stop_signal_seen();
}

/* ---- JSON lines ---- */

static bool on_line(void *ctx, const char *line, size_t len)
{
    struct import *m = ctx;
    struct row row;
    char err[256];
    m->line++;
    if (!len)
        return true;
    arena_reset(&m->arena);
    int r = row_from_json(&row, line, len, true, &m->arena, err, sizeof(err));
    if (!r)
        return push(m, &row);
    if (m->mistakes++ < MISTAKES_SHOWN) {
        clear_progress(m);
        fprintf(stderr, "nameflow import: %s:%llu: %s\n", m->path, (unsigned long long)m->line,
                r == -ENOMEM ? "out of memory" : err);
    }
    return r != -ENOMEM;
}

static int read_lines(struct import *m, gzFile file)
{
    struct client_lines lines = {.line = on_line, .ctx = m};
    char *piece = malloc(PIECE_BYTES);
    int n = 0, code = 0;
    bool more = piece != NULL;
    m->line = 0;
    while (more && (n = gzread(file, piece, PIECE_BYTES)) > 0)
        more = client_lines_push(&lines, piece, (size_t)n);
    /* The last line may lack its newline. */
    if (more && n == 0 && lines.rest.len)
        client_lines_push(&lines, "\n", 1);
    const char *why = n < 0 ? gzerror(file, &code) : NULL;
    if (lines.too_long || !piece || n < 0) {
        clear_progress(m);
        fprintf(stderr, "nameflow import: %s: %s\n", m->path,
                !piece            ? "out of memory"
                : lines.too_long  ? "a line is too long to be a transaction"
                : code == Z_ERRNO ? strerror(errno)
                                  : why);
        n = -1;
    }
    client_lines_done(&lines);
    free(piece);
    return n < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* ---- captures ---- */

static void on_record(void *ctx, struct record *r)
{
    struct import *m = ctx;
    struct row row;
    if (m->error)
        return;
    arena_reset(&m->arena);
    if (row_from_record(&row, r, &m->arena) < 0)
        m->error = -ENOMEM;
    else
        push(m, &row);
}

static void on_frame(void *ctx, const struct frame *frame)
{
    struct import *m = ctx;
    pipeline_push(m->pipeline, frame);
    int64_t passed_ns = frame->time_ns - m->ticked_ns;
    if (passed_ns >= NS_PER_MS || passed_ns < 0) {
        m->ticked_ns = frame->time_ns;
        pipeline_tick(m->pipeline, frame->time_ns);
    }
}

static int read_capture(struct import *m)
{
    struct pipeline_options options = {.txn = {.timeout_ns = m->timeout_ns}};
    struct tap_pcap *file;
    char err[512];
    args_ports(&m->ports, options.ports, &options.port_count);
    int n = tap_pcap_open(&file, m->path, err, sizeof(err));
    if (n < 0) {
        fprintf(stderr, "nameflow import: %s\n", err);
        return EXIT_FAILED;
    }
    m->pipeline = pipeline_new(&options, on_record, m);
    n = m->pipeline ? 1 : -ENOMEM;
    snprintf(err, sizeof(err), "out of memory");
    while (n > 0 && !m->error && !stop_signal_seen())
        n = tap_pcap_read(file, BATCH_PACKETS, on_frame, m, err, sizeof(err));
    if (m->pipeline)
        pipeline_flush(m->pipeline);
    pipeline_free(m->pipeline);
    m->pipeline = NULL;
    tap_pcap_close(file);
    clear_progress(m);
    if (n < 0)
        fprintf(stderr, "nameflow import: %s\n", err);
    return n < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* ---- files ---- */

/* JSON lines begin with a brace, captures with their magic number; either may be compressed. */
static int read_file(struct import *m)
{
    bool standard = strcmp(m->path, "-") == 0;
    errno = 0;
    gzFile file = standard ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(m->path, "rbe");
    if (!file) {
        fprintf(stderr, "nameflow import: %s: %s\n", m->path,
                errno ? strerror(errno) : "out of memory");
        return EXIT_FAILED;
    }
    gzbuffer(file, PIECE_BYTES);
    int c, code = 0, r;
    do {
        c = gzgetc(file);
    } while (c == ' ' || c == '\n' || c == '\r' || c == '\t');
    if (c == '{' && gzungetc(c, file) == c) {
        r = read_lines(m, file);
    } else if (c < 0) {
        const char *why = gzerror(file, &code);
        r = code == Z_OK || code == Z_STREAM_END ? EXIT_DONE : EXIT_FAILED; /* empty is nothing */
        if (r)
            fprintf(stderr, "nameflow import: %s: %s\n", m->path,
                    code == Z_ERRNO ? strerror(errno) : why);
    } else if (standard) {
        fprintf(stderr, "nameflow import: what comes from standard input must be JSON lines; a "
                        "capture as 'nameflow read --json - | nameflow import -'\n");
        r = EXIT_FAILED;
    } else {
        gzclose(file);
        return read_capture(m);
    }
    gzclose(file);
    clear_progress(m);
    return r;
}

static int open_store(struct import *m)
{
    /* What is imported stays: the limits are those of the agent that serves the store later. */
    const struct store_options o = {
        .kind = STORE_DUCKDB,
        .folder = m->folder,
        .max_bytes = INT64_MAX,
        .max_age_ns = CENTURY_NS,
        .rollup_age_ns = CENTURY_NS,
    };
    char err[512] = "";
    int r = store_open(&m->store, &o, err, sizeof(err));
    if (!r)
        return -1;
    if (r == -EBUSY)
        fprintf(stderr,
                "nameflow import: an agent has the store in %s open; stop it first (systemctl stop "
                "nameflow), or import into another folder\n",
                m->folder);
    else
        fprintf(stderr, "nameflow import: %s\n", err[0] ? err : strerror(-r));
    return EXIT_FAILED;
}

/* Writes what is queued; returns the exit code, with the number of rows told. */
static int finish(struct import *m, int r)
{
    struct buf b = {0};
    int flushed = store_flush(m->store);
    if (!m->error)
        m->error = flushed;
    human_count(&b, m->rows);
    if (m->error) {
        fprintf(stderr, "nameflow import: writing to the store in %s: %s\n", m->folder,
                strerror(-m->error));
        r = EXIT_FAILED;
    } else {
        fprintf(stderr, "nameflow: %s transaction%s imported into %s\n", buf_cstr(&b),
                m->rows == 1 ? "" : "s", m->folder);
    }
    if (m->mistakes) {
        fprintf(stderr, "nameflow import: %llu line%s could not be read and %s left out\n",
                (unsigned long long)m->mistakes, m->mistakes == 1 ? "" : "s",
                m->mistakes == 1 ? "was" : "were");
        r = EXIT_FAILED;
    }
    if (stop_signal_seen()) {
        fprintf(stderr, "nameflow import: interrupted\n");
        r = EXIT_FAILED;
    }
    buf_done(&b);
    return r;
}

static int parse(struct import *m, int argc, char **argv, int *first)
{
    const struct option_spec options[] = {
        {.name = "store",
         .type = OPTION_TEXT,
         .value_name = "FOLDER",
         .value = &m->folder,
         .example = "/var/lib/nameflow",
         .help = "the store's folder, made when it is not there; no agent may have it open"},
        ARGS_PORT(m->ports),
        ARGS_TIMEOUT(m->timeout_ns),
    };
    static const char *const examples[] = {
        "nameflow import day.jsonl.gz --store old  what export or --json wrote",
        "nameflow import monday.pcap tuesday.pcapng --store captures  from captures",
        "nameflow query --store captures --since 2026-11-23 --by qname  what is in it",
        NULL,
    };
    const struct command_spec spec = {
        .name = "import",
        .arguments = "FILE...",
        .summary = "Fills a store from files: JSON lines as --json and export write them, or "
                   "captures, either also compressed with gzip; '-' is JSON lines from standard "
                   "input. Nothing that is in the store is deleted, whatever its age.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .examples = examples,
        .min_arguments = 1,
    };
    return args_parse(&spec, argc, argv, first);
}

int cmd_import(int argc, char **argv)
{
    struct import m = {.progress = isatty(STDERR_FILENO)};
    int first;
    int r = parse(&m, argc, argv, &first);
    if (r < 0 && !m.folder)
        r = args_usage("import", "--store FOLDER is needed: where it goes to");
    if (r < 0)
        r = open_store(&m);
    if (r >= 0)
        return r;
    stop_signal_catch(HANGUP_STOPS);
    arena_init(&m.arena, 0);
    r = EXIT_DONE;
    for (int i = first; i < argc && !m.error && !stop_signal_seen(); i++) {
        m.path = argv[i];
        int read = read_file(&m);
        r = read == EXIT_DONE ? r : read;
    }
    r = finish(&m, r);
    store_close(m.store, CLOSE_NS);
    arena_done(&m.arena);
    return r;
}
