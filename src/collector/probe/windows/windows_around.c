/* windows_around: product version, boot files and networks of a Windows host: all of it optional.
 *
 * It is asked for last, in a PowerShell of its own, so that whatever becomes of it, what decides is
 * there. */
#include "collector/probe/field.h"
#include "collector/probe/windows/powershell.h"
#include "collector/probe/windows/windows.h"

#include <string.h>
#include <strings.h>

/* The networks need CIM; where it did not answer (r is its exit code) it is not asked again, since
 * each refusal takes its seconds. */
static const char script[] =
    "$ProgressPreference='SilentlyContinue'\n"
    "try{\n"
    "$p=(Get-ItemProperty HKLM:\\SYSTEM\\CurrentControlSet\\Services\\StreamService -EA Stop)"
    ".ImagePath.Trim('\"')\n"
    "$v=(Get-Item $p -EA Stop).VersionInfo\n"
    "'version '+$v.FileMajorPart+'.'+$v.FileMinorPart+'.'+$v.FileBuildPart+'.'+$v.FilePrivatePart"
    "+' '+$p\n"
    "foreach($f in Get-Item '" WINDOWS_BOOT_FOLDER "*' -EA Stop)"
    "{'file '+$f.LastWriteTimeUtc.ToString('o')+' '+$f.FullName}\n"
    "'files'\n"
    "}catch{'no-files '+$_.Exception.HResult}\n"
    "if($env:r -eq '0'){try{\n"
    "foreach($n in Get-CimInstance -Namespace root/StandardCimv2 "
    "-ClassName MSFT_NetConnectionProfile -OperationTimeoutSec 5 -EA Stop)"
    "{'network '+$n.NetworkCategory+' '+$n.InterfaceAlias}\n"
    "'networks'\n"
    "}catch{'no-networks '+$_.Exception.HResult}}\n"
    "exit 0\n";

const char *const windows_boot_files[] = {"ARDBP32.BIN", "tsbbdm.bin", "pvsnbpx64.efi", NULL};

int windows_around_encode(struct buf *to)
{
    return powershell_encode(script, to);
}

/* Of a path with backslashes: what stands behind the last. */
static const char *name_of(const char *path)
{
    const char *backslash = strrchr(path, '\\');
    return backslash == NULL ? path : backslash + 1;
}

bool windows_is_boot_file(const char *path)
{
    for (size_t i = 0; windows_boot_files[i] != NULL; i++) {
        if (strcasecmp(name_of(path), windows_boot_files[i]) == 0) {
            return true;
        }
    }
    return false;
}

enum network_category windows_category(uint64_t number)
{
    static const enum network_category categories[] = {CATEGORY_PUBLIC, CATEGORY_PRIVATE,
                                                       CATEGORY_DOMAIN};
    return number < sizeof(categories) / sizeof(categories[0]) ? categories[number]
                                                               : CATEGORY_UNKNOWN;
}

void windows_take_build(struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->file_count; i++) {
        const struct host_file *file = &snapshot->files[i];
        if (file->version != NULL && (snapshot->machine.pvs_build == NULL ||
                                      strcasecmp(name_of(file->path), "StreamService.exe") == 0)) {
            snapshot->machine.pvs_build = file->version;
        }
    }
}

/* What the lines said. */
struct around {
    struct snapshot *snapshot;
    bool files, networks; /* told to their ends */
    bool bad;
    int64_t files_error, networks_error; /* 0: none */
};

static int take_version(struct around *around, struct slice rest)
{
    struct slice version;
    struct host_file *file = NULL;
    if (!slice_token(&rest, &version) || slice_trim(rest).len == 0) {
        around->bad = true;
        return 0;
    }
    file = snapshot_add_file(around->snapshot);
    if (file == NULL) {
        return -1;
    }
    file->version = field_copy(&around->snapshot->arena, version);
    file->path = field_copy(&around->snapshot->arena, slice_trim(rest));
    return file->version == NULL || file->path == NULL ? -1 : 0;
}

static int take_file(struct around *around, struct slice rest)
{
    struct slice modified;
    int64_t modified_ms = 0;
    if (!slice_token(&rest, &modified) || !powershell_utc(modified, &modified_ms)) {
        around->bad = true;
        return 0;
    }
    char *path = field_copy(&around->snapshot->arena, slice_trim(rest));
    if (path == NULL) {
        return -1;
    }
    if (!windows_is_boot_file(path) || around->snapshot->file_count >= WINDOWS_AROUND_MAX) {
        return 0;
    }
    struct host_file *file = snapshot_add_file(around->snapshot);
    if (file == NULL) {
        return -1;
    }
    *file = (struct host_file){.path = path, .modified_ms = modified_ms};
    return 0;
}

static int take_network(struct around *around, struct slice rest)
{
    struct slice number;
    uint64_t category = 0;
    if (!slice_token(&rest, &number) || !str_u64(number, UINT32_MAX, &category)) {
        around->bad = true;
        return 0;
    }
    if (around->snapshot->network_count >= WINDOWS_AROUND_MAX) {
        return 0;
    }
    struct network *network = snapshot_add_network(around->snapshot);
    if (network == NULL) {
        return -1;
    }
    network->category = windows_category(category);
    network->adapter = field_copy(&around->snapshot->arena, slice_trim(rest));
    return network->adapter == NULL ? -1 : 0;
}

static int take_line(struct around *around, struct slice line)
{
    struct slice word;
    if (!slice_token(&line, &word)) {
        return 0;
    }
    struct slice rest = slice_trim(line);
    if (slice_eq(word, "version")) {
        return take_version(around, rest);
    }
    if (slice_eq(word, "file")) {
        return take_file(around, rest);
    }
    if (slice_eq(word, "network")) {
        return take_network(around, rest);
    }
    if (slice_eq(word, "no-files")) {
        around->bad = !str_i64(rest, &around->files_error) || around->bad;
    } else if (slice_eq(word, "no-networks")) {
        around->bad = !str_i64(rest, &around->networks_error) || around->bad;
    }
    around->files = around->files || slice_eq(word, "files");
    around->networks = around->networks || slice_eq(word, "networks");
    return 0;
}

/* Numbers of .NET's and WMI's refusals, and of what PowerShell does not find. */
static struct reading judge(bool told, bool bad, int64_t error)
{
    static const int64_t denied[] = {-2147217405, -2147024891, -2146233078};
    static const int64_t absent[] = {-2146233087, -2147217392, -2147217394};
    for (size_t i = 0; i < 3; i++) {
        if (error == denied[i]) {
            return (struct reading){OUTCOME_DENIED, error, "this account may not read it"};
        }
        if (error == absent[i]) {
            return (struct reading){OUTCOME_UNSUPPORTED, error, "it is not there"};
        }
    }
    if (error != 0) {
        return (struct reading){OUTCOME_FAILED, error, "PowerShell failed"};
    }
    return told && !bad ? reading_complete
                        : (struct reading){OUTCOME_FAILED, 0, "PowerShell does not tell it"};
}

int windows_take_around(const struct windows *windows)
{
    const struct answer_section *section = sections_find(windows->sections, "files");
    struct around around = {.snapshot = windows->snapshot};
    struct slice rest = section == NULL ? (struct slice){"", 0} : section->body;
    struct slice line;
    if (section == NULL && windows->sections->whole) {
        return 0; /* there was no room on the line to ask for it */
    }
    while (slice_line(&rest, &line, NULL)) {
        if (line.len <= FIELD_LINE_MAX && take_line(&around, slice_trim(line)) != 0) {
            return -1;
        }
    }
    struct reading files = sections_reading(windows->sections, section);
    struct reading networks = files;
    if (files.outcome == OUTCOME_COMPLETE) {
        files = judge(around.files, around.bad, around.files_error);
        networks = judge(around.networks, around.bad, around.networks_error);
    }
    windows_take_build(windows->snapshot);
    snapshot_set_section(windows->snapshot, SECTION_FILES, files.outcome, "powershell", files.code,
                         files.detail);
    snapshot_set_section(windows->snapshot, SECTION_NETWORKS, networks.outcome, "powershell",
                         networks.code, networks.detail);
    return 0;
}
