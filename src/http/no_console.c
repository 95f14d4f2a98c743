/* SPDX-License-Identifier: Apache-2.0 */
/* Instead of the embedded files, in a build without the web console. */
#include "http/assets.h"

const struct asset assets[1] = {{0}};
const size_t asset_count = 0;
const char asset_bytes[1] = {0};
