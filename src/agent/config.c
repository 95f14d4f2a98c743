/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/config.h"

#include "base/clock.h"
#include "base/log.h"
#include "tap/live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONFIG_DEFAULT_FILE CONFIG_FOLDER "/nameflow.yaml"

#define DAY_NS (86400 * NS_PER_SEC)

static const char *const store_names[] = {
    [CONFIG_STORE_DUCKDB] = "duckdb",
    [CONFIG_STORE_MEMORY] = "memory",
    [CONFIG_STORE_NONE] = "none",
    NULL,
};

#define AT(member) .offset = offsetof(struct config, member)

const struct config_option config_options[] = {
    {.spec = {.name = "config",
              .letter = 'c',
              .type = OPTION_TEXT,
              .value_name = "FILE",
              .help = "the configuration file; it has the same options, with underscores "
                      "(default " CONFIG_DEFAULT_FILE " where there is one)"},
     AT(file),
     .arguments_only = true},
    {.spec = {.name = "check-config",
              .type = OPTION_FLAG,
              .help = "say whether the configuration is right, and exit"},
     AT(check_config),
     .arguments_only = true},
    {.spec = {.name = "listen",
              .type = OPTION_ADDRESS,
              .value_name = "ADDRESS:PORT",
              .help = "where the API listens, or none; asks for the token"},
     AT(listen),
     .default_text = "127.0.0.1:8053"},
    {.spec = {.name = "socket",
              .type = OPTION_TEXT,
              .value_name = "FILE",
              .example = "/run/nameflow/api.sock",
              .help = "Unix socket of the API, or none; who may open the file needs no token"},
     AT(socket),
     .default_text = "/run/nameflow/api.sock"},
    {.spec = {.name = "state",
              .type = OPTION_TEXT,
              .value_name = "FOLDER",
              .example = "/var/lib/nameflow",
              .help = "where the store and the token are"},
     AT(state),
     .default_text = "/var/lib/nameflow"},
    {.spec = {.name = "port",
              .letter = 'p',
              .type = OPTION_NUMBERS,
              .value_name = "LIST",
              .min = 1,
              .max = 65535,
              .max_items = TAP_PORTS_MAX,
              .example = "53,5353",
              .help = "the ports that carry DNS"},
     AT(ports),
     .default_text = "53"},
    {.spec = {.name = "timeout",
              .type = OPTION_DURATION,
              .value_name = "DURATION",
              .min = NS_PER_MS,
              .max = 3600 * NS_PER_SEC,
              .example = "5s",
              .help = "how long a query may wait for its answer"},
     AT(timeout_ns),
     .default_text = "5s"},
    {.spec = {.name = "sample",
              .type = OPTION_NUMBER,
              .value_name = "N",
              .min = 1,
              .max = 1000000,
              .help = "one in N transactions: both halves or neither"},
     AT(sample),
     .default_text = "1"},
    {.spec = {.name = "ring-bytes",
              .type = OPTION_SIZE,
              .value_name = "SIZE",
              .min = 4096,
              .max = 1 << 30,
              .power_of_two = true,
              .example = "16MiB",
              .help = "size of each ring buffer, a power of two (default 8MiB in all)"},
     AT(ring_bytes)},
    {.spec = {.name = "store",
              .type = OPTION_CHOICE,
              .value_name = "ENGINE",
              .choices = store_names,
              .help = "what keeps the transactions: duckdb on disk, memory until the end, none"},
     AT(store),
     .default_text = "duckdb"},
    {.spec = {.name = "store-max-size",
              .type = OPTION_SIZE,
              .value_name = "SIZE",
              .min = 32 << 20,
              .max = INT64_MAX,
              .example = "2GiB",
              .help = "the oldest transactions go when the store takes more"},
     AT(store_max_bytes),
     .default_text = "2GiB",
     .reloadable = true},
    {.spec = {.name = "store-max-age",
              .type = OPTION_DURATION,
              .value_name = "DURATION",
              .min = 3600 * NS_PER_SEC,
              .max = 3660 * DAY_NS,
              .example = "7d",
              .help = "older transactions go"},
     AT(store_max_age_ns),
     .default_text = "7d",
     .reloadable = true},
    {.spec = {.name = "rollup-max-age",
              .type = OPTION_DURATION,
              .value_name = "DURATION",
              .min = 3600 * NS_PER_SEC,
              .max = 3660 * DAY_NS,
              .example = "90d",
              .help = "how long the figures of each minute stay"},
     AT(rollup_max_age_ns),
     .default_text = "90d",
     .reloadable = true},
    {.spec = {.name = "store-memory",
              .type = OPTION_SIZE,
              .value_name = "SIZE",
              .min = 32 << 20,
              .max = INT64_MAX,
              .example = "128MiB",
              .help = "memory that the engine may take; of --store memory, all there is"},
     AT(store_memory_bytes),
     .default_text = "128MiB"},
    {.spec = {.name = "store-threads",
              .type = OPTION_NUMBER,
              .value_name = "N",
              .min = 1,
              .max = 64,
              .example = "2",
              .help = "threads of the engine"},
     AT(store_threads),
     .default_text = "2"},
    {.spec = {.name = "metrics-public", .type = OPTION_FLAG, .help = "/metrics needs no token"},
     AT(metrics_public),
     .default_text = "false",
     .reloadable = true},
    {.spec = {.name = "log-level",
              .type = OPTION_CHOICE,
              .value_name = "LEVEL",
              .choices = log_level_names,
              .help = "error, warning, notice, info or debug"},
     AT(log_level),
     .default_text = "info",
     .reloadable = true},
};

const char *const config_default_file = CONFIG_DEFAULT_FILE;

enum {
    OPTION_COUNT = sizeof(config_options) / sizeof(config_options[0]),
};

const size_t config_option_count = OPTION_COUNT;

/* ---- defaults ---- */

/* Where the service manager made folders for this service: the first of what may be a list. */
static const char *from_folder(struct arena *texts, const char *variable, const char *file,
                               const char *otherwise)
{
    const char *folders = getenv(variable);
    size_t n = folders ? strcspn(folders, ":") : 0, file_len = strlen(file);
    char *path = n ? arena_alloc(texts, n + file_len + 1) : NULL;
    if (!path)
        return otherwise;
    memcpy(path, folders, n);
    memcpy(path + n, file, file_len + 1);
    return path;
}

void config_init(struct config *c)
{
    *c = (struct config){0};
    arena_init(&c->texts, 0);
    struct buf none = {0};
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        struct option_spec spec = config_options[i].spec;
        spec.value = config_value(c, &config_options[i]);
        if (config_options[i].default_text)
            option_value(&spec, config_options[i].default_text, OPTION_IN_FILE, &none);
    }
    buf_done(&none);
    c->state = from_folder(&c->texts, "STATE_DIRECTORY", "", c->state);
    c->socket = from_folder(&c->texts, "RUNTIME_DIRECTORY", "/api.sock", c->socket);
}

void config_done(struct config *c)
{
    arena_done(&c->texts);
}

/* ---- the command line ---- */

/* "(default 5s)" behind the help, where that does not say it itself. */
static const char *help_of(const struct config_option *o, struct arena *texts)
{
    const char *value = o->default_text;
    size_t len = strlen(o->spec.help);
    if (!value || o->spec.type == OPTION_FLAG)
        return o->spec.help;
    struct buf b = {0};
    buf_put(&b, o->spec.help, len);
    buf_printf(&b, " (default %s)", value);
    const char *copy = arena_copy(texts, buf_cstr(&b), b.len + 1);
    buf_done(&b);
    return copy ? copy : o->spec.help;
}

static int parse_arguments(struct config *c, const struct command_spec *command, int argc,
                           char **argv, struct buf *text)
{
    struct option_spec specs[OPTION_COUNT];
    struct command_spec spec = *command;
    int first;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        specs[i] = config_options[i].spec;
        specs[i].help = help_of(&config_options[i], &c->texts);
        specs[i].value = config_value(c, &config_options[i]);
    }
    spec.options = specs;
    spec.option_count = OPTION_COUNT;
    struct buf said = {0};
    int r = options_parse(&spec, argc, argv, &first, &said);
    if (r < 0)
        buf_printf(text, "nameflow %s: ", command->name);
    buf_put(text, said.data, said.len);
    buf_done(&said);
    return r;
}

/* A list on the command line takes the place of the file's, instead of adding to it. */
static void forget_lists(struct config *c, const struct config *given)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct config_option *o = &config_options[i];
        bool list = o->spec.type == OPTION_NUMBERS || o->spec.type == OPTION_TEXTS;
        if (list && *(size_t *)config_value(given, o))
            *(size_t *)config_value(c, o) = 0;
    }
}

int config_load(struct config *c, const struct command_spec *command, int argc, char **argv,
                struct buf *text)
{
    config_init(c);
    /* Once to know the file and what is given at all, and once more over what the file says. */
    struct config given = {0};
    arena_init(&given.texts, 0);
    int r = parse_arguments(&given, command, argc, argv, text);
    if (r == 0) {
        const char *file = given.file;
        if (!file && access(CONFIG_DEFAULT_FILE, F_OK) == 0)
            file = CONFIG_DEFAULT_FILE;
        if (file)
            r = config_read_file(c, file, text);
        c->file = file;
    }
    if (r == 0) {
        forget_lists(c, &given);
        r = parse_arguments(c, command, argc, argv, text);
    }
    arena_done(&given.texts);
    return r;
}
