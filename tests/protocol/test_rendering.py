"""How results and errors look on the wire."""

import json
import xml.etree.ElementTree as ET

from chalicelib.apis.protocol.aliyun_rpc.dispatch import answer
from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError
from chalicelib.apis.protocol.aliyun_rpc.rendering import render_error
from tests.protocol.conftest import PRODUCTS, Ask, Key
from tests.protocol.sending import FORM, request, v1


def test_json_has_no_wrapper_and_keeps_types(admin: Key, ask: Ask) -> None:
    response = answer(v1(admin, "Shapes"), PRODUCTS)
    body = json.loads(response.body)
    del body["RequestId"]
    assert body == {
        "Long": 9007199254740993,
        "Double": 135.6,
        "Yes": True,
        "No": False,
        "Text": "<阿里云> & \x01",
        "Plain": ["a", "b"],
        "Empty": [],
        "Items": {"Item": [{"Name": "one", "Size": 1}, {"Name": "two"}]},
    }
    assert "\n" not in response.body
    assert "阿里云" in response.body


def test_xml_repeats_the_element_of_a_list(admin: Key) -> None:
    response = answer(v1(admin, "Shapes", Format="xml"), PRODUCTS)
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    head, _, rest = response.body.partition("</RequestId>")
    assert head.startswith('<?xml version="1.0" encoding="UTF-8"?><ShapesResponse><RequestId>')
    assert rest == (
        "<Long>9007199254740993</Long><Double>135.6</Double><Yes>true</Yes><No>false</No>"
        "<Text>&lt;阿里云&gt; &amp; \ufffd</Text><Plain>a</Plain><Plain>b</Plain>"
        "<Items><Item><Name>one</Name><Size>1</Size></Item><Item><Name>two</Name></Item></Items>"
        "</ShapesResponse>"
    )
    ET.fromstring(response.body)


def test_errors_as_in_the_manual() -> None:
    error = ApiError("UnsupportedOperation", 400, "The specified action is not supported.")
    xml = render_error(error, "8906582E-6722-409A-A6C4-0E7863B733A5", "XML")
    assert xml.status == 400
    assert xml.body == (
        '<?xml version="1.0" encoding="UTF-8"?><Error>'
        "<RequestId>8906582E-6722-409A-A6C4-0E7863B733A5</RequestId>"
        "<HostId>vod.openvod</HostId><Code>UnsupportedOperation</Code>"
        "<Message>The specified action is not supported.</Message></Error>"
    )
    assert xml.headers["x-acs-request-id"] == "8906582E-6722-409A-A6C4-0E7863B733A5"
    assert xml.headers["Access-Control-Allow-Origin"] == "*"
    as_json = render_error(error, "8906582E-6722-409A-A6C4-0E7863B733A5", "JSON")
    assert json.loads(as_json.body) == {
        "RequestId": "8906582E-6722-409A-A6C4-0E7863B733A5",
        "HostId": "vod.openvod",
        "Code": "UnsupportedOperation",
        "Message": "The specified action is not supported.",
    }


def test_the_format_is_found_in_forms_and_in_any_case() -> None:
    for query, body in (({"Format": "json"}, b""), ({}, b"Format=Json&Action=Echo")):
        sent = request(query, method="POST", headers={"content-type": FORM}, body=body)
        assert json.loads(answer(sent, PRODUCTS).body)["Code"] == "MissingParameter"


def test_an_unknown_format_is_told_in_xml() -> None:
    response = answer(request({"Format": "YAML"}), PRODUCTS)
    assert ET.fromstring(response.body).findtext("Code") == "InvalidParameter"
