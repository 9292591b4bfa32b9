"""Types of single values in a spec: each reads and checks one text, and tells editors its form."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, Strict, WithJsonSchema
from pydantic_core import PydanticCustomError

from sendspec.spec import syntax


def checked(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Turn a parser of `syntax` into a pydantic validator that keeps the cure."""

    def validate(value: Any) -> Any:
        try:
            return parse(value)
        except syntax.SyntaxProblem as problem:
            raise PydanticCustomError("syntax", "{message}", {"message": str(problem), "fix": problem.fix}) from None

    return validate


def text(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    """The same for values that must be text in the first place."""
    check = checked(parse)

    def validate(value: Any) -> Any:
        if not isinstance(value, str):
            raise PydanticCustomError("string_type", "Input should be a valid string")
        return check(value)

    return validate


def _whole_number(value: Any) -> Any:
    """Refuse `true` and `1.0`, which Python takes for 1."""
    if type(value) is not int:
        raise PydanticCustomError("int_type", "Input should be a whole number")
    return value


Version = Annotated[Literal[1], BeforeValidator(_whole_number)]
DomainName = Annotated[
    str,
    BeforeValidator(text(syntax.parse_domain)),
    WithJsonSchema({"type": "string", "pattern": syntax.DOMAIN_PATTERN, "examples": ["mail.example.com"]}),
]
SpfDomain = Annotated[
    str,
    BeforeValidator(text(partial(syntax.parse_domain, underscores=True))),
    WithJsonSchema({"type": "string", "examples": ["_spf.google.com"]}),
]
Host = Annotated[
    str,
    BeforeValidator(text(syntax.parse_host)),
    WithJsonSchema({"type": "string", "pattern": syntax.HOST_PATTERN, "examples": ["localhost", "10.0.0.5"]}),
]
Network = Annotated[
    str,
    BeforeValidator(text(syntax.parse_network)),
    WithJsonSchema({"type": "string", "pattern": syntax.NETWORK_PATTERN, "examples": ["10.0.0.0/24", "10.0.0.7"]}),
]
Address = Annotated[
    str, BeforeValidator(text(syntax.parse_address)), WithJsonSchema({"type": "string", "format": "email"})
]
Duration = Annotated[
    int,
    BeforeValidator(checked(syntax.parse_duration)),
    WithJsonSchema({"type": "string", "pattern": syntax.DURATION_PATTERN, "examples": ["90d", "1w", "15m"]}),
]
Day = Annotated[date, BeforeValidator(checked(syntax.parse_date)), WithJsonSchema({"type": "string", "format": "date"})]
Reference = Annotated[
    str,
    BeforeValidator(text(syntax.parse_reference)),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^(env|aws-sm|aws-ssm|op|vault|gcp-sm|file)://",
            "examples": [form for _, form in syntax.REFERENCE_SCHEMES.values()],
        }
    ),
]
ManagingReference = Annotated[
    str,
    BeforeValidator(text(syntax.parse_managing_reference)),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^(env|aws-sm|aws-ssm|op|vault|gcp-sm|file)://",
            "examples": ["aws-sm://prod/mail/dkim#{domain}"],
        }
    ),
]
OutputPath = Annotated[
    str,
    BeforeValidator(text(syntax.parse_path)),
    WithJsonSchema({"type": "string", "pattern": syntax.PATH_PATTERN, "maxLength": syntax.MAX_PATH}),
]
HttpsUrl = Annotated[
    str, BeforeValidator(text(syntax.parse_https_url)), WithJsonSchema({"type": "string", "pattern": "^https://"})
]
ReportUri = Annotated[
    str, BeforeValidator(text(syntax.parse_report_uri)), WithJsonSchema({"type": "string", "pattern": "^mailto:"})
]
RecordUrl = Annotated[
    str, BeforeValidator(text(syntax.parse_record_url)), WithJsonSchema({"type": "string", "pattern": "^https://"})
]
TlsReportUri = Annotated[
    str,
    BeforeValidator(
        text(lambda text: syntax.parse_record_url(text) if text.startswith("https:") else syntax.parse_report_uri(text))
    ),
    WithJsonSchema({"type": "string", "pattern": "^(mailto:|https://)"}),
]
Name = Annotated[str, Field(pattern=syntax.NAME_PATTERN)]
EnvName = Annotated[str, Field(pattern=r"^[A-Z_][A-Z0-9_]*$"), AfterValidator(checked(syntax.parse_variable_name))]
Port = Annotated[int, Strict(), Field(ge=1, le=65535)]
Count = Annotated[int, Strict(), Field(ge=0)]
Ttl = Annotated[int, Strict(), Field(ge=0, le=2147483647)]
Flag = Annotated[bool, Strict()]
Text = Annotated[str, Field(min_length=1)]
Term = Annotated[
    str,
    BeforeValidator(text(syntax.parse_term)),
    WithJsonSchema({"type": "string", "pattern": syntax.TERM_PATTERN}),
]
Label = Annotated[
    str,
    BeforeValidator(text(syntax.parse_label)),
    WithJsonSchema({"type": "string", "pattern": syntax.LABEL_PATTERN, "examples": ["bounce"]}),
]
Milliseconds = Annotated[tuple[Annotated[int, Strict(), Field(ge=0)], Annotated[int, Strict(), Field(ge=1)]], Field()]
