/* test_arena: what an arena hands out is zeroed, aligned, apart from the rest and stays in place.
 */
#include "core/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { PIECES = 400 };

/* Sizes around every bound: nothing, alignment, a quarter of a block, a block, more. */
static size_t size_of(size_t i)
{
    static const size_t sizes[] = {0, 1, 15, 16, 17, 4095, 4096, 4097, 5000, 16384, 16385, 70000};
    return sizes[i % (sizeof(sizes) / sizeof(sizes[0]))];
}

static void assert_all_bytes(const unsigned char *bytes, size_t len, unsigned char value)
{
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(bytes[i], value);
    }
}

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena arena = {NULL};
    unsigned char *pieces[PIECES];
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = arena_alloc(&arena, size_of(i));
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        assert_all_bytes(pieces[i], size_of(i), 0);
        memset(pieces[i], (int)(i % 255) + 1, size_of(i));
    }
    for (size_t i = 0; i < PIECES; i++) {
        assert_all_bytes(pieces[i], size_of(i), (unsigned char)(i % 255 + 1));
    }
    arena_done(&arena);
}

static void sizes_that_overflow_yield_nothing(void **state)
{
    (void)state;
    struct arena arena = {NULL};
    assert_null(arena_alloc(&arena, SIZE_MAX));
    assert_null(arena_alloc(&arena, SIZE_MAX / 2 + 1));
    assert_null(arena_array(&arena, SIZE_MAX / 4, 8));
    assert_null(arena_array(&arena, 8, SIZE_MAX / 4));
    assert_null(arena_array(&arena, (SIZE_MAX >> 4) + 2, 16)); /* the product wraps around to 16 */
    assert_non_null(arena_array(&arena, 0, 8));
    assert_non_null(arena_array(&arena, 8, 0));
    arena_done(&arena);
}

static void texts_are_copies(void **state)
{
    (void)state;
    struct arena arena = {NULL};
    char text[] = "farm\0secret";
    char *copy = arena_strdup(&arena, text);
    char *part = arena_strndup(&arena, text, 2);
    char *whole = arena_strndup(&arena, text, 11);
    char *nothing = arena_strndup(&arena, NULL, 0);
    memset(text, 'x', sizeof(text));
    assert_string_equal(copy, "farm");
    assert_string_equal(part, "fa");
    assert_memory_equal(whole, "farm\0secret", 12);
    assert_string_equal(nothing, "");
    assert_null(arena_strdup(&arena, NULL));
    arena_done(&arena);
}

static void formatted_text_of_any_length_is_whole(void **state)
{
    (void)state;
    struct arena arena = {NULL};
    assert_string_equal(arena_printf(&arena, "%s:%u", "hosts.yaml", 7U), "hosts.yaml:7");
    char *wide = arena_printf(&arena, "%*d", 50000, 1);
    assert_int_equal(strlen(wide), 50000);
    assert_int_equal(wide[49999], '1');
    assert_string_equal(arena_printf(&arena, "%s", ""), "");
    arena_done(&arena);
}

struct row {
    uint64_t number;
    char text[3];
};

static void pushed_items_keep_their_values_as_the_array_grows(void **state)
{
    (void)state;
    struct arena arena = {NULL};
    void *items = NULL;
    size_t count = 0;
    for (size_t i = 0; i < 1000; i++) {
        struct row *row = arena_push(&arena, &items, &count, sizeof(struct row));
        assert_int_equal(count, i + 1);
        assert_ptr_equal(row, (struct row *)items + i);
        assert_int_equal(row->number, 0);
        row->number = i * 3 + 1;
    }
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(((struct row *)items)[i].number, i * 3 + 1);
    }
    arena_done(&arena);
}

static void array_moves_only_where_it_is_full(void **state)
{
    (void)state;
    struct arena arena = {NULL};
    void *items = NULL;
    size_t count = 0;
    unsigned moves = 0;
    for (size_t i = 0; i < 1000; i++) {
        void *before = items;
        assert_non_null(arena_push(&arena, &items, &count, sizeof(struct row)));
        moves += items != before ? 1 : 0;
    }
    assert_int_equal(moves, 8); /* 8, 16, 32 ... 1024 */
    arena_done(&arena);
}

static void place_that_was_given_back_is_zeroed_again(void **state)
{
    (void)state;
    struct arena arena = {NULL};
    void *items = NULL;
    size_t count = 0;
    (void)arena_push(&arena, &items, &count, sizeof(struct row));
    struct row *row = arena_push(&arena, &items, &count, sizeof(*row));
    row->number = 7;
    count--;
    row = arena_push(&arena, &items, &count, sizeof(*row));
    assert_int_equal(row->number, 0);
    arena_done(&arena);
}

static void push_that_fails_changes_nothing(void **state)
{
    (void)state;
    struct arena arena = {NULL};
    int mark = 0;
    void *items = &mark;
    size_t count = 0;
    assert_null(arena_push(&arena, &items, &count, SIZE_MAX / 4));
    assert_ptr_equal(items, &mark);
    assert_int_equal(count, 0);
    arena_done(&arena);
}

static void arena_that_is_done_can_be_used_again(void **state)
{
    (void)state;
    struct arena arena = {NULL};
    assert_non_null(arena_alloc(&arena, 10));
    arena_done(&arena);
    assert_null(arena.blocks);
    assert_non_null(arena_alloc(&arena, 10));
    arena_done(&arena);
    arena_done(&arena);
    arena_done(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(sizes_that_overflow_yield_nothing),
        cmocka_unit_test(texts_are_copies),
        cmocka_unit_test(formatted_text_of_any_length_is_whole),
        cmocka_unit_test(pushed_items_keep_their_values_as_the_array_grows),
        cmocka_unit_test(array_moves_only_where_it_is_full),
        cmocka_unit_test(place_that_was_given_back_is_zeroed_again),
        cmocka_unit_test(push_that_fails_changes_nothing),
        cmocka_unit_test(arena_that_is_done_can_be_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
