"""Discourse's mail settings: `discourse.conf` for installations from source, `DISCOURSE_*` variables for its image."""

from sendspec.targets.discourse.render import leaves_out, render
from sendspec.targets.interface import Feature, Layer, Proof, Target

TARGET = Target(
    id="discourse",
    title="Discourse",
    layer=Layer.APP,
    render=render,
    source=(
        "https://github.com/discourse/discourse/blob/main/app/models/global_setting.rb (FileProvider, EnvProvider,"
        " smtp_settings), https://github.com/discourse/discourse_docker/blob/main/templates/web.template.yml"
    ),
    proof=Proof.PARSED,
    proved_with=(
        "Ruby 3.1's ERB and Discourse's rules for lines and variables, rebuilt in the tests; the values deliver through"
        " ActionMailer 6.1.7. Discourse itself was not run"
    ),
    # No headers, no required STARTTLS, no second server, and an envelope sender of its own for bounces. Sidekiq tries mail
    # jobs again (app/jobs/regular/user_email.rb: an hour after Net::SMTPServerBusy).
    expresses=frozenset({Feature.RETRY, Feature.IMPLICIT_TLS}),
    is_system=True,
    leaves_out=leaves_out,
)
