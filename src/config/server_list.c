/* server_list: rows of a CSV file by the names of its columns. */
#include "config/server_list.h"

#include "config/csv.h"
#include "config/text_file.h"
#include "core/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 16 << 20, ROWS_MAX = 100000, NAME_MAX_BYTES = 64 };

enum field { FIELD_NAME, FIELD_FQDN, FIELD_SITE, FIELD_ADDRESS, FIELD_COUNT };

/* Without blanks, - and _, in lower case; the first that is there counts. */
static const char *const titles[FIELD_COUNT][8] = {
    [FIELD_NAME] = {"servername", "name", "computername", "server", "hostname", "host"},
    [FIELD_FQDN] = {"serverfqdn", "fqdn", "dnshostname"},
    [FIELD_SITE] = {"sitename", "site"},
    [FIELD_ADDRESS] = {"ip", "ipaddress", "address"},
};

static void simplify(const char *title, char to[NAME_MAX_BYTES])
{
    size_t len = 0;
    for (; *title != '\0' && len + 1 < NAME_MAX_BYTES; title++) {
        if (strchr(" -_", *title) == NULL) {
            to[len++] = *title >= 'A' && *title <= 'Z' ? (char)(*title - 'A' + 'a') : *title;
        }
    }
    to[len] = '\0';
}

/* Column of the field, CSV_CELLS_MAX = none. */
static size_t column_of(const struct csv *csv, enum field field)
{
    char title[NAME_MAX_BYTES];
    for (size_t t = 0; titles[field][t] != NULL; t++) {
        for (size_t i = 0; i < csv->count; i++) {
            simplify(csv->cells[i], title);
            if (str_eq(title, titles[field][t])) {
                return i;
            }
        }
    }
    return CSV_CELLS_MAX;
}

static const char *cell_of(struct csv *csv, size_t column, struct arena *arena)
{
    return column >= csv->count || csv->cells[column][0] == '\0'
               ? NULL
               : arena_strdup(arena, csv->cells[column]);
}

static int add(struct server_list *list, struct csv *csv, const size_t columns[FIELD_COUNT],
               struct err *err)
{
    struct arena *arena = &list->arena;
    struct server_entry entry = {
        .name = cell_of(csv, columns[FIELD_NAME], arena),
        .fqdn = cell_of(csv, columns[FIELD_FQDN], arena),
        .site = cell_of(csv, columns[FIELD_SITE], arena),
        .address = cell_of(csv, columns[FIELD_ADDRESS], arena),
        .line = csv->row_line,
    };
    entry.name = entry.name == NULL ? entry.fqdn : entry.name;
    if (entry.name == NULL) {
        return err_set(err, ERR_CONFIG, "csv", "line %zu: the server has no name", csv->row_line);
    }
    if (list->count == ROWS_MAX) {
        return err_set(err, ERR_CONFIG, "csv", "more than %d servers", ROWS_MAX);
    }
    void *items = list->rows;
    struct server_entry *row = arena_push(arena, &items, &list->count, sizeof(*row));
    list->rows = items;
    if (row == NULL) {
        return err_memory(err);
    }
    *row = entry;
    return 0;
}

static int no_column(const struct csv *csv, struct err *err)
{
    char names[256] = "";
    for (size_t i = 0; i < csv->count; i++) {
        size_t used = strlen(names);
        (void)snprintf(names + used, sizeof(names) - used, "%s%.40s", i == 0 ? "" : ", ",
                       csv->cells[i]);
    }
    return err_set(err, ERR_CONFIG, "csv",
                   "line %zu: no column is called ServerName, Name or ComputerName: %s",
                   csv->row_line, names);
}

static int take_rows(struct csv *csv, struct server_list *list, struct err *err)
{
    size_t columns[FIELD_COUNT];
    int rc = csv_next(csv, err);
    if (rc <= 0) {
        return rc == 0 ? err_set(err, ERR_CONFIG, "csv", "it names no server") : -1;
    }
    for (int field = 0; field < FIELD_COUNT; field++) {
        columns[field] = column_of(csv, (enum field)field);
    }
    bool titled = columns[FIELD_NAME] < CSV_CELLS_MAX || columns[FIELD_FQDN] < CSV_CELLS_MAX;
    if (!titled && csv->count > 1) {
        return no_column(csv, err);
    }
    if (!titled) {
        columns[FIELD_NAME] = 0;
        rc = add(list, csv, columns, err) == 0 ? 1 : -1;
    }
    while (rc > 0) {
        rc = csv_next(csv, err);
        if (rc > 0 && add(list, csv, columns, err) != 0) {
            rc = -1;
        }
    }
    return rc;
}

int server_list_parse(const char *name, const char *bytes, size_t len, struct server_list *ret,
                      struct err *err)
{
    struct csv csv;
    struct server_list list = {.count = 0};
    int rc = csv_open(bytes, len, &csv, err);
    if (rc == 0) {
        rc = take_rows(&csv, &list, err);
    }
    csv_done(&csv);
    if (rc != 0) {
        server_list_done(&list);
        return err_prefix(err, "%s: ", name);
    }
    *ret = list;
    return 0;
}

int server_list_load(const char *path, struct server_list *ret, struct err *err)
{
    char *bytes = NULL;
    size_t len = 0;
    if (text_file_load(path, FILE_MAX, &bytes, &len, NULL, err) != 0) {
        return -1;
    }
    int rc = server_list_parse(path, bytes, len, ret, err);
    free(bytes);
    return rc;
}

void server_list_done(struct server_list *list)
{
    if (list != NULL) {
        arena_done(&list->arena);
        *list = (struct server_list){.count = 0};
    }
}
