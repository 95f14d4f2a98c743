/* SPDX-License-Identifier: Apache-2.0 */
/* A cgroup's id is the inode number of its directory in the cgroup v2 mount and names it for good:
 * ids are not used again. So found and not found are both remembered. */
#include "base/hash.h"
#include "enrich/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SLOTS = 1024,       /* power of two; a full table starts anew */
    SLOTS_USED = 768,   /* at most */
    WALK_DIRS = 20000,  /* of one walk; the rest stays unknown */
    WALK_DEPTH = 32,    /* of directories below the mount */
    FILEID_KERNFS = 254 /* include/linux/exportfs.h: the handle is the 64-bit id */
};

struct slot {
    uint64_t id; /* 0: free */
    char *path;  /* NULL: there is none */
};

struct cgroup_finder {
    char *root;
    size_t root_len;
    int root_fd;
    uint64_t seed;
    size_t used;
    struct slot slots[SLOTS];
};

struct cgroup_finder *cgroup_finder_new(const char *root)
{
    struct cgroup_finder *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->root = strdup(root);
    if (!f->root) {
        free(f);
        return NULL;
    }
    f->root_len = strlen(root);
    while (f->root_len > 1 && f->root[f->root_len - 1] == '/')
        f->root[--f->root_len] = '\0';
    f->root_fd = open(f->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    f->seed = hash_seed();
    return f;
}

static void finder_clear(struct cgroup_finder *f)
{
    for (size_t i = 0; i < SLOTS; i++)
        free(f->slots[i].path);
    memset(f->slots, 0, sizeof f->slots);
    f->used = 0;
}

void cgroup_finder_free(struct cgroup_finder *f)
{
    if (!f)
        return;
    finder_clear(f);
    if (f->root_fd >= 0)
        close(f->root_fd);
    free(f->root);
    free(f);
}

static struct slot *finder_slot(struct cgroup_finder *f, uint64_t id)
{
    size_t i = hash_bytes(&id, sizeof id, f->seed) & (SLOTS - 1);
    while (f->slots[i].id && f->slots[i].id != id)
        i = (i + 1) & (SLOTS - 1);
    return &f->slots[i];
}

static char *relative(const struct cgroup_finder *f, const char *path)
{
    if (strncmp(path, f->root, f->root_len) != 0)
        return NULL;
    path += f->root_len;
    if (!*path)
        return strdup("/");
    return *path == '/' ? strdup(path) : NULL;
}

/* The kernel opens it by its id (needs CAP_DAC_READ_SEARCH, Linux 5.7). -ESTALE: there is none. */
static int path_by_handle(struct cgroup_finder *f, uint64_t id, char **out)
{
    union {
        struct file_handle handle;
        char room[sizeof(struct file_handle) + sizeof id];
    } h = {.handle = {.handle_bytes = sizeof id, .handle_type = FILEID_KERNFS}};
    memcpy(h.room + sizeof h.handle, &id, sizeof id);
    int fd = open_by_handle_at(f->root_fd, &h.handle, O_RDONLY | O_PATH | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    char link[32], path[PROCESS_TEXT_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    close(fd);
    if (n < 0)
        return -errno;
    path[n] = '\0';
    *out = relative(f, path);
    return *out ? 0 : -ESTALE;
}

struct walk {
    uint64_t id;
    char path[PROCESS_TEXT_MAX];
    size_t len;
    int dirs;
};

/* The inode numbers stand in the directory entries, so that nothing but directories is opened. */
static bool walk_dir(struct walk *w, int fd, int depth)
{
    DIR *d = fdopendir(fd);
    if (!d) {
        close(fd);
        return false;
    }
    bool found = false;
    for (struct dirent *e; !found && (e = readdir(d));) {
        size_t n = strlen(e->d_name);
        if (e->d_type != DT_DIR || e->d_name[0] == '.' || w->len + n + 2 > sizeof w->path)
            continue;
        size_t before = w->len;
        w->path[w->len++] = '/';
        memcpy(w->path + w->len, e->d_name, n + 1);
        w->len += n;
        found = e->d_ino == w->id;
        if (!found && depth < WALK_DEPTH && w->dirs-- > 0) {
            int sub = openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            found = sub >= 0 && walk_dir(w, sub, depth + 1);
        }
        if (!found)
            w->len = before;
    }
    closedir(d);
    return found;
}

static char *path_by_walk(struct cgroup_finder *f, uint64_t id)
{
    struct stat st;
    struct walk w = {.id = id, .dirs = WALK_DIRS};
    if (fstat(f->root_fd, &st) == 0 && st.st_ino == id)
        return strdup("/");
    int fd = openat(f->root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && walk_dir(&w, fd, 0) ? strdup(w.path) : NULL;
}

const char *cgroup_finder_path(struct cgroup_finder *f, uint64_t id)
{
    if (!f || f->root_fd < 0 || !id)
        return NULL;
    struct slot *s = finder_slot(f, id);
    if (s->id)
        return s->path;
    if (f->used == SLOTS_USED) {
        finder_clear(f);
        s = finder_slot(f, id);
    }
    char *path = NULL;
    int err = path_by_handle(f, id, &path);
    if (err && err != -ESTALE)
        path = path_by_walk(f, id);
    *s = (struct slot){.id = id, .path = path};
    f->used++;
    return path;
}
