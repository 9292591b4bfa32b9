"""The env file of 1Password references is read back by an env file's reader."""

import io

import dotenv
import pytest
from app_setups import SPEC, compile_text

from sendspec.deliveries.interface import load_delivery


def file_of(folder, reference):
    text = SPEC.replace('"op://mail/postmark/token"', f'"{reference}"')
    (app,) = compile_text(folder, text).apps
    (file,) = load_delivery("onepassword").render(app)
    return file


@pytest.mark.parametrize(
    "reference", ["op://mail/postmark/token", "op://mail/post.mark/section/tok$en", "op://a&b/`c`/d!"]
)
def test_a_reference_is_read_back_as_it_stands(tmp_path, reference):
    file = file_of(tmp_path, reference)
    assert file.path == "apps/shop/secrets.op.env"
    found = dotenv.dotenv_values(stream=io.StringIO(file.content), interpolate=False)
    assert found == {"POSTMARK_SERVER_TOKEN": reference}
    assert "SES_SMTP_PASSWORD is not set here: kept at aws-sm://prod/ses#password" in file.content


def test_a_reference_that_has_no_spelling_is_left_out_and_said(tmp_path):
    file = file_of(tmp_path, "op://mail/it's/token")
    assert dotenv.dotenv_values(stream=io.StringIO(file.content)) == {}
    assert "POSTMARK_SERVER_TOKEN is not set here" in file.content
