/* str: strict numbers, comparisons and small questions about text. */
#ifndef PVSAUDIT_CORE_STR_H
#define PVSAUDIT_CORE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A borrowed run of bytes, not NUL-terminated. */
struct slice {
    const char *data;
    size_t len;
};

bool str_eq(const char *a, const char *b); /* NULL equals NULL only */
bool str_ieq(const char *a, const char *b); /* ASCII case folded */
bool str_starts(const char *text, const char *prefix);
bool slice_eq(struct slice slice, const char *text);
bool slice_ieq(struct slice slice, const char *text);
struct slice slice_trim(struct slice slice); /* blanks, tabs, CR and LF at both ends */
/* Cut the next line off *rest (without its LF and a CR before it); false when nothing is left.
 * *ended tells whether the line had its LF; NULL is allowed. */
bool slice_line(struct slice *rest, struct slice *ret_line, bool *ended);
/* Cut the next token (a run of anything but blanks and tabs) off *rest; false at the end. */
bool slice_token(struct slice *rest, struct slice *ret_token);

/* Whole-text decimal without sign, blanks or overflow; false leaves *ret alone. */
bool str_u64(struct slice slice, uint64_t max, uint64_t *ret);
bool str_i64(struct slice slice, int64_t *ret); /* an optional '-' */
bool str_hex64(struct slice slice, uint64_t *ret); /* an optional 0x */
/* "90", "90s", "15m", "26h", "7d" -> milliseconds. */
bool str_duration_ms(struct slice slice, int64_t *ret_ms);

/* snprintf into a fixed array; true when it fitted. */
bool str_copy(char *to, size_t size, const char *from);

/* The row of names that is nearest to word (edit distance at most a third of it and one), or
 * NULL. */
const char *str_nearest(const char *word, const char *const *names, size_t count);

/* Bytes of the well-formed UTF-8 character that the text begins with; 0: none, or NUL. */
size_t str_utf8_length(const char *bytes, size_t left);
/* true when bytes are well-formed UTF-8 without NUL. */
bool str_utf8_valid(const char *bytes, size_t len);

/* Shell-style pattern of * and ? only, ASCII case kept. */
bool str_match(const char *pattern, const char *text);

/* 64-bit FNV-1a of bytes, for content addressing and stable sharding; not for hostile tables. */
uint64_t str_hash64(const void *bytes, size_t len);

#endif
