/* xml_write: text into XML, escaped. */
#ifndef PVSAUDIT_FARM_WSMAN_XML_WRITE_H
#define PVSAUDIT_FARM_WSMAN_XML_WRITE_H

#include "core/buf.h"

/* Escaped for content and attributes; what XML cannot hold becomes '?'. */
void xml_put(struct buf *to, const char *text);
/* <name>text</name> */
void xml_leaf(struct buf *to, const char *name, const char *text);

#endif
