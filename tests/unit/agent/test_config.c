/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/config.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static struct config config;
static struct buf text;
static char path[] = "/tmp/nameflow-test-config-XXXXXX";

static void write_file(const char *content, size_t len)
{
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_int_equal(fwrite(content, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static int read_text(const char *content)
{
    write_file(content, strlen(content));
    config_done(&config);
    config_init(&config);
    buf_clear(&text);
    return config_read_file(&config, path, &text);
}

/* `expected` has % where the file's path is. */
static void assert_text(const char *expected)
{
    struct buf b = {0};
    for (; *expected; expected++) {
        if (*expected == '%')
            buf_puts(&b, path);
        else
            buf_putc(&b, *expected);
    }
    assert_string_equal(buf_cstr(&text), buf_cstr(&b));
    buf_done(&b);
}

static void values(void **state)
{
    (void)state;
    assert_int_equal(read_text("listen: '[::1]:80'\n"
                               "socket: none   # not here\n"
                               "state: \"/srv/name flow\"\n"
                               "port: [53, 5353]\n"
                               "timeout: 1500ms\n"
                               "store: memory\n"
                               "store_max_size: 1GiB\n"
                               "store_max_age: 2d\n"
                               "metrics_public: true\n"
                               "log_level: debug\n"),
                     0);
    assert_text("");
    assert_int_equal(config.listen.port, 80);
    assert_string_equal(config.socket, "none");
    assert_string_equal(config.state, "/srv/name flow");
    assert_int_equal(config.ports.count, 2);
    assert_int_equal(config.ports.items[1], 5353);
    assert_int_equal(config.timeout_ns, 1500 * NS_PER_MS);
    assert_int_equal(config.store, CONFIG_STORE_MEMORY);
    assert_int_equal(config.store_max_bytes, 1 << 30);
    assert_int_equal(config.store_max_age_ns, 2 * 86400 * NS_PER_SEC);
    assert_true(config.metrics_public);
    assert_int_equal(config.log_level, LOG_LEVEL_DEBUG);
    /* And what the file does not say. */
    assert_int_equal(config.store_memory_bytes, 128 << 20);
    assert_int_equal(config.store_threads, 2);
}

static void nothing_but_defaults(void **state)
{
    (void)state;
    static const char *const files[] = {"", "# nothing\n", "---\n...\n", "{}\n"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        assert_int_equal(read_text(files[i]), 0);
    assert_int_equal(read_text("port: 54\n"), 0);
    assert_int_equal(config.ports.count, 1);
    assert_int_equal(config.ports.items[0], 54);
}

static const struct {
    const char *file, *mistakes;
} wrong[] = {
    {"listne: 127.0.0.1:80\n", "%:1:1: there is no option listne; did you mean listen?\n"},
    {"\n\n  store-max-size: 1GiB\n",
     "%:3:3: there is no option store-max-size; did you mean store_max_size?\n"},
    {"frobnicate: 1\n", "%:1:1: there is no option frobnicate\n"},
    {"config: x\n", "%:1:1: there is no option config\n"},
    {"store_max_size: 2 gigs\n", "%:1:17: store_max_size: '2 gigs' is not a size; give for example "
                                 "store_max_size: 2GiB\n"},
    {"timeout:    soon\n",
     "%:1:13: timeout: 'soon' is not a duration; give for example timeout: 5s\n"},
    {"timeout: 2h\n", "%:1:10: timeout: 2h is out of range; it must be from 1ms to 1h\n"},
    {"port: [53, dns, 70000]\n",
     "%:1:12: port: 'dns' is not a number; give for example port: 53,5353\n"
     "%:1:17: port: 70000 is out of range; it must be from 1 to 65535\n"},
    {"port: []\n", "%:1:7: port has an empty list; leave the line out for the default\n"},
    {"port: [[53]]\n", "%:1:8: port takes a list of plain values\n"},
    {"listen: localhost\n", "%:1:9: listen: 'localhost' is not an address and port; give for "
                            "example listen: 127.0.0.1:8053\n"},
    {"store: sqlite\n", "%:1:8: store: 'sqlite' is none of duckdb, memory, none\n"},
    {"log_level: inof\n", "%:1:12: log_level: 'inof' is none of error, warning, notice, "
                          "info, debug; did you mean info?\n"},
    {"metrics_public: yes\n", "%:1:17: metrics_public: 'yes' is neither true nor false; give for "
                              "example metrics_public: true\n"},
    {"state:\n", "%:1:7: state has no value; leave the line out for the default\n"},
    {"state: ''\n", "%:1:8: state has no value; leave the line out for the default\n"},
    {"state: ~\n", "%:1:8: state has no value; leave the line out for the default\n"},
    {"state: \"a\\0b\"\n", "%:1:8: state has a NUL in its value\n"},
    {"state: [a, b]\n", "%:1:8: state takes one value, not a list\n"},
    {"store:\n  max_size: 1GiB\n", "%:2:3: store takes a value; options do not hold others\n"},
    {"timeout: 1s\nsample: 2\ntimeout: 2s\n", "%:3:1: timeout is given twice, in line 1 before\n"},
    {"listen: x\nport: y\n",
     "%:1:9: listen: 'x' is not an address and port; give for example listen: 127.0.0.1:8053\n"
     "%:2:7: port: 'y' is not a number; give for example port: 53,5353\n"},
    {"just words\n", "%:1:1: options are missing here; one is written as name: value\n"},
    {"- a\n", "%:1:1: options are missing here; one is written as name: value\n"},
    {"? [a]\n: b\n", "%:1:3: the name of an option is missing here\n"},
    {"sample: 1\n---\nsample: 2\n",
     "%:2:1: a second document begins here; there can be one only\n"},
};

static void mistakes_have_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(read_text(wrong[i].file), -EINVAL);
        assert_text(wrong[i].mistakes);
    }
}

/* The words are libyaml's, the place is what counts. */
static void what_is_no_yaml_has_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *file, *place;
    } broken[] = {
        {"sample: 1\n\tport: 53\n", ":2:1: "},
        {"port: [53\n", ":2:1: "},
        {"listen: 'x\n", ":2:1: "},
        {"state: \xff\n", ": byte 7: "},
    };
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        assert_int_equal(read_text(broken[i].file), -EINVAL);
        const char *at = buf_cstr(&text) + strlen(path);
        assert_int_equal(strncmp(at, broken[i].place, strlen(broken[i].place)), 0);
        assert_non_null(strstr(at, "; an option is written as name: value\n"));
    }
}

static void files_that_cannot_be_read(void **state)
{
    (void)state;
    buf_clear(&text);
    assert_int_equal(config_read_file(&config, "/nonexistent/nameflow.yaml", &text), -ENOENT);
    assert_string_equal(buf_cstr(&text), "/nonexistent/nameflow.yaml: No such file or directory\n");
    buf_clear(&text);
    assert_int_equal(config_read_file(&config, "/", &text), -EISDIR);
    static char large[2 << 20];
    memset(large, '#', sizeof(large));
    write_file(large, sizeof(large));
    buf_clear(&text);
    assert_int_equal(config_read_file(&config, path, &text), -EFBIG);
    assert_text("%: File too large\n");
}

/* ---- with a command line ---- */

static int load(const char *content, ...)
{
    static const struct command_spec command = {
        .name = "serve", .arguments = "", .summary = "Runs the agent."};
    static char *args[16];
    int count = 0;
    va_list list;
    write_file(content, strlen(content));
    args[count++] = (char *)(uintptr_t) "serve";
    args[count++] = (char *)(uintptr_t) "--config";
    args[count++] = path;
    va_start(list, content);
    while ((args[count] = va_arg(list, char *)))
        count++;
    va_end(list);
    config_done(&config);
    buf_clear(&text);
    return config_load(&config, &command, count, args, &text);
}

static void arguments_go_before_the_file(void **state)
{
    (void)state;
    static const char file[] = "port: [1, 2, 3]\nstore: none\nstate: /a\nsample: 7\n";
    assert_int_equal(load(file, NULL), 0);
    assert_int_equal(config.ports.count, 3);
    assert_string_equal(config.file, path);
    assert_int_equal(load(file, "--port", "53", "--port=54", "--state", "/b", "--store=memory",
                          "--metrics-public", "--check-config", NULL),
                     0);
    assert_int_equal(config.ports.count, 2);
    assert_int_equal(config.ports.items[0], 53);
    assert_string_equal(config.state, "/b");
    assert_int_equal(config.store, CONFIG_STORE_MEMORY);
    assert_int_equal(config.sample, 7);
    assert_true(config.metrics_public);
    assert_true(config.check_config);
    assert_int_equal(config.log_level, LOG_LEVEL_INFO);
}

static void mistakes_of_both(void **state)
{
    (void)state;
    assert_int_equal(load("sample: x\n", "--port", "dns", NULL), -EINVAL);
    assert_text("nameflow serve: --port: 'dns' is not a number; give for example --port 53,5353\n");
    assert_int_equal(load("sample: x\n", "--port", "53", NULL), -EINVAL);
    assert_text("%:1:9: sample: 'x' is not a number; give for example sample: 10\n");
    assert_int_equal(load("", "--help", NULL), OPTIONS_HELP);
    assert_non_null(strstr(buf_cstr(&text), "(default 127.0.0.1:8053)"));
}

static void folders_of_the_service_manager(void **state)
{
    (void)state;
    setenv("STATE_DIRECTORY", "/var/lib/a:/var/lib/b", 1);
    setenv("RUNTIME_DIRECTORY", "/run/a", 1);
    assert_int_equal(load("", NULL), 0);
    assert_string_equal(config.state, "/var/lib/a");
    assert_string_equal(config.socket, "/run/a/api.sock");
    assert_int_equal(load("state: /c\n", NULL), 0);
    assert_string_equal(config.state, "/c");
    unsetenv("STATE_DIRECTORY");
    unsetenv("RUNTIME_DIRECTORY");
}

/* ---- the example that is installed ---- */

static char *read_example(void)
{
    static char content[65536];
    FILE *f = fopen(EXAMPLE_FILE, "re");
    assert_non_null(f);
    size_t n = fread(content, 1, sizeof(content) - 1, f);
    content[n] = '\0';
    fclose(f);
    return content;
}

/* The example with the # of "#option: value" taken away. */
static void uncomment(const char *from, struct buf *out)
{
    while (*from) {
        size_t n = strcspn(from, "\n") + 1;
        bool option = from[0] == '#' && from[1] >= 'a' && from[1] <= 'z';
        buf_put(out, from + option, n - option);
        from += n;
    }
}

static void the_example_lists_every_default(void **state)
{
    (void)state;
    const char *example = read_example();
    assert_int_equal(read_text(example), 0);
    struct buf all = {0};
    uncomment(example, &all);
    assert_int_equal(read_text(buf_cstr(&all)), 0);
    assert_text("");
    struct config defaults;
    config_init(&defaults);
    for (size_t i = 0; i < config_option_count; i++) {
        const struct config_option *o = &config_options[i];
        struct buf line = {0};
        buf_puts(&line, "\n#");
        option_put_name(&line, &o->spec, OPTION_IN_FILE);
        buf_puts(&line, ": ");
        bool listed = strstr(example, buf_cstr(&line)) != NULL;
        if (listed == o->arguments_only)
            fail_msg("%s: is it to be in the example?", o->spec.name);
        if (o->default_text && listed &&
            !option_equal(&o->spec, config_value(&config, o), config_value(&defaults, o)))
            fail_msg("%s: the example has another default", o->spec.name);
        buf_done(&line);
    }
    config_done(&defaults);
    buf_done(&all);
}

/* What SIGHUP can change is said where people read it. */
static void the_example_marks_what_can_be_reloaded(void **state)
{
    (void)state;
    const char *example = read_example();
    for (size_t i = 0; i < config_option_count; i++) {
        const struct config_option *o = &config_options[i];
        struct buf line = {0};
        buf_puts(&line, "\n#");
        option_put_name(&line, &o->spec, OPTION_IN_FILE);
        buf_puts(&line, ": ");
        const char *at = strstr(example, buf_cstr(&line));
        bool marked = at && at - example > 9 && strncmp(at - 9, " (reload)", 9) == 0;
        if (marked != o->reloadable)
            fail_msg("%s: can it be reloaded?", o->spec.name);
        buf_done(&line);
    }
}

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    if (fd >= 0)
        close(fd);
    config_init(&config);
    return fd < 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    config_done(&config);
    buf_done(&text);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(nothing_but_defaults),
        cmocka_unit_test(mistakes_have_their_place),
        cmocka_unit_test(what_is_no_yaml_has_its_place),
        cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(arguments_go_before_the_file),
        cmocka_unit_test(mistakes_of_both),
        cmocka_unit_test(folders_of_the_service_manager),
        cmocka_unit_test(the_example_lists_every_default),
        cmocka_unit_test(the_example_marks_what_can_be_reloaded),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
