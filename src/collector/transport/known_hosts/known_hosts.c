/* known_hosts: host keys that are known, in OpenSSH's file format, read once into a table. */
#include "collector/transport/known_hosts/known_hosts.h"

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
    bool revoked, hashed;
    struct slice names;
    unsigned char salt[SSH_KEY_SHA1], hash[SSH_KEY_SHA1];
    const char *type;
    const unsigned char *key;
    size_t key_len;
    const char *where; /* "file:line" */
};

/* What a look-up learns and keeps: the hashed entries of a name, so that no name is hashed twice.
 */
struct memo {
    struct known_hosts_index found; /* name -> hashed entries */
    struct known_hosts_index scanned; /* name -> how many hashed entries were tried */
    struct arena arena; /* the names */
};

struct known_hosts {
    struct arena arena;
    struct entry *entries;
    size_t entry_count;
    struct known_hosts_index plain; /* name -> entries without patterns */
    uint32_t *patterns; /* numbers of entries that must be tried in turn */
    size_t pattern_count;
    uint32_t *hashed;
    size_t hashed_count;
    struct memo *memo;
    const char *pins;
};

struct known_hosts *known_hosts_new(void)
{
    struct known_hosts *table = calloc(1, sizeof(*table));
    struct memo *memo = calloc(1, sizeof(*memo));
    if (table == NULL || memo == NULL) {
        free(table);
        free(memo);
        return NULL;
    }
    table->memo = memo;
    return table;
}

void known_hosts_free(struct known_hosts *table)
{
    if (table == NULL) {
        return;
    }
    known_hosts_index_done(&table->memo->found);
    known_hosts_index_done(&table->memo->scanned);
    arena_done(&table->memo->arena);
    free(table->memo);
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

static int number_push(struct known_hosts *table, uint32_t **numbers, size_t *count, uint32_t entry)
{
    void *items = *numbers;
    uint32_t *place = arena_push(&table->arena, &items, count, sizeof(*place));
    *numbers = items;
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

static int entry_index(struct known_hosts *table, const struct entry *entry, uint32_t number)
{
    if (entry->hashed) {
        return number_push(table, &table->hashed, &table->hashed_count, number);
    }
    if (!known_hosts_line_plain(entry->names)) {
        return number_push(table, &table->patterns, &table->pattern_count, number);
    }
    return entry_index_plain(table, entry->names, number);
}

static int entry_add(struct known_hosts *table, const struct known_hosts_line *line,
                     const struct buf *key, const char *where)
{
    struct entry entry = {.revoked = line->revoked, .hashed = line->hashed, .where = where};
    memcpy(entry.salt, line->salt, sizeof(entry.salt));
    memcpy(entry.hash, line->hash, sizeof(entry.hash));
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
    return entry_index(table, place, (uint32_t)(table->entry_count - 1));
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
                       "known hosts file %s is not a file of at most 64 MiB", path);
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

/* Try the hashed entries that were not yet tried for this name, and remember those that fit. */
static void memo_scan(const struct known_hosts *table, struct slice name)
{
    struct memo *memo = table->memo;
    uint32_t at = 0, tried = 0, number;
    while (known_hosts_index_next(&memo->scanned, name, &at, &number)) {
        tried = number > tried ? number : tried;
    }
    if (tried == table->hashed_count) {
        return;
    }
    const char *kept = arena_strndup(&memo->arena, name.data, name.len);
    if (kept == NULL) {
        return;
    }
    struct slice own = {kept, name.len};
    for (size_t i = tried; i < table->hashed_count; i++) {
        const struct entry *entry = &table->entries[table->hashed[i]];
        unsigned char hash[SSH_KEY_SHA1];
        if (ssh_key_hash_name(entry->salt, kept, hash) == 0 &&
            memcmp(hash, entry->hash, sizeof(hash)) == 0) {
            (void)known_hosts_index_add(&memo->found, own, table->hashed[i]);
        }
    }
    (void)known_hosts_index_add(&memo->scanned, own, (uint32_t)table->hashed_count);
}

/* Call each(data, entry) for every entry that speaks of name. */
static void each_entry(const struct known_hosts *table, const char *name,
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
    memo_scan(table, text);
    for (uint32_t at = 0; known_hosts_index_next(&table->memo->found, text, &at, &number);) {
        each(data, &table->entries[number]);
    }
}

struct question {
    const unsigned char *key;
    size_t key_len;
    const char *type;
    enum known_hosts_answer answer;
    const struct entry *decisive;
};

/* A revoked key is revoked whatever else is said of it; a match outweighs other keys; of other
 * keys, one of the same type is the one to name, and the earliest of those. */
static void question_ask(void *data, const struct entry *entry)
{
    struct question *question = data;
    bool same = entry->key_len == question->key_len &&
                memcmp(entry->key, question->key, question->key_len) == 0;
    enum known_hosts_answer answer = entry->revoked ? KNOWN_HOSTS_REVOKED
                                     : same         ? KNOWN_HOSTS_MATCH
                                                    : KNOWN_HOSTS_CHANGED;
    static const int weight[] = {[KNOWN_HOSTS_UNKNOWN] = 0,
                                 [KNOWN_HOSTS_CHANGED] = 1,
                                 [KNOWN_HOSTS_MATCH] = 2,
                                 [KNOWN_HOSTS_REVOKED] = 3};
    if (entry->revoked && !same) {
        return;
    }
    const struct entry *old = question->decisive;
    bool better = weight[answer] > weight[question->answer];
    if (!better && answer == question->answer) {
        bool type = str_eq(entry->type, question->type);
        bool old_type = str_eq(old->type, question->type);
        better = type != old_type ? type : entry < old;
    }
    if (better) {
        question->answer = answer;
        question->decisive = entry;
    }
}

enum known_hosts_answer known_hosts_check(const struct known_hosts *table, const char *name,
                                          uint16_t port, const unsigned char *key, size_t key_len,
                                          const char **ret_line)
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
    each_entry(table, text, question_ask, &question);
    if (ret_line != NULL) {
        *ret_line = question.decisive == NULL ? NULL : question.decisive->where;
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

void known_hosts_preference(const struct known_hosts *table, const char *name, uint16_t port,
                            char *to, size_t size)
{
    char text[KNOWN_HOSTS_NAME_MAX];
    struct pinned pinned = {0};
    const char *const *algorithms = ssh_methods_host_keys();
    if (known_hosts_line_name(name, port, text)) {
        each_entry(table, text, pinned_note, &pinned);
    }
    size_t used = 0;
    to[0] = '\0';
    for (unsigned turn = 0; turn < 2; turn++) {
        for (size_t i = 0; algorithms[i] != NULL; i++) {
            bool is_pinned = (pinned.types >> i & 1) != 0;
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
