"""SES v2 as tests meet it: state in between, every call validated against the service description that botocore ships.

Names, types, enumerations, patterns and lengths of a request are checked, unknown members included; so are our own answers
against the output shapes, and errors against those that the operation declares.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import botocore.session
from botocore.model import OperationModel, Shape
from botocore.validate import ParamValidator
from cryptography.hazmat.primitives.serialization import load_der_private_key

MODEL = botocore.session.get_session().get_service_model("sesv2")
ZONE = "dkim.amazonses.com"


@dataclass(frozen=True)
class Answer:
    """What goes back over the wire."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)


class RefusedError(Exception):
    """An error by its name in the service description."""

    def __init__(self, name: str, message: str = "") -> None:
        super().__init__(message)
        self.name = name


@dataclass
class Identity:
    """A domain as SES keeps it."""

    signing: dict[str, Any]
    tokens: list[str]
    configuration_set: str | None = None
    signs: bool = True
    status: str = "PENDING"
    is_verified: bool = False
    forwards: bool = True
    mail_from: dict[str, Any] | None = None
    tags: list[dict[str, str]] = field(default_factory=list)

    @property
    def dkim(self) -> dict[str, Any]:
        """Give DkimAttributes."""
        origin = "EXTERNAL" if "DomainSigningSelector" in self.signing else "AWS_SES"
        known: dict[str, Any] = {
            "SigningEnabled": self.signs,
            "Status": self.status,
            "Tokens": self.tokens,
            "SigningAttributesOrigin": origin,
        }
        if origin == "AWS_SES":
            length = self.signing.get("NextSigningKeyLength", "RSA_2048_BIT")
            known |= {"NextSigningKeyLength": length, "CurrentSigningKeyLength": length, "SigningHostedZone": ZONE}
        return known


@dataclass
class SesStandIn:
    """One account in one region.

    Attributes:
        lag: How many reads of something new answer that it does not exist: eventual consistency.
        wants_verified: The MAIL FROM of a domain that is not verified is refused.
        account: GetAccount.
    """

    identities: dict[str, Identity] = field(default_factory=dict)
    sets: dict[str, dict[str, Any]] = field(default_factory=dict)
    destinations: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    lag: int = 0
    wants_verified: bool = True
    account: dict[str, Any] = field(
        default_factory=lambda: {
            "ProductionAccessEnabled": True,
            "SendingEnabled": True,
            "EnforcementStatus": "HEALTHY",
            "SendQuota": {"Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": 7.0},
            "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
        }
    )
    _unseen: dict[tuple[str, str], int] = field(default_factory=dict)
    _issues: int = 0

    def operation(self, method: str, path: str) -> str:
        """Give the name of the operation that a call is; `?` for none."""
        found = self._route(method, path)
        return found[0].name if found else "?"

    def see_dns(self, domain: str) -> None:
        """Find every record of a domain in DNS."""
        identity = self.identities[domain]
        identity.status, identity.is_verified = "SUCCESS", True
        if identity.mail_from is not None:
            identity.mail_from["MailFromDomainStatus"] = "SUCCESS"

    def give_up(self, domain: str) -> None:
        """Find nothing for 72 hours."""
        self.identities[domain].status = "FAILED"
        if self.identities[domain].mail_from is not None:
            self.identities[domain].mail_from["MailFromDomainStatus"] = "FAILED"

    def call(self, method: str, path: str, body: bytes) -> Answer:
        """Answer a call."""
        found = self._route(method, path)
        if found is None:
            return _error(404, "UnknownOperationException", f"{method} {path}")
        operation, given = found
        try:
            given |= json.loads(body) if body else {}
            _validate(given, operation.input_shape, operation.name)
            act: Callable[[Mapping[str, Any]], dict[str, Any] | None] | None = getattr(self, operation.name, None)
            if act is None:
                return _error(501, "NotWritten", operation.name)
            answer = act(given) or {}
        except RefusedError as error:
            declared = {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in operation.error_shapes}
            return _error(declared[error.name], error.name, str(error))
        _validate(answer, operation.output_shape, f"answer of {operation.name}")
        return Answer(200, json.dumps(answer).encode())

    def _route(self, method: str, path: str) -> tuple[OperationModel, dict[str, Any]] | None:
        parts = urlsplit(path)
        for template, operation in ROUTES:
            match = template.fullmatch(parts.path)
            if match and operation.http["method"] == method:
                given: dict[str, Any] = {name: unquote(value) for name, value in match.groupdict().items()}
                given |= {name: values[0] for name, values in parse_qs(parts.query).items()}
                return operation, given
        return None

    def _is_unseen(self, kind: str, name: str) -> bool:
        left = self._unseen.get((kind, name), 0)
        self._unseen[kind, name] = max(0, left - 1)
        return left > 0

    def _identity(self, given: Mapping[str, Any], missing: str = "NotFoundException") -> Identity:
        name = given["EmailIdentity"]
        if name not in self.identities or self._is_unseen("identity", name):
            raise RefusedError(missing, f"Email identity {name} does not exist.")
        return self.identities[name]

    def _set(self, given: Mapping[str, Any]) -> dict[str, Any]:
        name = given["ConfigurationSetName"]
        if name not in self.sets or self._is_unseen("set", name):
            raise RefusedError("NotFoundException", f"Configuration set <{name}> does not exist.")
        return self.sets[name]

    def _tokens(self, domain: str) -> list[str]:
        self._issues += 1
        return [hashlib.sha256(f"{domain} {self._issues} {each}".encode()).hexdigest()[:32] for each in range(3)]

    def _sign(self, domain: str, identity: Identity, signing: dict[str, Any]) -> None:
        if ("DomainSigningSelector" in signing) != ("DomainSigningPrivateKey" in signing):
            raise RefusedError("BadRequestException", "Selector and private key belong together.")
        if "DomainSigningPrivateKey" in signing:
            if "NextSigningKeyLength" in signing:
                raise RefusedError("BadRequestException", "Either Easy DKIM or BYODKIM.")
            _check_key(signing["DomainSigningPrivateKey"])
            identity.tokens = [signing["DomainSigningSelector"]]
            identity.status = "PENDING"
        elif "DomainSigningSelector" in identity.signing or identity.status == "FAILED":
            identity.tokens = self._tokens(domain)
            identity.status = "PENDING"
        identity.signing = signing

    def CreateEmailIdentity(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802 - the operation's name
        domain = given["EmailIdentity"]
        if domain in self.identities:
            raise RefusedError("AlreadyExistsException", f"Email identity {domain} already exist.")
        name = given.get("ConfigurationSetName")
        if name is not None and name not in self.sets:
            raise RefusedError("NotFoundException", f"Configuration set <{name}> does not exist.")
        identity = Identity({}, self._tokens(domain), name, tags=given.get("Tags", []))
        self._sign(domain, identity, given.get("DkimSigningAttributes", {}))
        self.identities[domain] = identity
        self._unseen["identity", domain] = self.lag
        return {"IdentityType": "DOMAIN", "VerifiedForSendingStatus": False, "DkimAttributes": identity.dkim}

    def GetEmailIdentity(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        identity = self._identity(given)
        answer = {
            "IdentityType": "DOMAIN",
            "FeedbackForwardingStatus": identity.forwards,
            "VerifiedForSendingStatus": identity.is_verified,
            "DkimAttributes": identity.dkim,
            "Policies": {},
            "Tags": identity.tags,
            "VerificationStatus": "SUCCESS" if identity.is_verified else identity.status,
            "VerificationInfo": {"LastCheckedTimestamp": 1764140000.0},
        }
        if identity.mail_from is not None:
            answer["MailFromAttributes"] = identity.mail_from
        if identity.configuration_set is not None:
            answer["ConfigurationSetName"] = identity.configuration_set
        return answer

    def DeleteEmailIdentity(self, given: Mapping[str, Any]) -> None:  # noqa: N802
        self._identity(given)
        del self.identities[given["EmailIdentity"]]

    def PutEmailIdentityMailFromAttributes(self, given: Mapping[str, Any]) -> None:  # noqa: N802
        identity = self._identity(given, "BadRequestException")
        host = given.get("MailFromDomain")
        if not host:
            identity.mail_from = None
            return
        if not host.endswith(f".{given['EmailIdentity']}"):
            raise RefusedError("BadRequestException", "Provided MAIL-FROM domain is not subdomain of the domain.")
        if self.wants_verified and not identity.is_verified:
            raise RefusedError("BadRequestException", f"Identity {given['EmailIdentity']} is not verified.")
        behaviour = given.get("BehaviorOnMxFailure", "USE_DEFAULT_VALUE")
        before = identity.mail_from or {}
        is_same = before.get("MailFromDomain") == host and before.get("MailFromDomainStatus") == "SUCCESS"
        identity.mail_from = {
            "MailFromDomain": host,
            "MailFromDomainStatus": "SUCCESS" if is_same else "PENDING",
            "BehaviorOnMxFailure": behaviour,
        }

    def PutEmailIdentityDkimAttributes(self, given: Mapping[str, Any]) -> None:  # noqa: N802
        self._identity(given).signs = given.get("SigningEnabled", False)

    def PutEmailIdentityDkimSigningAttributes(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        identity = self._identity(given)
        signing = given.get("SigningAttributes", {})
        is_own = given["SigningAttributesOrigin"] == "EXTERNAL"
        if is_own != ("DomainSigningSelector" in signing) or "DomainSigningAttributesOrigin" in signing:
            raise RefusedError("BadRequestException", "The attributes are not of this origin.")
        self._sign(given["EmailIdentity"], identity, dict(signing))
        answer = {"DkimStatus": identity.status, "DkimTokens": identity.tokens}
        return answer if is_own else answer | {"SigningHostedZone": ZONE}

    def PutEmailIdentityFeedbackAttributes(self, given: Mapping[str, Any]) -> None:  # noqa: N802
        self._identity(given).forwards = given.get("EmailForwardingEnabled", False)

    def PutEmailIdentityConfigurationSetAttributes(self, given: Mapping[str, Any]) -> None:  # noqa: N802
        identity, name = self._identity(given), given.get("ConfigurationSetName")
        if name is not None and name not in self.sets:
            raise RefusedError("NotFoundException", f"Configuration set <{name}> does not exist.")
        identity.configuration_set = name

    def CreateConfigurationSet(self, given: Mapping[str, Any]) -> None:  # noqa: N802
        name = given["ConfigurationSetName"]
        if name in self.sets:
            raise RefusedError("AlreadyExistsException", f"Configuration set <{name}> already exists.")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
            raise RefusedError("BadRequestException", f"Invalid configuration set name <{name}>.")
        self.sets[name] = {part: value for part, value in given.items() if part != "ConfigurationSetName"}
        self.destinations[name] = {}
        self._unseen["set", name] = self.lag

    def GetConfigurationSet(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"ConfigurationSetName": given["ConfigurationSetName"], **self._set(given)}

    def DeleteConfigurationSet(self, given: Mapping[str, Any]) -> None:  # noqa: N802
        self._set(given)
        del self.sets[given["ConfigurationSetName"]]

    def _put(self, given: Mapping[str, Any], group: str, *, whole: bool = False) -> None:
        options = {part: value for part, value in given.items() if part != "ConfigurationSetName"}
        self._set(given)[group] = options[group] if whole else options

    def PutConfigurationSetDeliveryOptions(self, given: Mapping[str, Any]) -> None:  # noqa: N802
        self._put(given, "DeliveryOptions")

    def PutConfigurationSetReputationOptions(self, given: Mapping[str, Any]) -> None:  # noqa: N802
        self._put(given, "ReputationOptions")

    def PutConfigurationSetSendingOptions(self, given: Mapping[str, Any]) -> None:  # noqa: N802
        self._put(given, "SendingOptions")

    def PutConfigurationSetSuppressionOptions(self, given: Mapping[str, Any]) -> None:  # noqa: N802
        self._put(given, "SuppressionOptions")

    def PutConfigurationSetTrackingOptions(self, given: Mapping[str, Any]) -> None:  # noqa: N802
        self._put(given, "TrackingOptions")

    def PutConfigurationSetVdmOptions(self, given: Mapping[str, Any]) -> None:  # noqa: N802
        self._put(given, "VdmOptions", whole=True)

    def CreateConfigurationSetEventDestination(self, given: Mapping[str, Any]) -> None:  # noqa: N802
        self._set(given)
        there = self.destinations[given["ConfigurationSetName"]]
        if given["EventDestinationName"] in there:
            raise RefusedError("AlreadyExistsException", "An event destination of this name exists.")
        there[given["EventDestinationName"]] = _definition(given)

    def UpdateConfigurationSetEventDestination(self, given: Mapping[str, Any]) -> None:  # noqa: N802
        self._set(given)
        there = self.destinations[given["ConfigurationSetName"]]
        if given["EventDestinationName"] not in there:
            raise RefusedError("NotFoundException", "There is no such event destination.")
        there[given["EventDestinationName"]] = _definition(given)

    def GetConfigurationSetEventDestinations(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        self._set(given)
        there = self.destinations[given["ConfigurationSetName"]]
        return {"EventDestinations": [{"Name": name, **each} for name, each in there.items()]}

    def DeleteConfigurationSetEventDestination(self, given: Mapping[str, Any]) -> None:  # noqa: N802
        self._set(given)
        if self.destinations[given["ConfigurationSetName"]].pop(given["EventDestinationName"], None) is None:
            raise RefusedError("NotFoundException", "There is no such event destination.")

    def GetAccount(self, _given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        return self.account


def _definition(given: Mapping[str, Any]) -> dict[str, Any]:
    definition = dict(given["EventDestination"])
    if sum(part.endswith("Destination") for part in definition) != 1 or not definition.get("MatchingEventTypes"):
        raise RefusedError("BadRequestException", "One destination and at least one event type.")
    return {"Enabled": False, **definition}


def _check_key(text: str) -> None:
    import base64

    try:
        key: Any = load_der_private_key(base64.b64decode(text, validate=True), None)
    except ValueError:
        raise RefusedError("BadRequestException", "The private key cannot be read.") from None
    if not 1024 <= key.key_size <= 2048:
        raise RefusedError("BadRequestException", "The private key must be RSA with 1024 to 2048 bits.")


def _error(status: int, name: str, message: str) -> Answer:
    return Answer(status, json.dumps({"message": message}).encode(), (("x-amzn-ErrorType", f"{name}:"),))


def _routes() -> Iterator[tuple[re.Pattern[str], OperationModel]]:
    for name in MODEL.operation_names:
        operation = MODEL.operation_model(name)
        path = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(operation.http["requestUri"].partition("?")[0]))
        yield re.compile(path), operation


ROUTES = list(_routes())


def _validate(given: Mapping[str, Any], shape: Shape | None, where: str) -> None:
    if shape is None:
        if given:
            raise RefusedError("BadRequestException", f"{where} takes nothing")
        return
    report = ParamValidator().validate(given, shape)
    problems = [report.generate_report()] if report.has_errors() else list(_constraints(given, shape, where))
    if problems and where.startswith("answer"):
        raise AssertionError(problems)
    if problems:
        raise RefusedError("BadRequestException", "; ".join(problems))


def _constraints(value: Any, shape: Shape, where: str) -> Iterator[str]:
    if shape.type_name == "structure":
        for name, part in value.items():
            yield from _constraints(part, shape.members[name], f"{where}.{name}")
    elif shape.type_name == "list":
        for part in value:
            yield from _constraints(part, shape.member, f"{where}[]")
    elif shape.type_name == "string":
        if shape.enum and value not in shape.enum:
            yield f"{where}: is none of {shape.enum}"
        if "pattern" in shape.metadata and not re.fullmatch(shape.metadata["pattern"], value):
            yield f"{where}: does not match {shape.metadata['pattern']}"
        if len(value) > shape.metadata.get("max", len(value)):
            yield f"{where}: is too long"
    elif shape.type_name in {"integer", "long"} and value > shape.metadata.get("max", value):
        yield f"{where}: is too large"
