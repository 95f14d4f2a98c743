/* SPDX-License-Identifier: Apache-2.0 */
/* One packet at many places, on a real kernel: what is its first sight, and what only a repeat of
 * it. Needs root (exit code 77 otherwise). */
#include "lab.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct lab lab;

static void open_default(void)
{
    lab_open(&lab, (struct tap_live_options){0});
}

/* The first sight is where the socket's packet leaves the uppermost device: not again below the
 * bridge, nor on the other side of the veth pair. */
static void first_sight_once(void **state)
{
    (void)state;
    lab_far_open(true);
    open_default();
    lab_there();
    int server = lab_socket(SOCK_DGRAM, "10.9.0.2", LAB_PORT);
    lab_here();
    int client = lab_socket(SOCK_DGRAM, "10.9.0.1", 0);
    lab_connect(client, "10.9.0.2", LAB_PORT);
    const int queries = 20;
    for (int i = 0; i < queries; i++)
        lab_send(client, 50, 9, QUERY); /* the same each time, as retransmissions are */
    lab_poll(&lab);
    size_t origins = 0;
    for (size_t i = 0; i < lab.count; i++)
        if (lab.seen[i].frame.local_origin) {
            origins++;
            assert_string_equal(lab.seen[i].interface, "bridge");
        }
    assert_int_equal(lab_on_interface(&lab, "bridge", FRAME_OUT), queries);
    assert_int_equal(lab_on_interface(&lab, "near", FRAME_OUT), queries);
    assert_int_equal(lab_on_interface(&lab, "far", FRAME_IN), queries);
    assert_int_equal(origins, queries);
    assert_int_equal(lab_counted(&lab).queries, queries);
    close(client);
    close(server);
    lab_close(&lab);
    lab_far_close();
}

/* Of a packet that stays one sk_buff over bridge and veth pair, only the first place has it in
 * full. What comes later is told as before: place, time, and what it names is the same packet. */
static void later_hops_are_repeats(const char *near, const char *far)
{
    enum {
        SENT = 50
    };
    lab_far_open(true);
    open_default();
    lab_there();
    int server = lab_socket(SOCK_DGRAM, far, LAB_PORT);
    lab_here();
    int client = lab_socket(SOCK_DGRAM, near, 0);
    lab_connect(client, far, LAB_PORT);
    for (uint16_t i = 0; i < SENT; i++)
        lab_send(client, 50 + i, i, QUERY);
    lab_poll(&lab);
    size_t repeats = 0;
    for (size_t i = 0; i < lab.count; i++) {
        const struct seen *s = &lab.seen[i];
        size_t n;
        const uint8_t *p = lab_payload(s, &n);
        lab_assert_holds(s, 50 + p[1], p[1], QUERY);
        assert_true(s->frame.repeat != s->frame.local_origin || strcmp(s->interface, "bridge"));
        repeats += s->frame.repeat;
    }
    assert_int_equal(lab_on_interface(&lab, "near", FRAME_OUT), SENT);
    assert_int_equal(lab_on_interface(&lab, "far", FRAME_IN), SENT);
    /* Moved to another CPU on its way, a packet is taken in full. */
    assert_in_range(repeats, SENT, 2 * SENT);
    assert_int_equal(lab_counted(&lab).repeats, repeats);
    assert_int_equal(lab_counted(&lab).records, 3 * SENT);
    close(client);
    close(server);
    lab_close(&lab);
    lab_far_close();
}

static void repeats_ip4(void **state)
{
    (void)state;
    later_hops_are_repeats("10.9.0.1", "10.9.0.2");
}

static void repeats_ip6(void **state)
{
    (void)state;
    later_hops_are_repeats("fd09::1", "fd09::2");
}

static void repeats_can_be_left_out(void **state)
{
    (void)state;
    lab_open(&lab, (struct tap_live_options){.no_repeats = true});
    int server = lab_socket(SOCK_DGRAM, "127.0.0.1", LAB_PORT);
    int client = lab_socket(SOCK_DGRAM, "127.0.0.1", 0);
    lab_connect(client, "127.0.0.1", LAB_PORT);
    lab_send(client, 50, 1, QUERY);
    assert_int_equal(lab_poll(&lab), 2);
    assert_false(lab.seen[0].frame.repeat || lab.seen[1].frame.repeat);
    assert_int_equal(lab_counted(&lab).repeats, 0);
    close(client);
    close(server);
    lab_close(&lab);
}

/* The same bytes again and again: each send is a packet of its own, in memory that the one before
 * has just left. Each has its own full record, and its later hop names that one. */
static void memory_used_again_is_another_packet(void **state)
{
    (void)state;
    enum {
        SENT = 200
    };
    open_default();
    int server = lab_socket(SOCK_DGRAM, "127.0.0.1", LAB_PORT);
    int client = lab_socket(SOCK_DGRAM, "127.0.0.1", 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(LAB_PORT)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    uint8_t message[50], drop[64];
    lab_message(message, sizeof message, 9, QUERY);
    for (int i = 0; i < SENT; i++) {
        /* Not connected: the kernel gives each the IP id 0 (RFC 6864 4.1). */
        assert_true(sendto(client, message, sizeof message, 0, (struct sockaddr *)&to, sizeof to) >
                    0);
        assert_true(recv(server, drop, sizeof drop, 0) > 0);
    }
    assert_int_equal(lab_poll(&lab), 2 * SENT);
    for (size_t i = 0; i < lab.count; i += 2) {
        const struct frame *out = &lab.seen[i].frame, *in = &lab.seen[i + 1].frame;
        assert_false(out->repeat);
        assert_true(out->local_origin);
        assert_true(in->repeat ? in->packet == out->packet && in->cpu == out->cpu
                               : in->packet != out->packet);
    }
    assert_true(lab_counted(&lab).repeats > SENT / 2);
    close(client);
    close(server);
    lab_close(&lab);
}

/* Address translation on the way: the same sk_buff, the same message, but not the same packet. */
static void rewritten_is_taken_in_full(void **state)
{
    (void)state;
    enum {
        SENT = 20
    };
    if (system("nft --version >/dev/null 2>&1"))
        skip();
    lab_far_open(false);
    lab_there();
    lab_run("nft 'table ip lab { chain in { type nat hook prerouting priority -100; "
            "udp dport 45153 dnat to 10.9.7.1; }; }'");
    lab_run("ip link add third type veth peer name fourth && ip address add 10.9.7.2/24 dev third "
            "&& ip link set third up && ip link set fourth up && "
            "ip neighbor add 10.9.7.1 lladdr 02:00:00:00:00:01 dev third && "
            "sysctl -qw net.ipv4.ip_forward=1");
    lab_here();
    open_default();
    int client = lab_socket(SOCK_DGRAM, "10.9.0.1", 0);
    lab_connect(client, "10.9.0.2", LAB_PORT);
    for (uint16_t i = 0; i < SENT; i++)
        lab_send(client, 50, i, QUERY);
    lab_poll(&lab);
    assert_int_equal(lab_on_interface(&lab, "far", FRAME_IN), SENT);
    assert_int_equal(lab_on_interface(&lab, "third", FRAME_OUT), SENT);
    assert_int_equal(lab_on_interface(&lab, "fourth", FRAME_IN), SENT);
    for (size_t i = 0; i < lab.count; i++) {
        const struct seen *s = &lab.seen[i];
        const uint8_t to = s->frame.data[18]; /* of the destination address */
        bool after = !strcmp(s->interface, "third") || !strcmp(s->interface, "fourth");
        assert_int_equal(to, after ? 7 : 0);
        if (!strcmp(s->interface, "third"))
            assert_false(s->frame.repeat);
    }
    assert_true(lab_counted(&lab).repeats >= SENT);
    close(client);
    lab_close(&lab);
    lab_far_close();
}

static int enter(void **state)
{
    (void)state;
    lab_enter();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_sight_once),
        cmocka_unit_test(repeats_ip4),
        cmocka_unit_test(repeats_ip6),
        cmocka_unit_test(repeats_can_be_left_out),
        cmocka_unit_test(memory_used_again_is_another_packet),
        cmocka_unit_test(rewritten_is_taken_in_full),
    };
    if (geteuid()) {
        fputs("test_live: needs root\n", stderr);
        return 77;
    }
    return cmocka_run_group_tests(tests, enter, NULL);
}
