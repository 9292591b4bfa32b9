"""The faults that a rehearsal can show, a file a layer."""

from sendspec.rehearse.fault import Fault
from sendspec.rehearse.faults.api import API_FAULTS
from sendspec.rehearse.faults.dns import DNS_FAULTS
from sendspec.rehearse.faults.smtp import SMTP_ENDPOINT_FAULTS
from sendspec.rehearse.faults.webhook import WEBHOOK_FAULTS

FAULTS: tuple[Fault, ...] = (*DNS_FAULTS, *SMTP_ENDPOINT_FAULTS, *API_FAULTS, *WEBHOOK_FAULTS)
