/* fuzz_snapshot_json: any bytes are refused, or make a visit that survives its own line.
 * Covers: src/out/json_field.c src/out/snapshot_reader.c src/out/snapshot_fields.c */
#include "core/str.h"
#include "out/snapshot_json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct snapshot first;
    struct snapshot second;
    struct host declared;
    bool has = false;
    struct err err = {0};
    if (snapshot_json_parse((const char *)data, size, &first, &declared, &has, &err) < 0) {
        return 0;
    }
    struct buf line;
    struct buf again;
    buf_init(&line, 64 << 20);
    buf_init(&again, 64 << 20);
    if (snapshot_json_write(&first, has ? &declared : NULL, &line) < 0 ||
        snapshot_json_parse(line.data, line.len, &second, &declared, &has, &err) < 0) {
        abort();
    }
    if (snapshot_json_write(&second, has ? &declared : NULL, &again) < 0 ||
        !str_eq(line.data, again.data)) {
        abort();
    }
    buf_done(&line);
    buf_done(&again);
    snapshot_done(&first);
    snapshot_done(&second);
    return 0;
}
