/* options: the rows of every option, the global ones first. */
#include "command/command.h"

const struct command_option option_rows[OPTION_COUNT] = {
    [OPTION_DB] = {.name = "db",
                   .kind = OPTION_KIND_TEXT,
                   .value = "FILE",
                   .help = "the history (else $PVSAUDIT_DB, the settings, "
                           "$XDG_DATA_HOME/pvsaudit/history.db, or for root "
                           "/var/lib/pvsaudit/history.db)"},
    [OPTION_INVENTORY] = {.name = "inventory",
                          .letter = 'i',
                          .kind = OPTION_KIND_TEXT,
                          .value = "FILE",
                          .help = "the hosts, in Ansible's YAML form; - is standard input"},
    [OPTION_LIMIT] = {.name = "limit",
                      .letter = 'l',
                      .kind = OPTION_KIND_TEXT,
                      .value = "PATTERN",
                      .help = "only these hosts and groups: names, globs, ranges, separated by "
                              "commas; ! excludes, & requires; without an inventory: globs of "
                              "hosts, sites and farms"},
    [OPTION_CONFIG] = {.name = "config",
                       .kind = OPTION_KIND_TEXT,
                       .value = "FILE",
                       .help = "the settings (else $XDG_CONFIG_HOME/pvsaudit/settings.yaml, else "
                               "/etc/pvsaudit/settings.yaml)"},
    [OPTION_JSON] = {.name = "json",
                     .kind = OPTION_KIND_FLAG,
                     .help = "one JSON object with as_of, last_complete_scan, coverage and rows"},
    [OPTION_NDJSON] = {.name = "ndjson",
                       .kind = OPTION_KIND_FLAG,
                       .help = "one JSON object a row, one a line"},
    [OPTION_CSV] = {.name = "csv",
                    .kind = OPTION_KIND_FLAG,
                    .help = "comma-separated values, with a line of names (RFC 4180)"},
    [OPTION_COLOR] = {.name = "color",
                      .kind = OPTION_KIND_CHOICE,
                      .value = "WHEN",
                      .choices = {"auto", "always", "never"},
                      .help =
                          "colour, which only adds to words; auto: on a terminal where NO_COLOR "
                          "is not set"},
    [OPTION_AS_OF] = {.name = "as-of",
                      .kind = OPTION_KIND_WHEN,
                      .value = "T",
                      .help =
                          "of a question: what was known at T; of a scan: shift the clock to T, "
                          "which is recorded. A T without a zone, here and elsewhere, is in this "
                          "process's own zone (TZ)"},
    [OPTION_VERBOSE] = {.name = "verbose",
                        .letter = 'v',
                        .kind = OPTION_KIND_FLAG,
                        .help = "say more on standard error; twice: everything"},
    [OPTION_QUIET] = {.name = "quiet",
                      .letter = 'q',
                      .kind = OPTION_KIND_FLAG,
                      .help = "no progress, and only errors on standard error"},
    [OPTION_HELP] = {.name = "help",
                     .letter = 'h',
                     .kind = OPTION_KIND_FLAG,
                     .help = "this text; after a command, the text of that command"},
    [OPTION_VERSION] = {.name = "version",
                        .kind = OPTION_KIND_FLAG,
                        .help = "name and version of the program"},
    [OPTION_FORMAT] = {.name = "format",
                       .kind = OPTION_KIND_CHOICE,
                       .value = "NAME",
                       .choices = {"nagios"},
                       .help = "nagios: one line and the exit codes of a monitoring plugin"},
    [OPTION_UNREACHABLE] = {.name = "unreachable",
                            .kind = OPTION_KIND_CHOICE,
                            .value = "HOW",
                            .choices = {"fail", "warn", "ignore"},
                            .help =
                                "what hosts that were not read amount to: exit code 1, 3 (warn, "
                                "the default) or nothing"},
    [OPTION_SINCE] = {.name = "since",
                      .kind = OPTION_KIND_WHEN,
                      .value = "T",
                      .help =
                          "also what was lost since T and has recovered; a T without a zone is in "
                          "this process's own (TZ)"},
    [OPTION_BY] = {.name = "by",
                   .kind = OPTION_KIND_CHOICE,
                   .value = "WHAT",
                   .choices = {"site", "startup", "os", "build", "window", "boot"},
                   .help = "of status: site, one line a site with its counts; of boots: what they "
                           "have in common, startup (the default: the startup type), site, os, "
                           "build (of the product), window (of maintenance), or boot: one line "
                           "each"},
    [OPTION_WITH] = {.name = "with",
                     .kind = OPTION_KIND_TEXT,
                     .value = "WHOM",
                     .help = "a host, or a site (default: the host's own)"},
    [OPTION_AT] = {.name = "at",
                   .kind = OPTION_KIND_WHEN,
                   .value = "T",
                   .help =
                       "as they were at T, by the newest visit before it; a T without a zone is in "
                       "this process's own (TZ), not in the host's"},
    [OPTION_FROM] = {.name = "from",
                     .kind = OPTION_KIND_WHEN,
                     .value = "T",
                     .help = "only what was at T or later"},
    [OPTION_TO] = {.name = "to",
                   .kind = OPTION_KIND_WHEN,
                   .value = "T",
                   .help = "only what was at T or earlier"},
    [OPTION_WAIT_PENDING] = {.name = "wait-pending",
                             .kind = OPTION_KIND_DURATION,
                             .value = "D",
                             .help =
                                 "visit hosts that are still starting again within the run, every "
                                 "15 s and for the last time after D (default 0: not again)"},
    [OPTION_ACCEPT_NEW] = {.name = "accept-new",
                           .kind = OPTION_KIND_FLAG,
                           .help = "pin host keys that are not known yet; a changed one is never "
                                   "accepted"},
    [OPTION_CONCURRENCY] = {.name = "concurrency",
                            .kind = OPTION_KIND_COUNT,
                            .value = "N",
                            .help = "at most N hosts at a time (default 500)"},
    [OPTION_EXPECTATIONS] = {.name = "expectations",
                             .kind = OPTION_KIND_TEXT,
                             .value = "FILE",
                             .repeatable = true,
                             .help =
                                 "a file of your own expectations, besides those that come with "
                                 "the program; may be repeated"},
    [OPTION_SOURCE] = {.name = "source",
                       .kind = OPTION_KIND_TEXT,
                       .value = "NAME",
                       .help = "this collector's name in the history (default local)"},
    [OPTION_LIGHT] = {.name = "light",
                      .kind = OPTION_KIND_FLAG,
                      .help = "ask for boot, watched services and watched UDP ports only: cheap "
                              "enough to be run every few minutes between full scans"},
    [OPTION_RECORD] = {.name = "record",
                       .kind = OPTION_KIND_TEXT,
                       .value = "DIR",
                       .help = "write down what each host was asked and answered, without secrets: "
                               "one file a visit in this new folder"},
    [OPTION_REPLAY] = {.name = "replay",
                       .kind = OPTION_KIND_TEXT,
                       .value = "DIR",
                       .help = "ask no host: play the recordings of this folder, at the time they "
                               "are of"},
    [OPTION_MAX_AGE] = {.name = "max-age",
                        .kind = OPTION_KIND_DURATION,
                        .value = "D",
                        .help = "a server whose newest reading is not older than D is not visited "
                                "again (default: every one is read now)"},
    [OPTION_CACHED] = {.name = "cached",
                       .kind = OPTION_KIND_FLAG,
                       .help = "visit nobody and plan from old readings: PLANNING ONLY, never a "
                               "GO"},
    [OPTION_HOLD] = {.name = "hold",
                     .kind = OPTION_KIND_FLAG,
                     .help = "where the answer is a GO, claim the servers for --change until "
                             "--until: nobody else's gate counts on them"},
    [OPTION_CHANGE] = {.name = "change",
                       .kind = OPTION_KIND_TEXT,
                       .value = "CHG",
                       .help = "the change that this is asked for, as the history keeps it"},
    [OPTION_UNTIL] = {.name = "until",
                      .kind = OPTION_KIND_WHEN,
                      .value = "T",
                      .help = "when the hold ends by itself: a time, or a duration from now such "
                              "as 4h"},
    [OPTION_OVERRIDE] = {.name = "override",
                         .kind = OPTION_KIND_TEXT,
                         .value = "REASON",
                         .help = "turn NO-GO and CANNOT TELL into GO WITH OUTAGE; the reason is "
                                 "recorded"},
    [OPTION_PLAN] = {.name = "plan",
                     .kind = OPTION_KIND_FLAG,
                     .help = "split the servers of --limit into waves, each of which may be taken "
                             "down at once"},
    [OPTION_NO_WAIT] = {.name = "no-wait",
                        .kind = OPTION_KIND_FLAG,
                        .help = "visit once and print the board as it is"},
    [OPTION_DEADLINE] = {.name = "deadline",
                         .kind = OPTION_KIND_DURATION,
                         .value = "D",
                         .help = "stop waiting after D (default 60m)"},
    [OPTION_STABLE] = {.name = "stable",
                       .kind = OPTION_KIND_DURATION,
                       .value = "D",
                       .help = "a server is proven once it was bound for D (default 5m)"},
    [OPTION_DIR] = {.name = "dir",
                    .kind = OPTION_KIND_TEXT,
                    .value = "DIR",
                    .help = "where to leave the inventory, the keys and the history (default "
                            "pvsaudit-demo)"},
    [OPTION_KEEP] = {.name = "keep",
                     .kind = OPTION_KIND_FLAG,
                     .help = "leave the simulated servers running until Ctrl-C"},
    [OPTION_AGAINST] = {.name = "against",
                        .kind = OPTION_KIND_TEXT,
                        .value = "FILE",
                        .help = "a CSV file with the farm's own list of its servers; - is standard "
                                "input"},
    [OPTION_UNDO] = {.name = "undo",
                     .kind = OPTION_KIND_FLAG,
                     .help = "take it back: the hosts are not retired any more"},
    [OPTION_PARAM] = {.name = "param",
                      .letter = 'p',
                      .kind = OPTION_KIND_TEXT,
                      .value = "NAME=VALUE",
                      .repeatable = true,
                      .help =
                          "the value of the parameter :NAME; a whole number, a real or a text by "
                          "its look, or as NAME:TYPE=VALUE says (integer, real, text); may be "
                          "repeated"},
    [OPTION_TIMEOUT] = {.name = "timeout",
                        .kind = OPTION_KIND_DURATION,
                        .value = "D",
                        .help = "stop a statement that has worked for D (default 60s)"},
    [OPTION_MAX_ROWS] = {.name = "max-rows",
                         .kind = OPTION_KIND_COUNT,
                         .value = "N",
                         .help = "fail after N rows of a statement (default 1000000)"},
    [OPTION_MAN] = {.name = "man",
                    .kind = OPTION_KIND_FLAG,
                    .help = "the manual page of the command, in man(7) form"},
    [OPTION_COMPLETION] = {.name = "completion",
                           .kind = OPTION_KIND_CHOICE,
                           .value = "SHELL",
                           .choices = {"bash"},
                           .help = "the script that completes command lines in this shell"},
};

bool option_is_global(enum option_id option)
{
    return option <= OPTION_VERSION;
}
