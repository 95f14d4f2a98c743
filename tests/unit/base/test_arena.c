/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void blocks_do_not_overlap_and_are_aligned(void **state)
{
    (void)state;
    struct arena a;
    unsigned char *blocks[200];
    arena_init(&a, 0);
    for (int i = 0; i < 200; i++) {
        blocks[i] = arena_alloc(&a, (size_t)i * 7 + 1);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % _Alignof(max_align_t), 0);
        memset(blocks[i], i, (size_t)i * 7 + 1);
    }
    for (int i = 0; i < 200; i++)
        for (int k = 0; k <= i * 7; k++)
            assert_int_equal(blocks[i][k], i);
    arena_done(&a);
}

static void a_steady_stream_allocates_nothing(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    for (int i = 0; i < 100; i++)
        assert_non_null(arena_alloc(&a, 4096));
    arena_reset(&a);
    struct arena_block *kept = a.block;
    size_t total = a.total_bytes;
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 20; i++)
            assert_non_null(arena_alloc(&a, 4096));
        arena_reset(&a);
        assert_ptr_equal(a.block, kept);
        assert_int_equal(a.total_bytes, total);
    }
    arena_done(&a);
}

static void the_limit_holds(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 64 * 1024);
    size_t got = 0;
    while (arena_alloc(&a, 1000))
        got += 1000;
    assert_true(got >= 48 * 1024 && got <= 64 * 1024);
    assert_true(a.total_bytes <= 64 * 1024);
    assert_null(arena_alloc(&a, SIZE_MAX));
    arena_reset(&a);
    assert_non_null(arena_alloc(&a, 1000));
    arena_done(&a);
}

static void copies(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    char *copy = arena_copy(&a, "text", 5);
    assert_string_equal(copy, "text");
    assert_non_null(arena_copy(&a, NULL, 0));
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_do_not_overlap_and_are_aligned),
        cmocka_unit_test(a_steady_stream_allocates_nothing),
        cmocka_unit_test(the_limit_holds),
        cmocka_unit_test(copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
