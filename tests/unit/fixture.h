/* fixture: pairs of files, x.txt beside x.expect: adding a pair adds a test and no code. */
#ifndef PVSAUDIT_TESTS_UNIT_FIXTURE_H
#define PVSAUDIT_TESTS_UNIT_FIXTURE_H

#include "core/buf.h"
#include "core/str.h"

#include <dirent.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

/* Writes what the parser made of the bytes, in the form that the folder's .expect files have. */
typedef void fixture_render(const char *name, struct slice bytes, struct buf *to);

static inline void fixture_load(const char *path, struct buf *to)
{
    char bytes[4096];
    size_t n = 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail_msg("%s cannot be opened", path);
        return;
    }
    buf_init(to, 16U << 20);
    assert_int_equal(buf_puts(to, ""), 0);
    while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0) {
        assert_int_equal(buf_append(to, bytes, n), 0);
    }
    (void)fclose(file);
}

/* Bytes outside printable ASCII as \xNN. */
static inline void fixture_put(struct buf *to, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        (void)buf_printf(to, c >= 0x20 && c < 0x7f ? "%c" : "\\x%02x", c);
    }
}

static inline bool fixture_pair(const char *folder, const char *name, fixture_render *render)
{
    char path[1024];
    struct buf input;
    struct buf expected;
    struct buf got;
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    fixture_load(path, &input);
    (void)snprintf(path, sizeof(path), "%s/%.*s.expect", folder, (int)strlen(name) - 4, name);
    fixture_load(path, &expected);
    buf_init(&got, 16U << 20);
    (void)buf_puts(&got, "");
    render(name, (struct slice){input.data, input.len}, &got);
    bool same = got.len == expected.len && memcmp(got.data, expected.data, got.len) == 0;
    if (!same) {
        (void)fprintf(stderr, "%s: expected\n%s\ngot\n%s\n", name, expected.data, got.data);
    }
    buf_done(&input);
    buf_done(&expected);
    buf_done(&got);
    return same;
}

/* Every x.txt in the folder below tests/fixtures; a folder without any is a failure. */
static inline void fixture_folder(const char *folder, fixture_render *render)
{
    char path[512];
    unsigned pairs = 0;
    unsigned wrong = 0;
    (void)snprintf(path, sizeof(path), "%s/fixtures/%s", TESTS_DIR, folder);
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        size_t len = strlen(entry->d_name);
        if (len > 4 && strcmp(entry->d_name + len - 4, ".txt") == 0) {
            pairs++;
            wrong += fixture_pair(path, entry->d_name, render) ? 0U : 1U;
        }
    }
    (void)closedir(dir);
    assert_int_not_equal(pairs, 0);
    assert_int_equal(wrong, 0);
}

#endif
