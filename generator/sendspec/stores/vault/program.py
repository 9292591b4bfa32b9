"""Vault's command, and how it fails.

Source: phrases from hashicorp/vault command/kv_get.go, command/kv_patch.go, command/util.go and the API's errors, read
2026-11-26
"""

from sendspec.stores.command import Program, Symptom

NOTHING_THERE = "Vault holds nothing at this path"
VAULT = Program(
    name="vault",
    title="Vault's CLI",
    page="https://developer.hashicorp.com/vault/install",
    symptoms=(
        Symptom(
            ("missing client token", "invalid token", "bad token"),
            "Vault knows no valid token",
            "set VAULT_TOKEN, or sign in with `vault login`",
        ),
        Symptom(
            ("permission denied", "code: 403", "returned 403"),
            "Vault denies access to it: the token has expired, or its policy does not allow the path",
            "set VAULT_TOKEN to a token that may read the path, or sign in with `vault login`",
        ),
        Symptom(
            ("no value found at", "no data found at"),
            NOTHING_THERE,
            "write the secret, or correct the reference; a version that was deleted is not found either",
        ),
        Symptom(
            ("not present in secret",),
            "the secret in Vault has no such key",
            "add the key to the secret, or correct the reference",
        ),
        Symptom(("vault is sealed", "code: 503"), "Vault is sealed", "unseal it"),
        Symptom(
            ("server gave http response to https client",),
            "Vault speaks http at VAULT_ADDR, which says https",
            "set VAULT_ADDR to the address of the server; without it, https://127.0.0.1:8200 is asked",
        ),
        Symptom(
            ("x509:", "certificate"),
            "the certificate of the Vault server is not trusted",
            "set VAULT_CACERT to the certificate of its CA",
        ),
        Symptom(
            ("connection refused", "no such host", "i/o timeout", "deadline exceeded", "no route to host"),
            "Vault cannot be reached",
            "set VAULT_ADDR to the address of the server; without it, https://127.0.0.1:8200 is asked",
        ),
        Symptom(
            ("no handler for route", "code: 404"),
            "no engine is mounted in Vault at this path",
            "correct the path: the mount comes first, without `data/`",
        ),
    ),
    # -field prints the value as JSON or YAML where this asks for it (hashicorp/vault, command/util.go).
    unset=frozenset({"VAULT_FORMAT"}),
)
