"""Supabase Auth (GoTrue): its service in a Compose file, and `[auth.email.smtp]` of the Supabase CLI, one pair a route."""

from sendspec.targets.interface import Feature, Layer, Proof, Target
from sendspec.targets.supabase_auth.render import leaves_out, render

TARGET = Target(
    id="supabase-auth",
    title="Supabase Auth",
    layer=Layer.APP,
    render=render,
    # Read on 2026-11-26: supabase/auth internal/conf/configuration.go, internal/conf/rate.go,
    # internal/mailer/mailmeclient/mailmeclient.go; supabase/cli pkg/config/config.go, pkg/config/decode_hooks.go.
    source="https://github.com/supabase/auth#configuration, https://supabase.com/docs/guides/local-development/cli/config",
    proof=Proof.NOT_RUN,
    # gopkg.in/gomail.v2 takes STARTTLS where it is offered, and logs in without it to a server that offers LOGIN alone.
    expresses=frozenset({Feature.HEADERS, Feature.ENVELOPE_SENDER, Feature.IMPLICIT_TLS}),
    is_system=True,
    leaves_out=leaves_out,
)
