/* known_hosts_files: the files of host keys that an inventory names, each with a table of its own.
 */
#include "collector/transport/known_hosts/known_hosts_files.h"

#include "collector/transport/known_hosts/known_hosts_index.h"
#include "core/arena.h"

#include <stdlib.h>
#include <string.h>

struct known_hosts_files {
    struct arena arena;
    struct known_hosts **tables;
    size_t count;
    struct known_hosts_index paths; /* path -> number of its table */
};

struct known_hosts_files *known_hosts_files_new(void)
{
    return calloc(1, sizeof(struct known_hosts_files));
}

void known_hosts_files_free(struct known_hosts_files *files)
{
    if (files == NULL) {
        return;
    }
    for (size_t i = 0; i < files->count; i++) {
        known_hosts_free(files->tables[i]);
    }
    known_hosts_index_done(&files->paths);
    arena_done(&files->arena);
    free(files);
}

struct known_hosts *known_hosts_files_find(const struct known_hosts_files *files, const char *path)
{
    uint32_t at = 0;
    uint32_t number;
    struct slice text = {path, strlen(path)};
    return known_hosts_index_next(&files->paths, text, &at, &number) ? files->tables[number] : NULL;
}

static struct known_hosts *table_add(struct known_hosts_files *files, const char *path)
{
    struct known_hosts *table = known_hosts_new();
    void *items = files->tables;
    struct known_hosts **place = table == NULL ? NULL
                                               : arena_push(&files->arena, &items, &files->count,
                                                            sizeof(struct known_hosts *));
    if (place == NULL) {
        known_hosts_free(table);
        return NULL;
    }
    files->tables = items;
    *place = table;
    struct slice text = {path, strlen(path)};
    uint32_t number = (uint32_t)(files->count - 1);
    return known_hosts_index_add(&files->paths, text, number) == 0 ? table : NULL;
}

int known_hosts_files_load(struct known_hosts_files *files, const char *path,
                           void (*bad_line)(void *data, const char *path, unsigned line,
                                            const char *why),
                           void *data, struct err *err)
{
    if (known_hosts_files_find(files, path) != NULL) {
        return 0;
    }
    struct known_hosts *table = table_add(files, path);
    return table == NULL ? err_memory(err) : known_hosts_load(table, path, bad_line, data, err);
}
