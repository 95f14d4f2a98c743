/* SPDX-License-Identifier: Apache-2.0 */
#include "http/mhd_lib.h"

#include "base/library.h"

struct mhd_lib mhd_lib;

static const struct library_function functions[] = {
#define X(name) {"MHD_" #name, offsetof(struct mhd_lib, name)},
    MHD_FUNCTIONS(X)
#undef X
};

int mhd_lib_load(char *err, size_t err_size)
{
    static struct library library = {
        .names = {"libmicrohttpd.so.12"},
        .package = "libmicrohttpd12",
        .functions = functions,
        .function_count = sizeof(functions) / sizeof(functions[0]),
        .table = &mhd_lib,
    };
    return library_load(&library, err, err_size);
}
