/* wilson: how far a share that was counted may be from the true one. */
#include "model/wilson.h"

#include <math.h>

/* The 97.5 % point of the normal distribution. */
static const double z = 1.959963984540054;

static double within(double share)
{
    return share < 0 ? 0 : share > 1 ? 1 : share;
}

struct wilson wilson_interval(size_t hits, size_t n)
{
    if (n == 0) {
        return (struct wilson){0, 1};
    }
    double count = (double)n;
    double share = (double)hits / count;
    double middle = (share + z * z / (2 * count)) / (1 + z * z / count);
    double half =
        z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / (4 * count * count));
    /* At its ends the formula gives 0 and 1, less what rounding leaves. */
    return (struct wilson){hits == 0 ? 0 : within(middle - half),
                           hits >= n ? 1 : within(middle + half)};
}
