/* cim: clock, boot time and processes of a Windows host by one PowerShell script of ours. */
#include "collector/probe/windows/cim.h"

#include "collector/probe/field.h"
#include "collector/probe/windows/powershell.h"

#define SCRIPT_CLOCK                                                          \
    "$ProgressPreference='SilentlyContinue'\n"                                \
    "try{\n"                                                                  \
    "$o=Get-CimInstance -ClassName Win32_OperatingSystem -ErrorAction Stop\n" \
    "'now '+[DateTime]::UtcNow.ToString('o')\n"                               \
    "'local '+$o.LocalDateTime.ToUniversalTime().ToString('o')\n"             \
    "'boot '+$o.LastBootUpTime.ToUniversalTime().ToString('o')\n"             \
    "foreach($p in Get-CimInstance -ClassName Win32_Process -ErrorAction Stop){"
#define SCRIPT_PROCESS                                                                \
    "$c='-';if($p.CreationDate){$c=$p.CreationDate.ToUniversalTime().ToString('o')};" \
    "'process '+$p.ProcessId+' '+$p.ParentProcessId+' '+$c+' '+$p.Name"
#define SCRIPT_END                                   \
    "}\n"                                            \
    "}catch{'error '+$_.Exception.HResult;exit 5}\n" \
    "'done'\n"                                       \
    "exit 0\n"

static const char script[] = SCRIPT_CLOCK SCRIPT_PROCESS SCRIPT_END;
/* Of the processes the boot's witnesses alone. */
static const char light_script[] =
    SCRIPT_CLOCK "if($p.Name -eq 'wininit.exe' -or $p.Name -eq 'services.exe' "
                 "-or $p.Name -eq 'lsass.exe'){" SCRIPT_PROCESS "}" SCRIPT_END;

/* WBEM_E_ACCESS_DENIED and E_ACCESSDENIED */
static const int64_t denied_codes[] = {-2147217405, -2147024891};

int cim_encode(bool light, struct buf *to)
{
    return powershell_encode(light ? light_script : script, to);
}

/* What the lines said. */
struct script_answer {
    struct cim_clock clock;
    size_t processes;
    int64_t error;
    bool failed, done, bad, too_many;
};

static int take_process(struct slice rest, struct snapshot *snapshot, struct script_answer *answer)
{
    struct slice pid;
    struct slice parent;
    struct slice created;
    uint64_t pid_number = 0;
    uint64_t parent_number = 0;
    int64_t created_ms = 0;
    if (!slice_token(&rest, &pid) || !slice_token(&rest, &parent) ||
        !slice_token(&rest, &created) || !str_u64(pid, UINT32_MAX, &pid_number) ||
        !str_u64(parent, UINT32_MAX, &parent_number) ||
        (!slice_eq(created, "-") && !powershell_utc(created, &created_ms))) {
        answer->bad = true;
        return 0;
    }
    if (answer->processes++ >= FIELD_ROWS_MAX) {
        answer->too_many = true;
        return 0;
    }
    struct process *process = snapshot_add_process(snapshot);
    if (process == NULL) {
        return -1;
    }
    process->pid = (int64_t)pid_number;
    process->parent = (int64_t)parent_number;
    process->created_ms = created_ms;
    process->name = field_copy(&snapshot->arena, slice_trim(rest));
    return process->name == NULL ? -1 : 0;
}

static int take_line(struct slice line, struct snapshot *snapshot, struct script_answer *answer)
{
    struct slice word;
    if (!slice_token(&line, &word)) {
        return 0;
    }
    struct slice rest = slice_trim(line);
    const struct {
        const char *word;
        int64_t *to;
    } times[] = {{"now", &answer->clock.now_ms},
                 {"local", &answer->clock.local_ms},
                 {"boot", &answer->clock.boot_ms}};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        if (slice_eq(word, times[i].word)) {
            answer->bad = !powershell_utc(rest, times[i].to) || answer->bad;
            return 0;
        }
    }
    if (slice_eq(word, "process")) {
        return take_process(rest, snapshot, answer);
    }
    if (slice_eq(word, "error")) {
        answer->failed = true;
        answer->bad = !str_i64(rest, &answer->error) || answer->bad;
    }
    answer->done = answer->done || slice_eq(word, "done");
    return 0;
}

static struct reading judge_failure(int64_t error)
{
    for (size_t i = 0; i < sizeof(denied_codes) / sizeof(denied_codes[0]); i++) {
        if (error == denied_codes[i]) {
            return (struct reading){OUTCOME_DENIED, error, "CIM refuses this account"};
        }
    }
    return (struct reading){OUTCOME_FAILED, error, "CIM failed"};
}

/* Without a word of ours: PowerShell itself did not run the script to its end. */
static struct reading judge_silence(int64_t status)
{
    return status == 0
               ? (struct reading){OUTCOME_PARTIAL, 0, "the CIM answer cannot be read"}
               : (struct reading){OUTCOME_FAILED, status, "PowerShell did not run our script"};
}

static struct reading judge_boot(const struct script_answer *answer, int64_t status)
{
    const struct cim_clock *clock = &answer->clock;
    if (clock->now_ms != 0 && clock->local_ms != 0 && clock->boot_ms != 0) {
        return reading_complete;
    }
    return answer->failed ? judge_failure(answer->error) : judge_silence(status);
}

static struct reading judge_processes(const struct script_answer *answer, int64_t status)
{
    if (answer->failed) {
        return judge_failure(answer->error);
    }
    if (answer->too_many) {
        return (struct reading){OUTCOME_PARTIAL, 0, "too many rows"};
    }
    if (!answer->done || answer->bad || answer->processes == 0 || status != 0) {
        return judge_silence(status);
    }
    return reading_complete;
}

int cim_parse(const struct answer_section *section, struct snapshot *snapshot,
              struct cim_answer *ret)
{
    struct script_answer answer = {0};
    struct slice rest = section->body;
    struct slice line;
    size_t before = snapshot->process_count;
    while (slice_line(&rest, &line, NULL)) {
        if (line.len <= FIELD_LINE_MAX && take_line(slice_trim(line), snapshot, &answer) != 0) {
            return -1;
        }
    }
    ret->clock = answer.clock;
    ret->boot = judge_boot(&answer, section->status);
    ret->processes = judge_processes(&answer, section->status);
    if (!section->ended) {
        ret->boot = ret->processes = (struct reading){OUTCOME_PARTIAL, 0, "the answer was cut"};
    }
    if (answer.failed) {
        snapshot->process_count = before;
    }
    return 0;
}
