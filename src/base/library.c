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

static int resolve(const struct library *l, void *handle, char *err, size_t err_size)
{
    for (size_t i = 0; i < l->function_count; i++) {
        void *function = dlsym(handle, l->functions[i].name);
        if (!function) {
            snprintf(err, err_size, "%s is of another version: it has no %s", l->names[0],
                     l->functions[i].name);
            return -ELIBACC;
        }
        memcpy((char *)l->table + l->functions[i].offset, &function, sizeof(function));
    }
    return 0;
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
    int r = resolve(l, handle, err, err_size);
    if (r < 0)
        dlclose(handle);
    else
        l->handle = handle;
    return r;
}

int library_load(struct library *l, char *err, size_t err_size)
{
    pthread_mutex_lock(&lock);
    int r = l->handle ? 0 : load(l, err, err_size);
    pthread_mutex_unlock(&lock);
    return r;
}
