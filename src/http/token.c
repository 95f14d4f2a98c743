/* SPDX-License-Identifier: Apache-2.0 */
#include "http/token.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TOKEN_BYTES = 32,
    TOKEN_TEXT = 43, /* base64url without padding (RFC 4648, 5) */
};

static void to_base64url(const uint8_t in[TOKEN_BYTES], char out[TOKEN_TEXT + 1])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (unsigned i = 0; i < TOKEN_TEXT; i++) {
        unsigned bit = i * 6, byte = bit / 8, shift = bit % 8;
        unsigned pair = (unsigned)in[byte] << 8 | (byte + 1 < TOKEN_BYTES ? in[byte + 1] : 0u);
        out[i] = digits[pair >> (10 - shift) & 63];
    }
    out[TOKEN_TEXT] = 0;
}

static int write_all(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        text += n;
        len -= (size_t)n;
    }
    return fsync(fd) ? -errno : 0;
}

/* Under another name first: a token file is never there in part. */
static int make(int folder, const char *name)
{
    uint8_t secret[TOKEN_BYTES];
    char text[TOKEN_TEXT + 2], other[NAME_MAX];
    if (getrandom(secret, sizeof(secret), 0) != (ssize_t)sizeof(secret))
        return -EIO;
    to_base64url(secret, text);
    text[TOKEN_TEXT] = '\n';
    snprintf(other, sizeof(other), ".%.200s.%d", name, (int)getpid());
    unlinkat(folder, other, 0);
    int fd = openat(folder, other, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    /* Whatever the umask left of it. */
    int r = fchmod(fd, 0600) ? -errno : write_all(fd, text, TOKEN_TEXT + 1);
    close(fd);
    /* Another process may have been first: then its token is as good. */
    if (!r && linkat(folder, other, folder, name, 0) && errno != EEXIST)
        r = -errno;
    unlinkat(folder, other, 0);
    explicit_bzero(secret, sizeof(secret));
    explicit_bzero(text, sizeof(text));
    return r;
}

static int check(int fd, const char *path, char *err, size_t err_size)
{
    struct stat st;
    if (fstat(fd, &st))
        return -errno;
    if (!S_ISREG(st.st_mode)) {
        snprintf(err, err_size, "%s is not an ordinary file", path);
        return -EINVAL;
    }
    if (st.st_mode & 077) {
        snprintf(err, err_size,
                 "others than its owner may use %s (mode %04o): chmod 600, and delete it when "
                 "somebody may have read it: a new token is made then",
                 path, (unsigned)(st.st_mode & 07777));
        return -EPERM;
    }
    if (st.st_uid != geteuid() && st.st_uid != 0) {
        snprintf(err, err_size, "%s belongs to another user (%u)", path, (unsigned)st.st_uid);
        return -EPERM;
    }
    return 0;
}

static int read_token(int fd, const char *path, char out[TOKEN_MAX], char *err, size_t err_size)
{
    int r = check(fd, path, err, err_size);
    if (r < 0)
        return r;
    ssize_t n = read(fd, out, TOKEN_MAX);
    if (n < 0)
        return -errno;
    size_t len = (size_t)n < TOKEN_MAX ? (size_t)n : TOKEN_MAX;
    while (len && (out[len - 1] == '\n' || out[len - 1] == '\r'))
        len--;
    bool sound = len >= TOKEN_LEN_MIN && len < TOKEN_MAX;
    for (size_t i = 0; i < len; i++)
        sound = sound && out[i] > ' ' && out[i] < 0x7f;
    if (!sound) {
        snprintf(err, err_size, "%s holds no token: %d to %d printable characters on one line",
                 path, (int)TOKEN_LEN_MIN, TOKEN_MAX - 1);
        return -EINVAL;
    }
    out[len] = 0;
    return 0;
}

static int load_from(int folder, const char *name, const char *path, char out[TOKEN_MAX], char *err,
                     size_t err_size)
{
    int r = 0, fd;
    while ((fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)) < 0) {
        if (errno != ENOENT || r)
            return -errno;
        if ((r = make(folder, name)) < 0)
            return r;
        r = 1; /* once */
    }
    r = read_token(fd, path, out, err, err_size);
    close(fd);
    return r;
}

int token_load(const char *path, char out[TOKEN_MAX], char *err, size_t err_size)
{
    char for_folder[PATH_MAX], for_name[PATH_MAX];
    if (err_size)
        *err = 0;
    if (strlen(path) >= PATH_MAX)
        return -ENAMETOOLONG;
    snprintf(for_folder, sizeof(for_folder), "%s", path);
    snprintf(for_name, sizeof(for_name), "%s", path);
    int folder = open(dirname(for_folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = folder < 0 ? -errno : load_from(folder, basename(for_name), path, out, err, err_size);
    if (folder >= 0)
        close(folder);
    if (r < 0 && err_size && !*err)
        snprintf(err, err_size, "cannot read or make the token file %s: %s", path, strerror(-r));
    return r < 0 ? r : 0;
}

bool token_matches(const char *token, const char *authorization)
{
    static const char scheme[] = "Bearer ";
    if (!authorization || strncasecmp(authorization, scheme, sizeof(scheme) - 1) != 0)
        return false;
    const char *shown = authorization + sizeof(scheme) - 1;
    while (*shown == ' ')
        shown++;
    size_t len = strlen(token), shown_len = strlen(shown);
    /* All of what was shown is looked at, so that time tells nothing but its own length. */
    volatile unsigned differs = len != shown_len;
    for (size_t i = 0; i < shown_len; i++)
        differs |= (unsigned)(unsigned char)shown[i] ^ (unsigned char)token[i % len];
    return !differs;
}
