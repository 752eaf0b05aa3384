"""Conditional transcoding, VOD API manual 17.1, TransConfig: a target above the source."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Above = Literal["allow", "cap", "refuse"]


class Conditions(BaseModel):
    """For the picture's size and both bit rates: what to do when the target exceeds the source.

    "allow" encodes as asked for, "cap" takes the source's value, "refuse" makes nothing.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    resolution: Above = "allow"
    video_bitrate: Above = "allow"
    audio_bitrate: Above = "allow"


class ConditionUnmet(Exception):
    """The target exceeds the source where the template refuses that; the message tells how."""
