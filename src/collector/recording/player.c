/* player: a folder of recordings, which answer in place of the hosts. */
#include "collector/recording/player.h"

#include "core/open_input.h"
#include "out/recording_json.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXTENSION ".jsonl"

struct visit_file {
    char *path;
    char *host;
    int64_t time_ms, first_ms;
    bool played;
};

struct player {
    struct visit_file *files; /* by host, then by time */
    size_t count;
};

static int load(const char *path, char **ret, size_t *ret_len, struct err *err)
{
    struct stat about;
    int fd = open_input(path);
    if (fd < 0 || fstat(fd, &about) != 0 || about.st_size > RECORDING_MAX_BYTES) {
        int rc = err_set(err, ERR_CONFIG, "replay", "%s: %s", path,
                         fd < 0 ? strerror(errno) : "it is larger than a recording can be");
        if (fd >= 0) {
            (void)close(fd);
        }
        return rc;
    }
    size_t size = (size_t)about.st_size;
    char *bytes = malloc(size + 1);
    size_t len = 0;
    ssize_t n = bytes == NULL ? -1 : 1;
    while (n > 0 && len < size) {
        n = read(fd, bytes + len, size - len);
        len += n > 0 ? (size_t)n : 0;
    }
    (void)close(fd);
    if (n < 0) {
        free(bytes);
        return err_set(err, ERR_CONFIG, "replay", "%s: it cannot be read", path);
    }
    *ret = bytes;
    *ret_len = len;
    return 0;
}

static int parse(const char *path, struct recording *ret, struct err *err)
{
    char *bytes = NULL;
    size_t len = 0;
    if (load(path, &bytes, &len, err) != 0) {
        return -1;
    }
    int rc = recording_json_parse((struct slice){bytes, len}, ret, err);
    free(bytes);
    if (rc != 0) {
        (void)err_prefix(err, "%s: ", path);
        err->code = ERR_CONFIG;
    }
    return rc;
}

static int add_file(struct player *player, const char *path, const struct recording *recording,
                    struct err *err)
{
    struct visit_file *grown = realloc(player->files, (player->count + 1) * sizeof(*player->files));
    if (grown == NULL) {
        return err_memory(err);
    }
    player->files = grown;
    struct visit_file *file = &player->files[player->count++];
    *file = (struct visit_file){.path = strdup(path),
                                .host = strdup(recording->host),
                                .time_ms = recording->time_ms,
                                .first_ms = recording->time_ms};
    for (size_t i = 0; i < recording->try_count; i++) {
        int64_t time_ms = recording->tries[i].time_ms;
        file->first_ms = time_ms < file->first_ms ? time_ms : file->first_ms;
    }
    return file->path == NULL || file->host == NULL ? err_memory(err) : 0;
}

static int note(struct player *player, const char *path, struct err *err)
{
    struct recording recording;
    if (parse(path, &recording, err) != 0) {
        return -1;
    }
    int rc = add_file(player, path, &recording, err);
    recording_done(&recording);
    return rc;
}

static int by_host_and_time(const void *a, const void *b)
{
    const struct visit_file *one = a;
    const struct visit_file *other = b;
    int order = strcmp(one->host, other->host);
    return order != 0 ? order : (one->time_ms > other->time_ms) - (one->time_ms < other->time_ms);
}

static int note_all(struct player *player, DIR *stream, const char *folder, struct err *err)
{
    int rc = 0;
    for (const struct dirent *entry = readdir(stream); entry != NULL && rc == 0;
         entry = readdir(stream)) {
        size_t len = strlen(entry->d_name);
        size_t extension = sizeof(EXTENSION) - 1;
        if (entry->d_name[0] == '.' || len <= extension ||
            !str_eq(entry->d_name + len - extension, EXTENSION)) {
            continue;
        }
        char path[PATH_MAX];
        int length = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        rc = length < 0 || (size_t)length >= sizeof(path)
                 ? err_set(err, ERR_LIMIT, "replay", "the path of %.200s is too long", folder)
                 : note(player, path, err);
    }
    if (rc == 0 && player->count == 0) {
        rc = err_set(err, ERR_CONFIG, "replay", "%s holds no recording (*" EXTENSION ")", folder);
    }
    return rc;
}

int player_open(const char *folder, struct player **ret, struct err *err)
{
    DIR *stream = opendir(folder);
    if (stream == NULL) {
        return err_set(err, ERR_CONFIG, "replay", "%s: %s", folder, strerror(errno));
    }
    struct player *player = calloc(1, sizeof(*player));
    int rc = player == NULL ? err_memory(err) : note_all(player, stream, folder, err);
    (void)closedir(stream);
    if (rc != 0) {
        player_close(player);
        return -1;
    }
    qsort(player->files, player->count, sizeof(*player->files), by_host_and_time);
    *ret = player;
    return 0;
}

void player_close(struct player *player)
{
    if (player == NULL) {
        return;
    }
    for (size_t i = 0; i < player->count; i++) {
        free(player->files[i].path);
        free(player->files[i].host);
    }
    free(player->files);
    free(player);
}

int64_t player_first_ms(const struct player *player)
{
    int64_t first_ms = player->files[0].first_ms;
    for (size_t i = 1; i < player->count; i++) {
        int64_t here_ms = player->files[i].first_ms;
        first_ms = here_ms < first_ms ? here_ms : first_ms;
    }
    return first_ms;
}

static struct visit_file *next_of(const struct player *player, const char *host)
{
    for (size_t i = 0; i < player->count; i++) {
        if (!player->files[i].played && str_eq(player->files[i].host, host)) {
            return &player->files[i];
        }
    }
    return NULL;
}

bool player_has(const struct player *player, const char *host)
{
    return next_of(player, host) != NULL;
}

int player_next(struct player *player, const char *host, struct recording *ret, struct err *err)
{
    struct visit_file *file = next_of(player, host);
    if (file == NULL) {
        return err_set(err, ERR_UNREAD, "replay", "the recordings hold no visit of %s", host);
    }
    file->played = true;
    return parse(file->path, ret, err);
}

size_t player_left(const struct player *player)
{
    size_t left = 0;
    for (size_t i = 0; i < player->count; i++) {
        left += player->files[i].played ? 0 : 1;
    }
    return left;
}

/* What is left of an envelope, a piece at a time, without the elements that say to whom it goes,
 * how it is numbered, how long the service may take, and which command line a shell gets. false:
 * nothing. */
static bool next_piece(struct slice *rest, struct slice *ret)
{
    static const char *const passed[] = {"<a:To",
                                         "</a:To>",
                                         "<a:MessageID",
                                         "</a:MessageID>",
                                         "<w:OperationTimeout",
                                         "</w:OperationTimeout>",
                                         "<rsp:CommandLine",
                                         "</rsp:CommandLine>"};
    bool more = rest->len > 0;
    size_t best = rest->len;
    size_t end = rest->len;
    for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i += 2) {
        const char *from = memmem(rest->data, rest->len, passed[i], strlen(passed[i]));
        const char *to = from == NULL ? NULL
                                      : memmem(from, rest->len - (size_t)(from - rest->data),
                                               passed[i + 1], strlen(passed[i + 1]));
        if (to != NULL && (size_t)(from - rest->data) < best) {
            best = (size_t)(from - rest->data);
            end = (size_t)(to - rest->data) + strlen(passed[i + 1]);
        }
    }
    *ret = (struct slice){rest->data, best};
    *rest = (struct slice){rest->data + end, rest->len - end};
    return more;
}

static bool is_same(struct slice one, struct slice other)
{
    for (;;) {
        struct slice here;
        struct slice there;
        bool more = next_piece(&one, &here);
        if (next_piece(&other, &there) != more) {
            return false;
        }
        if (!more) {
            return true;
        }
        if (here.len != there.len || memcmp(here.data, there.data, here.len) != 0) {
            return false;
        }
    }
}

struct recording_exchange *player_find(struct recording_try *one, struct slice asked)
{
    for (size_t i = 0; i < one->exchange_count; i++) {
        struct recording_exchange *exchange = &one->exchanges[i];
        if (!exchange->played && is_same(exchange->asked, asked)) {
            exchange->played = true;
            return exchange;
        }
    }
    return NULL;
}
