/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/args.h"
#include "agent/commands.h"
#include "agent/pipeline.h"
#include "agent/report.h"
#include "agent/stop_signal.h"
#include "base/clock.h"
#include "cli/human.h"
#include "tap/pcap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BATCH_PACKETS = 256,
    PROGRESS_MS = 200,
    PROGRESS_FROM_BYTES = 32 << 20, /* smaller files are read in the blink of an eye */
    TICK_NS = 100000,
};

struct reading {
    struct pipeline *pipeline;
    struct report *report;
    int64_t ticked_ns;
    bool progress;
    int64_t shown_ns;
    uint64_t packets;
    uint64_t skipped;
};

static void on_frame(void *ctx, const struct frame *frame)
{
    struct reading *r = ctx;
    pipeline_push(r->pipeline, frame);
    /* Time passes with the capture. Where packets are dense, not every one has to look. */
    int64_t passed_ns = frame->time_ns - r->ticked_ns;
    if (passed_ns >= TICK_NS || passed_ns < 0) {
        r->ticked_ns = frame->time_ns;
        pipeline_tick(r->pipeline, frame->time_ns);
    }
}

/* ---- progress ---- */

static void show_progress(struct reading *r, const struct tap_pcap *file, const char *path)
{
    uint64_t done, size;
    int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
    if (!r->progress || now_ns - r->shown_ns < PROGRESS_MS * NS_PER_MS)
        return;
    tap_pcap_progress(file, &done, &size);
    if (size < PROGRESS_FROM_BYTES && size != 0)
        return;
    r->shown_ns = now_ns;
    struct buf b = {0};
    buf_printf(&b, "\r\033[K%.60s: ", path);
    human_count(&b, r->packets);
    buf_puts(&b, " packets");
    if (size)
        buf_printf(&b, ", %.0f %%", 100.0 * (double)done / (double)size);
    fputs(buf_cstr(&b), stderr);
    buf_done(&b);
}

static void clear_progress(struct reading *r)
{
    if (r->shown_ns)
        fputs("\r\033[K", stderr);
    r->shown_ns = 0;
}

/* ---- files ---- */

static int read_file(struct reading *r, const char *path)
{
    struct tap_pcap *file;
    char err[512];
    int n = tap_pcap_open(&file, path, err, sizeof(err));
    if (n < 0) {
        fprintf(stderr, "nameflow: %s\n", err);
        return EXIT_FAILED;
    }
    while (!stop_signal_seen() && !report_failed(r->report) &&
           (n = tap_pcap_read(file, BATCH_PACKETS, on_frame, r, err, sizeof(err))) > 0) {
        r->packets += (uint64_t)n;
        report_batch(r->report, 0);
        show_progress(r, file, path);
    }
    clear_progress(r);
    r->skipped += tap_pcap_skipped(file);
    tap_pcap_close(file);
    if (n < 0)
        fprintf(stderr, "nameflow: %s\n", err);
    return n < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* The first argument is a file; so is each further one that exists or is named like one. What
 * follows is the filter. */
static bool names_a_file(const char *arg)
{
    static const char *const endings[] = {".pcap", ".pcapng", ".cap", ".gz", ".dmp"};
    size_t len = strlen(arg);
    if (strcmp(arg, "-") == 0 || access(arg, F_OK) == 0)
        return true;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t n = strlen(endings[i]);
        if (len > n && strcmp(arg + len - n, endings[i]) == 0 && !strpbrk(arg, "=~<>"))
            return true;
    }
    return false;
}

static int finish(struct reading *r, int exit_code)
{
    pipeline_flush(r->pipeline);
    struct pipeline_stats s = pipeline_stats(r->pipeline);
    /* Those of zero are not shown. */
    const struct summary_note notes[] = {
        {.label = "packets read", .count = r->packets, .always = true},
        {.label = "packets of a link type that cannot be read", .count = r->skipped},
        {.label = "packets of other ports and protocols",
         .count = s.other_ports + s.pkt->dropped[PKT_DROP_NOT_IP] +
                  s.pkt->dropped[PKT_DROP_TRANSPORT] + s.pkt->dropped[PKT_DROP_ICMP]},
        {.label = "packets with broken headers",
         .count = s.pkt->dropped[PKT_DROP_LINK] + s.pkt->dropped[PKT_DROP_IP] +
                  s.pkt->dropped[PKT_DROP_UDP] + s.pkt->dropped[PKT_DROP_TCP]},
        {.label = "IP fragments that could not be joined",
         .count = s.pkt->dropped[PKT_DROP_FRAGMENT]},
        {.label = "messages too short for a DNS header", .count = s.txn->not_dns},
        {.label = "TCP streams that carry no DNS", .count = s.framing->abandoned},
        {.label = "holes in TCP streams", .count = s.tcp->gaps},
        {.label = "open queries given up: the table was full", .count = s.txn->evicted},
        {.label = "transactions that the filter left out", .count = s.filtered_out},
    };
    /* After an error before the first packet there is nothing to sum up. */
    if (exit_code != EXIT_DONE && !r->packets)
        return exit_code;
    int error = report_end(r->report, notes, sizeof(notes) / sizeof(notes[0]));
    if (error && error != EPIPE) {
        fprintf(stderr, "nameflow: writing: %s\n", strerror(error));
        return EXIT_FAILED;
    }
    return exit_code;
}

struct read_arguments {
    bool json, summary, no_color;
    struct option_numbers ports;
    int64_t timeout_ns;
};

static int parse(struct read_arguments *a, int argc, char **argv, int *first)
{
    const struct option_spec options[] = {
        {.name = "json", .type = OPTION_FLAG, .value = &a->json, .help = "one JSON object a line"},
        {.name = "summary",
         .type = OPTION_FLAG,
         .value = &a->summary,
         .help = "only what they come to: counts, latency, top names, clients and servers"},
        ARGS_PORT(a->ports),
        ARGS_TIMEOUT(a->timeout_ns),
        ARGS_NO_COLOR(a->no_color),
    };
    static const char *const examples[] = {
        "nameflow read capture.pcap  every transaction, one a line",
        "nameflow read capture.pcap.gz 'rcode=SERVFAIL or latency>100ms'  only these",
        "nameflow read --summary monday.pcapng tuesday.pcapng  what two files come to",
        "tcpdump -w - port 53 | nameflow read -  from another program",
        NULL,
    };
    const struct command_spec spec = {
        .name = "read",
        .arguments = "FILE... [FILTER]",
        .summary = "Shows the DNS transactions in capture files: pcap and pcapng, also compressed "
                   "with gzip; '-' is standard input. Several files are read one after the other "
                   "as one capture.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .examples = examples,
        .min_arguments = 1,
    };
    return args_parse(&spec, argc, argv, first);
}

int cmd_read(int argc, char **argv)
{
    struct read_arguments a = {0};
    int first;
    int r = parse(&a, argc, argv, &first);
    if (r >= 0)
        return r;
    if (a.json && a.summary)
        return args_usage("read", "--json and --summary exclude each other");
    int last = first + 1;
    while (last < argc && names_a_file(argv[last]))
        last++;

    struct filter *filter;
    struct pipeline_options options = {.txn = {.timeout_ns = a.timeout_ns}};
    r = args_filter(argc, argv, last, &filter);
    if (r >= 0)
        return r;
    args_ports(&a.ports, options.ports, &options.port_count);
    options.filter = filter;
    stop_signal_catch(HANGUP_STOPS);

    struct reading reading = {
        .report = report_new(a.json      ? REPORT_JSON
                             : a.summary ? REPORT_SUMMARY
                                         : REPORT_TABLE,
                             a.no_color),
        .progress = isatty(STDERR_FILENO) && (a.summary || !isatty(STDOUT_FILENO)),
    };
    if (reading.report)
        reading.pipeline = pipeline_new(&options, report_record, reading.report);
    r = EXIT_DONE;
    if (!reading.pipeline) {
        fprintf(stderr, "nameflow: out of memory\n");
        r = EXIT_FAILED;
    }
    for (int i = first; reading.pipeline && i < last && !stop_signal_seen(); i++)
        if (read_file(&reading, argv[i]) != EXIT_DONE)
            r = EXIT_FAILED;
    if (reading.pipeline)
        r = finish(&reading, r);
    pipeline_free(reading.pipeline);
    report_free(reading.report);
    filter_free(filter);
    return r;
}
