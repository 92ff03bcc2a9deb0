"""The data dictionary is what the FIX engine can load and what the standard's shape asks for."""

import importlib.resources
import xml.etree.ElementTree as ET

import pytest
import quickfix

RESOURCE = importlib.resources.files("fixgate") / "fix_spec" / "FIXGATE44.xml"
ROOT = ET.fromstring(RESOURCE.read_text(encoding="utf-8"))
FIELDS = {each.get("name"): each for each in ROOT.iterfind("fields/field")}
COMPONENTS = {each.get("name"): each for each in ROOT.iterfind("components/component")}
MESSAGES = {each.get("msgtype"): each for each in ROOT.iterfind("messages/message")}


def names(node: ET.Element, *, required: bool = False) -> set[str]:
    """Return the fields of a message, components opened; `required` for those that must be there."""
    found: set[str] = set()
    for child in node:
        if required and child.get("required") != "Y":
            continue
        name = child.get("name", "")
        if child.tag == "component":
            found |= names(COMPONENTS[name], required=required)
        else:
            found.add(name)
            if child.tag == "group" and not required:
                found |= names(child)
    return found


def test_given_the_dictionary_when_the_engine_loads_it_then_it_is_fix_4_4() -> None:
    with importlib.resources.as_file(RESOURCE) as path:
        assert quickfix.DataDictionary(str(path)).getVersion() == "FIX.4.4"


def test_given_the_fields_then_no_number_and_no_name_is_defined_twice() -> None:
    fields = ROOT.findall("fields/field")

    assert len({each.get("number") for each in fields}) == len(fields)
    assert len({each.get("name") for each in fields}) == len(fields)


def test_given_every_reference_then_it_is_defined_and_every_definition_is_used() -> None:
    used = {
        each.get("name")
        for section in ("header", "trailer", "messages", "components")
        for tag in ("field", "group")
        for each in ROOT.find(section).iter(tag)  # type: ignore[union-attr]
    }
    components = {each.get("name") for each in ROOT.iter("component")}

    assert used == set(FIELDS)
    assert components == set(COMPONENTS)


@pytest.mark.parametrize(
    ("msg_type", "required"),
    [
        ("0", ""),
        ("1", "TestReqID"),
        ("2", "BeginSeqNo EndSeqNo"),
        ("3", "RefSeqNum"),
        ("4", "NewSeqNo"),
        ("5", ""),
        ("A", "EncryptMethod HeartBtInt"),
        ("D", "ClOrdID Symbol Side TransactTime OrdType"),
        ("E", "ListID BidType TotNoOrders NoOrders"),
        ("AN", "PosReqID PosReqType"),
        ("F", "OrigClOrdID ClOrdID Symbol Side TransactTime"),
        ("G", "OrigClOrdID ClOrdID Symbol Side TransactTime OrdType"),
        ("H", "ClOrdID Symbol Side"),
        ("8", "OrderID ExecID ExecType OrdStatus Symbol Side LeavesQty CumQty AvgPx"),
        ("9", "OrderID ClOrdID OrigClOrdID OrdStatus CxlRejResponseTo"),
        ("N", "ListID ListStatusType NoRpts ListOrderStatus RptSeq TotNoOrders NoOrders"),
        (
            "AP",
            "PosMaintRptID PosReqResult ClearingBusinessDate Account AccountType SettlPrice SettlPriceType "
            "PriorSettlPrice",
        ),
        ("B", "Headline NoLinesOfText"),
        ("j", "RefMsgType BusinessRejectReason"),
    ],
)
def test_given_a_message_then_its_required_fields_are_those_of_the_standard(
    msg_type: str, required: str
) -> None:
    assert names(MESSAGES[msg_type], required=True) == set(required.split())


@pytest.mark.parametrize(
    ("msg_type", "group", "required"),
    [
        ("E", "NoOrders", "ClOrdID ListSeqNo Symbol Side"),
        ("N", "NoOrders", "ClOrdID CumQty OrdStatus LeavesQty CxlQty AvgPx"),
        ("B", "NoLinesOfText", "Text"),
    ],
)
def test_given_a_group_then_the_required_fields_of_its_entries_are_those_of_the_standard(
    msg_type: str, group: str, required: str
) -> None:
    found = MESSAGES[msg_type].find(f"group[@name='{group}']")

    assert found is not None
    assert names(found, required=True) == set(required.split())


def test_given_the_messages_then_they_are_the_served_ones_and_no_more() -> None:
    assert set(MESSAGES) == {*"012345ABDEFGHN89j", "AN", "AP"}


@pytest.mark.parametrize(
    ("number", "name", "messages"),
    [
        ("6101", "SideEffectType", "D E G 8"),
        ("6102", "SelfTradePreventionMode", "D E G 8"),
        ("6200", "PositionSide", "D E G 8 AP"),
        ("6201", "ReduceOnly", "D E G 8"),
        ("6300", "VenueErrorCode", "8 9"),
        ("6301", "ParentOrderID", "8"),
        ("6302", "EntryPrice", "AP"),
        ("10001", "CancelOnDisconnect", "A"),
        ("797", "CopyMsgIndicator", "8"),
        ("1385", "ContingencyType", "E"),
    ],
)
def test_given_a_field_that_belongs_to_some_messages_then_it_is_in_its_messages_only(
    number: str, name: str, messages: str
) -> None:
    assert FIELDS[name].get("number") == number
    assert {msg_type for msg_type, node in MESSAGES.items() if name in names(node)} == set(messages.split())


def test_given_every_enumeration_then_no_value_is_listed_twice() -> None:
    for field in FIELDS.values():
        values = [each.get("enum") for each in field]
        assert len(values) == len(set(values)), field.get("name")
