"""The generated files, read and delivered with as Discourse does."""

import json
from pathlib import Path

from app_setups import ONE_CUSTOMER, REFERENCE, SPEC, THROUGH, compile_text, move_smtp, only
from by_hand import fallback_alone, prove, said_by, variables_in
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_servers import open_smtp_server, smtp_server

from sendspec.model.vocabulary import Tls
from sendspec.targets.discourse.quoting import conf_text, conf_value, env_value, ruby_in_erb
from sendspec.targets.ruby_text import ruby_string

TARGETS = "targets: [dotenv, django, nodemailer, postfix]"
DISCOURSE = SPEC.replace(TARGETS, "targets: [discourse]")
SECRET = 'p@ss w#rd$HOME"\\x+/=%41&!`id`<%= 1 %>'
"""The nasty password without its single quote: a line of discourse.conf holds one kind of quotes only."""
USER = "AKIA+us/er$1#2'x"
"""With a single quote, so that it stands in double ones."""
SECRETS = {"POSTMARK_SERVER_TOKEN": SECRET, "SES_SMTP_USERNAME": USER, "SES_SMTP_PASSWORD": SECRET}


def test_the_file_delivers_by_the_route_that_the_environment_names(make_discourse, authority, tmp_path):
    with (
        smtp_server(authority, Tls.STARTTLS, SECRET, SECRET) as primary,
        smtp_server(authority, Tls.IMPLICIT, USER, SECRET) as fallback,
    ):
        setup = move_smtp(compile_text(tmp_path / "specs", DISCOURSE), "postmark-main", primary.port, Tls.STARTTLS)
        discourse = make_discourse(move_smtp(setup, "ses-eu", fallback.port, Tls.IMPLICIT))
        switch = 'ENV["MAIL_ROUTE"] = "codes-fallback"'
        results = discourse.run("deliver(from_conf)", f"{switch}; deliver(from_conf)", **SECRETS)
        assert results == [{"value": True}, {"value": True}]
    for server, user in ((primary, SECRET), (fallback, USER)):
        (message,) = server.messages
        assert message.over_tls
        assert (message.user, message.password) == (user, SECRET)
        assert message.author == ("The Forum", "no-reply@auth.shop.example")


def test_each_route_has_an_env_file_that_delivers_in_the_image(make_discourse, authority, tmp_path):
    login = "AKIA+us/er", "p@ss w#rd$+/="
    with (
        smtp_server(authority, Tls.STARTTLS, *login) as primary,
        smtp_server(authority, Tls.IMPLICIT, *login) as fallback,
    ):
        setup = move_smtp(compile_text(tmp_path / "specs", DISCOURSE), "postmark-main", primary.port, Tls.STARTTLS)
        discourse = make_discourse(move_smtp(setup, "ses-eu", fallback.port, Tls.IMPLICIT))
        secrets = dict(zip(("DISCOURSE_SMTP_USER_NAME", "DISCOURSE_SMTP_PASSWORD"), login, strict=True))
        files = ("discourse.env", "discourse.codes-fallback.env")
        results = discourse.run(*(f"deliver(from_image({discourse.variables(name, **secrets)}))" for name in files))
        assert results == [{"value": True}, {"value": True}]
    assert [len(server.messages) for server in (primary, fallback)] == [1, 1]
    assert all(server.last.over_tls for server in (primary, fallback))
    assert "AKIA" not in discourse.text("discourse.env")


def test_tls_is_said_twice_and_never_in_contradiction(make_discourse, tmp_path):
    setup = compile_text(tmp_path / "specs", DISCOURSE)
    texts = []
    for tls in Tls:
        discourse = make_discourse(move_smtp(setup, "postmark-main", 587, tls))
        texts.append(ruby_string(discourse.text("discourse.conf")))
    found = discourse.run(
        *(f"smtp_settings(from_conf({text})).values_at(:enable_starttls_auto, :tls, :port)" for text in texts),
        **SECRETS,
    )
    expected = {Tls.STARTTLS: [True, None, 587], Tls.IMPLICIT: [False, True, 587], Tls.NONE: [False, None, 587]}
    assert found == [{"value": expected[tls]} for tls in Tls]


def test_starttls_that_discourse_cannot_require_is_warned_of_and_the_warning_is_right(
    make_discourse, authority, tmp_path
):
    """A server that hides STARTTLS gets the login in clear: that is why the target does not claim to require it."""
    with smtp_server(authority, Tls.NONE, SECRET, SECRET) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", DISCOURSE), "postmark-main", server.port, Tls.STARTTLS)
        discourse = make_discourse(setup)
        discourse.run("deliver(from_conf)", **SECRETS)
    assert len(server.logins) == 1
    for name in ("discourse.conf", "discourse.env"):
        assert "Discourse cannot require STARTTLS" in discourse.text(name)


def test_a_server_without_a_trusted_certificate_gets_no_login(make_discourse, authority, tmp_path):
    with smtp_server(authority, Tls.IMPLICIT, SECRET, SECRET) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", DISCOURSE), "postmark-main", server.port, Tls.IMPLICIT)
        (result,) = make_discourse(setup).run("deliver(from_conf)", **SECRETS, SSL_CERT_FILE=None)
    assert result["error"] == "OpenSSL::SSL::SSLError"
    assert server.logins == []


def test_mail_goes_to_a_relay_without_login(make_discourse, authority, tmp_path):
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", THROUGH.replace(TARGETS, "targets: [discourse]")), "shop")
        discourse = make_discourse(move_smtp(setup, "relay", server.port, Tls.NONE))
        assert discourse.run("deliver(from_conf)", POSTMARK_SERVER_TOKEN=None) == [{"value": True}]
    assert server.logins == []


def test_what_discourse_conf_cannot_hold_stops_it_and_so_does_a_secret_that_is_not_set(make_discourse, tmp_path):
    discourse = make_discourse(compile_text(tmp_path / "specs", DISCOURSE))
    first, missing, quotes, route = discourse.run(
        "from_conf['smtp_port']",
        'ENV.delete("SES_SMTP_PASSWORD"); ENV["MAIL_ROUTE"] = "codes-fallback"; from_conf',
        'ENV["SES_SMTP_PASSWORD"] = %q(a\'b"c); from_conf',
        'ENV["MAIL_ROUTE"] = "x"; from_conf',
        **SECRETS,
    )
    assert first == {"value": "587"}
    assert missing["message"] == "SES_SMTP_PASSWORD is not set; its value is kept at aws-sm://prod/ses#password"
    assert "cannot hold SES_SMTP_PASSWORD" in str(quotes["message"])
    assert route["message"] == "MAIL_ROUTE is none of: codes, codes-fallback"


def test_no_reference_and_no_comment_runs_as_erb(make_discourse, tmp_path):
    hostile = "file:///<%=raise%>%><%raise%>"
    text = DISCOURSE.replace(json.dumps(REFERENCE), json.dumps(hostile))
    assert hostile in text
    discourse = make_discourse(compile_text(tmp_path / "specs", text))
    read, unset = discourse.run(
        "from_conf['smtp_port']",
        'ENV["MAIL_ROUTE"] = "codes-fallback"; ENV.delete("SES_SMTP_USERNAME"); from_conf',
        **SECRETS,
    )
    assert read == {"value": "587"}
    assert unset["message"] == f"SES_SMTP_USERNAME is not set; its value is kept at {hostile}"


def test_each_file_tries_it_and_changes_routes_in_the_words_of_its_kind_of_installation(make_discourse, tmp_path):
    discourse = make_discourse(compile_text(tmp_path / "specs", DISCOURSE))
    conf, env = (
        " ".join(discourse.text(name).replace("\n#", " ").split()) for name in ("discourse.conf", "discourse.env")
    )
    assert "Smoke test: RAILS_ENV=production bundle exec rake 'emails:test[YOU@EXAMPLE.ORG]'" in conf
    assert "MAIL_ROUTE in the environment of the web server and of Sidekiq" in conf
    assert "Smoke test: docker exec app rake 'emails:test[YOU@EXAMPLE.ORG]'" in env
    assert "discourse.codes-fallback.env, in a new container; with launcher put its lines below env:" in env
    assert "./launcher destroy app && ./launcher start app" in env


def test_no_customer_is_the_from_of_everything(make_discourse, tmp_path):
    text = ONE_CUSTOMER.replace("via: api, esp: postmark-main", "via: smtp, esp: postmark-main")
    discourse = make_discourse(compile_text(tmp_path / "specs", text.replace(TARGETS, "targets: [discourse]")))
    for name in ("discourse.conf", "discourse.env"):
        assert "Discourse has one From" in discourse.text(name)
        assert "billing@mail.shop.example" not in discourse.text(name)


def test_any_value_reads_back_as_itself_or_is_refused(make_discourse, tmp_path):
    hard = [
        "a#b",
        "a b",
        " a",
        "a ",
        "'",
        '"',
        "'\"",
        "<%= 1 %>",
        "<%",
        "%>",
        "\\",
        "\n",
        "\u2028",
        "𝒳",
        "",
        "# x",
        "a=b",
        "$x",
    ]
    texts = list(hard)

    @settings(max_examples=80)
    @given(st.text(st.sampled_from("ab '\"#<%=>\\$\n é") | st.characters(exclude_categories=["Cs"]), max_size=12))
    def collect(text):
        texts.append(text)

    collect()
    discourse = make_discourse(compile_text(tmp_path / "specs", DISCOURSE))
    lines = [(text, f"x = {value}\n") for text in texts if (value := conf_value(text)) is not None]
    safe = [text for text in texts if env_value(text) is not None]
    assert {"a#b", "'", '"', "<%= 1 %>", "𝒳"} <= {text for text, _ in lines}
    assert not {"'\"", " a", "\n"} & {text for text, _ in lines}
    conf, image, tags, comments = discourse.run(
        f'JSON.parse({json.dumps(json.dumps([line for _, line in lines]))}).map {{ |line| from_conf(line)["x"] }}',
        f'JSON.parse({json.dumps(json.dumps(safe))}).map {{ |value| from_image("DISCOURSE_X" => value)["x"] }}',
        f"ERB.new(JSON.parse({json.dumps(json.dumps(''.join(f'<%= JSON.generate({ruby_in_erb(text)}) %>,' for text in texts)))})).result",
        f"ERB.new(JSON.parse({json.dumps(json.dumps(conf_text(' '.join(texts))))})).result",
    )
    assert conf["value"] == [text for text, _ in lines]
    assert image["value"] == safe
    assert json.loads(f"[{str(tags['value']).removesuffix(',')}]") == texts
    assert comments["value"] == " ".join(texts)


def test_a_change_by_hand_is_the_variable_that_the_file_names_or_the_other_env_file(
    make_discourse, authority, tmp_path
):
    secrets = {**SECRETS, "SES_SMTP_USERNAME": "AKIA", "SES_SMTP_PASSWORD": "p@ss"}
    with fallback_alone(authority, compile_text(tmp_path / "specs", DISCOURSE), "AKIA", "p@ss") as (setup, server):
        discourse = make_discourse(setup)
        (absent,) = discourse.run("deliver(from_conf)", **secrets)
        assert absent["error"] == "Errno::ECONNREFUSED"
        change = said_by(discourse.text("discourse.conf"))
        assert discourse.run("deliver(from_conf)", **secrets, **variables_in(change)) == [{"value": True}]
        prove(Path(__file__).with_name("by_hand.json"), server, change, header=False, name="The Forum")
        assert "the file of another route in place of this one: discourse.codes-fallback.env, in a new container" in (
            said_by(discourse.text("discourse.env"))
        )
        login = {"DISCOURSE_SMTP_USER_NAME": "AKIA", "DISCOURSE_SMTP_PASSWORD": "p@ss"}
        variables = discourse.variables("discourse.codes-fallback.env", **login)
        assert discourse.run(f"deliver(from_image({variables}))") == [{"value": True}]
    assert len(server.messages) == 2
