/* windows_machine: which Windows this is: version, name, MachineGuid and its dynamic ports. */
#include "collector/probe/field.h"
#include "collector/probe/windows/windows.h"

#include <string.h>

enum { GUID_TEXT = 36 };

static const struct answer_section *ended(const struct sections *sections, const char *name)
{
    const struct answer_section *section = sections_find(sections, name);
    return section != NULL && section->ended && section->status == 0 ? section : NULL;
}

/* "Microsoft Windows [Version 10.0.17763.5576]", the words localised: the last word in brackets,
 * cut to its first three numbers (the fourth changes with every update). */
static bool parse_version(struct slice output, struct slice *ret)
{
    const char *open = output.len == 0 ? NULL : memchr(output.data, '[', output.len);
    if (open == NULL) {
        return false;
    }
    struct slice inside = {open + 1, output.len - (size_t)(open + 1 - output.data)};
    const char *close = inside.len == 0 ? NULL : memchr(inside.data, ']', inside.len);
    if (close == NULL) {
        return false;
    }
    inside.len = (size_t)(close - inside.data);
    struct slice word = {0};
    while (slice_token(&inside, &word)) {
    }
    size_t dots = 0;
    size_t len = 0;
    for (; len < word.len; len++) {
        char c = word.data[len];
        if (c == '.' && ++dots == 3) {
            break;
        }
        if (c != '.' && (c < '0' || c > '9')) {
            return false;
        }
    }
    *ret = (struct slice){word.data, len};
    return dots >= 2;
}

/* The builds of Windows Server; NULL for another. */
const char *windows_product(struct slice version)
{
    static const struct {
        const char *version, *name;
    } products[] = {
        {"6.1.7601", "Windows Server 2008 R2"}, {"6.2.9200", "Windows Server 2012"},
        {"6.3.9600", "Windows Server 2012 R2"}, {"10.0.14393", "Windows Server 2016"},
        {"10.0.17763", "Windows Server 2019"},  {"10.0.20348", "Windows Server 2022"},
        {"10.0.25398", "Windows Server 23H2"},  {"10.0.26100", "Windows Server 2025"},
    };
    for (size_t i = 0; i < sizeof(products) / sizeof(products[0]); i++) {
        if (slice_eq(version, products[i].version)) {
            return products[i].name;
        }
    }
    return "Windows";
}

static bool parse_guid(struct slice output, struct slice *ret)
{
    struct reg_row row;
    if (!reg_find(output, "MachineGuid", &row) || row.data.len != GUID_TEXT) {
        return false;
    }
    for (size_t i = 0; i < GUID_TEXT; i++) {
        if (row.data.data[i] == '\0' ||
            strchr("0123456789abcdefABCDEF-", row.data.data[i]) == NULL) {
            return false;
        }
    }
    *ret = row.data;
    return true;
}

/* `netsh int ipv4 show dynamicport udp`: two lines that end in a number, the first port and how
 * many there are. */
void windows_take_dynamic_ports(const struct sections *sections, const char *name,
                                struct snapshot *snapshot)
{
    const struct answer_section *section = ended(sections, name);
    struct slice rest = section == NULL ? (struct slice){0} : section->body;
    struct slice line;
    uint64_t numbers[2] = {0};
    size_t count = 0;
    while (slice_line(&rest, &line, NULL)) {
        uint64_t number = 0;
        if (line.len <= FIELD_LINE_MAX && field_last_number(line, 65536, &number)) {
            if (count == 2) {
                return;
            }
            numbers[count++] = number;
        }
    }
    if (count == 2 && numbers[0] > 0 && numbers[1] > 0 && numbers[0] + numbers[1] <= 65536) {
        snapshot->dynamic_first = (uint16_t)numbers[0];
        snapshot->dynamic_last = (uint16_t)(numbers[0] + numbers[1] - 1);
    }
}

static const char *copy(const struct windows *windows, struct slice text, bool *failed)
{
    const char *copied = field_copy(&windows->snapshot->arena, text);
    *failed = *failed || copied == NULL;
    return copied;
}

static bool parse_name(struct slice output, struct slice *ret)
{
    struct slice line = slice_trim(output);
    if (line.len == 0 || line.len > FIELD_TEXT_MAX || memchr(line.data, '\n', line.len) != NULL) {
        return false;
    }
    *ret = line;
    return true;
}

/* What is lacking, as an outcome: a section that was cut is partial, everything else has failed. */
static struct reading judge(const struct windows *windows, bool version, bool name, bool guid)
{
    const char *lacking = !version ? "ver" : !name ? "hostname" : !guid ? "guid" : NULL;
    if (lacking == NULL) {
        return reading_complete;
    }
    struct reading reading =
        sections_reading(windows->sections, sections_find(windows->sections, lacking));
    if (reading.outcome == OUTCOME_COMPLETE) {
        return (struct reading){OUTCOME_PARTIAL, 0, lacking};
    }
    if (!guid && version && name && reading.outcome == OUTCOME_FAILED) {
        return (struct reading){OUTCOME_DENIED, reading.code, "the MachineGuid cannot be read"};
    }
    return reading;
}

int windows_take_machine(const struct windows *windows)
{
    struct machine_identity *machine = &windows->snapshot->machine;
    const struct answer_section *ver = ended(windows->sections, "ver");
    const struct answer_section *hostname = ended(windows->sections, "hostname");
    const struct answer_section *key = ended(windows->sections, "guid");
    struct slice version;
    struct slice name;
    struct slice guid;
    bool failed = false;
    bool has_version = ver != NULL && parse_version(ver->body, &version);
    bool has_name = hostname != NULL && parse_name(hostname->body, &name);
    bool has_guid = key != NULL && parse_guid(key->body, &guid);
    if (has_version) {
        machine->os_build = copy(windows, version, &failed);
        machine->os_name = windows_product(version);
    }
    if (has_name) {
        machine->computer_name = copy(windows, name, &failed);
    }
    if (has_guid) {
        machine->id = copy(windows, guid, &failed);
    }
    windows_take_dynamic_ports(windows->sections, "dynamic", windows->snapshot);
    struct reading reading = judge(windows, has_version, has_name, has_guid);
    snapshot_set_section(windows->snapshot, SECTION_MACHINE, reading.outcome, "reg", reading.code,
                         reading.detail);
    return failed ? -1 : 0;
}
