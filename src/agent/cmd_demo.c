/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/commands.h"
#include "agent/demo_net.h"
#include "agent/live_args.h"

#include <errno.h>
#include <stdio.h>

static void ready(void *ctx)
{
    demo_net_ask(ctx);
}

static int check(void *ctx, char *err, size_t err_len)
{
    return demo_net_check(ctx, err, err_len);
}

int cmd_demo(int argc, char **argv)
{
    static const char *const examples[] = {
        "nameflow demo  good answers, errors, slow ones, timeouts, TCP",
        "nameflow demo --for 20s 'outcome!=answered'  with a filter, as for trace",
        NULL,
    };
    const struct command_spec command = {
        .name = "demo",
        .arguments = "[FILTER]",
        .summary = "Makes two network namespaces of its own, with an unbound server in one and a "
                   "client that asks a realistic mix in the other, and traces. Nothing leaves this "
                   "host, and nothing is left behind. Needs root, and the packages unbound and "
                   "iproute2.",
        .examples = examples,
    };
    struct live_arguments arguments = {0};
    struct trace_settings settings = {.ready = ready, .check = check};
    struct demo_net net;
    char err[256];
    int r = live_args_parse(&arguments, &settings, false, &command, argc, argv);
    if (r < 0) {
        settings.ctx = &net;
        r = demo_net_start(&net, err, sizeof(err));
        if (r < 0) {
            fprintf(stderr, "nameflow demo: %s\n", err);
            r = r == -EPERM ? EXIT_NOT_ALLOWED : EXIT_FAILED;
        } else {
            r = trace_run(&settings);
            demo_net_stop(&net);
        }
    }
    live_args_done(&arguments);
    return r;
}
