"""Write the pages in docs/ that are made from the code, or `--check` that they are what it says."""

import sys
from pathlib import Path

from capability_tables import esps_page, targets_page
from check_catalogue import checks_page
from host_table import hosts_page
from rule_catalogue import rules_page

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = {
    "rules.md": rules_page,
    "checks.md": checks_page,
    "esps.md": esps_page,
    "targets.md": targets_page,
    "hosts.md": hosts_page,
}


def main() -> None:
    """Rewrite the pages, or compare."""
    stale = []
    for name, page in PAGES.items():
        path, text = DOCS / name, page()
        if sys.argv[1:] != ["--check"]:
            DOCS.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    if stale:
        sys.exit(f"docs/ is not what the code says: {', '.join(stale)}; run make docs")


if __name__ == "__main__":
    main()
