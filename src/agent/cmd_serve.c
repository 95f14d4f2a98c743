/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/commands.h"
#include "agent/config.h"
#include "agent/serve.h"

#include <errno.h>
#include <stdio.h>

static const char *const examples[] = {
    "nameflow serve  keep every lookup of this host, and answer questions",
    "nameflow serve --state /srv/nameflow --store-max-size 20GiB  more, elsewhere",
    "nameflow serve --store none --listen 0.0.0.0:8053  live view and metrics only",
    "nameflow serve --check-config --config new.yaml  is it right?",
    NULL,
};

static const struct command_spec command = {
    .name = "serve",
    .arguments = "",
    .summary = "Runs the agent: keeps the DNS transactions of this host for as long as its budget "
               "allows, and answers questions about them: to 'nameflow query', 'nameflow top', "
               "Prometheus and whoever speaks HTTP. Ends on SIGTERM and Ctrl-C; reads its "
               "configuration again on SIGHUP. Needs root, or CAP_BPF, CAP_PERFMON and "
               "CAP_NET_ADMIN.",
    .examples = examples,
};

struct arguments {
    int argc;
    char **argv;
};

static int reload(void *ctx, struct config *out, struct buf *text)
{
    const struct arguments *a = ctx;
    return config_load(out, &command, a->argc, a->argv, text);
}

/* How the configuration file, or whatever else there is, turned out. */
static int check(const struct config *c)
{
    if (c->file)
        printf("%s: right\n", c->file);
    else
        printf("there is no %s; the arguments are right\n", config_default_file);
    return EXIT_DONE;
}

int cmd_serve(int argc, char **argv)
{
    struct config config;
    struct buf text = {0};
    struct arguments arguments = {.argc = argc, .argv = argv};
    const struct serve_settings settings = {.config = &config, .reload = reload, .ctx = &arguments};
    int exit_code;
    int r = config_load(&config, &command, argc, argv, &text);
    if (r == OPTIONS_HELP) {
        fputs(buf_cstr(&text), stdout);
        exit_code = EXIT_DONE;
    } else if (r < 0) {
        fputs(buf_cstr(&text), stderr);
        exit_code = r == -ENOMEM ? EXIT_FAILED : EXIT_USAGE;
    } else if (config.check_config) {
        exit_code = check(&config);
    } else {
        exit_code = serve_run(&settings);
    }
    config_done(&config);
    buf_done(&text);
    return exit_code;
}
