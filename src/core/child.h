/* child: a program started by this one, which does not outlive it. */
#ifndef PVSAUDIT_CORE_CHILD_H
#define PVSAUDIT_CORE_CHILD_H

#include <sys/types.h>

enum { CHILD_NOT_RUN = 127 }; /* exit code of a child whose program could not be started */

/* Start the program at path; argv ends with NULL. Descriptor `from` of this process is `to` there,
 * -1 = none. However this process ends, the child gets SIGTERM then. -1 and errno. */
int child_start(const char *path, const char *const *argv, int from, int to, pid_t *ret);

/* The same in a process group of its own, which `terminal` (-1 = none) has in front: it can be
 * killed with all that it started (kill of -pid), and Ctrl-C is for it. */
int child_start_apart(const char *path, const char *const *argv, int from, int to, int terminal,
                      pid_t *ret);

/* Wait for its end: the exit code, or 128 + n where signal n ended it. -1 and errno. */
int child_wait(pid_t pid, int *ret_code);

#endif
