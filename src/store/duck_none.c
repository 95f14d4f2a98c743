/* SPDX-License-Identifier: Apache-2.0 */
/* In place of the DuckDB engine in a build without its header. */
#include "store/backend.h"
#include "store/parquet.h"

#include <errno.h>
#include <stdio.h>

int store_duck_open(void **out, const struct store_backend **ops, const struct store_options *o,
                    char *err, size_t err_size)
{
    (void)out, (void)ops, (void)o;
    snprintf(err, err_size,
             "this nameflow was built without DuckDB and cannot keep transactions on "
             "disk");
    return -ELIBACC;
}

int parquet_write(int fd, const char *path, char *err, size_t err_size)
{
    (void)fd, (void)path;
    snprintf(err, err_size, "this nameflow was built without DuckDB and cannot write Parquet");
    return -ELIBACC;
}
