/* commands: the rows of every command that is built. */
#include "command/command.h"

const struct exit_row exit_rows[] = {
    {0, "every expected endpoint is bound by its service"},
    {0, "done"},
    {1, "a problem was found"},
    {2, "wrong usage or configuration, or a history that is absent, empty, foreign, damaged or "
        "newer"},
    {3, "could not tell: partial or stale data, a service that is not settled yet, or hosts that "
        "were not read (see --unreachable); a problem beats it, it beats 0"},
    {3, "could not tell: partial data, a service that is not settled yet (see --wait-pending), or "
        "hosts that were not read (see --unreachable); a problem beats it, it beats 0"},
    {4, "a scan: every host refused the credential"},
    {5, "could not do it: input or output, a full disk, a lock, an internal error"},
    {130, "interrupted; what was done is kept"},
    {0, "all that a visit needs works"},
    {1, "the host is read, and something that a visit needs is denied or fails"},
    {3, "the host cannot be read"},
    {4, "the login failed: the host or its realm refuses the credential, or there is no ticket"},
    {130, "interrupted"},
    {0, "GO, GO WITH WARNING or GO WITH OUTAGE"},
    {1, "NO-GO"},
    {3, "CANNOT TELL, or PLANNING ONLY"},
    {0, "every server has rebooted and is proven"},
    {1, "a server has rebooted and an expected endpoint is not bound"},
    {3, "could not tell: not rebooted, not read, or not settled yet"},
};
const size_t exit_row_count = sizeof(exit_rows) / sizeof(exit_rows[0]);

/* Bits of exit_rows. */
enum {
    FINE = 1 << 0,
    DONE = 1 << 1,
    PROBLEM = 1 << 2,
    USAGE = 1 << 3,
    CANNOT_TELL = 1 << 4,
    NOT_SETTLED = 1 << 5, /* CANNOT_TELL of a scan */
    REFUSED = 1 << 6,
    FAILED = 1 << 7,
    INTERRUPTED = 1 << 8,
    WORKS = 1 << 9, /* these five of a doctor */
    GAP = 1 << 10,
    NOT_READ = 1 << 11,
    NO_LOGIN = 1 << 12,
    BROKEN_OFF = 1 << 13,
    EXAMINES = WORKS | GAP | USAGE | NOT_READ | NO_LOGIN | FAILED | BROKEN_OFF,
    GO = 1 << 14,
    NO_GO = 1 << 15,
    GO_UNKNOWN = 1 << 16,
    PROVEN = 1 << 17,
    LOST = 1 << 18,
    NOT_PROVEN = 1 << 19,
    JUDGES = FINE | PROBLEM | USAGE | CANNOT_TELL | FAILED,
    SCANS = FINE | PROBLEM | USAGE | NOT_SETTLED | REFUSED | FAILED | INTERRUPTED,
    SHOWS = DONE | USAGE | CANNOT_TELL | FAILED,
    DOES = DONE | USAGE | FAILED,
};

const struct command command_rows[COMMAND_COUNT] = {
    [COMMAND_SCAN] =
        {.id = COMMAND_SCAN,
         .name = "scan",
         .programs = IN_PVSAUDIT | IN_COLLECT,
         .run_by_collect = true,
         .arguments = "",
         .options = {OPTION_WAIT_PENDING, OPTION_ACCEPT_NEW, OPTION_CONCURRENCY, OPTION_UNREACHABLE,
                     OPTION_EXPECTATIONS, OPTION_SOURCE, OPTION_LIGHT, OPTION_RECORD, OPTION_REPLAY,
                     OPTION_NONE},
         .answers = "visit the fleet now and remember what is bound",
         .description =
             "Every host of the inventory (or of --limit) is asked once, over WinRM or SSH: "
             "endpoints with their processes, services, boot, addresses and registry. A visit that "
             "failed for a "
             "passing reason is tried once more. What was read is written to the history, and the "
             "exit code tells what was found. An open problem of a host in scope counts until a "
             "reading settles it, also where the host could not be read. Ctrl-C stops cleanly and "
             "keeps what is done. A light scan confirms or contradicts what the last full one "
             "found "
             "and touches nothing that it did not read.",
         .exit_codes = SCANS,
         .example = "pvsaudit scan -i hosts.yaml --wait-pending 10m"},
    [COMMAND_MISSING] =
        {.id = COMMAND_MISSING,
         .name = "missing",
         .programs = IN_PVSAUDIT,
         .arguments = "",
         .options = {OPTION_SINCE, OPTION_UNREACHABLE, OPTION_FORMAT, OPTION_NONE},
         .answers = "which expected endpoints are not bound now, those lost at a boot first",
         .description =
             "One row for each host and expectation: what was found, since when, how it stands, "
             "and "
             "the remedy. An open problem stays until a reading settles it, also when the host "
             "could not be read since. With --since, what was lost and has recovered is shown too. "
             "What was open of a host that the newest scan of the fleet does not have any more is "
             "said in a line of its own, for 30 days, and touches no exit code.",
         .exit_codes = JUDGES,
         .example = "pvsaudit missing --since 7d"},
    [COMMAND_STATUS] =
        {.id = COMMAND_STATUS,
         .name = "status",
         .programs = IN_PVSAUDIT,
         .arguments = "",
         .options = {OPTION_BY, OPTION_UNREACHABLE, OPTION_FORMAT, OPTION_NONE},
         .answers = "each expectation's verdict now, and how old the reading is",
         .description =
             "\"bound\" means that the service holds the socket; it does not prove that a target "
             "device reaches it. A host of the inventory (-i) that the history has never seen is "
             "unknown.",
         .exit_codes = JUDGES,
         .example = "pvsaudit status --by site"},
    [COMMAND_WHY] =
        {.id = COMMAND_WHY,
         .name = "why",
         .programs = IN_PVSAUDIT,
         .arguments = "HOST",
         .min_arguments = 1,
         .max_arguments = 1,
         .options = {OPTION_NONE},
         .answers = "what stands behind the verdicts of one host",
         .description =
             "Boot, service, process, startup type and endpoints; what the last good reading "
             "looked "
             "like; what was missing before and how it came back; what decided that an endpoint is "
             "expected here; what could not be read and which layer denied it; the remedy. Where "
             "several collectors have a HOST of one name: "
             "SOURCE:HOST.",
         .exit_codes = JUDGES,
         .example = "pvsaudit why pvs07"},
    [COMMAND_NETSTAT] =
        {.id = COMMAND_NETSTAT,
         .name = "netstat",
         .programs = IN_PVSAUDIT,
         .arguments = "HOST",
         .min_arguments = 1,
         .max_arguments = 1,
         .options = {OPTION_AT, OPTION_NONE},
         .answers = "the endpoints of one host as they were, in netstat's own shape",
         .description =
             "UDP sockets and TCP listeners with process, executable and service, by the "
             "newest visit that was read, or by the newest before --at. HOST is as in why.",
         .exit_codes = SHOWS,
         .example = "pvsaudit netstat pvs07 --at yesterday"},
    [COMMAND_HISTORY] =
        {.id = COMMAND_HISTORY,
         .name = "history",
         .programs = IN_PVSAUDIT,
         .arguments = "HOST",
         .min_arguments = 1,
         .max_arguments = 1,
         .options = {OPTION_FROM, OPTION_TO, OPTION_NONE},
         .answers = "everything that happened to one host, in order",
         .description =
             "Its boots and builds, what each expectation was found to be and how long that was "
             "confirmed, findings and their ends, and the visits that were not read. HOST is as in "
             "why.",
         .exit_codes = SHOWS,
         .example = "pvsaudit history pvs07 --from 30d"},
    [COMMAND_DIFF] =
        {.id = COMMAND_DIFF,
         .name = "diff",
         .programs = IN_PVSAUDIT,
         .arguments = "HOST [T1 [T2]]",
         .min_arguments = 1,
         .max_arguments = 3,
         .options = {OPTION_NONE},
         .answers = "what is another on one host at two times: bindings, services, settings",
         .description =
             "The newest full reading at T2 (or of all) beside the newest at T1, or without T1 "
             "beside the one before it. Ports that the system hands out, and pids, are not "
             "compared; what one of the two readings could not tell is said, and is no "
             "difference. HOST is as in why.",
         .exit_codes = SHOWS,
         .example = "pvsaudit diff pvs07 yesterday"},
    [COMMAND_COMPARE] =
        {.id = COMMAND_COMPARE,
         .name = "compare",
         .programs = IN_PVSAUDIT,
         .arguments = "HOST",
         .min_arguments = 1,
         .max_arguments = 1,
         .options = {OPTION_WITH, OPTION_NONE},
         .answers = "what is another on one host than on its siblings",
         .description =
             "OS and product build, services with their startup type, account and executable, "
             "ports, registry values and boot files, each beside what most of the others have; "
             "with -v also what is the same. What nobody could read is no difference. HOST is as "
             "in why.",
         .exit_codes = SHOWS,
         .example = "pvsaudit compare pvs07 --with frankfurt"},
    [COMMAND_BOOTS] =
        {.id = COMMAND_BOOTS,
         .name = "boots",
         .programs = IN_PVSAUDIT,
         .arguments = "",
         .options = {OPTION_BY, OPTION_FROM, OPTION_TO, OPTION_NONE},
         .answers = "what the boots came to: does delayed start work here?",
         .description =
             "A boot counts by its first decisive reading: the port was bound, or lost (not-bound, "
             "port-in-use, wrong-address or stopped, though it was expected). The rate has its "
             "Wilson interval of 95 %. What was restarted by hand before anybody looked is "
             "suspect, and in no rate; nor is a boot that no reading decided, or whose time is not "
             "known. Below 20 boots no sentence is said. Then the near misses: services that "
             "started soonest after their boot, where the times are known.",
         .exit_codes = SHOWS,
         .example = "pvsaudit boots --by build --from 90d"},
    [COMMAND_DRIFT] =
        {.id = COMMAND_DRIFT,
         .name = "drift",
         .programs = IN_PVSAUDIT,
         .arguments = "[OLD-BUILD NEW-BUILD]",
         .max_arguments = 2,
         .options = {OPTION_FROM, OPTION_TO, OPTION_NONE},
         .answers = "which settings changed on which hosts, and the first bad boot after each",
         .description =
             "Startup type, account and executable of services, registry values, AutoStartDelay "
             "and builds, as readings showed them between two times (default: the last 30 days), "
             "or from the last reading of one build of the product to the first of another.",
         .exit_codes = SHOWS,
         .example = "pvsaudit drift --from 2026-11-01 --to 2026-11-30"},
    [COMMAND_SCANS] =
        {.id = COMMAND_SCANS,
         .name = "scans",
         .programs = IN_PVSAUDIT,
         .arguments = "",
         .options = {OPTION_FROM, OPTION_TO, OPTION_NONE},
         .answers = "the runs: when, of what, how they ended, how many hosts were read",
         .description = "Those that began between two times (default: the last 30 days), those of "
                        "ingest among them. --limit does not apply.",
         .exit_codes = SHOWS,
         .example = "pvsaudit scans --from 7d"},
    [COMMAND_COVERAGE] =
        {.id = COMMAND_COVERAGE,
         .name = "coverage",
         .programs = IN_PVSAUDIT,
         .arguments = "",
         .options = {OPTION_FROM, OPTION_TO, OPTION_UNREACHABLE, OPTION_NONE},
         .answers = "whether every host in scope was read on every night, and each gap",
         .description =
             "A night goes from noon to noon by the host's own zone, and is meant by the day on "
             "which it begins; those that began between two times count (default: the last 7 "
             "days). In scope is what the newest scan of the whole fleet was to visit. A host was "
             "read where a visit brought all of its UDP sockets.",
         .exit_codes = JUDGES,
         .example = "pvsaudit coverage --from 2026-11-01 --to 2026-11-30"},
    [COMMAND_GATE] =
        {.id = COMMAND_GATE,
         .name = "gate",
         .programs = IN_PVSAUDIT | IN_COLLECT,
         .arguments = "[HOST...]",
         .max_arguments =
             1000,
         .options = {OPTION_HOLD, OPTION_CHANGE, OPTION_UNTIL, OPTION_OVERRIDE, OPTION_MAX_AGE,
                     OPTION_CACHED, OPTION_PLAN, OPTION_ACCEPT_NEW, OPTION_CONCURRENCY,
                     OPTION_EXPECTATIONS, OPTION_SOURCE, OPTION_NONE},
         .answers = "before: whether servers may be taken down now",
         .description =
             "GO, GO WITH WARNING, NO-GO or CANNOT TELL. Every boot path that names a HOST "
             "(pvsaudit_boot_paths of the inventory; without one, the servers of its site) is "
             "judged stage by stage: PXE, TFTP, login. A responder that is left counts where it is "
             "of the same farm, read now in its current boot, bound, and not held. At least the "
             "path's min: GO; fewer: GO WITH WARNING; none: NO-GO, or CANNOT TELL where one could "
             "not be read. Nothing checked is CANNOT TELL. Several HOSTs are taken down together. "
             "What was not checked stands below every answer.",
         .exit_codes = GO | NO_GO | USAGE | GO_UNKNOWN | FAILED | INTERRUPTED,
         .example = "pvsaudit gate pvs07 -i hosts.yaml --hold --change CHG0042 --until 4h"},
    [COMMAND_VERIFY] =
        {.id = COMMAND_VERIFY,
         .name = "verify",
         .programs = IN_PVSAUDIT | IN_COLLECT,
         .arguments = "",
         .options = {OPTION_SINCE, OPTION_CHANGE, OPTION_NO_WAIT, OPTION_DEADLINE, OPTION_STABLE,
                     OPTION_ACCEPT_NEW, OPTION_CONCURRENCY, OPTION_EXPECTATIONS, OPTION_SOURCE,
                     OPTION_NONE},
         .answers = "after: which servers have rebooted since T and are proven",
         .description =
             "The servers of --limit, or those that --change holds, are visited until all have "
             "rebooted since T and were bound for the time of --stable, or until the deadline. The "
             "board tells those that are proven, those that lost a port in the change from those "
             "that were not bound before it, those that somebody repaired, and those that have not "
             "rebooted or were not read. A server that is proven is released from its holds.",
         .exit_codes = PROVEN | LOST | USAGE | NOT_PROVEN | FAILED | INTERRUPTED,
         .example = "pvsaudit verify --since 2h -i hosts.yaml -l emea"},
    [COMMAND_DECISIONS] =
        {.id = COMMAND_DECISIONS,
         .name = "decisions",
         .programs = IN_PVSAUDIT,
         .arguments = "",
         .options = {OPTION_FROM, OPTION_TO, OPTION_CHANGE, OPTION_NONE},
         .answers = "who was told what by gate and verify, when, and on which readings",
         .description = "Every answer of gate and verify, every hold, release and override, the "
                        "newest last.",
         .exit_codes = DONE | USAGE | FAILED,
         .example = "pvsaudit decisions --from 30d --change CHG0042"},
    [COMMAND_HOSTS_CHECK] =
        {.id = COMMAND_HOSTS_CHECK,
         .name = "hosts",
         .verb = "check",
         .programs = IN_PVSAUDIT,
         .arguments = "",
         .options = {OPTION_EXPECTATIONS, OPTION_NONE},
         .answers = "whether the inventory is right, and how many hosts it has",
         .description = "Counts by site, transport and operating system, and every warning with "
                        "file, line and column. Where a history is there, boot paths are drafted "
                        "for the sites that have none.",
         .exit_codes = DOES,
         .example = "pvsaudit hosts check -i hosts.yaml"},
    [COMMAND_HOSTS_LIST] =
        {.id = COMMAND_HOSTS_LIST,
         .name = "hosts",
         .verb = "list",
         .programs = IN_PVSAUDIT,
         .arguments = "",
         .options = {OPTION_EXPECTATIONS, OPTION_NONE},
         .answers = "the hosts of the inventory, or without one of the history",
         .description =
             "How each host is reached and what it belongs to; of a history, when it was "
             "last read.",
         .exit_codes = DOES,
         .example = "pvsaudit hosts list -i hosts.yaml -l 'emea,!pvs03'"},
    [COMMAND_HOSTS_ORIGIN] =
        {.id = COMMAND_HOSTS_ORIGIN,
         .name = "hosts",
         .verb = "origin",
         .programs = IN_PVSAUDIT,
         .arguments = "HOST [KEY]",
         .min_arguments = 1,
         .max_arguments = 2,
         .options = {OPTION_EXPECTATIONS, OPTION_NONE},
         .answers = "where each value of a host comes from",
         .description = "File, line and group of every effective value, and what it overrides.",
         .exit_codes = DOES,
         .example = "pvsaudit hosts origin pvs07 pvsaudit_site -i hosts.yaml"},
    [COMMAND_HOSTS_IMPORT] =
        {.id = COMMAND_HOSTS_IMPORT,
         .name = "hosts",
         .verb = "import",
         .programs = IN_PVSAUDIT,
         .arguments = "FILE",
         .min_arguments = 1,
         .max_arguments = 1,
         .options = {OPTION_EXPECTATIONS, OPTION_NONE},
         .answers = "an inventory, from what Ansible or the farm itself lists",
         .description =
             "FILE is what `ansible-inventory --list` prints, or a CSV file as for --against; - is "
             "standard input. The inventory goes to standard output: hosts with the variables that "
             "pvsaudit reads, and groups. A secret, a template or a wrong value is left out, and a "
             "comment says so.",
         .exit_codes = DOES,
         .example = "ansible-inventory -i prod --list | pvsaudit hosts import - > hosts.yaml"},
    [COMMAND_HOSTS_RETIRE] =
        {.id = COMMAND_HOSTS_RETIRE,
         .name = "hosts",
         .verb = "retire",
         .programs = IN_PVSAUDIT | IN_COLLECT,
         .run_by_collect = true,
         .arguments = "HOST...",
         .min_arguments = 1,
         .max_arguments = 10000,
         .options = {OPTION_UNDO, OPTION_NONE},
         .answers = "take hosts out of every count, and keep their history",
         .description =
             "From now on they are listed as retired and touch no exit code, until they are "
             "visited "
             "again. HOST is NAME, SOURCE:NAME, or a pattern of either with * and ?: what a "
             "collector left behind that has another name now is local:*. For servers that are "
             "gone from the inventory or from the history of another collector; one that stays in "
             "the inventory says pvsaudit_state: retired there.",
         .exit_codes = DOES,
         .example = "pvsaudit hosts retire pvs07 'local:pvs4?'"},
    [COMMAND_HOSTS_RENAME] =
        {.id = COMMAND_HOSTS_RENAME,
         .name = "hosts",
         .verb = "rename",
         .programs = IN_PVSAUDIT | IN_COLLECT,
         .run_by_collect = true,
         .arguments = "OLD NEW",
         .min_arguments = 2,
         .max_arguments = 2,
         .options = {OPTION_NONE},
         .answers = "give a host of the history the name that it has now",
         .description =
             "OLD is NAME or SOURCE:NAME; NEW is a name of the same source. Where NEW was visited "
             "already, both must be one machine by its id, and their histories become one: nothing "
             "is lost, and what was concluded is concluded anew. hosts check proposes it. No scan "
             "may run meanwhile.",
         .exit_codes = DOES,
         .example = "pvsaudit hosts rename pvs7 pvs07"},
    [COMMAND_HOSTS_AGAINST] =
        {.id = COMMAND_HOSTS_AGAINST,
         .name = "hosts",
         .programs = IN_PVSAUDIT,
         .arguments = "--against FILE",
         .options = {OPTION_AGAINST, OPTION_EXPECTATIONS, OPTION_NONE},
         .answers = "which servers the farm knows and the inventory does not, and the other way",
         .description =
             "FILE is what `Get-PvsServer | Export-Csv FILE` writes (UTF-8 or UTF-16, separated by "
             "commas, semicolons or tabs), any CSV file with a column ServerName, Name or "
             "ComputerName, or a list of names. Names are compared without regard to case, a full "
             "name with a short one by its first part. A server under another name is found by its "
             "address, or by the computer name that the history read. Without an inventory (-i) "
             "the hosts are those of the history.",
         .exit_codes = DONE | PROBLEM | USAGE | FAILED,
         .example = "pvsaudit hosts --against servers.csv -i hosts.yaml"},
    [COMMAND_SQL] =
        {.id = COMMAND_SQL,
         .name = "sql",
         .programs = IN_PVSAUDIT,
         .arguments = "[STATEMENTS]",
         .max_arguments = 1,
         .options = {OPTION_PARAM, OPTION_TIMEOUT, OPTION_MAX_ROWS, OPTION_NONE},
         .answers = "a question of your own, in SQL",
         .description =
             "Read-only: whatever writes, attaches, loads or changes a setting is refused, and "
             "time, memory and rows have limits. Without STATEMENTS they come from standard input, "
             "or on a terminal from a prompt with a history and completion (TAB). .tables lists "
             "what can be asked, .schema NAME its columns. Views: scans, visits, boots, "
             "boot_outcome, lost_after_reboot, binding_now, timeline; and binding_at(HOST, TIME), "
             "the endpoints as they were. With --json each statement's answer is an object of its "
             "own.",
         .exit_codes = SHOWS | INTERRUPTED,
         .example =
             "pvsaudit sql \"SELECT host, last_good, first_bad FROM lost_after_reboot WHERE "
             "state = 'missing'\"\n"
             "  pvsaudit sql -p port=67 \"SELECT host, local_address, image FROM binding_now "
             "WHERE local_port = :port\" --csv\n"
             "  pvsaudit sql \"SELECT * FROM binding_at('pvs07', '2026-11-22T22:00:00Z') WHERE "
             "proto = 'udp'\"\n"
             "  pvsaudit sql --ndjson < questions.sql"},
    [COMMAND_DB_EXPORT] =
        {.id = COMMAND_DB_EXPORT,
         .name = "db",
         .verb = "export",
         .programs = IN_PVSAUDIT,
         .arguments = "[HOST]",
         .max_arguments = 1,
         .options = {OPTION_FROM, OPTION_TO, OPTION_NONE},
         .answers = "every visit of the history as one line of JSON",
         .description = "What pvsaudit-collect ingest reads, so that a history can be carried to "
                        "another machine.",
         .exit_codes = DOES,
         .example = "pvsaudit db export --from 7d > visits.ndjson"},
    [COMMAND_DOCTOR] =
        {.id = COMMAND_DOCTOR,
         .name = "doctor",
         .programs = IN_PVSAUDIT | IN_COLLECT,
         .run_by_collect = true,
         .arguments = "HOST",
         .min_arguments = 1,
         .max_arguments = 1,
         .options = {OPTION_EXPECTATIONS, OPTION_NONE},
         .answers = "what stands between us and one host, step by step, and the cure",
         .description =
             "One visit, made as a scan makes it and watched: name, connection, certificate or "
             "host key, what is offered, clock, login, sealing, each WMI class or command with "
             "its rights, and what a visit sees and costs. Each step is ok, failed, denied, "
             "skipped or not-reached, and each that failed has its remedy. The exit code is 0 "
             "where a visit has all that it needs (a right that it can do without is told all the "
             "same), 1 where something that it needs is denied or fails, 3 where the host cannot "
             "be read, and 4 where the login failed. There is one login, nothing is tried again, "
             "and nothing is written to the history.",
         .exit_codes = EXAMINES,
         .example = "pvsaudit doctor pvs07 -i hosts.yaml"},
    [COMMAND_DEMO] =
        {.id = COMMAND_DEMO,
         .name = "demo",
         .programs = IN_PVSAUDIT | IN_COLLECT,
         .run_by_collect = true,
         .arguments = "",
         .options = {OPTION_DIR, OPTION_KEEP, OPTION_NONE},
         .answers = "the whole story on simulated servers of this machine",
         .description =
             "Starts a farm of simulated servers on 127.0.0.0/8, scans it, reboots one server into "
             "the failure (the service runs, its port is not bound), scans again and shows what is "
             "found.",
         .exit_codes = DOES | INTERRUPTED,
         .example = "pvsaudit demo --dir /tmp/pvsaudit-demo"},
    [COMMAND_INGEST] =
        {.id = COMMAND_INGEST,
         .name = "ingest",
         .programs = IN_COLLECT,
         .arguments = "FILE",
         .min_arguments = 1,
         .max_arguments = 1,
         .options = {OPTION_EXPECTATIONS, OPTION_SOURCE, OPTION_NONE},
         .answers = "feed visits from a file of JSON lines into the history",
         .description = "What pvsaudit db export writes, or any program that keeps to "
                        "docs/schema/snapshot.schema.json; - is standard input. A visit that the "
                        "history has already changes nothing.",
         .exit_codes = DOES | INTERRUPTED,
         .example = "pvsaudit-collect ingest visits.ndjson --db history.db"},
    [COMMAND_PARSE] =
        {.id = COMMAND_PARSE,
         .name = "parse",
         .programs = IN_COLLECT,
         .arguments = "FORM FILE",
         .min_arguments = 2,
         .max_arguments = 2,
         .options = {OPTION_NONE},
         .answers = "what one parser makes of a file, without a host or a history",
         .description = "FORM is netstat, sc, ss, reg or answer (everything that one visit got); - "
                        "is standard input.",
         .exit_codes = SHOWS,
         .example = "pvsaudit-collect parse netstat netstat.txt --json"},
    [COMMAND_HELP] = {.id = COMMAND_HELP,
                      .name = "help",
                      .programs = IN_PVSAUDIT | IN_COLLECT,
                      .arguments = "[COMMAND [VERB]]",
                      .max_arguments = 2,
                      .options = {OPTION_MAN, OPTION_COMPLETION, OPTION_NONE},
                      .answers = "what a command answers, its options and its exit codes",
                      .description = "The same text as COMMAND --help.",
                      .exit_codes = DONE | USAGE,
                      .example = "pvsaudit help missing"},
    [COMMAND_VERSION] = {.id = COMMAND_VERSION,
                         .name = "version",
                         .programs = IN_PVSAUDIT | IN_COLLECT,
                         .arguments = "",
                         .options = {OPTION_NONE},
                         .answers = "name and version of the program",
                         .description = "The same text as --version.",
                         .exit_codes = DONE | USAGE,
                         .example = "pvsaudit version"},
};

const char *program_name(enum program program)
{
    return program == PROGRAM_COLLECT ? "pvsaudit-collect" : "pvsaudit";
}

bool command_in(const struct command *command, enum program program)
{
    return (command->programs & (program == PROGRAM_COLLECT ? IN_COLLECT : IN_PVSAUDIT)) != 0;
}

bool command_takes(const struct command *command, enum option_id option)
{
    if (option_is_global(option)) {
        return true;
    }
    for (size_t i = 0; command->options[i] != OPTION_NONE; i++) {
        if (command->options[i] == option) {
            return true;
        }
    }
    return false;
}
