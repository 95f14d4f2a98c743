/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/args.h"

#include "agent/commands.h"
#include "base/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int args_parse(const struct command_spec *spec, int argc, char **argv, int *first)
{
    struct buf text = {0};
    int r = options_parse(spec, argc, argv, first, &text);
    if (r == OPTIONS_HELP)
        fputs(buf_cstr(&text), stdout);
    else if (r < 0)
        fprintf(stderr, "nameflow %s: %s", spec->name, buf_cstr(&text));
    buf_done(&text);
    return r == OPTIONS_HELP ? EXIT_DONE : r < 0 ? EXIT_USAGE : -1;
}

void args_join(int argc, char **argv, int first, struct buf *out)
{
    for (int i = first; i < argc; i++) {
        if (i > first)
            buf_putc(out, ' ');
        buf_puts(out, argv[i]);
    }
}

int args_filter(int argc, char **argv, int first, struct filter **out)
{
    struct buf text = {0}, shown = {0};
    struct filter_error error = {0};
    int r = 0;
    *out = NULL;
    args_join(argc, argv, first, &text);
    if (text.len)
        r = filter_parse(text.data, text.len, clock_ns(CLOCK_REALTIME), out, &error);
    if (r == -ENOMEM) {
        fprintf(stderr, "nameflow: out of memory\n");
    } else if (r < 0) {
        filter_error_show(text.data, text.len, &error, &shown);
        fprintf(stderr, "nameflow: the filter is not right at column %zu:\n%s", error.column,
                buf_cstr(&shown));
        if (!shown.len || shown.data[shown.len - 1] != '\n')
            fputc('\n', stderr);
    }
    buf_done(&text);
    buf_done(&shown);
    return r == -ENOMEM ? EXIT_FAILED : r < 0 ? EXIT_USAGE : -1;
}

void args_ports(const struct option_numbers *numbers, uint16_t *ports, uint32_t *count)
{
    for (size_t i = 0; i < numbers->count && i < TAP_PORTS_MAX; i++)
        ports[i] = (uint16_t)numbers->items[i];
    *count = (uint32_t)numbers->count;
}

int args_usage(const char *command, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fprintf(stderr, "nameflow %s: ", command);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fprintf(stderr, "\n'nameflow %s --help' tells what can be given.\n", command);
    return EXIT_USAGE;
}
