"""Ids of what can be wrong with the files themselves, before any rule looks at what they mean."""

from enum import StrEnum
from typing import Self


class SpecRule(StrEnum):
    """Problems of reading the spec and the lock file. All are errors unless a finding says otherwise.

    `explanation` is what `explain` prints for the id: why it matters, and what to do instead.
    """

    explanation: str

    def __new__(cls, rule_id: str, explanation: str) -> Self:
        """Make a member whose value is the id alone."""
        member = str.__new__(cls, rule_id)
        member._value_ = rule_id
        member.explanation = explanation
        return member

    NOT_FOUND = "spec-not-found", "There is no file or folder where the spec should be. Name another with --spec."
    EMPTY = "spec-empty", "The folder holds no YAML file with anything in it, so there is nothing to work on."
    UNREADABLE = (
        "spec-unreadable",
        "A file or folder of the spec cannot be read: permissions, size, or no regular file.",
    )
    LINK_OUTSIDE = (
        "spec-link-outside",
        "A symbolic link leads out of the spec folder, or nowhere. It is not followed: the spec is what the repository holds.",
    )
    NOT_UTF8 = "spec-not-utf8", "YAML files are UTF-8 here, so that names and excerpts mean the same on every machine."
    YAML_SYNTAX = "spec-yaml-syntax", "The file is not YAML. Nothing below the place shown was read."
    TABS = "spec-tabs", "YAML does not allow tabs in the indentation (YAML 1.2.2 section 6.1). Use spaces."
    SEVERAL_DOCUMENTS = (
        "spec-several-documents",
        "A file holds one YAML document. Put the second one into a file of its own: all files of the folder are one spec.",
    )
    DUPLICATE_KEY = (
        "spec-duplicate-key",
        "One mapping has a key twice. YAML forbids it, and parsers that allow it drop one of the two silently.",
    )
    ANCHOR = "spec-anchor", "An alias names no anchor above it, or an anchor contains itself."
    ANCHOR_EXPLOSION = (
        "spec-anchor-explosion",
        "Aliases repeat so much that a small file would become a huge one. Use `defaults:` for shared values.",
    )
    TOO_DEEP = "spec-too-deep", "Values are nested more deeply than any setting needs."
    MERGE_KEY = (
        "spec-merge-key",
        "`<<` is not part of YAML 1.2. Use `defaults:`, which applies to every entry key by key.",
    )
    TAG = (
        "spec-tag",
        "Only the core tags of YAML (!!str, !!int, !!float, !!bool, !!null, !!seq, !!map) mean something here.",
    )
    KEY_NOT_TEXT = (
        "spec-key-not-text",
        "Every key is a name. One that YAML reads as a number, a truth value or a list needs quotes.",
    )
    UNKNOWN_KEY = (
        "spec-unknown-key",
        "Nothing reads this key, so it would silently do nothing. Most often it is misspelt.",
    )
    MISSING_KEY = "spec-missing-key", "A key that the entry cannot do without is not there."
    WRONG_TYPE = (
        "spec-wrong-type",
        "The value has another type than the key takes, such as text where a whole number belongs.",
    )
    BAD_VALUE = (
        "spec-bad-value",
        "The value has the right type but cannot be read: a name, address, duration, URL or choice.",
    )
    UNKNOWN_REFERENCE = "spec-unknown-reference", "The value names something that is not declared anywhere in the spec."
    DUPLICATE_NAME = (
        "spec-duplicate-name",
        "One name is defined twice, in two files or in two spellings. Names differ in more than upper and lower case.",
    )
    VERSION_CONFLICT = "spec-version-conflict", "Two files of one spec declare different versions of the format."
    SECRET = (
        "spec-secret",
        "A value has the shape of a known secret. Write a reference to where it is kept, and revoke it: specs are committed.",
    )
