/* doctor_cure_table: every failure that has a cure of its own, the special ones before the general.
 *
 * Rights and groups: Microsoft's "Securing a Remote WMI Connection" and "Installation and
 * configuration for Windows Remote Management"; numbers of faults: MS-WSMV 2.2.4.43, winerror.h and
 * wbemcli.h; of Kerberos: RFC 4120, 7.5.9, as MIT's library counts them. */
#include "collector/doctor/doctor_cure.h"

#include <errno.h>

enum {
    KRB5_ACCOUNT_EXPIRED = -1765328383,
    KRB5_CLIENT_UNKNOWN = -1765328378,
    KRB5_SERVICE_UNKNOWN = -1765328377,
    KRB5_CLIENT_REVOKED = -1765328366,
    KRB5_PASSWORD_EXPIRED = -1765328361,
    KRB5_PREAUTH_FAILED = -1765328360,
    KRB5_BAD_INTEGRITY = -1765328353,
    KRB5_NO_TICKET = -1765328243,
    KRB5_NO_KEY = -1765328203,
    HTTP_UNAUTHORIZED = 401,
    NTLM_NO_SEAL = 0x4e54000e, /* a flag that was asked for is not granted, says gss-ntlmssp */
};

#define TIER_A                                                                               \
    "put {user} into the local group Remote Management Users of {host} (S-1-5-32-580; into " \
    "WinRMRemoteWMIUsers__ too where fault 5 stays)"
#define PASSWORD_CURE                                                                            \
    "correct the password of {user}, or make its keytab anew: every new password makes the old " \
    "keytab void (docs/GUIDE.md); each try counts towards its lock-out"
#define REGISTRY_CURE                                                                          \
    "give {user} Read on HKLM\\SYSTEM\\CurrentControlSet, HKLM\\SOFTWARE\\Citrix and "         \
    "HKLM\\SOFTWARE\\Microsoft\\Cryptography of {host}, which users have unless somebody has " \
    "taken it away"
#define QUOTA_CURE                                                                          \
    "wait, or ask fewer hosts at a time; on {host} `winrm get winrm/config/service` shows " \
    "MaxConcurrentOperationsPerUser, and `winrm get winrm/config/winrs` MaxShellsPerUser: " \
    "raise the one that is full, or end what else uses the account"

const struct doctor_cure doctor_cures[] = {
    /* ---- the name ---- */
    {"name-servers", "name", REASON_DNS, 0, "ontact DNS servers", NULL, 0,
     "no name server of /etc/resolv.conf answers: see whether they are up and port 53 is let "
     "through, or give the address in ansible_host"},
    {"name-unknown", "name", REASON_DNS, 0, NULL, NULL, 0,
     "correct the name {address} in the inventory, or give the address in ansible_host; names of a "
     "domain want its name servers in /etc/resolv.conf"},

    /* ---- the connection ---- */
    {"winrm-refused", "connect", REASON_REFUSED, 0, NULL, NULL, DOCTOR_HTTP,
     "on {host} run `winrm quickconfig` (by Group Policy: Allow remote server management through "
     "WinRM), which starts the service and its listener on 5985; or correct the port {port}"},
    {"winrm-https-refused", "connect", REASON_REFUSED, 0, NULL, NULL, DOCTOR_HTTPS,
     "on {host} make the listener of port 5986, with a certificate for Server Authentication in "
     "its name: `winrm quickconfig -transport:https`; or use pvsaudit_scheme: http, which is "
     "sealed as well"},
    {"ssh-refused", "connect", REASON_REFUSED, 0, NULL, NULL, DOCTOR_SSH | DOCTOR_WINDOWS,
     "on {host} run `Set-Service sshd -StartupType Automatic; Start-Service sshd` (2025 has it "
     "switched off, 2019 and 2022 want the feature OpenSSH.Server); or correct the port {port}"},
    {"ssh-refused-linux", "connect", REASON_REFUSED, 0, NULL, NULL, DOCTOR_SSH | DOCTOR_LINUX,
     "on {host} run `systemctl enable --now ssh`, or correct the port {port}"},
    {"ssh-firewall", "connect", REASON_UNREACHABLE, ETIMEDOUT, NULL, NULL, DOCTOR_SSH,
     "see whether {host} is up; if so, let TCP {port} through: on Windows the firewall rule "
     "OpenSSH-Server-In-TCP must be on for the profile that its network has "
     "(Get-NetConnectionProfile), and so must every firewall on the way"},
    {"winrm-firewall", "connect", REASON_UNREACHABLE, ETIMEDOUT, NULL, NULL, 0,
     "see whether {host} is up; if so, let TCP {port} through: its firewall rule Windows Remote "
     "Management (HTTP-In) must be on for the profile that its network has "
     "(Get-NetConnectionProfile), and in the public profile it lets in the own subnet alone"},
    {"winrm-closed", NULL, REASON_UNREACHABLE, 0, "reset by peer|closed the connection", NULL,
     DOCTOR_WINRM,
     "the connection is taken and ended at once: see the IPv4Filter and IPv6Filter of `winrm get "
     "winrm/config/service` on {host}, and any firewall or balancer on the way"},
    {"no-route", "connect", REASON_UNREACHABLE, 0, NULL, NULL, 0,
     "no way leads to {address} from here: correct ansible_host, or the route (`ip route get`)"},
    {"ssh-full", NULL, REASON_THROTTLED, 0, "before its banner", NULL, DOCTOR_SSH,
     "raise MaxStartups in the sshd_config of {host}, or ask fewer hosts at a time; sshd since "
     "9.8 also shuts out who failed often (PerSourcePenalties)"},

    /* ---- SSH: the key exchange and the host key ---- */
    {"ssh-kex", "handshake", REASON_UNREACHABLE, 0, "in common", NULL, DOCTOR_SSH,
     "allow one of the algorithms that this machine takes in the sshd_config of {host} (Ciphers "
     "aes256-ctr, MACs hmac-sha2-256, HostKey of ed25519 or ECDSA), and restart sshd"},
    {"not-ssh", "handshake", REASON_UNREACHABLE, 0, "no SSH server", NULL, DOCTOR_SSH,
     "something else listens on port {port} of {host}: correct ansible_port, or the transport"},
    {"ssh-silent", "handshake", REASON_TIMEOUT, 0, NULL, NULL, DOCTOR_SSH,
     "{host} takes connections and does not speak: see on its console what holds it up, or what "
     "else listens on port {port}"},
    {"host-key-unknown", "host-key", REASON_HOST_KEY, 0, "nothing is known", NULL, DOCTOR_SSH,
     "compare it with `ssh-keygen -lf` of the host's own key file on {host}, then scan it once "
     "with --accept-new, which pins it"},
    {"host-key-changed", "host-key", REASON_HOST_KEY, 0, "another key", NULL, DOCTOR_SSH,
     "find out whether {host} was reinstalled; only if its own console shows this key, delete the "
     "old line and pin the new one by a scan with --accept-new"},
    {"host-key-revoked", "host-key", REASON_HOST_KEY, 0, "revokes", NULL, DOCTOR_SSH,
     "the key of {host} is known as stolen: give the host a new one (`ssh-keygen -A` after "
     "deleting it), and pin that"},
    {"host-key-kind", "host-key", REASON_HOST_KEY, 0, " has an ", NULL, DOCTOR_SSH,
     "the known line is of another kind of key: compare the shown one with `ssh-keygen -lf` on "
     "{host}, and add its line beside the old one"},

    /* ---- TLS ---- */
    {"cert-expired", "tls", REASON_TLS, 0, "expired", NULL, DOCTOR_HTTPS,
     "renew the certificate of {host} and give its thumbprint to the listener (`winrm set "
     "winrm/config/listener?Address=*+Transport=HTTPS @{CertificateThumbprint=\"...\"}`)"},
    {"cert-pin", "tls", REASON_TLS, 0, "the pinned one", NULL, DOCTOR_HTTPS,
     "find out whether {host} has a new certificate; only if its own store shows the new "
     "fingerprint, put that into pvsaudit_cert_sha256"},
    {"cert-name", "tls", REASON_TLS, 0, "name", NULL, DOCTOR_HTTPS,
     "use in the inventory a name that the certificate has, or give {host} one with {address} "
     "among its names, or pin it (pvsaudit_cert_sha256)"},
    {"cert-authority", "tls", REASON_TLS, 0, "issuer", NULL, DOCTOR_HTTPS,
     "name the file of the authority that signed it (pvsaudit_ca_file), or pin this one "
     "certificate (pvsaudit_cert_sha256)"},
    {"tls-silent", "tls", REASON_TIMEOUT, 0, NULL, NULL, DOCTOR_HTTPS,
     "port {port} of {host} takes connections and does not answer in TLS: 5986 is the port of "
     "https, 5985 that of http (pvsaudit_port, pvsaudit_scheme); or restart its WinRM service"},
    {"not-tls", "tls", REASON_UNREACHABLE, 0, NULL, NULL, DOCTOR_HTTPS,
     "port {port} of {host} does not speak https: 5986 is the port of https, 5985 that of http "
     "(pvsaudit_port, pvsaudit_scheme)"},

    /* ---- what is offered ---- */
    {"kerberos-off", "mechanisms", REASON_AUTH, HTTP_UNAUTHORIZED, NULL, NULL, DOCTOR_TICKET,
     "on {host} `winrm get winrm/config/service/auth` shows what is on: switch Kerberos on there "
     "(`winrm set winrm/config/service/auth @{Kerberos=\"true\"}`), or choose by pvsaudit_auth "
     "what "
     "it offers"},
    {"mechanism-off", "mechanisms", REASON_AUTH, HTTP_UNAUTHORIZED, NULL, NULL, 0,
     "choose by pvsaudit_auth what {host} offers, or switch this on there (`winrm set "
     "winrm/config/service/auth`); Basic is offered over https alone unless AllowUnencrypted is "
     "on"},
    {"proxy", NULL, REASON_THROTTLED, 0, "HTTP status", NULL, 0,
     "what answers is a proxy or a balancer before {host}, or a service that is overloaded: let "
     "port {port} through without it, since a login belongs to its connection"},
    {"redirected", NULL, REASON_UNREACHABLE, 0, "to another place", NULL, 0,
     "what listens on port {port} is no WinRM service: correct the port, or the address"},
    {"not-winrm", "mechanisms", REASON_UNREACHABLE, 0, "does not speak HTTP|than WinRM|no WinRM",
     NULL, 0,
     "what listens on port {port} is no WinRM service over http: 5985 is the port of http, 5986 "
     "that of https (pvsaudit_port, pvsaudit_scheme)"},
    {"forbidden", NULL, REASON_DENIED, 403, NULL, NULL, DOCTOR_WINRM,
     "{host} forbids it to this machine: see the IPv4Filter and IPv6Filter of `winrm get "
     "winrm/config/service` there, and the rules of a web server that shares the port"},
    {"winrm-silent", "mechanisms", REASON_TIMEOUT, 0, NULL, NULL, 0,
     "{host} takes connections and does not answer: restart its WinRM service, and see what holds "
     "the machine up"},

    /* ---- the login ---- */
    {"kdc-silent", "login", REASON_AUTH, 0, "KDC unreachable", NULL, DOCTOR_TICKET,
     "let this machine reach a KDC of the realm on port 88, TCP and UDP; name it in the settings "
     "(kerberos) where DNS does not tell it, or give pvsaudit_realm"},
    {"password-wrong", "login", REASON_AUTH, KRB5_PREAUTH_FAILED, NULL, NULL, DOCTOR_TICKET,
     PASSWORD_CURE},
    /* Where the realm takes no proof before it gives a ticket, the ticket cannot be opened. */
    {"password-wrong-unproven", "login", REASON_AUTH, KRB5_BAD_INTEGRITY, NULL, NULL, DOCTOR_TICKET,
     PASSWORD_CURE},
    {"account-unknown", "login", REASON_AUTH, KRB5_CLIENT_UNKNOWN, NULL, NULL, DOCTOR_TICKET,
     "correct pvsaudit_user or pvsaudit_realm: the realm has no account {user}"},
    {"account-locked", "login", REASON_AUTH, KRB5_CLIENT_REVOKED, NULL, NULL, DOCTOR_TICKET,
     "unlock or enable {user} in the domain (Unlock-ADAccount, Enable-ADAccount), and first end "
     "what locks it: some other machine may hold an old password"},
    {"account-expired", "login", REASON_AUTH, KRB5_ACCOUNT_EXPIRED, NULL, NULL, DOCTOR_TICKET,
     "set another end for {user} in the realm (Set-ADAccountExpiration), or none"},
    {"password-expired", "login", REASON_AUTH, KRB5_PASSWORD_EXPIRED, NULL, NULL, DOCTOR_TICKET,
     "set a new password for {user}, and make its keytab anew; a service account should be exempt "
     "from expiry"},
    {"ticket-expired", "login", REASON_AUTH, 0, "has expired", NULL, DOCTOR_TICKET,
     "get a new ticket into the cache (`kinit -c`), and let k5start or sssd keep it fresh; or use "
     "a keytab"},
    {"ticket-none", "login", REASON_AUTH, KRB5_NO_TICKET, NULL, NULL, DOCTOR_TICKET,
     "the cache has no ticket of the realm: `kinit -c` as {user}, or use a keytab"},
    {"keytab-name", "login", REASON_AUTH, KRB5_NO_KEY, NULL, NULL, DOCTOR_TICKET,
     "write pvsaudit_user as `klist -k` shows it, capitals of the realm too"},
    {"spn-unknown", "login", REASON_AUTH, KRB5_SERVICE_UNKNOWN, NULL, NULL, DOCTOR_TICKET,
     "use the name that the host has in its domain: the realm has neither HTTP/{host} nor "
     "WSMAN/{host} (`setspn -L` of its computer account; HOST/name covers both)"},
    {"spn-lost", "login", REASON_AUTH, HTTP_UNAUTHORIZED, "no WSMAN service", NULL, DOCTOR_TICKET,
     "`setspn -Q HTTP/{host}` shows the account that has it, another one than the host's (IIS, "
     "SSRS): register WSMAN/{host} for the computer account (`setspn -S`)"},
    {"clock-login", "login", REASON_AUTH, HTTP_UNAUTHORIZED, NULL, NULL,
     DOCTOR_TICKET | DOCTOR_APART,
     "set the clock of {host} right (`w32tm /resync`; its domain controller's, if that is wrong "
     "too): a host takes no ticket that is more than five minutes from its own clock"},
    {"ticket-refused-https", "login", REASON_AUTH, HTTP_UNAUTHORIZED, NULL, NULL,
     DOCTOR_TICKET | DOCTOR_HTTPS,
     "{host} got a ticket and refused it: either something between ends TLS in its place, and its "
     "CbtHardeningLevel notices (go around it, or set Relaxed there); or its SPN belongs to "
     "another "
     "account (`setspn -Q HTTP/{host}`)"},
    {"spn-clash", "login", REASON_AUTH, HTTP_UNAUTHORIZED, NULL, NULL, DOCTOR_TICKET,
     "{host} cannot open the ticket (0x80090322): `setspn -Q HTTP/{host}` and `setspn -X` show "
     "which other account has its name; use pvsaudit_spn_service: WSMAN, or take the double "
     "entry away; a host restored from an old image wants Reset-ComputerMachinePassword"},
    {"basic-refused", "login", REASON_AUTH, HTTP_UNAUTHORIZED, "by basic", NULL, 0,
     "Basic takes local accounts of {host} alone: correct name or password, and see that the "
     "account is not locked (`net user`); a domain account wants Kerberos"},
    {"certificate-refused", "login", REASON_AUTH, HTTP_UNAUTHORIZED, "by certificate", NULL, 0,
     "on {host} map the certificate to a local account (`winrm enumerate "
     "winrm/config/service/certmapping`), with its issuer among the trusted roots, and Certificate "
     "switched on in winrm/config/service/auth"},
    {"binding-refused", "login", REASON_AUTH, HTTP_UNAUTHORIZED, NULL, NULL, DOCTOR_HTTPS,
     "correct the password of {user}; if it is right, something between ends TLS in the place of "
     "{host}, and its CbtHardeningLevel notices: go around it, or set Relaxed there"},
    {"password-refused", "login", REASON_AUTH, HTTP_UNAUTHORIZED, NULL, NULL, 0,
     "correct name or password of {user} (a local account: HOST\\name), see that it is not locked "
     "or expired, and that Access this computer from the network lets it in on {host}"},
    {"no-seal", "login", REASON_AUTH, NTLM_NO_SEAL, NULL, NULL, 0,
     "let NTLM seal on {host} (Network security: minimum session security for NTLM SSP, 128-bit "
     "encryption), or use Kerberos or https; nothing was sent in the clear"},
    {"ntlm-library", "login", REASON_AUTH, 0, "NTLM", NULL, 0,
     "install gss-ntlmssp on this machine (`apt-get install gss-ntlmssp`), or use Kerberos"},
    {"ssh-both", "login", REASON_AUTH, 0, "as well, which", NULL, DOCTOR_SSH,
     "exempt {user} from AuthenticationMethods in the sshd_config of {host} (Match User), so that "
     "one method is enough"},
    {"ssh-method", "login", REASON_AUTH, 0, "does not take", NULL, DOCTOR_SSH, NULL},
    {"ssh-agent-empty", "login", REASON_AUTH, 0, "holds no key", NULL, DOCTOR_SSH, NULL},
    {"ssh-agent-useless", "login", REASON_AUTH, 0, "can be used", NULL, DOCTOR_SSH,
     "make an ed25519 key (`ssh-keygen -t ed25519`), add it to the agent and its public half on "
     "{host}: RSA keys want libssh2 1.11, and certificates and hardware keys are not supported"},
    {"ssh-agent-silent", "login", REASON_TIMEOUT, 0, "ssh-agent did not answer", NULL, DOCTOR_SSH,
     "the agent waits for somebody (ssh-add -c, a touch) or hangs: give a key without that, or "
     "pvsaudit_key_file"},
    {"ssh-agent-declined", "login", REASON_AUTH, 0, "declined to sign", NULL, DOCTOR_SSH, NULL},
    {"ssh-signature", "login", REASON_AUTH, 0, "refuses the signature", NULL, DOCTOR_SSH, NULL},
    {"ssh-password", "login", REASON_AUTH, 0, "refuses the password", NULL, DOCTOR_SSH,
     "correct the password of {user}, and see that the account may log in on {host} (AllowUsers, "
     "AllowGroups; on Windows also Access this computer from the network)"},
    {"ssh-key-windows", "login", REASON_AUTH, 0, NULL, NULL, DOCTOR_SSH | DOCTOR_WINDOWS,
     "on {host} put the public half (`ssh-keygen -y -f KEY`) into "
     "%ProgramData%\\ssh\\administrators_authorized_keys for a member of Administrators (only "
     "SYSTEM and Administrators may write that file), else into .ssh\\authorized_keys of the "
     "account; see AllowGroups, and Access this computer from the network"},
    {"ssh-key", "login", REASON_AUTH, 0, NULL, NULL, DOCTOR_SSH,
     "on {host} put the public half (`ssh-keygen -y -f KEY`) into ~/.ssh/authorized_keys of "
     "{user}, "
     "which nobody else may write (nor the folders above); see AllowUsers and the log of sshd"},
    {"login-silent", "login", REASON_TIMEOUT, 0, NULL, NULL, 0,
     "{host} does not decide on the login in time: see whether it reaches its domain controller, "
     "and raise deadlines.auth if it is only slow"},

    /* ---- quotas ---- */
    {"quota-shells", "shell", REASON_NONE, INT64_C(0x803381a5), NULL, NULL, 0, QUOTA_CURE},
    {"quota", NULL, REASON_THROTTLED, 0, NULL, NULL, 0, QUOTA_CURE},

    /* ---- rights, over WinRM ---- */
    {"shell-denied", "shell", REASON_NONE, 0, NULL, "denied", 0,
     "only where WMI is closed or an old Windows does not say whose an endpoint is: give {user} "
     "Read and Execute by `winrm configSDDL default` on {host} (RootSDDL, which leaves Remote "
     "Management Users out)"},
    {"local-account", NULL, REASON_NONE, 5, NULL, "denied", DOCTOR_WINRM | DOCTOR_LOCAL,
     "UAC takes its rights from a local administrator who comes over the network: set "
     "LocalAccountTokenFilterPolicy to 1 on {host}, or better use a domain account; or " TIER_A},
    {"winrm-denied", NULL, REASON_NONE, 5, NULL, "denied", DOCTOR_WINRM, TIER_A},
    {"namespace-denied", NULL, REASON_NONE, 0, NULL, "denied", DOCTOR_WINRM,
     "on {host} (wmimgmt.msc, Security) give {user} on {namespace} the rights Enable Account, "
     "Execute Methods, Remote Enable and Read Security (0x1, 0x2, 0x20, 0x20000)"},
    {"services-hidden", NULL, REASON_NONE, 0, NULL, "hidden", 0,
     "a visit does without (tier A); to see states and exit codes, by Group Policy (System "
     "Services) give {user} (A;;CCLCRPRC;;;SID) on the service control manager and "
     "(A;;CCLCLORC;;;SID) on each watched service, where RP would be the right to start it"},
    {"registry-denied", NULL, REASON_NONE, 0, NULL, "closed", DOCTOR_WINRM, REGISTRY_CURE},
    {"envelope", NULL, REASON_NONE, 0, NULL, "too-large", 0,
     "raise it on {host}: `winrm set winrm/config @{MaxEnvelopeSizekb=\"500\"}`"},

    /* ---- rights, over SSH ---- */
    {"exec-denied", "command", REASON_DENIED, 0, "not run a command", NULL, DOCTOR_SSH,
     "let {user} run commands on {host}: a shell of its own, no ForceCommand, no restrict or "
     "command= before its key"},
    {"exec-else", "command", REASON_DENIED, 0, "runs something else", NULL, DOCTOR_SSH, NULL},
    {"registry-closed", NULL, REASON_NONE, 0, "reg: ", "denied", DOCTOR_SSH, REGISTRY_CURE},
    {"cim-denied", NULL, REASON_NONE, 0, "cim: ", "denied", DOCTOR_SSH | DOCTOR_WINDOWS,
     "on {host} (wmimgmt.msc, Security) give {user} Enable Account and Remote Enable on "
     "root\\cimv2 "
     "and restart sshd; without it Event Log Readers tell the boot at least"},

    /* ---- the whole ---- */
    {"clock", "clock", REASON_NONE, 0, NULL, NULL, 0,
     "set the clocks right, here and on {host} (`w32tm /resync`, NTP): Kerberos allows five "
     "minutes, and readings are told by the clock"},
    {"wrong-host", "visit", REASON_WRONG_HOST, 0, NULL, NULL, 0,
     "see whether the name leads to the right address (`getent hosts {address}`, ansible_host); if "
     "it does, tell what the machine calls itself in pvsaudit_computer_name"},
    {"exec-slow", NULL, REASON_TIMEOUT, 0, NULL, NULL, 0,
     "{host} does not answer {step} in time: see what holds it up (winmgmt, its processors, its "
     "disks), and raise deadlines.exec if it is only slow"},
    {"broken-off", NULL, REASON_PARTIAL, 0, NULL, NULL, 0,
     "the conversation broke off at {step}: see the event log of {host} (WinRM, sshd) and any "
     "proxy or balancer between, then ask again"},
    {"other", NULL, REASON_NONE, 0, NULL, NULL, DOCTOR_MUTE,
     "nothing better is known of it: look at {step} in the event log of {host}, and at each state "
     "of the conversation (`pvsaudit scan -l {host} -vv`)"},
};
const size_t doctor_cure_count = sizeof(doctor_cures) / sizeof(doctor_cures[0]);
