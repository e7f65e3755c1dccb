/* test_secret: a secret is a copy, and its bytes are gone from memory once it is done. */
#include "core/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    SECRET_BYTES = 200,
    ALLOCATOR_BYTES = 16, /* what malloc itself writes at the start of memory that was freed */
};

static void fill(char bytes[SECRET_BYTES])
{
    memset(bytes, 'S', SECRET_BYTES);
}

/* What lies at an address now, also where it was freed: the kernel copies it, so that neither the
 * compiler nor a sanitizer has a say. */
static size_t count_in_memory(uintptr_t address, size_t size, char wanted)
{
    char seen[SECRET_BYTES];
    int ends[2];
    size_t found = 0;
    assert_int_equal(pipe(ends), 0);
    long written = syscall(SYS_write, ends[1], address, size);
    ssize_t got = written > 0 ? read(ends[0], seen, sizeof(seen)) : 0;
    for (ssize_t i = 0; i < got; i++) {
        found += seen[i] == wanted ? 1 : 0;
    }
    (void)close(ends[0]);
    (void)close(ends[1]);
    return found;
}

static size_t count_in_freed(uintptr_t address)
{
    return count_in_memory(address + ALLOCATOR_BYTES, SECRET_BYTES - ALLOCATOR_BYTES, 'S');
}

static void secret_is_a_copy_that_ends_with_nul(void **state)
{
    (void)state;
    struct secret secret = {NULL, 0};
    char bytes[] = "pass\0word";
    assert_int_equal(secret_set(&secret, bytes, 9), 0);
    memset(bytes, 'x', sizeof(bytes));
    assert_int_equal(secret.len, 9);
    assert_memory_equal(secret.data, "pass\0word", 10);
    secret_done(&secret);
    assert_null(secret.data);
    assert_int_equal(secret.len, 0);
}

static void done_wipes_before_it_frees(void **state)
{
    (void)state;
    struct secret secret = {NULL, 0};
    char bytes[SECRET_BYTES];
    fill(bytes);
    assert_int_equal(secret_set(&secret, bytes, sizeof(bytes)), 0);
    uintptr_t address = (uintptr_t)secret.data;
    assert_int_equal(count_in_memory(address, SECRET_BYTES, 'S'), SECRET_BYTES);
    secret_done(&secret);
    assert_int_equal(count_in_freed(address), 0);
}

static void setting_again_wipes_what_was_there(void **state)
{
    (void)state;
    struct secret secret = {NULL, 0};
    char bytes[SECRET_BYTES];
    fill(bytes);
    assert_int_equal(secret_set(&secret, bytes, sizeof(bytes)), 0);
    uintptr_t address = (uintptr_t)secret.data;
    assert_int_equal(secret_set(&secret, "new", 3), 0);
    assert_string_equal(secret.data, "new");
    assert_int_equal(secret.len, 3);
    assert_int_equal(count_in_freed(address), 0);
    secret_done(&secret);
}

static void secret_may_be_set_from_itself(void **state)
{
    (void)state;
    struct secret secret = {NULL, 0};
    assert_int_equal(secret_set(&secret, "password", 8), 0);
    assert_int_equal(secret_set(&secret, secret.data + 4, 4), 0);
    assert_string_equal(secret.data, "word");
    secret_done(&secret);
}

static void nothing_is_done_more_than_once(void **state)
{
    (void)state;
    struct secret secret = {NULL, 0};
    assert_int_equal(secret_set(&secret, NULL, 0), 0);
    assert_int_equal(secret.len, 0);
    secret_done(&secret);
    secret_done(&secret);
    secret_done(NULL);
}

static void wiping_clears_every_byte_and_no_other(void **state)
{
    (void)state;
    char bytes[SECRET_BYTES];
    fill(bytes);
    secret_wipe(NULL, 0);
    secret_wipe(bytes + 1, sizeof(bytes) - 2);
    assert_int_equal(count_in_memory((uintptr_t)bytes, sizeof(bytes), 'S'), 2);
    assert_int_equal(bytes[0], 'S');
    assert_int_equal(bytes[SECRET_BYTES - 1], 'S');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secret_is_a_copy_that_ends_with_nul),
        cmocka_unit_test(done_wipes_before_it_frees),
        cmocka_unit_test(setting_again_wipes_what_was_there),
        cmocka_unit_test(secret_may_be_set_from_itself),
        cmocka_unit_test(nothing_is_done_more_than_once),
        cmocka_unit_test(wiping_clears_every_byte_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
