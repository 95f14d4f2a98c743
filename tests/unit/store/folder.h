/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of its own for each test of a store, removed at its end. */
#pragma once

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[64];

static inline int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static inline int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/nameflow-test-store-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The texts of notices, one after the other. */
static inline void keep_notice(void *ctx, const char *text)
{
    char *all = ctx;
    size_t len = strlen(all);
    snprintf(all + len, 4096 - len, "%s\n", text);
}
