/* known_hosts: host keys that are known, in OpenSSH's file format, read once into a table. */
#include "collector/transport/known_hosts/known_hosts.h"

#include "collector/transport/known_hosts/known_hosts_hidden.h"
#include "collector/transport/known_hosts/known_hosts_index.h"
#include "collector/transport/known_hosts/known_hosts_line.h"
#include "collector/transport/known_hosts/known_hosts_pin.h"
#include "collector/transport/ssh_link/ssh_methods.h"
#include "core/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 64 * 1024 * 1024, KEY_MAX = 16 * 1024 };

static const char stage[] = "known-hosts";

struct entry {
    bool revoked;
    struct slice names;
    const char *type;
    const unsigned char *key;
    size_t key_len;
    const char *where; /* "file:line" */
};

struct known_hosts {
    struct arena arena;
    struct entry *entries;
    size_t entry_count;
    struct known_hosts_index plain; /* name -> entries without patterns */
    uint32_t *patterns; /* numbers of entries that must be tried in turn */
    size_t pattern_count;
    struct known_hosts_hidden *hidden, *hidden_revoked;
    const char *pins;
};

struct known_hosts *known_hosts_new(void)
{
    struct known_hosts *table = calloc(1, sizeof(*table));
    if (table == NULL) {
        return NULL;
    }
    table->hidden = known_hosts_hidden_new();
    table->hidden_revoked = known_hosts_hidden_new();
    if (table->hidden == NULL || table->hidden_revoked == NULL) {
        known_hosts_free(table);
        return NULL;
    }
    return table;
}

void known_hosts_free(struct known_hosts *table)
{
    if (table == NULL) {
        return;
    }
    known_hosts_hidden_free(table->hidden);
    known_hosts_hidden_free(table->hidden_revoked);
    known_hosts_index_done(&table->plain);
    arena_done(&table->arena);
    free(table);
}

int known_hosts_set_pins(struct known_hosts *table, const char *path)
{
    table->pins = arena_strdup(&table->arena, path);
    return table->pins == NULL && path != NULL ? -1 : 0;
}

const char *known_hosts_pins(const struct known_hosts *table)
{
    return table->pins;
}

static int pattern_push(struct known_hosts *table, uint32_t entry)
{
    void *items = table->patterns;
    uint32_t *place = arena_push(&table->arena, &items, &table->pattern_count, sizeof(*place));
    table->patterns = items;
    if (place == NULL) {
        return -1;
    }
    *place = entry;
    return 0;
}

/* Names are compared in lower case. */
static struct slice lower_copy(struct arena *arena, struct slice text)
{
    char *copy = arena_strndup(arena, text.data, text.len);
    for (size_t i = 0; copy != NULL && i < text.len; i++) {
        copy[i] = (char)(copy[i] >= 'A' && copy[i] <= 'Z' ? copy[i] - 'A' + 'a' : copy[i]);
    }
    return (struct slice){copy, text.len};
}

static int entry_index_plain(struct known_hosts *table, struct slice names, uint32_t number)
{
    while (names.len > 0) {
        const char *comma = memchr(names.data, ',', names.len);
        struct slice one = {names.data, comma == NULL ? names.len : (size_t)(comma - names.data)};
        size_t step = one.len + (comma == NULL ? 0 : 1);
        if (known_hosts_index_add(&table->plain, one, number) != 0) {
            return -1;
        }
        names = (struct slice){names.data + step, names.len - step};
    }
    return 0;
}

static int entry_index(struct known_hosts *table, const struct known_hosts_line *line,
                       struct slice names, uint32_t number)
{
    if (line->hashed) {
        return known_hosts_hidden_add(line->revoked ? table->hidden_revoked : table->hidden,
                                      line->salt, line->hash, number);
    }
    if (!known_hosts_line_plain(names)) {
        return pattern_push(table, number);
    }
    return entry_index_plain(table, names, number);
}

static int entry_add(struct known_hosts *table, const struct known_hosts_line *line,
                     const struct buf *key, const char *where)
{
    struct entry entry = {.revoked = line->revoked, .where = where};
    entry.names = lower_copy(&table->arena, line->names);
    entry.type = arena_strndup(&table->arena, line->type.data, line->type.len);
    entry.key = (const unsigned char *)arena_strndup(&table->arena, key->data, key->len);
    entry.key_len = key->len;
    if (entry.names.data == NULL || entry.type == NULL || entry.key == NULL || where == NULL) {
        return -1;
    }
    void *items = table->entries;
    struct entry *place = arena_push(&table->arena, &items, &table->entry_count, sizeof(*place));
    table->entries = items;
    if (place == NULL) {
        return -1;
    }
    *place = entry;
    return entry_index(table, line, place->names, (uint32_t)(table->entry_count - 1));
}

int known_hosts_parse(struct known_hosts *table, const char *name, const char *bytes, size_t len,
                      void (*bad_line)(void *data, const char *path, unsigned line,
                                       const char *why),
                      void *data, struct err *err)
{
    struct slice rest = {bytes, len};
    struct slice text;
    struct buf key;
    int result = 0;
    buf_init(&key, KEY_MAX);
    for (unsigned number = 1; result == 0 && slice_line(&rest, &text, NULL); number++) {
        struct known_hosts_line line;
        buf_clear(&key);
        const char *why = known_hosts_line_parse(text, &line, &key);
        if (why != NULL && bad_line != NULL) {
            bad_line(data, name, number, why);
        }
        if (why == NULL && line.names.len > 0) {
            const char *where = arena_printf(&table->arena, "%s:%u", name, number);
            result = entry_add(table, &line, &key, where);
        }
    }
    buf_done(&key);
    return result == 0 ? 0 : err_memory(err);
}

static int file_read(int fd, const char *path, char **ret, size_t *ret_len, struct err *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > FILE_MAX) {
        return err_set(err, ERR_CONFIG, stage,
                       "known hosts file %s is not a file of at most 64 MiB; correct "
                       "pvsaudit_known_hosts",
                       path);
    }
    size_t size = (size_t)status.st_size;
    char *bytes = malloc(size + 1);
    if (bytes == NULL) {
        return err_memory(err);
    }
    size_t len = 0;
    while (len < size) {
        ssize_t n = read(fd, bytes + len, size - len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            free(bytes);
            return err_set(err, ERR_CONFIG, stage, "known hosts file %s cannot be read: %s", path,
                           strerror(errno));
        }
        if (n == 0) {
            break;
        }
        len += (size_t)n;
    }
    *ret = bytes;
    *ret_len = len;
    return 0;
}

int known_hosts_load(struct known_hosts *table, const char *path,
                     void (*bad_line)(void *data, const char *path, unsigned line, const char *why),
                     void *data, struct err *err)
{
    char *bytes = NULL;
    size_t len = 0;
    if (table->pins == NULL && known_hosts_set_pins(table, path) != 0) {
        return err_memory(err);
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return errno == ENOENT ? 0
                               : err_set(err, ERR_CONFIG, stage,
                                         "known hosts file %s cannot be opened: %s; make it "
                                         "readable for the user that collects",
                                         path, strerror(errno));
    }
    int result = file_read(fd, path, &bytes, &len, err);
    (void)close(fd);
    if (result == 0) {
        result = known_hosts_parse(table, path, bytes, len, bad_line, data, err);
    }
    free(bytes);
    return result;
}

/* Call each(data, entry) for every entry that speaks of name in clear. */
static void each_clear(const struct known_hosts *table, const char *name,
                       void (*each)(void *data, const struct entry *entry), void *data)
{
    struct slice text = {name, strlen(name)};
    uint32_t number;
    for (uint32_t at = 0; known_hosts_index_next(&table->plain, text, &at, &number);) {
        each(data, &table->entries[number]);
    }
    for (size_t i = 0; i < table->pattern_count; i++) {
        const struct entry *entry = &table->entries[table->patterns[i]];
        if (known_hosts_line_match(entry->names, name)) {
            each(data, entry);
        }
    }
}

struct question {
    const unsigned char *key;
    size_t key_len;
    const char *type;
    enum known_hosts_answer answer;
    const struct entry *decisive;
};

/* A revoked key is revoked whatever else is said of it; a match outweighs other keys, and another
 * key of the same type those of other types; the earliest line is the one to name. */
static void question_ask(void *data, const struct entry *entry)
{
    struct question *question = data;
    bool same = entry->key_len == question->key_len &&
                memcmp(entry->key, question->key, question->key_len) == 0;
    enum known_hosts_answer answer = entry->revoked                        ? KNOWN_HOSTS_REVOKED
                                     : same                                ? KNOWN_HOSTS_MATCH
                                     : str_eq(entry->type, question->type) ? KNOWN_HOSTS_CHANGED
                                                                           : KNOWN_HOSTS_OTHER_KIND;
    static const int weight[] = {[KNOWN_HOSTS_UNKNOWN] = 0,
                                 [KNOWN_HOSTS_OTHER_KIND] = 1,
                                 [KNOWN_HOSTS_CHANGED] = 2,
                                 [KNOWN_HOSTS_MATCH] = 3,
                                 [KNOWN_HOSTS_REVOKED] = 4};
    if (entry->revoked && !same) {
        return;
    }
    if (weight[answer] > weight[question->answer] ||
        (answer == question->answer && entry < question->decisive)) {
        question->answer = answer;
        question->decisive = entry;
    }
}

/* Hidden names come last, and only until nothing more can change the answer. */
static void question_put(const struct known_hosts *table, const char *name,
                         struct question *question)
{
    struct slice text = {name, strlen(name)};
    uint32_t number;
    each_clear(table, name, question_ask, question);
    for (size_t at = 0; known_hosts_hidden_next(table->hidden_revoked, text, &at, &number);) {
        question_ask(question, &table->entries[number]);
    }
    for (size_t at = 0; question->answer != KNOWN_HOSTS_MATCH &&
                        question->answer != KNOWN_HOSTS_REVOKED &&
                        known_hosts_hidden_next(table->hidden, text, &at, &number);) {
        question_ask(question, &table->entries[number]);
    }
}

enum known_hosts_answer known_hosts_check(const struct known_hosts *table, const char *name,
                                          uint16_t port, const unsigned char *key, size_t key_len,
                                          struct known_hosts_found *ret_found)
{
    char text[KNOWN_HOSTS_NAME_MAX];
    char type[64] = "";
    if (!known_hosts_line_name(name, port, text)) {
        return KNOWN_HOSTS_UNKNOWN;
    }
    if (key_len > 4 && key[0] == 0 && key[1] == 0 && key[2] == 0 && key[3] < sizeof(type) &&
        (size_t)key[3] + 4 <= key_len) {
        memcpy(type, key + 4, key[3]);
    }
    struct question question = {
        .key = key, .key_len = key_len, .type = type, .answer = KNOWN_HOSTS_UNKNOWN};
    question_put(table, text, &question);
    if (ret_found != NULL && question.decisive != NULL) {
        *ret_found = (struct known_hosts_found){question.decisive->where, question.decisive->type};
    } else if (ret_found != NULL) {
        *ret_found = (struct known_hosts_found){NULL, NULL};
    }
    return question.answer;
}

struct pinned {
    uint32_t types; /* one bit for each of ssh_methods_host_keys */
};

/* "ssh-rsa" is the key's type whatever the hash that signs. */
static const char *key_type(const char *algorithm)
{
    return str_starts(algorithm, "rsa-sha2-") ? "ssh-rsa" : algorithm;
}

static void pinned_note(void *data, const struct entry *entry)
{
    struct pinned *pinned = data;
    const char *const *algorithms = ssh_methods_host_keys();
    for (size_t i = 0; algorithms[i] != NULL && !entry->revoked; i++) {
        if (str_eq(key_type(algorithms[i]), entry->type)) {
            pinned->types |= UINT32_C(1) << i;
        }
    }
}

/* One hidden line is enough to ask for its type: where the server shows another, the check goes on.
 */
static uint32_t pinned_types(const struct known_hosts *table, const char *name)
{
    struct slice text = {name, strlen(name)};
    struct pinned pinned = {0};
    uint32_t number;
    each_clear(table, name, pinned_note, &pinned);
    for (size_t at = 0;
         pinned.types == 0 && known_hosts_hidden_next(table->hidden, text, &at, &number);) {
        pinned_note(&pinned, &table->entries[number]);
    }
    return pinned.types;
}

void known_hosts_preference(const struct known_hosts *table, const char *name, uint16_t port,
                            char *to, size_t size)
{
    char text[KNOWN_HOSTS_NAME_MAX];
    const char *const *algorithms = ssh_methods_host_keys();
    uint32_t types = known_hosts_line_name(name, port, text) ? pinned_types(table, text) : 0;
    size_t used = 0;
    to[0] = '\0';
    for (unsigned turn = 0; turn < 2; turn++) {
        for (size_t i = 0; algorithms[i] != NULL; i++) {
            bool is_pinned = (types >> i & 1) != 0;
            if (is_pinned == (turn == 0) && used < size) {
                int n =
                    snprintf(to + used, size - used, "%s%s", used == 0 ? "" : ",", algorithms[i]);
                used += n < 0 ? 0 : (size_t)n;
            }
        }
    }
}

static int pin_enter(struct known_hosts *table, const char *path, struct slice text,
                     struct err *err)
{
    struct known_hosts_line line;
    struct buf key;
    buf_init(&key, KEY_MAX);
    const char *where = arena_printf(&table->arena, "%s, pinned just now", path);
    int result = 0;
    if (known_hosts_line_parse(text, &line, &key) != NULL ||
        entry_add(table, &line, &key, where) != 0) {
        result = err_memory(err);
    }
    buf_done(&key);
    return result;
}

int known_hosts_pin(struct known_hosts *table, const char *path, const char *name, uint16_t port,
                    const unsigned char *key, size_t key_len, struct err *err)
{
    char text[KNOWN_HOSTS_NAME_MAX];
    struct buf line;
    buf_init(&line, KNOWN_HOSTS_LINE_MAX);
    int result = -1;
    if (!known_hosts_line_name(name, port, text) ||
        known_hosts_pin_line(text, key, key_len, &line) != 0) {
        (void)err_set(err, ERR_CONFIG, stage, "host name %.64s cannot stand in a known hosts file",
                      name);
    } else if (known_hosts_pin_append(path, line.data, line.len, err) == 0) {
        result = pin_enter(table, path, (struct slice){line.data, line.len}, err);
    }
    buf_done(&line);
    return result;
}
