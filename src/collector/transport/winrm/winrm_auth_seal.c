/* winrm_auth_seal: messages sealed by a finished context, in the layout that Windows has. */
#include "collector/transport/winrm/winrm_auth_internal.h"

#include <stdlib.h>
#include <string.h>

enum { NTLM_SIGNATURE = 16 };

static int refuse(struct err *err, OM_uint32 major, OM_uint32 minor, const char *what)
{
    return err_set(err, ERR_FORMAT, "seal", "%s (GSSAPI %08x, %u)", what, (unsigned)major,
                   (unsigned)minor);
}

/* gss-ntlmssp wraps into one token: the signature, then the data. */
static int wrap_ntlm(gss_ctx_id_t handle, struct slice plain, struct buf *header, struct buf *data,
                     struct err *err)
{
    OM_uint32 minor = 0;
    int sealed = 0;
    gss_buffer_desc in = {plain.len, (void *)(uintptr_t)plain.data};
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    OM_uint32 major = gss_wrap(&minor, handle, 1, GSS_C_QOP_DEFAULT, &in, &sealed, &out);
    bool ok = major == GSS_S_COMPLETE && sealed != 0 && out.length > NTLM_SIGNATURE;
    if (ok) {
        const char *bytes = out.value;
        (void)buf_append(header, bytes, NTLM_SIGNATURE);
        (void)buf_append(data, bytes + NTLM_SIGNATURE, out.length - NTLM_SIGNATURE);
    }
    OM_uint32 ignored = 0;
    (void)gss_release_buffer(&ignored, &out);
    return ok ? 0 : refuse(err, major, minor, "what is to be sent cannot be sealed");
}

/* Without a trailer everything but the data stands in the header, as Windows wants it. */
static int wrap_kerberos(gss_ctx_id_t handle, struct slice plain, struct buf *header,
                         struct buf *data, struct err *err)
{
    OM_uint32 minor = 0;
    int sealed = 0;
    char *bytes = malloc(plain.len + 1);
    if (bytes == NULL) {
        return err_memory(err);
    }
    memcpy(bytes, plain.data, plain.len);
    gss_iov_buffer_desc parts[] = {
        {GSS_IOV_BUFFER_TYPE_HEADER | GSS_IOV_BUFFER_FLAG_ALLOCATE, GSS_C_EMPTY_BUFFER},
        {GSS_IOV_BUFFER_TYPE_DATA, {plain.len, bytes}},
        {GSS_IOV_BUFFER_TYPE_PADDING | GSS_IOV_BUFFER_FLAG_ALLOCATE, GSS_C_EMPTY_BUFFER}};
    OM_uint32 major = gss_wrap_iov(&minor, handle, 1, GSS_C_QOP_DEFAULT, &sealed, parts, 3);
    bool ok = major == GSS_S_COMPLETE && sealed != 0;
    if (ok) {
        (void)buf_append(header, parts[0].buffer.value, parts[0].buffer.length);
        (void)buf_append(data, parts[1].buffer.value, parts[1].buffer.length);
        (void)buf_append(data, parts[2].buffer.value, parts[2].buffer.length);
    }
    OM_uint32 ignored = 0;
    (void)gss_release_iov_buffer(&ignored, parts, 3);
    free(bytes);
    return ok ? 0 : refuse(err, major, minor, "what is to be sent cannot be sealed");
}

int winrm_context_wrap(struct winrm_context *context, struct slice plain, struct buf *header,
                       struct buf *data, struct err *err)
{
    gss_ctx_id_t handle = winrm_context_handle(context);
    bool ntlm = str_eq(winrm_context_mechanism(context), "ntlm");
    int rc = ntlm ? wrap_ntlm(handle, plain, header, data, err)
                  : wrap_kerberos(handle, plain, header, data, err);
    return rc == 0 && (header->failed || data->failed) ? err_memory(err) : rc;
}

int winrm_context_unwrap(struct winrm_context *context, struct slice header, struct slice data,
                         struct buf *plain, struct err *err)
{
    OM_uint32 minor = 0;
    int sealed = 0;
    size_t len = header.len + data.len;
    char *bytes = malloc(len + 1);
    if (bytes == NULL) {
        return err_memory(err);
    }
    memcpy(bytes, header.data, header.len);
    memcpy(bytes + header.len, data.data, data.len);
    gss_buffer_desc in = {len, bytes};
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    OM_uint32 major = gss_unwrap(&minor, winrm_context_handle(context), &in, &out, &sealed, NULL);
    /* What comes twice or out of its turn is told beside COMPLETE. */
    bool ok = major == GSS_S_COMPLETE && sealed != 0;
    if (ok) {
        (void)buf_append(plain, out.value, out.length);
    }
    OM_uint32 ignored = 0;
    (void)gss_release_buffer(&ignored, &out);
    free(bytes);
    if (!ok) {
        return refuse(err, major, minor,
                      "the answer was not sealed by whom we speak with, or was changed on its way");
    }
    return plain->failed ? err_memory(err) : 0;
}
