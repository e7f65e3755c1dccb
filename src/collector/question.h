/* question: one thing that is asked of a host over a transport that takes several. */
#ifndef PVSAUDIT_COLLECTOR_QUESTION_H
#define PVSAUDIT_COLLECTOR_QUESTION_H

#include <stdbool.h>
#include <stddef.h>

enum question_kind {
    QUESTION_ENUMERATE, /* the instances of a WMI class, or those that a filter selects */
    QUESTION_INVOKE, /* a static method of a WMI class */
    QUESTION_COMMAND, /* a command line of the remote cmd shell, whose output is sections itself */
    QUESTION_IDENTIFY, /* what it is that answers: the transport's own, where somebody looks on */
};

struct question_argument {
    const char *name, *value;
};

/* Borrowed until the answer is in. */
struct question {
    enum question_kind kind;
    const char *section; /* the name under which the answer is put; COMMAND: NULL */
    const char *resource; /* "root/cimv2/Win32_Service"; with a filter it ends in an asterisk */
    const char *filter; /* WQL, or NULL */
    const char *method; /* INVOKE */
    const struct question_argument *arguments; /* INVOKE, in the method's own order */
    size_t argument_count;
    const char *command; /* COMMAND */
    bool optional; /* nothing is decided by it: it gets less time */
};

#endif
