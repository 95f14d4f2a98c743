/* SPDX-License-Identifier: Apache-2.0 */
/* Shared libraries that are loaded when they are needed. Those that only some commands use would
 * otherwise be mapped and relocated in all of them, with everything that they depend on. */
#pragma once

#include <stddef.h>

struct library_function {
    const char *name;
    size_t offset; /* of the pointer to it in the table */
};

enum {
    LIBRARY_NAMES_MAX = 2,
};

struct library {
    /* File names with the number of the ABI that the headers describe; the first found is taken. */
    const char *names[LIBRARY_NAMES_MAX];
    const char *package; /* Debian's, for who has none of them */
    const struct library_function *functions;
    size_t function_count;
    void *table;
    void *handle; /* set by library_load */
};

/* Fills the table with the functions of what dlopen(3) gave. NULL, or the name of one that it
 * lacks.
 */
const char *library_resolve(void *handle, const struct library_function *functions, size_t count,
                            void *table);
/* Fills the table; the library stays loaded until the process ends. Nothing is done a second time.
 * For any thread. 0, or -ELIBACC with a sentence in err: it is not there, or lacks a function. */
int library_load(struct library *l, char *err, size_t err_size);
