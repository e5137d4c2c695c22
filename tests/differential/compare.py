"""Runs mailassay, sslyze, testssl.sh and sslscan on the same servers and compares what they say.

compare.py MAILASSAY CONFIG PEERS TABLES NAME,HOST,IP,SOCKETS...

Connections are counted by the kernel of the namespace; SOCKETS is how many a server makes of one (2 behind the shim).
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import tomllib
import xml.etree.ElementTree as xml

MAILASSAY, CONFIG, PEERS, TABLES, *TARGETS = sys.argv[1:]
SUITES = tomllib.loads(pathlib.Path(TABLES).read_text())["cipher"]
NAMES = {suite["code"].lower(): suite["iana"] or suite["openssl"] for suite in SUITES}
CODES = {name: suite["code"].lower() for suite in SUITES for name in (suite["iana"], suite["openssl"]) if name}
VERSIONS = ["SSL2.0", "SSL3.0", "TLS1.0", "TLS1.1", "TLS1.2", "TLS1.3"]


def opened():
    """How many connections the namespace has accepted."""
    header, values = [line.split() for line in open("/proc/net/snmp") if line.startswith("Tcp:")]
    return int(values[header.index("PassiveOpens")])


def run(words, limit_s=900):
    try:
        ran = subprocess.run(words, capture_output=True, text=True, timeout=limit_s, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return "", f"more than {limit_s} s"
    return ran.stdout, ran.stderr


def code(name):
    return CODES.get(name, name)


def mailassay(host, ip, folder, *options):
    out, err = run([MAILASSAY, "check", "--config", CONFIG, "--json", "--ip", ip, *options, host.removeprefix("mx.")])
    said = json.loads(out)
    address = next(a for mx in said["mx"] for a in mx["addresses"] if a["ip"] == ip)
    found = {f["id"]: f["measured"] for f in said["findings"] if f["subject"].get("ip", ip) == ip}
    word = lambda check: found.get(check, {}).get("word")
    count = found.get("tls-client-renegotiation", {}).get("count")
    return {
        "versions": set(address["versions"]),
        "suites": {(s["version"], "0x%04x" % s["code"] if isinstance(s["code"], int) else s["code"].lower()) for s in address["suites"]},
        "compression": {"present": True, "absent": False}.get(word("tls-compression")),
        "secure renegotiation": {"present": True, "absent": False}.get(word("tls-secure-renegotiation")),
        "client renegotiation": None if count is None else count > 0,
        "extended master secret": {"present": True, "absent": False}.get(word("tls-extended-master-secret")),
        "early data": {"present": True, "absent": False}.get(word("tls-zero-rtt")),
        "groups": {g["name"].lower() for g in address["groups"]},
    }


def sslyze(host, ip, folder):
    file = folder / "sslyze.json"
    out, err = run([f"{PEERS}/scanners/bin/sslyze", "--starttls", "smtp", "--sni", host, "--json_out", str(file), "--quiet",
        "--certinfo", "--sslv2", "--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3", "--compression", "--reneg",
        "--early_data", "--elliptic_curves", "--ems", f"{ip}:25"])
    result = json.loads(file.read_text())["server_scan_results"][0]["scan_result"]
    part = lambda key: (result.get(key) or {}).get("result") or {}
    facts = {"versions": set(), "suites": set(), "groups": set()}
    for key, version in zip(["ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1", "tls_1_2", "tls_1_3"], VERSIONS):
        for one in part(key + "_cipher_suites").get("accepted_cipher_suites", []):
            facts["versions"].add(version)
            if version != "SSL2.0":
                facts["suites"].add((version, code(one["cipher_suite"]["name"])))
    facts["groups"] = {c["name"].lower().replace("prime256v1", "secp256r1") for c in part("elliptic_curves").get("supported_curves") or []}
    facts["compression"] = part("tls_compression").get("supports_compression")
    facts["secure renegotiation"] = part("session_renegotiation").get("supports_secure_renegotiation")
    facts["client renegotiation"] = part("session_renegotiation").get("is_vulnerable_to_client_renegotiation_dos")
    facts["extended master secret"] = part("tls_extended_master_secret").get("supports_ems_extension")
    facts["early data"] = part("tls_1_3_early_data").get("supports_early_data")
    return facts


def sslscan(host, ip, folder):
    file = folder / "sslscan.xml"
    run(["sslscan", "--starttls-smtp", f"--sni-name={host}", f"--xml={file}", f"{ip}:25"])
    test = xml.parse(file).getroot().find("ssltest")
    facts = {"versions": set(), "suites": set(), "groups": set()}
    name = lambda kind, version: f"{kind.upper()}{version if '.' in version else version + '.0'}"
    for one in test.findall("protocol"):
        if one.get("enabled") == "1":
            facts["versions"].add(name(one.get("type"), one.get("version")))
    for one in test.findall("cipher"):
        facts["suites"].add((one.get("sslversion").replace("SSLv", "SSL").replace("TLSv", "TLS"), one.get("id").lower().replace("0x", "0x").rjust(6, "0")))
    facts["groups"] = {g.get("name").lower().split(" ")[0].replace("prime256v1", "secp256r1") for g in test.findall("group")}
    flag = lambda tag, key: None if test.find(tag) is None else test.find(tag).get(key) == "1"
    facts["compression"] = flag("compression", "supported")
    facts["secure renegotiation"] = flag("renegotiation", "secure") if flag("renegotiation", "supported") else None
    return facts


def testssl(host, ip, folder):
    file = folder / "testssl.json"
    run(["testssl", "--quiet", "--warnings=off", "--color=0", "-t", "smtp", "--ip", ip, "-p", "-E", "-C", "-R", "-f", "--jsonfile", str(file), f"{host}:25"])
    facts = {"versions": set(), "suites": set(), "groups": set()}
    keys = {"SSLv2": "SSL2.0", "SSLv3": "SSL3.0", "TLS1": "TLS1.0", "TLS1_1": "TLS1.1", "TLS1_2": "TLS1.2", "TLS1_3": "TLS1.3"}
    for one in json.loads(file.read_text()):
        key, said = one["id"], one["finding"]
        if key in keys and said.startswith("offered"):
            facts["versions"].add(keys[key])
        elif match := re.match(r"cipher-(tls1_?\d?|ssl3)_x([0-9a-f]+)$", key):
            version = {"ssl3": "SSL3.0", "tls1": "TLS1.0", "tls1_1": "TLS1.1", "tls1_2": "TLS1.2", "tls1_3": "TLS1.3"}[match[1]]
            facts["suites"].add((version, "0x" + match[2].rjust(4, "0")))
        elif key == "CRIME_TLS":
            facts["compression"] = not said.startswith("not vulnerable")
        elif key == "secure_renego":
            facts["secure renegotiation"] = said.startswith("supported")
        elif key == "secure_client_renego":
            facts["client renegotiation"] = None if "error" in said.lower() else not said.startswith("not vulnerable")
        elif key == "FS_ECDHE_curves":
            facts["groups"] = {g.lower().replace("prime256v1", "secp256r1") for g in said.split()}
    return facts


TOOLS = {
    "mailassay": mailassay,
    "mailassay --full": lambda *words: mailassay(*words, "--full"),
    "sslyze": sslyze,
    "sslscan": sslscan,
    "testssl.sh": testssl,
}


def compare(ours, theirs, tool):
    """What they saw and we did not, or the other way round. Verdict mode does not enumerate."""
    lines = []
    for key in ("versions", "suites", "groups"):
        for missed in sorted(theirs.get(key, set()) - ours[key], key=str):
            lines.append(f"{key}: {tool} has {show(missed)}, we do not")
        for extra in sorted(ours[key] - theirs.get(key, set()), key=str) if theirs.get(key) else []:
            lines.append(f"{key}: we have {show(extra)}, {tool} does not")
    for key in ("compression", "secure renegotiation", "client renegotiation", "extended master secret", "early data"):
        if theirs.get(key) is not None and theirs[key] != ours[key]:
            lines.append(f"{key}: {tool} says {theirs[key]}, we {ours[key]}")
    return lines


def show(item):
    return item if isinstance(item, str) else f"{item[0]} {item[1]} {NAMES.get(item[1], '')}"


print(f"{'server':18} {'scanner':18} {'connections':>11} {'seconds':>8}  suites")
wanted = os.environ.get("SCANNERS", "sslyze sslscan testssl.sh").split()
for target in TARGETS:
    name, host, ip, sockets = target.split(",")
    facts = {}
    with tempfile.TemporaryDirectory() as folder:
        for tool, ask in TOOLS.items():
            if not tool.startswith("mailassay") and tool not in wanted:
                continue
            before, began = opened(), time.monotonic()
            try:
                facts[tool] = ask(host, ip, pathlib.Path(folder))
            except (KeyError, ValueError, OSError, AttributeError, StopIteration) as error:
                print(f"{name:18} {tool:18} failed: {error!r}")
                continue
            seconds, connections = time.monotonic() - began, (opened() - before) // int(sockets)
            print(f"{name:18} {tool:18} {connections:11} {seconds:8.1f}  {len(facts[tool]['suites'])}", flush=True)
    ours = facts.get("mailassay --full")
    for tool in wanted:
        for line in compare(ours, facts[tool], tool) if ours and tool in facts else []:
            print(f"    {line}", flush=True)
