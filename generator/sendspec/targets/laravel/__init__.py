"""Laravel 11 and later: config/mail.php with a mailer a stream and its failover, and a listener for headers."""

from sendspec.targets.interface import Feature, Layer, Proof, Target
from sendspec.targets.laravel.mailers import LIBRARY
from sendspec.targets.laravel.render import render
from sendspec.targets.php import names_left_out

TARGET = Target(
    id="laravel",
    title="Laravel",
    layer=Layer.APP,
    render=render,
    source="https://laravel.com/docs/13.x/mail, laravel/framework 13 src/Illuminate/Mail/MailManager.php (read 2026-11-26)",
    # No package registry at hand has Laravel 9 or later.
    proof=Proof.PARSED,
    proved_with="PHP 8.2, Laravel's own reader of .env (phpdotenv 5.4.1), and Symfony Mailer 5.4.53 given the arrays as"
    " Laravel's MailManager gives them; the framework itself and its transport for SES were not run, and 5.4 does not know"
    " `require_tls`",
    # The queue tries again after every error, a refused recipient too, so trying again is left to the app.
    expresses=frozenset(
        {
            Feature.API,
            Feature.FAILOVER,
            Feature.RATE,
            Feature.HEADERS,
            Feature.ENVELOPE_SENDER,
            Feature.STARTTLS,
            Feature.IMPLICIT_TLS,
        }
    ),
    api_library=LIBRARY,
    leaves_out=names_left_out,
)
