# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds events to the JSON Schema of Suricata 8's EVE.

Events of one shape (the same keys with the same types, all the way down) are alike to a schema but for patterns and enumerations, so a few of each
shape are validated: that keeps a million events to some thousands.
"""
import json
import os

import jsonschema

EACH_SHAPE = 3


def shape(value):
    if isinstance(value, dict):
        return "{" + ",".join(f"{k}:{shape(v)}" for k, v in sorted(value.items())) + "}"
    if isinstance(value, list):
        return "[" + ",".join(sorted({shape(v) for v in value})) + "]"
    return type(value).__name__


class Schema:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            schema = json.load(file)
        self.validator = jsonschema.validators.validator_for(schema)(schema)
        self.shapes = {}

    def errors(self, event):
        """Texts of what is wrong with event; empty when it is valid or of a shape seen often enough."""
        key = shape(event)
        self.shapes[key] = self.shapes.get(key, 0) + 1
        if self.shapes[key] > EACH_SHAPE:
            return []
        return [f"{event['event_type']}: {'.'.join(str(p) for p in e.absolute_path)}: {e.message[:160]}" for e in self.validator.iter_errors(event)]


def shared_schema(shared):
    path = os.path.join(shared, "conformance", "eve-schema-8.json")
    return Schema(path) if os.path.exists(path) else None
