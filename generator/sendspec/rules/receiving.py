"""Which names take mail, as far as the spec says."""

from sendspec.model.setup import Setup


class Receivers:
    """Knows the names that take mail: a subdomain that says `receives: true`, a domain with `mailboxes`.

    An MX in our own zones is no sign of it: it belongs to a return-path, and what it takes is read by no one.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._names: set[str] = set()
        for domain in setup.domains:
            self._names.update(subdomain.name for subdomain in domain.subdomains if subdomain.receives)
            if domain.mailboxes:
                self._names.add(domain.name)

    def takes_mail(self, name: str) -> bool | None:
        """Tell whether mail to a name arrives. None: the spec does not say.

        It says nothing of names that are not ours, nor of a domain itself: its own MX is never sendspec's.
        """
        domain = self._setup.index.domain_of(name)
        if domain is None or domain.authority != "own":
            return None
        return True if name in self._names else None if name == domain.name else False
