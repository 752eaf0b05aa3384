"""The ids of the built-in template groups (VOD developer guide 6.2).

Apart from the groups themselves: every answer about a media needs the ids, and making the groups'
specs takes a tenth of a second of a cold start.
"""

NO_TRANSCODE_GROUP_ID = "no-transcode"
DEFAULT_TRANSCODE_GROUP_ID = "d3fa017ad15c0de0000000000000001d"
PREPROCESSING_GROUP_ID = "preprocessing"
