/* SPDX-License-Identifier: Apache-2.0 */
/* A live tap with network namespaces of its own, and what it saw there. */
#pragma once

#include "tap/live.h"

#include <stddef.h>

enum {
    LAB_PORT = 45153, /* not 53: the host's own DNS is left out */
    LAB_OTHER_PORT = 45154,
    LAB_SEEN_MAX = 8192,
};

#define QUERY    0x0100 /* flags of a header */
#define RESPONSE 0x8180

struct seen {
    /* `data` is a copy, of a repeat that of the packet it names; `owner` and `interface` point in
     * here. */
    struct frame frame;
    struct frame_owner owner;
    char interface[16];
};

struct lab {
    struct tap_live *tap;
    int64_t safe_ns;
    int disorder; /* frames older than one before or than a safe time told */
    size_t count;
    struct seen seen[LAB_SEEN_MAX];
    struct ring_counters before; /* when the tap was opened */
};

/* Moves this process into a network namespace of its own, with loopback up. */
void lab_enter(void);
/* A second namespace, joined by a veth pair: "near" (10.9.0.1, fd09::1) is here, "far" (10.9.0.2,
 * fd09::2) there, behind a bridge here when `bridge`. */
void lab_far_open(bool bridge);
void lab_far_close(void);
/* Sockets that are made until lab_here are the far namespace's. */
void lab_there(void);
void lab_here(void);
/* Runs a command of ip(8) and the like; fails the test when that fails. */
void lab_run(const char *command);

void lab_open(struct lab *l, struct tap_live_options o);
void lab_close(struct lab *l);
/* Polls until nothing more comes. Returns how many frames of the lab have been seen in all. */
size_t lab_poll(struct lab *l);
void lab_forget(struct lab *l);
/* What the kernel counted since lab_open. */
struct ring_counters lab_counted(const struct lab *l);
size_t lab_on_interface(const struct lab *l, const char *name, uint8_t direction);
/* The frame holds the whole of a message made by lab_message. */
void lab_assert_holds(const struct seen *s, size_t len, uint16_t id, uint16_t flags);

/* A UDP or TCP socket bound to addr (text) and port. */
int lab_socket(int type, const char *addr, uint16_t port);
void lab_connect(int fd, const char *addr, uint16_t port);
/* A message that looks like DNS: header and filling up to len bytes. */
void lab_message(uint8_t *out, size_t len, uint16_t id, uint16_t flags);
void lab_send(int fd, size_t len, uint16_t id, uint16_t flags);

/* The transport payload of a frame; NULL when it is not TCP, UDP or a later fragment. */
const uint8_t *lab_payload(const struct seen *s, size_t *len);
