"""The mail part of GitLab's `gitlab.rb` (Omnibus package and Docker image)."""

from sendspec.targets.gitlab.render import leaves_out, render
from sendspec.targets.interface import Feature, Layer, Proof, Target

TARGET = Target(
    id="gitlab",
    title="GitLab",
    layer=Layer.APP,
    render=render,
    source=(
        "https://docs.gitlab.com/omnibus/settings/smtp, gitlabhq/omnibus-gitlab 440b1f8 (2026-08):"
        " files/gitlab-cookbooks/gitlab/templates/default/smtp_settings.rb.erb, gitlab.yml.erb, libraries/smtp_helper.rb"
    ),
    proof=Proof.PARSED,
    proved_with=(
        "Ruby 3.1 evaluates the file; the values, rendered the way of GitLab's smtp_settings.rb and gitlab.yml, deliver"
        " through ActionMailer 6.1.7. GitLab itself was not run"
    ),
    # No headers, no required STARTTLS, no second server. Sidekiq tries a mail job three times more
    # (gitlabhq/gitlabhq config/initializers/action_mailer_hooks.rb: `sidekiq_options retry: 3`).
    expresses=frozenset({Feature.RETRY, Feature.POOL, Feature.ENVELOPE_SENDER, Feature.IMPLICIT_TLS}),
    is_system=True,
    leaves_out=leaves_out,
)
