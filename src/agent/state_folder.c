/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/state_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_folder(const char *path, mode_t mode)
{
    struct stat st;
    /* Whatever the umask left of it. */
    if (mkdir(path, mode) == 0)
        return chmod(path, mode) < 0 ? -errno : 0;
    int error = -errno;
    /* Of one that is there, a read-only file system reports something else than EEXIST. */
    if (stat(path, &st) < 0)
        return error;
    return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

static int make_folders(const char *path, mode_t mode)
{
    char text[PATH_MAX];
    if (strlen(path) >= sizeof(text))
        return -ENAMETOOLONG;
    strcpy(text, path);
    for (char *p = text + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        int r = make_folder(text, 0755);
        *p = '/';
        if (r < 0)
            return r;
    }
    return make_folder(text, mode);
}

int state_folder_of_file(const char *file)
{
    char text[PATH_MAX];
    const char *slash = strrchr(file, '/');
    size_t len = slash ? (size_t)(slash - file) : 0;
    if (len == 0)
        return 0;
    if (len >= sizeof(text))
        return -ENAMETOOLONG;
    memcpy(text, file, len);
    text[len] = '\0';
    return make_folders(text, 0755);
}

/* "(process 123) " of whoever wrote its id into the lock's file, for an error. */
static void name_holder(int fd, char *out, size_t size)
{
    char text[32];
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    long pid = strtol(text, NULL, 10);
    out[0] = '\0';
    if (pid > 0)
        snprintf(out, size, " (process %ld)", pid);
}

static int take_lock(const char *folder, char *err, size_t err_size)
{
    char path[PATH_MAX], holder[48], pid[32];
    snprintf(path, sizeof(path), "%s/agent.lock", folder);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        int error = -errno;
        snprintf(err, err_size, "%s: %s", path, strerror(-error));
        return error;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int error = errno == EWOULDBLOCK ? -EBUSY : -errno;
        name_holder(fd, holder, sizeof(holder));
        if (error == -EBUSY)
            snprintf(err, err_size,
                     "another agent%s works in %s: end that one, or give this one another folder "
                     "(--state), port (--listen) and socket (--socket)",
                     holder, folder);
        else
            snprintf(err, err_size, "locking %s: %s", path, strerror(-error));
        close(fd);
        return error;
    }
    int n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)n, 0) != n) {
        /* Only an error message would be the poorer; that the disk is full is said by others. */
    }
    return fd;
}

int state_folder_take(const char *folder, char *err, size_t err_size)
{
    int r = make_folders(folder, 0700);
    if (r < 0)
        snprintf(err, err_size, "the state folder %s: %s", folder, strerror(-r));
    else
        r = take_lock(folder, err, err_size);
    if (r == -EACCES || r == -EPERM) {
        size_t n = strlen(err);
        snprintf(err + n, err_size - n, "; run as root, or give a folder of yours (--state)");
    }
    return r;
}

void state_folder_release(int lock)
{
    if (lock >= 0)
        close(lock);
}
