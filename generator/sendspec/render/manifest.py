"""`manifest.json`: every file that render wrote, its digest, and where in the spec it comes from.

Written for reviewers and for the next run, which removes what it lists and the spec no longer produces. It is also
input: anybody can edit it, so nothing in it is believed before it is checked.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence

from sendspec.errors import OutputError
from sendspec.json_text import json_text
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.render.paths import path_problem
from sendspec.render.places import Places, entry_origins

MANIFEST_PATH = "manifest.json"
MANIFEST_VERSION = 1
GENERATOR = "sendspec"


def manifest_file(setup: Setup, files: Sequence[OutputFile], places: Places) -> OutputFile:
    """Give `manifest.json` for the files beside it. It lists every file but itself."""
    document = {
        "generator": GENERATOR,
        "version": MANIFEST_VERSION,
        "files": {
            file.path: {
                "sha256": hashlib.sha256(file.content.encode(errors="surrogatepass")).hexdigest(),
                "spec": places.lines(file.origins),
                "why": file.why,
            }
            for file in sorted(files, key=lambda file: file.path)
        },
        "pending": list(_pending(setup, places)),
    }
    return OutputFile(
        MANIFEST_PATH,
        json_text(document),
        places.one_per_file(entry_origins(setup)),
        "Every file of this folder with its digest and the spec lines it comes from; the next render reads it.",
    )


def read_manifest(raw: bytes, shown_as: str) -> frozenset[str]:
    """Give the paths that a manifest calls ours, itself included.

    Raises:
        OutputError: it is no manifest of ours, or names a path that render can never have written.
    """
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise _broken(shown_as, "it is not JSON") from None
    if not isinstance(document, dict) or document.get("generator") != GENERATOR:
        raise _broken(shown_as, "sendspec did not write it")
    if document.get("version") != MANIFEST_VERSION:
        raise OutputError(
            f"{shown_as} has version {document.get('version')!r:.40}, this sendspec knows {MANIFEST_VERSION}",
            "use the sendspec that wrote it, or a newer one",
        )
    files = document.get("files")
    if not isinstance(files, dict):
        raise _broken(shown_as, "it has no list of files")
    for path in files:
        problem = path_problem(path)
        if problem:
            raise _broken(shown_as, f"it names {path!r:.200}: {problem}")
    return frozenset({MANIFEST_PATH, *files})


def _pending(setup: Setup, places: Places) -> Iterator[dict[str, object]]:
    for domain in setup.domains:
        for record in domain.zone.pending:
            yield {
                "zone": domain.zone.name,
                "name": record.name,
                "type": record.type,
                "account": record.account,
                "streams": list(record.streams),
                "why": record.why,
                "cure": record.cure,
                "spec": places.lines([record.origin]),
            }


def _broken(shown_as: str, problem: str) -> OutputError:
    return OutputError(
        f"{shown_as} does not say which files are ours: {problem}",
        "restore it (`git checkout -- manifest.json` in that folder), or move the folder away and render again",
    )
