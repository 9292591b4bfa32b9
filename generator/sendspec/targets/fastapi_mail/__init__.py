"""fastapi-mail: a module with a ConnectionConfig a route, and one word that gives the mailer of a stream."""

from sendspec.targets.fastapi_mail.render import render
from sendspec.targets.interface import Feature, Layer, Proof, Target

TARGET = Target(
    id="fastapi-mail",
    title="fastapi-mail",
    layer=Layer.APP,
    render=render,
    source="https://sabuhish.github.io/fastapi-mail/, https://github.com/sabuhish/fastapi-mail (1.6.8 config.py, connection.py)",
    proof=Proof.RUN,
    proved_with="fastapi-mail 1.6.8 with aiosmtplib 5.1.3",
    # The envelope sender is always the address of From. It neither retries nor fails over, keeps no pool, counts no rate.
    expresses=frozenset({Feature.HEADERS, Feature.ENVELOPE_SENDER, Feature.STARTTLS, Feature.IMPLICIT_TLS}),
)
