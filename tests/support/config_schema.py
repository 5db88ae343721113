"""The JSON Schema of the configuration file, made from the table of settings.

`python tests/support/config_schema.py` writes it anew; a test fails when it is out of date.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from git_okstra.core import setting_values, settings
from git_okstra.core.setting_values import Setting

PATH = Path(__file__).parents[2] / "share" / "schemas" / "config-v1.schema.json"

_LINE = r"^[^\u0000-\u001f\u007f-\u009f]*$"
_NAMED = r"^(?=.*\S)[^\u0000-\u001f\u007f-\u009f]*$"
_UNITS = "".join(setting_values.UNITS)


def of_setting(setting: Setting) -> dict[str, Any]:
    """The schema of a value."""
    kinds: dict[str, dict[str, Any]] = {
        "string": {"type": "string", "pattern": _LINE},
        "path": {"type": "string", "pattern": _LINE},
        "strings": {"type": "array", "items": {"type": "string", "pattern": _NAMED}},
        "commands": {
            "type": "array",
            "items": {"type": "string", "pattern": r"^(?=[\s\S]*\S)[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*$"},
        },
        "boolean": {"type": "boolean"},
        "integer": {"type": "integer", "minimum": 0, "maximum": setting_values.GREATEST_INTEGER},
        "duration": {"type": "string", "pattern": f"^ *([0-9][0-9 ]*[{_UNITS}] *)+$"},
        "choice": {"enum": list(setting.choices)},
        "table": {
            "type": "object",
            "propertyNames": {"pattern": _NAMED},
            "additionalProperties": {"type": "string", "pattern": _NAMED},
        },
    }
    default: Any = list(setting.default) if isinstance(setting.default, tuple) else setting.default
    told = f"{setting.doc[0].upper()}{setting.doc[1:]}. Scopes: {', '.join(setting.scopes)}."
    return {"description": told, **kinds[setting.kind], "default": default}


def schema() -> dict[str, Any]:
    """The schema of a whole file."""
    root: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://git-okstra.invalid/schemas/config-v1.schema.json",
        "title": "Settings of git okstra",
        "description": "A settings file of git okstra: $OKSTRA_HOME/config.toml, .okstra.toml of a project, or "
        "okstra/config.toml under the git common directory of a clone. Which setting may stand in which of them, its "
        "description says.",
        "type": "object",
        "additionalProperties": False,
        "properties": {},
    }
    for setting in settings.SETTINGS.values():
        *sections, name = setting.key.split(".")
        table = root
        for section in sections:
            empty: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}
            table = table["properties"].setdefault(section, empty)
        table["properties"][name] = of_setting(setting)
    return root


def wanted() -> str:
    """The file as it should be."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    PATH.write_text(wanted(), encoding="utf-8")
