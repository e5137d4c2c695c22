"""Name servers and what is odd about them: a closed vocabulary, README.md has it in words."""

import asyncio
import contextlib
import socket

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype as T
import dns.rrset

SLOW_S = 1.5
PROOFS = (T.NSEC, T.NSEC3)
CODES = {"refused": dns.rcode.REFUSED, "servfail": dns.rcode.SERVFAIL, "notimp": dns.rcode.NOTIMP,
         "formerr": dns.rcode.FORMERR, "nxdomain": dns.rcode.NXDOMAIN}
# Neither of these is a matter of one answer.
SOCKETS = {"closed", "udp-closed", "tcp-closed"}
OTHER = {
    "mute", "upward", "sideways", "formerr-edns", "formerr-edns-echo", "notimp-edns", "badvers", "edns-mute", "no-opt",
    "tc", "wrong-id", "wrong-question", "other-address", "no-aa", "empty", "empty-referral", "ent-nxdomain", "lower-case",
    "cut-short", "garbage-additional", "garbage-after", "poison", "slow", "no-proof", "no-signatures", "no-ds",
    "own-ds", "no-soa", "no-question", "bare-alias", "udp-mute", "tcp-mute",
}
QUIRKS = set(CODES) | SOCKETS | OTHER


def parse(word):
    """`first:` is for the first time that a question is asked, `TYPE:` for questions of one type."""
    condition, _, quirk = word.rpartition(":")
    assert quirk in QUIRKS, f"no server is {quirk!r}"
    return (condition if condition in ("", "first") else T.from_text(condition)), quirk


class Server:
    def __init__(self, zones, quirks, address, other, limit=1232):
        self.zones, self.address, self.other, self.limit = zones, address, other, limit
        self.quirks = [parse(word) for word in quirks]
        self.asked = set()
        self.sockets = {quirk for _, quirk in self.quirks} & SOCKETS

    def zone_for(self, name, rtype):
        held = sorted((zone for zone in self.zones if name.is_subdomain(zone.origin)), key=lambda zone: len(zone.origin))
        if len(held) > 1 and rtype == T.DS and name == held[-1].origin:
            return held[-2]
        return held[-1] if held else None

    def quirks_of(self, question):
        is_first = (question.name, question.rdtype) not in self.asked
        self.asked.add((question.name, question.rdtype))
        return {quirk for condition, quirk in self.quirks
                if condition == "" or condition == question.rdtype or (condition == "first" and is_first)}

    def respond(self, octets, over_tcp):
        """The octets of an answer, if there is one, and what is odd about how it is sent."""
        query = dns.message.from_wire(octets, ignore_trailing=True)
        question = query.question[0]
        quirks = self.quirks_of(question)
        silent = {"mute"} | ({"tcp-mute"} if over_tcp else {"udp-mute"})
        if quirks & silent or (query.edns >= 0 and "edns-mute" in quirks):
            return None, quirks
        if query.edns >= 0:
            if "formerr-edns-echo" in quirks:
                return octets[:2] + bytes([octets[2] | 0x80, 0x01]) + octets[4:], quirks
            if quirks & {"formerr-edns", "notimp-edns"}:
                # One that knows no EDNS gives no OPT (RFC 6891 §7).
                response = self.blank(query, edns=False)
                response.set_rcode(CODES["formerr" if "formerr-edns" in quirks else "notimp"])
                return response.to_wire(), quirks
        response = self.blank(query, edns=query.edns >= 0 and "no-opt" not in quirks)
        if query.edns >= 0 and "badvers" in quirks:
            response.set_rcode(dns.rcode.BADVERS)
            return response.to_wire(), quirks
        if refused := next((CODES[quirk] for quirk in quirks if quirk in CODES), None):
            response.set_rcode(refused)
            return response.to_wire(), quirks
        self.fill(response, question, quirks)
        self.spoil(response, question, quirks, bool(query.ednsflags & dns.flags.DO) and "no-opt" not in quirks)
        limit = min(self.limit, max(512, query.payload)) if query.edns >= 0 else 512
        return self.written(response, octets, quirks, 65535 if over_tcp else limit), quirks

    @staticmethod
    def blank(query, edns):
        response = dns.message.make_response(query)
        response.flags &= ~dns.flags.RA
        if edns:
            response.use_edns(0, query.ednsflags & dns.flags.DO, payload=1232)
        else:
            response.use_edns(False)
        return response

    def fill(self, response, question, quirks):
        zone = self.zone_for(question.name, question.rdtype)
        if zone is None:
            response.set_rcode(dns.rcode.REFUSED)
        elif "upward" in quirks:
            response.authority.append(dns.rrset.from_text(".", 300, "IN", "NS", "a.root-servers."))
        elif "sideways" in quirks:
            response.authority.append(dns.rrset.from_text(zone.origin, 300, "IN", "NS", "ns.elsewhere.zoo."))
        elif "empty" in quirks:
            response.flags |= dns.flags.AA
        else:
            if "own-ds" in quirks and question.rdtype == T.DS:
                zone = max((held for held in self.zones if question.name.is_subdomain(held.origin)),
                           key=lambda held: len(held.origin))
            zone.answer(response, question.name, question.rdtype)
            self.is_ent = question.name not in zone.nodes

    def spoil(self, response, question, quirks, dnssec_ok):
        is_referral = not response.answer and any(set_.rdtype == T.NS for set_ in response.authority)
        if "empty-referral" in quirks and is_referral:
            response.authority, response.additional = [], []
        if "ent-nxdomain" in quirks and not response.answer and self.is_ent and not is_referral:
            response.set_rcode(dns.rcode.NXDOMAIN)
        if "no-aa" in quirks:
            response.flags &= ~dns.flags.AA
        if "bare-alias" in quirks and response.answer:
            response.answer = [set_ for set_ in response.answer if set_.name == question.name]
        left_out = lambda set_: (
            (not dnssec_ok or "no-signatures" in quirks) and set_.rdtype == T.RRSIG
            or (not dnssec_ok or "no-proof" in quirks) and (set_.rdtype in PROOFS or set_.covers in PROOFS)
            or "no-ds" in quirks and is_referral and T.DS in (set_.rdtype, set_.covers)
            or "no-soa" in quirks and T.SOA in (set_.rdtype, set_.covers)
            or not dnssec_ok and is_referral and set_.rdtype == T.DS
        )
        for section in (response.answer, response.authority):
            section[:] = [set_ for at, set_ in enumerate(section) if not left_out(set_) and set_ not in section[:at]]
        if "garbage-additional" in quirks:
            response.additional += [dns.rrset.from_text(f"x{n}.garbage.", 300, "IN", "A", "192.0.2.66") for n in range(5)]
        if "poison" in quirks:
            response.authority.append(dns.rrset.from_text("zoo.", 300, "IN", "NS", "ns.poison.zoo."))
            response.additional.append(dns.rrset.from_text("ns.poison.zoo.", 300, "IN", "A", "192.0.2.66"))
            response.answer.append(dns.rrset.from_text("mx.sound.zoo.", 300, "IN", "A", "192.0.2.66"))

    @staticmethod
    def written(response, octets, quirks, limit):
        if "wrong-question" in quirks:
            response.question = [dns.rrset.RRset(dns.name.from_text("other.zoo."), 1, T.A)]
        if "no-question" in quirks:
            response.question = []
        wire = bytearray(response.to_wire(max_size=65535))
        if "lower-case" in quirks:
            end = 12 + len(response.question[0].name.to_wire())
            wire[12:end] = bytes(wire[12:end]).lower()
        if limit < 65535 and ("tc" in quirks or len(wire) > limit):
            if "cut-short" in quirks:
                return bytes(wire[:limit])
            response.answer, response.authority, response.additional = [], [], []
            response.flags |= dns.flags.TC
            wire = bytearray(response.to_wire())
        if "wrong-id" in quirks:
            wire[0] ^= 0xFF
        return bytes(wire) + (b"\xde\xad\xbe\xef" if "garbage-after" in quirks else b"")

    async def start(self):
        loop = asyncio.get_running_loop()
        if not self.sockets & {"closed", "udp-closed"}:
            transport, _ = await loop.create_datagram_endpoint(lambda: Udp(self), local_addr=(self.address, 53))
            elsewhere = None
            if any(quirk == "other-address" for _, quirk in self.quirks):
                elsewhere, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=(self.other, 53))
            transport.get_protocol().elsewhere = elsewhere
        if not self.sockets & {"closed", "tcp-closed"}:
            await asyncio.start_server(self.over_tcp, self.address, 53)

    async def over_tcp(self, reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                length = int.from_bytes(await reader.readexactly(2), "big")
                answer, quirks = self.respond(await reader.readexactly(length), True)
                if "slow" in quirks:
                    await asyncio.sleep(SLOW_S)
                if answer is not None:
                    writer.write(len(answer).to_bytes(2, "big") + answer)
                    await writer.drain()
        with contextlib.suppress(OSError):
            writer.close()


class Udp(asyncio.DatagramProtocol):
    def __init__(self, server):
        self.server, self.transport, self.elsewhere = server, None, None

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, octets, source):
        answer, quirks = self.server.respond(octets, False)
        if answer is None:
            return
        sender = self.elsewhere if "other-address" in quirks else self.transport
        delay_s = SLOW_S if "slow" in quirks else 0
        asyncio.get_running_loop().call_later(delay_s, sender.sendto, answer, source)
