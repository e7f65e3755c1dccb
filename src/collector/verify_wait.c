/* verify_wait: a loop of its own, so that the handlers of signals stay while scans come and go. */
#include "collector/verify_wait.h"

#include <signal.h>

static void on_signal(uv_signal_t *handle, int number)
{
    struct verify_wait *wait = handle->data;
    (void)number;
    wait->ended = true;
    uv_stop(handle->loop);
}

static void on_timer(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

int verify_wait_open(struct verify_wait *wait, struct err *err)
{
    if (uv_loop_init(&wait->loop) != 0) {
        return err_set(err, ERR_IO, "loop", "the event loop cannot start");
    }
    (void)uv_timer_init(&wait->loop, &wait->timer);
    (void)uv_signal_init(&wait->loop, &wait->interrupt);
    (void)uv_signal_init(&wait->loop, &wait->terminate);
    wait->interrupt.data = wait;
    wait->terminate.data = wait;
    wait->is_open = true;
    (void)uv_signal_start(&wait->interrupt, on_signal, SIGINT);
    (void)uv_signal_start(&wait->terminate, on_signal, SIGTERM);
    return 0;
}

void verify_wait_close(struct verify_wait *wait)
{
    if (!wait->is_open) {
        return;
    }
    uv_close((uv_handle_t *)&wait->timer, NULL);
    uv_close((uv_handle_t *)&wait->interrupt, NULL);
    uv_close((uv_handle_t *)&wait->terminate, NULL);
    (void)uv_run(&wait->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&wait->loop);
    wait->is_open = false;
}

bool verify_wait_for(struct verify_wait *wait, int64_t ms)
{
    uv_update_time(&wait->loop);
    (void)uv_timer_start(&wait->timer, on_timer, (uint64_t)ms, 0);
    if (!wait->ended) {
        (void)uv_run(&wait->loop, UV_RUN_DEFAULT);
    }
    (void)uv_timer_stop(&wait->timer);
    return !wait->ended;
}
