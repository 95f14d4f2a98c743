/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/curl_lib.h"

#include "base/library.h"

struct curl_lib curl_lib;

static const struct library_function functions[] = {
#define X(name) {"curl_" #name, offsetof(struct curl_lib, name)},
    CURL_FUNCTIONS(X)
#undef X
};

int curl_lib_load(char *err, size_t err_size)
{
    static struct library library = {
        .names = {"libcurl-gnutls.so.4", "libcurl.so.4"},
        .package = "libcurl3-gnutls",
        .functions = functions,
        .function_count = sizeof(functions) / sizeof(functions[0]),
        .table = &curl_lib,
    };
    return library_load(&library, err, err_size);
}
