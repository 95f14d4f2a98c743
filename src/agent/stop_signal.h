/* SPDX-License-Identifier: Apache-2.0 */
/* The signals that end a command, or make it read its configuration again. */
#pragma once

#include <stdbool.h>

enum stop_signal_hangup {
    HANGUP_STOPS,
    HANGUP_RELOADS,
};

/* From now on SIGINT and SIGTERM ask to stop, and SIGHUP to do what `hangup` says; a second one to
 * stop ends the process at once, as if it had not been caught. Waiting system calls return with
 * EINTR. A write to a reader that has gone fails instead of ending the process. */
void stop_signal_catch(enum stop_signal_hangup hangup);
bool stop_signal_seen(void);
/* Whether it was asked to reload since the last call. */
bool stop_signal_take_reload(void);
