/* SPDX-License-Identifier: Apache-2.0 */
#include "tap/pcap.h"

#include "base/clock.h"
#include "tap/pcap_lib.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
    /* zlib hands reads of at least twice its buffer straight to read(2) when the file is not
     * compressed, so that a plain file costs no copy more than stdio's. */
    GZ_BUFFER_BYTES = 128 << 10,
    STDIO_BUFFER_BYTES = 512 << 10,
    HEAD_BYTES = 8,
};

/* What stands before the header that the packet stage reads, and what it says. */
enum prefix {
    PREFIX_NONE,
    PREFIX_SLL,
    PREFIX_SLL2,
    PREFIX_PPP_DIRECTION, /* LINKTYPE_PPP_WITH_DIR: a byte, 0 received, else sent */
    PREFIX_PPPD,          /* the same in place of the address byte 0xff, the control byte follows */
    PREFIX_PPPOE,         /* RFC 2516: six bytes */
};

struct link_type {
    int dlt;
    uint8_t link; /* enum frame_link */
    uint8_t prefix;
    uint16_t protocol;
};

static const struct link_type link_types[] = {
    {DLT_EN10MB, FRAME_LINK_ETHERNET, PREFIX_NONE, 0},
    {DLT_LINUX_SLL, FRAME_LINK_SLL, PREFIX_SLL, 0},
    {DLT_LINUX_SLL2, FRAME_LINK_SLL2, PREFIX_SLL2, 0},
    {DLT_RAW, FRAME_LINK_IP, PREFIX_NONE, 0},
    {12, FRAME_LINK_IP, PREFIX_NONE, 0}, /* DLT_RAW of most systems, seen as a file's own value */
    {14, FRAME_LINK_IP, PREFIX_NONE, 0}, /* OpenBSD's */
    {DLT_IPV4, FRAME_LINK_IP, PREFIX_NONE, 0x0800},
    {DLT_IPV6, FRAME_LINK_IP, PREFIX_NONE, 0x86dd},
    {DLT_NULL, FRAME_LINK_LOOP, PREFIX_NONE, 0},
    {DLT_LOOP, FRAME_LINK_LOOP, PREFIX_NONE, 0},
    {DLT_PPP, FRAME_LINK_PPP, PREFIX_NONE, 0},
    {DLT_PPP_SERIAL, FRAME_LINK_PPP, PREFIX_NONE, 0},
    {DLT_PPP_WITH_DIR, FRAME_LINK_PPP, PREFIX_PPP_DIRECTION, 0},
    {DLT_PPP_PPPD, FRAME_LINK_PPP, PREFIX_PPPD, 0},
    {DLT_PPP_ETHER, FRAME_LINK_PPP, PREFIX_PPPOE, 0},
};

struct tap_pcap {
    pcap_t *pcap;
    gzFile gz; /* owned by the FILE that pcap owns */
    const struct link_type *type;
    uint64_t packets;
    uint64_t input_bytes; /* after decompression */
    uint64_t size_bytes;
    uint8_t head[HEAD_BYTES]; /* the first bytes, to tell what a file is that is no capture */
    bool is_pcapng;
    int read_errno;
    int ended; /* 1: end of file; negative errno: broken */
    char *name;
    uint32_t shown_ifindex; /* that `interface` names */
    char interface[16];
    frame_sink *sink;
    void *ctx;
};

static ssize_t source_read(void *cookie, char *out, size_t len)
{
    struct tap_pcap *t = cookie;
    int n = gzread(t->gz, out, len > INT32_MAX ? INT32_MAX : (unsigned)len);
    if (n < 0) {
        int code = Z_OK;
        gzerror(t->gz, &code);
        t->read_errno = code == Z_ERRNO ? errno : EBADMSG;
        errno = t->read_errno;
        return -1;
    }
    for (size_t i = 0; i < (size_t)n && t->input_bytes + i < HEAD_BYTES; i++)
        t->head[t->input_bytes + i] = (uint8_t)out[i];
    t->input_bytes += (uint64_t)n;
    return n;
}

static int source_close(void *cookie)
{
    struct tap_pcap *t = cookie;
    int rc = gzclose_r(t->gz);
    t->gz = NULL;
    return rc == Z_OK || rc == Z_BUF_ERROR ? 0 : -1;
}

/* Why the compressed stream cannot be read on, NULL when it can: zlib reports the end of a file
 * that is cut inside a gzip stream as an ordinary end and keeps the error aside. */
static const char *source_error(struct tap_pcap *t)
{
    int code = Z_OK;
    if (!t->gz)
        return NULL;
    const char *text = gzerror(t->gz, &code);
    if (code == Z_OK || code == Z_STREAM_END)
        return NULL;
    if (code == Z_BUF_ERROR)
        return "the gzip stream is cut off";
    return code == Z_ERRNO ? strerror(t->read_errno) : text;
}

static int open_fd(struct tap_pcap *t, const char *path, char *err, size_t err_len)
{
    bool is_stdin = strcmp(path, "-") == 0;
    struct stat st;
    int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        int saved = errno;
        snprintf(err, err_len, "%s: %s", t->name, strerror(saved));
        if (fd >= 0)
            close(fd);
        return -saved;
    }
    int rc = 0;
    if (S_ISDIR(st.st_mode)) {
        snprintf(err, err_len, "%s is a directory; name the capture files in it, for example %s/*",
                 t->name, path);
        rc = -EISDIR;
    } else if (isatty(fd)) {
        snprintf(err, err_len, "%s is a terminal; pipe a capture into it or name a file", t->name);
        rc = -EINVAL;
    }
    if (rc < 0) {
        close(fd);
        return rc;
    }
    if (S_ISREG(st.st_mode))
        t->size_bytes = (uint64_t)st.st_size;
    return fd;
}

static FILE *open_stream(struct tap_pcap *t, int fd)
{
    t->gz = gzdopen(fd, "rb");
    if (!t->gz) {
        close(fd);
        return NULL;
    }
    gzbuffer(t->gz, GZ_BUFFER_BYTES);
    FILE *f =
        fopencookie(t, "rb", (cookie_io_functions_t){.read = source_read, .close = source_close});
    if (!f) {
        gzclose_r(t->gz);
        t->gz = NULL;
        return NULL;
    }
    setvbuf(f, NULL, _IOFBF, STDIO_BUFFER_BYTES);
    /* One thread reads it; stdio's lock would be a fifth of the cost of a small packet. */
    __fsetlocking(f, FSETLOCKING_BYCALLER);
    return f;
}

/* Formats that are often handed over instead, by their first bytes. */
static void explain_unknown(const struct tap_pcap *t, const char *path, const char *reason,
                            char *err, size_t err_len)
{
    static const struct {
        uint8_t len;
        const char *magic;
        const char *name;
        const char *tool; /* NULL: editcap converts it */
    } known[] = {
        {4, "\x28\xb5\x2f\xfd", "zstd", "zstd -dc"},
        {4, "\x04\x22\x4d\x18", "lz4", "lz4 -dc"},
        {6,
         "\xfd"
         "7zXZ\0",
         "xz", "xz -dc"},
        {3, "BZh", "bzip2", "bzip2 -dc"},
        {4, "PK\x03\x04", "zip", "unzip -p"},
        {5, "snoop", "snoop", NULL},
        {4, "GMBU", "Network Monitor", NULL},
        {4, "TRSN", "Sniffer", NULL},
    };
    const char *shown = strcmp(path, "-") == 0 ? "FILE" : path;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (t->input_bytes < known[i].len || memcmp(t->head, known[i].magic, known[i].len) != 0)
            continue;
        if (known[i].tool)
            snprintf(err, err_len,
                     "%s is compressed with %s; only gzip is read directly: %s %s | "
                     "nameflow read -",
                     t->name, known[i].name, known[i].tool, shown);
        else
            snprintf(err, err_len, "%s is a %s capture; convert it first: editcap -F pcapng %s NEW",
                     t->name, known[i].name, shown);
        return;
    }
    snprintf(err, err_len, "%s is not a pcap or pcapng capture, plain or gzip'd (%s)", t->name,
             reason);
}

static int explain_open(struct tap_pcap *t, const char *path, const char *reason, char *err,
                        size_t err_len)
{
    const char *stream = source_error(t);
    if (t->read_errno == EINTR) {
        snprintf(err, err_len, "%s: interrupted", t->name);
        return -EINTR;
    }
    if (t->input_bytes == 0 && !stream) {
        snprintf(err, err_len, "%s is empty: not even the header of a pcap or pcapng file",
                 t->name);
        return -ENODATA;
    }
    if (stream)
        snprintf(err, err_len, "%s cannot be read: %s", t->name, stream);
    else
        explain_unknown(t, path, reason, err, err_len);
    return -EBADMSG;
}

static int find_link_type(struct tap_pcap *t, char *err, size_t err_len)
{
    int dlt = pcap_lib.datalink(t->pcap);
    for (size_t i = 0; i < sizeof(link_types) / sizeof(link_types[0]); i++) {
        if (link_types[i].dlt == dlt) {
            t->type = &link_types[i];
            return 0;
        }
    }
    const char *name = pcap_lib.datalink_val_to_name(dlt);
    const char *what = pcap_lib.datalink_val_to_description(dlt);
    snprintf(err, err_len,
             "%s has link type %s (%d%s%s), which nameflow does not read; it reads Ethernet, Linux "
             "cooked v1 and v2, raw IP, BSD loopback and PPP",
             t->name, name ? name : "unknown", dlt, what ? ", " : "", what ? what : "");
    return -EPROTONOSUPPORT;
}

int tap_pcap_open(struct tap_pcap **out, const char *path, char *err, size_t err_len)
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    struct tap_pcap *t = calloc(1, sizeof(*t));
    *out = NULL;
    if (!t) {
        snprintf(err, err_len, "out of memory");
        return -ENOMEM;
    }
    int rc = pcap_lib_load(err, err_len);
    if (rc < 0)
        goto fail;
    rc = -ENOMEM;
    t->name = strdup(strcmp(path, "-") == 0 ? "standard input" : path);
    if (!t->name) {
        snprintf(err, err_len, "out of memory");
        goto fail;
    }
    rc = open_fd(t, path, err, err_len);
    if (rc < 0)
        goto fail;
    FILE *f = open_stream(t, rc);
    if (!f) {
        snprintf(err, err_len, "out of memory");
        rc = -ENOMEM;
        goto fail;
    }
    t->pcap = pcap_lib.fopen_offline_with_tstamp_precision(f, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (!t->pcap) {
        rc = explain_open(t, path, reason, err, err_len);
        fclose(f);
        goto fail;
    }
    t->is_pcapng = memcmp(t->head, "\x0a\x0d\x0d\x0a", 4) == 0;
    rc = find_link_type(t, err, err_len);
    if (rc < 0)
        goto fail;
    *out = t;
    return 0;
fail:
    tap_pcap_close(t);
    return rc;
}

static uint8_t sll_direction(uint8_t packet_type)
{
    return packet_type == 4 ? FRAME_OUT : FRAME_IN; /* PACKET_OUTGOING */
}

/* Cooked captures know interfaces by number only; "if3" tells the hops of a transaction apart. */
static void set_interface(struct tap_pcap *t, struct frame *f, uint32_t ifindex)
{
    if (ifindex != t->shown_ifindex) {
        snprintf(t->interface, sizeof(t->interface), "if%u", ifindex);
        t->shown_ifindex = ifindex;
    }
    f->ifindex = ifindex;
    f->interface = ifindex ? t->interface : "";
}

static void read_prefix(struct tap_pcap *t, struct frame *f)
{
    uint32_t skip = 0;
    const uint8_t *p = f->data;
    switch (t->type->prefix) {
    case PREFIX_SLL:
        if (f->caplen >= 2)
            f->direction = sll_direction(p[1]);
        break;
    case PREFIX_SLL2:
        if (f->caplen >= 11) {
            set_interface(t, f,
                          (uint32_t)p[4] << 24 | (uint32_t)p[5] << 16 | (uint32_t)p[6] << 8 | p[7]);
            f->direction = sll_direction(p[10]);
        }
        break;
    case PREFIX_PPP_DIRECTION:
    case PREFIX_PPPD:
        skip = t->type->prefix == PREFIX_PPPD ? 2 : 1;
        if (f->caplen)
            f->direction = p[0] ? FRAME_OUT : FRAME_IN;
        break;
    case PREFIX_PPPOE:
        skip = 6;
        break;
    default:
        return;
    }
    if (skip > f->caplen)
        skip = f->caplen;
    f->data += skip;
    f->caplen -= skip;
    f->len -= skip;
}

static int64_t packet_time_ns(const struct tap_pcap *t, const struct timeval *ts)
{
    /* libpcap 1.10 sign-extends the 32 unsigned bits of the classic format: 1901 for 2038. */
    int64_t sec = t->is_pcapng ? (int64_t)ts->tv_sec : (int64_t)(uint32_t)ts->tv_sec;
    int64_t ns;
    /* tv_usec holds nanoseconds, as asked for at open; pcapng can hold times past the year 2262. */
    if (__builtin_mul_overflow(sec, NS_PER_SEC, &ns) ||
        __builtin_add_overflow(ns, (int64_t)ts->tv_usec, &ns))
        return sec < 0 ? INT64_MIN : INT64_MAX;
    return ns;
}

static void deliver(u_char *user, const struct pcap_pkthdr *h, const u_char *data)
{
    struct tap_pcap *t = (struct tap_pcap *)(void *)user;
    struct frame f = {
        .time_ns = packet_time_ns(t, &h->ts),
        .data = data,
        .caplen = h->caplen,
        .len = h->len < h->caplen ? h->caplen : h->len,
        .link = t->type->link,
        .protocol = t->type->protocol,
        .interface = "",
    };
    t->packets++;
    if (t->type->prefix != PREFIX_NONE)
        read_prefix(t, &f);
    t->sink(t->ctx, &f);
}

static int explain_break(struct tap_pcap *t, const char *reason, char *err, size_t err_len)
{
    if (t->read_errno == EINTR) {
        snprintf(err, err_len, "%s: interrupted after %llu packets", t->name,
                 (unsigned long long)t->packets);
        return -EINTR;
    }
    snprintf(err, err_len, "%s is broken at packet %llu: %s", t->name,
             (unsigned long long)t->packets + 1, reason);
    return -EBADMSG;
}

int tap_pcap_read(struct tap_pcap *t, int max, frame_sink *sink, void *ctx, char *err,
                  size_t err_len)
{
    if (max <= 0 || t->ended > 0)
        return 0;
    uint64_t before = t->packets;
    const char *reason = NULL;
    if (t->ended == 0) {
        t->sink = sink;
        t->ctx = ctx;
        int n = pcap_lib.dispatch(t->pcap, max, deliver, (u_char *)t);
        reason = source_error(t);
        if (n < 0 && !reason)
            reason = pcap_lib.geterr(t->pcap);
        if (n < 0 || (n == 0 && reason))
            t->ended = -EBADMSG;
        else if (n == 0)
            t->ended = 1;
    }
    if (t->ended < 0) {
        if (!reason)
            reason = source_error(t);
        return explain_break(t, reason ? reason : pcap_lib.geterr(t->pcap), err, err_len);
    }
    return (int)(t->packets - before);
}

void tap_pcap_progress(const struct tap_pcap *t, uint64_t *done_bytes, uint64_t *size_bytes)
{
    z_off_t at = t->size_bytes ? gzoffset(t->gz) : -1;
    *done_bytes = at < 0 ? t->input_bytes : (uint64_t)at;
    *size_bytes = t->size_bytes;
}

uint64_t tap_pcap_skipped(const struct tap_pcap *t)
{
    (void)t;
    return 0;
}

void tap_pcap_close(struct tap_pcap *t)
{
    if (!t)
        return;
    if (t->pcap)
        pcap_lib.close(t->pcap);
    free(t->name);
    free(t);
}
