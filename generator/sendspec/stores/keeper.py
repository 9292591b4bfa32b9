"""The secrets that managing accounts needs and makes: read from their stores, given by a person, written to their stores."""

from collections.abc import Iterable, Mapping, Sequence

from sendspec.errors import UsageError
from sendspec.model.secret import Secret, Unresolved
from sendspec.spec import syntax
from sendspec.stores.interface import store_ids
from sendspec.stores.resolve import StoreSecrets


class StoreKeeper:
    """`sendspec.model.keeper.Keeper` over the secrets of one run. Belongs to the event loop of these."""

    def __init__(self, secrets: StoreSecrets, inputs: Mapping[str, str]) -> None:
        """Take the run's secrets, and what people give: name of an input -> reference to its value."""
        self._secrets, self._inputs = secrets, inputs

    async def value(self, reference: str) -> Secret | Unresolved:
        """Give the secret at a reference; after `keep`, the one that was kept."""
        return _flaw(reference) or await self._secrets.at(reference)

    async def input(self, name: str) -> Secret | Unresolved:
        """Give what a person gave for `${input:NAME}`."""
        reference = self._inputs.get(name)
        if reference is None:
            return Unresolved(
                f"nobody has said what `{name}` is", f"give `--input {name}=REFERENCE`, as in env://{env_name(name)}"
            )
        return await self.value(reference)

    async def keep(self, reference: str, secret: Secret) -> Unresolved | None:
        """Write a secret to its store and read it back; None when it is there. It is hidden from then on."""
        return _flaw(reference) or await self._secrets.put(reference, secret)

    async def keep_all(self, secrets: Sequence[tuple[str, Secret]]) -> Unresolved | None:
        """Write several secrets in order, those of one place in one step where its store can; None when all are there."""
        flaw = next((flaw for reference, _ in secrets if (flaw := _flaw(reference))), None)
        return flaw or await self._secrets.put_all(secrets)

    def cover(self, secret: Secret) -> None:
        """Hide a secret from now on."""
        self._secrets.cover(secret)

    def hide(self, text: str) -> str:
        """Give text with every secret met so far replaced: read, given, kept, and what was there before."""
        return self._secrets.hide(text)


def parse_inputs(texts: Iterable[str]) -> Mapping[str, str]:
    """Give name -> reference of `NAME=REFERENCE` as the command line has them.

    Raises:
        UsageError: one has another form, or a value in place of a reference, or a name stands there twice. The text is in
            no message: it may hold a value.
    """
    inputs: dict[str, str] = {}
    for number, text in enumerate(texts, 1):
        name, separator, reference = text.partition("=")
        if not separator or not name:
            raise UsageError(
                f"`--input` number {number} does not have the form NAME=REFERENCE",
                "write where the value is kept, as in --input NAME=env://VARIABLE",
            )
        flaw = _flaw(reference)
        if flaw is not None:
            raise UsageError(f"`--input` number {number}: {flaw.reason}", flaw.fix)
        if name in inputs:
            raise UsageError(f"`--input {name}` is given twice", "give it once")
        inputs[name] = reference
    return inputs


def env_name(name: str) -> str:
    """Give the name of a variable that could hold an input."""
    return "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in name.upper())


def _flaw(reference: str) -> Unresolved | None:
    """Say what is wrong with a reference, without any part of it: it may be a value in the wrong place."""
    scheme = reference.partition("://")[0]
    if scheme in store_ids() and scheme not in syntax.REFERENCE_SCHEMES:
        return None  # what the machine itself brings
    try:
        syntax.parse_reference(reference)
    except syntax.SyntaxProblem as problem:
        return Unresolved(str(problem), problem.fix)
    return None
