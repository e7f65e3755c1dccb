/* fuzz_wsman: any bytes as the answer of a WS-Management service; its rows are read back.
 * Covers: src/collector/transport/wsman/wsman_reply.c src/collector/transport/wsman/wsman_rows.c
 *         src/collector/transport/wsman/wsman_fault.c
 * Seeds: tests/fixtures/wsman */
#include "collector/probe/wmi/wmi_rows.h"
#include "collector/transport/wsman/wsman_fault.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf rows;
    struct buf output;
    struct wsman_reply reply;
    buf_init(&rows, 1U << 20);
    buf_init(&output, 1U << 20);
    if (wsman_reply_parse((struct slice){(const char *)data, size}, &rows, &output, &output, &reply,
                          NULL) == 0) {
        struct slice rest = {rows.data == NULL ? "" : rows.data, rows.len};
        struct wmi_row row;
        size_t items = 0;
        for (enum wmi_line line = wmi_next(&rest, &row); line != WMI_END;
             line = wmi_next(&rest, &row)) {
            items += line == WMI_ITEM ? 1 : 0;
            if (line == WMI_BAD) {
                abort(); /* a value has broken the lines */
            }
        }
        if (items != reply.items) {
            abort();
        }
        wsman_fault_write(&reply.fault, &rows);
    }
    buf_done(&rows);
    buf_done(&output);
    return 0;
}
