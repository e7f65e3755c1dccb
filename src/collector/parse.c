/* parse: runs one pure parser on a file and prints what it makes of it. */
#include "collector/parse.h"

#include "collector/input.h"
#include "collector/probe/linux/ss.h"
#include "collector/probe/windows/netstat.h"
#include "collector/probe/windows/reg.h"
#include "collector/probe/windows/sc.h"
#include "collector/probe/wmi/wmi_rows.h"
#include "collector/probes.h"
#include "collector/transport/winrm/seal.h"
#include "collector/transport/wsman/wsman_fault.h"
#include "core/arena.h"
#include "out/snapshot_json.h"

#include <stdlib.h>
#include <string.h>

enum { PARSE_MAX = 128 * 1024 * 1024, CELLS_MAX = 8 };

struct parse {
    struct arena arena;
    struct slice bytes;
    struct answer *answer;
    const struct expectation_set *expectations;
    bool complete;
};

static struct answer_cell text_cell(struct parse *parse, struct slice text)
{
    return answer_text(text.len == 0 ? NULL : arena_strndup(&parse->arena, text.data, text.len));
}

static int parse_netstat(struct parse *parse, struct err *err)
{
    struct netstat netstat = {.rest = parse->bytes};
    struct netstat_row row;
    size_t rows = 0;
    parse->complete = true;
    for (;;) {
        enum netstat_line line = netstat_next(&netstat, &row);
        if (line == NETSTAT_END) {
            break;
        }
        if (line == NETSTAT_BAD) {
            parse->complete = false;
        }
        if (line != NETSTAT_ROW) {
            continue;
        }
        rows++;
        const struct answer_cell cells[] = {
            text_cell(parse, row.word),         text_cell(parse, row.local_address),
            text_cell(parse, row.local_port),   text_cell(parse, row.foreign_address),
            text_cell(parse, row.foreign_port), text_cell(parse, row.state),
            answer_number((int64_t)row.pid),
        };
        if (answer_row(parse->answer, cells, MARK_NONE, err) != 0) {
            return -1;
        }
        arena_done(&parse->arena);
    }
    parse->complete = parse->complete && rows > 0;
    return 0;
}

static int parse_ss(struct parse *parse, struct err *err)
{
    struct slice rest = parse->bytes;
    struct ss_row row;
    parse->complete = true;
    for (enum ss_line line = ss_next(&rest, &row); line != SS_END; line = ss_next(&rest, &row)) {
        if (line == SS_BAD) {
            parse->complete = false;
            continue;
        }
        const struct answer_cell cells[] = {
            text_cell(parse, row.state),        text_cell(parse, row.local_address),
            text_cell(parse, row.local_port),   text_cell(parse, row.foreign_address),
            text_cell(parse, row.foreign_port), text_cell(parse, row.owners),
        };
        if (answer_row(parse->answer, cells, MARK_NONE, err) != 0) {
            return -1;
        }
        arena_done(&parse->arena);
    }
    return 0;
}

static int parse_reg(struct parse *parse, struct err *err)
{
    struct slice rest = parse->bytes;
    struct reg_row row = {.key = {NULL, 0}};
    parse->complete = true;
    for (enum reg_line line = reg_next(&rest, &row); line != REG_END;
         line = reg_next(&rest, &row)) {
        parse->complete = parse->complete && line != REG_BAD;
        if (line != REG_VALUE) {
            continue;
        }
        const struct answer_cell cells[] = {
            text_cell(parse, row.key),
            text_cell(parse, row.name),
            text_cell(parse, row.type),
            text_cell(parse, row.data),
            row.is_number ? answer_number((int64_t)row.number) : answer_none(),
        };
        if (answer_row(parse->answer, cells, MARK_NONE, err) != 0) {
            return -1;
        }
        arena_done(&parse->arena);
    }
    return 0;
}

/* queryex or qc: whichever the bytes are. */
static int parse_sc(struct parse *parse, struct err *err)
{
    struct sc_query query;
    struct sc_config config;
    enum sc_answer found = sc_parse_query(parse->bytes, &query);
    if (found == SC_FOUND) {
        const struct answer_cell cells[] = {
            text_cell(parse, query.name),
            answer_text(service_state_name(query.state)),
            answer_number(query.pid),
            answer_number(query.exit_code),
            answer_none(),
            answer_none(),
            answer_none(),
            answer_none(),
        };
        parse->complete = true;
        return answer_row(parse->answer, cells, MARK_NONE, err);
    }
    found = sc_parse_config(parse->bytes, &config);
    parse->complete = found != SC_BAD;
    if (found == SC_BAD) {
        return 0;
    }
    bool refused = found == SC_REFUSED;
    const struct answer_cell cells[] = {
        refused ? answer_none() : text_cell(parse, config.name),
        answer_none(),
        answer_none(),
        answer_none(),
        refused ? answer_none() : answer_text(startup_type_name(config.startup)),
        refused ? answer_none() : text_cell(parse, config.path),
        refused ? answer_none() : text_cell(parse, config.account),
        refused ? answer_number(config.error) : answer_none(),
    };
    return answer_row(parse->answer, cells, MARK_NONE, err);
}

/* The items of an envelope, a row a value; a fault is a row of its own. */
static int put_wmi_rows(struct parse *parse, struct slice rows, struct err *err)
{
    struct wmi_row row;
    int64_t item = 0;
    const char *class = NULL;
    for (enum wmi_line line = wmi_next(&rows, &row); line != WMI_END;
         line = wmi_next(&rows, &row)) {
        if (line == WMI_ITEM) {
            item++;
            class = arena_strndup(&parse->arena, row.name.data, row.name.len);
            continue;
        }
        parse->complete = parse->complete && line != WMI_BAD && line != WMI_CUT_VALUE;
        const struct answer_cell cells[] = {
            line == WMI_FAULT ? answer_none() : answer_number(item),
            answer_text(class),
            text_cell(parse, row.name),
            line == WMI_NIL ? answer_none() : answer_text(wmi_text(&parse->arena, row.value)),
            line == WMI_FAULT ? answer_number(row.code) : answer_none(),
        };
        if (answer_row(parse->answer, cells, MARK_NONE, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int parse_wmi(struct parse *parse, struct err *err)
{
    struct buf rows;
    struct wsman_reply reply;
    struct err refused = {0};
    buf_init(&rows, PARSE_MAX);
    parse->complete = wsman_reply_parse(parse->bytes, &rows, NULL, NULL, &reply, &refused) == 0;
    if (!parse->complete) {
        buf_done(&rows);
        return err_set(err, refused.code, "parse", "%s", refused.text);
    }
    if (reply.kind == WSMAN_FAULT) {
        wsman_fault_write(&reply.fault, &rows);
    }
    int rc = put_wmi_rows(parse, (struct slice){rows.data == NULL ? "" : rows.data, rows.len}, err);
    buf_done(&rows);
    return rc;
}

static int parse_multipart(struct parse *parse, struct err *err)
{
    struct seal_message message;
    if (seal_parse(parse->bytes, &message, err) != 0) {
        return -1;
    }
    parse->complete = true;
    const struct answer_cell cells[] = {
        answer_number((int64_t)message.plain_len),
        answer_number((int64_t)message.header.len),
        answer_number((int64_t)message.data.len),
    };
    return answer_row(parse->answer, cells, MARK_NONE, err);
}

static const struct answer_column netstat_columns[] = {
    {"proto", "PROTO", ANSWER_TEXT, false},
    {"local_address", "LOCAL ADDRESS", ANSWER_TEXT, false},
    {"local_port", "PORT", ANSWER_TEXT, false},
    {"foreign_address", "FOREIGN ADDRESS", ANSWER_TEXT, false},
    {"foreign_port", "PORT", ANSWER_TEXT, false},
    {"state", "STATE", ANSWER_TEXT, false},
    {"pid", "PID", ANSWER_INT, false},
};
static const struct answer_column ss_columns[] = {
    {"state", "STATE", ANSWER_TEXT, false},
    {"local_address", "LOCAL ADDRESS", ANSWER_TEXT, false},
    {"local_port", "PORT", ANSWER_TEXT, false},
    {"foreign_address", "FOREIGN ADDRESS", ANSWER_TEXT, false},
    {"foreign_port", "PORT", ANSWER_TEXT, false},
    {"owners", "OWNERS", ANSWER_TEXT, false},
};
static const struct answer_column reg_columns[] = {
    {"key", "KEY", ANSWER_TEXT, false},      {"name", "NAME", ANSWER_TEXT, false},
    {"type", "TYPE", ANSWER_TEXT, false},    {"data", "DATA", ANSWER_TEXT, false},
    {"number", "NUMBER", ANSWER_INT, false},
};
static const struct answer_column sc_columns[] = {
    {"service", "SERVICE", ANSWER_TEXT, false},
    {"state", "STATE", ANSWER_TEXT, false},
    {"pid", "PID", ANSWER_INT, false},
    {"exit_code", "EXIT CODE", ANSWER_INT, false},
    {"startup_type", "STARTUP TYPE", ANSWER_TEXT, false},
    {"image", "IMAGE", ANSWER_TEXT, false},
    {"account", "ACCOUNT", ANSWER_TEXT, false},
    {"error", "ERROR", ANSWER_INT, false},
};

static const struct answer_column wmi_columns[] = {
    {"item", "ITEM", ANSWER_INT, false},   {"class", "CLASS", ANSWER_TEXT, false},
    {"name", "NAME", ANSWER_TEXT, false},  {"value", "VALUE", ANSWER_TEXT, false},
    {"fault", "FAULT", ANSWER_INT, false},
};
static const struct answer_column multipart_columns[] = {
    {"plain_bytes", "PLAIN BYTES", ANSWER_INT, false},
    {"header_bytes", "HEADER BYTES", ANSWER_INT, false},
    {"data_bytes", "DATA BYTES", ANSWER_INT, false},
};

static const struct form {
    const char *name;
    const struct answer_column *columns;
    size_t column_count;
    int (*run)(struct parse *parse, struct err *err);
} forms[] = {
    {"netstat", netstat_columns, sizeof(netstat_columns) / sizeof(netstat_columns[0]),
     parse_netstat},
    {"ss", ss_columns, sizeof(ss_columns) / sizeof(ss_columns[0]), parse_ss},
    {"reg", reg_columns, sizeof(reg_columns) / sizeof(reg_columns[0]), parse_reg},
    {"sc", sc_columns, sizeof(sc_columns) / sizeof(sc_columns[0]), parse_sc},
    {"wmi", wmi_columns, sizeof(wmi_columns) / sizeof(wmi_columns[0]), parse_wmi},
    {"multipart", multipart_columns, sizeof(multipart_columns) / sizeof(multipart_columns[0]),
     parse_multipart},
};

static int run_form(const struct form *form, struct parse *parse, enum output_format format,
                    bool color, struct err *err)
{
    parse->answer = answer_new(stdout, format, color, form->columns, form->column_count, NULL);
    if (parse->answer == NULL) {
        return err_memory(err);
    }
    int rc = answer_close(parse->answer, form->run(parse, err), NULL, err);
    arena_done(&parse->arena);
    return rc;
}

/* A whole answer of a visit, printed as a line of JSON: which system it is from shows itself. */
static int run_answer(struct parse *parse, struct err *err)
{
    static const enum host_os systems[] = {HOST_WINDOWS, HOST_LINUX};
    bool windows = memmem(parse->bytes.data, parse->bytes.len, "@@begin netstat", 15) != NULL;
    enum host_os os = systems[windows ? 0 : 1];
    const struct expectation *watched[64];
    size_t count = 0;
    for (size_t i = 0; i < parse->expectations->count && count < 64; i++) {
        if (str_eq(parse->expectations->items[i].os, host_os_name(os))) {
            watched[count++] = &parse->expectations->items[i];
        }
    }
    struct snapshot snapshot;
    struct buf line;
    snapshot_init(&snapshot);
    buf_init(&line, PARSE_MAX);
    int rc = probes_find(os, HOST_SSH, VISIT_FULL)
                 ->parse(parse->bytes.data, parse->bytes.len, watched, count, &snapshot, err);
    snapshot.visit.read = true;
    snapshot.visit.host = "file";
    snapshot.visit.source = "parse";
    snapshot.visit.os = host_os_name(os);
    parse->complete = probe_complete(parse->bytes.data, parse->bytes.len);
    if (rc == 0) {
        rc = snapshot_json_write(&snapshot, NULL, &line);
        rc = rc != 0 ? err_set(err, ERR_LIMIT, "parse", "the answer is too large to print") : 0;
    }
    if (rc == 0 && fwrite(line.data, 1, line.len, stdout) != line.len) {
        rc = err_set(err, ERR_IO, "parse", "cannot write to standard output");
    }
    buf_done(&line);
    snapshot_done(&snapshot);
    return rc;
}

int parse_run(const char *form, const char *path, const struct expectation_set *expectations,
              enum output_format format, bool color, bool *ret_complete, struct err *err)
{
    struct buf bytes;
    struct parse parse = {.expectations = expectations};
    const struct form *found = NULL;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (str_eq(forms[i].name, form)) {
            found = &forms[i];
        }
    }
    if (found == NULL && !str_eq(form, "answer")) {
        return err_set(
            err, ERR_USAGE, "parse",
            "there is no parser '%s'; there are netstat, sc, reg, ss, wmi, multipart and answer",
            form);
    }
    buf_init(&bytes, PARSE_MAX);
    int rc = input_read(path, &bytes, err);
    parse.bytes = (struct slice){bytes.data == NULL ? "" : bytes.data, bytes.len};
    if (rc == 0) {
        rc = found == NULL ? run_answer(&parse, err) : run_form(found, &parse, format, color, err);
    }
    buf_done(&bytes);
    *ret_complete = parse.complete;
    return rc;
}
