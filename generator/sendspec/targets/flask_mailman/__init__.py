"""Flask-Mailman: a settings module with a connection a route, and one word that sends as a stream."""

from sendspec.targets.flask_mailman.render import leaves_out, render
from sendspec.targets.interface import Feature, Layer, Proof, Target

TARGET = Target(
    id="flask-mailman",
    title="Flask-Mailman",
    layer=Layer.APP,
    render=render,
    source="https://waynerv.github.io/flask-mailman/, https://github.com/waynerv/flask-mailman (1.1.1 backends/smtp.py)",
    proof=Proof.RUN,
    proved_with="Flask 3.1.3 with Flask-Mailman 1.1.1",
    # It neither retries nor fails over, keeps no pool and counts no rate: the module carries the numbers as data.
    expresses=frozenset({Feature.HEADERS, Feature.ENVELOPE_SENDER, Feature.STARTTLS, Feature.IMPLICIT_TLS}),
    leaves_out=leaves_out,
)
