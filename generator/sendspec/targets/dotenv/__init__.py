"""Environment files in the dialect that every dotenv reader and a shell understand alike."""

from sendspec.targets.dotenv.render import leaves_out, render
from sendspec.targets.interface import Feature, Layer, Proof, Target

TARGET = Target(
    id="dotenv",
    title="Dotenv file",
    layer=Layer.APP,
    render=render,
    source="https://github.com/theskumar/python-dotenv, https://github.com/motdotla/dotenv, https://nodejs.org/api/cli.html",
    proof=Proof.RUN,
    proved_with="python-dotenv 1.2.4, django-environ 0.14, dotenv 18.0.10 and dotenvx 2.38 for Node, node --env-file 24,"
    " phpdotenv 5.4.1, symfony/dotenv 5.4.53, dotenv 2.4 for Ruby, bash 5.2",
    # It names what a client is given for each route. What a client does over time, with the numbers it names, is the app's.
    expresses=frozenset(
        {Feature.API, Feature.HEADERS, Feature.ENVELOPE_SENDER, Feature.STARTTLS, Feature.IMPLICIT_TLS}
    ),
    leaves_out=leaves_out,
)
