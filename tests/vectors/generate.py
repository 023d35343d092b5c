#!/usr/bin/env python3
"""Writes the JSON files beside it; with --check it writes nothing and fails if a file differs.

An implementation of its own: it is written from the API's documentation and published standards, and shares no code
with the library that it judges.
"""

import json
import re
import sys
from pathlib import Path

import diagnosis_vectors
import envelope_vectors
import event_vectors
import field_vectors
import response_vectors
import value_vectors

MODULES = [
    envelope_vectors, value_vectors, event_vectors, response_vectors, field_vectors, diagnosis_vectors,
]
# Written by hand: nothing makes them.
BY_HAND = {"tracking.json"}
HERE = Path(__file__).resolve().parent


def text_of(name, content):
    seen = set()
    for section in content.values():
        if isinstance(section, list):
            for case in section:
                assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", case["name"]), (name, case["name"])
                assert case["name"] not in seen, (name, case["name"])
                seen.add(case["name"])
    text = json.dumps(content, indent=2, ensure_ascii=True) + "\n"
    # Texts that wire.py marked stand for number literals.
    return re.sub(r'"\\ue000([-+0-9.eE]+)"', r"\1", text)


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit("usage: generate.py [--check]")
    differing = []
    known = set(BY_HAND)
    for module in MODULES:
        for name, make in module.FILES.items():
            known.add(name)
            content = make()
            text = text_of(name, content)
            path = HERE / name
            if check:
                if not path.exists() or path.read_bytes() != text.encode():
                    differing.append(name)
            else:
                path.write_bytes(text.encode())
            counts = {key: len(value) for key, value in content.items() if isinstance(value, list)}
            print(name, *(f"{key}={count}" for key, count in counts.items()))
    differing += sorted(path.name + " (unknown)" for path in HERE.glob("*.json") if path.name not in known)
    if differing:
        sys.exit("differs from what is generated: " + ", ".join(differing))


if __name__ == "__main__":
    main()
