"""The codes of MPC with the status and the message that the manual prints (MPC API manual 14.2).

An operation that fails answers with its own status instead, the one that its section prints.
"""

from chalicelib.apis.protocol.huawei_rest.errors import RestError

SUCCEEDED = "MPC.10218"
"""What a task that ended well carries as its error_code."""

CODES: dict[str, tuple[int, str]] = {
    "MPC.10001": (500, "IAM service exception."),
    "MPC.10002": (500, "OBS service exception."),
    "MPC.10003": (500, "SMN service exception."),
    "MPC.10004": (500, "CBC service exception."),
    "MPC.10005": (500, "SDR service exception."),
    "MPC.10006": (500, "ZK service exception."),
    "MPC.10007": (500, "MONGO service exception."),
    "MPC.10008": (500, "MPE service exception."),
    "MPC.10050": (500, "XCODE service exception."),
    "MPC.10051": (
        406,
        "The selected template is a super-resolution template and is not supported.",
    ),
    "MPC.10052": (406, "Failed to obtain the input file."),
    "MPC.10053": (406, "The input file does not exist."),
    "MPC.10054": (406, "Failed to obtain the subtitle file."),
    "MPC.10055": (406, "The audio sampling rate 7,350 is not supported."),
    "MPC.10056": (406, "This type of output frame rate is not supported."),
    "MPC.10057": (406, "This type of output bitrate is not supported."),
    "MPC.10058": (406, "This type of output video width is not supported."),
    "MPC.10059": (406, "This type of output video height is not supported."),
    "MPC.10060": (406, "This type of I-frame interval is not supported."),
    "MPC.10061": (406, "Capturing snapshots at non-fixed intervals is not supported."),
    "MPC.10062": (406, "Invalid video codec."),
    "MPC.10063": (406, "Invalid video format."),
    "MPC.10064": (406, "Multiple watermarks are not supported."),
    "MPC.10065": (406, "Invalid output file format."),
    "MPC.10066": (406, "The input file format does not match the actual format."),
    "MPC.10067": (406, "Failed to obtain the ID of the video codec."),
    "MPC.10068": (406, "Failed to obtain the ID of the audio codec."),
    "MPC.10069": (406, "Failed to obtain the ID of the subtitle codec."),
    "MPC.10070": (406, "Failed to obtain the encoding/decoding format."),
    "MPC.10071": (406, "Failed to obtain the parameters of the input video stream."),
    "MPC.10072": (406, "Invalid frame rate of the video stream."),
    "MPC.10080": (406, "Invalid frame rate of the input file."),
    "MPC.10081": (406, "The file does not contain audio streams."),
    "MPC.10082": (406, "Failed to obtain the input audio or video stream."),
    "MPC.10083": (406, "This type of codec is not supported."),
    "MPC.10084": (406, "This chroma subsampling format is not supported."),
    "MPC.10085": (406, "The file format is not supported."),
    "MPC.10086": (406, "Failed to obtain the input file."),
    "MPC.10087": (406, "Invalid task parameters."),
    "MPC.10088": (406, "The image file does not exist."),
    "MPC.10089": (400, "The template file does not exist."),
    "MPC.10090": (400, "The template file does not exist."),
    "MPC.10091": (400, "The template name already exists."),
    "MPC.10092": (406, "The image file does not exist."),
    "MPC.10093": (406, "The file name exceeds the maximum length."),
    "MPC.10094": (406, "Invalid file format."),
    "MPC.10095": (406, "The watermark is placed in a wrong position."),
    "MPC.10096": (406, "Invalid watermark size."),
    "MPC.10097": (406, "Invalid watermark scaling ratio."),
    "MPC.10098": (406, "Invalid watermark duration."),
    "MPC.10099": (406, "The media stream type is not supported."),
    "MPC.10100": (406, "An error occurred when parsing the video frame rate information."),
    "MPC.10101": (406, "Invalid input parameters."),
    "MPC.10102": (406, "Failed to open the input file."),
    "MPC.10103": (406, "Open GOP is not supported."),
    "MPC.10104": (406, "Internal error."),
    "MPC.10105": (406, "An error occurred during transcoding."),
    "MPC.10106": (
        406,
        "The audio sampling rate is lower than 12,000. The audio will be discarded.",
    ),
    "MPC.10107": (406, "Invalid input video resolution."),
    "MPC.10108": (406, "The audio sampling rate of the input video is incorrect."),
    "MPC.10109": (406, "Invalid resolution in the template."),
    "MPC.10110": (406, "The video encoding format of the input file is not supported."),
    "MPC.10111": (406, "Failed to obtain the file from OBS."),
    "MPC.10112": (406, "The video or audio format of the input file is not supported."),
    "MPC.10113": (406, "The DTS of the input file is not supported."),
    "MPC.10114": (406, "The header information of the input file is incorrect."),
    "MPC.10115": (406, "The watermark cannot be scaled down by more than 256 times."),
    "MPC.10116": (406, "The audio encoding format of the input file is not supported."),
    "MPC.10117": (406, "The audio and video in the input file are not synchronized."),
    "MPC.10118": (406, "Failed to upload files to the OBS path."),
    "MPC.10119": (406, "Invalid input data."),
    "MPC.10120": (406, "The task does not exist."),
    "MPC.10121": (406, "The subtitle file does not exist."),
    "MPC.10122": (
        406,
        "The resolution in the template is greater than the input video resolution.",
    ),
    "MPC.10123": (406, "The header information of the input file is incorrect."),
    "MPC.10124": (406, "Some data in the input file are missing."),
    "MPC.10125": (406, "Input data error."),
    "MPC.10126": (406, "Input data error."),
    "MPC.10127": (
        406,
        "Failed to obtain the level-1 m3u8 when an HLS media file is encrypted with DRM.",
    ),
    "MPC.10128": (
        406,
        "Failed to obtain the level-2 m3u8 when an HLS media file is encrypted with DRM.",
    ),
    "MPC.10129": (
        406,
        "Failed to obtain the index file when a DASH media file is encrypted with DRM.",
    ),
    "MPC.10130": (406, "The HLS content fails to be encrypted using DRM."),
    "MPC.10131": (
        406,
        "Failed to modify the index file when an HLS media file is encrypted with DRM.",
    ),
    "MPC.10132": (406, "Failed to obtain the IV during DRM encryption."),
    "MPC.10133": (406, "The DASH content fails to be encrypted using DRM."),
    "MPC.10134": (
        406,
        "Failed to modify the index file when a DASH media file is encrypted with DRM.",
    ),
    "MPC.10135": (
        406,
        "Failed to package the digital watermark due to the incorrect xformat configuration.",
    ),
    "MPC.10136": (
        406,
        "Failed to package the digital watermark because xformat fails to be started.",
    ),
    "MPC.10137": (
        406,
        "Failed to package the digital watermark because xformat fails to create a task.",
    ),
    "MPC.10138": (
        406,
        "Failed to package the digital watermark because xformat fails to query the task.",
    ),
    "MPC.10139": (
        406,
        "Failed to package the digital watermark because the xformat task timed out.",
    ),
    "MPC.10140": (406, "The I-frame interval exceeds 500."),
    "MPC.10141": (
        406,
        "The input file is an audio file. The selected template contains video parameters.",
    ),
    "MPC.10143": (406, "Invalid index file content."),
    "MPC.10144": (406, "Black bars seem to be on the input video."),
    "MPC.10145": (
        406,
        "Data frames imported to the detection module seem to be not enough for "
        "identifying the specific position of the black bar.",
    ),
    "MPC.10146": (406, "The black bar seems to overlap with subtitles."),
    "MPC.10147": (406, "The black bar seems to overlap with the watermark."),
    "MPC.10148": (406, "The black bars seem to be asymmetric."),
    "MPC.10149": (406, "The specific position of the black bar cannot be identified."),
    "MPC.10150": (406, "The cropped black bar size exceeds the input video size."),
    "MPC.10151": (406, "Failed to download the subtitle file in the slicing phase."),
    "MPC.10152": (406, "The video encoding format of the input file is not supported."),
    "MPC.10153": (406, "Input file error."),
    "MPC.10154": (406, "Failed to open the input file."),
    "MPC.10155": (
        400,
        "The subtitle file list and M3U8 file do not contain the specified default language.",
    ),
    "MPC.10156": (400, "File deletion failed."),
    "MPC.10200": (406, "System error."),
    "MPC.10201": (406, "Internal communication error."),
    "MPC.10202": (400, "Invalid request parameter."),
    "MPC.10203": (401, "Identity authentication failed."),
    "MPC.10204": (400, "Incorrect request method."),
    "MPC.10205": (400, "Incorrect request content type."),
    "MPC.10206": (401, "You have not completed real-name authentication."),
    "MPC.10207": (401, "Your account is in an abnormal state."),
    "MPC.10208": (401, "Tenant ID verification failed, please check."),
    "MPC.10209": (406, "Invalid input or output OBS path."),
    "MPC.10210": (406, "Failed to obtain the input file from OBS."),
    "MPC.10211": (403, "The task does not exist."),
    "MPC.10212": (403, "Operation failed. The task is in progress or has been completed."),
    "MPC.10213": (406, "Operation failed. The task is not in the final state."),
    "MPC.10214": (403, "The topic does not exist."),
    "MPC.10215": (403, "The topic already exists."),
    "MPC.10216": (
        406,
        "Failed to set event notifications. You do not have the permission to publish "
        "messages to the topic.",
    ),
    "MPC.10217": (406, "The usage exceeds the OBT quota."),
    "MPC.10218": (406, "The task has completed."),
    "MPC.10219": (406, "Invalid request parameter."),
    "MPC.10220": (406, "The task has expired."),
    "MPC.10221": (406, "Internal service error."),
    "MPC.10222": (406, "Key parameters in the template are inconsistent."),
    "MPC.10223": (400, "An agency has been created."),
    "MPC.10224": (400, "The agency has been deleted."),
    "MPC.10225": (406, "KMS service error."),
    "MPC.10226": (403, "The resource does not exist."),
    "MPC.10227": (406, "You do not have the permission to access the requested resource."),
    "MPC.10228": (406, "Your account is in arrears. Top up your account."),
    "MPC.10229": (406, "You do not have the permission to perform this operation."),
    "MPC.10230": (400, "The template group already exists."),
    "MPC.10231": (400, "The template group does not exist."),
    "MPC.10232": (406, "GIF task failed."),
    "MPC.10233": (406, "Packaging task failed."),
    "MPC.10234": (406, "The function is temporarily brought offline."),
    "MPC.10235": (406, "Identity authentication failed due to an invalid token."),
    "MPC.10236": (406, "You do not have permission to access the OBS bucket."),
    "MPC.10237": (406, "API Gateway rate limiting"),
    "MPC.10243": (
        403,
        "Due to security reasons, your account has been restricted from purchasing "
        "certain pay-per-use cloud service resources according to the CLOUD Customer "
        "Agreement. If you have any questions, contact customer service.",
    ),
    "MPC.10244": (403, "Insufficient account balance. Top up your account."),
}


def failure(code: str, detail: str = "", status: int | None = None) -> RestError:
    """The error of a code, with the operation's own status unless ``status`` is given.

    ``detail`` goes behind the printed message, as the manual's samples have it: "Invalid request
    parameter, start_time cannot be greater than end_time."
    """
    message = CODES[code][1]
    if detail:
        message = f"{message.removesuffix('.')}, {detail.removesuffix('.')}."
    return RestError(code, message, status)
