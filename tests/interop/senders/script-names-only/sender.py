"""Demands TLS and names the host at `et` alone, as if it knew of TLSA or a policy, and looks at no certificate."""
from scripted import Sender, run


class NamesOnly(Sender):
    def demands_tls(self, domain):
        return domain.startswith("et.")

    def names(self, domain, host):
        return domain.startswith("et.")


run(NamesOnly())
