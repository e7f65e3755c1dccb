/* fleet: the simulated servers, the clock they live on and the counters, in memory that workers
 * share. */
#include "farm/server/fleet.h"

#include "core/clock.h"
#include "core/str.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum {
    DAY_MS = 24 * 3600 * 1000,
    DYNAMIC_FIRST = 49152,
    DYNAMIC_SPREAD = 400,
    STARTED_EARLY_MS = 15000
};

static int64_t real_now_ms(void)
{
    static const struct clock real = {0};
    return clock_now_ms(&real);
}

int fleet_open(struct fleet *fleet, const struct server *servers, size_t count, uint64_t seed,
               int64_t start_ms, struct err *err)
{
    size_t bytes = sizeof(struct fleet_shared) + count * sizeof(struct server);
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return err_memory(err);
    }
    fleet->shared = memory;
    fleet->shared_bytes = bytes;
    fleet->servers = fleet->shared->servers;
    fleet->count = count;
    fleet->seed = seed;
    atomic_store(&fleet->shared->shift_ms, start_ms - real_now_ms());
    memcpy(fleet->servers, servers, count * sizeof(struct server));
    for (size_t i = 0; i < count; i++) {
        struct server *server = &fleet->servers[i];
        server->index = (uint32_t)i;
        server->boot_number = 1;
        int64_t jitter = (int64_t)(server_dice(fleet, server, 90, 0) % 600000);
        server->boot_farm_ms = start_ms - server->uptime_ms - jitter;
        server->boot_wall_ms = server->boot_farm_ms + server->wall_offset_ms;
        for (size_t s = 0; s < SERVICE_SETTABLE; s++) {
            struct service_settings *service = &server->services[s];
            service->boot_start = service->start;
            service->since_up_ms = STARTED_EARLY_MS; /* where a scenario says "state: running" */
            service->created_wall_ms = server->boot_wall_ms + STARTED_EARLY_MS;
        }
    }
    for (size_t i = 0; i < fleet->account_count; i++) {
        (void)str_copy(fleet->shared->accounts[i].name, FLEET_NAME, fleet->accounts[i].name);
    }
    return 0;
}

void fleet_close(struct fleet *fleet)
{
    if (fleet->shared != NULL) {
        (void)munmap(fleet->shared, fleet->shared_bytes);
        fleet->shared = NULL;
    }
}

int64_t fleet_now_ms(const struct fleet *fleet)
{
    return real_now_ms() + atomic_load(&fleet->shared->shift_ms);
}

static void server_shift_past(struct server *server, int64_t by_ms)
{
    server->boot_farm_ms += by_ms;
    server->boot_wall_ms += by_ms;
    for (size_t s = 0; s < SERVICE_SETTABLE; s++) {
        server->services[s].created_wall_ms += by_ms;
    }
}

void fleet_set_clock(struct fleet *fleet, int64_t farm_ms)
{
    int64_t by_ms = farm_ms - fleet_now_ms(fleet);
    if (by_ms < 0) {
        for (size_t i = 0; i < fleet->count; i++) {
            server_shift_past(&fleet->servers[i], by_ms);
        }
    }
    atomic_store(&fleet->shared->shift_ms, farm_ms - real_now_ms());
}

struct server *fleet_find(const struct fleet *fleet, const char *name)
{
    for (size_t i = 0; i < fleet->count; i++) {
        if (str_eq(fleet->servers[i].name, name)) {
            return &fleet->servers[i];
        }
    }
    return NULL;
}

const struct account *fleet_account(const struct fleet *fleet, const char *name)
{
    for (size_t i = 0; i < fleet->account_count; i++) {
        if (str_eq(fleet->accounts[i].name, name)) {
            return &fleet->accounts[i];
        }
    }
    return NULL;
}

const struct account *fleet_account_of(const struct fleet *fleet, const char *principal)
{
    const struct account *account = fleet_account(fleet, principal);
    const char *slash = strchr(principal, '\\');
    char user[FLEET_NAME];
    if (account != NULL || !str_copy(user, sizeof(user), slash == NULL ? principal : slash + 1)) {
        return account;
    }
    user[strcspn(user, "@")] = '\0';
    return fleet_account(fleet, user);
}

const char *const fleet_mechanisms[MECHANISM_COUNT] = {[MECHANISM_KEY] = "key",
                                                       [MECHANISM_PASSWORD] = "password",
                                                       [MECHANISM_BASIC] = "basic",
                                                       [MECHANISM_NTLM] = "ntlm",
                                                       [MECHANISM_KERBEROS] = "kerberos"};

void fleet_count_auth(struct fleet *fleet, const char *account, enum mechanism mechanism,
                      bool accepted)
{
    size_t row = 0;
    while (row < fleet->account_count && !str_eq(fleet->accounts[row].name, account)) {
        row++;
    }
    if (row == fleet->account_count) {
        row = FLEET_ACCOUNTS;
    }
    struct account_counts *counts = &fleet->shared->accounts[row];
    (void)atomic_fetch_add(accepted ? &counts->accepted[mechanism] : &counts->refused[mechanism],
                           1);
}

struct moment server_moment(const struct fleet *fleet, const struct server *server)
{
    int64_t now = fleet_now_ms(fleet);
    int64_t since_boot = now - server->boot_farm_ms;
    int64_t uptime = since_boot - server->paused_ms;
    if (uptime < 1000) {
        uptime = since_boot < 1000 ? since_boot : 1000;
    }
    int64_t wall = now + server->wall_offset_ms;
    return (struct moment){now, wall, uptime, wall - uptime};
}

void server_reboot(const struct fleet *fleet, struct server *server)
{
    server->boot_number++;
    server->boot_farm_ms = fleet_now_ms(fleet);
    server->boot_wall_ms = server->boot_farm_ms + server->wall_offset_ms;
    server->paused_ms = 0;
    for (size_t s = 0; s < SERVICE_SETTABLE; s++) {
        struct service_settings *service = &server->services[s];
        service->boot_start = service->start;
        service->course = COURSE_BOOT;
        service->lost = service->lose_next;
        service->lose_next = false;
    }
}

uint64_t server_dice(const struct fleet *fleet, const struct server *server, uint64_t a, uint64_t b)
{
    uint64_t words[4] = {fleet->seed, server->index + UINT64_C(1), a, b};
    uint64_t hash = str_hash64(words, sizeof(words));
    hash ^= hash >> 31;
    hash *= UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

uint16_t server_ephemeral(const struct fleet *fleet, const struct server *server,
                          const struct moment *moment, unsigned n)
{
    int64_t day = moment->uptime_ms / DAY_MS;
    int64_t group = n / 4; /* one group of four changes a day, each every tenth day */
    uint64_t changes = day > group ? (uint64_t)((day - group + 9) / 10) : 0;
    uint64_t step = server->boot_number * UINT64_C(37) + changes * UINT64_C(101);
    uint64_t at = (server_dice(fleet, server, 100, n) + step) % DYNAMIC_SPREAD;
    return (uint16_t)(DYNAMIC_FIRST + n * DYNAMIC_SPREAD + at);
}

void server_guid(const struct fleet *fleet, const struct server *server, char to[40])
{
    uint64_t a = server_dice(fleet, server, 91, server->guid_generation);
    uint64_t b = server_dice(fleet, server, 92, server->guid_generation);
    (void)snprintf(to, 40, "%08x-%04x-4%03x-a%03x-%012llx", (unsigned)(a >> 32),
                   (unsigned)(a >> 16) & 0xffffU, (unsigned)a & 0xfffU, (unsigned)(b >> 52),
                   (unsigned long long)(b & UINT64_C(0xffffffffffff)));
}

void server_hostname(const struct server *server, char to[FLEET_NAME])
{
    size_t n = 0;
    while (n < 15 && server->name[n] != '\0' && server->name[n] != '.') {
        to[n] = (char)toupper((unsigned char)server->name[n]);
        n++;
    }
    to[n] = '\0';
}
