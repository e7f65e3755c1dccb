/* deadlines: how long each stage of a visit may take. */
#include "collector/transport/transport.h"

#include "core/str.h"

int64_t transport_deadline_ms(const struct transport_deadlines *deadlines, const char *stage)
{
    const struct {
        const char *stage;
        int64_t ms;
    } all[] = {{"connect", deadlines->connect_ms},
               {"handshake", deadlines->handshake_ms},
               {"tls", deadlines->handshake_ms},
               {"auth", deadlines->auth_ms},
               {"exec", deadlines->exec_ms}};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (str_eq(all[i].stage, stage)) {
            return all[i].ms;
        }
    }
    return 0;
}
