"""Settings modules for Django, before and from 6.1, over SMTP and through django-anymail."""

from sendspec.targets.django.mailers import API_LIBRARY
from sendspec.targets.django.render import render
from sendspec.targets.interface import Feature, Layer, Proof, Target

TARGET = Target(
    id="django",
    title="Django settings",
    layer=Layer.APP,
    render=render,
    source="https://docs.djangoproject.com/en/6.1/topics/email/, https://anymail.dev/en/stable/",
    proof=Proof.RUN,
    proved_with="Django 5.2.19 and 6.1.3, django-anymail 15.2",
    # Django neither retries nor fails over, keeps no pool and counts no rate: the files carry the numbers as data.
    expresses=frozenset(
        {Feature.API, Feature.HEADERS, Feature.ENVELOPE_SENDER, Feature.STARTTLS, Feature.IMPLICIT_TLS}
    ),
    api_library=API_LIBRARY,
)
