"""1Password, Vault and Google Cloud through stand-ins for their commands.

The real `op`, `vault` and `gcloud` come from servers of their own and need accounts or a server; where these tests run
they cannot be had. The stand-ins are real processes that take exactly the documented arguments, refuse all others as the
real ones do, and fail in the words that the real ones were seen to use.
"""

import base64
from dataclasses import replace

import pytest

from sendspec.stores.gcp_sm import STORE as GCP_SM
from sendspec.stores.op import STORE as OP
from sendspec.stores.vault import STORE as VAULT

FAKE_OP = """
if sys.argv[1:2] != ["read"]:
    sys.exit("[ERROR] 2026/11/26 10:00:00 unknown command " + repr(sys.argv[1:2]))
if sys.argv[2:3] != ["--no-newline"] or len(sys.argv) != 4:
    sys.exit("[ERROR] 2026/11/26 10:00:00 unknown flag or wrong number of arguments")
failure = os.environ.get("FAILURE")
if failure:
    sys.exit("[ERROR] 2026/11/26 10:00:00 " + failure)
if os.environ.get("OP_SERVICE_ACCOUNT_TOKEN") != "ops_token":
    sys.exit("No accounts configured for use with 1Password CLI.")
if os.environ.get("OP_FORMAT") == "json":
    print('"in another form"', end="")
elif sys.argv[3] == "op://mail/postmark/server-token":
    print("hunter2", end="")
else:
    sys.exit("[ERROR] 2026/11/26 10:00:00 could not read secret '" + sys.argv[3]
             + "': could not get item mail/x: \\"x\\" isn't an item in the \\"mail\\" vault.")
"""

FAKE_VAULT = """
if sys.argv[1:3] != ["kv", "get"]:
    print("Usage: vault <command> [args]", file=sys.stderr)
    sys.exit(127)
flags = [argument for argument in sys.argv[3:] if argument.startswith("-")]
paths = [argument for argument in sys.argv[3:] if not argument.startswith("-")]
if [flag.partition("=")[0] for flag in flags] != ["-field"]:
    print("flag provided but not defined: " + str(flags), file=sys.stderr)
    sys.exit(1)
if len(paths) != 1 or sys.argv[-1] != paths[0]:
    print("Too many arguments (expected 1, got " + str(len(paths)) + ")", file=sys.stderr)
    sys.exit(1)
if "FAILURE" in os.environ:
    print(os.environ["FAILURE"], file=sys.stderr)
    sys.exit(2)
if os.environ.get("VAULT_TOKEN") != "hvs.token" or os.environ.get("VAULT_ADDR") != "https://vault.test:8200":
    print("Error making API request.\\n\\nURL: GET https://vault.test:8200/v1/sys/internal/ui/mounts/secret/mail/ses\\n"
          "Code: 403. Errors:\\n\\n* permission denied", file=sys.stderr)
    sys.exit(2)
if paths != ["secret/mail/ses"]:
    print("No value found at secret/data/" + paths[0], file=sys.stderr)
    sys.exit(2)
if flags != ["-field=password"]:
    print('Field "' + flags[0] + '" not present in secret', file=sys.stderr)
    sys.exit(1)
print('"hunter2"' if os.environ.get("VAULT_FORMAT") == "json" else "hunter2", end="")
"""

FAKE_GCLOUD = """
import base64
if sys.argv[1:5] != ["secrets", "versions", "access", "latest"]:
    print("ERROR: (gcloud) Invalid choice: " + repr(sys.argv[1:5]), file=sys.stderr)
    sys.exit(2)
given = dict(argument.partition("=")[::2] for argument in sys.argv[5:])
unknown = set(given) - {"--secret", "--project", "--location", "--out-file", "--format", "--quiet"}
if unknown or "--quiet" not in given:
    print("ERROR: (gcloud.secrets.versions.access) unrecognized arguments: " + repr(unknown), file=sys.stderr)
    sys.exit(2)
if "FAILURE" in os.environ:
    print("ERROR: (gcloud.secrets.versions.access) " + os.environ["FAILURE"], file=sys.stderr)
    sys.exit(1)
secret = {("northwind", "ses"): b"hunter2", ("northwind", "binary"): b"\\xff\\xfe"}.get(
    (given["--project"], given["--secret"]))
if secret is None:
    print("ERROR: (gcloud.secrets.versions.access) NOT_FOUND: Secret [projects/1/secrets/x] not found or has no"
          " versions.", file=sys.stderr)
    sys.exit(1)
if given["--format"] == "get(payload.data)":
    print(base64.urlsafe_b64encode(secret).decode())
else:
    print(secret.decode("utf-8", "replace"), end="")
"""


@pytest.fixture
def op(install, surroundings):
    install("op", FAKE_OP)
    return replace(surroundings, environment={**surroundings.environment, "OP_SERVICE_ACCOUNT_TOKEN": "ops_token"})


@pytest.fixture
def vault(install, surroundings):
    install("vault", FAKE_VAULT)
    added = {"VAULT_TOKEN": "hvs.token", "VAULT_ADDR": "https://vault.test:8200"}
    return replace(surroundings, environment={**surroundings.environment, **added})


@pytest.fixture
def gcloud(install, surroundings):
    install("gcloud", FAKE_GCLOUD)
    return surroundings


def changed(surroundings, **variables: str):
    return replace(surroundings, environment={**surroundings.environment, **variables})


def test_a_field_of_1password_is_given(op, revealed):
    assert revealed(OP.read("mail/postmark/server-token", op)) == "hunter2"


def test_a_format_that_the_user_prefers_does_not_change_the_value(op, vault, revealed):
    assert revealed(OP.read("mail/postmark/server-token", changed(op, OP_FORMAT="json"))) == "hunter2"
    assert revealed(VAULT.read("secret/mail/ses#password", changed(vault, VAULT_FORMAT="json"))) == "hunter2"


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        ("You are not currently signed in. Please run `op signin --help`", "1Password is not signed in"),
        (
            "could not read secret 'op://a/b/c': error initializing client: authorization timeout",
            "1Password is not signed in",
        ),
        ("error initializing client: found no accounts for filter 'x'", "1Password is not signed in"),
        ("error initializing client: invalid service account token", "1Password refuses the token"),
        ("(429) Too Many Requests: You've reached the maximum", "1Password limits how often it may be asked"),
        (
            'could not get item a/b: "a" isn\'t a vault in this account.',
            "1Password shows no such vault to this account",
        ),
        ("item 'a/b' does not have a field 'c'", "the item in 1Password has no such field"),
        ("(101) You do not have permission to perform this action", "1Password denies access to it"),
        ("something new about hunter2", "`op` failed with status 1"),
    ],
)
def test_what_1password_says_is_told_in_our_words(op, unresolved, failure, reason):
    found = unresolved(OP.read("mail/postmark/server-token", changed(op, FAILURE=failure)))
    assert found.reason == reason
    assert "hunter2" not in repr(found)


def test_1password_that_is_not_signed_in_says_how_to_sign_in(op, unresolved):
    found = unresolved(OP.read("mail/postmark/server-token", changed(op, OP_SERVICE_ACCOUNT_TOKEN="")))
    assert found.reason == "1Password is not signed in"
    assert "OP_SERVICE_ACCOUNT_TOKEN" in found.fix


def test_an_item_that_1password_does_not_have_is_named_as_the_cause(op, unresolved):
    assert unresolved(OP.read("mail/x/y", op)).reason == "1Password has no such item in the vault"


def test_an_unknown_failure_says_how_to_see_it_without_printing_the_value(op, unresolved):
    found = unresolved(OP.read("mail/a$(id)/y", changed(op, FAILURE="something new")))
    assert found.fix == "run `op read --no-newline 'op://mail/a$(id)/y' > /dev/null` to see what it says"


def test_a_key_of_vault_is_given(vault, revealed):
    assert revealed(VAULT.read("secret/mail/ses#password", vault)) == "hunter2"


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("secret/mail/none#password", "Vault holds nothing at this path"),
        ("secret/mail/ses#nothing", "the secret in Vault has no such key"),
        ("-output-curl-string#password", "the path starts with a hyphen, which `vault` takes for an option"),
    ],
)
def test_a_key_that_vault_does_not_have_is_named_as_the_cause(vault, unresolved, reference, reason):
    assert unresolved(VAULT.read(reference, vault)).reason == reason


def test_a_token_that_vault_does_not_take_says_how_to_get_one(vault, unresolved):
    found = unresolved(VAULT.read("secret/mail/ses#password", changed(vault, VAULT_TOKEN="hvs.other")))
    assert "denies access" in found.reason
    assert "vault login" in found.fix


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        ("dial tcp 127.0.0.1:8200: connect: connection refused", "Vault cannot be reached"),
        ("http: server gave HTTP response to HTTPS client", "Vault speaks http at VAULT_ADDR, which says https"),
        ("x509: certificate signed by unknown authority", "the certificate of the Vault server is not trusted"),
        ("Code: 503. Errors:\n\n* Vault is sealed", "Vault is sealed"),
        ("Code: 400. Errors:\n\n* missing client token", "Vault knows no valid token"),
        ("something new", "`vault` failed with status 2"),
    ],
)
def test_what_vault_says_is_told_in_our_words(vault, unresolved, failure, reason):
    assert unresolved(VAULT.read("secret/mail/ses#password", changed(vault, FAILURE=failure))).reason == reason


def test_the_latest_version_of_a_google_secret_is_given(gcloud, revealed):
    assert revealed(GCP_SM.read("northwind/ses", gcloud)) == "hunter2"


def test_a_binary_google_secret_is_not_corrupted_into_text(gcloud, unresolved):
    assert "no text in UTF-8" in unresolved(GCP_SM.read("northwind/binary", gcloud)).reason


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (
            "You do not currently have an active account selected.\nPlease run:\n\n  $ gcloud auth login",
            "gcloud is not signed in",
        ),
        (
            "PERMISSION_DENIED: Permission 'secretmanager.versions.access' denied for resource (or it may not exist).",
            "Google Cloud denies access to it, or it does not exist",
        ),
        (
            "PERMISSION_DENIED: Secret Manager API has not been used in project 1 before or it is disabled.",
            "the Secret Manager API is not enabled in this project",
        ),
        (
            "FAILED_PRECONDITION: Secret Version [projects/1/secrets/x/versions/1] is in DISABLED state.",
            "the latest version of the secret is disabled or destroyed",
        ),
        ("RESOURCE_EXHAUSTED: Quota exceeded for quota metric", "Google Cloud limits how often it may be asked"),
        ("something new", "`gcloud` failed with status 1"),
    ],
)
def test_what_gcloud_says_is_told_in_our_words(gcloud, unresolved, failure, reason):
    assert unresolved(GCP_SM.read("northwind/ses", changed(gcloud, FAILURE=failure))).reason == reason


def test_a_google_secret_that_does_not_exist_is_named_as_the_cause(gcloud, unresolved):
    found = unresolved(GCP_SM.read("northwind/none", gcloud))
    assert found.reason == "Google Cloud has no such secret, or no version of it"


def test_output_of_gcloud_that_is_no_base64_is_refused(install, surroundings, unresolved):
    install("gcloud", "print('hunter2!')")
    found = unresolved(GCP_SM.read("northwind/ses", surroundings))
    assert found.reason == "`gcloud` wrote what is no Base64"


def test_octets_come_back_from_url_safe_base64(install, surroundings, revealed):
    value = "ÿþ?>~"
    install("gcloud", f"print({base64.urlsafe_b64encode(value.encode()).decode()!r})")
    assert revealed(GCP_SM.read("northwind/ses", surroundings)) == value


@pytest.mark.parametrize(("store", "program"), [(OP, "op"), (VAULT, "vault"), (GCP_SM, "gcloud")])
def test_a_program_that_is_not_installed_is_named_with_where_to_get_it(surroundings, unresolved, store, program):
    found = unresolved(store.read("a/b/c#d", surroundings))
    assert found.reason == f"the program `{program}` is not installed"
    assert "https://" in found.fix
