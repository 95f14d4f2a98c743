/* SPDX-License-Identifier: Apache-2.0 */
/* libmicrohttpd's functions, loaded when it is first needed (base/library.h). */
#pragma once

#include <stddef.h>

#include <microhttpd.h>

#define MHD_FUNCTIONS(X)                                                                           \
    X(add_response_header)                                                                         \
    X(create_response_from_buffer)                                                                 \
    X(create_response_from_callback)                                                               \
    X(destroy_response)                                                                            \
    X(get_connection_info)                                                                         \
    X(get_connection_values_n)                                                                     \
    X(lookup_connection_value)                                                                     \
    X(queue_response)                                                                              \
    X(quiesce_daemon)                                                                              \
    X(resume_connection)                                                                           \
    X(start_daemon)                                                                                \
    X(stop_daemon)                                                                                 \
    X(suspend_connection)

struct mhd_lib {
#define X(name) __typeof__(MHD_##name) *name;
    MHD_FUNCTIONS(X)
#undef X
};

/* Not to be used before mhd_lib_load has returned 0. */
extern struct mhd_lib mhd_lib;

/* 0, or -ELIBACC with a sentence in err. */
int mhd_lib_load(char *err, size_t err_size);
