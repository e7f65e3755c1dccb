/* edition: the versions of Windows Server, and what tells one from the next. */
#include "farm/server/edition.h"

#define OPENSSH "OpenSSH_for_Windows_"

const struct edition editions[OS_COUNT] = {
    [OS_2008R2] = {"2008 R2", "Windows Server 2008 R2 Standard", "6.1", 7601, 24214, false, "1.0",
                   "2.0", 15, 150, OPENSSH "7.7"},
    [OS_2012] = {"2012", "Windows Server 2012 Standard", "6.2", 9200, 24414, false, "0.0", "3.0",
                 1500, 500, OPENSSH "7.7"},
    [OS_2012R2] = {"2012 R2", "Windows Server 2012 R2 Standard", "6.3", 9600, 21620, false, "0.0",
                   "3.0", 1500, 500, OPENSSH "7.7"},
    [OS_2016] = {"2016", "Windows Server 2016 Standard", "10.0", 14393, 6796, false, "0.0", "3.0",
                 1500, 500, OPENSSH "7.7"},
    [OS_2019] = {"2019", "Windows Server 2019 Standard", "10.0", 17763, 5576, true, "0.0", "3.0",
                 1500, 500, OPENSSH "7.7"},
    [OS_2022] = {"2022", "Windows Server 2022 Standard", "10.0", 20348, 2340, true, "0.0", "3.0",
                 1500, 500, OPENSSH "8.1"},
    [OS_2025] = {"2025", "Windows Server 2025 Standard", "10.0", 26100, 1742, true, "0.0", "3.0",
                 1500, 500, OPENSSH "9.5"},
};
