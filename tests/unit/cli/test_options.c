/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct {
    bool json;
    const char *file;
    uint64_t count, ring;
    int64_t duration;
    struct option_numbers ports;
    struct option_texts fields;
} opt;

static const struct option_spec specs[] = {
    {.name = "json",
     .type = OPTION_FLAG,
     .help = "print one JSON object a line",
     .value = &opt.json},
    {.name = "file",
     .letter = 'f',
     .type = OPTION_TEXT,
     .value_name = "FILE",
     .help = "read FILE",
     .value = &opt.file},
    {.name = "count",
     .letter = 'n',
     .type = OPTION_NUMBER,
     .value_name = "N",
     .help = "end after N transactions",
     .value = &opt.count,
     .min = 1,
     .max = 1000},
    {.name = "ring",
     .type = OPTION_SIZE,
     .value_name = "BYTES",
     .help = "size of each ring buffer; a larger one loses less when the machine is so busy that "
             "the reader falls behind",
     .value = &opt.ring,
     .min = 4096,
     .max = 1 << 30},
    {.name = "for",
     .type = OPTION_DURATION,
     .value_name = "DURATION",
     .help = "end after DURATION",
     .value = &opt.duration,
     .min = 1000000,
     .max = 3600000000000},
    {.name = "port",
     .letter = 'p',
     .type = OPTION_NUMBERS,
     .value_name = "PORT[,...]",
     .help = "ports of DNS",
     .value = &opt.ports,
     .min = 1,
     .max = 65535},
    {.name = "fields",
     .type = OPTION_TEXTS,
     .value_name = "FIELD[,...]",
     .help = "fields",
     .value = &opt.fields},
};

static const char *const examples[] = {"nameflow trace rcode=NXDOMAIN", NULL};

static const struct command_spec command = {
    .name = "trace",
    .arguments = "[FILTER]",
    .summary = "Shows DNS transactions of this host as they happen.",
    .options = specs,
    .option_count = sizeof(specs) / sizeof(specs[0]),
    .examples = examples,
};

static struct buf text;
static char *args[32];
static int arg_count, first;

static int parse(const struct command_spec *spec, const char *first_arg, ...)
{
    va_list list;
    va_start(list, first_arg);
    memset(&opt, 0, sizeof(opt));
    arg_count = 0;
    args[arg_count++] = (char *)(uintptr_t)spec->name;
    for (const char *a = first_arg; a; a = va_arg(list, const char *))
        args[arg_count++] = (char *)(uintptr_t)a;
    args[arg_count] = NULL;
    va_end(list);
    buf_clear(&text);
    return options_parse(spec, arg_count, args, &first, &text);
}

static void assert_error(const char *expected)
{
    assert_string_equal(buf_cstr(&text), expected);
}

static void values_have_their_types(void **state)
{
    (void)state;
    assert_int_equal(parse(&command, "--json", "-n", "10", "rcode=NXDOMAIN", "--ring=64k", "--for",
                           "1m30s", "-p53", "--port", "5353,853", "--file=x", "comm=dig",
                           "--fields", "qname,rcode", NULL),
                     0);
    assert_true(opt.json);
    assert_int_equal(opt.count, 10);
    assert_int_equal(opt.ring, 64000);
    assert_int_equal(opt.duration, 90000000000);
    assert_string_equal(opt.file, "x");
    assert_int_equal(opt.ports.count, 3);
    assert_int_equal(opt.ports.items[0], 53);
    assert_int_equal(opt.ports.items[2], 853);
    assert_int_equal(opt.fields.count, 2);
    assert_int_equal(opt.fields.items[1].len, 5);
    assert_memory_equal(opt.fields.items[1].text, "rcode", 5);
    assert_int_equal(arg_count - first, 2);
    assert_string_equal(args[first], "rcode=NXDOMAIN");
    assert_string_equal(args[first + 1], "comm=dig");
}

static void nothing_is_fine_too(void **state)
{
    (void)state;
    assert_int_equal(parse(&command, NULL), 0);
    assert_int_equal(first, 1);
    assert_false(opt.json);
    assert_int_equal(parse(&command, "--", "--json", NULL), 0);
    assert_false(opt.json);
    assert_string_equal(args[first], "--json");
    assert_int_equal(parse(&command, "-n", "1", NULL), 0);
    assert_int_equal(parse(&command, "-n", "1000", NULL), 0);
    assert_int_equal(parse(&command, "-n", "1001", NULL), -EINVAL);
    assert_int_equal(parse(&command, "--for", "10", NULL), 0);
    assert_int_equal(opt.duration, 10000000000);
}

static void mistakes_say_what_would_be_right(void **state)
{
    (void)state;
    assert_int_equal(parse(&command, "--count", "abc", NULL), -EINVAL);
    assert_error("--count: 'abc' is not a number; give for example --count 10\n");
    assert_int_equal(parse(&command, "-n", "0", NULL), -EINVAL);
    assert_error("--count: 0 is out of range; it must be from 1 to 1000\n");
    assert_int_equal(parse(&command, "--ring", "1x", NULL), -EINVAL);
    assert_error("--ring: '1x' is not a size; give for example --ring 8MiB\n");
    assert_int_equal(parse(&command, "--for", "soon", NULL), -EINVAL);
    assert_error("--for: 'soon' is not a duration; give for example --for 30s\n");
    assert_int_equal(parse(&command, "--for", "2h", NULL), -EINVAL);
    assert_error("--for: 2h is out of range; it must be from 1ms to 1h\n");
    assert_int_equal(parse(&command, "--port", "53,,54", NULL), -EINVAL);
    assert_error("--port: '' is an empty item of the list; give for example --port 53,5353\n");
    assert_int_equal(parse(&command, "--port", "70000", NULL), -EINVAL);
    assert_error("--port: 70000 is out of range; it must be from 1 to 65535\n");
    assert_int_equal(parse(&command, "--count", NULL), -EINVAL);
    assert_error("--count needs a value; give for example --count 10\n");
    assert_int_equal(parse(&command, "-n", NULL), -EINVAL);
    assert_error("--count needs a value; give for example --count 10\n");
    assert_int_equal(parse(&command, "--json=yes", NULL), -EINVAL);
    assert_error("--json takes no value\n");
}

static void unknown_options_get_a_suggestion(void **state)
{
    (void)state;
    assert_int_equal(parse(&command, "--jsno", NULL), -EINVAL);
    assert_error("there is no option --jsno; did you mean --json?\n"
                 "'nameflow trace --help' lists them all\n");
    assert_int_equal(parse(&command, "a", "--cuont=5", "b", NULL), -EINVAL);
    assert_error("there is no option --cuont; did you mean --count?\n"
                 "'nameflow trace --help' lists them all\n");
    assert_int_equal(parse(&command, "--frobnicate", NULL), -EINVAL);
    assert_error("there is no option --frobnicate\n'nameflow trace --help' lists them all\n");
    assert_int_equal(parse(&command, "-x", NULL), -EINVAL);
    assert_error("there is no option -x\n'nameflow trace --help' lists them all\n");
}

static void arguments_are_counted(void **state)
{
    (void)state;
    static const struct command_spec doctor = {
        .name = "doctor", .arguments = "", .summary = "Tells what works."};
    static const struct command_spec read = {
        .name = "read", .arguments = "FILE...", .summary = "Reads.", .min_arguments = 1};
    assert_int_equal(parse(&doctor, "now", NULL), -EINVAL);
    assert_error("'now' is too much: doctor takes no arguments\n");
    assert_int_equal(parse(&doctor, NULL), 0);
    assert_int_equal(parse(&read, NULL), -EINVAL);
    assert_error("too few arguments; the usage is: nameflow read [OPTION]... FILE...\n");
    assert_int_equal(parse(&read, "a", "b", NULL), 0);
}

static void help(void **state)
{
    (void)state;
    assert_int_equal(parse(&command, "--help", NULL), OPTIONS_HELP);
    assert_string_equal(
        buf_cstr(&text),
        "Usage: nameflow trace [OPTION]... [FILTER]\n"
        "\n"
        "Shows DNS transactions of this host as they happen.\n"
        "\n"
        "Options:\n"
        "      --json                print one JSON object a line\n"
        "  -f, --file FILE           read FILE\n"
        "  -n, --count N             end after N transactions\n"
        "      --ring BYTES          size of each ring buffer; a larger one loses less\n"
        "                            when the machine is so busy that the reader falls\n"
        "                            behind\n"
        "      --for DURATION        end after DURATION\n"
        "  -p, --port PORT[,...]     ports of DNS\n"
        "      --fields FIELD[,...]  fields\n"
        "  -h, --help                show this and exit\n"
        "\n"
        "Examples:\n"
        "  nameflow trace rcode=NXDOMAIN\n");
    assert_int_equal(parse(&command, "-h", NULL), OPTIONS_HELP);
}

static int done(void **state)
{
    (void)state;
    buf_done(&text);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_have_their_types),
        cmocka_unit_test(nothing_is_fine_too),
        cmocka_unit_test(mistakes_say_what_would_be_right),
        cmocka_unit_test(unknown_options_get_a_suggestion),
        cmocka_unit_test(arguments_are_counted),
        cmocka_unit_test(help),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
