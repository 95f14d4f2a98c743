/* SPDX-License-Identifier: Apache-2.0 */
/* docs/openapi.json, without its white space; made by the build (embed.py). */
#pragma once

#include <stddef.h>

extern const char http_openapi[];
extern const size_t http_openapi_len;
