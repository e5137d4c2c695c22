"""Verifies certificates and names the host; where one does not verify, it tries again at once without looking."""
from scripted import Sender, run


class Lax(Sender):
    def names(self, domain, host):
        return True

    def checks(self, domain, host):
        # Once a host and attempt: the second connection does not look.
        return not self.failed.pop(host, False)

    def again_at_once(self, domain, host):
        self.failed[host] = True
        return True

    failed = {}


run(Lax())
