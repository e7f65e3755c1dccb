/* fuzz_codec: any bytes as the texts and the blob of a stored reading, as a foreign file may hold.
 * Covers: src/db/reading/codec_decode.c src/db/reading/slots.c src/db/reading/varint.c */
#include "db/reading/codec.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was decoded is encoded and decoded once more. */
static void encode_again(const struct snapshot *snapshot, struct slots *slots)
{
    struct coded coded;
    struct coded_view view = {.blob = NULL};
    struct snapshot again;
    coded_init(&coded);
    snapshot_init(&again);
    if (codec_encode(snapshot, NULL, slots, &coded, NULL) == 0) {
        for (int i = 0; i < TEXT_COUNT; i++) {
            view.texts[i] = coded.texts[i].len == 0 ? NULL : coded.texts[i].data;
        }
        view.blob = coded.blob.data;
        view.blob_len = coded.blob.len;
        if (codec_decode(&view, slots, &again, NULL) != 0 ||
            again.endpoint_count != snapshot->endpoint_count) {
            abort();
        }
    }
    snapshot_done(&again);
    coded_done(&coded);
}

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
    snapshot.visit.read = true;
    if (codec_decode(&view, &slots, &snapshot, NULL) == 0) {
        encode_again(&snapshot, &slots);
    }
    snapshot_done(&snapshot);
    arena_done(&arena);
    return 0;
}
