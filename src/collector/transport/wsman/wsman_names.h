/* wsman_names: the namespaces, actions and resources of WS-Management (DSP0226, MS-WSMV 2.2.1). */
#ifndef PVSAUDIT_COLLECTOR_TRANSPORT_WSMAN_WSMAN_NAMES_H
#define PVSAUDIT_COLLECTOR_TRANSPORT_WSMAN_WSMAN_NAMES_H

#define WSMAN_NS_SOAP "http://www.w3.org/2003/05/soap-envelope"
#define WSMAN_NS_ADDRESSING "http://schemas.xmlsoap.org/ws/2004/08/addressing"
#define WSMAN_NS_ENUMERATION "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
#define WSMAN_NS_TRANSFER "http://schemas.xmlsoap.org/ws/2004/09/transfer"
#define WSMAN_NS_WSMAN "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
#define WSMAN_NS_IDENTITY "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
#define WSMAN_NS_FAULT "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
#define WSMAN_NS_SHELL "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
#define WSMAN_NS_INSTANCE "http://www.w3.org/2001/XMLSchema-instance"

#define WSMAN_WMI "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
#define WSMAN_CMD WSMAN_NS_SHELL "/cmd"
#define WSMAN_WQL "http://schemas.microsoft.com/wbem/wsman/1/WQL"
#define WSMAN_ANONYMOUS WSMAN_NS_ADDRESSING "/role/anonymous"

#endif
