/* SPDX-License-Identifier: Apache-2.0 */
/* What the path of a cgroup tells: the container (by the naming of its runtime) and the systemd
 * unit. */
#include "enrich/enrich.h"

#include <string.h>

enum {
    ID_HEX = 64,   /* OCI runtimes: a SHA-256-sized id */
    TASK_HEX = 32, /* Amazon ECS: task id, then "-" and digits */
};

struct part {
    const char *text;
    size_t len;
};

/* The component that ends at `end` (exclusive); false at the root. */
static bool part_before(const char *path, size_t end, struct part *p)
{
    while (end > 0 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    *p = (struct part){path + start, end - start};
    return end > 0;
}

static bool part_ends(const struct part *p, const char *suffix)
{
    size_t n = strlen(suffix);
    return p->len > n && memcmp(p->text + p->len - n, suffix, n) == 0;
}

static bool part_starts(const struct part *p, const char *prefix)
{
    size_t n = strlen(prefix);
    return p->len > n && memcmp(p->text, prefix, n) == 0;
}

static size_t hex_run(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && ((text[n] >= '0' && text[n] <= '9') || (text[n] >= 'a' && text[n] <= 'f')))
        n++;
    return n;
}

static size_t digit_run(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && text[n] >= '0' && text[n] <= '9')
        n++;
    return n;
}

static void put(char *out, size_t room, const char *text, size_t len)
{
    if (len >= room)
        len = room - 1;
    memcpy(out, text, len);
    out[len] = '\0';
}

/* "docker-<id>.scope", "cri-containerd-<id>.scope", "crio-<id>", "pod.slice:cri-containerd:<id>",
 * "<id>", "<id>-<digits>", "lxc.payload.<name>". */
static bool container_of_part(struct part p, char out[80])
{
    if (part_starts(&p, "lxc.payload.")) {
        put(out, 80, p.text + 12, p.len - 12);
        return true;
    }
    if (part_ends(&p, ".scope"))
        p.len -= 6;
    /* conmon is the container's monitor, outside it. */
    if (part_starts(&p, "crio-conmon-") || part_starts(&p, "libpod-conmon-"))
        return false;
    size_t start = p.len;
    while (start > 0 && p.text[start - 1] != '-' && p.text[start - 1] != ':')
        start--;
    if (p.len - start == ID_HEX && hex_run(p.text + start, ID_HEX) == ID_HEX) {
        put(out, 80, p.text + start, ID_HEX);
        return true;
    }
    if (start == TASK_HEX + 1 && p.text[TASK_HEX] == '-' && hex_run(p.text, p.len) == TASK_HEX &&
        start < p.len && digit_run(p.text + start, p.len - start) == p.len - start) {
        put(out, 80, p.text, p.len);
        return true;
    }
    return false;
}

void enrich_container_id(const char *path, char out[80])
{
    struct part p;
    out[0] = '\0';
    for (size_t end = strlen(path); part_before(path, end, &p); end = (size_t)(p.text - path)) {
        if (container_of_part(p, out))
            return;
        struct part parent;
        if (part_before(path, (size_t)(p.text - path), &parent) && parent.len == 3 &&
            memcmp(parent.text, "lxc", 3) == 0) {
            put(out, 80, p.text, p.len);
            return;
        }
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* systemd.unit(5), "String escaping": \xNN. A name that would collide with a control file has an
 * underscore in front. */
static void unit_unescape(const struct part *p, char out[256])
{
    size_t n = 0;
    size_t i = p->len > 1 && p->text[0] == '_' ? 1 : 0;
    for (; i < p->len && n < 255; i++) {
        int high, low;
        if (p->text[i] == '\\' && i + 3 < p->len && p->text[i + 1] == 'x' &&
            (high = hex_digit(p->text[i + 2])) >= 0 && (low = hex_digit(p->text[i + 3])) >= 0 &&
            (high || low)) {
            out[n++] = (char)(high << 4 | low);
            i += 3;
        } else {
            out[n++] = p->text[i];
        }
    }
    out[n] = '\0';
}

void enrich_unit(const char *path, char out[256])
{
    struct part p, slice = {0};
    out[0] = '\0';
    for (size_t end = strlen(path); part_before(path, end, &p); end = (size_t)(p.text - path)) {
        if (part_ends(&p, ".service") || part_ends(&p, ".scope")) {
            unit_unescape(&p, out);
            return;
        }
        if (!slice.text && part_ends(&p, ".slice"))
            slice = p;
    }
    if (slice.text)
        unit_unescape(&slice, out);
}
