"""Nextcloud: a file beside config.php with its mail settings, one a route."""

from sendspec.targets.interface import Feature, Layer, Proof, Target
from sendspec.targets.nextcloud.render import leaves_out, render

TARGET = Target(
    id="nextcloud",
    title="Nextcloud",
    layer=Layer.APP,
    render=render,
    # Read on 2026-11-26: nextcloud/server lib/private/Mail/Mailer.php (commit 007be83), lib/private/Config.php (0012602).
    source="https://docs.nextcloud.com/server/latest/admin_manual/configuration_server/email_configuration.html",
    proof=Proof.PARSED,
    proved_with="PHP 8.2, which reads Nextcloud's configuration, and Symfony Mailer 5.4.53, with which it sends",
    # Symfony Mailer takes STARTTLS where it is offered; Nextcloud has no setting that requires it.
    expresses=frozenset({Feature.ENVELOPE_SENDER, Feature.IMPLICIT_TLS}),
    is_system=True,
    leaves_out=leaves_out,
)
