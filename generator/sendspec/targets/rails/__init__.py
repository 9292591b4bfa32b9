"""An initializer for Rails: every route a delivery method of its own, streams as one word in a mailer."""

from sendspec.targets.interface import Feature, Layer, Proof, Target
from sendspec.targets.rails.render import render

TARGET = Target(
    id="rails",
    title="Rails ActionMailer",
    layer=Layer.APP,
    render=render,
    source=(
        "https://guides.rubyonrails.org/action_mailer_basics.html, https://guides.rubyonrails.org/active_job_basics.html,"
        " https://github.com/mikel/mail (2.9.1 lib/mail/network/delivery_methods/smtp.rb)"
    ),
    proof=Proof.RUN,
    proved_with="Rails 6.1.7 (railties, ActionMailer, ActiveJob) with mail 2.7.1, Ruby 3.1",
    # ActionMailer opens a connection for every message, counts no rate and does not fail over.
    expresses=frozenset(
        {Feature.RETRY, Feature.HEADERS, Feature.ENVELOPE_SENDER, Feature.STARTTLS, Feature.IMPLICIT_TLS}
    ),
)
