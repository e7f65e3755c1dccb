/* ssh_key: a private key for user authentication, parsed once and used by every session. */
#include "collector/transport/ssh_key/ssh_key.h"

#include "collector/transport/base64.h"
#include "collector/transport/ssh_key/ssh_key_locked.h"
#include "collector/transport/ssh_key/ssh_key_openssh.h"
#include "collector/transport/ssh_key/ssh_key_pkey.h"
#include "collector/transport/ssh_link/ssh_methods.h"
#include "collector/transport/ssh_link/ssh_wire.h"
#include "core/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_FILE_MAX = 64 * 1024 };

static const char stage[] = "ssh-key";

struct ssh_key {
    EVP_PKEY *pkey; /* NULL: locked */
    struct secret text, passphrase; /* of a locked key */
    struct buf public;
    struct buf public_text; /* of a locked key */
    const char *algorithm;
};

void ssh_key_free(struct ssh_key *key)
{
    if (key == NULL) {
        return;
    }
    EVP_PKEY_free(key->pkey);
    secret_done(&key->text);
    secret_done(&key->passphrase);
    buf_done(&key->public);
    buf_done(&key->public_text);
    free(key);
}

/* What people hand over instead of a private key that we can read. */
static const struct {
    const char *begin;
    const char *sentence;
} mistakes[] = {
    {"ssh-", "is a public key; name the file without .pub"},
    {"ecdsa-", "is a public key; name the file without .pub"},
    {"sk-", "is a public key; name the file without .pub"},
    {"-----BEGIN PUBLIC KEY-----", "is a public key; name the private one"},
    {"---- BEGIN SSH2 PUBLIC KEY ----", "is a public key; name the private one"},
    {"PuTTY-User-Key-File", "is a PuTTY key; export it with PuTTYgen as an OpenSSH key"},
    {"-----BEGIN CERTIFICATE-----", "is a certificate; name the private key"},
};

static int not_a_key(const char *name, struct slice text, struct err *err)
{
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        size_t len = strlen(mistakes[i].begin);
        if (text.len >= len && memcmp(text.data, mistakes[i].begin, len) == 0) {
            return err_set(err, ERR_CONFIG, stage, "key file %s %s", name, mistakes[i].sentence);
        }
    }
    return err_set(err, ERR_CONFIG, stage,
                   "key file %s is not a private key that can be read; make one with "
                   "\"ssh-keygen -t ed25519\"",
                   name);
}

/* The digits between the BEGIN line and the END line. */
static int armour_parse(const char *name, struct slice text, struct buf *to, struct err *err)
{
    static const char end[] = "-----END OPENSSH PRIVATE KEY-----";
    size_t begin_len = strlen(ssh_key_openssh_begin);
    struct slice body = {text.data + begin_len, text.len - begin_len};
    const char *stop = memmem(body.data, body.len, end, strlen(end));
    if (stop == NULL) {
        return err_set(err, ERR_CONFIG, stage,
                       "key file %s ends before its END line; copy it again", name);
    }
    body.len = (size_t)(stop - body.data);
    if (base64_parse(body, to) != 0) {
        return err_set(err, ERR_CONFIG, stage,
                       "key file %s is damaged: what stands between BEGIN and END is not base64",
                       name);
    }
    return 0;
}

/* What stands in a .pub file, so that libssh2 need not decrypt a key to learn it. */
static int public_text(struct slice public, struct buf *to)
{
    struct slice rest = public;
    struct slice type;
    if (!ssh_wire_string(&rest, &type) || buf_append(to, type.data, type.len) != 0 ||
        buf_putc(to, ' ') != 0) {
        return -1;
    }
    return base64_write(public.data, public.len, true, to);
}

#define NO_PASSPHRASE \
    "key file %s is encrypted and no passphrase was given; give one, or use ssh-agent"

static int lock_parse(const char *name, struct slice text, struct slice public,
                      const char *passphrase, struct ssh_key *key, struct err *err)
{
    if (passphrase == NULL) {
        return err_set(err, ERR_LOCKED, stage, NO_PASSPHRASE, name);
    }
    if (secret_set(&key->text, text.data, text.len) != 0 ||
        secret_set(&key->passphrase, passphrase, strlen(passphrase)) != 0) {
        return err_memory(err);
    }
    if (buf_append(&key->public, public.data, public.len) != 0 ||
        public_text(public, &key->public_text) != 0) {
        return err_set(err, ERR_CONFIG, stage, "key file %s holds a public key of no use", name);
    }
    if (ssh_key_locked_try(key->text.data, key->text.len, key->passphrase.data) != 0) {
        return err_set(err, ERR_CONFIG, stage,
                       "the passphrase does not open key file %s; correct it, or use ssh-agent",
                       name);
    }
    return 0;
}

static int openssh_parse(const char *name, struct slice text, const char *passphrase,
                         struct ssh_key *key, struct err *err)
{
    struct buf bytes;
    struct ssh_key_openssh parsed;
    buf_init(&bytes, KEY_FILE_MAX);
    int result = armour_parse(name, text, &bytes, err);
    if (result == 0 &&
        ssh_key_openssh_parse((struct slice){bytes.data, bytes.len}, &parsed, err) != 0) {
        result = err_prefix(err, "key file %s cannot be used: ", name);
        if (err != NULL) {
            err->code = ERR_CONFIG;
        }
    } else if (result == 0) {
        key->pkey = parsed.pkey;
        result = parsed.encrypted ? lock_parse(name, text, parsed.public, passphrase, key, err) : 0;
    }
    if (bytes.data != NULL) {
        secret_wipe(bytes.data, bytes.size);
    }
    buf_done(&bytes);
    return result;
}

struct pem_password {
    const char *text; /* NULL: none */
    bool asked;
};

/* OpenSSL would ask on the terminal without this. */
static int pem_password(char *to, int size, int writing, void *data)
{
    (void)writing;
    struct pem_password *password = data;
    password->asked = true;
    size_t len = password->text == NULL ? 0 : strlen(password->text);
    if (password->text == NULL || len > (size_t)size) {
        return -1;
    }
    memcpy(to, password->text, len);
    return (int)len;
}

static int pem_parse(const char *name, struct slice text, const char *passphrase,
                     struct ssh_key *key, struct err *err)
{
    struct pem_password password = {.text = passphrase};
    BIO *bio = BIO_new_mem_buf(text.data, (int)text.len);
    key->pkey = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, pem_password, &password);
    BIO_free(bio);
    if (key->pkey != NULL) {
        return 0;
    }
    if (password.asked && passphrase == NULL) {
        return err_set(err, ERR_LOCKED, stage, NO_PASSPHRASE, name);
    }
    if (password.asked) {
        return err_set(err, ERR_CONFIG, stage,
                       "the passphrase does not open key file %s; correct it, or use ssh-agent",
                       name);
    }
    return not_a_key(name, text, err);
}

/* Fill in algorithm and public key; refuse what no session could use. */
static int key_finish(const char *name, struct ssh_key *key, struct err *err)
{
    static const char *const all[] = {"ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
                                      "ecdsa-sha2-nistp521", "ssh-rsa"};
    if (key->pkey != NULL && ssh_key_pkey_public(key->pkey, &key->public) != 0) {
        return err_set(err, ERR_CONFIG, stage,
                       "key file %s holds a kind of key that SSH does not have; use an ed25519 key",
                       name);
    }
    struct slice rest = {key->public.data, key->public.len};
    struct slice type = {"", 0};
    (void)ssh_wire_string(&rest, &type);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        key->algorithm = slice_eq(type, all[i]) ? all[i] : key->algorithm;
    }
    if (key->algorithm == NULL) {
        return err_set(err, ERR_CONFIG, stage,
                       "key file %s holds a kind of key that is not supported; use an ed25519 key",
                       name);
    }
    if (str_eq(key->algorithm, "ssh-rsa") && !ssh_methods_rsa_sha2()) {
        return err_set(err, ERR_CONFIG, stage,
                       "key file %s is an RSA key, which libssh2 %s can only use with SHA-1 and "
                       "sshd refuses since 8.8; use an ed25519 key (ssh-keygen -t ed25519)",
                       name, ssh_methods_version());
    }
    return 0;
}

int ssh_key_parse(const char *name, const char *bytes, size_t len, const char *passphrase,
                  struct ssh_key **ret, struct err *err)
{
    if (len > KEY_FILE_MAX) {
        return err_set(err, ERR_CONFIG, stage, "key file %s is larger than any key (%zu bytes)",
                       name, len);
    }
    struct ssh_key *key = calloc(1, sizeof(*key));
    if (key == NULL) {
        return err_memory(err);
    }
    buf_init(&key->public, SSH_KEY_BLOB_MAX);
    buf_init(&key->public_text, 2 * SSH_KEY_BLOB_MAX);
    struct slice text = slice_trim((struct slice){bytes, len});
    size_t begin = strlen(ssh_key_openssh_begin);
    bool ours = text.len >= begin && memcmp(text.data, ssh_key_openssh_begin, begin) == 0;
    int result = ours ? openssh_parse(name, text, passphrase, key, err)
                      : pem_parse(name, text, passphrase, key, err);
    if (result == 0) {
        result = key_finish(name, key, err);
    }
    if (result != 0) {
        ssh_key_free(key);
        return -1;
    }
    *ret = key;
    return 0;
}

static int file_check(int fd, const char *path, struct err *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        return err_set(err, ERR_CONFIG, stage, "key file %s is not a file", path);
    }
    if ((status.st_mode & 077) != 0) {
        return err_set(err, ERR_CONFIG, stage,
                       "key file %s has mode %04o, so others can read it; run chmod 600 %s", path,
                       (unsigned)(status.st_mode & 07777), path);
    }
    if (status.st_size > KEY_FILE_MAX) {
        return err_set(err, ERR_CONFIG, stage, "key file %s is larger than any key (%lld bytes)",
                       path, (long long)status.st_size);
    }
    return 0;
}

static int file_read(int fd, const char *path, char bytes[KEY_FILE_MAX], size_t *ret_len,
                     struct err *err)
{
    size_t len = 0;
    while (len < KEY_FILE_MAX) {
        ssize_t n = read(fd, bytes + len, KEY_FILE_MAX - len);
        if (n < 0 && errno != EINTR) {
            return err_set(err, ERR_CONFIG, stage, "key file %s cannot be read: %s", path,
                           strerror(errno));
        }
        if (n == 0) {
            break;
        }
        len += n < 0 ? 0 : (size_t)n;
    }
    *ret_len = len;
    return 0;
}

int ssh_key_load(const char *path, const char *passphrase, struct ssh_key **ret, struct err *err)
{
    char *bytes = NULL;
    size_t len = 0;
    int result = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return err_set(err, ERR_CONFIG, stage,
                       "key file %s cannot be opened: %s; correct pvsaudit_key_file, or make it "
                       "readable for the user that collects",
                       path, strerror(errno));
    }
    if (file_check(fd, path, err) != 0) {
        goto out;
    }
    bytes = malloc(KEY_FILE_MAX);
    if (bytes == NULL) {
        (void)err_memory(err);
        goto out;
    }
    if (file_read(fd, path, bytes, &len, err) == 0) {
        result = ssh_key_parse(path, bytes, len, passphrase, ret, err);
    }
out:
    if (bytes != NULL) {
        secret_wipe(bytes, KEY_FILE_MAX);
    }
    free(bytes);
    (void)close(fd);
    return result;
}

const char *ssh_key_algorithm(const struct ssh_key *key)
{
    return key->algorithm;
}

const unsigned char *ssh_key_public(const struct ssh_key *key, size_t *ret_len)
{
    *ret_len = key->public.len;
    return (const unsigned char *)key->public.data;
}

bool ssh_key_is_locked(const struct ssh_key *key, struct ssh_key_locked *ret)
{
    if (key->pkey != NULL) {
        return false;
    }
    *ret = (struct ssh_key_locked){.private = {key->text.data, key->text.len},
                                   .public = {key->public_text.data, key->public_text.len},
                                   .passphrase = key->passphrase.data};
    return true;
}

bool ssh_key_wanted_algorithm(const unsigned char *data, size_t len, struct slice *ret)
{
    struct slice rest = {(const char *)data, len};
    struct slice session, user, service, method, algorithm;
    uint8_t request, has_signature;
    if (!ssh_wire_string(&rest, &session) || !ssh_wire_byte(&rest, &request) ||
        !ssh_wire_string(&rest, &user) || !ssh_wire_string(&rest, &service) ||
        !ssh_wire_string(&rest, &method) || !ssh_wire_byte(&rest, &has_signature) ||
        !ssh_wire_string(&rest, &algorithm) || !slice_eq(method, "publickey")) {
        return false;
    }
    *ret = algorithm;
    return true;
}

int ssh_key_sign(const struct ssh_key *key, const unsigned char *data, size_t len,
                 unsigned char **ret_signature, size_t *ret_len, struct err *err)
{
    struct slice algorithm;
    struct buf signature;
    if (key->pkey == NULL || !ssh_key_wanted_algorithm(data, len, &algorithm)) {
        return err_set(err, ERR_FORMAT, stage, "what is to be signed is no request to log in");
    }
    buf_init(&signature, SSH_KEY_BLOB_MAX);
    if (ssh_key_pkey_sign(key->pkey, algorithm, data, len, &signature) != 0) {
        buf_done(&signature);
        return err_set(err, ERR_FORMAT, stage, "a %s key cannot sign as %.*s", key->algorithm,
                       (int)(algorithm.len < 64 ? algorithm.len : 64), algorithm.data);
    }
    *ret_len = signature.len;
    *ret_signature = (unsigned char *)buf_take(&signature);
    return 0;
}
