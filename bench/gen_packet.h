/* SPDX-License-Identifier: Apache-2.0 */
/* Private to gen_capture: Ethernet, IPv4 or IPv6, UDP or TCP around a payload, into a pcap file. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TCP_FIN = 0x01,
    TCP_SYN = 0x02,
    TCP_PSH = 0x08,
    TCP_ACK = 0x10,
};

struct endpoints {
    uint32_t client; /* number of the client, which makes its address */
    uint16_t client_port;
    uint8_t server;
    bool ipv6;
};

struct capture {
    int fd;
    int error; /* the first errno of a write; sticky */
    uint64_t packets, bytes;
    uint8_t *buffer;
    size_t used;
};

/* 0 or negative errno. */
int capture_open(struct capture *c, const char *path);
int capture_close(struct capture *c);
void capture_udp(struct capture *c, uint64_t time_ns, const struct endpoints *e, bool from_client,
                 const uint8_t *payload, size_t len);
void capture_tcp(struct capture *c, uint64_t time_ns, const struct endpoints *e, bool from_client,
                 uint8_t flags, uint32_t seq, uint32_t ack, const uint8_t *payload, size_t len);
