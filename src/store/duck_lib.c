/* SPDX-License-Identifier: Apache-2.0 */
#include "store/duck_lib.h"

#include "base/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct duck_lib duck_lib;

static const struct library_function functions[] = {
#define X(name) {"duckdb_" #name, offsetof(struct duck_lib, name)},
    DUCK_FUNCTIONS(X)
#undef X
};

static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
static bool tried, loaded;
static char why[512];

/* The first place that has the library: where NAMEFLOW_DUCKDB says, beside the program (a build
 * that is not installed), where it is installed, where the system keeps libraries. */
static void *open_somewhere(void)
{
    const char *told = secure_getenv("NAMEFLOW_DUCKDB");
    if (told && *told)
        return dlopen(told, RTLD_NOW | RTLD_LOCAL);
    char path[PATH_MAX + sizeof("/libduckdb.so")];
    ssize_t len = readlink("/proc/self/exe", path, PATH_MAX);
    char *slash = len > 0 ? memrchr(path, '/', (size_t)len) : NULL;
    if (slash) {
        strcpy(slash, "/libduckdb.so");
        if (access(path, F_OK) == 0)
            return dlopen(path, RTLD_NOW | RTLD_LOCAL);
    }
    if (access(DUCK_LIB_INSTALLED, F_OK) == 0)
        return dlopen(DUCK_LIB_INSTALLED, RTLD_NOW | RTLD_LOCAL);
    return dlopen("libduckdb.so", RTLD_NOW | RTLD_LOCAL);
}

/* "v1.4.2", "v1.5.0-dev12": 1.4 has the storage format and the functions that are used. */
static bool version_will_do(const char *version)
{
    unsigned major = 0, minor = 0;
    return version && sscanf(version, "v%u.%u", &major, &minor) == 2 &&
           ((major == 1 && minor >= 4) || major == 2);
}

static bool resolve(void *library)
{
    const char *lacks =
        library_resolve(library, functions, sizeof(functions) / sizeof(functions[0]), &duck_lib);
    if (lacks) {
        snprintf(why, sizeof(why), "DuckDB's library is of another version: it has no %s", lacks);
        return false;
    }
    const char *version = duck_lib.library_version();
    if (version_will_do(version))
        return true;
    snprintf(why, sizeof(why), "DuckDB's library is version %s; the store needs 1.4 or later",
             version ? version : "unknown");
    return false;
}

static bool load(void)
{
    void *library = open_somewhere();
    if (!library) {
        const char *reason = dlerror();
        snprintf(why, sizeof(why),
                 "the store needs DuckDB's library, which cannot be loaded (%s); install "
                 "libduckdb.so to %s or name it in NAMEFLOW_DUCKDB",
                 reason ? reason : "not found", DUCK_LIB_INSTALLED);
        return false;
    }
    if (resolve(library))
        return true;
    dlclose(library);
    return false;
}

int duck_lib_load(char *err, size_t err_size)
{
    pthread_mutex_lock(&once);
    if (!tried) {
        loaded = load();
        tried = true;
    }
    bool good = loaded;
    pthread_mutex_unlock(&once);
    if (good)
        return 0;
    snprintf(err, err_size, "%s", why);
    return -ELIBACC;
}
