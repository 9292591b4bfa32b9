"""Airflow: a connection for each route, and what EmailOperator is called with, in one Python module."""

from sendspec.targets.airflow.render import leaves_out, render
from sendspec.targets.interface import Feature, Layer, Proof, Target

TARGET = Target(
    id="airflow",
    title="Apache Airflow",
    layer=Layer.APP,
    render=render,
    source="https://airflow.apache.org/docs/apache-airflow-providers-smtp/stable/connections/smtp.html",
    proof=Proof.RUN,
    proved_with="Airflow's SMTP provider 3.2.0 with its task SDK 1.3.2",
    # A task tries again by its own arguments, which the module has as data; each message opens a connection.
    expresses=frozenset(
        {Feature.RETRY, Feature.HEADERS, Feature.ENVELOPE_SENDER, Feature.STARTTLS, Feature.IMPLICIT_TLS}
    ),
    leaves_out=leaves_out,
)
