"""TranscodeFileRegular: how a template names its outputs (VOD developer guide 6.9).

``{MediaId}``, ``{JobId}`` and ``{PlayDefinition}`` are the placeholders; everything else is
letters, digits, ``-``, ``_`` and slashes. Outputs of a media lie in the folder of its id, so a rule
begins with ``{MediaId}/``.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from chalicelib.processing.output_names import LONGEST_RULE, is_rule

_PLACEHOLDERS = {
    "{MediaId}": "{media}",
    "{JobId}": "{job}",
    "{PlayDefinition}": "{definition}",
}


def neutral_rule(rule: str) -> str:
    """The rule with the domain's placeholders."""
    for wire, neutral in _PLACEHOLDERS.items():
        rule = rule.replace(wire, neutral)
    return rule


def _checked(rule: str) -> str:
    if any(neutral in rule for neutral in _PLACEHOLDERS.values()) or not is_rule(
        neutral_rule(rule)
    ):
        raise ValueError(
            "it must begin with {MediaId}/ and have letters, digits, '-', '_', '/', {MediaId},"
            " {JobId} and {PlayDefinition} only"
        )
    return rule


OutputRule = Annotated[str, Field(max_length=LONGEST_RULE), AfterValidator(_checked)]
"""The text as the client wrote it; ``neutral_rule`` makes of it what is stored."""
