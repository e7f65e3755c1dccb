/* wmi_around: product version, boot files and networks of a Windows server: all of it optional. */
#include "collector/probe/field.h"
#include "collector/probe/windows/windows.h"
#include "collector/probe/wmi/wmi.h"
#include "collector/probe/wmi/wmi_item.h"
#include "collector/probe/wmi/wmi_rows.h"

#include <string.h>

#define PRODUCT "C:\\Program Files\\Citrix\\Provisioning Services\\"

/* Between its quotes, or all of it. */
static struct slice program_of(const char *image)
{
    bool quoted = image != NULL && image[0] == '"';
    const char *from = image == NULL ? "" : image + (quoted ? 1 : 0);
    return (struct slice){from, strcspn(from, quoted ? "\"" : "")};
}

/* In a string of WQL a backslash is doubled; what would end the string is in no path of ours. */
static void put_name(const char *folder, struct slice name, size_t *count, struct buf *to)
{
    if (name.len == 0 || memchr(name.data, '\'', name.len) != NULL) {
        return;
    }
    (void)buf_puts(to, (*count)++ == 0 ? "Name='" : " or Name='");
    const struct slice parts[] = {{folder, strlen(folder)}, name};
    for (size_t p = 0; p < 2; p++) {
        for (size_t i = 0; i < parts[p].len; i++) {
            (void)buf_puts(to, parts[p].data[i] == '\\' ? "\\" : "");
            (void)buf_putc(to, parts[p].data[i]);
        }
    }
    (void)buf_putc(to, '\'');
}

static bool is_image(struct slice path, const char *name)
{
    size_t len = strlen(name);
    return path.len > len && slice_ieq((struct slice){path.data + path.len - len, len}, name) &&
           path.data[path.len - len - 1] == '\\';
}

/* The stream service's executable, where its row or key told one; else where it usually is. */
static void put_product(const struct sections *sections, struct arena *arena, size_t *count,
                        struct buf *to)
{
    static const char service[] = "StreamService";
    static const char image[] = "StreamService.exe";
    char name[WMI_NAME];
    struct wmi_item item;
    struct slice value;
    bool told = (wmi_service_row(sections, wmi_services_section(sections), service, &item) &&
                 wmi_value(&item, "PathName", &value)) ||
                (wmi_returned(sections, wmi_section(name, "reg-image", service), &item) == 0 &&
                 wmi_value(&item, "sValue", &value));
    struct slice path = program_of(told ? wmi_text(arena, value) : NULL);
    if (is_image(path, image)) {
        put_name("", path, count, to);
    } else {
        put_name(PRODUCT, (struct slice){image, strlen(image)}, count, to);
    }
}

const char *wmi_files_query(const struct sections *sections, struct arena *arena)
{
    struct buf query;
    size_t count = 0;
    buf_init(&query, 4096);
    (void)buf_puts(&query, "select Name,Version,LastModified from CIM_DataFile where ");
    put_product(sections, arena, &count, &query);
    for (size_t i = 0; windows_boot_files[i] != NULL; i++) {
        const char *name = windows_boot_files[i];
        put_name(WINDOWS_BOOT_FOLDER, (struct slice){name, strlen(name)}, &count, &query);
    }
    const char *text = arena_strdup(arena, query.failed ? NULL : query.data);
    buf_done(&query);
    return text;
}

static int add_file(const struct wmi *wmi, const struct wmi_item *row, bool *bad)
{
    struct slice path;
    struct slice version;
    if (!wmi_value(row, "Name", &path)) {
        *bad = true;
        return 0;
    }
    struct host_file *file = snapshot_add_file(wmi->snapshot);
    if (file == NULL) {
        return -1;
    }
    file->path = wmi_text(&wmi->snapshot->arena, path);
    if (file->path != NULL && windows_is_boot_file(file->path)) {
        *bad = !wmi_date(row, "LastModified", &file->modified_ms) || *bad;
    } else if (wmi_value(row, "Version", &version)) {
        file->version = wmi_text(&wmi->snapshot->arena, version);
        return file->version == NULL || file->path == NULL ? -1 : 0;
    }
    return file->path == NULL ? -1 : 0;
}

static int add_network(const struct wmi *wmi, const struct wmi_item *row, bool *bad)
{
    struct slice adapter;
    uint64_t category = 0;
    if (!wmi_value(row, "InterfaceAlias", &adapter) ||
        !wmi_number(row, "NetworkCategory", UINT32_MAX, &category)) {
        *bad = true;
        return 0;
    }
    struct network *network = snapshot_add_network(wmi->snapshot);
    if (network == NULL) {
        return -1;
    }
    network->category = windows_category(category);
    network->adapter = wmi_text(&wmi->snapshot->arena, adapter);
    return network->adapter == NULL ? -1 : 0;
}

static int take(const struct wmi *wmi, enum section_id id, const char *name,
                int (*add)(const struct wmi *, const struct wmi_item *, bool *))
{
    const struct answer_section *section = sections_find(wmi->sections, name);
    struct reading reading = wmi_reading(wmi->sections, name);
    struct slice rest = section == NULL ? (struct slice){"", 0} : section->body;
    struct wmi_item row;
    bool bad = false;
    for (size_t rows = 0; rows < WINDOWS_AROUND_MAX && wmi_item_next(&rest, &row, &bad); rows++) {
        if (add(wmi, &row, &bad) != 0) {
            return -1;
        }
    }
    if (bad && reading.outcome == OUTCOME_COMPLETE) {
        reading = (struct reading){OUTCOME_PARTIAL, 0, "a row cannot be read"};
    }
    snapshot_set_section(wmi->snapshot, id, reading.outcome, "wmi", reading.code, reading.detail);
    return 0;
}

int wmi_take_around(const struct wmi *wmi)
{
    if (take(wmi, SECTION_FILES, "files", add_file) != 0) {
        return -1;
    }
    windows_take_build(wmi->snapshot);
    return take(wmi, SECTION_NETWORKS, "networks", add_network);
}
