/* SPDX-License-Identifier: Apache-2.0 */
/* The live trace through an agent that runs already, instead of by taps of our own. */
#pragma once

#include "agent/trace.h"

/* Whether there is one at the socket that this user may ask. */
bool trace_agent_there(const char *socket);
/* As trace_run, until the agent ends too. */
int trace_agent_run(const struct trace_settings *settings);
