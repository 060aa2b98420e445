"""What the peers that are built on a vendor's own library have in common."""

import pydantic


def extras(value, path=""):
    """Names of fields that no model knows."""
    found = []
    if isinstance(value, pydantic.BaseModel):
        found += [f"{path}.{name}" for name in (value.model_extra or {})]
        for name in type(value).model_fields:
            found += extras(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, (list, tuple)):
        for part in value:
            found += extras(part, path + "[]")
    return found
