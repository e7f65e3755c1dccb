/* fuzz_recording: any bytes are refused, or make a recording that survives its own file.
 * Covers: src/out/recording_json.c
 * Seeds: tests/fixtures/recordings */
#include "out/recording_json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct slice file = {(const char *)data, size};
    struct recording first;
    struct recording second;
    struct err err = {0};
    if (recording_json_parse(file, &first, &err) < 0) {
        return 0;
    }
    struct buf text;
    struct buf again;
    buf_init(&text, RECORDING_MAX_BYTES);
    buf_init(&again, RECORDING_MAX_BYTES);
    if (recording_json_write(&first, &text) < 0 ||
        recording_json_parse((struct slice){text.data, text.len}, &second, &err) < 0 ||
        recording_json_write(&second, &again) < 0 || !str_eq(text.data, again.data)) {
        abort();
    }
    buf_done(&text);
    buf_done(&again);
    recording_done(&first);
    recording_done(&second);
    return 0;
}
