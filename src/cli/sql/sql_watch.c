/* sql_watch: a flag for SIGINT, and a timer that ends the program. */
#include "cli/sql/sql_watch.h"

#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { GRACE_MS = 5000, EXIT_CODE = 5 };

volatile sig_atomic_t sql_watch_interrupted;

static struct sigaction before_interrupt;
static struct sigaction before_alarm;

static void on_interrupt(int number)
{
    (void)number;
    sql_watch_interrupted = 1;
}

static void on_alarm(int number)
{
    static const char text[] =
        "\npvsaudit: error: the statement did not stop at its deadline; the program ends\n";
    (void)number;
    (void)!write(STDERR_FILENO, text, sizeof(text) - 1);
    _exit(EXIT_CODE);
}

void sql_watch_begin(void)
{
    /* Without SA_RESTART: a prompt that waits for a line is to notice. */
    const struct sigaction interrupt = {.sa_handler = on_interrupt};
    const struct sigaction alarm = {.sa_handler = on_alarm};
    sql_watch_interrupted = 0;
    (void)sigaction(SIGINT, &interrupt, &before_interrupt);
    (void)sigaction(SIGALRM, &alarm, &before_alarm);
}

void sql_watch_end(void)
{
    sql_watch_disarm();
    (void)sigaction(SIGINT, &before_interrupt, NULL);
    (void)sigaction(SIGALRM, &before_alarm, NULL);
}

void sql_watch_arm(int64_t left_ms)
{
    int64_t ms = left_ms + GRACE_MS;
    const struct itimerval timer = {
        .it_value = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000}};
    (void)setitimer(ITIMER_REAL, &timer, NULL);
}

void sql_watch_disarm(void)
{
    const struct itimerval none = {.it_value = {.tv_sec = 0}};
    (void)setitimer(ITIMER_REAL, &none, NULL);
}
