"""Vault Agent as the process that starts the app: it reads the key-value engine and sets the variables."""

from sendspec.deliveries.interface import Delivery, Proof
from sendspec.deliveries.vault_agent.render import SCHEME, render

DELIVERY = Delivery(
    id="vault-agent",
    title="Vault Agent, which starts the app",
    render=render,
    source="https://developer.hashicorp.com/vault/docs/agent-and-proxy/agent/process-supervisor,"
    " https://developer.hashicorp.com/vault/docs/agent-and-proxy/agent/template",
    schemes=frozenset({SCHEME}),
    proof=Proof.PARSED,
    proved_with="python-hcl2 8.1.4 and Go's template engine; Vault itself was not run",
)
