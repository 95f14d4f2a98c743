/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include "cli/option_value.h"
#include "filter/nearest.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

enum {
    OPTIONS_MAX = 48,
    FIRST_VALUE = 256, /* of long options: above every letter */
    HELP_VALUE = FIRST_VALUE + OPTIONS_MAX,
    INDENT_MAX = 28,
};

static bool has_value(const struct option_spec *o)
{
    return o->type != OPTION_FLAG;
}

static int fail_unknown(const struct command_spec *spec, const char *given, struct buf *text)
{
    size_t dashes = strspn(given, "-");
    size_t len = strcspn(given + dashes, "=");
    struct nearest n = nearest_to(given + dashes, len);
    for (size_t i = 0; i < spec->option_count; i++)
        nearest_offer(&n, spec->options[i].name);
    nearest_offer(&n, "help");
    buf_puts(text, "there is no option ");
    buf_put_visible(text, given, dashes + len, 60);
    if (n.best && dashes)
        buf_printf(text, "; did you mean --%s?", n.best);
    buf_printf(text, "\n'nameflow %s --help' lists them all\n", spec->name);
    return -EINVAL;
}

static int fail_letter(const struct command_spec *spec, int letter, struct buf *text)
{
    char given[2] = {'-', (char)letter};
    buf_puts(text, "there is no option ");
    buf_put_visible(text, given, sizeof(given), 2);
    buf_printf(text, "\n'nameflow %s --help' lists them all\n", spec->name);
    return -EINVAL;
}

static const struct option_spec *by_value(const struct command_spec *spec, int value)
{
    if (value >= FIRST_VALUE && (size_t)(value - FIRST_VALUE) < spec->option_count)
        return &spec->options[value - FIRST_VALUE];
    for (size_t i = 0; i < spec->option_count; i++)
        if (spec->options[i].letter == value && value)
            return &spec->options[i];
    return NULL;
}

static int check_arguments(const struct command_spec *spec, int argc, char **argv, int first,
                           struct buf *text)
{
    size_t given = (size_t)(argc - first);
    if (!spec->arguments[0] && given) {
        buf_puts(text, "'");
        buf_put_visible(text, argv[first], strlen(argv[first]), 60);
        buf_printf(text, "' is too much: %s takes no arguments\n", spec->name);
        return -EINVAL;
    }
    if (given < spec->min_arguments || (spec->max_arguments && given > spec->max_arguments)) {
        buf_printf(text, "too %s arguments; the usage is: nameflow %s [OPTION]... %s\n",
                   given < spec->min_arguments ? "few" : "many", spec->name, spec->arguments);
        return -EINVAL;
    }
    return 0;
}

/* What getopt_long needs; letters has room for two characters an option and ":h". */
static void describe(const struct command_spec *spec, struct option *longs, char *letters)
{
    size_t n = spec->option_count < OPTIONS_MAX ? spec->option_count : OPTIONS_MAX;
    *letters++ = ':';
    *letters++ = 'h';
    for (size_t i = 0; i < n; i++) {
        const struct option_spec *o = &spec->options[i];
        longs[i] = (struct option){o->name, has_value(o) ? required_argument : no_argument, NULL,
                                   FIRST_VALUE + (int)i};
        if (o->letter) {
            *letters++ = o->letter;
            if (has_value(o))
                *letters++ = ':';
        }
    }
    *letters = '\0';
    longs[n] = (struct option){"help", no_argument, NULL, HELP_VALUE};
    longs[n + 1] = (struct option){0};
}

int options_parse(const struct command_spec *spec, int argc, char **argv, int *first,
                  struct buf *text)
{
    struct option longs[OPTIONS_MAX + 2];
    char letters[2 * OPTIONS_MAX + 3];
    describe(spec, longs, letters);
    optind = 0;
    opterr = 0;
    for (;;) {
        int before = optind ? optind : 1;
        int c = getopt_long(argc, argv, letters, longs, NULL);
        if (c < 0)
            break;
        if (c == 'h' || c == HELP_VALUE) {
            options_help(spec, 0, text);
            return OPTIONS_HELP;
        }
        const struct option_spec *o = by_value(spec, c == '?' || c == ':' ? optopt : c);
        if (c == ':' && o) {
            buf_printf(text, "--%s needs a value; give for example --%s %s\n", o->name, o->name,
                       option_example(o));
            return -EINVAL;
        }
        if (c == '?' && o) {
            buf_printf(text, "--%s takes no value\n", o->name);
            return -EINVAL;
        }
        if (c == '?' && optopt)
            return optopt == HELP_VALUE ? fail_unknown(spec, "--help=", text)
                                        : fail_letter(spec, optopt, text);
        if (!o)
            return fail_unknown(spec, argv[optind - 1 >= before ? optind - 1 : before], text);
        int r = option_value(o, has_value(o) ? optarg : "true", OPTION_IN_ARGUMENTS, text);
        if (r < 0)
            return r;
    }
    *first = optind;
    return check_arguments(spec, argc, argv, optind, text);
}

/* ---- help ---- */

/* Words of text from column `at` on; further lines begin at `indent`. */
static void put_wrapped(struct buf *b, const char *text, unsigned at, unsigned indent,
                        unsigned width)
{
    bool first = true;
    while (*text) {
        size_t n = strcspn(text, " ");
        if (!first && at + 1 + n > width) {
            buf_putc(b, '\n');
            for (unsigned i = 0; i < indent; i++)
                buf_putc(b, ' ');
            at = indent;
            first = true;
        }
        if (!first) {
            buf_putc(b, ' ');
            at++;
        }
        buf_put(b, text, n);
        at += (unsigned)n;
        first = false;
        text += n;
        text += strspn(text, " ");
    }
    buf_putc(b, '\n');
}

static size_t put_option_name(struct buf *b, const struct option_spec *o)
{
    size_t before = b->len;
    if (o->letter)
        buf_printf(b, "  -%c, --%s", o->letter, o->name);
    else
        buf_printf(b, "      --%s", o->name);
    if (o->value_name)
        buf_printf(b, " %s", o->value_name);
    return b->len - before;
}

static void put_option(struct buf *b, const struct option_spec *o, size_t indent, unsigned width)
{
    size_t at = put_option_name(b, o);
    if (at + 2 > indent) {
        buf_putc(b, '\n');
        at = 0;
    }
    for (; at < indent; at++)
        buf_putc(b, ' ');
    put_wrapped(b, o->help, (unsigned)indent, (unsigned)indent, width);
}

void options_help(const struct command_spec *spec, unsigned width, struct buf *out)
{
    static const struct option_spec help = {
        .name = "help", .letter = 'h', .type = OPTION_FLAG, .help = "show this and exit"};
    struct buf scratch = {0};
    size_t indent = 0;
    if (!width)
        width = 80;
    for (size_t i = 0; i < spec->option_count; i++) {
        buf_clear(&scratch);
        size_t n = put_option_name(&scratch, &spec->options[i]) + 2;
        if (n > indent && n <= INDENT_MAX)
            indent = n;
    }
    buf_done(&scratch);
    if (indent < 14)
        indent = 14;

    buf_printf(out, "Usage: nameflow %s [OPTION]...%s%s\n\n", spec->name,
               spec->arguments[0] ? " " : "", spec->arguments);
    put_wrapped(out, spec->summary, 0, 0, width);
    buf_puts(out, "\nOptions:\n");
    for (size_t i = 0; i < spec->option_count; i++)
        put_option(out, &spec->options[i], indent, width);
    put_option(out, &help, indent, width);
    if (!spec->examples)
        return;
    buf_puts(out, "\nExamples:\n");
    for (size_t i = 0; spec->examples[i]; i++) {
        const char *line = spec->examples[i], *comment = strstr(line, "  ");
        int len = comment ? (int)(comment - line) : (int)strlen(line);
        buf_printf(out, "  %.*s\n", len, line);
        if (comment)
            buf_printf(out, "      %s\n", comment + 2);
    }
}
