/* open_input: a file that is read from its beginning to its end, opened without a wait. */
#ifndef PVSAUDIT_CORE_OPEN_INPUT_H
#define PVSAUDIT_CORE_OPEN_INPUT_H

/* A descriptor to read from, or -1 with errno. ESPIPE: the path is a FIFO, which nobody may ever
 * write to. A pipe of our own (/dev/stdin, /dev/fd/N) is read as it is. */
int open_input(const char *path);

#endif
