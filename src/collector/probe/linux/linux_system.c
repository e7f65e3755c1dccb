/* linux_system: endpoints, boot, processes, addresses and identity of a Linux host. */
#include "collector/probe/field.h"
#include "collector/probe/linux/linux.h"
#include "collector/probe/linux/proc_stat.h"
#include "collector/probe/linux/ss.h"

#include <string.h>

enum { MACHINE_ID_TEXT = 32, BOOT_ID_TEXT = 36 };

static const struct answer_section *ended(const struct linux_host *host, const char *name)
{
    const struct answer_section *section = sections_find(host->sections, name);
    return section != NULL && section->ended && section->status == 0 ? section : NULL;
}

static void set_section(const struct linux_host *host, enum section_id id, const char *source,
                        struct reading reading)
{
    snapshot_set_section(host->snapshot, id, reading.outcome, source, reading.code, reading.detail);
}

static int take_sockets(const struct linux_host *host, const char *name, enum proto proto,
                        enum section_id id)
{
    const struct answer_section *section = sections_find(host->sections, name);
    struct reading reading = sections_reading(host->sections, section);
    struct reading rows = reading_complete;
    if (section != NULL && section->status == 0 &&
        ss_parse(section->body, proto, host->snapshot, &rows) != 0) {
        return -1;
    }
    set_section(host, id, "ss", reading.outcome == OUTCOME_COMPLETE ? rows : reading);
    return 0;
}

int linux_take_endpoints(struct linux_host *host)
{
    return take_sockets(host, "udp", PROTO_UDP, SECTION_UDP) != 0 ||
                   take_sockets(host, "tcp", PROTO_TCP, SECTION_TCP) != 0
               ? -1
               : 0;
}

/* "1700000000.123456789", a fraction of any length or none: to milliseconds. */
static bool parse_seconds(struct slice text, int64_t *ret_ms)
{
    const char *dot = text.len == 0 ? NULL : memchr(text.data, '.', text.len);
    struct slice whole = {text.data, dot == NULL ? text.len : (size_t)(dot - text.data)};
    uint64_t seconds = 0;
    int64_t millis = 0;
    int64_t unit = 100;
    if (!str_u64(whole, UINT64_C(1) << 40, &seconds)) {
        return false;
    }
    for (size_t i = whole.len + 1; i < text.len; i++) {
        char c = text.data[i];
        if (c < '0' || c > '9') {
            return false;
        }
        millis += (c - '0') * unit;
        unit /= 10;
    }
    *ret_ms = (int64_t)seconds * 1000 + millis;
    return true;
}

/* A line of hexadecimal digits and dashes of that length. */
static bool parse_id(struct slice output, size_t len, struct slice *ret)
{
    struct slice id = slice_trim(output);
    if (id.len != len) {
        return false;
    }
    for (size_t i = 0; i < id.len; i++) {
        if (id.data[i] == '\0' || strchr("0123456789abcdef-", id.data[i]) == NULL) {
            return false;
        }
    }
    *ret = id;
    return true;
}

/* Lines: date, uptime, "btime N", "ticks N". The last may be empty: then it is 100, as everywhere.
 */
static bool parse_clock(struct linux_host *host, struct slice output)
{
    struct boot *boot = &host->snapshot->boot;
    struct slice line;
    struct slice word;
    int64_t clock_ms = 0;
    int64_t uptime_ms = 0;
    if (!slice_line(&output, &line, NULL) || !parse_seconds(slice_trim(line), &clock_ms) ||
        !slice_line(&output, &line, NULL) || !slice_token(&line, &word) ||
        !parse_seconds(word, &uptime_ms) || uptime_ms > clock_ms) {
        return false;
    }
    while (slice_line(&output, &line, NULL)) {
        uint64_t ticks = 0;
        if (slice_token(&line, &word) && slice_eq(word, "ticks") &&
            str_u64(slice_trim(line), 1000000, &ticks) && ticks > 0) {
            host->ticks_per_second = ticks;
        }
    }
    boot->host_clock_ms = clock_ms;
    boot->uptime_ms = uptime_ms;
    boot->boot_time_ms = clock_ms - uptime_ms;
    return true;
}

int linux_take_boot(struct linux_host *host)
{
    struct boot *boot = &host->snapshot->boot;
    const struct answer_section *clock = sections_find(host->sections, "clock");
    const struct answer_section *id = sections_find(host->sections, "bootid");
    struct reading reading = sections_reading(host->sections, clock);
    struct slice text;
    if (reading.outcome == OUTCOME_COMPLETE && !parse_clock(host, clock->body)) {
        reading = (struct reading){OUTCOME_PARTIAL, 0, "the clock cannot be read"};
    }
    if (reading.outcome == OUTCOME_COMPLETE) {
        reading = sections_reading(host->sections, id);
    }
    if (reading.outcome == OUTCOME_COMPLETE && !parse_id(id->body, BOOT_ID_TEXT, &text)) {
        reading = (struct reading){OUTCOME_PARTIAL, 0, "the boot id cannot be read"};
    }
    if (reading.outcome == OUTCOME_COMPLETE) {
        boot->boot_id = field_copy(&host->snapshot->arena, text);
    }
    set_section(host, SECTION_BOOT, "proc", reading);
    return reading.outcome == OUTCOME_COMPLETE && boot->boot_id == NULL ? -1 : 0;
}

int linux_take_processes(struct linux_host *host)
{
    const struct answer_section *section = sections_find(host->sections, "processes");
    struct reading reading = sections_reading(host->sections, section);
    struct reading rows = reading_complete;
    if (section != NULL && proc_stat_take(section->body, host->snapshot->boot.boot_time_ms,
                                          host->ticks_per_second, host->snapshot, &rows) != 0) {
        return -1;
    }
    set_section(host, SECTION_PROCESSES, "proc",
                reading.outcome == OUTCOME_COMPLETE ? rows : reading);
    return 0;
}

/* "1: lo    inet 127.0.0.1/8 scope host lo\ ...", with a peer "inet 10.0.0.1 peer 10.0.0.2/32". */
static bool parse_address(struct slice line, struct host_address *ret)
{
    struct slice word;
    struct slice text = {0};
    struct slice mask;
    uint64_t prefix = 0;
    struct ip ip;
    for (int i = 0; i < 4; i++) {
        if (!slice_token(&line, &text)) {
            return false;
        }
    }
    mask = text;
    if (slice_token(&line, &word) && slice_eq(word, "peer") && !slice_token(&line, &mask)) {
        return false;
    }
    const char *slash = memchr(mask.data, '/', mask.len);
    if (slash == NULL ||
        !str_u64((struct slice){slash + 1, (size_t)(mask.data + mask.len - slash) - 1}, 128,
                 &prefix)) {
        return false;
    }
    const char *own = memchr(text.data, '/', text.len);
    text.len = own == NULL ? text.len : (size_t)(own - text.data);
    if (!ip_parse(text, &ip) || ip.family == 0) {
        return false;
    }
    *ret = (struct host_address){ip, (uint8_t)prefix};
    return true;
}

int linux_take_addresses(struct linux_host *host)
{
    const struct answer_section *section = sections_find(host->sections, "addresses");
    struct reading reading = sections_reading(host->sections, section);
    struct slice rest = reading.outcome == OUTCOME_COMPLETE ? section->body : (struct slice){0};
    struct slice line;
    bool last = false;
    while (slice_line(&rest, &line, &last)) {
        struct host_address found;
        if (slice_trim(line).len == 0) {
            continue;
        }
        if (line.len > FIELD_LINE_MAX || !parse_address(line, &found)) {
            reading = (struct reading){OUTCOME_PARTIAL, 0, "an address cannot be read"};
        } else if (host->snapshot->address_count >= FIELD_VALUES_MAX) {
            reading = (struct reading){OUTCOME_PARTIAL, 0, "too many addresses"};
            break;
        } else {
            struct host_address *address = snapshot_add_address(host->snapshot);
            if (address == NULL) {
                return -1;
            }
            *address = found;
        }
    }
    if (reading.outcome == OUTCOME_COMPLETE && host->snapshot->address_count == 0) {
        reading = (struct reading){OUTCOME_PARTIAL, 0, "no address was found"};
    }
    set_section(host, SECTION_ADDRESSES, "ip", reading);
    return 0;
}

/* PRETTY_NAME of os-release, without its quotes. */
static struct slice pretty_name(struct slice output)
{
    static const char name[] = "PRETTY_NAME=";
    struct slice line;
    while (slice_line(&output, &line, NULL)) {
        if (line.len > strlen(name) && memcmp(line.data, name, strlen(name)) == 0) {
            struct slice value = {line.data + strlen(name), line.len - strlen(name)};
            if (value.len >= 2 && (value.data[0] == '"' || value.data[0] == '\'') &&
                value.data[value.len - 1] == value.data[0]) {
                value = (struct slice){value.data + 1, value.len - 2};
            }
            return value;
        }
    }
    return (struct slice){0};
}

/* "Linux 6.1.0-28-amd64 x86_64": the second word is the build. */
static bool parse_os(struct slice output, struct slice *ret_name, struct slice *ret_build)
{
    struct slice rest = output;
    struct slice line;
    struct slice word;
    if (!slice_line(&rest, &line, NULL) || !slice_token(&line, &word) || !slice_eq(word, "Linux") ||
        !slice_token(&line, ret_build)) {
        return false;
    }
    *ret_name = pretty_name(rest);
    if (ret_name->len == 0) {
        *ret_name = word;
    }
    return true;
}

static void take_range(const struct linux_host *host)
{
    const struct answer_section *section = ended(host, "range");
    struct slice rest = section == NULL ? (struct slice){0} : slice_trim(section->body);
    struct slice word;
    uint64_t first = 0;
    uint64_t last = 0;
    if (slice_token(&rest, &word) && str_u64(word, UINT16_MAX, &first) &&
        str_u64(slice_trim(rest), UINT16_MAX, &last) && first > 0 && first <= last) {
        host->snapshot->dynamic_first = (uint16_t)first;
        host->snapshot->dynamic_last = (uint16_t)last;
    }
}

int linux_take_machine(struct linux_host *host)
{
    static const char *const asked[] = {"os", "hostname", "machineid"};
    struct snapshot *snapshot = host->snapshot;
    struct machine_identity *machine = &snapshot->machine;
    struct slice values[3] = {{0}};
    struct slice name = {0};
    struct reading reading = reading_complete;
    for (size_t i = 0; i < 3; i++) {
        const struct answer_section *section = sections_find(host->sections, asked[i]);
        struct reading one = sections_reading(host->sections, section);
        bool good = one.outcome == OUTCOME_COMPLETE;
        if (good) {
            values[i] = slice_trim(section->body);
            good = i == 0   ? parse_os(section->body, &name, &values[0])
                   : i == 1 ? values[1].len > 0 && values[1].len <= FIELD_TEXT_MAX
                            : parse_id(section->body, MACHINE_ID_TEXT, &values[2]);
            one = good ? one : (struct reading){OUTCOME_PARTIAL, 0, asked[i]};
        }
        values[i] = good ? values[i] : (struct slice){0};
        reading = reading.outcome == OUTCOME_COMPLETE ? one : reading;
    }
    const char **const to[] = {&machine->os_build, &machine->computer_name, &machine->id};
    for (size_t i = 0; i < 3; i++) {
        *to[i] = values[i].len > 0 ? field_copy(&snapshot->arena, values[i]) : NULL;
        if (values[i].len > 0 && *to[i] == NULL) {
            return -1;
        }
    }
    machine->os_name = values[0].len > 0 ? field_copy(&snapshot->arena, name) : NULL;
    take_range(host);
    set_section(host, SECTION_MACHINE, "proc", reading);
    return 0;
}
