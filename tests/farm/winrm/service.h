/* service: a server's WinRM service on one connection: a request in, the bytes of an answer out. */
#ifndef PVSAUDIT_FARM_WINRM_SERVICE_H
#define PVSAUDIT_FARM_WINRM_SERVICE_H

#include "farm/gss/login.h"
#include "farm/http/http_request.h"
#include "farm/wsman/wsman.h"

enum { SERVICE_REPLY_MOST = 96 << 20, SERVICE_FLOOD = 100000000 };

struct service {
    struct wsman *wsman;
    struct fleet *fleet;
    struct server *server;
    struct login login;
    struct misdeeds misdeeds;
    enum misbehaviour misbehaviour; /* the one that has no moment of its own */
    enum misbehaviour now; /* what this answer meets */
    bool https;
    unsigned answers; /* to requests of somebody who had logged in */
    char client[FLEET_ADDRESS]; /* the other end's address */
};

/* What follows the bytes of an answer. */
enum service_end {
    SERVICE_GOES_ON,
    SERVICE_CLOSES,
    SERVICE_BREAKS, /* before everything is sent: half of it */
    SERVICE_HANGS, /* for ever */
    SERVICE_DRIPS, /* a byte a second */
    SERVICE_FLOODS, /* 100 MB more */
    SERVICE_FLOODS_ON, /* chunks without end */
    SERVICE_CONTINUES, /* 100 Continue without end */
};

struct service_reply {
    struct buf bytes; /* the caller's to init and free */
    int64_t delay_ms;
    enum service_end end;
};

void service_handle(struct service *service, const struct http_request *request,
                    struct service_reply *reply);
/* What an HTTP request that cannot be read is answered. */
void service_refuse(int status, struct service_reply *reply);

#endif
