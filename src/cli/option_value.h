/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the options: what their values have in common with their parsing. */
#pragma once

#include "cli/options.h"

/* A value that would be right. */
const char *option_example(const struct option_spec *o);
