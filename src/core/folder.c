/* folder: the folders above a file of ours. */
#include "core/folder.h"

#include "core/str.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

int folder_make_above(const char *path)
{
    char part[PATH_MAX];
    if (!str_copy(part, sizeof(part), path) || part[0] == '\0') {
        errno = ENAMETOOLONG;
        return -1;
    }
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST) {
            return -1;
        }
        *slash = '/';
    }
    return 0;
}
