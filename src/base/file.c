/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int file_write_whole(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n ? -errno : -EIO;
        text += n;
        len -= (size_t)n;
    }
    return 0;
}

static int write_and_sync(int fd, const char *text, size_t len)
{
    int r = file_write_whole(fd, text, len);
    return !r && fsync(fd) ? -errno : r;
}

int file_replace(const char *path, const char *text, size_t len)
{
    char part[PATH_MAX];
    if (snprintf(part, sizeof(part), "%s.part", path) >= (int)sizeof(part))
        return -ENAMETOOLONG;
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int r = fd < 0 ? -errno : write_and_sync(fd, text, len);
    if (fd >= 0 && close(fd) && !r)
        r = -errno;
    if (!r && rename(part, path))
        r = -errno;
    return r;
}
