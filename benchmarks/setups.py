"""Made-up setups of any size: a company that sends for its customers' domains, every value issued.

Each domain has nine records or six: SPF, a verification code, DMARC and TLS reports of its own, and one identity, at SES (three DKIM CNAMEs,
MAIL FROM with MX and SPF) or at Postmark (DKIM TXT, return-path), turn by turn. The same number gives the same bytes.
"""

import base64
import random
import string
import zlib
from pathlib import Path

ALPHABET = string.ascii_lowercase + string.digits
# What stands around the modulus in the DER form of a public RSA key of 1,024 bits with exponent 65537 (RFC 3279 2.3.1).
BEFORE_MODULUS = bytes.fromhex("30819f300d06092a864886f70d010101050003818d0030818902818100")
AFTER_MODULUS = bytes.fromhex("0203010001")

ACCOUNTS = """\
version: 1
esps:
  ses-eu:
    kind: ses
    settings: {region: eu-west-1, dkim: easy, configuration_set: customers}
    credentials:
      smtp_username: {from: "aws-sm://prod/mail/ses#username", env: SES_SMTP_USERNAME}
      smtp_password: {from: "aws-sm://prod/mail/ses#password", env: SES_SMTP_PASSWORD}
  postmark-main:
    kind: postmark
    settings: {server: customers}
    credentials:
      server_token: {from: "op://mail/postmark/server-token", env: POSTMARK_SERVER_TOKEN}
apps:
  platform:
    streams: [STREAMS]
    targets: [dotenv]
streams:
"""

STREAM = """\
  {stream}:
    kind: notification
    volume: {{per_day: 20000, peak_per_hour: 6000}}
    events: {{url: "https://hooks.customers.example/mail/{{kind}}", types: [bounced, complained]}}
    routes:
      - {{role: primary, via: smtp, esp: {account}}}
    senders:
"""

DOMAIN = """\
  {domain}:
    dns: {{formats: [{formats}]}}
    mailboxes: google-workspace
    spf: {{all: softfail}}
    dmarc:
      policy: quarantine
      reports: ["mailto:dmarc@{domain}"]
    txt: ["google-site-verification={token}"]
    tls_reports: ["mailto:tls@{domain}"]
    subdomains:
      mail: {{purpose: notification}}
"""

SPF_TREES = """\
spf:
  _spf.google.com:
    text: "v=spf1 include:_netblocks.google.com include:_netblocks2.google.com include:_netblocks3.google.com ~all"
    lookups: 4
    read: 2026-11-20
owned: {}
"""


def write_setup(folder: Path, count: int, formats: tuple[str, ...]) -> None:
    """Write a spec of `count` domains and its lock file into an empty folder."""
    domains = [f"customer-{number:05}.example" for number in range(count)]
    by_account = {"postmark-main": domains[0::2], "ses-eu": domains[1::2]}
    streams = {f"notices-{account}": (account, members) for account, members in by_account.items() if members}
    folder.mkdir(parents=True)
    text = ACCOUNTS.replace("STREAMS", ", ".join(streams))
    for stream, (account, members) in streams.items():
        text += STREAM.format(stream=stream, account=account)
        text += "".join(f"      {name[:-8]}: Customer <notices@mail.{name}>\n" for name in members)
    (folder / "accounts.yaml").write_text(text, encoding="utf-8")
    wanted = ", ".join(formats)
    zones = "".join(
        DOMAIN.format(domain=domain, formats=wanted, token=f"{zlib.crc32(domain.encode()):08x}") for domain in domains
    )
    (folder / "domains.yaml").write_text(f"version: 1\ndomains:\n{zones}", encoding="utf-8")
    (folder / "sendspec.lock.yaml").write_text(lock_text(by_account), encoding="utf-8")


def lock_text(by_account: dict[str, list[str]]) -> str:
    """Give a lock file in which every identity has its issued values."""
    chance = random.Random(7208)  # made-up keys, the same in every run
    lines = ["version: 1", "issued:"]
    for account, members in by_account.items():
        if members:
            lines.append(f"  {account}:")
        for domain in members:
            lines += [f"    mail.{domain}:", "      dkim:", "        read: 2026-11-20"]
            if account == "ses-eu":
                tokens = ", ".join("".join(chance.choices(ALPHABET, k=32)) for _ in range(3))
                lines += [f"        tokens: [{tokens}]", "        hosted_zone: dkim.amazonses.com"]
            else:
                modulus = bytes([0x80 | chance.randrange(128)]) + chance.randbytes(126) + b"\x01"
                key = base64.b64encode(BEFORE_MODULUS + modulus + AFTER_MODULUS).decode()
                lines += ["        selector: 20261120pm", f'        value: "k=rsa; p={key}"']
    return "\n".join(lines) + f"\n{SPF_TREES}"
