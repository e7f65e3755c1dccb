/* seal: bodies that only the two ends of a security context can read. */
#include "farm/gss/seal.h"

#include <gssapi/gssapi_ext.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NTLM_SIGNATURE = 16 };

/* HEADER, DATA and PADDING without a TRAILER is SSPI's own layout. */
static int wrap_kerberos(gss_ctx_id_t context, struct slice plain, struct buf *header,
                         struct buf *sealed)
{
    OM_uint32 minor = 0;
    int confidential = 0;
    char *data = malloc(plain.len + 1);
    if (data == NULL) {
        return -1;
    }
    memcpy(data, plain.data, plain.len);
    gss_iov_buffer_desc iov[] = {
        {.type = GSS_IOV_BUFFER_TYPE_HEADER | GSS_IOV_BUFFER_FLAG_ALLOCATE},
        {.type = GSS_IOV_BUFFER_TYPE_DATA, .buffer = {plain.len, data}},
        {.type = GSS_IOV_BUFFER_TYPE_PADDING | GSS_IOV_BUFFER_FLAG_ALLOCATE},
    };
    OM_uint32 major = gss_wrap_iov(&minor, context, 1, GSS_C_QOP_DEFAULT, &confidential, iov, 3);
    int rc = GSS_ERROR(major) == 0 && confidential != 0 ? 0 : -1;
    if (rc == 0) {
        (void)buf_append(header, iov[0].buffer.value, iov[0].buffer.length);
        (void)buf_append(sealed, data, plain.len);
        (void)buf_append(sealed, iov[2].buffer.value == NULL ? "" : iov[2].buffer.value,
                         iov[2].buffer.length);
    }
    (void)gss_release_iov_buffer(&minor, iov, 3);
    free(data);
    return rc;
}

static int wrap_ntlm(gss_ctx_id_t context, struct slice plain, struct buf *header,
                     struct buf *sealed)
{
    OM_uint32 minor = 0;
    int confidential = 0;
    gss_buffer_desc input = {plain.len, (void *)(uintptr_t)plain.data}, token = GSS_C_EMPTY_BUFFER;
    OM_uint32 major =
        gss_wrap(&minor, context, 1, GSS_C_QOP_DEFAULT, &input, &confidential, &token);
    int rc = GSS_ERROR(major) == 0 && confidential != 0 && token.length >= NTLM_SIGNATURE ? 0 : -1;
    if (rc == 0) {
        (void)buf_append(header, token.value, NTLM_SIGNATURE);
        (void)buf_append(sealed, (const char *)token.value + NTLM_SIGNATURE,
                         token.length - NTLM_SIGNATURE);
    }
    (void)gss_release_buffer(&minor, &token);
    return rc;
}

int seal_wrap(gss_ctx_id_t context, bool kerberos, struct slice plain, struct buf *ret_header,
              struct buf *ret_sealed)
{
    return kerberos ? wrap_kerberos(context, plain, ret_header, ret_sealed)
                    : wrap_ntlm(context, plain, ret_header, ret_sealed);
}

int seal_unwrap(gss_ctx_id_t context, struct slice header, struct slice sealed, struct buf *plain)
{
    OM_uint32 minor = 0;
    int confidential = 0;
    gss_buffer_desc token = {header.len + sealed.len, NULL}, output = GSS_C_EMPTY_BUFFER;
    token.value = malloc(token.length + 1);
    if (token.value == NULL) {
        return -1;
    }
    memcpy(token.value, header.data, header.len);
    memcpy((char *)token.value + header.len, sealed.data, sealed.len);
    OM_uint32 major = gss_unwrap(&minor, context, &token, &output, &confidential, NULL);
    int rc = GSS_ERROR(major) == 0 && confidential != 0
                 ? buf_append(plain, output.value, output.length)
                 : -1;
    (void)gss_release_buffer(&minor, &output);
    free(token.value);
    return rc;
}
