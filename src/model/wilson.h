/* wilson: how far a share that was counted may be from the true one. */
#ifndef PVSAUDIT_MODEL_WILSON_H
#define PVSAUDIT_MODEL_WILSON_H

#include <stddef.h>

/* Wilson's score interval of 95 % for `hits` of n (E. B. Wilson, J. Amer. Statist. Assoc. 22, 1927,
 * 209-212), as shares from 0 to 1. n 0: everything is possible, 0 to 1. */
struct wilson {
    double low, high;
};
struct wilson wilson_interval(size_t hits, size_t n);

#endif
