"""WS-Management in text: the envelopes of requests, and what an answer says (DSP0226, MS-WSMV)."""
import uuid
import xml.etree.ElementTree as ElementTree

SOAP = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
ENUMERATION = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
WQL = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
NS_DMTF = "http://schemas.dmtf.org/wbem/wscim/1/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
IDENTIFY = (f'<s:Envelope xmlns:s="{SOAP}" '
            'xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd">'
            "<s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>")


def envelope(action, resource, body="", header="", timeout="PT60S", max_size=512000):
    return (f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="{ADDRESSING}" xmlns:n="{ENUMERATION}" '
            f'xmlns:w="{WSMAN}" xmlns:rsp="{SHELL}"><s:Header>'
            f"<a:Action>{action}</a:Action><a:To>http://server/wsman</a:To>"
            f"<w:ResourceURI>{resource}</w:ResourceURI>"
            f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID>"
            f"<a:ReplyTo><a:Address>{ADDRESSING}/role/anonymous</a:Address></a:ReplyTo>"
            f"<w:MaxEnvelopeSize>{max_size}</w:MaxEnvelopeSize>"
            f"<w:OperationTimeout>{timeout}</w:OperationTimeout>{header}</s:Header>"
            f"<s:Body>{body}</s:Body></s:Envelope>")


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def enumerate_request(resource, query=None, optimise=True, most=32000, **options):
    wql = f'<w:Filter Dialect="{WQL}">{escape(query)}</w:Filter>' if query else ""
    asked = f"<w:OptimizeEnumeration/><w:MaxElements>{most}</w:MaxElements>" if optimise else ""
    return envelope(f"{ENUMERATION}/Enumerate", WMI + resource,
                    f"<n:Enumerate>{asked}{wql}</n:Enumerate>", **options)


def pull_request(resource, context, most=32000, **options):
    return envelope(f"{ENUMERATION}/Pull", WMI + resource,
                    f"<n:Pull><n:EnumerationContext>{context}</n:EnumerationContext>"
                    f"<n:MaxElements>{most}</n:MaxElements></n:Pull>", **options)


def release_request(resource, context):
    return envelope(f"{ENUMERATION}/Release", WMI + resource,
                    f"<n:Release><n:EnumerationContext>{context}</n:EnumerationContext></n:Release>")


def invoke_request(resource, method, **arguments):
    uri = WMI + resource
    inner = "".join(f"<p:{key}>{value}</p:{key}>" for key, value in arguments.items())
    return envelope(f"{uri}/{method}", uri, f'<p:{method}_INPUT xmlns:p="{uri}">{inner}</p:{method}_INPUT>')


def shell_request(action, body="", shell=None, timeout="PT60S", **options):
    """action: Create, Delete of the shell itself; Command, Receive, Send, Signal inside of it."""
    base = TRANSFER if action in ("Create", "Delete") else SHELL
    header = f'<w:SelectorSet><w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet>' if shell else ""
    if options:
        header += "<w:OptionSet>" + "".join(f'<w:Option Name="{name}">{value}</w:Option>'
                                            for name, value in options.items()) + "</w:OptionSet>"
    return envelope(f"{base}/{action}", f"{SHELL}/cmd", body, header, timeout)


def local(tag):
    return tag.rpartition("}")[2]


def value_of(element):
    """None for xsi:nil, else the text, the one of a Datetime inside of it."""
    if element.get(f"{{{XSI}}}nil") == "true":
        return None
    return (element[0].text if len(element) else element.text) or ""


class Answer:
    """One answer, taken apart by namespaces."""

    def __init__(self, answer):
        self.status, self.text = answer
        self.root = ElementTree.fromstring(self.text.encode())
        self.body = self.root.find(f"{{{SOAP}}}Body")

    def _find(self, path):
        return self.body.find(path)

    @property
    def elements(self):
        """The items as they stand there."""
        found = [node for node in self.body.iter() if local(node.tag) == "Items"]
        return list(found[0]) if found else []

    @property
    def items(self):
        """[{property: text, None, or a list where it repeats}]."""
        rows = []
        for element in self.elements:
            row = {}
            for child in element:
                name, value = local(child.tag), value_of(child)
                if name in row:
                    row[name] = (row[name] if isinstance(row[name], list) else [row[name]]) + [value]
                else:
                    row[name] = value
            rows.append(row)
        return rows

    @property
    def context(self):
        found = self.body.find(f".//{{{ENUMERATION}}}EnumerationContext")
        return found.text if found is not None else None

    @property
    def end(self):
        """The namespace of EndOfSequence; None where there is more to come."""
        for node in self.body.iter():
            if local(node.tag) == "EndOfSequence":
                return node.tag.rpartition("}")[0][1:]
        return None

    @property
    def code(self):
        """A fault's number: WSManFault's, or error_Code of MSFT_WmiError; None for no fault."""
        for node in self.body.iter():
            if local(node.tag) == "WSManFault":
                return int(node.get("Code"))
            if local(node.tag) == "error_Code":
                return int(node.text)
        return None

    @property
    def subcode(self):
        found = self.body.find(f".//{{{SOAP}}}Subcode/{{{SOAP}}}Value")
        return found.text if found is not None else None

    @property
    def outputs(self):
        """{parameter: values} of a method's answer."""
        found = {}
        for child in self.body[0]:
            found.setdefault(local(child.tag), []).append(value_of(child))
        return found

    def text_of(self, name):
        for node in self.body.iter():
            if local(node.tag) == name:
                return node.text
        return None

    def streams(self):
        """{stream: bytes}, and the state's last word with the exit code."""
        import base64
        found = {"stdout": b"", "stderr": b""}
        for node in self.body.iter(f"{{{SHELL}}}Stream"):
            found[node.get("Name")] += base64.b64decode(node.text or "", validate=True)
        state = self.body.find(f".//{{{SHELL}}}CommandState")
        code = self.text_of("ExitCode")
        return found, state.get("State").rpartition("/")[2], None if code is None else int(code)


def enumerate_all(send, resource, query=None, most=32000, **options):
    """Every item, by Enumerate and as many Pulls as it takes; send: text -> (status, text)."""
    answer = Answer(send(enumerate_request(resource, query, most=most, **options)))
    answers = [answer]
    while answer.code is None and answer.end is None and answer.context:
        answer = Answer(send(pull_request(resource, answer.context, most=most, **options)))
        answers.append(answer)
    return answers


def items_of(answers):
    assert all(answer.code is None for answer in answers), [answer.text for answer in answers]
    return [item for answer in answers for item in answer.items]
