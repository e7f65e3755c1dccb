/* fuzz_codec: any bytes as the texts and the blob of a stored reading, as a foreign file may hold.
 */
#include "db/reading/codec.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Texts end with a NUL each; what is left after the last is the blob. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {.blocks = NULL};
    struct ip own[8] = {{.family = 4, .bytes = {10, 0, 0, 5}},
                        {.family = 6, .bytes = {0xfe, 0x80, [15] = 1}}};
    struct slots slots = {.arena = &arena, .ips = own, .count = 2};
    struct coded_view view = {.blob = NULL};
    struct snapshot snapshot;
    const char *at = (const char *)data;
    const char *end = at + size;
    for (int i = 0; i < TEXT_COUNT; i++) {
        const char *nul = size == 0 ? NULL : memchr(at, '\0', (size_t)(end - at));
        if (nul == NULL) {
            break;
        }
        view.texts[i] = nul == at ? NULL : at;
        at = nul + 1;
    }
    view.blob = at;
    view.blob_len = (size_t)(end - at);
    snapshot_init(&snapshot);
    if (codec_decode(&view, &slots, &snapshot, NULL) == 0) {
        struct coded coded;
        coded_init(&coded);
        (void)codec_encode(&snapshot, NULL, &slots, &coded, NULL);
        coded_done(&coded);
    }
    snapshot_done(&snapshot);
    arena_done(&arena);
    return 0;
}
