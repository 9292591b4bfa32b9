"""A plan as a file: JSON that a person can read, a pull request can show and `apply` can take."""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sendspec.errors import SendspecError, UsageError
from sendspec.model.plan import Plan
from sendspec.spec import secret_shapes

FORMAT = 1
MOST_OCTETS = 256_000_000


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    sendspec_plan: Annotated[Literal[1], Field()]
    plan: Plan


PLAN = TypeAdapter(Plan)


def plan_text(plan: Plan) -> str:
    """Give the file. Raises SendspecError rather than write what has the shape of a secret."""
    text = json.dumps(
        {"sendspec_plan": FORMAT, "plan": PLAN.dump_python(plan, mode="json")}, indent=1, ensure_ascii=False
    )
    for secret in secret_shapes.find(text):
        message = f"the plan would hold {secret.title}, and is not written"
        raise SendspecError(
            message, "something that should hold public data at an ESP or in DNS holds a secret: look there"
        )
    return text + "\n"


def read_plan(path: Path) -> Plan:
    """Read a plan that was saved.

    Raises:
        UsageError: there is none at that path, or it is none.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_OCTETS)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise UsageError(message, "`sendspec plan --out FILE` saves a plan") from error
    try:
        return _File.model_validate_json(content).plan
    except ValidationError as error:
        message = f"{path} is no plan of this version of sendspec"
        raise UsageError(message, "make it anew with `sendspec plan --out FILE`") from error
