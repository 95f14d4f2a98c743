/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include "filter/nearest.h"
#include "filter/scalar.h"

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

static const char *example_of(const struct option_spec *o)
{
    if (o->example)
        return o->example;
    switch (o->type) {
    case OPTION_NUMBER:
        return "10";
    case OPTION_SIZE:
        return "8MiB";
    case OPTION_DURATION:
        return "30s";
    case OPTION_NUMBERS:
        return "53,5353";
    case OPTION_TEXTS:
        return "a,b";
    default:
        return o->value_name ? o->value_name : "TEXT";
    }
}

static void put_bound(struct buf *b, const struct option_spec *o, int64_t v)
{
    if (o->type == OPTION_DURATION)
        scalar_put_duration(b, v);
    else
        buf_i64(b, v);
}

static int fail_value(const struct option_spec *o, const char *value, size_t len, const char *is,
                      struct buf *text)
{
    buf_printf(text, "--%s: '", o->name);
    buf_put_visible(text, value, len, 60);
    buf_printf(text, "' is %s; give for example --%s %s\n", is, o->name, example_of(o));
    return -EINVAL;
}

static int check_bounds(const struct option_spec *o, const char *value, size_t len, int64_t v,
                        struct buf *text)
{
    if (!o->max || (v >= o->min && v <= o->max))
        return 0;
    buf_printf(text, "--%s: ", o->name);
    buf_put_visible(text, value, len, 60);
    buf_puts(text, " is out of range; it must be from ");
    put_bound(text, o, o->min);
    buf_puts(text, " to ");
    put_bound(text, o, o->max);
    buf_putc(text, '\n');
    return -EINVAL;
}

static int parse_scalar(const struct option_spec *o, const char *value, size_t len, int64_t *out,
                        struct buf *text)
{
    if (o->type == OPTION_DURATION) {
        if (!scalar_duration(value, len, 1000000000, out))
            return fail_value(o, value, len, "not a duration", text);
    } else if (!scalar_number(value, len, out)) {
        return fail_value(o, value, len, o->type == OPTION_SIZE ? "not a size" : "not a number",
                          text);
    }
    return check_bounds(o, value, len, *out, text);
}

static int add_item(const struct option_spec *o, const char *item, size_t len, struct buf *text)
{
    struct option_texts *texts = o->value;
    struct option_numbers *numbers = o->value;
    int64_t v;
    if (!len)
        return fail_value(o, item, len, "an empty item of the list", text);
    if (*(size_t *)o->value >= OPTION_LIST_MAX) {
        buf_printf(text, "--%s: more than %d values\n", o->name, OPTION_LIST_MAX);
        return -EINVAL;
    }
    if (o->type == OPTION_TEXTS) {
        texts->items[texts->count].text = item;
        texts->items[texts->count++].len = len;
        return 0;
    }
    int r = parse_scalar(o, item, len, &v, text);
    if (!r)
        numbers->items[numbers->count++] = (uint64_t)v;
    return r;
}

static int parse_value(const struct option_spec *o, const char *value, struct buf *text)
{
    int64_t v = 0;
    int r = 0;
    switch (o->type) {
    case OPTION_FLAG:
        *(bool *)o->value = true;
        return 0;
    case OPTION_TEXT:
        *(const char **)o->value = value;
        return 0;
    case OPTION_NUMBER:
    case OPTION_SIZE:
        r = parse_scalar(o, value, strlen(value), &v, text);
        if (!r)
            *(uint64_t *)o->value = (uint64_t)v;
        return r;
    case OPTION_DURATION:
        r = parse_scalar(o, value, strlen(value), &v, text);
        if (!r)
            *(int64_t *)o->value = v;
        return r;
    default:
        for (;;) {
            size_t n = strcspn(value, ",");
            r = add_item(o, value, n, text);
            if (r || !value[n])
                return r;
            value += n + 1;
        }
    }
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
                       example_of(o));
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
        int r = parse_value(o, optarg, text);
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
