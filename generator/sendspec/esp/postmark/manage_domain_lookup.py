"""Where a domain is found at Postmark: by the number it had, else in the list, page by page."""

from urllib.parse import quote

from sendspec.esp.postmark.manage_answers import Domain, Domains
from sendspec.esp.postmark.manage_calls import MOST_PAGES, PAGE, Api, CallError, Code, Level
from sendspec.model.live import Failure


async def domain_ids(api: Api) -> dict[str, int]:
    """Give the number of every domain of the account, by its name in lowercase. Raises CallError.

    A domain that came with a sender signature is among them.
    """
    found: dict[str, int] = {}
    for page in range(MOST_PAGES):
        answer = await api.read(Level.ACCOUNT, f"/domains?count={PAGE}&offset={page * PAGE}", Domains)
        found |= {domain.name.lower(): domain.id for domain in answer.domains}
        if len(answer.domains) < PAGE:
            return found
    raise CallError(Failure.REFUSED, f"the account has more than {MOST_PAGES * PAGE} domains: not all were read")


async def read_domain(api: Api, number: int | str) -> Domain | None:
    """Give a domain by its number; None: there is none. Raises CallError."""
    try:
        return await api.read(Level.ACCOUNT, f"/domains/{quote(str(number), safe='')}", Domain)
    except CallError as error:
        if error.says_missing(Code.DOMAIN_NOT_FOUND):
            return None
        raise


async def find_domain(api: Api, name: str, native_id: str = "") -> Domain | None:
    """Give a domain by the number it had, else by its name; None: there is none. Raises CallError."""
    if native_id.isdecimal():
        found = await read_domain(api, native_id)
        if found is not None and found.name.casefold() == name.casefold():
            return found
    number = (await domain_ids(api)).get(name.lower())
    return None if number is None else await read_domain(api, number)
