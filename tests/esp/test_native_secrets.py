"""`extra:` goes into the output as it is written, so no secret may stand in it."""

import pytest
from pydantic import TypeAdapter, ValidationError

from sendspec.esp.interface import Native

NATIVE = TypeAdapter(Native)


@pytest.mark.parametrize("key", ["Password", "password", "oauth_client_secret", "api-key", "AuthToken_token"])
@pytest.mark.parametrize("value", ["hunter2hunter2", "x ${secret:env://A}", "${secret:env://A} hunter2", "${token}"])
def test_text_below_a_key_that_names_a_secret_is_refused_and_not_shown(key, value):
    for native in ({key: value}, {"HttpAuth": {"Username": "u", key: value}}, {"list": [{key: value}]}):
        with pytest.raises(ValidationError) as caught:
            NATIVE.validate_python(native)
        [error] = caught.value.errors(include_input=False)
        assert value not in f"{error['msg']}{error['ctx']['fix']}"
        assert key in error["msg"]


@pytest.mark.parametrize(
    "native",
    [
        {"HttpAuth": {"Username": "u", "Password": "${secret:op://mail/hook/password}"}},
        {"Password": "${input:hook_password}"},
        {"token_url": "https://login.example/", "InboundHookUrl": "https://h.example/", "secret": True},
    ],
)
def test_a_placeholder_and_what_is_no_secret_pass_untouched(native):
    assert NATIVE.validate_python(native) == native
