/* fuzz_stored_text: any bytes as a text that a history holds: a scan's scope and expectations, a
 * host's declaration, the facts of a boot. What is taken survives being written again.
 * Covers: src/db/reading/in_force.c src/db/reading/tuple.c src/model/declaration.c
 *         src/model/expectation_line.c */
#include "db/reading/in_force.h"
#include "db/track/boot.h"
#include "model/declaration.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_scope(const char *text, struct arena *arena)
{
    struct scope_host *hosts = NULL;
    size_t count = 0;
    size_t again = 0;
    struct buf line;
    if (!in_force_read_scope(text, arena, &hosts, &count)) {
        return;
    }
    buf_init(&line, 16 << 20);
    if (in_force_write_scope(hosts, count, &line) != 0 ||
        !in_force_read_scope(line.data, arena, &hosts, &again) || again != count) {
        abort();
    }
    buf_done(&line);
}

static void try_expectations(const char *text)
{
    struct expectation_set set;
    struct buf lines;
    if (!in_force_read_expectations(text, &set)) {
        return;
    }
    buf_init(&lines, 16 << 20);
    if (in_force_write_expectations(&set, &lines) != 0) {
        abort();
    }
    buf_done(&lines);
    expectation_set_done(&set);
}

static void try_declaration(const char *text, struct arena *arena)
{
    struct host host;
    struct host again;
    if (declaration_decode(arena, text, &host)) {
        const char *line = declaration_encode(arena, &host);
        if (line == NULL || !declaration_decode(arena, line, &again)) {
            abort();
        }
    }
}

static void try_boot(const char *text, struct arena *arena)
{
    struct boot_mark mark = {.uptime_ms = -1};
    struct buf line;
    if (!boot_facts_read(text, arena, &mark)) {
        return;
    }
    buf_init(&line, 16 << 20);
    boot_facts_write(&mark, &line);
    if (line.failed || !boot_facts_read(line.data, arena, &mark)) {
        abort();
    }
    buf_done(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {.blocks = NULL};
    const char *text = arena_strndup(&arena, (const char *)data, size);
    if (text != NULL) {
        try_scope(text, &arena);
        try_expectations(text);
        try_declaration(text, &arena);
        try_boot(text, &arena);
    }
    arena_done(&arena);
    return 0;
}
