"""The language as a JSON Schema, for editors that complete and check YAML by one.

Made from the models, so that it says what they say: short forms, single items without brackets, aliases. Editors
read `version: 1` as a number and `no` as a truth value, where the loader reads all as text; so a text may be either.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from flows.part import OneOrMore
from flows.schema import Flow

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_WRITTEN_BY_THE_LOADER = ("content_hash", "first")
_TRUTH = ["yes", "no", "on", "off"]
_PROBE = "probe"


def json_schema() -> dict[str, Any]:
    """The schema of a flow file, draft 2020-12."""
    made = Flow.model_json_schema(by_alias=True, schema_generator=_Generator, mode="validation")
    relaxed = _relaxed(made)
    assert isinstance(relaxed, dict)
    return {"$schema": _DRAFT, **relaxed, "title": "Souffleur flow"}


def json_schema_text() -> str:
    """As it stands in `docs/flow.schema.json`."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


class _Generator(GenerateJsonSchema):
    """Looks at the functions that take short forms, which pydantic knows nothing of."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        function: Any = schema["function"]["function"]
        if function is OneOrMore.func:
            listed = next(one for one in (inner, *inner.get("anyOf", ())) if "items" in one)
            return {"anyOf": [listed["items"], inner]}
        whole = self._resolved(inner)
        self._short_fields(whole, function)
        short = function(_PROBE)
        if isinstance(short, dict) and len(short) == 1:
            (key,) = short
            return {"anyOf": [whole["properties"][key], inner]}
        return inner

    def _short_fields(self, whole: JsonSchemaValue, function: Any) -> None:
        """Lists of parts that a text may stand for: `then: step` for `then: [{go: step}]`; one may stand alone."""
        for name, field in whole.get("properties", {}).items():
            taken = function({name: _PROBE}).get(name)
            if taken != _PROBE and isinstance(taken, tuple):
                (key,) = taken[0]
                item = self._resolved(field["items"])["properties"][key]
                described = {"description": field.pop("description")} if "description" in field else {}
                whole["properties"][name] = {"anyOf": [item, field["items"], field], **described}

    def _resolved(self, schema: JsonSchemaValue) -> JsonSchemaValue:
        found = self.get_schema_from_definitions(schema["$ref"]) if "$ref" in schema else schema
        assert found is not None
        return found


def _relaxed(part: Any) -> Any:
    if isinstance(part, list):
        return [_relaxed(item) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {key: _relaxed(value) for key, value in part.items() if not _is_noise(key, value)}
    if isinstance(kept.get("properties"), dict):
        kept["properties"] = {k: v for k, v in kept["properties"].items() if k not in _WRITTEN_BY_THE_LOADER}
    if "anyOf" in kept:
        return _one_of_several(kept)
    if "patternProperties" in kept:
        ((pattern, values),) = kept.pop("patternProperties").items()
        names = {"pattern": pattern, **kept.get("propertyNames", {})}
        return {**kept, "propertyNames": names, "additionalProperties": values}
    if kept.get("type") == "string" and "enum" not in kept and "const" not in kept:
        kept["type"] = ["string", "number", "boolean"]
    elif kept.get("type") == "boolean":
        del kept["type"]
        kept["anyOf"] = [{"type": "boolean"}, {"enum": _TRUTH}]
    return kept


def _is_noise(key: str, value: Any) -> bool:
    """Titles say what the names say; most defaults here are `nothing`. Properties may be called so as well."""
    return (key == "title" and isinstance(value, str)) or (key == "default" and not isinstance(value, dict))


def _one_of_several(kept: dict[str, Any]) -> dict[str, Any]:
    """Nothing is ever null, and what is said of unknown keys goes to the kind that has keys."""
    kinds = [kind for kind in kept.pop("anyOf") if kind != {"type": "null"}]
    closed = kept.pop("additionalProperties", None)
    if closed is not None:
        kinds = [{**kind, "additionalProperties": closed} if "properties" in kind else kind for kind in kinds]
    return {**kinds[0], **kept} if len(kinds) == 1 else {**kept, "anyOf": kinds}
