"""python3-winrm asking each server what a visit asks, one server after the other: the peer of fleet.py."""
import json
import os
import sys
import xml.etree.ElementTree as ElementTree

import winrm.exceptions
import winrm.transport

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness.wsman import Answer, enumerate_request, invoke_request, pull_request  # noqa: E402

CIM, STANDARD, REGISTRY = "root/cimv2/*", "root/standardcimv2/*", "root/default/StdRegProv"
SERVICES = " or ".join(f"Name='{name}'" for name in ("BNPXE", "BNTFTP", "StreamService", "soapserver", "DHCPServer"))
QUERIES = [
    (CIM, "select CSName,Version,LastBootUpTime,LocalDateTime from Win32_OperatingSystem"),
    (CIM, "select Name,DisplayName,State,StartMode,ProcessId,ExitCode,PathName,StartName,DelayedAutoStart "
          f"from Win32_Service where {SERVICES}"),
    (STANDARD, "select LocalAddress,LocalPort,OwningProcess,CreationTime from MSFT_NetUDPEndpoint"),
    (STANDARD, "select LocalAddress,LocalPort,OwningProcess,CreationTime from MSFT_NetTCPConnection where State=2"),
    (CIM, f"select Name,State,ProcessId from Win32_Service where {SERVICES}"),
    (CIM, "select ProcessId,ParentProcessId,Name,CreationDate from Win32_Process"),
    (CIM, "select IPAddress,IPSubnet from Win32_NetworkAdapterConfiguration where IPEnabled=TRUE"),
    (STANDARD, "select DynamicPortRangeStartPort,DynamicPortRangeNumberOfPorts from MSFT_NetUDPSetting"),
]
WIZARD = "SOFTWARE\\Citrix\\ProvisioningServices\\Wizard"
CALLS = [("GetStringValue", "SOFTWARE\\Microsoft\\Cryptography", "MachineGuid"),
         ("GetDWORDValue", "SYSTEM\\CurrentControlSet\\Control", "AutoStartDelay"),
         ("EnumKey", WIZARD, None), ("GetDWORDValue", WIZARD, "DHCPType"), ("GetDWORDValue", WIZARD, "PXEType"),
         ("GetDWORDValue", WIZARD, "TFTPSetting"),
         ("EnumKey", "SYSTEM\\CurrentControlSet\\Services\\DHCPServer", None)]


def send(transport, text):
    """What the server answers; python3-winrm raises where that is a fault."""
    try:
        answer = transport.send_message(text.encode())
    except winrm.exceptions.WinRMTransportError as fault:
        answer = fault.response_text
    return answer.decode() if isinstance(answer, bytes) else answer


def visit(url, job):
    transport = winrm.transport.Transport(
        endpoint=url, auth_method=job["transport"], username=job["user"], password=job["password"],
        ca_trust_path=job["ca"], message_encryption="auto" if job["transport"] == "ntlm" else "never",
        read_timeout_sec=30)
    for resource, query in QUERIES:
        answer = Answer((200, send(transport, enumerate_request(resource, query))))
        while not answer.end and answer.context:
            answer = Answer((200, send(transport, pull_request(resource, answer.context))))
    for method, key, value in CALLS:
        arguments = {"hDefKey": 2147483650, "sSubKeyName": key, **({"sValueName": value} if value else {})}
        ElementTree.fromstring(send(transport, invoke_request(REGISTRY, method, **arguments)))
    transport.session.close()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    for url in job["urls"]:
        visit(url, job)


if __name__ == "__main__":
    main()
