/* SPDX-License-Identifier: Apache-2.0 */
#include "http/conns.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    MAX = 4,
    TRIED = 10,
};

static int pairs[TRIED][2];
static struct conn *conn[TRIED];

static int open_pairs(void **state)
{
    (void)state;
    for (int i = 0; i < TRIED; i++)
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]))
            return -1;
    return 0;
}

static int close_pairs(void **state)
{
    (void)state;
    for (int i = 0; i < TRIED; i++) {
        close(pairs[i][0]);
        close(pairs[i][1]);
    }
    return 0;
}

static bool is_shut(int i)
{
    struct pollfd p = {.fd = pairs[i][1], .events = POLLRDHUP};
    return poll(&p, 1, 0) == 1 && p.revents;
}

static void the_longest_idle_one_makes_room(void **state)
{
    struct conns *c = conns_new(MAX);
    (void)state;
    for (int i = 0; i < MAX; i++)
        conn[i] = conns_add(c, pairs[i][0]);
    conns_set_busy(c, conn[0], true, false);
    conn[4] = conns_add(c, pairs[4][0]);
    assert_false(is_shut(0));
    assert_true(is_shut(1));
    assert_false(is_shut(2));
    conns_set_busy(c, conn[0], false, false); /* idle from now on, later than 2 */
    conn[5] = conns_add(c, pairs[5][0]);
    assert_true(is_shut(2));
    assert_false(is_shut(0) || is_shut(4) || is_shut(5));
    assert_int_equal(conns_stats(c).evicted, 2);
    for (int i = 0; i <= 5; i++)
        conns_remove(c, conn[i]);
    assert_int_equal(conns_stats(c).open, 0);
    conns_free(c);
}

static void nobody_makes_room_who_is_served(void **state)
{
    struct conns *c = conns_new(MAX);
    (void)state;
    for (int i = 0; i < MAX; i++) {
        conn[i] = conns_add(c, pairs[i][0]);
        conns_set_busy(c, conn[i], true, i == 0);
    }
    conn[4] = conns_add(c, pairs[4][0]);
    assert_true(is_shut(4));
    for (int i = 0; i < MAX; i++)
        assert_false(is_shut(i));
    assert_int_equal(conns_stats(c).refused, 1);
    assert_int_equal(conns_stats(c).busy, MAX);
    /* One that is on its way out takes no place. */
    conns_remove(c, conn[3]);
    conn[5] = conns_add(c, pairs[5][0]);
    assert_false(is_shut(5));
    conns_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_longest_idle_one_makes_room, open_pairs, close_pairs),
        cmocka_unit_test_setup_teardown(nobody_makes_room_who_is_served, open_pairs, close_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
