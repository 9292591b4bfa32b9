"""Environment files in the dialect that every dotenv reader and a shell understand alike."""

from sendspec.targets.dotenv.render import render
from sendspec.targets.interface import Feature, Layer, Target

TARGET = Target(
    id="dotenv",
    title="Dotenv file",
    layer=Layer.APP,
    render=render,
    source="https://github.com/theskumar/python-dotenv, https://github.com/motdotla/dotenv, https://nodejs.org/api/cli.html",
    # It names variables and leaves sending to the app, so it can say whatever there is to say.
    expresses=frozenset(Feature),
)
