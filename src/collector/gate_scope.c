/* gate_scope: the servers and boot paths that a gate is about, as the inventory has them. */
#include "collector/gate_scope.h"

#include "config/inventory/boot_path_text.h"
#include "core/ip.h"
#include "core/str.h"
#include "out/fold.h"

#include <string.h>

static const struct host *host_of(const struct gate_scope *scope, size_t i)
{
    return &scope->inventory->hosts[i];
}

static size_t count_of(const struct gate_scope *scope)
{
    return scope->inventory->count;
}

/* ---- declared paths ---- */

static bool has_address(const struct host *host, const struct ip *ip)
{
    struct ip own;
    if (ip_parse((struct slice){host->address, strlen(host->address)}, &own) &&
        ip_equal(&own, ip)) {
        return true;
    }
    for (size_t i = 0; i < host->pxe_address_count; i++) {
        if (ip_equal(&host->pxe_addresses[i], ip)) {
            return true;
        }
    }
    return false;
}

/* An address of a server is that server, and no virtual one. */
static const char *server_of(const struct gate_scope *scope, const char *name)
{
    struct ip ip;
    if (inventory_find(scope->inventory, name) != NULL ||
        !ip_parse((struct slice){name, strlen(name)}, &ip)) {
        return name;
    }
    for (size_t i = 0; i < count_of(scope); i++) {
        if (has_address(host_of(scope, i), &ip)) {
            return host_of(scope, i)->name;
        }
    }
    return name;
}

static int name_servers(struct gate_scope *scope, struct boot_path *path)
{
    struct boot_servers *tftp = &path->stages[BOOT_STAGE_TFTP];
    const char **names = arena_array(&scope->arena, tftp->count + 1, sizeof(*names));
    if (names == NULL) {
        return -1;
    }
    for (size_t i = 0; i < tftp->count; i++) {
        names[i] = server_of(scope, tftp->names[i]);
    }
    tftp->names = names;
    return 0;
}

static int load_servers(struct gate_scope *scope, const bool *asked)
{
    size_t count = count_of(scope);
    scope->servers = arena_array(&scope->arena, count + 1, sizeof(*scope->servers));
    scope->roles = arena_array(&scope->arena, count + 1, sizeof(*scope->roles));
    if (scope->servers == NULL || scope->roles == NULL) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        const struct host *host = host_of(scope, i);
        scope->servers[i] = (struct gate_server){
            .name = host->name,
            .farm = host->farm,
            .down = asked[i],
            .inactive = host->state != HOST_ACTIVE,
        };
    }
    return 0;
}

int gate_scope_load(const struct inventory *inventory, const bool *asked, struct gate_scope *ret,
                    struct err *err)
{
    struct gate_scope scope = {.inventory = inventory};
    int rc = load_servers(&scope, asked) != 0 ? err_memory(err) : 0;
    if (rc == 0) {
        rc = boot_path_text_read(inventory->boot_paths, &scope.arena, &scope.paths,
                                 &scope.declared_count, err);
    }
    for (size_t i = 0; i < scope.declared_count && rc == 0; i++) {
        rc = name_servers(&scope, &scope.paths[i]) != 0 ? err_memory(err) : 0;
    }
    if (rc != 0) {
        gate_scope_done(&scope);
        return -1;
    }
    scope.path_count = scope.declared_count;
    *ret = scope;
    return 0;
}

void gate_scope_done(struct gate_scope *scope)
{
    if (scope != NULL) {
        arena_done(&scope->arena);
        *scope = (struct gate_scope){.path_count = 0};
    }
}

/* ---- assumed paths ---- */

static bool path_names(const struct boot_path *path, const char *server)
{
    for (int stage = 0; stage < BOOT_STAGE_COUNT; stage++) {
        if (boot_path_names(path, (enum boot_stage)stage, server)) {
            return true;
        }
    }
    return false;
}

/* Under this name, or under another of the machine. */
static bool is_declared(const struct gate_scope *scope, size_t i)
{
    for (size_t k = 0; k < count_of(scope); k++) {
        if (gate_compare(&scope->servers[i], &scope->servers[k]) != GATE_SAME) {
            continue;
        }
        for (size_t p = 0; p < scope->declared_count; p++) {
            if (path_names(&scope->paths[p], scope->servers[k].name)) {
                return true;
            }
        }
    }
    return false;
}

static bool is_of(const struct host *host, const struct host *of)
{
    return str_eq(host->site, of->site) && str_eq(host->farm, of->farm) && host->os == HOST_WINDOWS;
}

/* The inventory decides where it speaks. */
static bool may_serve(const struct gate_scope *scope, size_t i, enum boot_stage stage)
{
    const char *id = strchr(boot_stage_expectation(stage), '/') + 1;
    switch (host_declared(host_of(scope, i), id, NULL)) {
    case DECLARED_EXPECTED:
        return true;
    case DECLARED_NOT_EXPECTED:
        return false;
    case DECLARED_SILENT:
        break;
    }
    return scope->roles[i][stage] == ROLE_POSSIBLE;
}

static int assume_stage(struct gate_scope *scope, const struct host *of, enum boot_stage stage,
                        struct boot_servers *ret)
{
    const char **names = arena_array(&scope->arena, count_of(scope) + 1, sizeof(*names));
    size_t count = 0;
    if (names == NULL) {
        return -1;
    }
    for (size_t i = 0; i < count_of(scope); i++) {
        if (is_of(host_of(scope, i), of) && may_serve(scope, i, stage)) {
            names[count++] = host_of(scope, i)->name;
        }
    }
    *ret = (struct boot_servers){names, count};
    return 0;
}

static int assume_path(struct gate_scope *scope, const struct host *of)
{
    struct boot_path *path = &scope->paths[scope->path_count];
    *path = (struct boot_path){
        .name = of->farm == NULL
                    ? arena_printf(&scope->arena, "site %s", of->site)
                    : arena_printf(&scope->arena, "site %s of farm %s", of->site, of->farm),
        .method = BOOT_BY_PXE,
        .assumed = true,
        .min = BOOT_PATH_MIN,
    };
    for (int stage = 0; stage < BOOT_STAGE_COUNT; stage++) {
        if (assume_stage(scope, of, (enum boot_stage)stage, &path->stages[stage]) != 0) {
            return -1;
        }
    }
    if (path->stages[BOOT_STAGE_PXE].count == 0) {
        path->method = BOOT_BY_BDM_ISO;
    }
    scope->path_count++;
    return path->name == NULL ? -1 : 0;
}

static bool is_assumed(const struct gate_scope *scope, size_t i)
{
    for (size_t p = scope->declared_count; p < scope->path_count; p++) {
        if (path_names(&scope->paths[p], scope->servers[i].name)) {
            return true;
        }
    }
    return false;
}

int gate_scope_assume(struct gate_scope *scope, struct err *err)
{
    const struct boot_path *declared = scope->paths;
    scope->paths = arena_array(&scope->arena, scope->declared_count + count_of(scope) + 1,
                               sizeof(*scope->paths));
    if (scope->paths == NULL) {
        return err_memory(err);
    }
    for (size_t i = 0; i < scope->declared_count; i++) {
        scope->paths[i] = declared[i];
    }
    scope->path_count = scope->declared_count;
    for (size_t i = 0; i < count_of(scope); i++) {
        const struct host *host = host_of(scope, i);
        if (scope->servers[i].down && host->site != NULL && !is_declared(scope, i) &&
            !is_assumed(scope, i) && assume_path(scope, host) != 0) {
            return err_memory(err);
        }
    }
    return 0;
}

/* ---- who is asked ---- */

void gate_scope_share_addresses(struct gate_scope *scope)
{
    for (size_t i = 0; i < count_of(scope); i++) {
        for (size_t k = 0; k < count_of(scope) && scope->servers[i].down; k++) {
            const struct host *host = host_of(scope, i);
            const struct host *other = host_of(scope, k);
            if (k != i && !scope->servers[k].down && host->port == other->port &&
                str_ieq(host->address, other->address)) {
                scope->servers[i].machine_id = scope->servers[k].machine_id;
                scope->servers[i].computer_name = scope->servers[k].computer_name;
            }
        }
    }
}

static bool is_same_farm(const struct gate_scope *scope, const struct boot_path *path,
                         const char *farm)
{
    for (size_t i = 0; i < count_of(scope); i++) {
        if (scope->servers[i].down && path_names(path, scope->servers[i].name) &&
            str_eq(scope->servers[i].farm, farm)) {
            return true;
        }
    }
    return false;
}

/* Whether a reading of the server can count for anything that is asked. */
static bool is_needed(const struct gate_scope *scope, size_t i)
{
    const struct gate_server *server = &scope->servers[i];
    for (size_t p = 0; p < scope->path_count; p++) {
        if (path_names(&scope->paths[p], server->name) &&
            is_same_farm(scope, &scope->paths[p], server->farm)) {
            return true;
        }
    }
    return false;
}

static bool is_old(const struct gate_server *server, int64_t not_before_ms)
{
    const struct gate_reading *reading = &server->readings[BOOT_STAGE_LOGIN];
    return not_before_ms == 0 || !reading->judged || reading->time_ms < not_before_ms;
}

void gate_scope_wanted(const struct gate_scope *scope, int64_t not_before_ms, bool with_asked,
                       bool *wanted)
{
    for (size_t i = 0; i < count_of(scope); i++) {
        const struct gate_server *server = &scope->servers[i];
        bool is_known = server->machine_id != NULL || server->computer_name != NULL;
        bool visited =
            server->down ? with_asked || !is_known : server->held_by == NULL && is_needed(scope, i);
        wanted[i] = visited && !server->inactive && is_old(server, not_before_ms);
    }
}

const char *gate_scope_asked(const struct gate_scope *scope, struct arena *arena)
{
    const char **names = arena_array(arena, count_of(scope) + 1, sizeof(*names));
    size_t count = 0;
    for (size_t i = 0; i < count_of(scope) && names != NULL; i++) {
        if (scope->servers[i].down) {
            names[count++] = scope->servers[i].name;
        }
    }
    return names == NULL ? NULL : fold_names(arena, names, count);
}
