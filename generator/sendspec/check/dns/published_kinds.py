"""Everything that `dns-published` can find, documented: first about names and sets, then about values, then servers."""

from sendspec.model.dns_record import Purpose
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind

ERROR, WARNING = Severity.ERROR, Severity.WARNING
WRITE_IT = (
    "write the record at whoever hosts the zone, exactly as rendered below `output/dns/`, then run the check again"
)

NAME_MISSING = Kind(
    "live-dns-name-missing",
    ERROR,
    "Name does not exist (NXDOMAIN).",
    "nothing stands at the name, so whatever the record was for does not happen: no key, no policy, no return-path",
    WRITE_IT,
    "RFC 2308 section 2.1; RFC 8020",
)
RECORD_MISSING = Kind(
    "live-dns-record-missing",
    ERROR,
    "Name exists, but not with a record of this type (NODATA).",
    "the record was never written, was written with another type, or was removed",
    WRITE_IT,
    "RFC 2308 section 2.2",
)
VALUE_MISSING = Kind(
    "live-dns-value-missing",
    ERROR,
    "Set of records lacks a declared value.",
    "values that share a name and type are one set; whoever wrote the last one replaced the others",
    "add the value to the set and keep those that are there",
    "RFC 2181 section 5",
)
DOUBLED_ZONE = Kind(
    "live-dns-doubled-zone-name",
    ERROR,
    "Record stands below the name of its zone twice.",
    "the DNS panel appended the zone to what was a full name already, so the record is where nobody looks",
    "write the name without the zone, or with a final dot; remove the doubled one",
    "RFC 1035 section 5.1",
)
AT_WRONG_NAME = Kind(
    "live-dns-at-wrong-name",
    ERROR,
    "Record stands at another name than the one that is read.",
    "receivers ask for one exact name and find nothing there",
    "move the record to the name that is declared",
    "RFC 9989 section 4.7; RFC 6376 section 3.6.2.1",
)
WRONG_KEY = Kind(
    "live-dns-wrong-key",
    ERROR,
    "DKIM key is not the one the ESP signs with.",
    "every signature of this selector fails, and with it the DKIM leg of DMARC",
    "replace the value by the key that the ESP shows today; if the ESP issued a new one, write that into the lock file",
    "RFC 6376 section 3.6.1",
)
WRONG_SPF = Kind(
    "live-dns-wrong-spf",
    ERROR,
    "SPF record is not the declared one.",
    "a sender that is missing in it fails SPF; one that is too many may send in your name",
    "merge what is live with what is declared: put into the spec what must stay, then write the rendered record",
    "RFC 7208 section 3",
)
WRONG_DMARC = Kind(
    "live-dns-wrong-dmarc",
    ERROR,
    "DMARC record is not the declared one.",
    "receivers apply what is published, not what was meant: policy, alignment or report addresses differ",
    "write the rendered record, or change `dmarc:` in the spec to what is to hold",
    "RFC 9989 section 4.7",
)
WRONG_CNAME = Kind(
    "live-dns-wrong-cname",
    ERROR,
    "CNAME leads to another name than declared.",
    "keys, return-path or tracking of another account, or of nobody, are used",
    "point the CNAME to the declared target; if the ESP issued a new one, write that into the lock file",
    "RFC 1034 section 3.6.2",
)
WRONG_MX = Kind(
    "live-dns-wrong-mx",
    ERROR,
    "MX is not the declared one.",
    "bounces go to somebody else, and an ESP that looks for its own MX does not use the return-path",
    "write the declared MX",
    "RFC 5321 section 5.1",
)
WRONG_POLICY_ID = Kind(
    "live-dns-wrong-mta-sts-id",
    ERROR,
    "MTA-STS record has another id than the declared policy.",
    "senders fetch the policy again only when the id changes, so they keep an old one",
    "publish the policy file first, then the record with its id",
    "RFC 8461 section 3.1",
)
WRONG_TLS_REPORTS = Kind(
    "live-dns-wrong-tls-reports",
    WARNING,
    "TLS-RPT record is not the declared one.",
    "reports about failed TLS go elsewhere, or nowhere",
    "write the rendered record",
    "RFC 8460 section 3",
)
WRONG_LOGO = Kind(
    "live-dns-wrong-bimi",
    WARNING,
    "BIMI record is not the declared one.",
    "another logo is shown, or none",
    "write the rendered record",
    "draft-brand-indicators-for-message-identification section 4",
)
WRONG_REPORT_AUTHORISATION = Kind(
    "live-dns-wrong-report-authorisation",
    WARNING,
    "Authorisation of DMARC reports is not the declared one.",
    "reports for the domain are not sent to this destination",
    "write the rendered record",
    "RFC 9990 section 4",
)
SECOND_SPF = Kind(
    "live-dns-second-spf",
    ERROR,
    "Name has more than one SPF record.",
    "two records are a permanent error for every message, whatever stands in them",
    "merge them into one: put the other sender into `spf:` of the spec, write the rendered record, delete the rest",
    "RFC 7208 sections 3.2 and 4.5",
)
SECOND_DMARC = Kind(
    "live-dns-second-dmarc",
    ERROR,
    "Name has more than one DMARC record.",
    "receivers discard them all: there is no policy, and nobody gets reports",
    "keep the declared one and delete the rest",
    "RFC 9989 section 4.10; RFC 7489 section 6.6.3",
)
SECOND_KEY = Kind(
    "live-dns-second-key",
    ERROR,
    "DKIM selector has more than one TXT record.",
    "which key a verifier takes is undefined, so signatures fail now and then",
    "keep the key the ESP signs with; a new key gets a new selector",
    "RFC 6376 section 3.6.2.2",
)
SECOND_MX = Kind(
    "live-dns-second-mx",
    ERROR,
    "Return-path has more than the one MX that the ESP wants.",
    "bounces go to two places, and SES takes the return-path for broken and stops using it",
    "delete every MX but the declared one",
    "https://docs.aws.amazon.com/ses/latest/dg/mail-from.html",
)
SECOND_MTA_STS = Kind(
    "live-dns-second-mta-sts",
    ERROR,
    "Name has more than one MTA-STS record.",
    "senders take it that there is no policy",
    "keep the declared one and delete the rest",
    "RFC 8461 section 3.1",
)
SECOND_TLS_REPORTS = Kind(
    "live-dns-second-tls-reports",
    WARNING,
    "Name has more than one TLS-RPT record.",
    "senders take it that nobody wants reports",
    "keep the declared one and delete the rest",
    "RFC 8460 section 3",
)
NULL_MX_NOT_ALONE = Kind(
    "live-dns-null-mx-not-alone",
    ERROR,
    "Null MX stands beside another MX.",
    "a null MX counts only alone, so the name still takes mail",
    "delete the other MX, or take `sends: never` off a name that receives",
    "RFC 7505 section 3",
)
ESCAPED = Kind(
    "live-dns-escaped-text",
    ERROR,
    "Text holds quotes or backslashes that belong to a file format.",
    "a panel or a program escaped it once too often; receivers read the characters as part of the value",
    "enter the bare text, without quotes and backslashes",
    "RFC 1035 section 5.1",
)
ZONE_APPENDED = Kind(
    "live-dns-zone-appended-to-target",
    ERROR,
    "Target has the name of the zone appended.",
    "it was written without its final dot, so it leads to a name that does not exist",
    "write the target with a final dot, or as the DNS panel wants full names",
    "RFC 1035 section 5.1",
)
ADDRESS_INSTEAD = Kind(
    "live-dns-address-instead-of-cname",
    ERROR,
    "Addresses stand where a CNAME is declared.",
    "the CNAME is proxied or flattened by the DNS host: TXT and MX of the target are invisible, and the ESP's check fails",
    "switch the proxy off for this name (Cloudflare: DNS only) and do not flatten it",
    "https://developers.cloudflare.com/dns/cname-flattening/ (read 2026-11-26); RFC 1034 section 3.6.2",
)
TEXT_INSTEAD = Kind(
    "live-dns-text-instead-of-cname",
    ERROR,
    "Text or MX stands where a CNAME is declared.",
    "it is a copy that nobody renews: when the ESP rotates its key, mail fails",
    "delete it and write the CNAME; nothing else may stand at that name",
    "RFC 1034 section 3.6.2",
)
CNAME_INSTEAD = Kind(
    "live-dns-cname-instead",
    ERROR,
    "CNAME stands where another record is declared.",
    "whatever is at the CNAME's target counts, and nothing else may stand at the name",
    "delete the CNAME and write the record, or declare what the CNAME is for",
    "RFC 1034 section 3.6.2",
)
SERVERS_DISAGREE = Kind(
    "live-dns-servers-disagree",
    ERROR,
    "Authoritative servers disagree.",
    "a receiver gets one answer or the other, so mail fails now and then",
    "wait for the zone transfer to end; if it lasts, repair the server that is behind, or take it out of the NS records",
    "RFC 1034 section 4.3.5",
)
DELEGATED = Kind(
    "live-dns-delegated-elsewhere",
    ERROR,
    "Name lies in a zone that is delegated to other servers.",
    "records written into the parent zone are invisible there",
    "write the records into the delegated zone and declare it as a domain of its own, or remove its NS records",
    "RFC 1034 section 4.2.1",
)
TOO_LARGE = Kind(
    "live-dns-answer-too-large",
    WARNING,
    "Answer does not fit one datagram.",
    "it needs TCP or fragments, which some resolvers and firewalls lose; then SPF or DKIM ends in a temporary error",
    "remove verification codes that nobody needs any more, or use a subdomain with a set of its own",
    "RFC 7208 section 3.4; DNS flag day 2020 (1232 octets)",
)
SERVFAIL = Kind(
    "live-dns-servfail",
    ERROR,
    "Authoritative server answers SERVFAIL.",
    "receivers see a temporary error: mail is deferred, or treated as unauthenticated",
    "look at the server's log: it could not load or transfer the zone, or sign it",
    "RFC 1035 section 4.1.1; RFC 2308 section 7.1",
)
REFUSED = Kind(
    "live-dns-refused",
    ERROR,
    "Authoritative server refuses to answer.",
    "the delegation names a server that does not serve the zone, or not for everybody",
    "add the zone at that server, or take the server out of the NS records at the registrar",
    "RFC 1035 section 4.1.1",
)
LAME = Kind(
    "live-dns-lame-server",
    ERROR,
    "Name server of the zone answers without authority.",
    "every resolver that picks it gets nowhere, and has to try another one",
    "add the zone at that server, or take the server out of the NS records at the registrar",
    "RFC 1912 section 2.8; RFC 9499 section 7 (lame delegation)",
)
TIMED_OUT = Kind(
    "live-dns-timeout",
    ERROR,
    "Authoritative server gives no answer in time.",
    "if others do not get one either, they retry elsewhere or give up",
    "try again from another network; if it lasts, repair the server or take it out of the NS records",
    "RFC 1035 section 4.2.1",
)
UNREACHABLE = Kind(
    "live-dns-unreachable",
    ERROR,
    "Authoritative server cannot be reached from here.",
    "if others cannot reach it either, they retry elsewhere or give up",
    "try again from another network; if it lasts, repair the address of the name server",
    "RFC 1035 section 4.2",
)
NO_DNS_ANSWER = Kind(
    "live-dns-no-dns-answer",
    ERROR,
    "Authoritative server answers with something that is no DNS answer.",
    "resolvers throw it away",
    "look at what stands before the server: a firewall, a proxy, another service at port 53",
    "RFC 1035 section 4.1",
)
ERROR_ANSWER = Kind(
    "live-dns-error-answer",
    ERROR,
    "Authoritative server answers with an error.",
    "resolvers get nothing they could use",
    "look at the server's log for the response code that is shown",
    "RFC 1035 section 4.1.1; RFC 6895 section 2.3",
)

WRONG_BY_PURPOSE = {
    Purpose.DKIM: WRONG_KEY,
    Purpose.SPF: WRONG_SPF,
    Purpose.DMARC: WRONG_DMARC,
    Purpose.MTA_STS: WRONG_POLICY_ID,
    Purpose.TLS_REPORTS: WRONG_TLS_REPORTS,
    Purpose.BIMI: WRONG_LOGO,
    Purpose.DMARC_REPORTS: WRONG_REPORT_AUTHORISATION,
}
SECOND_BY_PURPOSE = {
    Purpose.DKIM: SECOND_KEY,
    Purpose.SPF: SECOND_SPF,
    Purpose.DMARC: SECOND_DMARC,
    Purpose.MTA_STS: SECOND_MTA_STS,
    Purpose.TLS_REPORTS: SECOND_TLS_REPORTS,
}
LESS_SEVERE = {
    Purpose.MTA_STS: WARNING,
    Purpose.TLS_REPORTS: WARNING,
    Purpose.BIMI: WARNING,
    Purpose.DMARC_REPORTS: WARNING,
    Purpose.NULL_MX: WARNING,
    Purpose.FOREIGN: WARNING,
}
"""What is missing of these stops no mail."""

KINDS = tuple(value for value in list(globals().values()) if isinstance(value, Kind))
