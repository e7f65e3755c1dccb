"""Answers of real Windows servers over WS-Management: items by file, faults by their codes."""
import glob
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.programs import recordings, run  # noqa: E402

# Counted in the files by hand: the opening tags of the class, or of w:XmlFragment.
ITEMS = {
    "srv2003_Win32_IP4RouteTable_star": [7],
    "srv2003_Win32_NetworkAdapterConfiguration_star": [7],
    "srv2003_Win32_OperatingSystem_all": [1],
    "srv2003_Win32_OperatingSystem_star": [1],
    "srv2003_Win32_Service_all": [104],
    "srv2003_Win32_Service_star": [104],
    "srv2008_Win32_IP4RouteTable_star": [1, 13],
    "srv2008_Win32_NetworkAdapterConfiguration_star": [1, 13],
    "srv2008_Win32_OperatingSystem_all": [1],
    "srv2008_Win32_OperatingSystem_star": [1],
    "srv2008_Win32_Service_all": [1, 59, 60, 2],
    "srv2008_Win32_Service_star": [1, 50, 52, 19],
}
FAULTS = {
    "faults/pypsrp_psrp_is_alive_invalid_selectors_04_response.xml": 2150858843,
    "faults/txwinrm_max_concurrent_operations.xml": 2150859174,
    "faults/winrb_soap_fault_v2.xml": 2150858778,
    "faults/winrb_wmi_error_v2.xml": 2150859173,
    "shell/pypsrp_winrs_no_cmd_shell_01_response.xml": 2147942402,
    "shell/pypsrp_winrs_operation_timeout_03_response.xml": 2150858793,
    "shell/pypsrp_winrs_operation_timeout_04_response.xml": 2150858793,
}


def parsed(path):
    result = run("pvsaudit-collect", "parse", "wmi", path, "--json")
    if result.code != 0:
        print(result)
    return result.rows if result.code == 0 else []


def main():
    folder = recordings()
    if folder is None:
        print("PVSAUDIT_RECORDINGS is not set: the recordings are not here")
        return 1
    wrong = files = items = 0
    for name, expected in ITEMS.items():
        paths = sorted(glob.glob(os.path.join(folder, "wmi-enumerate", name + "_*.xml")))
        counts = [max((row["item"] or 0 for row in parsed(path)), default=0) for path in paths]
        files += len(paths)
        items += sum(counts)
        wrong += counts != expected
        print(f"{name}: {'+'.join(map(str, counts))}"
              f"{'' if counts == expected else f'   EXPECTED {expected}'}")
    seen = len(glob.glob(os.path.join(folder, "wmi-enumerate", "*.xml")))
    for path, code in FAULTS.items():
        codes = [row["fault"] for row in parsed(os.path.join(folder, path)) if row["fault"]]
        files += 1
        wrong += codes != [code]
        print(f"{path}: fault {codes}{'' if codes == [code] else f'   EXPECTED {code}'}")
    met = wrong == 0 and seen == sum(len(counts) for counts in ITEMS.values())
    print(f"recordings-wmi: {files} files, {items} items, {wrong} different, "
          f"{'met' if met else 'UNMET'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
