/* boot_path_text: boot paths from the canonical JSON text that an inventory has of them. */
#include "config/inventory/boot_path_text.h"

#include <jansson.h>

static int wrong(struct err *err, const char *what)
{
    return err_set(err, ERR_FORMAT, "boot-paths", "the boot paths in force have no %s", what);
}

static int servers_read(const json_t *list, struct arena *arena, struct boot_servers *ret,
                        struct err *err)
{
    size_t count = json_array_size(list);
    const char **names = arena_array(arena, count + 1, sizeof(*names));
    if (names == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        names[i] = arena_strdup(arena, name);
        if (names[i] == NULL) {
            return name == NULL ? wrong(err, "names of servers") : err_memory(err);
        }
    }
    *ret = (struct boot_servers){names, count};
    return 0;
}

static int path_read(const json_t *object, struct arena *arena, struct boot_path *ret,
                     struct err *err)
{
    static const char *const keys[BOOT_STAGE_COUNT] = {
        [BOOT_STAGE_PXE] = "pxe", [BOOT_STAGE_TFTP] = "tftp", [BOOT_STAGE_LOGIN] = "login_servers"};
    const char *name = json_string_value(json_object_get(object, "name"));
    json_int_t min = json_integer_value(json_object_get(object, "min"));
    if (name == NULL || min < 1 ||
        !boot_method_parse(json_string_value(json_object_get(object, "method")), &ret->method)) {
        return wrong(err, "name, method or min");
    }
    ret->name = arena_strdup(arena, name);
    ret->min = (size_t)min;
    for (int i = 0; i < BOOT_STAGE_COUNT; i++) {
        if (servers_read(json_object_get(object, keys[i]), arena, &ret->stages[i], err) != 0) {
            return -1;
        }
    }
    return ret->name == NULL ? err_memory(err) : 0;
}

static int paths_read(const json_t *list, struct arena *arena, struct boot_path *paths,
                      struct err *err)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (path_read(json_array_get(list, i), arena, &paths[i], err) != 0) {
            return -1;
        }
    }
    return 0;
}

int boot_path_text_read(const char *text, struct arena *arena, struct boot_path **ret,
                        size_t *ret_count, struct err *err)
{
    if (text == NULL) {
        *ret = NULL;
        *ret_count = 0;
        return 0;
    }
    json_t *list = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_array(list)) {
        json_decref(list);
        return wrong(err, "list");
    }
    size_t count = json_array_size(list);
    struct boot_path *paths = arena_array(arena, count + 1, sizeof(*paths));
    int rc = paths == NULL ? err_memory(err) : paths_read(list, arena, paths, err);
    json_decref(list);
    if (rc == 0) {
        *ret = paths;
        *ret_count = count;
    }
    return rc;
}
