/* zone: time zones by their names in libc's database. */
#include "core/zone.h"

#include "core/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 1024, LINE_BYTES = 512, NAME_BYTES = 255, ZONES_MAX = 4096 };

/* Only what names in the database are made of: no path can climb out of its folder. */
static bool is_name(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";
    return name != NULL && name[0] != '\0' && name[0] != '/' &&
           name[strspn(name, letters)] == '\0' && strlen(name) <= NAME_BYTES;
}

static FILE *open_file(const char *name)
{
    char path[PATH_BYTES];
    const char *folder = getenv("TZDIR");
    bool given = folder != NULL && folder[0] != '\0';
    int len = snprintf(path, sizeof(path), "%s/%s", given ? folder : "/usr/share/zoneinfo", name);
    return len > 0 && (size_t)len < sizeof(path) ? fopen(path, "rbe") : NULL;
}

bool zone_known(const char *name)
{
    char magic[4] = "";
    FILE *file = is_name(name) ? open_file(name) : NULL;
    if (file == NULL) {
        return false;
    }
    bool known =
        fread(magic, 1, sizeof(magic), file) == sizeof(magic) && memcmp(magic, "TZif", 4) == 0;
    (void)fclose(file);
    return known;
}

/* The third column of zone.tab: country, place, name. */
static bool take_name(const char *line, struct slice *ret)
{
    struct slice rest = slice_trim((struct slice){line, strlen(line)});
    struct slice skipped;
    return line[0] != '#' && slice_token(&rest, &skipped) && slice_token(&rest, &skipped) &&
           slice_token(&rest, ret);
}

const char *zone_nearest(struct arena *arena, const char *name)
{
    char line[LINE_BYTES];
    void *items = NULL;
    size_t count = 0;
    FILE *file = open_file("zone.tab");
    while (file != NULL && count < ZONES_MAX && fgets(line, sizeof(line), file) != NULL) {
        struct slice zone;
        const char *copy =
            take_name(line, &zone) ? arena_strndup(arena, zone.data, zone.len) : NULL;
        const char **place =
            copy == NULL ? NULL : arena_push(arena, &items, &count, sizeof(*place));
        if (place != NULL) {
            *place = copy;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return str_nearest(name, items, count);
}
