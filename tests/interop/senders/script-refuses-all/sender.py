"""Demands TLS at `et`, names the host, and refuses whatever certificate it is shown, by an alert: it knows no CA."""
import os

from scripted import Sender, run

os.environ["SSL_CERT_FILE"] = "/dev/null"
os.environ["SSL_CERT_DIR"] = "/nowhere"


class RefusesAll(Sender):
    def demands_tls(self, domain):
        return domain.startswith("et.")

    def names(self, domain, host):
        return domain.startswith("et.")

    def checks(self, domain, host):
        return domain.startswith("et.")


run(RefusesAll())
