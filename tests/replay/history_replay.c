/* history_replay: drops what a history concluded and replays its truth, for a test to compare. */
#include "core/log.h"
#include "db/store/store.h"

int main(int argc, char **argv)
{
    struct store *store = NULL;
    struct err err = {0};
    log_open("history_replay", LOG_INFO);
    if (argc != 2) {
        log_line(LOG_ERROR, NULL, "usage: history_replay FILE");
        return 2;
    }
    int rc = store_open(argv[1], &store, &err);
    if (rc == 0) {
        rc = store_rebuild(store, &err);
    }
    store_close(store);
    if (rc != 0) {
        log_line(LOG_ERROR, NULL, "%s", err.text);
        return err_exit_code(err.code);
    }
    return 0;
}
