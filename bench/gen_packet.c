/* SPDX-License-Identifier: Apache-2.0 */
#include "gen_packet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BUFFER_BYTES = 1 << 20,
    FRAME_MAX = 16 + 14 + 40 + 20 + 4096,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
};

static void put_be16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put_be32(uint8_t *p, uint32_t v)
{
    put_be16(p, v >> 16);
    put_be16(p + 2, v & 0xffff);
}

static void put_native32(uint8_t *p, uint32_t v)
{
    memcpy(p, &v, sizeof v);
}

static void capture_flush(struct capture *c)
{
    size_t done = 0;
    while (done < c->used && !c->error) {
        ssize_t n = write(c->fd, c->buffer + done, c->used - done);
        if (n < 0 && errno != EINTR)
            c->error = errno;
        else if (n > 0)
            done += (size_t)n;
    }
    c->bytes += c->used;
    c->used = 0;
}

int capture_open(struct capture *c, const char *path)
{
    *c = (struct capture){.fd = -1};
    c->buffer = malloc(BUFFER_BYTES);
    if (!c->buffer)
        return -ENOMEM;
    c->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (c->fd < 0) {
        int err = -errno;
        free(c->buffer);
        return err;
    }
    /* pcap 2.4 with nanoseconds, Ethernet */
    const uint32_t words[] = {0xa1b23c4d, 0, 0, 0, 65535, 1};
    memcpy(c->buffer, words, sizeof words);
    const uint16_t version[] = {2, 4};
    memcpy(c->buffer + 4, version, sizeof version);
    c->used = sizeof words;
    return 0;
}

int capture_close(struct capture *c)
{
    capture_flush(c);
    if (close(c->fd) && !c->error)
        c->error = errno;
    free(c->buffer);
    return -c->error;
}

static uint32_t sum_words(const uint8_t *p, size_t len, uint32_t sum)
{
    for (size_t i = 0; i + 1 < len; i += 2)
        sum += (uint32_t)p[i] << 8 | p[i + 1];
    return len & 1 ? sum + ((uint32_t)p[len - 1] << 8) : sum;
}

static uint32_t checksum(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

static size_t put_addresses(uint8_t *p, const struct endpoints *e, bool from_client)
{
    size_t len = e->ipv6 ? 16 : 4;
    uint8_t *client = from_client ? p : p + len, *server = from_client ? p + len : p;
    if (e->ipv6) {
        memcpy(client, "\x20\x01\x0d\xb8\0\1\0\0\0\0\0\0", 12);
        memcpy(server, "\x20\x01\x0d\xb8\0\x53\0\0\0\0\0\0", 12);
        put_be32(client + 12, 1 + e->client);
        put_be32(server + 12, 1u + e->server);
    } else {
        put_be32(client, 0x0a000000 + 256 + e->client);
        put_be32(server, 0xc0000200u + 53 + e->server);
    }
    return 2 * len;
}

/* Fills in Ethernet and IP; returns where the transport header goes. *pseudo is the sum of the
 * pseudo header. */
static uint8_t *put_network(uint8_t *p, const struct endpoints *e, bool from_client, uint8_t proto,
                            size_t transport_len, uint32_t ident, uint32_t *pseudo)
{
    static const uint8_t macs[2][6] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};
    memcpy(p, macs[from_client], 6);
    memcpy(p + 6, macs[!from_client], 6);
    put_be16(p + 12, e->ipv6 ? 0x86dd : 0x0800);
    p += 14;
    if (e->ipv6) {
        put_be32(p, 0x60000000);
        put_be16(p + 4, (uint32_t)transport_len);
        p[6] = proto;
        p[7] = 64;
        size_t len = put_addresses(p + 8, e, from_client);
        *pseudo = sum_words(p + 8, len, proto + (uint32_t)transport_len);
        return p + 8 + len;
    }
    memset(p, 0, 12);
    p[0] = 0x45;
    put_be16(p + 2, (uint32_t)transport_len + 20);
    put_be16(p + 4, ident & 0xffff);
    p[8] = 64;
    p[9] = proto;
    size_t len = put_addresses(p + 12, e, from_client);
    put_be16(p + 10, checksum(sum_words(p, 20, 0)));
    *pseudo = sum_words(p + 12, len, proto + (uint32_t)transport_len);
    return p + 12 + len;
}

static uint8_t *packet_begin(struct capture *c, uint64_t time_ns)
{
    if (c->used + FRAME_MAX > BUFFER_BYTES)
        capture_flush(c);
    uint8_t *p = c->buffer + c->used;
    put_native32(p, (uint32_t)(time_ns / 1000000000));
    put_native32(p + 4, (uint32_t)(time_ns % 1000000000));
    return p + 16;
}

static void packet_end(struct capture *c, const uint8_t *end)
{
    uint8_t *p = c->buffer + c->used;
    size_t len = (size_t)(end - p);
    put_native32(p + 8, (uint32_t)(len - 16));
    put_native32(p + 12, (uint32_t)(len - 16));
    c->used += len;
    c->packets++;
}

static void put_ports(uint8_t *p, const struct endpoints *e, bool from_client)
{
    put_be16(p, from_client ? e->client_port : 53);
    put_be16(p + 2, from_client ? 53 : e->client_port);
}

void capture_udp(struct capture *c, uint64_t time_ns, const struct endpoints *e, bool from_client,
                 const uint8_t *payload, size_t len)
{
    uint32_t pseudo;
    uint8_t *p = packet_begin(c, time_ns);
    p = put_network(p, e, from_client, PROTO_UDP, len + 8, (uint32_t)c->packets, &pseudo);
    put_ports(p, e, from_client);
    put_be16(p + 4, (uint32_t)len + 8);
    put_be16(p + 6, 0);
    memcpy(p + 8, payload, len);
    uint32_t sum = checksum(sum_words(p, len + 8, pseudo));
    put_be16(p + 6, sum ? sum : 0xffff);
    packet_end(c, p + 8 + len);
}

void capture_tcp(struct capture *c, uint64_t time_ns, const struct endpoints *e, bool from_client,
                 uint8_t flags, uint32_t seq, uint32_t ack, const uint8_t *payload, size_t len)
{
    uint32_t pseudo;
    uint8_t *p = packet_begin(c, time_ns);
    p = put_network(p, e, from_client, PROTO_TCP, len + 20, (uint32_t)c->packets, &pseudo);
    put_ports(p, e, from_client);
    put_be32(p + 4, seq);
    put_be32(p + 8, flags & TCP_ACK ? ack : 0);
    p[12] = 5 << 4;
    p[13] = flags;
    put_be16(p + 14, 64240);
    put_be32(p + 16, 0);
    if (len)
        memcpy(p + 20, payload, len);
    put_be16(p + 16, checksum(sum_words(p, len + 20, pseudo)));
    packet_end(c, p + 20 + len);
}
