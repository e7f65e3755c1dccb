/* output: the standard descriptors, kept from being any other file's. */
#ifndef PVSAUDIT_OUT_OUTPUT_H
#define PVSAUDIT_OUT_OUTPUT_H

/* At the start of a program: one that is closed is taken, or the next file that is opened would get
 * its number and what is meant for people. Writing to standard output then fails. */
void output_reserve(void);

#endif
