/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/args.h"
#include "agent/commands.h"
#include "agent/probe_report.h"
#include "base/json.h"
#include "cli/options.h"
#include "tap/live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *verdict(const struct tap_probe *p)
{
    return p->status == 0 ? "ok" : p->status > 0 ? "limited" : p->essential ? "MISSING" : "missing";
}

static void print_json(const struct tap_probe *probes, size_t count)
{
    struct buf b = {0};
    for (size_t i = 0; i < count; i++) {
        const struct tap_probe *p = &probes[i];
        json_open(&b, '{');
        json_key(&b, "name");
        json_cstring(&b, p->name);
        probe_report_members(p, &b);
        json_close(&b, '}');
        buf_putc(&b, '\n');
    }
    fputs(buf_cstr(&b), stdout);
    buf_done(&b);
}

static void print_table(const struct tap_probe *probes, size_t count)
{
    bool color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    int width = 0;
    for (size_t i = 0; i < count; i++)
        width = (int)strlen(probes[i].name) > width ? (int)strlen(probes[i].name) : width;
    for (size_t i = 0; i < count; i++) {
        const struct tap_probe *p = &probes[i];
        const char *start = !color                           ? ""
                            : p->status == 0                 ? "\033[32m"
                            : p->status > 0 || !p->essential ? "\033[33m"
                                                             : "\033[1;31m";
        printf("%s%-7s%s  %-*s  %s\n", start, verdict(p), color ? "\033[0m" : "", width, p->name,
               p->detail);
        if (p->remedy[0])
            printf("%-7s  %-*s  -> %s\n", "", width, "", p->remedy);
    }
}

int cmd_doctor(int argc, char **argv)
{
    bool json = false;
    const struct option_spec options[] = {
        {.name = "json", .type = OPTION_FLAG, .help = "one JSON object a line", .value = &json},
    };
    static const char *const examples[] = {
        "sudo nameflow doctor  what works here, and what to do about the rest",
        NULL,
    };
    const struct command_spec spec = {
        .name = "doctor",
        .arguments = "",
        .summary =
            "Tries each thing that nameflow needs from this kernel and these privileges, and "
            "says what works, what does not, and the remedy. Exit code 77 when something "
            "essential is missing.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .examples = examples,
    };
    int first;
    int r = args_parse(&spec, argc, argv, &first);
    if (r >= 0)
        return r;

    struct tap_probe probes[PROBES_MAX];
    size_t count = tap_probe_all(probes, PROBES_MAX);
    if (count > PROBES_MAX)
        count = PROBES_MAX;
    bool allowed = true;
    for (size_t i = 0; i < count; i++)
        allowed &= probes[i].status >= 0 || !probes[i].essential;
    if (json)
        print_json(probes, count);
    else
        print_table(probes, count);
    if (!json)
        printf("\n%s\n", allowed
                             ? "nameflow can trace DNS on this host."
                             : "nameflow cannot trace DNS here until what is MISSING is mended. "
                               "'nameflow read' works without any of it.");
    return allowed ? EXIT_DONE : EXIT_NOT_ALLOWED;
}
