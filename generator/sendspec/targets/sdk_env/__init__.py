"""Settings of the ESPs' own SDKs: an env file with the names they read, and modules that make their clients."""

from sendspec.targets.interface import Feature, Layer, Proof, Target
from sendspec.targets.sdk_env.render import leaves_out, render
from sendspec.targets.sdk_env.variables import LIBRARY

TARGET = Target(
    id="sdk-env",
    title="The ESPs' own SDKs",
    layer=Layer.APP,
    render=render,
    # Of each ESP's clients, its sdk_clients.py has the page.
    source="https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html,"
    " https://postmarkapp.com/developer/integration/official-libraries, https://github.com/sendgrid/sendgrid-nodejs",
    proof=Proof.RUN,
    proved_with="boto3 1.44, sendgrid 6.12.5 and postmark-python 0.4.0; @aws-sdk/client-sesv2 3.1169, @sendgrid/mail 8.1.6"
    " and postmark 5.1.0 on Node 24",
    # The SDKs try once and know no second ESP; a route over SMTP is variables, as in a dotenv file.
    expresses=frozenset(
        {Feature.API, Feature.HEADERS, Feature.ENVELOPE_SENDER, Feature.STARTTLS, Feature.IMPLICIT_TLS}
    ),
    api_library=LIBRARY,
    leaves_out=leaves_out,
)
