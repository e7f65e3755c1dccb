/* wmi_questions: what a Windows server is asked over WinRM, one question after the other. */
#ifndef PVSAUDIT_COLLECTOR_PROBE_WMI_WMI_QUESTIONS_H
#define PVSAUDIT_COLLECTOR_PROBE_WMI_WMI_QUESTIONS_H

#include "collector/probe/probe.h"

extern const struct probe probe_windows_wmi;
extern const struct probe probe_windows_wmi_light;

#endif
