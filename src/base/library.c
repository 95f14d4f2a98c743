/* SPDX-License-Identifier: Apache-2.0 */
#include "base/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *open_any(const struct library *l)
{
    void *handle = NULL;
    for (size_t i = 0; i < LIBRARY_NAMES_MAX && l->names[i] && !handle; i++)
        handle = dlopen(l->names[i], RTLD_LAZY | RTLD_LOCAL);
    return handle;
}

const char *library_resolve(void *handle, const struct library_function *functions, size_t count,
                            void *table)
{
    for (size_t i = 0; i < count; i++) {
        void *function = dlsym(handle, functions[i].name);
        if (!function)
            return functions[i].name;
        memcpy((char *)table + functions[i].offset, &function, sizeof(function));
    }
    return NULL;
}

static int load(struct library *l, char *err, size_t err_size)
{
    void *handle = open_any(l);
    if (!handle) {
        const char *reason = dlerror();
        snprintf(err, err_size, "%s cannot be loaded (%s); Debian has it in the package %s",
                 l->names[0], reason ? reason : "not found", l->package);
        return -ELIBACC;
    }
    const char *lacks = library_resolve(handle, l->functions, l->function_count, l->table);
    if (lacks) {
        snprintf(err, err_size, "%s is of another version: it has no %s", l->names[0], lacks);
        dlclose(handle);
        return -ELIBACC;
    }
    l->handle = handle;
    return 0;
}

int library_load(struct library *l, char *err, size_t err_size)
{
    pthread_mutex_lock(&lock);
    int r = l->handle ? 0 : load(l, err, err_size);
    pthread_mutex_unlock(&lock);
    return r;
}
