/* page: answers that are none of WinRM's: error pages, redirections, a proxy's excuse. */
#ifndef PVSAUDIT_FARM_WINRM_PAGE_H
#define PVSAUDIT_FARM_WINRM_PAGE_H

#include "core/buf.h"
#include "farm/server/fleet.h"

/* False where that misbehaviour is not one of them. */
bool page_write(struct buf *to, enum misbehaviour misbehaviour);
bool page_is(enum misbehaviour misbehaviour);

/* Envelopes that must not be swallowed: a bomb, a well, thorns (attributes). */
void page_write_bomb(struct buf *to);
void page_write_well(struct buf *to);
void page_write_thorns(struct buf *to);

#endif
