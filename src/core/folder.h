/* folder: the folders above a file of ours. */
#ifndef PVSAUDIT_CORE_FOLDER_H
#define PVSAUDIT_CORE_FOLDER_H

/* Make those that are not there, for their owner alone. -1 and errno. */
int folder_make_above(const char *path);

#endif
