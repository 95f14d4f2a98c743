/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/stop_signal.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t stop, reload;

static void on_stop(int number)
{
    if (stop) {
        /* Comes into effect when this handler returns. */
        signal(number, SIG_DFL);
        raise(number);
    }
    stop = 1;
}

static void on_reload(int number)
{
    (void)number;
    reload = 1;
}

void stop_signal_catch(enum stop_signal_hangup hangup)
{
    struct sigaction action = {.sa_handler = on_stop};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (hangup == HANGUP_RELOADS)
        action.sa_handler = on_reload;
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

bool stop_signal_seen(void)
{
    return stop != 0;
}

bool stop_signal_take_reload(void)
{
    bool asked = reload != 0;
    if (asked)
        reload = 0;
    return asked;
}
