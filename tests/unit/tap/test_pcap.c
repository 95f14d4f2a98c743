/* SPDX-License-Identifier: Apache-2.0 */
#include "tap/pcap.h"

#include "base/buf.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

enum {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_PPP = 9,
    LINK_PPP_SERIAL = 50,
    LINK_PPP_ETHER = 51,
    LINK_RAW = 101,
    LINK_WIFI = 105,
    LINK_LOOP = 108,
    LINK_SLL = 113,
    LINK_PPP_PPPD = 166,
    LINK_PPP_WITH_DIR = 204,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_SLL2 = 276,
    FRAMES_MAX = 64,
};

static char folder[] = "/tmp/test_pcap_XXXXXX";

struct seen {
    uint32_t count;
    struct frame frame[FRAMES_MAX];
    uint8_t first[FRAMES_MAX][16];
    char interface[FRAMES_MAX][16];
};

static void take(void *ctx, const struct frame *f)
{
    struct seen *s = ctx;
    assert_true(s->count < FRAMES_MAX);
    s->frame[s->count] = *f;
    memcpy(s->first[s->count], f->data, f->caplen < 16 ? f->caplen : 16);
    snprintf(s->interface[s->count], 16, "%s", f->interface);
    s->count++;
}

static void put(struct buf *b, bool big, int bytes, uint64_t v)
{
    for (int i = 0; i < bytes; i++)
        buf_putc(b, (char)(v >> 8 * (big ? bytes - 1 - i : i)));
}

static void pcap_header(struct buf *b, bool big, bool nano, uint32_t link)
{
    put(b, big, 4, nano ? 0xa1b23c4d : 0xa1b2c3d4);
    put(b, big, 2, 2);
    put(b, big, 2, 4);
    put(b, big, 8, 0);
    put(b, big, 4, 262144);
    put(b, big, 4, link);
}

static void pcap_packet(struct buf *b, bool big, uint32_t sec, uint32_t frac, const void *data,
                        uint32_t caplen, uint32_t len)
{
    put(b, big, 4, sec);
    put(b, big, 4, frac);
    put(b, big, 4, caplen);
    put(b, big, 4, len);
    buf_put(b, data, caplen);
}

static void pcapng_block(struct buf *b, bool big, uint32_t type, const struct buf *body)
{
    uint32_t padded = (uint32_t)(body->len + 3) & ~3U;
    put(b, big, 4, type);
    put(b, big, 4, padded + 12);
    buf_put(b, body->data, body->len);
    put(b, big, (int)(padded - body->len), 0);
    put(b, big, 4, padded + 12);
}

static void pcapng_header(struct buf *b, bool big, uint32_t link, int tsresol)
{
    struct buf body = {0};
    put(&body, big, 4, 0x1a2b3c4d);
    put(&body, big, 2, 1);
    put(&body, big, 2, 0);
    put(&body, big, 8, UINT64_MAX);
    pcapng_block(b, big, 0x0a0d0d0a, &body);
    buf_clear(&body);
    put(&body, big, 2, link);
    put(&body, big, 2, 0);
    put(&body, big, 4, 262144);
    if (tsresol) {
        put(&body, big, 2, 9); /* if_tsresol */
        put(&body, big, 2, 1);
        put(&body, big, 1, (uint64_t)tsresol);
        put(&body, big, 3, 0);
        put(&body, big, 4, 0);
    }
    pcapng_block(b, big, 1, &body);
    buf_done(&body);
}

static void pcapng_packet(struct buf *b, bool big, uint64_t ticks, const char *data, uint32_t len)
{
    struct buf body = {0};
    put(&body, big, 4, 0);
    put(&body, big, 4, ticks >> 32);
    put(&body, big, 4, ticks & UINT32_MAX);
    put(&body, big, 4, len);
    put(&body, big, 4, len);
    buf_put(&body, data, len);
    pcapng_block(b, big, 6, &body);
    buf_done(&body);
}

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static const char *write_file(const char *name, struct buf *b)
{
    const char *path = path_of(name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(b->data ? b->data : "", 1, b->len, f), b->len);
    assert_int_equal(fclose(f), 0);
    buf_done(b);
    *b = (struct buf){0};
    return path;
}

static void gzip_into(struct buf *out, const struct buf *in)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t bound = deflateBound(&z, in->len);
    z.next_in = (Bytef *)in->data;
    z.avail_in = (uInt)in->len;
    z.next_out = (Bytef *)buf_room(out, bound);
    z.avail_out = (uInt)bound;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->len += z.total_out;
    deflateEnd(&z);
}

/* Reads everything in steps of `step`; the result of the last call. */
static int read_all(const char *path, int step, struct seen *s, char *err, size_t err_len)
{
    struct tap_pcap *t = NULL;
    memset(s, 0, sizeof(*s));
    int rc = tap_pcap_open(&t, path, err, err_len);
    if (rc < 0) {
        assert_null(t);
        return rc;
    }
    do {
        uint32_t before = s->count;
        rc = tap_pcap_read(t, step, take, s, err, err_len);
        if (rc >= 0)
            assert_int_equal(rc, s->count - before);
        assert_true(s->count - before <= (uint32_t)step);
    } while (rc > 0);
    /* The end stays the end. */
    assert_int_equal(tap_pcap_read(t, step, take, s, err, err_len), rc);
    tap_pcap_close(t);
    return rc;
}

static void test_classic_variants(void **state)
{
    (void)state;
    for (int variant = 0; variant < 4; variant++) {
        bool big = variant & 1, nano = variant & 2;
        struct buf b = {0};
        struct seen s;
        char err[256] = "";
        pcap_header(&b, big, nano, LINK_ETHERNET);
        pcap_packet(&b, big, 1700000000, 123456, "hello, ethernet", 15, 15);
        pcap_packet(&b, big, 1700000001, 0, "cut", 3, 1500);
        pcap_packet(&b, big, 4294967295, 999999, "", 0, 60);
        assert_int_equal(read_all(write_file("a.pcap", &b), 2, &s, err, sizeof(err)), 0);
        assert_int_equal(s.count, 3);
        assert_int_equal(s.frame[0].time_ns, 1700000000 * NS_PER_SEC + (nano ? 123456 : 123456000));
        assert_int_equal(s.frame[0].link, FRAME_LINK_ETHERNET);
        assert_int_equal(s.frame[0].direction, FRAME_UNKNOWN);
        assert_string_equal(s.interface[0], "");
        assert_int_equal(s.frame[0].caplen, 15);
        assert_memory_equal(s.first[0], "hello, ethernet", 15);
        assert_int_equal(s.frame[1].caplen, 3);
        assert_int_equal(s.frame[1].len, 1500);
        assert_int_equal(s.frame[2].time_ns / NS_PER_SEC, 4294967295);
        assert_int_equal(s.frame[2].caplen, 0);
    }
}

static void test_pcapng(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct buf b = {0};
        struct seen s;
        char err[256] = "";
        pcapng_header(&b, big, LINK_ETHERNET, 9);
        pcapng_packet(&b, big, 1700000000123456789, "first", 5);
        pcapng_packet(&b, big, 1700000000123456790, "second", 6);
        assert_int_equal(read_all(write_file("a.pcapng", &b), 100, &s, err, sizeof(err)), 0);
        assert_int_equal(s.count, 2);
        assert_int_equal(s.frame[0].time_ns, 1700000000123456789);
        assert_int_equal(s.frame[1].time_ns, 1700000000123456790);
        assert_memory_equal(s.first[1], "second", 6);

        pcapng_header(&b, big, LINK_RAW, 0); /* microseconds unless said otherwise */
        pcapng_packet(&b, big, 1700000000123456, "x", 1);
        assert_int_equal(read_all(write_file("a.pcapng", &b), 100, &s, err, sizeof(err)), 0);
        assert_int_equal(s.frame[0].time_ns, 1700000000123456000);
        assert_int_equal(s.frame[0].link, FRAME_LINK_IP);

        /* Seconds far past what nanoseconds can count. */
        pcapng_header(&b, big, LINK_RAW, 0x80);
        pcapng_packet(&b, big, UINT64_MAX >> 1, "x", 1);
        assert_int_equal(read_all(write_file("a.pcapng", &b), 100, &s, err, sizeof(err)), 0);
        assert_int_equal(s.frame[0].time_ns, INT64_MAX);
    }
}

static void test_link_types(void **state)
{
    (void)state;
    static const struct {
        uint32_t file;
        uint16_t link, protocol;
        uint8_t direction;
        uint32_t ifindex, skipped;
        const char *data;
    } cases[] = {
        {LINK_ETHERNET, FRAME_LINK_ETHERNET, 0, FRAME_UNKNOWN, 0, 0, "0123456789abcdef"},
        {LINK_NULL, FRAME_LINK_LOOP, 0, FRAME_UNKNOWN, 0, 0, "\2\0\0\0 56789abcdef"},
        {LINK_LOOP, FRAME_LINK_LOOP, 0, FRAME_UNKNOWN, 0, 0, "\0\0\0\2 56789abcdef"},
        {LINK_RAW, FRAME_LINK_IP, 0, FRAME_UNKNOWN, 0, 0, "E123456789abcdef"},
        {12, FRAME_LINK_IP, 0, FRAME_UNKNOWN, 0, 0, "E123456789abcdef"},
        {14, FRAME_LINK_IP, 0, FRAME_UNKNOWN, 0, 0, "E123456789abcdef"},
        {LINK_IPV4, FRAME_LINK_IP, 0x0800, FRAME_UNKNOWN, 0, 0, "E123456789abcdef"},
        {LINK_IPV6, FRAME_LINK_IP, 0x86dd, FRAME_UNKNOWN, 0, 0, "`123456789abcdef"},
        {LINK_PPP, FRAME_LINK_PPP, 0, FRAME_UNKNOWN, 0, 0, "\xff\3\0\x21 56789abcde"},
        {LINK_PPP_SERIAL, FRAME_LINK_PPP, 0, FRAME_UNKNOWN, 0, 0, "\xff\3\0\x21 56789abcde"},
        {LINK_PPP_WITH_DIR, FRAME_LINK_PPP, 0, FRAME_IN, 0, 1, "\0\xff\3\0\x21 6789abcde"},
        {LINK_PPP_WITH_DIR, FRAME_LINK_PPP, 0, FRAME_OUT, 0, 1, "\1\xff\3\0\x21 6789abcde"},
        {LINK_PPP_PPPD, FRAME_LINK_PPP, 0, FRAME_IN, 0, 2, "\0\3\0\x21 56789abcdef"},
        {LINK_PPP_PPPD, FRAME_LINK_PPP, 0, FRAME_OUT, 0, 2, "\1\3\0\x21 56789abcdef"},
        {LINK_PPP_ETHER, FRAME_LINK_PPP, 0, FRAME_UNKNOWN, 0, 6, "\x11\0\0\1\0\x20\0\x21 abcdef"},
        {LINK_SLL, FRAME_LINK_SLL, 0, FRAME_IN, 0, 0, "\0\0\0\1\0\6 abcdefgh\x08\0"},
        {LINK_SLL, FRAME_LINK_SLL, 0, FRAME_OUT, 0, 0, "\0\4\0\1\0\6 abcdefgh\x08\0"},
        {LINK_SLL2, FRAME_LINK_SLL2, 0, FRAME_IN, 0x01020304, 0, "\x08\0\0\0\1\2\3\4\0\1\0\6abcd"},
        {LINK_SLL2, FRAME_LINK_SLL2, 0, FRAME_OUT, 3, 0, "\x08\0\0\0\0\0\0\3\0\1\4\6abcd"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf b = {0};
        struct seen s;
        char err[256] = "";
        pcap_header(&b, false, false, cases[i].file);
        pcap_packet(&b, false, 1, 0, cases[i].data, 14, 20);
        pcap_packet(&b, false, 1, 0, cases[i].data, 0, 20); /* nothing of it captured */
        assert_int_equal(read_all(write_file("l.pcap", &b), 9, &s, err, sizeof(err)), 0);
        assert_int_equal(s.count, 2);
        assert_int_equal(s.frame[0].link, cases[i].link);
        assert_int_equal(s.frame[0].protocol, cases[i].protocol);
        assert_int_equal(s.frame[0].direction, cases[i].direction);
        assert_int_equal(s.frame[0].ifindex, cases[i].ifindex);
        char interface[16] = "";
        if (cases[i].ifindex)
            snprintf(interface, sizeof(interface), "if%u", cases[i].ifindex);
        assert_string_equal(s.interface[0], interface);
        assert_int_equal(s.frame[0].caplen, 14 - cases[i].skipped);
        assert_int_equal(s.frame[0].len, 20 - cases[i].skipped);
        assert_memory_equal(s.first[0], cases[i].data + cases[i].skipped, 8);
        assert_int_equal(s.frame[1].caplen, 0);
    }
}

static void test_unsupported_link_type(void **state)
{
    (void)state;
    struct buf b = {0};
    struct seen s;
    char err[256] = "";
    pcap_header(&b, false, false, LINK_WIFI);
    assert_int_equal(read_all(write_file("w.pcap", &b), 9, &s, err, sizeof(err)), -EPROTONOSUPPORT);
    assert_non_null(strstr(err, "w.pcap has link type IEEE802_11 (105"));
    assert_non_null(strstr(err, "it reads Ethernet, Linux cooked v1 and v2"));
}

static void test_gzip(void **state)
{
    (void)state;
    struct buf plain = {0}, packed = {0};
    struct seen s;
    char err[256] = "";
    pcap_header(&plain, false, false, LINK_ETHERNET);
    for (uint32_t i = 0; i < 50; i++)
        pcap_packet(&plain, false, 1700000000 + i, 0, "some packet", 11, 11);
    gzip_into(&packed, &plain);
    size_t packed_len = packed.len;
    assert_int_equal(read_all(write_file("a.pcap.gz", &packed), 7, &s, err, sizeof(err)), 0);
    assert_int_equal(s.count, 50);
    assert_memory_equal(s.first[49], "some packet", 11);

    /* Two gzip members after each other are one stream (RFC 1952 2.2). */
    struct buf half = {.data = plain.data, .len = 24 + 27};
    gzip_into(&packed, &half);
    half = (struct buf){.data = plain.data + 24 + 27, .len = plain.len - 24 - 27};
    gzip_into(&packed, &half);
    assert_int_equal(read_all(write_file("b.pcap.gz", &packed), 64, &s, err, sizeof(err)), 0);
    assert_int_equal(s.count, 50);

    struct buf ng = {0};
    pcapng_header(&ng, false, LINK_ETHERNET, 9);
    pcapng_packet(&ng, false, 5, "first", 5);
    gzip_into(&packed, &ng);
    assert_int_equal(read_all(write_file("c.pcapng.gz", &packed), 64, &s, err, sizeof(err)), 0);
    assert_int_equal(s.count, 1);

    /* Cut inside the stream: what is readable comes, then an error. */
    gzip_into(&packed, &plain);
    packed.len = packed_len - 12;
    assert_int_equal(read_all(write_file("d.pcap.gz", &packed), 64, &s, err, sizeof(err)),
                     -EBADMSG);
    assert_non_null(strstr(err, "the gzip stream is cut off"));
    assert_true(s.count > 0 && s.count <= 50);
    gzip_into(&packed, &plain);
    packed.data[packed_len - 6] ^= 0x55; /* the checksum */
    assert_int_equal(read_all(write_file("e.pcap.gz", &packed), 64, &s, err, sizeof(err)),
                     -EBADMSG);
    assert_int_equal(s.count, 0);
    assert_non_null(strstr(err, "e.pcap.gz"));
    buf_done(&plain);
    buf_done(&ng);
}

static void test_truncated(void **state)
{
    (void)state;
    static const struct {
        uint32_t cut;
        const char *says;
    } cases[] = {
        {3, "broken at packet 2"}, {5 + 8, "broken at packet 2"}, {5 + 16 + 2, "packet 1"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf b = {0};
        struct seen s;
        char err[256] = "";
        pcap_header(&b, false, false, LINK_ETHERNET);
        pcap_packet(&b, false, 1, 0, "one..", 5, 5);
        pcap_packet(&b, false, 2, 0, "two..", 5, 5);
        b.len -= cases[i].cut;
        assert_int_equal(read_all(write_file("t.pcap", &b), 64, &s, err, sizeof(err)), -EBADMSG);
        assert_int_equal(s.count, i < 2 ? 1 : 0);
        assert_non_null(strstr(err, cases[i].says));
        assert_non_null(strstr(err, "truncated"));
    }
}

static void test_broken_length(void **state)
{
    (void)state;
    struct buf b = {0};
    struct seen s;
    char err[256] = "";
    pcap_header(&b, false, false, LINK_ETHERNET);
    pcap_packet(&b, false, 1, 0, "one..", 5, 5);
    put(&b, false, 8, 2);
    put(&b, false, 8, UINT64_MAX);
    assert_int_equal(read_all(write_file("t.pcap", &b), 64, &s, err, sizeof(err)), -EBADMSG);
    assert_int_equal(s.count, 1);
    assert_non_null(strstr(err, "t.pcap is broken at packet 2: "));
}

static void test_not_a_capture(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        int rc;
        const char *says;
    } cases[] = {
        {"", 0, -ENODATA, "is empty"},
        {"x", 1, -EBADMSG, "is not a pcap or pcapng capture"},
        {"#!/bin/sh\necho hello\n", 21, -EBADMSG, "is not a pcap or pcapng capture"},
        {"\x28\xb5\x2f\xfd....", 8, -EBADMSG, "zstd -dc "},
        {"\xfd"
         "7zXZ\0..",
         8, -EBADMSG, "compressed with xz"},
        {"snoop\0\0\0", 8, -EBADMSG, "editcap -F pcapng"},
        {"\xd4\xc3\xb2\xa1\2\0\4\0", 8, -EBADMSG, "is not a pcap or pcapng capture"},
        {"\x1f\x8b\x08\0", 4, -EBADMSG, "cannot be read: the gzip stream is cut off"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf b = {0};
        struct seen s;
        char err[256] = "";
        buf_put(&b, cases[i].bytes, cases[i].len);
        int rc = read_all(write_file("n.pcap", &b), 64, &s, err, sizeof(err));
        if (!strstr(err, cases[i].says))
            fail_msg("case %zu: %s", i, err);
        assert_int_equal(rc, cases[i].rc);
    }
}

static void test_missing_and_folder(void **state)
{
    (void)state;
    struct seen s;
    char err[256] = "";
    assert_int_equal(read_all("/nonexistent/x.pcap", 1, &s, err, sizeof(err)), -ENOENT);
    assert_string_equal(err, "/nonexistent/x.pcap: No such file or directory");
    assert_int_equal(read_all(folder, 1, &s, err, sizeof(err)), -EISDIR);
    assert_non_null(strstr(err, "is a directory"));
}

/* Hands bytes through a pipe as standard input, a few at a time. */
static int read_stdin(const struct buf *b, struct seen *s, char *err, size_t err_len)
{
    int fds[2], saved = dup(STDIN_FILENO);
    assert_int_equal(pipe(fds), 0);
    assert_true(b->len < 4096); /* fits the pipe */
    for (size_t i = 0; i < b->len; i += 7)
        assert_true(write(fds[1], b->data + i, b->len - i < 7 ? b->len - i : 7) > 0);
    close(fds[1]);
    dup2(fds[0], STDIN_FILENO);
    close(fds[0]);
    int rc = read_all("-", 3, s, err, err_len);
    dup2(saved, STDIN_FILENO);
    close(saved);
    return rc;
}

static void test_stdin(void **state)
{
    (void)state;
    struct buf b = {0}, packed = {0}, none = {0};
    struct seen s;
    char err[256] = "";
    pcap_header(&b, false, true, LINK_ETHERNET);
    for (int i = 0; i < 10; i++)
        pcap_packet(&b, false, 1, 5, "packet", 6, 6);
    assert_int_equal(read_stdin(&b, &s, err, sizeof(err)), 0);
    assert_int_equal(s.count, 10);
    gzip_into(&packed, &b);
    assert_int_equal(read_stdin(&packed, &s, err, sizeof(err)), 0);
    assert_int_equal(s.count, 10);
    assert_int_equal(read_stdin(&none, &s, err, sizeof(err)), -ENODATA);
    assert_string_equal(err,
                        "standard input is empty: not even the header of a pcap or pcapng file");
    buf_done(&b);
    buf_done(&packed);
}

static void test_progress(void **state)
{
    (void)state;
    struct buf b = {0};
    struct seen s = {0};
    char err[256] = "";
    struct tap_pcap *t;
    uint64_t done, size;
    pcap_header(&b, false, false, LINK_ETHERNET);
    for (int i = 0; i < 10; i++)
        pcap_packet(&b, false, 1, 5, "packet", 6, 6);
    size_t len = b.len;
    assert_int_equal(tap_pcap_open(&t, write_file("p.pcap", &b), err, sizeof(err)), 0);
    while (tap_pcap_read(t, 1, take, &s, err, sizeof(err)) > 0)
        ;
    tap_pcap_progress(t, &done, &size);
    assert_int_equal(size, len);
    assert_int_equal(done, len);
    assert_int_equal(tap_pcap_skipped(t), 0);
    tap_pcap_close(t);
    tap_pcap_close(NULL);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"a.pcap",      "a.pcapng",  "l.pcap",    "w.pcap",
                                        "a.pcap.gz",   "b.pcap.gz", "d.pcap.gz", "e.pcap.gz",
                                        "c.pcapng.gz", "t.pcap",    "n.pcap",    "p.pcap"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(path_of(names[i]));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classic_variants),
        cmocka_unit_test(test_pcapng),
        cmocka_unit_test(test_link_types),
        cmocka_unit_test(test_unsupported_link_type),
        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_broken_length),
        cmocka_unit_test(test_not_a_capture),
        cmocka_unit_test(test_missing_and_folder),
        cmocka_unit_test(test_stdin),
        cmocka_unit_test(test_progress),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
