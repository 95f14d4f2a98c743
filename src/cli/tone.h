/* SPDX-License-Identifier: Apache-2.0 */
/* How keys of groups look in tables and charts. */
#pragma once

#include "cli/human.h"

/* Codes and outcomes have the tone of what they mean; other keys are normal. */
enum human_tone tone_of_key(const char *field, const char *key);
/* The text cut in its middle to `width` columns: of a name the domain it is in says more than the
 * labels before. Returns the columns taken. */
size_t tone_put_cut(struct buf *b, const char *text, size_t width, bool utf8);
