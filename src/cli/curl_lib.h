/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl's functions, loaded when it is first needed (base/library.h). */
#pragma once

#include <stddef.h>

#include <curl/curl.h>

#define CURL_FUNCTIONS(X)                                                                          \
    X(easy_cleanup)                                                                                \
    X(easy_escape)                                                                                 \
    X(easy_getinfo)                                                                                \
    X(easy_init)                                                                                   \
    X(easy_setopt)                                                                                 \
    X(easy_strerror)                                                                               \
    X(free)                                                                                        \
    X(multi_add_handle)                                                                            \
    X(multi_cleanup)                                                                               \
    X(multi_info_read)                                                                             \
    X(multi_init)                                                                                  \
    X(multi_perform)                                                                               \
    X(multi_poll)                                                                                  \
    X(multi_remove_handle)                                                                         \
    X(slist_append)                                                                                \
    X(slist_free_all)

struct curl_lib {
#define X(name) __typeof__(curl_##name) *name;
    CURL_FUNCTIONS(X)
#undef X
};

/* Not to be used before curl_lib_load has returned 0. */
extern struct curl_lib curl_lib;

/* 0, or -ELIBACC with a sentence in err. */
int curl_lib_load(char *err, size_t err_size);
