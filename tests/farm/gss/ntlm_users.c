/* ntlm_users: the file of the accounts' password hashes that the NTLM acceptor reads. */
#include "farm/gss/ntlm_users.h"

#include "farm/codec/utf16.h"

#include <nettle/md4.h>
#include <string.h>

enum { PASSWORD_BYTES = 4 * FLEET_NAME, AUTHENTICATE_BYTES = 64, USER_FIELD = 36 };

/* MS-NLMP's NTOWFv1: MD4 of the password in UTF-16LE. */
static void put_hash(const char *password, struct buf *to)
{
    struct md4_ctx md4;
    struct buf wide;
    uint8_t hash[MD4_DIGEST_SIZE];
    buf_init(&wide, PASSWORD_BYTES);
    utf16_from_utf8((struct slice){password, strlen(password)}, &wide);
    md4_init(&md4);
    md4_update(&md4, wide.len, (const uint8_t *)(wide.data == NULL ? "" : wide.data));
    md4_digest(&md4, sizeof(hash), hash);
    for (size_t i = 0; i < sizeof(hash); i++) {
        (void)buf_printf(to, "%02X", hash[i]);
    }
    buf_done(&wide);
}

static void put_user(const char *domain, const struct account *account, struct buf *to)
{
    static const char no_lm_hash[] = "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX";
    bool qualified = strchr(account->name, '\\') != NULL;
    (void)buf_printf(to, "%s%s%s:0:%s:", qualified ? "" : domain, qualified ? "" : "\\",
                     account->name, no_lm_hash);
    put_hash(account->password, to);
    (void)buf_puts(to, ":[U          ]:LCT-00000000\n");
}

void ntlm_users_write(const struct fleet *fleet, const char *domain, struct buf *to)
{
    for (size_t i = 0; i < fleet->account_count; i++) {
        const struct account *account = &fleet->accounts[i];
        if (account->password[0] == '\0') {
            continue;
        }
        put_user("", account, to);
        if (strchr(account->name, '\\') == NULL) {
            put_user(domain, account, to);
        }
    }
}

static uint32_t read_le(const char *bytes, size_t count)
{
    uint32_t number = 0;
    for (size_t i = 0; i < count; i++) {
        number |= (uint32_t)(unsigned char)bytes[i] << (8 * i);
    }
    return number;
}

bool ntlm_users_named(struct slice token, struct buf *to)
{
    static const char magic[12] = "NTLMSSP\0\3\0\0\0";
    const char *at = token.len == 0 ? NULL : memmem(token.data, token.len, magic, sizeof(magic));
    size_t left = at == NULL ? 0 : token.len - (size_t)(at - token.data);
    if (left < AUTHENTICATE_BYTES) {
        return false;
    }
    uint32_t len = read_le(at + USER_FIELD, 2), offset = read_le(at + USER_FIELD + 4, 4);
    return offset <= left && len <= left - offset &&
           utf16_to_utf8((struct slice){at + offset, len}, to);
}
