"""The command of 1Password, and how it fails.

Source: https://developer.1password.com/docs/cli/reference and .../docs/cli/environment-variables, read 2026-11-26; it
publishes no list of its errors, so the phrases are those of op 2.2x to 2.34 in public bug reports.
"""

from sendspec.stores.command import Program, Symptom

NO_ITEM = "1Password has no such item in the vault"
SIGN_IN = "set OP_SERVICE_ACCOUNT_TOKEN, or sign in with `op signin`"
OP = Program(
    name="op",
    title="the 1Password CLI",
    page="https://developer.1password.com/docs/cli/get-started/",
    symptoms=(
        Symptom(
            (
                "not currently signed in",
                "no accounts configured",
                "found no accounts",
                "no account found",
                "account is not signed in",
                "session expired",
                "authorization timeout",
                "authorization prompt dismissed",
            ),
            "1Password is not signed in",
            SIGN_IN,
        ),
        Symptom(
            ("service account token", "invalid token", "(401)", "unauthorized"),
            "1Password refuses the token",
            "give OP_SERVICE_ACCOUNT_TOKEN a token that is not revoked or expired",
        ),
        Symptom(
            ("too many requests", "(429)", "rate limit"),
            "1Password limits how often it may be asked",
            "ask again later; the limits of service accounts are by hour and day",
        ),
        Symptom(
            ("isn't a vault",),
            "1Password shows no such vault to this account",
            "correct the reference, or give the account access to the vault",
        ),
        Symptom(
            ("isn't an item", "could not find item", "item not found"),
            NO_ITEM,
            "correct the reference, or create the item",
        ),
        Symptom(
            ("does not have a field", "isn't a field", "doesn't have a field"),
            "the item in 1Password has no such field",
            "correct the reference, or add the field",
        ),
        Symptom(
            ("(403)", "(101)", "do not have permission", "forbidden"),
            "1Password denies access to it",
            "give the account or the service account access to the vault",
        ),
    ),
    unset=frozenset({"OP_FORMAT"}),
)
