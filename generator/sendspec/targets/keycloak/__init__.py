"""Keycloak: `smtpServer` of a realm, as a file for keycloak-config-cli and as a part of a realm file, one pair a route."""

from sendspec.targets.interface import Feature, Layer, Proof, Target
from sendspec.targets.keycloak.render import leaves_out, render

TARGET = Target(
    id="keycloak",
    title="Keycloak",
    layer=Layer.APP,
    render=render,
    # Read on 2026-11-26: keycloak/keycloak services/src/main/java/org/keycloak/email/DefaultEmailSenderProvider.java
    # (commit 003569c), docs/guides/server/importExport.adoc; adorsys/keycloak-config-cli README.md.
    source="https://www.keycloak.org/server/importExport, https://github.com/adorsys/keycloak-config-cli",
    proof=Proof.NOT_RUN,
    # It sets mail.smtp.starttls.enable and never .required: without the server's offer it logs in in plain text.
    expresses=frozenset({Feature.ENVELOPE_SENDER, Feature.IMPLICIT_TLS}),
    is_system=True,
    leaves_out=leaves_out,
)
