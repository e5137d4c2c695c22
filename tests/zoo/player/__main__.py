"""The zoo: reads the zones of a folder, and plays all of their name servers. In a network namespace of its own, as root.

    python3 player ZONES PLACE

writes `anchor` and `root.hints` to the folder PLACE, gives the loopback interface every address of the zoo, and prints
`ready` when all servers listen.
"""

import asyncio
import pathlib
import subprocess
import sys
import tomllib

import dns.name

import servers
from zone import Zone

TLD = dns.name.from_text("zoo.")
# What a zone has without saying so.
USUAL = """
@ MX 10 mx
@ TXT "v=spf1 mx -all"
@ CAA 0 issue "ca.example"
mx A 192.0.2.1
mx AAAA 2001:db8:ffff::1
_25._tcp.mx TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
"""
ZONE_KEYS = {"algorithms", "ds", "denial", "iterations", "salt", "opt_out", "nsec3param", "spoil", "keys", "records",
             "bare", "server", "rsa_bits", "rsa_exponent", "apex_alias", "delegation", "with_parent"}
FILE_KEYS = ZONE_KEYS | {"note", "zone", "ask", "limit", "differs"}
SERVER_KEYS = {"host", "quirks", "quirks6", "families", "glue", "listed", "limit"}


class World:
    def __init__(self, folder):
        self.zones, self.servers, self.addresses = {}, [], []
        self.count = {}
        root = self.zone(dns.name.root, "@ NS a.root-servers.\na.root-servers. A 198.18.0.1\na.root-servers. AAAA 2001:db8::1\n", {})
        tld = self.zone(TLD, "@ NS ns.nic\nns.nic A 198.18.0.2\nns.nic AAAA 2001:db8::2\n", {})
        for zone, number in ((root, 1), (tld, 2)):
            for address in (f"198.18.0.{number}", f"2001:db8::{number}"):
                self.server([zone], [], address, None)
        root.add_text("@ NS ns.nic\nns.nic A 198.18.0.2\nns.nic AAAA 2001:db8::2\n", TLD)
        files = sorted(folder.glob("*.toml"))
        for number, file in enumerate(files, 1):
            self.read(number, file)
        for zone in sorted(self.zones.values(), key=lambda zone: -len(zone.origin)):
            if zone.origin != dns.name.root and (ds := zone.ds()):
                self.parent(zone.origin).add_text("\n".join(f"@ DS {one}" for one in ds), zone.origin)
        self.anchor = "\n".join(f". IN DS {one}" for one in root.ds())

    def zone(self, origin, records, plan):
        soa = f"$TTL 300\n@ SOA ns1 hostmaster 1 3600 600 86400 60\n"
        usual = "" if plan.get("bare") or len(origin) < 3 else USUAL
        self.zones[origin] = zone = Zone(origin, soa + usual + records, plan)
        return zone

    def server(self, zones, quirks, address, other, limit=1232):
        self.addresses += [one for one in (address, other) if one]
        self.servers.append(servers.Server(zones, quirks, address, other, limit))

    def parent(self, origin):
        while (origin := origin.parent()) not in self.zones:
            pass
        return self.zones[origin]

    def read(self, number, file):
        try:
            plan = tomllib.loads(file.read_text())
            assert not (unknown := set(plan) - FILE_KEYS), unknown
            main = dns.name.from_text(file.stem, TLD)
            plans = [(main, plan)]
            for label, below in plan.get("zone", {}).items():
                assert not (unknown := set(below) - ZONE_KEYS), unknown
                plans.append((dns.name.from_text(label, None if label.endswith(".") else main), below))
            # A parent is there before its children.
            count, first = 0, None
            for origin, one in sorted(plans, key=lambda pair: len(pair[0])):
                count = self.plant(number, origin, one, count)
        except Exception as error:
            raise SystemExit(f"{file}: {type(error).__name__}: {error}") from error

    def plant(self, number, origin, plan, count):
        """Makes a zone, its servers and its delegation. `{1}` is the address of the file's first server."""
        fill = lambda text: "".join(
            self._address(number, part) if at % 2 else part for at, part in enumerate(_split(text)))
        zone = self.zone(origin, fill(plan.get("records", "")), plan)
        parent = self.parent(origin)
        parent.add_text(fill(plan.get("delegation", "")), origin)
        if plan.get("with_parent"):
            hosts = [server for server in self.servers if parent in server.zones]
            for server in hosts:
                server.zones.append(zone)
            names = "\n".join(f"@ NS {one.target}" for one in parent.nodes[parent.origin][2])
            zone.add_text(names, origin)
            parent.add_text(names, origin)
            return count
        for own, given in enumerate(plan.get("server", [{}]), 1):
            count += 1
            assert not (unknown := set(given) - SERVER_KEYS), unknown
            self.settle(number, count, own, zone, parent, given)
        return count

    def settle(self, number, count, own, zone, parent, given):
        host = dns.name.from_text(given.get("host", f"ns{own}"), zone.origin)
        addresses = ""
        for family, rtype, quirks in (("4", "A", given.get("quirks", [])),
                                      ("6", "AAAA", given.get("quirks6", given.get("quirks", [])))):
            if family in given.get("families", "4"):
                address = self._address(number, str(count) + ("v6" if family == "6" else ""))
                other = self._address(number, str(count + 100) + ("v6" if family == "6" else ""))
                other = other if any(word.endswith("other-address") for word in quirks) else None
                self.server([zone], quirks, address, other, given.get("limit", 1232))
                addresses += f"{host} {rtype} {address}\n"
        listed, glue = given.get("listed", "both"), given.get("glue", True)
        if listed in ("both", "parent"):
            parent.add_text(f"@ NS {host}\n" + (addresses if glue and host.is_subdomain(parent.origin) else ""), zone.origin)
        if listed in ("both", "child"):
            zone.add_text(f"@ NS {host}\n", zone.origin)
        if host.is_subdomain(zone.origin) and host not in zone.nodes:
            zone.add_text(addresses, zone.origin)

    @staticmethod
    def _address(number, which):
        host = int(which.removesuffix("v6"))
        return f"2001:db8:{number:x}::{host:x}" if which.endswith("v6") else f"198.18.{number}.{host}"


def _split(text):
    """The text between braces at odd places."""
    return text.replace("}", "{").split("{")


async def main(folder, place):
    world = World(folder)
    commands = "".join(f"addr add {address} dev lo nodad\n" if ":" in address else f"addr add {address} dev lo\n"
                       for address in world.addresses)
    subprocess.run(["ip", "-batch", "-"], input=commands, text=True, check=True)
    (place / "anchor").write_text(world.anchor + "\n")
    (place / "root.hints").write_text(
        ". 3600 NS a.root-servers.\na.root-servers. 3600 A 198.18.0.1\na.root-servers. 3600 AAAA 2001:db8::1\n")
    for server in world.servers:
        await server.start()
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
