"""A zone as its name servers have it: records, cuts, denial, signatures. Signed when it is asked, and then kept."""

import base64
import hashlib

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataset
import dns.rdatatype as T
import dns.rrset
import dns.zone

import signing

DENIALS = {"nsec", "nsec3", "compact", "none"}
_B32HEX = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghijklmnopqrstuv")


class Zone:
    def __init__(self, origin, text, plan):
        self.origin, self.plan = origin, plan
        parsed = dns.zone.from_text(text, origin=origin, relativize=False, check_origin=False)
        self.nodes = {name: {set_.rdtype: set_ for set_ in node} for name, node in parsed.items()}
        self.denial = plan.get("denial", "nsec")
        self.spoil = {self._key(key): set(words) for key, words in plan.get("spoil", {}).items()}
        assert self.denial in DENIALS, self.denial
        assert not (unknown := set().union(*self.spoil.values()) - signing.SPOILS), unknown
        self._signatures, self._chain = {}, None
        if target := plan.get("apex_alias"):
            alias = dns.rdata.from_text("IN", T.CNAME, target)
            self._add(origin, T.CNAME, [alias])
        self._make_keys()

    def _key(self, text):
        owner, rtype = text.split()
        return dns.name.from_text(owner, self.origin) if owner != "*." else None, T.from_text(rtype)

    def _make_keys(self):
        algorithms = self.plan.get("algorithms", [13])
        rsa_like = (self.plan.get("rsa_bits", 2048), self.plan.get("rsa_exponent", 65537))
        self.ksks = [signing.Key(algorithm, 257, rsa_like) for algorithm in algorithms]
        self.zsks = [signing.Key(algorithm, 256, rsa_like) for algorithm in algorithms]
        published = self.ksks + self.zsks
        for word in self.plan.get("keys", []):
            if word == "revoked":
                # RFC 5011 §2.1: it signs the keys once more, and nothing else.
                revoked = signing.Key(algorithms[0], 257 | 0x80)
                published.append(revoked)
                self.ksks.append(revoked)
            elif word == "ksk-revoked":
                self.ksks[0] = revoked = signing.Key(algorithms[0], 257 | 0x80)
                published[0] = revoked
            elif word == "standby":
                published += [signing.Key(algorithms[0], 257), signing.Key(algorithms[0], 256)]
            elif word == "standby-algorithm":
                published.append(signing.Key(15, 257))
            elif word == "one-key":
                published.remove(self.zsks[0])
                self.zsks = self.ksks
            elif word == "same-tag":
                published[:] = self.ksks + (pair := signing.same_tag(algorithms[0]))
                self.zsks = pair[:1]
            elif word == "same-tag-last":
                published[:] = self.ksks + (pair := signing.same_tag(algorithms[0]))
                self.zsks = pair[1:]
            elif word == "gone":
                # The parent still names one.
                published, self.zsks = [], []
            elif word == "unpublished":
                published = [key for key in published if key not in self.zsks]
            else:
                raise ValueError(f"no key is {word!r}")
        if published:
            self._add(self.origin, T.DNSKEY, [key.rdata for key in published])
            if self.denial == "nsec3" and self.plan.get("nsec3param", True):
                salt = self.plan.get("salt") or "-"
                param = dns.rdata.from_text("IN", T.NSEC3PARAM, f"1 0 {self.plan.get('iterations', 0)} {salt}")
                self._add(self.origin, T.NSEC3PARAM, [param])

    def _add(self, owner, rtype, rdatas, ttl=300):
        sets = self.nodes.setdefault(owner, {})
        old = list(sets.get(rtype, []))
        sets[rtype] = dns.rdataset.from_rdata_list(ttl, old + rdatas)
        self._chain = None

    def add_text(self, text, origin):
        """Further records, their names relative to `origin`: delegations."""
        more = dns.zone.from_text("$TTL 300\n" + text, origin=origin, relativize=False, check_origin=False)
        for name, node in more.items():
            for set_ in node:
                self._add(name, set_.rdtype, list(set_), set_.ttl)

    def ds(self):
        """What the parent has of its keys."""
        words = self.plan.get("ds", ["sha-256"])
        return [key.ds(self.origin, word) for word in words for key in self.ksks[: len(self.plan.get("algorithms", [13]))]]

    # Signatures.

    def signed(self, owner, rdataset, shown=None):
        """The set, and its signatures; under the name `shown`, where a wildcard made it."""
        shown = shown or owner
        out = [_rrset(shown, rdataset)]
        key = (owner, rdataset.rdtype)
        if key not in self._signatures:
            self._signatures[key] = self._sign(owner, rdataset)
        if self._signatures[key]:
            ttl = rdataset.ttl
            out.append(_rrset(shown, dns.rdataset.from_rdata_list(ttl, self._signatures[key])))
        return out

    def _sign(self, owner, rdataset):
        spoils = self.spoil.get((owner, rdataset.rdtype)) or self.spoil.get((None, rdataset.rdtype)) or set()
        if "missing" in spoils:
            return []
        keys = self.ksks if rdataset.rdtype == T.DNSKEY or "by-ksk" in spoils else self.zsks
        if "first-algorithm" in spoils:
            keys = keys[:1]
        made = [signing.rrsig(key, owner, rdataset, self.origin, spoils) for key in keys]
        for beside in ("expired", "corrupt"):
            if "beside-" + beside in spoils:
                made = [signing.rrsig(key, owner, rdataset, self.origin, {beside}) for key in keys] + made
        return made

    # Where a name is.

    def cut_above(self, name):
        """The delegation at or above a name."""
        for depth in range(len(self.origin) + 1, len(name) + 1):
            at = name.split(depth)[1]
            if T.NS in self.nodes.get(at, {}):
                return at
        return None

    def exists(self, name):
        return name in self.nodes or any(other.is_subdomain(name) for other in self.nodes)

    def closest_encloser(self, name):
        while not self.exists(name):
            name = name.parent()
        return name

    # Denial.

    def _authoritative(self):
        names = []
        for name in self.nodes:
            cut = self.cut_above(name)
            if cut is None or cut == name:
                names.append(name)
        return names

    def _types(self, name):
        types = set(self.nodes.get(name, {}))
        if name != self.origin and T.NS in types:
            types &= {T.NS, T.DS}
        return types

    def _hash(self, name):
        salt = bytes.fromhex(self.plan.get("salt", ""))
        digest = hashlib.sha1(name.to_digestable() + salt).digest()
        for _ in range(self.plan.get("iterations", 0)):
            digest = hashlib.sha1(digest + salt).digest()
        return base64.b32encode(digest).translate(_B32HEX).decode()

    def chain(self):
        """Owners of NSEC or NSEC3 records in their order, and what they are of."""
        if self._chain is None:
            names = self._authoritative()
            if self.denial == "nsec3":
                if self.plan.get("opt_out"):
                    names = [name for name in names if name == self.origin or self._types(name) != {T.NS}]
                above = {name.split(depth)[1] for name in names for depth in range(len(self.origin), len(name) + 1)}
                self._chain = sorted((self._hash(name), name) for name in above)
            else:
                self._chain = [(name, name) for name in sorted(names)]
        return self._chain

    def _link(self, at):
        """The record at a place of the chain."""
        chain = self.chain()
        (owner, name), (following, _) = chain[at], chain[(at + 1) % len(chain)]
        types = self._types(name)
        if self.denial == "nsec3":
            if types and types != {T.NS}:
                types = types | {T.RRSIG}
            opt_out, salt = int(bool(self.plan.get("opt_out"))), self.plan.get("salt") or "-"
            text = f"1 {opt_out} {self.plan.get('iterations', 0)} {salt} {following} {_words(types)}"
            owner = dns.name.from_text(owner, self.origin)
            return self._made(owner, T.NSEC3, text)
        return self._made(owner, T.NSEC, f"{following} {_words(types | {T.RRSIG, T.NSEC})}")

    def _made(self, owner, rtype, text):
        return self.signed(owner, dns.rdataset.from_text("IN", rtype, 60, text.strip()))

    def matching(self, name):
        key = self._hash(name) if self.denial == "nsec3" else name
        at = [owner for owner, _ in self.chain()].index(key)
        return self._link(at)

    def covering(self, name):
        key = self._hash(name) if self.denial == "nsec3" else name
        before = [at for at, (owner, _) in enumerate(self.chain()) if owner < key]
        return self._link(before[-1] if before else len(self.chain()) - 1)

    def deny(self, name, wildcard=None):
        """What proves that a name, or a type of it, does not exist. With a wildcard, that it alone is why it does."""
        if not self.zsks or self.denial == "none":
            return []
        if self.denial == "compact":
            # RFC 9824 §3: the name owns an NSEC, and nothing else.
            types = self._types(name) if self.exists(name) else {128}
            return self._made(name, T.NSEC, f"\\000.{name} {_words(types | {T.RRSIG, T.NSEC})}")
        if self.exists(name) and wildcard is None:
            return self._deny_type(name)
        encloser = self.closest_encloser(name)
        closer = name.split(len(encloser) + 1)[1]
        star = dns.name.from_text("*", encloser)
        if self.denial == "nsec3":
            proof = self.covering(closer)
            if wildcard != "records":
                proof += self.matching(encloser)
                proof += self.matching(star) if wildcard else self.covering(star)
            return proof
        proof = self.covering(name)
        if wildcard == "none":
            proof += self.matching(star)
        elif wildcard is None:
            proof += self.covering(star)
        return proof

    def _deny_type(self, name):
        owners = {of for _, of in self.chain()}
        if name in owners:
            return self.matching(name)
        if self.denial == "nsec":
            return self.covering(name)
        # An opt-out span (RFC 5155 §7.2.4).
        encloser = name
        while encloser not in owners:
            closer, encloser = encloser, encloser.parent()
        return self.matching(encloser) + self.covering(closer)

    # Answers.

    def answer(self, response, name, rtype):
        """Fills a response to a question about a name in this zone."""
        response.flags |= dns.flags.AA
        for _ in range(20):
            cut = self.cut_above(name)
            if cut is not None and not (cut == name and rtype == T.DS):
                return self._refer(response, cut)
            if above := self._dname_above(name):
                target = self._substitute(response, name, above)
            elif self.exists(name):
                target = self._own(response, name, name, rtype)
            else:
                star = dns.name.from_text("*", self.closest_encloser(name))
                if star not in self.nodes:
                    response.set_rcode(dns.rcode.NOERROR if self.denial == "compact" else dns.rcode.NXDOMAIN)
                    return self._negative(response, self.deny(name))
                target = self._own(response, star, name, rtype)
            if target is None or not target.is_subdomain(self.origin):
                return None
            name = target
        return None

    def _own(self, response, owner, name, rtype):
        sets = self.nodes.get(owner, {})
        by_wildcard = owner != name
        found = rtype if rtype in sets else T.CNAME if T.CNAME in sets else None
        if found is None:
            self._negative(response, self.deny(name, "none" if by_wildcard else None))
            return None
        response.answer += self.signed(owner, sets[found], name)
        if by_wildcard:
            response.authority += self.deny(name, "records")
        return sets[T.CNAME][0].target if found == T.CNAME and rtype != T.CNAME else None

    def _dname_above(self, name):
        for depth in range(len(self.origin), len(name)):
            if T.DNAME in self.nodes.get(at := name.split(depth)[1], {}):
                return at
        return None

    def _substitute(self, response, name, above):
        set_ = self.nodes[above][T.DNAME]
        response.answer += self.signed(above, set_)
        target = dns.name.Name(name.relativize(above).labels + set_[0].target.labels)
        response.answer.append(dns.rrset.from_text(name, set_.ttl, "IN", T.CNAME, str(target)))
        return target

    def _negative(self, response, proof):
        if soa := self.nodes.get(self.origin, {}).get(T.SOA):
            response.authority += self.signed(self.origin, soa)
        response.authority += proof

    def _refer(self, response, cut):
        if not response.answer:
            response.flags &= ~dns.flags.AA
        sets = self.nodes[cut]
        response.authority.append(_rrset(cut, sets[T.NS]))
        response.authority += self.signed(cut, sets[T.DS]) if T.DS in sets else self.deny(cut)
        for host in sets[T.NS]:
            for rtype in (T.A, T.AAAA):
                if host.target.is_subdomain(self.origin) and rtype in self.nodes.get(host.target, {}):
                    response.additional.append(_rrset(host.target, self.nodes[host.target][rtype]))


def _rrset(owner, rdataset):
    made = dns.rrset.RRset(owner, rdataset.rdclass, rdataset.rdtype, covers=rdataset.covers)
    made.update(rdataset)
    made.ttl = rdataset.ttl
    return made


def _words(types):
    return " ".join(T.to_text(T.RdataType.make(rtype)) for rtype in sorted(types))
