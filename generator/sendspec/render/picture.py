"""The Mermaid flowchart: streams -> subdomains -> ESP accounts."""

from sendspec.markdown import escape_mermaid
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Role

MAX_SUBDOMAINS = 8
"""A stream with more senders gets one box for all of them."""
MAX_EDGES = 120
"""Beyond, the picture is no help; GitHub stops drawing at 500 edges (Mermaid's maxEdges) in any case."""


def flowchart(setup: Setup) -> tuple[str, ...]:
    """Give the lines of a Mermaid flowchart; none where it would be too large to read.

    Box ids are counted, never made from names, so no name can be read as syntax; labels are escaped.
    Source: https://mermaid.js.org/syntax/flowchart.html (2026-11-23)
    """
    boxes: dict[tuple[str, str], str] = {}
    lines: list[str] = []
    edges: list[str] = []

    def box(kind: str, name: str, label: str) -> str:
        if (kind, name) not in boxes:
            boxes[kind, name] = f"{kind}{sum(known == kind for known, _ in boxes) + 1}"
            lines.append(f'    {boxes[kind, name]}["{label}"]')
        return boxes[kind, name]

    for stream in setup.streams:
        start = box("stream", stream.id, f"{escape_mermaid(stream.id)}<br/>{escape_mermaid(stream.kind)}")
        for name, label in _subdomains(stream):
            middle = box("domain", name, label)
            edges.append(f"    {start} --> {middle}")
            for route in stream.routes:
                account = setup.account(route.account)
                end = box("account", route.account, f"{escape_mermaid(account.id)}<br/>{escape_mermaid(account.title)}")
                arrow = "-->" if route.role is Role.PRIMARY else "-.->"
                edges.append(f'    {middle} {arrow}|"{escape_mermaid(f"{route.role}, {route.via}")}"| {end}')
    once = list(dict.fromkeys(edges))
    return ("flowchart LR", *lines, *once) if 0 < len(once) <= MAX_EDGES else ()


def _subdomains(stream: Stream) -> list[tuple[str, str]]:
    """Give (name, label) of the boxes in the middle."""
    names = stream.subdomains
    if len(names) <= MAX_SUBDOMAINS:
        return [(name, escape_mermaid(name)) for name in names]
    return [(f"{stream.id} senders", f"{len(names)} sending domains")]
